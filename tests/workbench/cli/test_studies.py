"""goldloop study: the budget is shown and asked for before anything starts; what was found is told."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from workbench.cli import main
from workbench.cli.studies import _knobs
from workbench.errors import BadInput
from workbench.rows import Rows
from workbench.store import Store, datasets, studies

LINE = {
    "a": "all rows", "b": "clean rows", "scorer": "nll", "title": "Surprise at the reference", "unit": "nats per token",
    "mean_a": 1.5, "mean_b": 1.2, "difference": 0.3, "low": 0.1, "high": 0.5, "p": 0.01, "verdict": "better",
    "decides": True,
}  # fmt: skip
ARM = {
    "name": "clean rows, seed 0", "side": "clean rows", "seed": 0, "model": "toy", "settings": [], "size": 40, "run": 7,
    "state": "measured", "steps": 12, "seconds": 3.0, "learning_rate": 0.002, "validation": 1.1, "loss": 1.2,
    "bits": 2.0, "deciding": 1.2,
}  # fmt: skip
RESULT = {
    "state": "finished", "decides": "nll", "reason": "chosen", "arms": [ARM], "bases": [], "tried": [],
    "notes": ["Measured on 14 rows."], "seconds": 61.0, "predicted": {"seconds": 80.0}, "rows": 14, "verdict": "better",
    "sentence": "Cleaning is better.", "comparisons": [LINE], "seeds": [0, 1],
}  # fmt: skip


def ready(store: Store) -> None:
    datasets.add_version(
        store, "desk", Rows.of("One.", "Two."), parent=None, verb="import", settings={}, counts={}, who="Ann"
    )
    settings = {"version": "desk@1", "title": "Clean?", "budget": {"sentence": "6 runs, about 3 min."}}
    studies.add(store, "desk", "rows", settings, "Ann")
    studies.add(store, "desk", "data", settings, "Ann")
    studies.finish(store, 1, RESULT)


def said(store: Store, *words: str) -> str:
    done = CliRunner().invoke(main, ["--store", str(store.root), "study", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_studies_are_listed_with_their_verdicts(store: Store) -> None:
    assert "Ask: goldloop study data" in said(store)
    ready(store)
    listed = said(store)
    assert "better" in listed
    assert "stopped" in listed


def test_a_finished_study_is_told_with_runs_comparison_and_how(store: Store) -> None:
    ready(store)
    told = said(store, "show", "1")
    assert "BETTER. Cleaning is better." in told
    assert "clean rows against all rows" in told
    assert "+0.30 [+0.10, +0.50]" in told
    assert "Took 61 s, 80 s predicted." in told
    assert "Measured on 14 rows." in told


def test_a_study_that_was_stopped_tells_its_budget_and_the_way_on(store: Store) -> None:
    ready(store)
    told = said(store, "show", "2")
    assert "6 runs, about 3 min." in told
    assert "It was stopped; let it go on with: goldloop study resume 2" in told


def test_what_to_try_is_read_as_knobs_with_values() -> None:
    assert _knobs(("rank=4,16", "epochs")) == {"rank": (4.0, 16.0), "epochs": ()}
    with pytest.raises(BadInput, match="nothing to try"):
        _knobs(("rank=many",))
