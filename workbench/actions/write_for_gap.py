"""New training rows for a gap, written from its slice, kind and policy, and held against golden first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import history
from workbench.errors import BadInput, Refused
from workbench.formats.read import read_file
from workbench.guard import leaks
from workbench.records import Gap, Version
from workbench.rows import Rows, message, new_row_id
from workbench.settings import user_name
from workbench.store import Store, datasets, evaluations, gaps, goldens, runs

MOST_ROWS = 200  # at once for one gap: 5 to 20 are what a gap takes
TAG = "gap:"


@dataclass(frozen=True)
class Written:
    """What was added for a gap: the new version (None for a preview), its rows, and those that were turned away.

    turned_away: (place among the given rows from 1, reason). A row too like a golden row is only said to be so: which
    one it is like is not told to whoever writes.
    """

    version: Version | None
    rows: Rows
    turned_away: tuple[tuple[int, str], ...]


def write_for_gap(
    store: Store,
    gap_id: int,
    pairs: Sequence[tuple[str, str]] = (),
    *,
    file: str | Path | None = None,
    preview: bool = False,
) -> Written:
    """Adds rows to the newest version of the gap's dataset, tagged with its slice and `gap:ID`.

    pairs: (question, reply) each; file: rows in any format that import reads. Rows that repeat a golden row of any
    part, or a row that is there already, are turned away and counted. Raises BadInput where nothing is given, Refused
    where nothing is left to add.
    """
    gap = gaps.get(store, gap_id)
    given = _given(gap, pairs, file)
    run = runs.get(store, evaluations.get(store, gap.evaluation_id).run_id)
    head = datasets.version(store, run.dataset)
    standing = datasets.rows_of(store, head)
    away = _turned_away(store, run.dataset, given, standing)
    kept = given.keep([place not in away for place in range(1, len(given) + 1)])
    turned = tuple(sorted(away.items()))
    if preview:
        return Written(None, kept, turned)
    if not len(kept):
        reasons = "; ".join(f"row {place} {reason}" for place, reason in turned[:5])
        raise Refused(f"No row was added for gap {gap_id}: {reasons}.")
    with store.write() as connection:
        version, _ = history.commit(
            store, head, standing.plus(kept), verb="write for gap", connection=connection,
            settings={"gap": gap_id, "evaluation": gap.evaluation_id, "rows": len(kept), "turned_away": len(turned)},
            why=f"{len(kept)} rows for gap {gap_id}: {gap.slice}, {gap.failure}",
        )  # fmt: skip
        gaps.add_rows(connection, gap_id, kept.row_id, version.id, user_name())
    return Written(version, kept, turned)


def _given(gap: Gap, pairs: Sequence[tuple[str, str]], file: str | Path | None) -> Rows:
    """The rows as given, with ids of their own and the gap's tags."""
    if file is not None:
        source, said = Path(file).name, [list(turns) for turns in read_file(Path(file)).rows.messages]
    else:
        source = f"gap {gap.id}"
        said = [
            [message("user", question.strip()), message("assistant", reply.strip())]
            for question, reply in pairs
            if question.strip() and reply.strip()
        ]
    if not said:
        raise BadInput(f"There is nothing to add to gap {gap.id}: each row needs a question and a reply.")
    if len(said) > MOST_ROWS:
        raise BadInput(f"{len(said)} rows at once are more than a gap takes ({MOST_ROWS}). Import them as a file.")
    tags = [*([gap.slice] if gap.slice != "untagged" else []), f"{TAG}{gap.id}"]
    return Rows.from_records(
        {
            "row_id": new_row_id(turns, f"{source} {gap.id}", line), "messages": turns, "tags": tags, "source": source,
            "line": line,
        }
        for line, turns in enumerate(said, 1)
    )  # fmt: skip


def _turned_away(store: Store, dataset: str, given: Rows, standing: Rows) -> dict[int, str]:
    """Place from 1 -> why that row is not taken."""
    place = {row_id: number for number, row_id in enumerate(given.row_id, 1)}
    away = {}
    known, seen = set(standing.text_digests), set()
    for number, digest in enumerate(given.text_digests, 1):
        if digest in known or digest in seen:
            away[number] = "is in the data already"
        seen.add(digest)
    for golden in goldens.listed(store, dataset)[-1:]:
        for leak in leaks(given, goldens.barred(store, golden)):
            away[place[leak.training_id]] = "is too like a golden row"
    return away
