"""Which rows of a version a person wants to see, and one page of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.checks.check import catalogue
from workbench.records import Version
from workbench.rows import Rows
from workbench.screens.address import Look
from workbench.screens.escape import short
from workbench.screens.row_flags import Flags, flags_of
from workbench.store import Store, datasets, gaps

PAGE = 100  # rows in a page: beyond some 200 every click on the page becomes slow
SHOWN_CHARACTERS = 150


@dataclass(frozen=True)
class Filters:
    """What the URL asks for: rows that a check flags, carry a tag, hold a text, stand near a gap; one page of them."""

    check: str = ""
    tag: str = ""
    text: str = ""
    page: int = 1
    gap: int = 0

    @classmethod
    def of(cls, look: Look) -> Filters:
        page, gap = look.number("page", 1, low=1), look.number("gap")
        return cls(look.get("check"), look.get("tag"), look.get("text"), page, gap)

    @property
    def any(self) -> bool:
        return bool(self.check or self.tag or self.text or self.gap)


@dataclass(frozen=True)
class Chosen:
    """The rows that pass the filters. positions: their places in the version, worst first for a check."""

    rows: Rows
    positions: list[int]
    flags: Flags


def choose(store: Store, version: Version, filters: Filters) -> Chosen:
    """The rows of a version that pass all filters; text is searched literally, in any case of letters."""
    rows = datasets.rows_of(store, version)
    flags = flags_of(store, version, rows)
    passing = matching(rows, tag=filters.tag, text=filters.text)
    if filters.gap:
        near = {str(one["row_id"]) for one in gaps.get(store, filters.gap).neighbours}
        passing = [place for place in passing if rows.frame["row_id"][place] in near]
    if filters.check:
        measures = {
            place: flag.measure
            for place, found in flags.by_place.items()
            for flag in found
            if flag.check == filters.check
        }
        sign = next((-1 if run.side == "above" else 1 for run in flags.runs if run.check == filters.check), 1)
        passing = sorted(
            (place for place in passing if place in measures), key=lambda place: (sign * measures[place], place)
        )
    return Chosen(rows, passing, flags)


def matching(rows: Rows, *, tag: str = "", text: str = "") -> list[int]:
    """The places of the rows that carry the tag and hold the text in one of their turns."""
    frame = rows.frame.select("messages", "tags").with_row_index("place")
    if tag:
        frame = frame.filter(pl.col("tags").list.contains(tag))
    if text:
        turns = frame.select("place", pl.col("messages")).explode("messages").unnest("messages")
        holds = turns.filter(pl.col("content").str.to_lowercase().str.contains(text.lower(), literal=True))
        frame = frame.filter(pl.col("place").is_in(holds["place"].unique().to_list()))
    return frame["place"].to_list()


def page_of(chosen: Chosen, filters: Filters, row_id: str = "") -> dict[str, Any]:
    """One page as plain values: rows, the range in words, page and pages; it moves to hold `row_id`."""
    total = len(chosen.positions)
    pages = max(1, -(-total // PAGE))
    page = min(filters.page, pages)
    ids = chosen.rows.frame["row_id"]
    if row_id and row_id not in ids.gather(chosen.positions[(page - 1) * PAGE : page * PAGE]).to_list():
        places = [at for at, place in enumerate(chosen.positions) if ids[place] == row_id]
        page = places[0] // PAGE + 1 if places else page
    first = (page - 1) * PAGE
    shown = chosen.positions[first : first + PAGE]
    part = Rows(chosen.rows.frame[shown]) if shown else Rows.empty()
    known = catalogue()
    lines = [
        {
            "id": row_id_,
            "number": place + 1,
            "prompt": short(prompt or "(no question)", SHOWN_CHARACTERS),
            "reply": short(reply or "(no reply)", SHOWN_CHARACTERS),
            "tags": tags[:4],
            # remarks on the dataset as a whole stand at hundreds of rows; beside a row they would only be noise
            "flags": [
                (known[flag.check].title, known[flag.check].severity)
                for flag in chosen.flags.by_place.get(place, [])
                if flag.check in known and known[flag.check].severity != "info"
            ],
        }
        for row_id_, place, prompt, reply, tags in zip(
            part.row_id, shown, part.prompt, part.reply, part.tags, strict=True
        )
    ]
    spread = f"{first + 1:,} to {first + len(shown):,} of {total:,}" if shown else "no rows"
    return {"rows": lines, "range": spread, "page": page, "pages": pages}


def tags_of(rows: Rows, most: int = 200) -> list[tuple[str, int]]:
    """The tags with the number of rows that carry them, the most used first."""
    counts = rows.frame.select(pl.col("tags").explode().drop_nulls()).to_series().value_counts(sort=True)
    return list(counts.head(most).iter_rows())
