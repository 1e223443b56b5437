"""The board of findings as plain values: what is wrong, how much, how sure, what to do; the worthiest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.checks.check import Check, catalogue, check_named
from workbench.errors import BadInput
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import CheckRun, Version
from workbench.screens.address import address
from workbench.screens.escape import short
from workbench.screens.worth import sureness, worth
from workbench.store import Store, findings, measured
from workbench.store.row_index import flags_of

FAMILIES = {
    "structure": "Structure", "text": "Text", "duplicates": "Copies", "safety": "Safety", "balance": "Balance",
    "grounding": "Grounding", "leakage": "Leakage",
}  # fmt: skip


def board_of(store: Store, version: Version, current: str = "") -> dict[str, Any]:
    """A line for every check of the catalogue: findings by their worth, then hints, then the checks without either."""
    known = catalogue()
    runs, old = runs_of(store, version)
    about = measured.about(store, old or version, list(runs.values()))
    lines = [line_of(check, runs.get(check.name), version) for check in known.values()]
    lines.sort(key=lambda line: (not line["flagged"], line["severity"] == "info", -line["worth"], line["title"]))
    if current not in known:
        current = lines[0]["check"] if runs and lines else ""
    said = "" if runs else f'{version.label} has not been checked yet. Press "Run the checks".'
    return {
        "lines": lines if runs else [],
        "current": current,
        "about": [[known[name].title, line] for name, told in about.items() if name in known for line in told],
        "said": said,
        "total": version.size,
        "version": version.label,
        "old": f"As measured on v{old.number}, without the rows that changed since." if old else "",
    }


def runs_of(store: Store, version: Version) -> tuple[dict[str, CheckRun], Version | None]:
    """The check runs that hold for a version by check, and the older version that they were measured on, if one.

    A version that was just made has the findings of the one before it, without those of the rows that changed.
    """
    own = findings.runs(store, version)
    if own:
        return {run.check: run for run in own}, None
    flags = flags_of(store, version)
    counts = flags.counts()
    return {run.check: replace(run, flagged=counts.get(run.check, 0)) for run in flags.runs}, flags.of


def line_of(check: Check, run: CheckRun | None, version: Version) -> dict[str, Any]:
    stands = ""
    if run is None:
        stands = "not measured: it takes minutes, so it runs when you ask" if check.costly else "not measured yet"
    elif run.not_run:
        stands = f"could not run: {run.not_run}"
    flagged = run.flagged if run else 0
    return {
        "check": check.name,
        "title": check.title,
        "family": FAMILIES.get(check.family, check.family.capitalize()),
        "severity": check.severity,
        "flagged": flagged,
        "share": flagged / version.size if version.size else 0,
        "ruled": run.ruled if run else 0,
        "stands": stands,
        "sure": sureness(check.name).short,
        "worth": worth(check, flagged),
        "todo": todo_of(check),
        "href": address("/rows", dataset=version.dataset, version=version.number, check=check.name),
    }


def todo_of(check: Check) -> str:
    """What one does about a check's findings, in some words."""
    fix = fix_catalogue().get(check.mend)
    if fix is None:
        return "read and decide"
    return f"fix in bulk: {_verb(fix.title)}" if fix.safe else f"go through them: {_verb(fix.title)}"


def _verb(title: str) -> str:
    return title[:1].lower() + title[1:]


def knobs_given(name: str, sent: Any) -> dict[str, Any]:
    """A check's knobs as sent by a browser, each in the type of its default. Raises BadInput."""
    defaults = check_named(name).knobs
    if not isinstance(sent, Mapping) or set(sent) - set(defaults):
        raise BadInput(f"The check {name} has the knobs {', '.join(defaults) or '(none)'}.")
    given = {}
    for knob, value in sent.items():
        kind = type(defaults[knob])
        try:
            given[knob] = kind(float(value)) if kind in (int, float) else kind(value)
        except (TypeError, ValueError, OverflowError):
            raise BadInput(f'"{short(str(value), 40)}" does not fit the knob {knob}.') from None
    return given
