from time import process_time

import pytest

from evaluators.errors import BadRequest
from evaluators.format_rules import parse, sentences


@pytest.mark.parametrize(
    ("line", "text", "broken"),
    [
        ("starts with: Dear", "dear Ms Ray", ""),
        ("starts with: Dear", "Hi Ms Ray", 'starts with "Hi Ms Ray"'),
        ("ends with: Kind regards", "Bye.\nKind regards.", ""),
        ("at most 3 sentences", "One. Two! Three? Four", "4 sentences"),
        ("at most 3 words", "one two three", ""),
        ("at least 3 words", "one two", "2 words"),
        ("Exactly 1 line.", "one\n\ntwo", "2 lines"),
        ("at most 5 characters", "123456", "6 characters"),
        ("bullet list", "- a\n- b", ""),
        ("bullet list", "a and b", "no bullet list"),
        ("numbered list", "1. a\n2) b", ""),
        ("no list", "First\n1. a", 'a list: "1. a"'),
        ("no markdown", "see **this**", 'markdown: "**this**"'),
        ("no markdown", "2 * 3 * 4 and file_name_here", ""),
        ("no emoji", "Fine \U0001f600", 'an emoji: "\U0001f600"'),
        ("no exclamation marks", "好！", 'an exclamation mark: "！"'),
        ("one paragraph", "a\n\nb", "2 paragraphs"),
        ("language: de", "Das ist ein kurzer Satz auf Deutsch.", ""),
        ("language: de", "This is a short sentence in English.", "language en"),
        ("language: de", "Ja.", None),
    ],
)
def test_a_rule_is_kept_or_says_what_breaks_it(line, text, broken):
    assert parse(line).broken_by(text) == broken


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Ray lives at No. 4. He is in.", 2),
        ("It costs 3.50 euros, e.g. in May.", 1),
        ("- one\n- two", 2),
        ("关闭电源。再打开。", 2),
        ("", 0),
    ],
)
def test_sentences_are_counted_as_a_reader_would(text, count):
    assert sentences(text) == count


def test_a_line_that_is_no_rule_is_refused_with_those_there_are():
    with pytest.raises(BadRequest, match="no markdown"):
        parse("be nice")


def test_a_crafted_answer_does_not_hang_a_rule():
    began = process_time()
    for line in ("no markdown", "at most 3 sentences", "bullet list", "no list"):
        for text in ("*" * 5_000, "- " * 5_000, ". " * 2_000, "`" * 5_000, "[" * 5_000, "|" * 5_000, " " * 5_000):
            parse(line).broken_by(text)
    assert process_time() - began < 10
