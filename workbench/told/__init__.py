"""What every area knows of an evaluation, as plain values: people, judges, probes, prompts, golden, leaks, gaps."""

from __future__ import annotations

from typing import Any

from workbench.blind.told import told as of_people
from workbench.judging.results import told as of_judges
from workbench.records import Evaluation
from workbench.store import Store, goldens, prompts, runs, suspects
from workbench.told import failures, follow_up, golden, probes, studies


def told_of(store: Store, evaluation: Evaluation) -> dict[str, Any]:
    """Area -> what its own reader tells for a report; None where an area has nothing to tell yet.

    people (blind rounds), judges, probes (of the run), prompts (the ladder of the dataset), golden (parts, looks,
    sign-off, errata), leaks (as things stood when the run began), failures (error analysis), follow_up (of the last
    gaps), studies (of the dataset). Each reader's docstring lists its keys. Evaluations of sealed rows have no failures
    and no follow-up.
    """
    run = runs.get(store, evaluation.run_id)
    sealed = (evaluation.summary or {}).get("part") == "sealed"
    return {
        "people": of_people(store, evaluation.id),
        "judges": None if sealed else of_judges(store, evaluation.id),
        "probes": probes.told(store, run.id),
        "prompts": prompts.told(store, run.dataset),
        "golden": golden.told(store, goldens.by_id(store, evaluation.golden_id)),
        "leaks": suspects.told(store, run),
        "failures": None if sealed else failures.told(store, evaluation.id),
        "follow_up": None if sealed else follow_up.told(store, evaluation.id),
        "studies": studies.told(store, run.dataset),
    }
