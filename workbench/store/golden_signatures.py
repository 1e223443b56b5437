"""Who signed which golden row off, objected to it, or read it while it was sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from workbench.records import PARTS, Golden, RowState, Said, Signature, SignState
from workbench.rows import Rows
from workbench.store import goldens
from workbench.store.store import Store, inserted, now
from workbench.store.tables import golden_signatures


def _signature(line: Row[Any]) -> Signature:
    return Signature(
        line.id, line.golden_id, line.row_id, line.text_digest, line.said, line.note, line.who, line.created
    )


def add(store: Store, golden: Golden, row_id: str, text_digest: str, said: Said, note: str, who: str) -> None:
    """Remembers what a person said of a row in its present wording."""
    with store.write() as connection:
        inserted(
            connection,
            golden_signatures,
            dataset_id=golden.dataset_id,
            golden_id=golden.id,
            row_id=row_id,
            text_digest=text_digest,
            said=said,
            note=note,
            who=who,
            created=now(),
        )


def listed(store: Store, golden: Golden) -> list[Signature]:
    """All that was said of rows of the dataset's golden sets, oldest first, former wordings too."""
    query = (
        select(golden_signatures)
        .where(golden_signatures.c.dataset_id == golden.dataset_id)
        .order_by(golden_signatures.c.id)
    )
    with store.read() as connection:
        return [_signature(line) for line in connection.execute(query)]


def states(store: Store, golden: Golden) -> dict[str, RowState]:
    """Row id -> where it stands, for every row of the set; an objection of anybody weighs more than a signature."""
    texts, froze, edited = _texts(goldens.rows_of(store, golden)), _froze(store, golden), _edited(store, golden)
    last: dict[str, dict[str, Signature]] = {row_id: {} for row_id in golden.groups}
    readers: dict[str, list[str]] = {row_id: [] for row_id in golden.groups}
    for one in listed(store, golden):
        if one.row_id not in texts:
            continue
        if one.said == "read":
            readers[one.row_id].append(one.who)
        elif one.text_digest == texts[one.row_id]:
            last[one.row_id][one.who] = one
    found = {}
    for row_id in golden.groups:
        said = sorted(last[row_id].values(), key=lambda one: (one.said == "objected", one.id))
        state: SignState = "unsigned" if not said else "objected" if said[-1].said == "objected" else "signed"
        by, note = (said[-1].who, said[-1].note) if said else ("", "")
        found[row_id] = RowState(
            row_id, golden.part_of(row_id), state, by, note, froze.get(row_id, golden.who), edited.get(row_id, ""),
            tuple(dict.fromkeys(readers[row_id])),
        )  # fmt: skip
    return found


def summed(known: Mapping[str, RowState]) -> dict[str, Any]:
    """How far the sign-off is, in numbers and names, without a text: for screens, the command line and reports."""
    counts = Counter(one.state for one in known.values())
    return {
        "rows": len(known), "signed": counts["signed"], "objected": counts["objected"], "unsigned": counts["unsigned"],
        "by_part": {
            part: dict(Counter(one.state for one in known.values() if one.part == part))
            for part in PARTS if any(one.part == part for one in known.values())
        },
        "signers": sorted({one.by for one in known.values() if one.state == "signed"}),
        "readers_of_sealed": sorted({who for one in known.values() for who in one.readers}),
    }  # fmt: skip


def _texts(rows: Rows) -> dict[str, str]:
    return dict(zip(rows.row_id, rows.text_digests, strict=True))


def _froze(store: Store, golden: Golden) -> dict[str, str]:
    """Row id -> who made the set in which it first was golden."""
    found: dict[str, str] = {}
    for one in goldens.listed(store, golden.dataset):
        for row_id in one.groups:
            found.setdefault(row_id, one.who)
    return found


def _edited(store: Store, golden: Golden) -> dict[str, str]:
    """Row id -> who edited it last, up to this set."""
    found: dict[str, str] = {}
    for one in goldens.listed(store, golden.dataset):
        if one.number <= golden.number:
            found |= {row_id: erratum["who"] for row_id, erratum in one.change.get("edited", {}).items()}
    return found
