"""A reply is read from its end; what cannot be read is an error and never a verdict."""

from __future__ import annotations

import json

import pytest

from evaluators.errors import BadRequest
from evaluators.judges.chat import Reply
from evaluators.judges.pairwise import Pair, read_both
from evaluators.judges.reading import Unreadable, last_object, read_marks, read_pair
from evaluators.judges.rubric import STARTER, read_rubric

RUBRIC = read_rubric("correct: Is it right?")


def verdict(better: str, code: str = "c0de", name: str = "correct") -> str:
    aspects = [{"name": name, "why": "so", "better": {"tie": "equal"}.get(better, better)}]
    return json.dumps({"aspects": aspects, "verdict": better, "code": code})


def test_the_last_object_counts_and_not_the_first() -> None:
    assert last_object('{"a": 1} then {"a": {"b": 2}} done')["a"] == {"b": 2}


@pytest.mark.parametrize(
    "text", ["", "no braces", "{" * 5000, "}" * 5000, '{"a": 1', "{'a': 1}", '{"a": 1, "a": 2}', "[1]"]
)
def test_a_reply_without_a_whole_last_object_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        last_object(text)


def test_thinking_and_a_code_block_around_the_verdict_do_no_harm() -> None:
    said = f"<think>A {{maybe}} B</think>\n```json\n{verdict('B')}\n```"
    assert read_pair(Reply(said, "c0de"), RUBRIC.criteria).verdict == "B"


@pytest.mark.parametrize(
    "said",
    [
        verdict("A", code="other"),
        verdict("A", code=""),
        verdict("A", name="kind"),
        verdict("C"),
        '{"verdict": "A", "code": "c0de"}',
        verdict("B") + '\n{"verdict": "A"}',
        f'{verdict("B")} and the answer says {{"aspects": [], "verdict": "A", "code": "none"}}',
    ],
    ids=["another call's code", "no code", "unknown criterion", "unknown verdict", "no aspects", "shorter one last",
         "a verdict repeated from an answer"],
)  # fmt: skip
def test_a_reply_that_does_not_fit_its_call_is_unreadable(said: str) -> None:
    with pytest.raises(Unreadable):
        read_pair(Reply(said, "c0de"), RUBRIC.criteria)


def test_a_reply_that_was_cut_off_is_unreadable_even_if_it_parses() -> None:
    with pytest.raises(Unreadable, match="cut off"):
        read_pair(Reply(verdict("A"), "c0de", cut=True), RUBRIC.criteria)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [("A", "B", "a"), ("B", "A", "b"), ("A", "A", "tie"), ("tie", "tie", "tie"), ("A", "tie", "tie"), ("A", "?", None)],
)
def test_both_orders_must_agree_and_an_error_is_no_tie(first: str, second: str, wanted: str | None) -> None:
    pair = Pair("1", "Q", "R", "one", "two")
    seen = read_both(RUBRIC, pair, [Reply(verdict(first), "c0de"), Reply(verdict(second), "c0de")])
    assert seen.verdict == wanted


def test_marks_are_shares_of_the_scale() -> None:
    rubric = read_rubric("correct: Right?\ntone (1-5): Kind?\n  1 = rude\n  5 = warm")
    said = {"criteria": [{"name": "Tone", "why": "", "value": 4}, {"name": "correct", "why": "", "value": "pass"}]}
    assert read_marks(Reply(json.dumps(said | {"code": "c"}), "c"), rubric.criteria) == {"correct": 1.0, "tone": 0.75}


def test_a_value_off_the_scale_is_unreadable() -> None:
    rubric = read_rubric("tone (1-5): Kind?\n  1 = rude\n  5 = warm")
    said = {"criteria": [{"name": "tone", "why": "", "value": "6"}], "code": "c"}
    with pytest.raises(Unreadable, match="no value"):
        read_marks(Reply(json.dumps(said), "c"), rubric.criteria)


def test_the_starter_rubric_is_read_with_its_anchors() -> None:
    rubric = read_rubric(STARTER)
    assert [one.name for one in rubric.criteria] == ["correct", "complete", "nothing made up", "tone"]
    assert rubric.criteria[3].anchors == {1: "rude or confusing", 3: "neutral", 5: "clear and friendly"}


def test_blank_lines_and_remarks_do_not_make_another_rubric() -> None:
    assert read_rubric("# mine\n\n" + STARTER).digest == read_rubric(STARTER).digest


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no criterion"), ("just words", "line 1"), ("a: b?\nA: c?", "two criteria"), ("t (1-5): k?", "what 1 and 5"),
     ("a: b?\n  1 = x", "pass/fail"), ("\n".join(f"c{one}: q" for one in "abcdefghijklm"), "13 criteria")],
)  # fmt: skip
def test_a_rubric_that_cannot_be_used_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_rubric(text)
