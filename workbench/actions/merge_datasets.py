"""Put two datasets together as a third; the two stay what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench import history
from workbench.checks.run import flagged_by
from workbench.errors import BadInput, Refused
from workbench.records import Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.sheet import Sheet
from workbench.store import Store, datasets, rulings, sheets

COPIES = ("keep", "drop_exact")


@dataclass(frozen=True)
class Merged:
    """What came together. rows: of the result; version: None for a preview.

    dropped: exact copies that did not come in twice; golden: golden rows of either and rows that repeat one, left out;
    renamed: rows of the second that got another id, since the first has another row of that id.
    """

    first: Version
    second: Version
    rows: Rows
    dropped: int
    golden: int
    renamed: int
    version: Version | None


def merge_datasets(
    store: Store,
    first: str,
    second: str,
    *,
    name: str,
    copies: Literal["keep", "drop_exact"] = "keep",
    preview: bool = False,
) -> Merged:
    """A new dataset `name` with the rows of the first and, after them, of the second; each may be a version.

    copies: "drop_exact" leaves out rows of the second that repeat an earlier row word for word (case, blanks and end
    stops aside). A row that is golden in its own dataset, in an older text too, or that nearly repeats a golden row
    of either, comes in neither way. The new dataset takes over the first's sheet (the second's where it has none) and
    the rulings of both. Raises BadInput for a name that is taken.
    """
    one, other = datasets.version(store, first), datasets.version(store, second)
    _refuse(store, one, other, name, copies)
    ours, theirs = datasets.rows_of(store, one), datasets.rows_of(store, other)
    count = len(ours) + len(theirs)
    ours, theirs = (_without_golden(store, rows, of, (one, other)) for rows, of in ((ours, one), (theirs, other)))
    golden = count - len(ours) - len(theirs)
    dropped = 0
    if copies == "drop_exact":
        repeats = flagged_by(ours.plus(theirs), ["exact_copy"])[len(ours) :]
        dropped, theirs = int(repeats.sum()), theirs.keep(~repeats)
    theirs, renamed = _with_ids_of_their_own(ours, theirs)
    rows = ours.plus(theirs)
    if len(rows) == 0:
        raise Refused(f"{one.label} and {other.label} have no row to put together.")
    if preview:
        return Merged(one, other, rows, dropped, golden, renamed, None)
    settings = {
        "first": one.label, "second": other.label, "copies": copies, "dropped": dropped, "golden": golden,
        "renamed": renamed,
    }  # fmt: skip
    with store.write() as connection:
        version, _ = history.commit(
            store, None, rows, dataset=name, verb="merge", settings=settings, connection=connection,
            why=f"put {one.label} and {other.label} together",
        )  # fmt: skip
        sheet = _sheet(store, one, other)
        if sheet != Sheet():
            sheets.add(connection, version.dataset_id, sheet, user_name())
        rulings.copy(connection, [one.dataset_id, other.dataset_id], version.dataset_id)
    return Merged(one, other, rows, dropped, golden, renamed, version)


def _refuse(store: Store, one: Version, other: Version, name: str, copies: str) -> None:
    if copies not in COPIES:
        raise BadInput(f'"{copies}" is no way to treat copies: it is one of: {", ".join(COPIES)}.')
    if datasets.check_name(name) in datasets.names(store):
        raise BadInput(f'There is a dataset "{name}" already: give the new one another --name.')
    if one.id == other.id:
        raise BadInput(f"{one.label} cannot be put together with itself: name two.")


def _without_golden(store: Store, rows: Rows, of: Version, both: Sequence[Version]) -> Rows:
    """The rows of a version but for what its dataset's freezes took out, and what is like a golden row of either."""
    rows = rows.without(history.taken_for_golden(store, of.dataset))
    for dataset in {one.dataset for one in both}:
        rows = rows.without(history.like_golden(store, dataset, rows))
    return rows


def _with_ids_of_their_own(ours: Rows, theirs: Rows) -> tuple[Rows, int]:
    """The rows with ids that no row of ours has, and how many needed another one."""
    taken, fresh = set(ours.row_id) | set(theirs.row_id), []
    first = set(ours.row_id)
    for row_id in theirs.row_id:
        ending, candidate = 1, row_id
        while candidate in first or (candidate != row_id and candidate in taken):
            ending += 1
            candidate = f"{row_id}-{ending}"
        taken.add(candidate)
        fresh.append(candidate)
    return theirs.renamed(fresh), sum(a != b for a, b in zip(theirs.row_id, fresh, strict=True))


def _sheet(store: Store, one: Version, other: Version) -> Sheet:
    first = sheets.sheet_of(store, one.dataset)
    return first if first != Sheet() else sheets.sheet_of(store, other.dataset)
