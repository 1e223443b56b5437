"""Notes on failed answers: only ever added; a person's last one on a row counts, and an empty one takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, insert, select

from workbench.records import FailureNote
from workbench.store.store import Store, now
from workbench.store.tables import failure_notes


def _note(line: Row[Any]) -> FailureNote:
    return FailureNote(line.id, line.evaluation_id, line.row_id, line.note, line.kind, line.who, line.created)


def add(store: Store, evaluation_id: int, said: Mapping[str, tuple[str, str]], who: str) -> None:
    """Adds notes of one person, all or none. said: row id -> (note, kind)."""
    lines = [
        {
            "evaluation_id": evaluation_id,
            "row_id": row_id,
            "note": note,
            "kind": kind,
            "who": who,
            "created": now(),
        }
        for row_id, (note, kind) in said.items()
    ]
    if lines:
        with store.write() as connection:
            connection.execute(insert(failure_notes), lines)


def listed(store: Store, evaluation_id: int) -> list[FailureNote]:
    """The notes that stand, in the order in which their rows were first read."""
    query = select(failure_notes).where(failure_notes.c.evaluation_id == evaluation_id).order_by(failure_notes.c.id)
    last: dict[tuple[str, str], FailureNote] = {}
    with store.read() as connection:
        for line in connection.execute(query):
            last[line.row_id, line.who] = _note(line)
    return [note for note in last.values() if note.note or note.kind]
