"""The facts of docs/metrics.md that people must be able to rely on."""

from collections import Counter

import pytest

from evaluators.errors import BadRequest
from evaluators.self_test import VARIANTS, answers, auc, self_test, triples

ITEMS = triples()
LINES = {line.name: line for line in self_test(ITEMS)}


def test_the_set_has_items_in_four_languages_and_no_two_alike():
    assert Counter(item.language for item in ITEMS) == {"en": 32, "de": 8, "ru": 4, "zh": 4}
    assert len({item.id for item in ITEMS}) == len({item.reference for item in ITEMS}) == 48
    assert all(len({i.reference, i.paraphrase, i.wrong_fact, i.negated}) == 4 for i in ITEMS)


def test_every_item_has_two_right_and_six_wrong_answers():
    said = answers(ITEMS[0], ITEMS[1])
    assert tuple(said) == VARIANTS
    assert said["other answer"] == ITEMS[1].reference
    assert said["truncated"].endswith("within 30 days of delivery")
    assert said["loop"].count("You can return any") == 5


@pytest.mark.parametrize("name", ["token_f1", "token_recall", "rouge_l", "chrf"])
def test_no_metric_of_likeness_prefers_the_paraphrase_to_the_near_copy_with_a_wrong_fact(name):
    assert LINES[name].prefers < 0.07
    assert LINES[name].means["wrong fact"] > LINES[name].means["paraphrase"]


def test_fact_recall_prefers_the_paraphrase_in_four_of_five_and_never_the_near_copy():
    found = LINES["fact_recall"]
    assert found.prefers > 0.8
    assert found.prefers + found.ties == 1
    assert found.judged == 47


def test_fact_recall_tells_right_from_wrong_better_than_any_metric_of_likeness():
    likeness = max(LINES[name].auc for name in ("token_f1", "token_recall", "rouge_l", "chrf"))
    assert LINES["fact_recall"].auc > likeness


def test_unsupported_facts_are_rare_in_right_answers_and_common_in_wrong_ones():
    found = LINES["unsupported_facts"].means
    assert found["verbose"] == 0
    assert found["paraphrase"] < 0.1
    assert found["wrong fact"] > 1


def test_no_metric_sees_the_negation_well():
    assert LINES["fact_recall"].means["negated"] > 0.9
    assert LINES["rouge_l"].means["negated"] > LINES["rouge_l"].means["paraphrase"]


def test_loops_show_in_repetition():
    assert LINES["repetition"].means["loop"] > 0.6
    assert max(LINES["repetition"].means[name] for name in ("paraphrase", "verbose")) < 0.02


def test_auc_counts_ties_half():
    assert auc([1.0, 2.0], [1.0, 0.0]) == 0.875


def test_a_line_that_is_no_item_is_named(tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "1"}\n')
    with pytest.raises(BadRequest, match=r"line 1 of mine\.jsonl"):
        triples(file)
