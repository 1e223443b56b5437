"""What a fix is: rows in, rows out, and nothing said about what it did (the diff says that)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from workbench.checks.context import Context
from workbench.errors import NotFound
from workbench.rows import Rows


@dataclass(frozen=True)
class Fix:
    """One entry of the catalogue; `mended(rows, where, context) -> Rows`, `where` an (N,) mask of the rows to act on.

    mends: the checks whose findings it answers; by default it acts on the rows that they flag. safe: it may be applied
    to all of them without looking at each.
    """

    name: str
    title: str
    page: str
    mends: tuple[str, ...]
    safe: bool
    before: Rows
    after: Rows
    run: Callable[..., Rows]
    example: Context = field(default_factory=Context)  # what `before` is mended in

    @property
    def wants_context(self) -> bool:
        """True when it needs to know more than the rows, such as the terms on the dataset's sheet."""
        return "context" in inspect.signature(self.run).parameters

    def mended(self, rows: Rows, where: pl.Series, context: Context | None = None) -> Rows:
        """What the fix makes of the rows, given what is known beside them."""
        return self.run(rows, where, context or Context()) if self.wants_context else self.run(rows, where)


def fix(
    *, mends: tuple[str, ...], safe: bool, before: Rows, after: Rows, example: Context | None = None
) -> Callable[[Callable[..., Rows]], Fix]:
    """Makes a fix of a function `(rows, where) -> Rows`, or `(rows, where, context) -> Rows` where it needs more.

    `before` and `after` stand on its page and are its test, in the context `example`.
    """

    def wrap(run: Callable[..., Rows]) -> Fix:
        module = inspect.getmodule(run)
        page = inspect.cleandoc((module.__doc__ if module else None) or "")
        known = example or Context()
        return Fix(run.__name__, page.split("\n", 1)[0], page, mends, safe, before, after, run, known)

    return wrap


@cache
def catalogue() -> dict[str, Fix]:
    """Every fix by name; found by walking the folder."""
    found: dict[str, Fix] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        for value in vars(importlib.import_module(f"workbench.fixes.{module.name}")).values():
            if isinstance(value, Fix):
                found[value.name] = value
    return found


def fix_named(name: str) -> Fix:
    """The fix of that name; says which names there are when it is not one."""
    try:
        return catalogue()[name]
    except KeyError:
        raise NotFound(f'There is no fix "{name}". The fixes are: {", ".join(catalogue())}.') from None
