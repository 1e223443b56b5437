"""One arm on golden's dev rows: how surprised it is at each reply, and how its own answers score"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluators.compare import groups_of
from evaluators.evaluate import Arm, Decoding
from evaluators.models import embedded
from evaluators.primary_metric import primary_metric
from evaluators.sample import Sample, catalogue
from workbench.asked import DEV, asked_rows
from workbench.records import Golden, Version
from workbench.settings import Report, models_folder
from workbench.store import Store, sheets
from workbench.store.row_files import write_whole
from workbench.studying.design import BITS, LOSS


@dataclass(frozen=True)
class Measured:
    """What one arm was measured at: row id -> value, by measure (`nll`, `bits_per_byte`, metrics of the answers)."""

    values: Mapping[str, Mapping[str, float]]
    seconds: float

    def mean(self, measure: str) -> float | None:
        """The mean over the rows that were judged, None for none."""
        found = list(self.values.get(measure, {}).values())
        return sum(found) / len(found) if found else None


def dev_rows(store: Store, golden: Golden, version: Version) -> list[Sample]:
    """The rows that a study is measured on: golden's dev part, never sealed or calibration rows. Raises BadInput."""
    sheet = sheets.sheet_of(store, version.dataset)
    return [one for one in asked_rows(store, golden, DEV, sheet) if golden.part_of(one.id) == DEV]


def groups(samples: Sequence[Sample]) -> dict[str, str] | None:
    """The group of each golden row, None where each stands alone."""
    return groups_of(samples)


def chosen_metric(samples: Sequence[Sample]) -> tuple[str, str]:
    """The task's metric and why, read off the references."""
    return primary_metric(samples)


def longest_answer(models: Sequence[str], samples: Sequence[Sample]) -> int:
    """New tokens that suffice for every base model's tokenizer, so that all arms are decoded alike."""
    from evaluators.models.chat_model import ChatModel

    references = [one.reference for one in samples]
    found = [
        ChatModel(embedded.resolve(model, models_folder())).settle(Decoding(), references).max_new_tokens or 0
        for model in models
    ]
    return max(found)


def measure(
    model: str, adapter: Path | None, samples: Sequence[Sample], *, answers: bool, max_new_tokens: int, cache: Path,
    report: Report,
) -> Measured:  # fmt: skip
    """The base model, or its adapter, on these rows; what is in the cache is not asked again.

    `bits_per_byte`: nats of the whole reply over ln 2 and its bytes in UTF-8, the end of turn counted as a token of it,
    so that models with different tokenizers can be compared. Source: Gao et al. 2020, "The Pile", section 3.1.
    """
    from evaluators.evaluate import evaluate

    arm = Arm("tuned" if adapter else "base", adapter=adapter is not None)
    only = None if answers else "likelihoods"
    where = embedded.resolve(model, models_folder())
    found = evaluate(
        where, adapter, samples, [arm], Decoding(max_new_tokens), cache=cache,
        only="likelihoods" if only else None, report=report,
    )[arm.name]  # fmt: skip
    seconds = sum(one.measured.get("seconds", 0.0) for one in found)
    values: dict[str, dict[str, float]] = {LOSS: {}, BITS: {}}
    for one in found:
        if "nll" in one.measured:
            values[LOSS][one.id] = one.measured["nll"]
            nats = one.measured["nll"] * one.measured["reference_tokens"]
            values[BITS][one.id] = nats / math.log(2) / max(1, len(one.reference.encode()))
    if answers:
        for name, scorer in catalogue().items():
            said = scorer.by_id(found) if name != LOSS else {}
            judged = {row: score.value for row, score in said.items() if score.value is not None}
            if judged:
                values[name] = judged
    return Measured(values, seconds)


def keep(path: Path, found: Measured) -> None:
    """Writes what an arm was measured at, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"seconds": found.seconds, "values": found.values})
    write_whole(path, lambda part: part.write_text(text))


def kept(path: Path) -> Measured | None:
    """What an arm was measured at before, or None."""
    if not path.is_file():
        return None
    known: dict[str, Any] = json.loads(path.read_text())
    return Measured(known["values"], known["seconds"])


def without_prompts(samples: Sequence[Sample]) -> list[Sample]:
    """The samples with nothing of an earlier arm in them."""
    return [replace(one, output=None, measured={}) for one in samples]
