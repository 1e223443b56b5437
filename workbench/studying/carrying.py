"""A study from where it stands to its written result"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.records import Study
from workbench.store import studies
from workbench.studying.conclude import conclude
from workbench.studying.engine import OutOfBudget, Work, carry_out
from workbench.studying.going_on import told_of
from workbench.studying.trials import sweep


def carried_through(work: Work, notes: Sequence[str] = ()) -> Study:
    """Trains and measures what is missing, concludes, and writes the result in place of an earlier one.

    notes: what a person should know of the time since the study was decided.
    """
    cut_short = False
    try:
        if work.design.sweep is not None:
            sweep(work)
        else:
            carry_out(work)
    except OutOfBudget:
        cut_short = True
    work.report(0.99, "holding the runs against one another")
    since = [*told_of(work.study), *notes]
    studies.finish(work.store, work.study.id, conclude(work, cut_short=cut_short, since=since))
    work.report(1.0, "the study is done")
    return studies.get(work.store, work.study.id)
