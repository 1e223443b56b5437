"""Let a study go on that was stopped, killed or cut short by its minutes: what stands is kept, the rest is done."""

from __future__ import annotations

from workbench import jobs
from workbench.records import Job, Study
from workbench.settings import Report, no_report
from workbench.store import Store, studies
from workbench.studying.carrying import carried_through
from workbench.studying.design import read_design
from workbench.studying.engine import Work
from workbench.studying.going_on import Left, left_of_study, may_go_on, refuse_minutes, reopened, take_over


def plan_resume(store: Store, study_id: int, *, minutes: float | None = None) -> Left:
    """What stands of a study, what is left, and what that would take; nothing is started and nothing written down.

    minutes: for how many further minutes runs may begin; None goes on until it is done, or under the cap that it had
    where it was stopped before that was over. Raises NotFound, Refused for a study at work or finished, for rows that
    were ruled to be leaks since, and where other defaults than those of its runs hold; BadInput.
    """
    study, design, _ = may_go_on(store, study_id)
    return left_of_study(store, study, design, minutes)


def resume_study(
    store: Store, study_id: int, *, minutes: float | None = None, report: Report = no_report, job_id: int | None = None
) -> Study:
    """Trains and measures the missing runs of a study by its own plan, seeds, rows and golden; its result is new.

    Finished runs stand, a half trained one goes on from its checkpoint. minutes: as for `plan_resume`; raises as that.
    """
    study = studies.get(store, study_id)
    design = read_design(store, study_id, study.settings)
    if job_id is None or study.job_id != job_id:  # else the job that has the study was itself resumed
        study, design, _ = may_go_on(store, study_id, job_id)
        refuse_minutes(minutes)
        prepared, notes = reopened(store, study, design, lambda done, line: report(0.0, line))
        study = take_over(store, study, minutes, job_id)
    else:
        assert design is not None
        prepared, notes = reopened(store, study, design, lambda done, line: report(0.0, line))
    return carried_through(Work(store, study, design, prepared, report, study.settings["budget"]["by_arm"]), notes)


def resume_in_job(store: Store, study_id: int, *, minutes: float | None = None) -> Job:
    """Begins `resume_study` as a job: that of the study where it was stopped or lost, else a new one."""
    study, design, job = may_go_on(store, study_id)
    left_of_study(store, study, design, minutes)  # refuses here, before anything is written
    if job is not None and job.state != "done":
        take_over(store, study, minutes, job.id)
        return jobs.resume(store, job.id)
    settings = {"study": study_id, "minutes": minutes, "version": design.version}
    begun = jobs.start(store, "study", settings)
    take_over(store, study, minutes, begun.id)  # at once: a second press finds the study at work
    return begun
