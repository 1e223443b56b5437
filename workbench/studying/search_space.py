"""What a sweep may try: few knobs, few trials, bounds around the plan as it stands"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from training.plan import TrainingPlan
from workbench.errors import BadInput
from workbench.studying.design import Sweep

KNOBS = ("learning_rate", "epochs", "rank")
WAYS = ("tpe", "grid")
FEWEST_TRIALS, MOST_TRIALS = 2, 12
REACH = 4.0  # times up and down around the plan's own rate: beyond it a rate differs in kind, not in degree
RANKS = (4.0, 64.0)
EPOCHS_AROUND = (0.5, 2.0)


def sweep_of(given: Mapping[str, tuple[float, ...]] | None, way: str, trials: int, plan: TrainingPlan) -> Sweep:
    """The sweep that is meant. given: knob -> values; without any, the learning rate alone is tried.

    With "tpe" the lowest and highest value are bounds, with "grid" each value is tried. A knob without values gets
    bounds around the plan. Raises BadInput.
    """
    if way not in WAYS:
        raise BadInput(f'There is no way "{way}" to sweep; there are: {", ".join(WAYS)}.')
    if not FEWEST_TRIALS <= trials <= MOST_TRIALS:
        raise BadInput(f"A sweep takes {FEWEST_TRIALS} to {MOST_TRIALS} trials: more would be chosen by luck.")
    wanted = given or {"learning_rate": ()}
    values: dict[str, tuple[float, ...]] = {}
    for knob, told in wanted.items():
        if knob not in KNOBS:
            raise BadInput(f'"{knob}" cannot be swept; what can be: {", ".join(KNOBS)}.')
        ready = tuple(sorted({float(one) for one in told})) or around(knob, plan)
        if len(ready) < 2:
            raise BadInput(f"Give two values of {knob} or more, such as {knob}=1,2.")
        for one in ready:
            plan.with_settings([f"{knob}={_text(knob, one)}"])  # raises for what is out of bounds
        values[knob] = ready
    if way == "grid":
        count = math.prod(len(one) for one in values.values())
        if count > MOST_TRIALS - 1:
            raise BadInput(f"That grid has {count} points; at most {MOST_TRIALS - 1} besides the plan as it stands.")
        trials = count + 1
    return Sweep(trials, "grid" if way == "grid" else "tpe", values)


def around(knob: str, plan: TrainingPlan) -> tuple[float, ...]:
    """Bounds around the plan's own value."""
    if knob == "rank":
        return RANKS
    if knob == "epochs":
        return tuple(max(0.5, plan.epochs * one) for one in EPOCHS_AROUND)
    from evaluators.models import embedded
    from training.forecast.estimate import size_of
    from training.plan import rate_for
    from workbench.settings import models_folder

    rate = plan.learning_rate or rate_for(size_of(embedded.resolve(plan.model, models_folder())).parameters)
    return (rate / REACH, min(1.0, rate * REACH))


def points(sweep: Sweep) -> list[dict[str, float]]:
    """Every point of a grid."""
    return [dict(zip(sweep.values, one, strict=True)) for one in product(*sweep.values.values())]


def settings_of(params: Mapping[str, float]) -> tuple[str, ...]:
    """A point of the space as settings; alpha follows the rank at twice its size, as in the defaults."""
    told = [f"{knob}={_text(knob, value)}" for knob, value in params.items()]
    if "rank" in params:
        told.append(f"alpha={2 * round(params['rank'])}")
    return tuple(told)


def _text(knob: str, value: float) -> str:
    return str(round(value)) if knob == "rank" else f"{value:.3g}"
