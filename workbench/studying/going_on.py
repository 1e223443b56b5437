"""A study that was stopped, killed or cut short by its minutes goes on: what stands, what is left, under what it may"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench import jobs
from workbench.errors import BadInput, NotFound, Refused
from workbench.records import Golden, Job, Run, Study
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, goldens, runs, studies
from workbench.store.store import now
from workbench.studying.asking import Asked
from workbench.studying.budget import Budget, budget_of
from workbench.studying.design import MOST_MINUTES, Design, folder, read_design
from workbench.studying.engine import BROKEN, PRUNED, allowed_seconds, path_of, seconds_spent
from workbench.training_side import Prepared, prepare

Standing = Literal["at work", "stopped", "cut short", "finished"]


@dataclass(frozen=True)
class Left:
    """What is left of a study. kept: runs that stand; half: begun and not done; notes: what changed meanwhile."""

    study: Study
    version: str
    golden: Golden
    kept: int
    half: int
    budget: Budget
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What stands, and what the rest takes."""
        stand = "1 run stands and" if self.kept == 1 else f"{self.kept} runs stand and"
        stand = f"{stand} will not be trained again" if self.kept else "No run is done yet"
        begun = f", {self.half} begun and going on from its checkpoint" if self.half == 1 else ""
        begun = f", {self.half} begun and going on from their checkpoints" if self.half > 1 else begun
        return f"{stand}{begun}. Left: {self.budget.sentence}"


def standing(store: Store, study: Study) -> tuple[Standing, Job | None]:
    """How a study stands, and its job where there is one."""
    job = _job_of(store, study)
    if job is not None and not job.over:
        return "at work", job
    if study.result is None:
        return "stopped", job
    return ("cut short" if study.result["state"] == "cut short" else "finished"), job


def may_go_on(store: Store, study_id: int, mine: int | None = None) -> tuple[Study, Design, Job | None]:
    """A study of which something is left. mine: the job that asks. Raises NotFound, Refused if at work or finished."""
    study = studies.get(store, study_id)
    state, job = standing(store, study)
    if state == "at work" and job is not None and job.id != mine:
        raise Refused(f"Study {study_id} is at work in job {job.id}. Watch it with: goldloop jobs watch {job.id}")
    if state == "finished":
        raise Refused(f"Study {study_id} is finished: none of its runs is missing. See: goldloop study show {study_id}")
    design = read_design(store, study_id, study.settings)
    if design is None:
        raise Refused(f"Study {study_id} was ended before its rows were written down. Ask its question again.")
    return study, design, job


def reopened(store: Store, study: Study, design: Design, report: Report = no_report) -> tuple[Prepared, list[str]]:
    """The rows of a study as it was decided, and what a person should know of the meantime.

    Its own version and its own golden set count, whatever came since. Raises Refused where rows of the version were
    ruled to be leaks by now, or where a plan means other knobs than those of its finished runs; as `prepare` does.
    """
    own = goldens.by_id(store, design.golden_id)
    newest, version = goldens.newest(store, own.dataset), datasets.version(store, design.version)
    edited = goldens.with_errata(store, own)
    refuse_other_knobs(runs_of(store, study), design)
    prepared = prepare(
        store, design.version, model=design.arms[-1].model, golden=None if edited.id == newest.id else edited,
        wait=True, report=report,
    )  # fmt: skip
    notes = []
    last = datasets.version(store, version.dataset)
    if last.id != version.id:
        notes.append(f"{last.label} is the newest version by now; the study stays on {version.label}, as its first "
                     "runs did.")  # fmt: skip
    if edited.id != own.id:
        notes.append(f"{edited.label} put texts of {own.label} right; the study is measured on the texts as they were, "
                     "as its first runs were.")  # fmt: skip
    if edited.id != newest.id:
        notes.append(f"{newest.label} is in force by now; the study stays with {own.label}, on which its first runs "
                     f"were measured. Its runs may train on rows that are golden now, so they count on {own.label} "
                     f"only and are never evaluated on {newest.label}.")  # fmt: skip
    return replace(prepared, golden=own), notes


def refuse_other_knobs(known: dict[str, Run], design: Design) -> None:
    """Raises Refused where a run of the study was trained with other knobs than its arm would get here."""
    for arm in design.arms:
        run = known.get(arm.name)
        if run is None or arm.run is not None:
            continue
        here = arm.plan().model_dump(mode="json")
        other = [f"{name} {run.plan[name]} then, {value} now" for name, value in here.items()
                 if name in run.plan and run.plan[name] != value]  # fmt: skip
        if other:
            raise Refused(
                f"Run {run.id} of the study was trained with other defaults than this Goldloop has "
                f"({', '.join(other)}), so a run trained now could not stand beside it. Begin a new study."
            )


def runs_of(store: Store, study: Study) -> dict[str, Run]:
    """Arm -> its run, as far as it was begun."""
    return {str((run.arm or {}).get("name")): run for run in runs.listed(store, study_id=study.id)}


def left_of_study(store: Store, study: Study, design: Design, minutes: float | None) -> Left:
    """What stands of a study and what the rest takes; nothing is written. Raises as `reopened` does, BadInput."""
    refuse_minutes(minutes)
    prepared, notes = reopened(store, study, design)
    known = runs_of(store, study)
    over = {name for name, run in known.items() if run.result is not None or _state(run) in (BROKEN, PRUNED)}
    names = {arm.name for arm in design.arms} | set(known)
    done = {name for name in names if path_of(store, study.id, name).is_file()}
    bases = {f"base-{at}" for at in range(len(design.models)) if path_of(store, study.id, f"base-{at}").is_file()}
    budget = budget_of(store, Asked(design, prepared), trained=over, measured=done | bases)
    job = _job_of(store, study)
    if minutes is None and (
        study.result is None or (job is not None and job.state != "done")
    ):  # stopped, not cut short: it goes on under the minutes that it had
        allowed = allowed_seconds(study, design)
        spent = seconds_spent(folder(store, study.id))
        minutes = None if allowed is None else max(0.0, allowed - spent) / 60
    return Left(
        study, design.version, prepared.golden, len(over), len(known) - len(over), replace(budget, minutes=minutes),
        tuple(notes),
    )  # fmt: skip


def refuse_minutes(minutes: float | None) -> None:
    """Raises BadInput for what is no number of minutes to go on for."""
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise BadInput(f"{minutes:g} minutes are no budget; give more than 0.")


def take_over(store: Store, study: Study, minutes: float | None, job_id: int | None) -> Study:
    """The study in the hands of this job, with its minutes noted. Raises Refused where somebody else was quicker."""
    after = (study.result or {}).get("state") or "stopped"
    granted: dict[str, Any] | None = {
        "minutes": minutes, "spent": seconds_spent(folder(store, study.id)), "when": now(), "after": after,
    }  # fmt: skip
    if minutes is None and (after == "stopped" or job_id == study.job_id is not None):
        granted = None  # it goes on under the minutes that it had
    taken = studies.hand_over(store, study.id, study.job_id, job_id, granted)
    if taken is None:
        now_has = studies.get(store, study.id)
        if job_id is not None and now_has.job_id == job_id:  # handed over by the face that began this job
            return now_has
        raise Refused(f"Somebody else has just let study {study.id} go on. See: goldloop jobs")
    return taken


def told_of(study: Study) -> list[str]:
    """How often the study went on, for its notes."""
    lines = []
    for one in study.settings.get("granted") or ():
        how = "without a limit" if one["minutes"] is None else f"with {one['minutes']:g} more minutes"
        lines.append(
            f"{'Cut short' if one['after'] == 'cut short' else 'Stopped'} after {one['spent'] / 60:.1f} minutes of "
            f"work, it went on at {one['when'][:16].replace('T', ' ')} UTC {how}: plan, seeds and rows are the first "
            "ones, and finished runs were kept."
        )
    return lines


def _state(run: Run) -> str:
    return str((run.arm or {}).get("state") or "")


def _job_of(store: Store, study: Study) -> Job | None:
    if study.job_id is None:
        return None
    try:
        return jobs.get(store, study.job_id)
    except NotFound:
        return None
