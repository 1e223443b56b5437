"""What a fix is: rows in, rows out, and nothing said about what it did (the diff says that)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from workbench.errors import NotFound
from workbench.rows import Rows


@dataclass(frozen=True)
class Fix:
    """One entry of the catalogue; `run(rows, where) -> Rows` with `where` an (N,) boolean mask of the rows to act on.

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
    run: Callable[[Rows, pl.Series], Rows]


def fix(
    *, mends: tuple[str, ...], safe: bool, before: Rows, after: Rows
) -> Callable[[Callable[[Rows, pl.Series], Rows]], Fix]:
    """Makes a fix of a function `(rows, where) -> Rows`; `before` and `after` stand on its page and are its test."""

    def wrap(run: Callable[[Rows, pl.Series], Rows]) -> Fix:
        module = inspect.getmodule(run)
        page = inspect.cleandoc((module.__doc__ if module else None) or "")
        return Fix(run.__name__, page.split("\n", 1)[0], page, mends, safe, before, after, run)

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
