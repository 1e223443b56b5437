"""Replies that a row marks as context only are read and not learned; every other mark is told."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from training.plan import TrainingPlan
from training.run.data_digest import as_read_by, data_digest
from training.tokens.encode import MASKED, encode
from training.tokens.learned import context_mark, ignored_mark
from training.tokens.preflight import inspect, look_into, refuse

CORRECTED = [
    {"role": "user", "content": "When?"},
    {"role": "assistant", "content": "No idea.", "weight": 0},
    {"role": "user", "content": "Look again."},
    {"role": "assistant", "content": "At nine.", "weight": 1},
]


def rows(*talks: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a version's table holds them: what is not role or content stands in `more`, as JSON text."""
    turn = pl.Struct({"role": pl.String, "content": pl.String, "more": pl.String})
    messages = [[{"role": m["role"], "content": m["content"], "more": more_of(m)} for m in talk] for talk in talks]
    return pl.DataFrame(
        {"row_id": [f"r{place}" for place in range(len(talks))], "messages": messages},
        schema_overrides={"messages": pl.List(turn)},
    )


def more_of(message: dict[str, Any]) -> str | None:
    more = {key: value for key, value in message.items() if key not in ("role", "content")}
    return json.dumps(more) if more else None


def marked(**mark: Any) -> list[dict[str, Any]]:
    return [CORRECTED[0], {"role": "assistant", "content": "No idea.", **mark}, *CORRECTED[2:]]


@pytest.mark.parametrize(
    "mark",
    [{"weight": 0}, {"weight": 0.0}, {"train": False}, {"training": False}, {"train_on_turn": False}, {"loss": False}],
    ids=str,
)
def test_a_reply_marked_as_context_only_is_read_and_not_learned(chatml: Any, mark: dict[str, Any]) -> None:
    found = encode(rows(marked(**mark), marked()), chatml, max_length=500).rows
    learned = [chatml.decode([one for one in row.labels if one != MASKED]) for row in found]
    assert learned == ["At nine.<|im_end|>", "No idea.<|im_end|>At nine.<|im_end|>"]
    assert found[0].ids == found[1].ids


def test_a_reply_behind_the_last_learned_one_is_read_only(chatml: Any) -> None:
    talk = [*CORRECTED, {"role": "user", "content": "Thanks."}, {"role": "assistant", "content": "", "weight": 0}]
    row = encode(rows(talk), chatml, max_length=500).rows[0]
    assert chatml.decode([one for one in row.labels if one != MASKED]) == "At nine.<|im_end|>"


def test_a_row_of_which_no_reply_is_learned_stops_a_run_and_is_named(chatml: Any) -> None:
    plan = TrainingPlan(model="any")
    sight = inspect(rows(CORRECTED, CORRECTED[:2]), chatml, plan)
    assert [(one.row_id, one.reason) for one in sight.untrained] == [
        ("r1", "every reply of it is marked as context only (weight 0)")
    ]
    with pytest.raises(Exception, match=r"row r1: every reply of it is marked as context only \(weight 0\)"):
        refuse(sight, plan)


def test_the_look_tells_what_is_read_only_and_why(chatml: Any) -> None:
    sight = inspect(rows(CORRECTED), chatml, TrainingPlan(model="any"))
    assert [(one.text, one.evidence) for one in sight.findings if one.kind == "context only"] == [
        ("1 reply is read as context only and not learned, as its row says.", "weight 0: rows r0")
    ]
    seen = look_into("r0", CORRECTED, chatml, max_length=500)
    assert seen.sight.note == "1 of 2 replies is context only (weight 0): read, not learned."
    assert "".join(piece.text for piece in seen.pieces if piece.kind == "trained") == "At nine.<|im_end|>"


def test_a_mark_without_effect_is_told(chatml: Any) -> None:
    half = [*marked(weight=0.5)[:2]]
    asked = [{**CORRECTED[0], "train": True}, *marked()[1:]]
    signs = inspect(rows(half, asked, marked(weight=None, loss=True)), chatml, TrainingPlan(model="any")).findings
    assert [(one.severity, one.evidence) for one in signs if one.kind == "mark ignored"] == [
        ("warning", "train true on a message of the role user, weight 0.5: rows r0, r1")
    ]


def test_marks_that_other_messages_carry_by_habit_are_no_finding() -> None:
    # SlimOrca and others: weight 0 on questions, 1.0 on replies
    assert ignored_mark({"role": "user", "content": "a", "weight": 0}) is None
    assert context_mark({"role": "user", "content": "a", "weight": 0}) is None
    assert context_mark({"role": "assistant", "content": "a", "weight": 1.0}) is None
    assert ignored_mark({"role": "assistant", "content": "a", "weight": 1.0}) is None


def test_rows_of_a_run_from_before_marks_counted_are_read_as_it_read_them(chatml: Any) -> None:
    # such a run's digest: the conversations with their marks, and no line that says that these counted
    earlier = "f2e8"
    table = rows(CORRECTED).with_columns(tools=pl.lit('[{"name": "f"}]'))
    assert as_read_by(table, earlier) is table
    earlier = data_digest_of_old(CORRECTED)
    read = as_read_by(table, earlier)
    assert read.columns == ["row_id", "messages"]
    learned = [one for one in encode(read, chatml, max_length=500).rows[0].labels if one != MASKED]
    assert chatml.decode(learned) == "No idea.<|im_end|>At nine.<|im_end|>"
    assert as_read_by(table, data_digest(table)) is table
    assert as_read_by(read, data_digest(read)) is read


def data_digest_of_old(talk: list[dict[str, Any]]) -> str:
    """As commit 761a0ed took it: the messages of each row as JSON with sorted keys."""
    from training.adapters.adapter import digest_of

    return digest_of([json.dumps(talk, sort_keys=True)])


def test_rows_without_marks_and_tools_have_the_digest_that_they_had(chatml: Any) -> None:
    plain = [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "At nine."}]
    assert data_digest(rows(plain)) == data_digest_of_old(plain)
    assert data_digest(rows(plain).with_columns(tools=pl.lit(None, dtype=pl.String))) == data_digest_of_old(plain)
    assert data_digest(rows(CORRECTED)) != data_digest_of_old(CORRECTED)
    assert data_digest(rows(plain).with_columns(tools=pl.lit("[]"))) != data_digest_of_old(plain)
