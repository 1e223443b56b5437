"""Every knob of a training run, once: its label, its help and its bounds

Form, command line and documentation are made from these fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.errors import PlanError

# The two measured anchors of the learning rate for LoRA on all linear layers, by parameters of the base model.
# 135M: SmolLM2-135M, rank 16, 156 rows, 3 epochs: held-out loss 1.16 at 3e-4, 0.15 at 1e-3, 0.08 at 3e-3 (own runs).
# 1B and up: 2e-4, the usual advice (QLoRA, Dettmers et al. 2023, arXiv 2305.14314, table 9).
SMALL_MODEL, SMALL_RATE = 135_000_000, 2e-3
LARGE_MODEL, LARGE_RATE = 1_000_000_000, 2e-4


def rate_for(parameters: int) -> float:
    """The learning rate proposed for a base model of this many parameters.

    2e-3 up to 135 million, 2e-4 from 1 billion on; between these anchors a straight line through the logarithms,
    rounded to one digit (that part is interpolated, not measured).
    """
    if parameters >= LARGE_MODEL:
        return LARGE_RATE
    if parameters <= SMALL_MODEL:
        return SMALL_RATE
    way = math.log(parameters / SMALL_MODEL) / math.log(LARGE_MODEL / SMALL_MODEL)
    return float(f"{SMALL_RATE * (LARGE_RATE / SMALL_RATE) ** way:.0e}")


def _knob(default: Any, title: str, description: str, *, advanced: bool = False, **bounds: Any) -> Any:
    return Field(default, title=title, description=description, json_schema_extra={"advanced": advanced}, **bounds)


class TrainingPlan(BaseModel):
    """How a base model is to be tuned: frozen, unknown knobs refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = _knob("smollm2-135m", "Base model", "The model to tune: a folder or a hub name.", min_length=1)
    epochs: float = _knob(
        3.0, "Epochs", "How often training goes through all rows: 1 to 3 for style, 3 to 5 for facts.", gt=0, le=100
    )
    learning_rate: float | None = _knob(
        None, "Learning rate", "How large a step is; empty: chosen by the size of the model.", gt=0, le=1
    )
    batch_size: int = _knob(8, "Batch size", "How many rows are computed at once; more need more memory.", ge=1, le=512)
    accumulation: int = _knob(
        1, "Accumulation", "How many batches make one step; more imitates a larger batch.", advanced=True, ge=1, le=512
    )
    method: Literal["lora", "rslora", "dora", "full"] = _knob(
        "lora",
        "Method",
        "lora learns a small adapter; rslora and dora are variants of it; full changes every weight of the model.",
    )
    rank: int = _knob(16, "LoRA rank", "How much the adapter can hold.", advanced=True, ge=1, le=512)
    alpha: int = _knob(
        32, "LoRA alpha", "How strongly the adapter acts; twice the rank is usual.", advanced=True, ge=1, le=2048
    )
    dropout: float = _knob(
        0.0, "LoRA dropout", "Share of adapter inputs switched off at random.", advanced=True, ge=0, lt=1
    )
    max_length: int = _knob(
        1024, "Longest row", "Rows are cut after this many tokens, and the cut ones are reported.", ge=16, le=131_072
    )
    warmup: float = _knob(
        0.05, "Warm-up", "Share of the steps in which the learning rate rises.", advanced=True, ge=0, le=0.5
    )
    schedule: Literal["linear", "cosine", "constant"] = _knob(
        "linear", "Schedule", "How the learning rate goes after the warm-up.", advanced=True
    )
    weight_decay: float = _knob(
        0.0, "Weight decay", "How strongly weights are drawn back to zero.", advanced=True, ge=0, le=1
    )
    max_gradient: float = _knob(
        1.0, "Gradient clip", "Longer gradients are shortened to this length.", advanced=True, gt=0, le=1000
    )
    validation_share: float = _knob(
        0.1, "Validation share", "Share of the training rows kept aside to see when to stop.", ge=0, le=0.5
    )
    evaluations_per_epoch: int = _knob(
        1, "Evaluations per epoch", "How often the validation loss is measured in an epoch.", ge=1, le=100
    )
    patience: int | None = _knob(
        None,
        "Patience",
        "Stop after this many evaluations without a lower validation loss; empty: never stop early.",
        advanced=True,
        ge=1,
        le=100,
    )
    precision: Literal["auto", "bf16", "fp32"] = _knob(
        "auto", "Precision", "Number format of the arithmetic; auto takes bf16 where the machine has it.", advanced=True
    )
    quantization: Literal["none", "4bit"] = _knob(
        "none", "Quantization", "4bit loads the base model in a quarter of the memory (QLoRA).", advanced=True
    )
    max_steps: int | None = _knob(
        None, "Most steps", "End after this many steps; empty: as many as the epochs need.", advanced=True, ge=1
    )
    save_every: int | None = _knob(
        None,
        "Save every",
        "Steps between two checkpoints; empty: at every evaluation. A stopped run goes on from the last one.",
        advanced=True,
        ge=1,
    )
    untrainable: Literal["stop", "leave out"] = _knob(
        "stop",
        "Rows that train nothing",
        "What to do when a row has no token to learn from: stop and say which, or go on without it.",
        advanced=True,
    )
    report_to: str = _knob(
        "none",
        "Tracker",
        "Where else the curves go: none, tensorboard, trackio, wandb, mlflow, or several with commas.",
        advanced=True,
        pattern=r"^(none|(tensorboard|trackio|wandb|mlflow)(,(tensorboard|trackio|wandb|mlflow))*)$",
    )
    seed: int = _knob(0, "Seed", "Decides all chance: start values, order, split.", ge=0, le=2**31 - 1)

    def with_settings(self, settings: Iterable[str]) -> TrainingPlan:
        """The plan with knobs changed from texts such as "epochs=2" or "learning_rate=none".

        Raises PlanError with one readable line for every knob that is unknown or out of its bounds.
        """
        wrong: list[str] = []
        changed: dict[str, Any] = {}
        for setting in settings:
            name, equals, text = (part.strip() for part in setting.partition("="))
            if not equals:
                wrong.append(f'"{setting}" is no setting. Write knob=value, for instance epochs=2.')
            elif name not in type(self).model_fields:
                wrong.append(f'there is no knob "{name}". There are: {", ".join(type(self).model_fields)}.')
            else:
                changed[name] = None if text.lower() in ("none", "") else text
        plan: TrainingPlan | None = None
        try:
            plan = type(self).model_validate({**self.model_dump(), **changed})
        except ValidationError as problem:
            wrong += readable(problem)
        if wrong or plan is None:
            raise PlanError("\n".join(wrong))
        return plan

    @classmethod
    def read(cls, text: str) -> TrainingPlan:
        """A plan from its JSON text; PlanError names every wrong knob."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as problem:
            raise PlanError("\n".join(readable(problem))) from problem


def readable(problem: ValidationError) -> list[str]:
    """One line a wrong knob, without the vocabulary of the validator."""
    lines = {}
    for error in problem.errors():
        name = str(error["loc"][0]) if error["loc"] else "the plan"
        field = TrainingPlan.model_fields.get(name)
        if field is None:
            known = ", ".join(TrainingPlan.model_fields)
            lines[name] = (
                f'there is no knob "{name}". There are: {known}.' if error["loc"] else f"the plan: {error['msg']}"
            )
        else:
            said = error["msg"].removeprefix("Input ")
            lines[name] = f"{name} ({field.title}) {said[:1].lower()}{said[1:]}, not {error['input']!r}."
    return list(lines.values())
