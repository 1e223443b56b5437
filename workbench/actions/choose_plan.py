"""Put a plan together: a preset or an OpenAI job, fitted to the rows and the base model, and knobs set on top of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluators.errors import EvaluationError
from evaluators.models import embedded
from training.errors import ModelError
from training.forecast.sizes import size_of
from training.openai_plan import plan_from
from training.plan import TrainingPlan, words
from training.presets import Preset, as_settings, differences, named
from workbench.errors import BadInput
from workbench.records import Version
from workbench.settings import DEFAULT_MODEL, models_folder
from workbench.store import Store, datasets


@dataclass(frozen=True)
class Chosen:
    """A plan before anything is read or started.

    settings: what differs from the plan as it comes, as every face hands it on. changed: knob -> (value of the preset
    or job, value now). told: how each field of an OpenAI job was taken. words: what is out of the usual. parameters: of
    the base model, None where it is not on this machine.
    """

    version: Version
    plan: TrainingPlan
    preset: Preset | None
    parameters: int | None
    changed: Mapping[str, tuple[Any, Any]]
    told: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(as_settings(self.plan))


def choose_plan(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    preset: str | None = None,
    openai: Mapping[str, Any] | str | None = None,
    settings: Iterable[str] = (),
) -> Chosen:
    """The plan for a version: begins from a preset, from the JSON of an OpenAI job, or as it comes; then the settings.

    Raises NotFound for a version that is not there, BadInput when both a preset and a job are given, PlanError for a
    preset or knob that is unknown, out of bounds, or does not go together, and when a preset has too few rows.
    """
    if preset and openai is not None:
        raise BadInput("Begin from a preset or from an OpenAI job, not from both.")
    of = datasets.version(store, version)
    base = model or DEFAULT_MODEL
    parameters = parameters_of(base)
    told: list[str] = []
    start = TrainingPlan(model=base)
    known = named(preset) if preset else None
    if known is not None:
        start = known.plan(model=base, parameters=parameters, rows=of.size)
    elif openai is not None:
        start, told = plan_from(openai, model=base, rows=of.size, parameters=parameters)
    plan = start.with_settings(settings)
    return Chosen(
        of, plan, known, parameters, differences(start, plan), tuple(told), tuple(words(plan, parameters, of.size))
    )


def parameters_of(model: str) -> int | None:
    """How many weights a base model has; None where it is not on this machine or its folder does not tell."""
    try:
        return size_of(embedded.resolve(model, models_folder())).parameters
    except (EvaluationError, ModelError, OSError, ValueError):
        return None
