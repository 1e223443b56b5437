"""Why rows are flagged, also on a version that was made after the checks ran.

A version made by an edit has not been checked yet. Its rows that did not change keep the findings of the version that
was checked last; a row that changed loses them until the checks run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.records import CheckRun, Version
from workbench.rows import Rows
from workbench.store import Store, datasets, findings


@dataclass(frozen=True)
class Flag:
    """One finding on one row."""

    check: str
    measure: float
    note: str


@dataclass(frozen=True)
class Flags:
    """Findings by the row's place in a version. of: the version that was measured, None where none was."""

    of: Version | None = None
    runs: tuple[CheckRun, ...] = ()
    by_place: Mapping[int, list[Flag]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Check -> how many rows of this version it flags, the most first."""
        found: dict[str, int] = {}
        for flags in self.by_place.values():
            for flag in flags:
                found[flag.check] = found.get(flag.check, 0) + 1
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def flags_of(store: Store, version: Version, rows: Rows) -> Flags:
    """The findings that hold for a version's rows; see the module."""
    measured = _measured_last(store, version)
    if measured is None:
        return Flags()
    flagged = findings.flagged(store, measured)
    place_of: dict[int, int] = {}
    if measured.digest == version.digest:
        place_of = {place: place for place in flagged["row"].unique().to_list()}
    else:
        now = {row_id: place for place, row_id in enumerate(rows.frame["row_id"].to_list())}
        old = datasets.rows_of(store, measured)
        for place in flagged["row"].unique().to_list():
            was = old.frame.row(place)
            here = now.get(was[0])
            if here is not None and rows.frame.row(here) == was:
                place_of[place] = here
    by_place: dict[int, list[Flag]] = {}
    for check, place, measure, note in flagged.select("check", "row", "measure", "note").iter_rows():
        if place in place_of:
            by_place.setdefault(place_of[place], []).append(Flag(check, measure, note or ""))
    return Flags(measured, tuple(findings.runs(store, measured)), by_place)


def _measured_last(store: Store, version: Version) -> Version | None:
    """The version itself if it was checked, else the nearest one before it that was."""
    earlier = [one for one in datasets.listed(store, version.dataset) if one.number <= version.number]
    return next((one for one in reversed(earlier) if findings.runs(store, one)), None)
