import pytest

from evaluators.metrics.chrf import character_f
from evaluators.metrics.rouge_l import common_line
from evaluators.metrics.token_f1 import overlap
from evaluators.metrics.words import shared, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't stop!", ["don", "t", "stop"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("关闭 the 电源", ["关", "闭", "the", "电", "源"]),
        ("...", []),
        ("ปิดไฟ", ["ปิ", "ด", "ไ", "ฟ"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
    ],
)
def test_words_in_any_script(text, found):
    assert words(text) == found


def test_shared_words_count_repetition():
    assert shared(["a", "a", "b"], ["a", "a", "a"]) == 2


@pytest.mark.parametrize(
    "text", ["Привет, мир", "Über die Brücke", "请关闭电源", "नमस्ते दुनिया", "ปิดเครื่อง", "電源を切る"]
)
@pytest.mark.parametrize("likeness", [common_line, overlap, lambda a, b: character_f(a, b) / 100])
def test_identical_texts_of_any_script_score_one(text, likeness):
    assert likeness(text, text) == 1.0


@pytest.mark.parametrize("likeness", [common_line, overlap, character_f])
def test_an_empty_output_scores_zero(likeness):
    assert likeness("", "words") == 0.0


def test_chrf_of_a_known_pair():
    # By hand for runs of 1, 2 and 3 letters of "abc" and "abd": 2/3, 1/2, 0; the longer runs do not exist.
    assert character_f("abc", "abd") == pytest.approx(100 * (2 / 3 + 1 / 2) / 3)
