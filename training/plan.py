"""Every knob of a training run, once: its label, its help and its bounds

Form, command line and documentation are made from these fields; `training.knobs` says of each why and when.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from training.errors import PlanError

Method = Literal["lora", "rslora", "dora", "full"]

# The measured anchors of the learning rate, by parameters of the base model.
# LoRA on all linear layers. 135M: SmolLM2-135M, rank 16, 156 rows, 3 epochs: held-out loss 1.16 at 3e-4, 0.15 at 1e-3,
# 0.08 at 3e-3 (own runs). 1B and up: 2e-4, the usual advice (QLoRA, Dettmers et al. 2023, arXiv 2305.14314, table 9).
SMALL_MODEL, SMALL_RATE = 135_000_000, 2e-3
LARGE_MODEL, LARGE_RATE = 1_000_000_000, 2e-4
# Every weight. 135M: held-out loss 0.10 after 5 epochs at 1e-4 (own run). 1B and up: 2e-5, the default of TRL's
# SFTTrainer, and a tenth of LoRA's as in "LoRA Without Regret" (Schulman et al. 2025).
FULL_SMALL_RATE, FULL_LARGE_RATE = 1e-4, 2e-5

MOST_STEPS = 10_000_000


def rate_for(parameters: int, method: Method = "lora", rank: int = 16) -> float:
    """The learning rate proposed for a base model of this many parameters.

    LoRA and DoRA: 2e-3 up to 135 million, 2e-4 from 1 billion on. Every weight: 1e-4 and 2e-5. Between these anchors a
    straight line through the logarithms, rounded to one digit (that part is interpolated, not measured). rsLoRA: LoRA's
    divided by the root of the rank, by which rsLoRA's scale is larger (reckoned, not measured: with Adam the first
    steps of an adapter move in proportion to scale times rate). Source of the scale: Kalajdzievski 2023, arXiv
    2312.03732.
    """
    small, large = (FULL_SMALL_RATE, FULL_LARGE_RATE) if method == "full" else (SMALL_RATE, LARGE_RATE)
    if parameters >= LARGE_MODEL:
        rate = large
    elif parameters <= SMALL_MODEL:
        rate = small
    else:
        way = math.log(parameters / SMALL_MODEL) / math.log(LARGE_MODEL / SMALL_MODEL)
        rate = small * (large / small) ** way
    return float(f"{rate / (math.sqrt(rank) if method == 'rslora' else 1):.0e}")


def _knob(default: Any, title: str, description: str, *, advanced: bool = False, **bounds: Any) -> Any:
    return Field(default, title=title, description=description, json_schema_extra={"advanced": advanced}, **bounds)


class TrainingPlan(BaseModel):
    """How a base model is to be tuned: frozen, unknown knobs refused, what a file lacks has its default."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), allow_inf_nan=False)

    model: str = _knob(
        "smollm2-135m",
        "Base model",
        "The model to tune: a fetched name, a folder or a hub name.",
        min_length=1,
        max_length=4096,
    )
    method: Method = _knob(
        "lora",
        "Method",
        "lora learns a small adapter and is right nearly always; rslora and dora are variants of it; full changes "
        "every weight and needs many times the memory.",
    )
    epochs: float = _knob(
        3.0,
        "Epochs",
        "How often training goes through all rows; more learns them better, and beyond some point by heart.",
        gt=0,
        le=100,
    )
    learning_rate: float | None = _knob(
        None,
        "Learning rate",
        "How far each step goes; too high destroys, too low learns nothing. Empty: by method and size of the model.",
        gt=0,
        le=1,
    )
    batch_size: int = _knob(
        8,
        "Batch size",
        "Rows computed at once; more needs more memory and makes fewer, calmer steps. Halved by itself when memory "
        "runs out.",
        ge=1,
        le=512,
    )
    max_length: int = _knob(
        1024,
        "Longest row",
        "Tokens after which a row is cut (1,000 are about 750 English words); raise it when rows are cut, for more "
        "memory.",
        ge=16,
        le=131_072,
    )
    validation_share: float = _knob(
        0.1,
        "Validation share",
        "Part of the training rows kept aside to see when to stop; 0 trains on all and keeps the last step.",
        ge=0,
        le=0.5,
    )
    evaluations_per_epoch: int = _knob(
        1,
        "Evaluations per epoch",
        "How often the validation loss is measured in an epoch; more finds the best step more exactly, and takes time.",
        ge=1,
        le=100,
    )
    seed: int = _knob(
        0,
        "Seed",
        "Decides all chance (start values, order, split); change it to see how much of a result is luck.",
        ge=0,
        le=2**31 - 1,
    )
    quantization: Literal["none", "4bit"] = _knob(
        "none",
        "Quantization",
        "4bit (QLoRA) loads the base model in a quarter of the memory, a little less exact and no faster.",
        advanced=True,
    )
    rank: int = _knob(
        16,
        "LoRA rank",
        "How much the adapter can hold; raise it for many rows of new knowledge, with alpha. Little else changes.",
        advanced=True,
        ge=1,
        le=512,
    )
    alpha: int = _knob(
        32,
        "LoRA alpha",
        "How strongly the adapter acts; keep it at twice the rank, and change the learning rate instead.",
        advanced=True,
        ge=1,
        le=2048,
    )
    dropout: float = _knob(
        0.0,
        "LoRA dropout",
        "Share of adapter inputs switched off at random; 0.05 to 0.1 may help when few rows are learned by heart.",
        advanced=True,
        ge=0,
        lt=1,
    )
    accumulation: int = _knob(
        1,
        "Accumulation",
        "How many batches make one step; 4 acts like a batch four times as large, in the memory of one.",
        advanced=True,
        ge=1,
        le=512,
    )
    warmup: float = _knob(
        0.05,
        "Warm-up",
        "Share of the steps in which the learning rate rises from 0; raise it when the loss jumps at the start.",
        advanced=True,
        ge=0,
        le=0.5,
    )
    schedule: Literal["linear", "cosine", "constant"] = _knob(
        "linear",
        "Schedule",
        "How the learning rate goes after the warm-up: down to 0 in a line or a curve, or staying constant.",
        advanced=True,
    )
    weight_decay: float = _knob(
        0.0,
        "Weight decay",
        "How strongly weights are drawn back to zero; 0 for adapters, 0.01 to 0.1 is usual for full.",
        advanced=True,
        ge=0,
        le=1,
    )
    max_gradient: float = _knob(
        1.0,
        "Gradient clip",
        "Longer gradients are shortened to this length; lower it when single rows throw the loss about.",
        advanced=True,
        gt=0,
        le=1000,
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
        "auto",
        "Precision",
        "Number format of the arithmetic; auto takes the quick bf16 where the machine has it, fp32 is the most exact.",
        advanced=True,
    )
    max_steps: int | None = _knob(
        None,
        "Most steps",
        "End after this many steps, whatever the epochs say; for a quick try. Empty: as many as the epochs need.",
        advanced=True,
        ge=1,
        le=MOST_STEPS,
    )
    save_every: int | None = _knob(
        None,
        "Save every",
        "Steps between two checkpoints, from which a stopped run goes on; empty: at every evaluation.",
        advanced=True,
        ge=1,
        le=MOST_STEPS,
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

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_values(cls, value: Any) -> Any:
        """true is no number, though Python counts it as 1."""
        if isinstance(value, bool):
            raise ValueError("is a number or a text, and never true or false")
        return value

    @model_validator(mode="after")
    def _goes_together(self) -> TrainingPlan:
        if self.method == "full" and self.quantization == "4bit":
            raise ValueError(
                "method=full cannot be combined with quantization=4bit: weights in 4 bit cannot be changed. "
                "Take method=lora with 4bit (QLoRA), or quantization=none."
            )
        return self

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
    known = ", ".join(TrainingPlan.model_fields)
    for error in problem.errors():
        said = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if error["type"] == "string_pattern_mismatch":  # the pattern itself tells nobody anything
            said = "must be none, tensorboard, trackio, wandb or mlflow, or several of them with commas"
        if not error["loc"]:
            lines["the plan"] = said if error["type"] == "value_error" else f"the plan: {said}"
            continue
        name = str(error["loc"][0])
        field = TrainingPlan.model_fields.get(name)
        if field is None:
            lines[name] = f'there is no knob "{name}". There are: {known}.'
        else:
            given = (
                "must not be empty"
                if error["input"] is None
                else f"{said[:1].lower()}{said[1:]}, not {error['input']!r}"
            )
            lines[name] = f"{name} ({field.title}) {given}."
    return list(lines.values())


def words(plan: TrainingPlan, parameters: int | None = None, rows: int | None = None) -> list[str]:
    """What is out of the usual in a plan though within its bounds, one sentence each; see `training.knobs`."""
    from training import knobs  # it needs the plan itself

    return knobs.words(plan, parameters, rows)
