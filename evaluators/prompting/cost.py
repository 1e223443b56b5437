"""What prompts cost: tokens of a question, and the minutes that many answers take on this machine"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

FEWEST_POINTS = 4  # two rates from fewer timings would be noise
PER_THOUSAND = 1000


@dataclass(frozen=True)
class Tokens:
    """Prompt tokens of a question by the model's own tokenizer, template included: mean, 95th percentile, most."""

    mean: float
    p95: float
    most: int
    n: int

    @classmethod
    def of(cls, counts: Sequence[int]) -> Tokens:
        """From the prompt tokens of each question; at least one."""
        sizes = np.asarray(counts, float)
        return cls(float(sizes.mean()), float(np.quantile(sizes, 0.95)), int(sizes.max()), len(counts))

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "mean": round(self.mean, 1), "p95": round(self.p95, 1)}


@dataclass(frozen=True)
class Timing:
    """What one answer took: its prompt and answer tokens, and its share of its batch's seconds."""

    prompt_tokens: float
    output_tokens: float
    seconds: float


@dataclass(frozen=True)
class Speed:
    """Seconds a prompt token and a new token take, as measured on this machine; measured: from how many answers."""

    prompt_token: float
    new_token: float
    measured: int

    def seconds(self, answers: int, prompt_tokens: float, new_tokens: float) -> float:
        """How long so many answers take with prompts and answers of that mean length."""
        return answers * (self.prompt_token * prompt_tokens + self.new_token * new_tokens)


def speed(timings: Sequence[Timing]) -> Speed | None:
    """The two rates that explain the timings best, neither below zero; None with fewer than four timings."""
    from scipy.optimize import nnls

    if len(timings) < FEWEST_POINTS:
        return None
    sizes = np.array([[one.prompt_tokens, one.output_tokens] for one in timings], float)
    rates, _ = nnls(sizes, np.array([one.seconds for one in timings], float))
    return Speed(float(rates[0]), float(rates[1]), len(timings))


def extra_per_thousand(prompt: Tokens, bare: Tokens) -> int:
    """Tokens that a prompt adds to 1,000 questions."""
    return round(PER_THOUSAND * (prompt.mean - bare.mean))
