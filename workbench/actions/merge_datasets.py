"""Put two datasets together as a third; the two stay what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from workbench import history
from workbench.checks.run import flagged_by
from workbench.errors import BadInput, Refused
from workbench.records import Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.sheet import Sheet
from workbench.store import Store, datasets, goldens, rulings, sheets

COPIES = ("keep", "drop_exact")


@dataclass(frozen=True)
class Merged:
    """What came together. rows: of the result; version: None for a preview.

    dropped: exact copies that did not come in twice; golden: rows with the text of a golden row of either, left out;
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
    stops aside). A row with the text of a golden row of either comes in neither way. The new dataset takes over the
    first's sheet (the second's where it has none) and the rulings of both. Raises BadInput for a name that is taken.
    """
    one, other = datasets.version(store, first), datasets.version(store, second)
    _refuse(store, one, other, name, copies)
    ours, theirs = datasets.rows_of(store, one), datasets.rows_of(store, other)
    held = {text for of in {one.dataset, other.dataset} for text in _golden_texts(store, of)}
    outside = [~_texts(rows).is_in(list(held)) for rows in (ours, theirs)]
    golden = sum(int((~mask).sum()) for mask in outside)
    ours, theirs = ours.keep(outside[0]), theirs.keep(outside[1])
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


def _golden_texts(store: Store, dataset: str) -> set[str]:
    return {
        text
        for golden in goldens.listed(store, dataset)[-1:]  # the newest holds every row of those before
        for text in goldens.rows_of(store, golden).text_digests
    }


def _texts(rows: Rows) -> pl.Series:
    return pl.Series("text", rows.text_digests, dtype=pl.String)


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
