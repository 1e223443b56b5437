"""Train an adapter on a version and remember the run."""

from __future__ import annotations

from collections.abc import Iterable

from workbench import running
from workbench.records import Run
from workbench.settings import Report, no_report
from workbench.store import Store, runs
from workbench.training_side import prepare


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
