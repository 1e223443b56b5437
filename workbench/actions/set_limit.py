"""Set another limit for a check: the numbers stay, only what counts as a finding changes."""

from __future__ import annotations

import math
from dataclasses import replace

from workbench.checks.check import check_named
from workbench.errors import BadInput, NotFound
from workbench.records import CheckRun, Version
from workbench.store import Store, datasets, findings, held_to_rulings, rulings


def set_limit(store: Store, check: str, limit: float, *, version: str | None = None, preview: bool = False) -> CheckRun:
    """Judges what a check measured on a version by another limit; nothing is measured again.

    With `preview` the run as it would be, unsaved. Raises BadInput for a limit that is no finite number, NotFound when
    the check has not run on this version.
    """
    of = datasets.version(store, version)
    run, value = _run_of(store, of, check), _finite(limit)
    known = rulings.listed(store, of.dataset, run.check)
    frame = findings.of_check(store, of, run.check)
    past = (frame["measure"] > value if run.side == "above" else frame["measure"] < value).fill_null(False)
    frame = frame.with_columns(flagged=past & ~frame["ruled"])
    fresh = replace(run, limit=value, flagged=int(frame["flagged"].sum()), ruled=int((past & frame["ruled"]).sum()))
    if not preview:
        findings.save(store, of, [fresh], {run.check: frame})
        if rulings.listed(store, of.dataset, run.check) != known:  # one was made or taken back meanwhile
            held_to_rulings.judge_anew(store, of, run.check)
            return _run_of(store, of, check)
    return fresh


def _finite(limit: object) -> float:
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit):
        raise BadInput("The limit must be a number.")
    return float(limit)


def _run_of(store: Store, version: Version, check: str) -> CheckRun:
    for run in findings.runs(store, version):
        if run.check == check_named(check).name and not run.not_run:
            return run
    raise NotFound(
        f"The check {check} has not run on {version.label} yet. Run it first: goldloop check {version.label}"
    )
