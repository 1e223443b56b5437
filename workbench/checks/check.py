"""What a check is: a number per row, a limit, and a plain reason."""

from __future__ import annotations

import importlib
import inspect
import json
import math
import pkgutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import polars as pl

from workbench.checks.context import Context
from workbench.errors import BadInput, NotFound
from workbench.rows import Rows

Severity = Literal["error", "warning", "info"]
Side = Literal["above", "below"]
Scope = Literal["row", "set"]
Span = tuple[int, int, int]
"""A place in a row: number of the turn, first character, one past the last; counted from 0."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Findings:
    """What a check measured: (N,) numbers, the limit that turns them into findings, and a reason per row.

    measure: (N,) float, null where the check has no opinion on the row. A row is flagged when its measure lies strictly
    above (or below) the limit. note: (N,) plain words, "" where there is nothing to say.
    spans: (N,) the places in each row that the note speaks of, () where it speaks of the row as a whole; or () for all.
    about: sentences on the dataset as a whole, for what no single row can bear ("nothing covers returns from abroad").
    """

    measure: pl.Series
    limit: float
    side: Side
    note: Sequence[str]
    spans: Sequence[Sequence[Span]] = ()
    about: tuple[str, ...] = ()

    @property
    def flagged(self) -> pl.Series:
        """(N,) True where the measure is past the limit; a null measure is never flagged."""
        past = self.measure > self.limit if self.side == "above" else self.measure < self.limit
        return past.fill_null(False).alias("flagged")

    def at(self, limit: float) -> Findings:
        """The same measurement under another limit; nothing is measured again. Raises BadInput for no finite number."""
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit):
            raise BadInput(f"The limit must be a finite number, not {limit!r}.")
        return replace(self, limit=limit)


def above(
    measure: pl.Series | Sequence[float | None],
    limit: float,
    note: Sequence[str] | None = None,
    spans: Sequence[Sequence[Span]] = (),
    about: Sequence[str] = (),
) -> Findings:
    """Findings where the measure exceeds the limit."""
    return _findings(measure, limit, "above", note, spans, about)


def below(
    measure: pl.Series | Sequence[float | None],
    limit: float,
    note: Sequence[str] | None = None,
    spans: Sequence[Sequence[Span]] = (),
    about: Sequence[str] = (),
) -> Findings:
    """Findings where the measure falls short of the limit."""
    return _findings(measure, limit, "below", note, spans, about)


def _findings(
    measure: Any,
    limit: float,
    side: Side,
    note: Sequence[str] | None,
    spans: Sequence[Sequence[Span]],
    about: Sequence[str],
) -> Findings:
    values = pl.Series("measure", measure, dtype=pl.Float64, strict=False)
    notes = [""] * len(values) if note is None else note
    if len(notes) != len(values):
        raise ValueError(f"{len(values)} measures but {len(notes)} notes")
    if spans and len(spans) != len(values):
        raise ValueError(f"{len(values)} measures but spans for {len(spans)} rows")
    return Findings(values, float(limit), side, notes, spans, tuple(about))


@dataclass(frozen=True)
class Check:
    """One entry of the catalogue; `measured(rows, context, **knobs)` measures and never removes anything.

    scope: "row" when a row's measure depends on that row and the context alone, so that rows may be measured in parts
    and unchanged ones not again; "set" when it depends on the other rows.
    costly: it takes minutes (a language model reads every row), so it runs only when it is asked for by name.
    """

    name: str
    family: str
    title: str
    page: str
    severity: Severity
    mend: str  # the name of the fix proposed for it, "" when a person has to look
    flags: Rows
    passes: Rows
    edition: int
    run: Callable[..., Findings]
    scope: Scope = "row"
    example: Context = field(default_factory=Context)  # what `flags` and `passes` are measured in
    costly: bool = False

    @property
    def wants_context(self) -> bool:
        """True when its function takes the context beside the rows."""
        return "context" in inspect.signature(self.run).parameters

    def measured(self, rows: Rows, context: Context | None = None, **knobs: Any) -> Findings:
        """What the check says of the rows. Raises NotRun when something that it needs is not there."""
        return self.run(rows, context or Context(), **knobs) if self.wants_context else self.run(rows, **knobs)

    @property
    def knobs(self) -> dict[str, Any]:
        """The keyword parameters with their defaults: the check's sliders."""
        parameters = inspect.signature(self.run).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def check(
    *,
    severity: Severity,
    flags: Rows,
    passes: Rows,
    mend: str = "",
    edition: int = 1,
    scope: Scope = "row",
    example: Context | None = None,
    costly: bool = False,
) -> Callable[[Callable[..., Findings]], Check]:
    """Makes a check of a function `(rows, *, knobs) -> Findings`, or `(rows, context, *, knobs)` where it needs more.

    Its name is its id, its folder its family, its module docstring its page (first line: title). Every row of `flags`
    must be flagged at the default limit and no row of `passes`, in the context `example`; they stand on the page and
    are its test.
    """

    def wrap(run: Callable[..., Findings]) -> Check:
        module = inspect.getmodule(run)
        page = inspect.cleandoc((module.__doc__ if module else None) or "")
        title = page.split("\n", 1)[0]
        family = run.__module__.split(".")[-2]
        shown = (flags, passes, edition, run, scope, example or Context(), costly)
        return Check(run.__name__, family, title, page, severity, mend, *shown)

    return wrap


@cache
def catalogue() -> dict[str, Check]:
    """Every check by name, family by family; found by walking the folder."""
    here = Path(__file__).parent
    found: dict[str, Check] = {}
    for family in sorted(p.name for p in here.iterdir() if p.is_dir() and (p / "__init__.py").exists()):
        for module in pkgutil.iter_modules([str(here / family)]):
            for value in vars(importlib.import_module(f"workbench.checks.{family}.{module.name}")).values():
                if isinstance(value, Check):
                    found[value.name] = value
    return found


def check_named(name: str) -> Check:
    """The check of that name; says which names there are when it is not one."""
    try:
        return catalogue()[name]
    except KeyError:
        raise NotFound(f'There is no check "{name}". The checks are: {", ".join(catalogue())}.') from None


def with_knobs(found: Check, knobs: dict[str, Any]) -> dict[str, Any]:
    """The knobs as given over the defaults; BadInput for one that the check does not have or of another type."""
    if unknown := set(knobs) - set(found.knobs):
        has = ", ".join(found.knobs) or "none"
        raise BadInput(f"The check {found.name} has no knob {', '.join(sorted(unknown))}; its knobs are: {has}.")
    return {**found.knobs, **{knob: _fitting(found, knob, value) for knob, value in knobs.items()}}


KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def _fitting(found: Check, knob: str, value: Any) -> Any:
    """A knob's value in the type of its default; a whole number will do for a number."""
    default = found.knobs[knob]
    kind = type(default)
    if kind is float and type(value) is int:
        value = float(value) if abs(value) <= sys.float_info.max else math.inf
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        wanted = f"{'a finite number' if kind is float else KINDS[kind]}, for instance {json.dumps(default)}"
        said = json.dumps(value, ensure_ascii=False, default=str)
        raise BadInput(f"The knob {knob} of the check {found.name} takes {wanted}, not {said[:60]}.")
    return value
