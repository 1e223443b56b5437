"""A sweep at work: few trials chosen by Optuna, hopeless ones ended early, the winner held against the plan as it is

Trials are chosen by the loss on the rows kept aside on the training side; golden is asked once, afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.plan import TrainingPlan
from training.result import read_metrics, read_training
from training.run.trainer import total_steps
from workbench.errors import Cancelled
from workbench.records import Run
from workbench.settings import Report
from workbench.store import runs
from workbench.studying.design import ArmPlan, Sweep
from workbench.studying.engine import PRUNED, Work, measure_bases, measured, trained
from workbench.studying.search_space import points, settings_of

JOURNAL = "trials.journal"
BEFORE_PRUNING = 2  # finished trials before any is ended early, and the first evaluation at which a trial may be
FIRST = 0  # the trial of the plan as it stands


class Pruned(Cancelled):
    """A trial fell behind the middle of the earlier ones. Like a stop on request: what it has is kept."""


@dataclass(frozen=True)
class Tried:
    """A trial as it ended. state: "trained", "pruned" or "diverged"; loss: the lowest on the rows kept aside so far."""

    number: int
    arm: str
    settings: tuple[str, ...]
    run: int | None
    state: str
    loss: float | None


def sweep(work: Work) -> None:
    """Carries a sweep out: trials, choice, then default and winner under every seed, measured on golden.

    Where no trial beat the plan as it stands there is nothing to compare, and golden is left alone. Raises OutOfBudget
    when the minutes are over, with what was tried kept.
    """
    assert work.design.sweep is not None
    tried = try_all(work, work.design.sweep)
    winner = best_of(tried)
    if winner is None or winner.number == FIRST:
        return
    measure_bases(work)
    for arm in confirming(work, tried[FIRST], winner):
        run = trained(work, arm)
        if run is not None:
            measured(work, arm, run)
        work.finished(arm.name)


def try_all(work: Work, space: Sweep) -> list[Tried]:
    """Every trial, in order; those that are over are not done again."""
    study = _optuna(work, space)
    tried: list[Tried] = []
    for number in range(space.trials):
        trial = _trial(study, space, number)
        if trial is None:
            break
        settings = settings_of(trial.params) if number != FIRST else ()
        arm = trial_arm(work.design.arms[0], number, settings)
        tried.append(_one(work, study, trial, arm))
        work.finished(arm.name)
    return tried


def known_trials(work: Work) -> list[Tried]:
    """The trials as far as they went; nothing is trained."""
    assert work.design.sweep is not None
    if not (work.place / JOURNAL).exists():
        return []
    told = []
    for one in _optuna(work, work.design.sweep).get_trials(deepcopy=False):
        settings = settings_of(one.params) if one.number != FIRST else ()
        arm = trial_arm(work.design.arms[0], one.number, settings)
        run = _run_of(work, arm)
        if run is not None:
            told.append(_told(work, run, one.number, arm, settings))
    return told


def trial_arm(first: ArmPlan, number: int, settings: tuple[str, ...]) -> ArmPlan:
    """The arm of a trial: the plan as it stands, with the trial's knobs."""
    return replace(first, name=f"trial {number}", side="trials", settings=(*first.settings, *settings))


def best_of(tried: list[Tried]) -> Tried | None:
    """The trial with the lowest loss on the rows kept aside; the earlier one of equals. None when none was finished."""
    done = [one for one in tried if one.state == "trained" and one.loss is not None]
    return min(done, key=lambda one: (one.loss, one.number)) if done else None


def confirming(work: Work, default: Tried, winner: Tried) -> list[ArmPlan]:
    """Default and winner under every seed of the study, none where they are one; the first seed's are the trials."""
    arms: list[ArmPlan] = []
    if winner.number == FIRST:
        return arms
    for place, base in enumerate(work.design.arms):
        for side, one in (("default", default), ("winner", winner)):
            if one.run is None or one.state != "trained":
                continue
            run = one.run if place == 0 else None
            settings = (*base.settings, *one.settings)
            arms.append(replace(base, name=f"{side}, seed {base.seed}", side=side, settings=settings, run=run))
    return arms


def _one(work: Work, study: Any, trial: Any, arm: ArmPlan) -> Tried:
    import optuna

    number = trial.number
    settings = tuple(arm.settings[len(work.design.arms[0].settings) :])
    run = _run_of(work, arm)
    if trial.state_is_finished:
        return _told(work, run, number, arm, settings)
    try:
        done = trained(work, arm, lambda run, report: _watched(work, trial.handle, run, report))
    except Pruned as reason:
        run = _run_of(work, arm)
        assert run is not None
        runs.note(work.store, run.id, arm={**(run.arm or {}), "state": PRUNED, "why": str(reason)})
        study.tell(number, state=optuna.trial.TrialState.PRUNED)
        return _told(work, _run_of(work, arm), number, arm, settings)
    loss = _least(done)
    if loss is None:
        study.tell(number, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(number, loss)
    return _told(work, _run_of(work, arm), number, arm, settings)


def _told(work: Work, run: Run | None, number: int, arm: ArmPlan, settings: tuple[str, ...]) -> Tried:
    state = str((run.arm or {}).get("state") or ("trained" if run.result else "training")) if run else "diverged"
    loss = _least(run)
    if run is not None and loss is None:  # ended before its result: what it was told of it on the way
        loss = min(_evaluations(runs.folder(work.store, run.id)), default=None)
    return Tried(number, arm.name, settings, run.id if run else None, state, loss)


def _evaluations(folder: Path) -> list[float]:
    """The losses of a run on the rows kept aside after its first step, in order."""
    return [m["eval_loss"] for m in read_metrics(folder) if m["step"] > 0 and m.get("eval_loss") is not None]


def _run_of(work: Work, arm: ArmPlan) -> Run | None:
    return work.runs().get(arm.name)


def _least(run: Run | None) -> float | None:
    """The lowest loss on the rows kept aside after the first step."""
    found = (run.result or {}).get("validation_losses") if run else None
    return min((loss for step, loss in found or () if step > 0), default=None)


def _watched(work: Work, trial: Any, run: Run, report: Report) -> Report:
    """The report of a trial that tells Optuna each validation loss, and ends the trial where it falls behind."""
    folder, known = runs.folder(work.store, run.id), [0]
    plan = TrainingPlan.model_validate(run.plan)
    last = total_steps(plan, int((run.arm or {})["size"]), plan.batch_size, plan.accumulation)

    def watching(done: float, line: str) -> None:
        report(done, line)
        losses = _evaluations(folder)
        fresh = len(losses) > known[0]
        for place in range(known[0], len(losses)):
            trial.report(losses[place], place + 1)
        known[0] = len(losses)
        over = not fresh or read_training(folder) is not None or read_metrics(folder)[-1]["step"] >= last
        if not over and trial.should_prune():  # at its last step ending it would spare nothing
            raise Pruned(
                f"ended after evaluation {len(losses)}: loss {losses[-1]:.3f} on the rows kept aside, behind the "
                "middle of the earlier trials"
            )

    return watching


@dataclass(frozen=True)
class _Trial:
    """An Optuna trial that is to be done, or one that is over."""

    number: int
    params: dict[str, float]
    state_is_finished: bool
    handle: Any


def _trial(study: Any, space: Sweep, number: int) -> _Trial | None:
    """The trial with that number: as it was begun before, or the next one that the sampler wants."""
    import optuna

    known = {one.number: one for one in study.get_trials(deepcopy=False)}
    if number in known:
        frozen = known[number]
        missing = [name for name in space.values if name not in frozen.params] if number != FIRST else []
        handle = optuna.trial.Trial(study, frozen._trial_id)
        if missing and not frozen.state.is_finished():  # killed between the number and its knobs
            _suggest(handle, space)
        return _Trial(number, dict(handle.params), frozen.state.is_finished(), handle)
    handle = study.ask()
    if number != FIRST:
        _suggest(handle, space)
    return _Trial(number, dict(handle.params), False, handle)


def _suggest(trial: Any, space: Sweep) -> None:
    for place, (knob, values) in enumerate(space.values.items()):
        trial.study.sampler = _sampler(trial.study, trial.number, place)
        if space.way == "grid":
            at = points(space)[trial.number - 1][knob]
            values = (at, at)
        if knob == "rank":
            trial.suggest_int(knob, round(values[0]), round(values[-1]), log=True)
        else:
            trial.suggest_float(knob, values[0], values[-1], log=knob == "learning_rate")


def _sampler(study: Any, number: int, place: int) -> Any:
    """A sampler seeded by study, trial and knob, so that a sweep killed between two knobs asks for the same points."""
    import optuna

    seed = 10_000 * int(study.user_attrs["seed"]) + 10 * number + place
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=3)


def _optuna(work: Work, space: Sweep) -> Any:
    """The Optuna study in a journal file of the study's folder, made or opened again."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = str(work.place / JOURNAL)
    storage = JournalStorage(JournalFileBackend(path, lock_obj=JournalFileOpenLock(path)))
    pruner = optuna.pruners.MedianPruner(n_startup_trials=BEFORE_PRUNING, n_warmup_steps=BEFORE_PRUNING)
    study = optuna.create_study(
        study_name=f"study {work.study.id}", storage=storage, pruner=pruner, direction="minimize", load_if_exists=True
    )
    study.set_user_attr("seed", work.design.arms[0].seed)
    return study
