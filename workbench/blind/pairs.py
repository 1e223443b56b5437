"""What people preferred in blind rounds, as pairs of a chosen and a rejected reply"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.blind.cards import shown_text
from workbench.blind.results import results_of
from workbench.errors import Refused
from workbench.records import Round
from workbench.reports.tally import RoundResult
from workbench.rows import message
from workbench.store import Store, evaluations, goldens, ratings

DERIVED = "derived_from:"  # the mark by which the leak guard knows a row that was made of a golden row


@dataclass(frozen=True)
class Decided:
    """records: a row for each golden row and pair of arms with a winner; undecided: judged without one."""

    records: tuple[dict[str, Any], ...]
    undecided: int
    rounds: tuple[int, ...]


def decided_pairs(store: Store, evaluation_id: int, rounds: Sequence[int] = ()) -> Decided:
    """The pairs of an evaluation's closed rounds (all, or those named), of rows that people may see.

    Of two rounds on the same pair the newest counts. Raises Refused for a round that is not closed.
    """
    evaluation = evaluations.get(store, evaluation_id)
    every = {one.id: one for one in ratings.rounds_of(store, evaluation_id)}
    for number in rounds:
        if number not in every or not every[number].closed:
            raise Refused(f"Round {number} is no closed round of evaluation {evaluation_id}: nothing was written.")
    closed = [one for one in every.values() if one.closed and (not rounds or one.id in rounds)]
    golden = goldens.by_id(store, evaluation.golden_id)
    readable = goldens.readable(store, golden)
    turns = dict(zip(readable.row_id, readable.messages, strict=True))
    records: dict[tuple[str, ...], dict[str, Any]] = {}
    undecided = set()
    for this in reversed(closed):
        for found in results_of(store, this):
            said = {
                arm: {one.row_id: shown_text(one.output) for one in evaluations.answers_of(store, evaluation_id, arm)}
                for arm in found.arms
            }
            for row, winner in found.verdicts.items():
                if row not in turns:
                    continue
                if winner in found.arms:
                    records[(row, *found.arms)] = _record(this, found, row, winner, turns[row], said, golden.label)
                else:
                    undecided.add((row, *found.arms))
    numbers = tuple(sorted(one.id for one in closed))
    return Decided(tuple(records.values()), len(undecided - records.keys()), numbers)


def _record(
    this: Round, found: RoundResult, row: str, winner: str, turns: Sequence[Any], said: Mapping[str, Any], golden: str
) -> dict[str, Any]:
    loser = found.arms[0] if winner == found.arms[1] else found.arms[1]
    asked = list(turns[:-1] if turns[-1]["role"] == "assistant" else turns)
    return {
        "row_id": f"preference-{this.id}-{row}-{loser}-{winner}"[:64],
        "messages": [*asked, message("assistant", said[winner][row])],
        "tags": [DERIVED + row],
        "source": f"round {this.id}",
        "line": 0,
        "extra": json.dumps(
            {"rejected": [{"role": "assistant", "content": said[loser][row]}], "chosen_arm": winner,
             "rejected_arm": loser, "golden": golden},
            ensure_ascii=False,
        ),
    }  # fmt: skip
