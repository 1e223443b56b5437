"""What makes the runs of a study comparable: steps, seeds, what is left out, and who is asked when."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from evaluators.statistics.learning_curve import learning_curve
from training.result import NOT_A_NUMBER
from training.run.trainer import total_steps
from workbench import running
from workbench.actions.plan_study import plan_study
from workbench.errors import BadInput
from workbench.store import Store, runs
from workbench.studying.asking import asked
from workbench.studying.conclude import Side, _held, _sweep, _worth
from workbench.studying.engine import _whole
from workbench.studying.measuring import Measured
from workbench.studying.questions import Question
from workbench.studying.search_space import Sweep
from workbench.studying.trials import Tried, _optuna, _trial, best_of

SETTINGS = ("epochs=2", "batch_size=8", "learning_rate=0.02")


def data(tiny_model: Path, *settings: str, **more) -> Question:
    given = {"seeds": (0, 1), "answers": False, **more}
    return Question("data", models=(str(tiny_model),), settings=settings or SETTINGS, **given)


def test_the_same_steps_are_the_very_same(store: Store, tiny_model: Path):
    design = plan_study(store, data(tiny_model, same_steps=True)).design
    steps = {total_steps(arm.plan(), arm.size, 8, 1) for arm in design.arms}
    assert [arm.size for arm in design.arms[:3]] == [13, 26, 52]
    assert steps == {14}  # two epochs of 52 rows in batches of 8
    assert any("14 steps" in note for note in design.notes)


def test_the_same_steps_are_refused_where_the_part_would_be_read_too_often(store: Store, tiny_model: Path):
    with pytest.raises(BadInput, match="100 is the most"):
        plan_study(store, data(tiny_model, "epochs=60", "batch_size=8", same_steps=True))


def test_a_cap_on_steps_that_the_larger_parts_run_into_is_told(store: Store, tiny_model: Path):
    notes = plan_study(store, data(tiny_model, *SETTINGS, "max_steps=4")).design.notes
    assert any("max_steps ends the larger runs" in note and "25 %: 4, 50 %: 4, 100 %: 4" in note for note in notes)
    assert not any("same number of epochs" in note for note in notes)


def test_one_seed_gives_a_figure_and_no_verdict():
    level = np.random.default_rng(0).normal(0, 0.3, 60)
    losses = np.array([1.7, 1.35, 1.1])[:, None, None] + level
    word, sentence = _worth(learning_curve((100, 200, 400), losses), 0.05)
    assert word == "can't tell"
    assert "run a second seed" in sentence


def test_a_run_that_ended_at_no_number_is_marked_and_left_out(store: Store, tiny_model: Path):
    ready = asked(store, data(tiny_model))
    run = running.begin(store, ready.prepared, arm={"name": "25 %, seed 0"}, rows=ready.prepared.table())
    runs.finish(store, run.id, {"ended": NOT_A_NUMBER, "notes": ["It broke. Kept is step 3, the last good one."]})
    assert _whole(SimpleNamespace(store=store), runs.get(store, run.id)) is None
    assert runs.get(store, run.id).arm["state"] == "diverged"
    assert "Kept is step 3" in runs.get(store, run.id).arm["why"]


def test_a_trial_that_broke_never_wins():
    tried = [Tried(0, "trial 0", (), 1, "trained", 2.0), Tried(1, "trial 1", (), 2, "diverged", 1.0)]
    assert best_of(tried).number == 0


def test_a_sweep_without_its_default_run_has_no_verdict():
    work = SimpleNamespace(samples=[], design=SimpleNamespace(decides="nll"))
    assert _held(work, {}, [("default", "winner")], "On golden")["verdict"] == "can't tell"


@pytest.mark.parametrize(("seeds", "word"), [((0,), "can't tell"), ((0, 1), "better")])
def test_a_side_that_is_better_under_one_seed_is_no_verdict(seeds: tuple[int, ...], word: str):
    chance = np.random.default_rng(0)

    def side(name: str, mean: float) -> Side:
        rows = {seed: chance.normal(mean, 0.01, 40) for seed in seeds}
        losses = {seed: {f"row-{at}": float(one) for at, one in enumerate(of)} for seed, of in rows.items()}
        return Side(name, {seed: Measured({"nll": one}, 1.0) for seed, one in losses.items()})

    work = SimpleNamespace(samples=[], design=SimpleNamespace(decides="nll", models=("one",)))
    told = _held(work, {"a": side("a", 2.0), "b": side("b", 1.0)}, [("a", "b")], "On golden")
    assert told["verdict"] == word
    assert "b is better than a" in told["sentence"]
    assert ("So it is for these two runs. One seed" in told["sentence"]) is (len(seeds) == 1)


@pytest.mark.parametrize(("done", "word"), [(1, "can't tell"), (3, "keep the plan")])
def test_a_sweep_that_was_cut_short_does_not_say_that_the_plan_is_best(done: int, word: str):
    tried = [Tried(at, f"trial {at}", (), at + 1, "trained", 1.0 + at) for at in range(done)]
    work = SimpleNamespace(design=SimpleNamespace(sweep=Sweep(3, "tpe", {"rank": (4.0, 64.0)})))
    assert _sweep(work, {}, tried)["verdict"] == word


def test_a_sweep_killed_between_two_knobs_asks_for_the_same_points(tmp_path: Path):
    space = Sweep(4, "tpe", {"learning_rate": (0.001, 0.016), "rank": (4.0, 64.0)})

    def opened(name: str):
        (tmp_path / name).mkdir(exist_ok=True)
        arms = [SimpleNamespace(seed=3)]
        work = SimpleNamespace(place=tmp_path / name, study=SimpleNamespace(id=1), design=SimpleNamespace(arms=arms))
        return _optuna(work, space)

    def points(name: str) -> list[dict[str, float]]:
        return [dict(_trial(opened(name), space, number).params) for number in range(3)]

    whole = points("whole")
    study = opened("killed")
    _trial(study, space, 0)
    begun = study.ask()
    begun.suggest_float("learning_rate", 0.001, 0.016, log=True)
    killed = points("killed")
    assert killed[1]["rank"] == whole[1]["rank"]
    assert killed[2] == whole[2]
