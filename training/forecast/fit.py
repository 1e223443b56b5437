"""Which graphics card a run fits on, by which method, and roughly how long and how dear it would be there"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from training.forecast.cards import CARDS, SMALL_MODEL_USED, TIGHT, USED, USED_LEAST, USED_MOST, Card
from training.forecast.estimate import estimate
from training.forecast.memory import memory_parts
from training.forecast.sizes import ModelSize
from training.forecast.workload import Workload
from training.plan import TrainingPlan

WAYS: tuple[tuple[str, dict[str, str]], ...] = (
    ("LoRA", {"method": "lora", "quantization": "none"}),
    ("QLoRA", {"method": "lora", "quantization": "4bit"}),
    ("full", {"method": "full", "quantization": "none"}),
)
Verdict = Literal["fits", "tight", "too large"]


@dataclass(frozen=True)
class Way:
    """One method on one card. memory in bytes; seconds with wide bounds: nothing was run on that card."""

    name: str
    memory: float
    verdict: Verdict
    seconds: float
    seconds_low: float
    seconds_high: float


@dataclass(frozen=True)
class Fit:
    """A card, and how this run would do on it by each method."""

    card: Card
    ways: tuple[Way, ...]

    def way(self, name: str) -> Way:
        return next(one for one in self.ways if one.name == name)

    def money(self, way: Way) -> tuple[float, float]:
        """US dollars for the run: the cheap rate and the quick end, the dear rate and the slow end."""
        return way.seconds_low / 3600 * self.card.price_low, way.seconds_high / 3600 * self.card.price_high


def verdict(needed: float, usable: float) -> Verdict:
    """Whether memory suffices, by a formula that may be off by a sixth."""
    return "too large" if needed > usable else "tight" if needed > TIGHT * usable else "fits"


def fits(plan: TrainingPlan, model: ModelSize, work: Workload, cards: tuple[Card, ...] = CARDS) -> tuple[Fit, ...]:
    """The run on every card by LoRA, QLoRA and full tuning; all by formula, tried on none of them."""
    return tuple(Fit(card, tuple(_way(plan, model, work, card, name, knobs) for name, knobs in WAYS)) for card in cards)


def _way(plan: TrainingPlan, model: ModelSize, work: Workload, card: Card, name: str, knobs: dict[str, str]) -> Way:
    so = plan.model_copy(update=knobs)
    bf16 = bool(card.bf16)
    needed = memory_parts(so, model, work, device="cuda", bf16=bf16).total
    used = USED if model.parameters >= 1e9 else SMALL_MODEL_USED
    cost = estimate(
        so, model, rows=work.rows, tokens=0, device="cuda", bf16=bf16, work=work, operations=card.operations * used
    )
    least, most = USED_LEAST / USED, USED_MOST / USED
    computing = cost.times.training + cost.times.evaluating
    rest = cost.times.total - computing
    return Way(
        name, needed, verdict(needed, card.usable), cost.times.total, computing / most + rest, computing / least + rest
    )
