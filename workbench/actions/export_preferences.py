"""Writes what people preferred as pairs of a chosen and a rejected reply, for preference training elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.blind.pairs import decided_pairs
from workbench.errors import Refused
from workbench.formats.write import write_file
from workbench.rows import Rows
from workbench.store import Store

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
    decided = decided_pairs(store, evaluation_id, rounds)
    if not decided.records:
        raise Refused(
            f"No closed round of evaluation {evaluation_id} decided a row, so there are no preferences to export."
        )
    written = write_file(Rows.from_records(list(decided.records)), FORMAT, path)
    return PreferencesExported(Path(path), written.count, decided.undecided, decided.rounds)
