"""Fetch an embedded model into the model cache, and say which ones there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluators.models import embedded
from workbench.settings import Report, models_folder, no_report


@dataclass(frozen=True)
class ModelInfo:
    """An embedded model: its task ("chat" or "embedding"), its licence, and where it lies if it is ready."""

    name: str
    task: str
    origin: str
    licence: str
    ready: bool
    folder: Path


def fetch_model(name: str, *, report: Report = no_report) -> Path:
    """The folder of an embedded model, fetched and converted once. Raises EvaluationError in plain words."""
    return embedded.fetch(name, models_folder(), report=report)


def list_models() -> tuple[ModelInfo, ...]:
    """The embedded models, fetched or not."""
    cache = models_folder()
    return tuple(
        ModelInfo(one.name, one.task, one.origin, one.licence, embedded.is_ready(one.name, cache), cache / one.name)
        for one in embedded.EMBEDDED.values()
    )
