"""Which invisible characters belong where they stand, and what is said of those that do not."""

import pytest

from workbench.checks.text.invisible import without_hidden
from workbench.checks.text.invisible_characters import invisible_characters
from workbench.rows import Rows


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f4bb codes",  # joined emoji
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # the flag of Scotland
        "می\u200cخواهم",
        "ශ්\u200dරී",
        "สวัสดี\u200bครับ",
        "\u200fשלום\u200e (2)",
        "Ã\u00ad",  # broken encoding: said by mojibake
        "â\x80\x99",
        "Привет iPhone, USB-кабель",
        "Ωm, Δx, μm, αβ",
        "a\u00a0b\u2009c\u3000d",
    ],
)
def test_what_belongs_there_passes(text):
    assert invisible_characters.run(Rows.of(text)).measure.to_list() == [0.0]


@pytest.mark.parametrize(
    ("text", "said", "mended"),
    [
        ("a\u200bb", "a zero-width space (U+200B)", "ab"),
        ("a\x00b", "a control character (U+0000)", "ab"),
        ("say \u202etxet\u202c", "a direction override (U+202E)", "say txet"),
        ("hello\U000e0041\U000e0042", "an invisible character (U+E0041)", "hello"),
        ("\x1b[1;31mred\x1b[0m", "a control character (U+001B)", "red"),
        ("one\x0ctwo", "a control character (U+000C)", "one\ntwo"),
        ("\\(\x0crac{1}{2}\\)", "a control character (U+000C)", "\\(\\frac{1}{2}\\)"),
        ("d\x92une", "a control character (U+0092)", "d’une"),
        ("ассоunt, sаfe", 'the word "sаfe", of Latin and Cyrillic letters that look alike', "ассоunt, safe"),
        ("це вiн", None, "це вiн"),
        ("скiнчив", 'the word "скiнчив", of Latin and Cyrillic letters that look alike', "скінчив"),
        ("micrοsoft", 'the word "micrοsoft", of Latin and Greek letters that look alike', "microsoft"),
    ],
)
def test_what_does_not_is_named_and_mended(text, said, mended):
    found = invisible_characters.run(Rows.of(text))
    assert found.note[0].startswith(f"{said} in turn 2 (assistant)") if said else found.note == [""]
    assert without_hidden(text) == mended


def test_each_place_is_marked_in_its_turn():
    found = invisible_characters.run(Rows.of(("a\u200bb", "c\ufeff d\u200b")))
    assert found.spans == [[(0, 1, 2), (1, 1, 2), (1, 4, 5)]]
    assert found.note == ["a zero-width space (U+200B) in turn 1 (user), and 2 more"]
