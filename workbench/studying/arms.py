"""The arms of each question: what is trained, on which rows, and what a person should know before the start"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from training.plan import TrainingPlan
from training.run.split import kept_aside
from training.run.trainer import steps_per_epoch, total_steps
from workbench.errors import BadInput
from workbench.records import Run
from workbench.store import Store, runs
from workbench.studying.design import ALL, ArmPlan, Sweep, model_of, seeds_of
from workbench.studying.questions import SEVERITIES, Question, leaves_out
from workbench.studying.row_sets import SHARES, Pool, as_many, left_of, nested, set_aside
from workbench.studying.search_space import sweep_of
from workbench.training_side import Prepared

MOST_EPOCHS = 100  # the plan's own bound


@dataclass(frozen=True)
class Drawing:
    """What the arms of a question are drawn from. old: the earlier run of a rebase."""

    store: Store
    question: Question
    prepared: Prepared
    pool: Pool
    flagged: frozenset[str]
    old: Run | None

    @property
    def plan(self) -> TrainingPlan:
        return self.prepared.plan

    def aside(self, pool: Pool | None = None) -> tuple[str, ...]:
        return set_aside(pool or self.pool, share=self.plan.validation_share, seed=self.plan.seed)

    def arm(self, side: str, seed: int, rows: str, size: int, **more: Any) -> ArmPlan:
        model, settings = more.pop("model", self.plan.model), more.pop("settings", self.question.settings)
        told = tuple(one for one in settings if not one.replace(" ", "").startswith("seed="))
        return ArmPlan(more.pop("name", f"{side}, seed {seed}"), side, seed, model, told, rows, size, **more)


Drawn = tuple[list[ArmPlan], dict[str, tuple[str, ...]], tuple[str, ...], list[str], Sweep | None]


def drawn(of: Drawing) -> Drawn:
    """Arms, the sets of rows that they train on, the rows kept aside in all, notes, and what a sweep searches.

    Raises BadInput for a question that cannot be put to these rows.
    """
    ways = {"data": _data, "rows": _rows, "duel": _duel, "sweep": _sweep, "rebase": _rebase}
    return ways[of.question.kind](of)


def _data(of: Drawing) -> Drawn:
    """Nested quarter, half and whole, drawn anew for each seed, so that the curve does not rest on one lucky draw."""
    seeds, aside = seeds_of(of.question.seeds), of.aside()
    pool = of.pool.only(left_of(of.pool, aside))
    arms: list[ArmPlan] = []
    sets: dict[str, tuple[str, ...]] = {}
    for seed in seeds:
        parts = nested(pool, SHARES, seed=seed)
        sizes = [len(part) for part in parts.values()]
        if len(set(sizes)) < len(sizes):
            raise BadInput(
                f"{of.prepared.version.label} has too few groups of copies to be halved twice: the parts would have "
                f"{', '.join(map(str, sizes))} rows."
            )
        for share, ids in parts.items():
            key = ALL if share == 1 else f"{share:.0%} seed {seed}"
            sets[key] = ids
            settings = of.question.settings
            if of.question.same_steps and share < 1:
                settings = (*settings, *_as_many_steps(of.plan, len(ids), len(pool.ids)))
            arms.append(of.arm(f"{100 * share:.0f} %", seed, key, len(ids), settings=settings))
    notes = [
        f"The parts hold one another (the quarter is within the half), copies stay together, topics keep their share; "
        f"each seed draws its own. The same {len(aside)} rows are kept aside in every run.",
        _steps_note(arms, same=of.question.same_steps),
    ]
    if len(seeds) == 1:
        notes.append("One seed: the chance of training itself stays unknown, and the intervals are too narrow for it.")
    return arms, sets, aside, notes, None


def _steps(plan: TrainingPlan, rows: int) -> int:
    return total_steps(plan, rows, plan.batch_size, plan.accumulation)


def _as_many_steps(plan: TrainingPlan, part: int, whole: int) -> tuple[str, str]:
    """Knobs with which a part takes exactly the steps of the whole. Raises BadInput where that is too many epochs."""
    wanted = _steps(plan, whole)
    epochs = math.ceil(wanted / steps_per_epoch(part, plan.batch_size, plan.accumulation))
    if epochs > MOST_EPOCHS:
        raise BadInput(
            f"With the same steps, {part} rows would be gone through {epochs} times, and {MOST_EPOCHS} is the most. "
            "Take fewer epochs, or leave the same steps out."
        )
    return f"epochs={max(epochs, plan.epochs):g}", f"max_steps={wanted}"


def _steps_note(arms: Sequence[ArmPlan], *, same: bool) -> str:
    """What is held equal between small and large parts, by the steps that they really take."""
    steps = {arm.side: _steps(arm.plan(), arm.size) for arm in arms}
    told = ", ".join(f"{side}: {count}" for side, count in steps.items())
    if same:
        return (
            f"All runs take the same {max(steps.values())} steps; so the small parts go through their rows more often."
        )
    if arms[0].plan().max_steps is not None and len(set(steps.values())) < len(steps):
        return (
            f"max_steps ends the larger runs before their epochs are over (steps: {told}); they hardly read their "
            "extra rows, so the curve says little of them. Leave max_steps empty for this question."
        )
    return (
        f"All runs have the same number of epochs, so the small parts take fewer steps ({told}). Ask for the same "
        "steps to hold that equal instead."
    )


def _rows(of: Drawing) -> Drawn:
    """Clean rows, all rows, and as many of all rows as there are clean ones."""
    if of.question.severity not in SEVERITIES:
        raise BadInput(f'"{of.question.severity}" is no severity. They are: {", ".join(SEVERITIES)}.')
    clean, named = [one for one in of.pool.ids if one not in of.flagged], ", ".join(SEVERITIES[of.question.severity])
    if len(clean) == len(of.pool.ids):
        raise BadInput(
            f"No row of {of.prepared.version.label} has an open finding of that severity ({named}), so clean and all "
            "rows are the same. Choose a wider severity. To ask it of rows that were mended already, import them as "
            "they were under another name."
        )
    seeds, aside = seeds_of(of.question.seeds), of.aside(of.pool.only(clean))
    left = left_of(of.pool, aside)
    tidy = tuple(one for one in left if one not in of.flagged)
    sets = {ALL: left, "clean": tidy}
    arms = []
    settings = of.question.settings
    if leaves_out(of.question, of.plan):
        settings = (*settings, "untrainable=leave out")
    for seed in seeds:
        arms += [
            of.arm("all rows", seed, ALL, len(left), settings=settings),
            of.arm("clean rows", seed, "clean", len(tidy), settings=settings),
        ]
        if of.question.same_size:
            key = f"as many seed {seed}"
            sets[key] = as_many(of.pool.only(left), len(tidy), seed=seed)
            arms.append(of.arm("all rows, as many as clean", seed, key, len(sets[key]), settings=settings))
    notes = [
        f"{len(left) - len(tidy)} of {len(left)} rows have open findings ({named}; likeness to golden rows is no "
        f"fault here). The sizes differ: {len(tidy)} clean rows against {len(left)}"
        + ("; a third arm takes as many of all rows as are clean." if of.question.same_size else "."),
        f"The same {len(aside)} clean rows are kept aside in every run; rows that copy them are trained on in none.",
    ]
    return arms, sets, aside, notes, None


def _duel(of: Drawing) -> Drawn:
    models = tuple(dict.fromkeys(model_of(one) for one in of.question.models))
    if len(models) != 2:
        raise BadInput("A duel takes two different base models: --model A --model B.")
    seeds, aside = seeds_of(of.question.seeds), of.aside()
    left = left_of(of.pool, aside)
    arms = [of.arm(_short(model), seed, ALL, len(left), model=model) for seed in seeds for model in models]
    if len({arm.side for arm in arms}) < 2:
        arms = [replace(arm, side=arm.model, name=f"{arm.model}, seed {arm.seed}") for arm in arms]
    notes = [
        "Same rows, same rows kept aside, same seeds and epochs for both. Losses per token of different tokenizers "
        "cannot be compared, so the replies are compared in bits per byte, and by their answers.",
        *_rate_note(of.plan),
    ]
    return arms, {ALL: left}, aside, notes, None


def _sweep(of: Drawing) -> Drawn:
    if not of.plan.validation_share:
        raise BadInput("A sweep chooses by the validation loss, so validation_share cannot be 0.")
    seeds, aside = seeds_of(of.question.seeds), of.aside()
    if not aside:
        raise BadInput("There are too few groups of rows to keep any aside, so a sweep has nothing to choose by.")
    left = left_of(of.pool, aside)
    sweep = sweep_of(of.question.knobs, of.question.way, of.question.trials, of.plan)
    settings = of.question.settings
    if of.plan.evaluations_per_epoch < 2:
        settings = (*settings, "evaluations_per_epoch=2")
    arms = [of.arm("default", seed, ALL, len(left), settings=settings) for seed in seeds]
    notes = [
        f"Up to {sweep.trials} trials under seed {seeds[0]}, the plan as it stands first; a trial behind the "
        f"middle of the earlier ones is ended. The winner is chosen by the loss on the {len(aside)} rows kept aside, "
        "never by golden.",
        "Then one comparison on golden: the winner against the plan as it stands"
        + (f", both also trained under seed {', '.join(map(str, seeds[1:]))}." if seeds[1:] else ".")
        + " Where no trial beats the plan there is nothing to compare, and the study ends sooner.",
    ]
    return arms, {ALL: left}, aside, notes, sweep


def _rebase(of: Drawing) -> Drawn:
    """The old run as it stands and a new one beside it; under every other seed the old base is trained again, too."""
    assert of.old is not None
    old, new = of.old, of.plan.model
    if old.plan["model"] == new:
        raise BadInput(f"Run {old.id} was trained on {new} itself. Name the new base model: --model NEW")
    kept, dropped = carried(old)
    left, aside = _same_rows(of, old)
    own = int(old.plan.get("seed", 0))
    seeds = _seeds_with(own, of.question.seeds)
    rate = old.plan.get("learning_rate")
    again = kept if rate is None else (*kept, f"learning_rate={rate}")
    was, side = str(old.plan["model"]), f"{_short(str(old.plan['model']))} (old)"
    arms: list[ArmPlan] = []
    for seed in seeds:
        if seed == own:
            size = (old.result or {}).get("train_rows") or len(left)
            arms.append(of.arm(side, seed, ALL, size, model=was, settings=kept, run=old.id))
        else:
            arms.append(of.arm(side, seed, ALL, len(left), model=was, settings=again))
        arms.append(of.arm(f"{_short(new)} (new)", seed, ALL, len(left), model=new))
    notes = [
        f"Run {old.id} as it stands against a new run on {old.version} with its knobs. Left for the new model to set "
        f"by its own size: {', '.join(dropped) or 'nothing'}.",
        *_rate_note(arms[1].plan()),
        "One run each: the chance of training is not in the intervals. Under a second seed both bases are trained."
        if len(seeds) == 1
        else f"Under seed {', '.join(map(str, seeds[1:]))} the old base is trained again, with its knobs and rows. "
        f"Slices are of seed {own} alone.",
    ]
    return arms, {ALL: left}, aside, notes, None


def _seeds_with(own: int, given: Sequence[int] | None) -> tuple[int, ...]:
    """The seeds of a rebase: that of the old run first, which takes the place of another where it was not named."""
    if given is None:
        return (own,)
    seeds = seeds_of(given)
    return (own, *(seed for seed in seeds if seed != own)) if own in seeds else (own, *seeds[1:])


def _same_rows(of: Drawing, old: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(rows trained on, rows kept aside) of the old run, as far as the version still lets them be trained on."""
    path = runs.folder(of.store, old.id) / "rows.parquet"
    if not path.is_file():
        return left_of(of.pool, of.aside()), of.aside()
    table = pl.read_parquet(path)
    pool = of.pool.only(table["row_id"].to_list())
    ids = table["row_id"].to_list()
    aside = {ids[at] for at in kept_aside(table, share=of.plan.validation_share, seed=of.plan.seed)}
    return tuple(one for one in pool.ids if one not in aside), tuple(one for one in pool.ids if one in aside)


def carried(old: Run) -> tuple[tuple[str, ...], list[str]]:
    """The knobs of the old run that differ from the defaults, as settings; and those that do not carry over."""
    usual = TrainingPlan().model_dump()
    kept, dropped = [], []
    for name, value in old.plan.items():
        if name in ("model", "seed", "report_to") or name not in usual or value == usual[name]:
            continue
        if name == "learning_rate":
            dropped.append(f"the learning rate ({value:g} before)")
        elif value is not None:
            kept.append(f"{name}={value}")
    return tuple(kept), dropped


def _rate_note(plan: TrainingPlan) -> list[str]:
    if plan.learning_rate is None:
        return ["The learning rate is chosen by the size of each model."]
    return [f"The learning rate is {plan.learning_rate:g} for every model, as was asked for; it mostly goes by size."]


def _short(model: str) -> str:
    return model.rstrip("/").rpartition("/")[2] or model
