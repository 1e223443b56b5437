"""The board of checks as plain values: a line a check, and the panel of the one that is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.checks.check import SEVERITIES, Check, catalogue, check_named
from workbench.errors import BadInput
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import CheckRun, Version
from workbench.screens.address import address, newest_of
from workbench.screens.escape import plural, short
from workbench.store import Store, datasets, findings

EXAMPLES = 3
STEPS = 100  # of the limit's slider


def board_of(store: Store, version: Version, current: str = "") -> dict[str, Any]:
    """A line for every check of the catalogue: errors first, then by how many rows it flags."""
    runs = {run.check: run for run in findings.runs(store, version)}
    lines = [_line(check, runs.get(check.name), version) for check in catalogue().values()]
    lines.sort(
        key=lambda line: (not line["flagged"], SEVERITIES.index(line["severity"]), -line["flagged"], line["title"])
    )
    if current not in catalogue():
        current = lines[0]["check"] if runs and lines else ""
    said = "" if runs else f'{version.label} has not been checked yet. Press "Run the checks".'
    return {"lines": lines if runs else [], "current": current, "said": said, "total": version.size}


def _line(check: Check, run: CheckRun | None, version: Version) -> dict[str, Any]:
    stands = "not measured yet" if run is None else f"could not run: {run.not_run}" if run.not_run else ""
    return {
        "check": check.name,
        "title": check.title,
        "family": check.family,
        "severity": check.severity,
        "flagged": run.flagged if run else 0,
        "share": run.flagged / version.size if run and version.size else 0,
        "stands": stands,
        "href": address("/rows", dataset=version.dataset, version=_number(version), check=check.name),
    }


def _number(version: Version) -> int:
    return version.number


def panel_of(store: Store, version: Version, name: str) -> dict[str, Any] | None:
    """One check in full: its page, its limit with the range that was measured, its knobs, and the fixes for it."""
    check = catalogue().get(name)
    if check is None:
        return None
    run = next((one for one in findings.runs(store, version) if one.check == name), None)
    measured = findings.of_check(store, version, name)["measure"].drop_nulls().drop_nans()
    measured = measured.filter(measured.is_finite())
    return {
        **_line(check, run, version),
        "version": version.label,
        "total": version.size,
        "newest": newest_of(store, version).number == version.number,
        "page": check.page.partition("\n")[2].strip(),
        "measure": (check.run.__doc__ or "").strip().removeprefix("Measure: ").partition("\n\n")[0],
        "limit": _slider(run, measured),
        "side": run.side if run else "above",
        "knobs": [
            {"name": knob, "value": (run.knobs if run else check.knobs).get(knob, default), "default": default}
            for knob, default in check.knobs.items() if isinstance(default, (int, float, str))
        ],
        "fixes": _fixes(check),
        "examples": _examples(store, version, name),
    }  # fmt: skip


def _slider(run: CheckRun | None, measured: pl.Series) -> dict[str, float] | None:
    """Where the limit stands and how far it may go; None where the check did not run."""
    if run is None or run.limit is None or not len(measured) or not math.isfinite(run.limit):
        return None
    low, high = (float(x) for x in (measured.min(), measured.max()))  # type: ignore[arg-type]
    low, high = min(low, run.limit), max(high, run.limit)
    if low == high:
        return None
    return {"value": run.limit, "low": low, "high": high, "step": _round_step((high - low) / STEPS)}


def _round_step(step: float) -> float:
    """The power of ten below a step, so that the slider shows short numbers."""
    return float(f"1e{math.floor(math.log10(step))}")


def _fixes(check: Check) -> list[dict[str, Any]]:
    """The fix proposed for a check, then the others that mend it, then dropping the rows."""
    known = fix_catalogue()
    names = [check.mend, *(fix.name for fix in known.values() if check.name in fix.mends), "drop_rows"]
    return [
        {"fix": name, "title": known[name].title, "safe": known[name].safe, "proposed": name == check.mend}
        for name in dict.fromkeys(names) if name in known
    ]  # fmt: skip


def _examples(store: Store, version: Version, name: str) -> list[dict[str, Any]]:
    """The first flagged rows with the check's reason."""
    found = findings.of_check(store, version, name).filter("flagged").head(EXAMPLES)
    if not found.height:
        return []
    rows = datasets.rows_of(store, version)
    lines = []
    for place, said in found.select("row", "note").iter_rows():
        one = rows.frame.row(place, named=True)
        text = " ".join(m["content"] or "" for m in one["messages"] if m["role"] != "system")
        lines.append({
            "number": place + 1, "note": said or "", "text": short(text, 140),
            "href": address("/rows", dataset=version.dataset, version=version.number, check=name, row=one["row_id"]),
        })  # fmt: skip
    return lines


def would_flag(store: Store, version: Version, name: str, limit: Any) -> dict[str, Any]:
    """How many rows a limit would flag, from the numbers that were measured."""
    from workbench.actions.set_limit import set_limit

    number = set_limit(store, name, limit, version=version.label, preview=True).flagged
    return {"flagged": number, "said": f"{plural(number, 'row')} of {version.size:,} would be flagged"}


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
