"""The report for people who were not there: one HTML file without script or outside address, and its JSON twin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.records import CheckRun, Gap
from workbench.reports.pictures import answer_word as answer_word
from workbench.reports.pictures import primary_chart as primary_chart
from workbench.reports.pictures import wins_bar_of as wins_bar_of
from workbench.reports.pictures import wins_bars as wins_bars

LARGEST = 300_000  # bytes: passes through any mail system and opens at once
SNIPPETS = (1600, 700, 250, 80)  # characters of a quoted text; the longest with which the report stays small enough
MOST_ROWS = 400  # lines of the table by row; the JSON twin has them all
FEWEST_ROWS = 40  # ... where the page would be too large otherwise
EDITION = 2  # of the twin's layout, raised with report.schema.json


@dataclass(frozen=True)
class ArmFacts:
    """One arm: what it is in words, and its system text where it has one of its own."""

    name: str
    what: str
    system: str
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """One golden row with all answers. scores: arm -> deciding metric; change: tuned against base, + is better."""

    row_id: str
    tags: tuple[str, ...]
    prompt: str
    reference: str
    answers: Mapping[str, str]
    scores: Mapping[str, float | None]
    notes: Mapping[str, str]
    change: float | None


@dataclass(frozen=True)
class RowLine:
    """One dev row in numbers: its score by the deciding metric in each arm, and tuned against base (+ is better)."""

    row_id: str
    tags: tuple[str, ...]
    scores: Mapping[str, float | None]
    change: float | None


@dataclass(frozen=True)
class VersionLine:
    """One version of the training data: how many rows, and how it came about."""

    label: str
    size: int
    verb: str
    why: str
    counts: Mapping[str, int]
    who: str
    when: str
    trained: bool


@dataclass(frozen=True)
class CostLine:
    """What an arm's answers cost: mean tokens written and mean seconds a row, None where it was not measured."""

    arm: str
    tokens: float | None
    seconds: float | None


@dataclass(frozen=True)
class Mended:
    """A golden row that a later golden version put right; row_id and reason are "" for a sealed one."""

    golden: str
    row_id: str
    reason: str
    who: str


@dataclass(frozen=True)
class ReportData:
    """Every fact of a report. summary: as the evaluation wrote it; told: area -> what its reader told (`told_of`)."""

    evaluation: int
    run: int
    dataset: str
    who: str
    when: str
    part: str
    """"dev" or "sealed"; a sealed report holds no row."""
    summary: Mapping[str, Any]
    told: Mapping[str, Any]
    arms: tuple[ArmFacts, ...]
    version: str
    version_digest: str
    golden: str
    golden_digest: str
    strata: tuple[str, ...]
    errata_since: tuple[Mended, ...]
    """Errors that were found in this golden version later: its figures still hold them."""
    cautions: tuple[str, ...]
    """What a reader must know beside the verdict, a sentence each."""
    regressions: tuple[Case, ...]
    wins: tuple[Case, ...]
    both_bad: tuple[Case, ...]
    both_bad_rule: str
    counts: Mapping[str, int]
    """Of all rows, how many are regressions, wins and both_bad; the cases show the first of them."""
    rows: tuple[RowLine, ...]
    being_rated: bool
    """People are voting in an open round: cases and rows are left out, since they name whose answer is whose."""
    open_rounds: int
    gaps: tuple[Gap, ...]
    plan: Mapping[str, Any]
    trained: Mapping[str, Any]
    history: tuple[VersionLine, ...]
    checks_before: tuple[CheckRun, ...]
    checks_after: tuple[CheckRun, ...]
    sources: tuple[tuple[str, int], ...]
    licences: tuple[tuple[str, int], ...]
    declared_licences: tuple[str, ...]
    """Which licences the dataset's sheet allows; () where it declares none."""
    represented: Mapping[str, Any] | None
    """Golden against the training side (`Compared.as_json`), None where it was not compared."""
    limits: tuple[str, ...]
    not_tested: tuple[str, ...]
    next_steps: tuple[tuple[str, str], ...]
    """(what to do, the command or ""), the most useful first."""
    cost: tuple[CostLine, ...]
    commands: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    edition: str
    """The edition of Goldloop that wrote it."""
    layout: int = field(default=EDITION)


def as_json(data: ReportData, stamp: str) -> str:
    """The same facts as data, quoted texts whole; keys in a fixed order, the layout of `report.schema.json`."""
    return (
        json.dumps({"written": stamp, **asdict(data)}, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    )


def as_html(data: ReportData, stamp: str) -> str:
    """One page that needs nothing else, below 300 KB: long texts are cut as far as that takes."""
    from workbench.reports.rendering import render  # jinja2 takes a moment that the command line need not wait for

    page = ""
    for snippet in SNIPPETS:
        page = render(data, stamp, snippet, MOST_ROWS if snippet == SNIPPETS[0] else FEWEST_ROWS)
        if len(page.encode("utf-8", "replace")) <= LARGEST:
            break
    return page
