"""Evaluations in the store: one a job, however often it is resumed."""

from __future__ import annotations

from workbench import history
from workbench.rows import Rows
from workbench.store import Store, evaluations, goldens, jobs, runs


def test_a_job_finds_the_evaluation_that_its_earlier_try_began(store: Store) -> None:
    version, _ = history.commit(store, None, Rows.of("One."), dataset="desk", verb="import", settings={})
    with store.write() as connection:
        golden = goldens.add(
            connection,
            dataset_id=version.dataset_id,
            number=1,
            drawn_from=1,
            digest=version.digest,
            size=1,
            share=0.1,
            seed=0,
            strata={},
            groups={},
            who="ada",
        )
    run = runs.add(store, version, goldens.by_id(store, golden), {}, "ada", None)
    job = jobs.add(store, "evaluate", {"run": run.id}, "ada")
    assert evaluations.of_job(store, job.id) is None
    begun = evaluations.add(store, run.id, golden, {}, "ada", job.id)
    assert evaluations.of_job(store, job.id) == begun
