"""One check in full: what it found, with the places; how sure it is; the ways out; its limit, knobs and page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from workbench.checks.check import Check, catalogue
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import CheckRun, Version
from workbench.screens.address import address, newest_of
from workbench.screens.check_board import line_of, runs_of
from workbench.screens.escape import plural, short
from workbench.screens.worth import sureness
from workbench.store import Store, findings, rulings
from workbench.store.row_index import flags_of, rows_at

EXAMPLES = 3
AROUND = 60  # characters of an example before and after the place that the reason speaks of
STEPS = 100  # of the limit's slider
MOST_RULINGS = 50


def panel_of(store: Store, version: Version, name: str) -> dict[str, Any] | None:
    """One check as plain values; None for a name that is no check's."""
    check = catalogue().get(name)
    if check is None:
        return None
    runs, _ = runs_of(store, version)
    run = runs.get(name)
    measured = findings.of_check(store, version, name)["measure"].drop_nulls().drop_nans()
    flagged = flags_of(store, version).of_check(name)
    what, page = _parted(check.page)
    return {
        **line_of(check, run, version),
        "version": version.label,
        "total": version.size,
        "newest": newest_of(store, version).number == version.number,
        "what": what,
        "page": page,
        "surely": sureness(name).words,
        "measure": (check.run.__doc__ or "").strip().removeprefix("Measure: ").partition("\n\n")[0],
        "limit": _slider(run, measured.filter(measured.is_finite())),
        "side": run.side if run else "above",
        "knobs": [
            {"name": knob, "value": (run.knobs if run else check.knobs).get(knob, default), "default": default}
            for knob, default in check.knobs.items() if isinstance(default, (int, float, str))
        ],
        "fixes": _fixes(check),
        "examples": _examples(store, version, name, flagged.head(EXAMPLES)),
        "queue": address("/queue", dataset=version.dataset, version=version.number, check=name, open=1),
        "sheet": address("/data", dataset=version.dataset),
        "rulings": _rulings(store, version, name),
    }  # fmt: skip


def _parted(page: str) -> tuple[str, str]:
    """A check's page as its first paragraph (what it is and why it matters) and the rest."""
    body = page.partition("\n")[2].strip()
    first, _, rest = body.partition("\n\n")
    return " ".join(first.split()), rest.strip()


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


def _examples(store: Store, version: Version, name: str, found: pl.DataFrame) -> list[dict[str, Any]]:
    """The first flagged rows with the check's reason, and the text around the place that it speaks of."""
    if not found.height:
        return []
    places = found["place"].to_list()
    rows = rows_at(store, version, places)
    return [
        {
            "number": place + 1,
            "note": said or "",
            "text": excerpt(turns, spans or []),
            "href": address("/rows", dataset=version.dataset, version=version.number, check=name, row=row_id),
        }
        for place, row_id, turns, (said, spans) in zip(
            places, rows.row_id, rows.messages, found.select("note", "spans").iter_rows(), strict=True
        )
    ]


def excerpt(turns: Sequence[dict[str, Any]], spans: Sequence[Sequence[int]]) -> list[str]:
    """What stands before, in and after the first place; the row's beginning where no place is told."""
    for turn, start, end in spans:
        content = turns[turn]["content"] or "" if 0 <= turn < len(turns) else ""
        if 0 <= start < end <= len(content):
            before, after = content[max(0, start - AROUND) : start], content[end : end + AROUND]
            return [_edge(before, start > AROUND, True), short(content[start:end], 200), _edge(after, True, False)]
    text = " ".join(m["content"] or "" for m in turns if m["role"] != "system")
    return [short(text, 140), "", ""]


def _edge(text: str, cut: bool, before: bool) -> str:
    """A stretch beside a place, on one line, with an ellipsis at its outer end."""
    line = " ".join(text.split())
    pad = text[-1:] if before else text[:1]
    blank = " " if pad.isspace() else ""
    if not line:
        return blank
    return f"{'…' if cut else ''}{line}{blank}" if before else f"{blank}{line}{'…' if len(text) == AROUND else ''}"


def _rulings(store: Store, version: Version, name: str) -> list[dict[str, Any]]:
    listed = rulings.listed(store, version.dataset, name)[:MOST_RULINGS]
    return [{"id": one.id, "reason": one.reason, "who": one.who, "when": one.when[:10]} for one in listed]


def would_flag(store: Store, version: Version, name: str, limit: Any) -> dict[str, Any]:
    """How many rows a limit would flag, from the numbers that were measured."""
    from workbench.actions.set_limit import set_limit

    number = set_limit(store, name, limit, version=version.label, preview=True).flagged
    return {"flagged": number, "said": f"{plural(number, 'row')} of {version.size:,} would be flagged"}
