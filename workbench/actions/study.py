"""Train and measure the runs of a study, and say what they show."""

from __future__ import annotations

from dataclasses import asdict

from workbench.records import Study
from workbench.settings import Report, no_report, user_name
from workbench.store import Store, studies
from workbench.studying.asking import asked
from workbench.studying.budget import budget_of
from workbench.studying.carrying import carried_through
from workbench.studying.design import keep_rows, read_design
from workbench.studying.engine import Work
from workbench.studying.going_on import reopened
from workbench.studying.questions import NO_FAULT, Question, severities
from workbench.where import flagged_rows


def study(store: Store, question: Question, *, report: Report = no_report, job_id: int | None = None) -> Study:
    """Trains every arm, measures it on golden's dev rows and writes down what can be concluded; takes its time.

    With the job_id of an earlier try the study goes on: finished arms are kept, a half trained one goes on from its
    checkpoint. Once its minutes are over no further run begins, and it says what it can say; `resume_study` does the
    rest. Raises what `plan_study` raises, before anything is written.
    """

    def begin(done: float, line: str) -> None:
        report(0.0, line)

    known = studies.of_job(store, job_id) if job_id is not None else None
    begun = read_design(store, known.id, known.settings) if known else None
    if known is not None and begun is not None:
        prepared, notes = reopened(store, known, begun, begin)
        return carried_through(Work(store, known, begun, prepared, report, known.settings["budget"]["by_arm"]), notes)
    ready = asked(
        store,
        question,
        flagged_rows(store, question.version, severities(question), but=NO_FAULT),
        wait=True,
        report=begin,
    )
    budget = budget_of(store, ready).told()
    if known is None:
        settings = {**ready.design.settings(), "budget": budget, "question": asdict(question)}
        known = studies.add(store, ready.prepared.version.dataset, question.kind, settings, user_name(), job_id)
    keep_rows(store, known.id, ready.design)
    return carried_through(Work(store, known, ready.design, ready.prepared, report, budget["by_arm"]))
