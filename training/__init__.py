"""Tunes a base model with a LoRA adapter on conversations: usable alone, knows nothing of the workbench

    from training import TrainingPlan, train
    train(TrainingPlan(model="folder/of/a/model"), rows, Path("out"))

Nothing heavy is imported before it is used: `import training` costs no torch. The functions that share the name of
their module are taken from it: `from training.tokens.encode import encode`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.adapters.adapter import check_adapter as check_adapter
    from training.doctor import Finding as Finding
    from training.doctor import diagnose as diagnose
    from training.errors import TrainingError as TrainingError
    from training.forecast.estimate import Cost as Cost
    from training.forecast.sizes import size_of as size_of
    from training.openai_plan import plan_from as plan_from
    from training.plan import TrainingPlan as TrainingPlan
    from training.plan import rate_for as rate_for
    from training.presets import preset as preset
    from training.result import Training as Training
    from training.result import read_metrics as read_metrics
    from training.result import read_training as read_training
    from training.run.lora import train as train
    from training.tokens.encode import Encoding as Encoding
    from training.tokens.encode import preview as preview
    from training.tokens.encode import tokenizer_for as tokenizer_for

WHERE = {
    "check_adapter": "adapters.adapter",
    "Cost": "forecast.estimate",
    "Encoding": "tokens.encode",
    "Finding": "doctor",
    "Training": "result",
    "TrainingError": "errors",
    "TrainingPlan": "plan",
    "diagnose": "doctor",
    "plan_from": "openai_plan",
    "preset": "presets",
    "preview": "tokens.encode",
    "rate_for": "plan",
    "read_metrics": "result",
    "read_training": "result",
    "size_of": "forecast.sizes",
    "tokenizer_for": "tokens.encode",
    "train": "run.lora",
}


def __getattr__(name: str) -> Any:
    if name not in WHERE:
        raise AttributeError(f"training has no {name}")
    return getattr(import_module(f"training.{WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(WHERE)
