"""Writes what people preferred as pairs of a chosen and a rejected reply, for preference training elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.blind.cards import shown_text
from workbench.blind.results import results_of
from workbench.errors import Refused
from workbench.formats.write import write_file
from workbench.records import Round
from workbench.reports.tally import RoundResult
from workbench.rows import Rows, message
from workbench.store import Store, evaluations, goldens, ratings

DERIVED = "derived_from:"  # the mark by which the leak guard knows a row that was made of a golden row
FORMAT = "preference"


@dataclass(frozen=True)
class PreferencesExported:
    """pairs: written; left_out: rows that were judged but have no winner (ties, both bad)."""

    path: Path
    pairs: int
    left_out: int
    rounds: tuple[int, ...]


def export_preferences(
    store: Store, evaluation_id: int, path: str | Path, *, rounds: Sequence[int] = ()
) -> PreferencesExported:
    """Writes a JSON line for each golden row and pair of arms that people decided: TRL's conversational preference.

    `prompt`, `chosen` and `rejected` are turns; `tags` has "derived_from:" and the golden row's id. These pairs are
    made of golden rows: whoever trains on them has golden in his training data, so that the leak guard refuses them
    until those golden rows are retired to training. Only closed rounds (all, or those named) and only rows that people
    may see. Raises Refused where nothing was decided.
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
    for this in reversed(closed):  # of two rounds on the same pair the newest counts
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
    if not records:
        raise Refused(
            f"No closed round of evaluation {evaluation_id} decided a row, so there are no preferences to export."
        )
    written = write_file(Rows.from_records(list(records.values())), FORMAT, path)
    return PreferencesExported(
        Path(path), written.count, len(undecided - records.keys()), tuple(sorted(one.id for one in closed))
    )


def _record(
    this: Round, found: RoundResult, row: str, winner: str, turns: Sequence[Any], said: Any, golden: str
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
