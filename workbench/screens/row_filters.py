"""Which rows of a version a person wants to see, in which order, and one page of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from workbench.checks.check import SEVERITIES, catalogue
from workbench.records import Version
from workbench.screens.address import Look
from workbench.screens.escape import short
from workbench.store import Store, gaps
from workbench.store.row_index import Flags, excerpts_at, flags_of, rows_index

PAGE = 100  # rows in a page: beyond some 200 every click on the page becomes slow
SHOWN_CHARACTERS = 150
MOST_TAGS = 200
MOST_FLAGS = 4  # pills beside a row of the list

# Beside the names of checks, what "flagged by" may say: any finding, none, or one of a severity.
ANY, NONE = "any finding", "no finding"
BY_SEVERITY = {"errors": "error", "warnings": "warning", "hints": "info"}

ORDERS: Mapping[str, tuple[str, str, bool]] = {  # in the URL -> words, column, from the greatest down
    "": ("as in the file, or worst first", "", False),
    "findings": ("most findings first", "findings", True),
    "reply-short": ("shortest reply first", "reply_length", False),
    "reply-long": ("longest reply first", "reply_length", True),
    "prompt-short": ("shortest question first", "prompt_length", False),
    "prompt-long": ("longest question first", "prompt_length", True),
    "row-long": ("longest row first", "length", True),
    "turns": ("most turns first", "turns", True),
}


@dataclass(frozen=True)
class Filters:
    """What the URL asks for: rows that a check flags, carry a tag, hold a text, stand near a gap; one page of them."""

    check: str = ""
    tag: str = ""
    text: str = ""
    page: int = 1
    gap: int = 0
    order: str = ""

    @classmethod
    def of(cls, look: Look) -> Filters:
        page, gap = look.number("page", 1, low=1), look.number("gap")
        order = look.get("order") if look.get("order") in ORDERS else ""
        return cls(look.get("check"), look.get("tag"), look.get("text"), page, gap, order)

    @property
    def any(self) -> bool:
        return bool(self.check or self.tag or self.text or self.gap)

    @property
    def where(self) -> str:
        """The same rows in the terms of `actions.apply_fix`, where it has terms for them; "" where it has none."""
        known = {ANY: "flagged", **{words: f"severity={one}" for words, one in BY_SEVERITY.items()}}
        known |= {name: f"check={name}" for name in catalogue()}
        if not self.any or self.gap or (self.check and self.check not in known):
            return ""
        terms = [known.get(self.check, ""), f"tag={self.tag}" if self.tag else ""]
        terms.append(f"text~(?i){re.escape(self.text)}" if self.text else "")
        return ",".join(term for term in terms if term)


@dataclass(frozen=True)
class Chosen:
    """The rows that pass the filters. places: (n,) their places in the version, in the order asked for.

    excerpts: gives row_id, prompt, reply and tags of the rows at some places.
    """

    index: pl.LazyFrame
    places: pl.Series
    flags: Flags
    excerpts: Callable[[Sequence[int]], pl.DataFrame]


def choose(store: Store, version: Version, filters: Filters) -> Chosen:
    """The rows of a version that pass all filters; text is searched literally, in any case of letters.

    The rows of a check come worst first unless another order was asked for.
    """
    index, flags = rows_index(store, version), flags_of(store, version)
    wanted = [pl.col("place")]
    numbered = index.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    if filters.tag:
        numbered = numbered.filter(pl.col("tags").list.contains(filters.tag))
    if filters.text:
        numbered = numbered.filter(pl.col("text").str.contains(filters.text.lower(), literal=True))
    if filters.gap:
        near = [str(one["row_id"]) for one in gaps.get(store, filters.gap).neighbours]
        numbered = numbered.filter(pl.col("row_id").is_in(near))
    _, column, descending = ORDERS[filters.order]
    if column and column != "findings":
        wanted.append(pl.col(column))
    passing = numbered.select(wanted)
    if filters.check == NONE:
        passing = passing.join(flags.frame.select("place"), on="place", how="anti")
    elif filters.check:
        passing = passing.join(_flagged(flags, filters.check), on="place", how="inner", maintain_order="left")
        if not column:
            column, descending = "worst", True
    if column == "findings":
        counted = flags.frame.group_by("place").agg(findings=pl.len())
        passing = passing.join(counted, on="place", how="left").with_columns(pl.col("findings").fill_null(0))
    if column in passing.collect_schema().names():
        passing = passing.sort(column, "place", descending=[descending, False], nulls_last=True)
    else:
        passing = passing.sort("place")
    found = passing.select("place").collect().to_series()
    return Chosen(index, found, flags, partial(excerpts_at, store, version))


def _flagged(flags: Flags, wanted: str) -> pl.LazyFrame:
    """The places that `wanted` flags; with how badly where it is one check."""
    if wanted == ANY or wanted in BY_SEVERITY:
        known = catalogue()
        severities = [BY_SEVERITY[wanted]] if wanted in BY_SEVERITY else list(SEVERITIES)
        names = [run.check for run in flags.runs if run.check in known and known[run.check].severity in severities]
        return flags.frame.filter(pl.col("check").is_in(names)).select("place").unique()
    sign = next((-1 if run.side == "below" else 1 for run in flags.runs if run.check == wanted), 1)
    return flags.frame.filter(pl.col("check") == wanted).select("place", worst=pl.col("measure") * sign)


def page_of(chosen: Chosen, filters: Filters, row_id: str = "") -> dict[str, Any]:
    """One page as plain values: rows, the range in words, page and pages; it moves to hold `row_id`."""
    total = len(chosen.places)
    pages = max(1, -(-total // PAGE))
    page = min(filters.page, pages)
    if row_id:
        place = chosen.index.select((pl.col("row_id") == row_id).arg_true()).collect().to_series()
        at = (chosen.places == int(place[0])).arg_true() if len(place) else place
        page = int(at[0]) // PAGE + 1 if len(at) else page
    first = (page - 1) * PAGE
    shown = chosen.places[first : first + PAGE].to_list()
    spread = f"{first + 1:,} to {first + len(shown):,} of {total:,}" if shown else "no rows"
    return {"rows": _lines(chosen, shown), "range": spread, "page": page, "pages": pages, "total": total}


def _lines(chosen: Chosen, places: list[int]) -> list[dict[str, Any]]:
    if not places:
        return []
    known, flags = catalogue(), chosen.flags.checks_at(places)
    found = chosen.excerpts(places)
    return [
        {
            "id": row_id,
            "number": place + 1,
            "prompt": short(prompt or "(no question)", SHOWN_CHARACTERS),
            "reply": short(reply or "(no reply)", SHOWN_CHARACTERS),
            "tags": tags[:4],
            # hints stand at hundreds of rows; in a list they would only be noise
            "flags": [
                (known[name].title, known[name].severity)
                for name in flags.get(place, [])
                if name in known and known[name].severity != "info"
            ][:MOST_FLAGS],
        }
        for place, (row_id, prompt, reply, tags) in zip(places, found.iter_rows(), strict=True)
    ]


def tags_of(index: pl.LazyFrame, most: int = MOST_TAGS) -> list[tuple[str, int]]:
    """The tags with the number of rows that carry them, the most used first."""
    listed = index.select(tag=pl.col("tags").explode()).drop_nulls()
    counts = listed.group_by("tag").len().sort("len", "tag", descending=[True, False]).head(most).collect()
    return list(counts.iter_rows())
