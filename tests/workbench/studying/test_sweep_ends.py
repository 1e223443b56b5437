"""How a sweep ends: the plan as it stands may be the best, a hopeless trial is ended, and both are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench.actions.study import study
from workbench.reports.studies import head_of
from workbench.store import Store, runs
from workbench.studying import measuring
from workbench.studying.conclude import _sweep
from workbench.studying.questions import Question
from workbench.studying.trials import Tried


def sweep(model: Path, *settings: str) -> Question:
    rates = {"learning_rate": (0.00001, 0.0001)}
    return Question("sweep", models=(str(model),), settings=("batch_size=8", "learning_rate=0.02", *settings),
                    seeds=(0, 1), answers=False, knobs=rates, way="grid")  # fmt: skip


def test_a_sweep_that_the_plan_wins_reads_no_golden_and_tells_which_trial_was_ended_and_why(
    store: Store, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(measuring, "measure", lambda *a, **k: pytest.fail("golden was read"))
    told = study(store, sweep(tiny_model, "epochs=2")).result
    assert (told["state"], told["verdict"]) == ("finished", "keep the plan")
    assert [one["state"] for one in told["tried"]] == ["trained", "trained", "pruned"]
    assert told["tried"][2]["loss"] > told["tried"][0]["loss"]
    assert "None of the 2 other trials (1 ended early) beat the plan" in told["sentence"]
    said = told["notes"][0]
    assert re.match(r"trial 2 \(run 3\) was ended before its last step: ended after evaluation [23]: loss \d", said)
    assert (told["arms"], told["bases"], told["comparisons"]) == ([], [], [])
    assert head_of(told) == "Chosen by the loss on the rows kept aside; golden was not read."
    assert len(runs.listed(store)) == 3  # the second seed has nothing to confirm


def test_no_trial_is_ended_at_its_last_step(store: Store, tiny_model: Path):
    told = study(store, sweep(tiny_model, "epochs=1")).result  # two evaluations, the second at the last step
    assert [one["state"] for one in told["tried"]] == ["trained", "trained", "trained"]


def test_a_sweep_cut_short_before_golden_does_not_say_that_golden_was_asked():
    from types import SimpleNamespace

    from workbench.studying.search_space import Sweep

    sweep = Sweep(2, "tpe", {"rank": (4.0, 64.0)})
    work = SimpleNamespace(samples=[], design=SimpleNamespace(decides="nll", sweep=sweep))
    tried = [Tried(0, "trial 0", (), 1, "trained", 2.0), Tried(1, "trial 1", ("rank=8",), 2, "trained", 1.0)]
    told = _sweep(work, {}, tried)
    assert told["sentence"].endswith("Nothing can be said: default and winner were not both trained to their end.")
