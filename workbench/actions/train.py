"""Train an adapter on a version and remember the run."""

from __future__ import annotations

from collections.abc import Iterable

from training.plan import TrainingPlan
from workbench import jobs, running
from workbench.errors import Refused
from workbench.records import Run
from workbench.settings import DEFAULT_MODEL, Report, no_report
from workbench.store import Store, runs
from workbench.training_side import prepare

RECENT_JOBS = 20  # among which the same run may be going on


def train(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    report: Report = no_report,
    job_id: int | None = None,
) -> Run:
    """Trains an adapter on the usable rows of a version; takes minutes to hours, so the faces run it as a job.

    settings: texts such as "epochs=2". With the job_id of an earlier try the run goes on from its last checkpoint.
    Raises Refused with the offending pairs when a golden row, or a near copy of one, stands in the rows.
    """
    earlier = runs.of_job(store, job_id) if job_id is not None else None
    if earlier is not None:
        return running.carry_on(store, earlier, report, resume=True)
    prepared = prepare(store, version, model=model, settings=settings, report=lambda done, line: report(0.0, line))
    return running.carry_on(store, running.begin(store, prepared, job_id=job_id), report, resume=False)


def refuse_twice(store: Store, version: str, plan: TrainingPlan) -> None:
    """Raises Refused while the very same run is going on: asked for again it is a slip, and both would be one run.

    version: the label of the rows. Another knob, such as another seed, makes it another run.
    """
    for job in jobs.listed(store, kind="train", limit=RECENT_JOBS):
        if job.over or job.stop or job.settings.get("version") != version:
            continue
        theirs = TrainingPlan(model=job.settings.get("model") or DEFAULT_MODEL)
        if theirs.with_settings(job.settings.get("settings") or ()) == plan:
            raise Refused(
                f"This very run is going on already (job {job.id}). Watch it on the Runs screen or with: goldloop jobs "
                f"watch {job.id}. Or change a knob; another seed trains the same with other chance."
            )
