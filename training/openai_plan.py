"""An OpenAI fine-tuning job as a plan of ours, with a word on every field: how it is taken over, or why not

    plan, told = plan_from(json.load(open("job.json")), parameters=135_000_000, rows=200)

Both forms are read: what one sends to create a job, and what the service answers. Source of the field names: OpenAI's
API reference, "Fine-tuning", create and job object (2025).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from training.errors import PlanError
from training.plan import TrainingPlan, rate_for, readable

# n_epochs = "auto" by the rule that OpenAI published with its guide to preparing chat data ("Data preparation and
# analysis for chat model fine-tuning", 2023): three epochs, more where they show fewer than 100 rows, fewer where more
# than 25,000.
TARGET_EPOCHS, LEAST_EXAMPLES, MOST_EXAMPLES, MOST_AUTO_EPOCHS = 3, 100, 25_000, 25
# What a service says of a job and not of how to train
OF_THE_JOB = (
    "id", "object", "created_at", "finished_at", "estimated_finish", "fine_tuned_model", "organization_id",
    "result_files", "status", "trained_tokens", "error", "user_provided_suffix", "usage_metrics", "shared_with_openai",
    "eval_id",
)  # fmt: skip
TRACKERS = ("wandb",)


@dataclass
class _Reading:
    """A job being read: the knobs found so far, and what was said of each field."""

    rows: int | None
    parameters: int | None
    knobs: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        if line not in self.told:  # a job as the service shows it holds its hyper-parameters twice
            self.told.append(line)


def plan_from(
    job: Mapping[str, Any] | str, *, model: str | None = None, rows: int | None = None, parameters: int | None = None
) -> tuple[TrainingPlan, list[str]]:
    """(the plan, one sentence for every field of the job). Nothing of the job is left out silently.

    model: the base model to tune, since theirs cannot be had. rows: of the training side, for n_epochs "auto".
    parameters: of the base model, for the learning rate. Raises PlanError for what is no job and for values that no
    plan can hold.
    """
    given = _object(job)
    reading = _Reading(rows, parameters)
    if model is not None:
        reading.knobs["model"] = model
    for name, value in given.items():
        (_FIELDS | _HYPERPARAMETERS).get(name, _other(name))(reading, value)
    if "validation_file" not in given:
        _validation_file(reading, None)
    if not any(name in given for name in ("hyperparameters", "method", *_HYPERPARAMETERS)):
        reading.say("hyperparameters: none, so the plan is as it comes")
    try:
        return TrainingPlan.model_validate(reading.knobs), reading.told
    except ValidationError as problem:
        raise PlanError("the job does not fit a plan: " + " ".join(readable(problem))) from problem


def _object(job: Mapping[str, Any] | str) -> dict[str, Any]:
    if isinstance(job, str):
        try:
            job = json.loads(job)
        except (ValueError, RecursionError) as problem:
            raise PlanError(
                f"the job is no JSON: {problem}. Give the body of a fine-tuning job, one JSON object."
            ) from None
    if not isinstance(job, Mapping):
        raise PlanError('the job is no JSON object. Give the body of a fine-tuning job: {"model": ..., ...}.')
    if "messages" in job:
        raise PlanError("this is a training row, not a job. Import rows with: goldloop import FILE --format openai")
    known = set(_FIELDS) | set(_HYPERPARAMETERS) | set(OF_THE_JOB)
    if not known & set(job):
        raise PlanError(
            "nothing in this JSON belongs to an OpenAI fine-tuning job: none of model, training_file, hyperparameters, "
            f"method. It has: {', '.join(str(name)[:40] for name in list(job)[:8]) or 'nothing'}."
        )
    return dict(job)


def _model(reading: _Reading, value: Any) -> None:
    base = reading.knobs.get("model", TrainingPlan().model)
    reading.say(f"model: {_shown(value)} cannot be had to train here; the base model is {base}")


def _training_file(reading: _Reading, value: Any) -> None:
    reading.say(f"training_file: {_shown(value)} lies with OpenAI; the rows are those of the version that you train on")


def _validation_file(reading: _Reading, value: Any) -> None:
    share = f"validation_share={TrainingPlan().validation_share:g} of the training rows is kept aside"
    if value is None:
        reading.say(f"validation_file: none; {share}, to see when to stop. Set validation_share=0 to train on all")
    else:
        reading.say(f"validation_file: {_shown(value)} is not read; instead {share}")


def _suffix(reading: _Reading, value: Any) -> None:
    reading.say(f"suffix: {_shown(value)} names a model at OpenAI; runs here have numbers" if value else "suffix: none")


def _seed(reading: _Reading, value: Any) -> None:
    if value is None:
        reading.say("seed: none, so seed=0")
    else:
        reading.knobs["seed"] = value
        reading.say(f"seed: seed={_shown(value)}; it does not make the two services draw alike")


def _integrations(reading: _Reading, value: Any) -> None:
    listed = value if isinstance(value, list) else []
    named = [str(one.get("type")) for one in listed if isinstance(one, Mapping)]
    ours = [name for name in named if name in TRACKERS]
    if ours:
        reading.knobs["report_to"] = ",".join(dict.fromkeys(ours))
        reading.say(f"integrations: report_to={reading.knobs['report_to']}; its project and names are not taken over")
    for name in named:
        if name not in ours:
            reading.say(f"integrations: {_shown(name)} has no counterpart here")
    if not named:
        reading.say("integrations: none that is known here" if value else "integrations: none")


def _metadata(reading: _Reading, value: Any) -> None:
    reading.say(f"metadata: {_shown(value)} says nothing of how to train")


def _method(reading: _Reading, value: Any) -> None:
    if not isinstance(value, Mapping) or "type" not in value:
        raise PlanError('method has no type. It is {"type": "supervised", "supervised": {"hyperparameters": {...}}}.')
    kind = str(value["type"])
    inner = _mapping(value.get(kind), f"method.{kind}")
    knobs = _mapping(inner.get("hyperparameters"), "hyperparameters")
    if kind == "supervised":
        reading.say("method: supervised, as every plan here")
    elif kind == "dpo":
        reading.say(
            "method: dpo is a second stage here, over preferences and after a run: train with this plan, then goldloop "
            "prefer RUN"
        )
        for name, one in knobs.items():
            reading.say(f"{name}: {_shown(one)} belongs to the second stage; set it at goldloop prefer")
        knobs = {}
    else:
        raise PlanError(
            f"method {kind} has no counterpart here: there is no grader to learn from. Only supervised and dpo jobs "
            "can be taken over."
        )
    _hyperparameters(reading, knobs)
    for name in inner:
        if name != "hyperparameters":
            reading.say(f"method.{kind}.{name}: has no counterpart here")
    for name in value:
        if name not in ("type", kind):
            reading.say(f"method.{name}: left aside, since the job's type is {kind}")


def _hyperparameters(reading: _Reading, value: Any) -> None:
    for name, one in _mapping(value, "hyperparameters").items():
        _HYPERPARAMETERS.get(name, _other(name))(reading, one)


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise PlanError(f'{name} is a JSON object, such as {{"n_epochs": 3}}, and not {_shown(value)}.')
    return dict(value or {})


def _epochs(reading: _Reading, value: Any) -> None:
    if value != "auto":
        reading.knobs["epochs"] = value
        reading.say(f"n_epochs: epochs={_shown(value)}")
        return
    epochs = auto_epochs(reading.rows)
    reading.knobs["epochs"] = float(epochs)
    known = "as the number of rows is not known" if reading.rows is None else f"for {reading.rows:,} rows"
    reading.say(
        f"n_epochs: auto, so epochs={epochs} {known} ({TARGET_EPOCHS}; more for fewer than {LEAST_EXAMPLES} shown "
        f"rows, fewer for more than {MOST_EXAMPLES:,})"
    )


def auto_epochs(rows: int | None) -> int:
    """Epochs for n_epochs "auto": 3, more where 3 would show fewer than 100 rows, fewer where more than 25,000."""
    if rows is None or rows < 1:
        return TARGET_EPOCHS
    if rows * TARGET_EPOCHS < LEAST_EXAMPLES:
        return min(MOST_AUTO_EPOCHS, math.ceil(LEAST_EXAMPLES / rows))
    if rows * TARGET_EPOCHS > MOST_EXAMPLES:
        return max(1, MOST_EXAMPLES // rows)
    return TARGET_EPOCHS


def _batch_size(reading: _Reading, value: Any) -> None:
    if value == "auto":
        reading.say(
            f"batch_size: auto, so batch_size={TrainingPlan().batch_size}, which suits adapters of any data size"
        )
    else:
        reading.knobs["batch_size"] = value
        reading.say(f"batch_size: batch_size={_shown(value)}")


def _multiplier(reading: _Reading, value: Any) -> None:
    if value == "auto" or value == 1:
        reading.say(f"learning_rate_multiplier: {_shown(value)}, so the rate is the one proposed for method and model")
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise PlanError(f'learning_rate_multiplier is "auto" or a number above 0, not {_shown(value)}.')
    if reading.parameters is None:
        reading.say(
            f"learning_rate_multiplier: {value:g} cannot be applied, since the size of the base model is not known; "
            "the rate is the one proposed. Fetch the model first, or set learning_rate"
        )
        return
    proposed = rate_for(reading.parameters)
    reading.knobs["learning_rate"] = float(f"{value * proposed:.2g}")
    reading.say(
        f"learning_rate_multiplier: learning_rate={reading.knobs['learning_rate']:g}, {value:g} times the {proposed:g} "
        "proposed for this base model; what it multiplies at OpenAI is not published"
    )


def _beta(reading: _Reading, value: Any) -> None:
    reading.say(f"beta: {_shown(value)} belongs to the second stage; set it at goldloop prefer")


def _other(name: str) -> Callable[[_Reading, Any], None]:
    def say(reading: _Reading, value: Any) -> None:
        if name in OF_THE_JOB:
            reading.say(f"{name}: tells of a job that OpenAI ran, not of how to train")
        else:
            reading.say(f"{name[:60]}: not known here, so it changes nothing")

    return say


def _shown(value: Any) -> str:
    """A value of the job on one line, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


_FIELDS: dict[str, Callable[[_Reading, Any], None]] = {
    "model": _model,
    "training_file": _training_file,
    "validation_file": _validation_file,
    "hyperparameters": _hyperparameters,
    "method": _method,
    "seed": _seed,
    "suffix": _suffix,
    "integrations": _integrations,
    "metadata": _metadata,
}
_HYPERPARAMETERS: dict[str, Callable[[_Reading, Any], None]] = {
    "n_epochs": _epochs,
    "batch_size": _batch_size,
    "learning_rate_multiplier": _multiplier,
    "beta": _beta,
}
