"""What a run has taken so far: time, tokens, memory and energy, training and evaluation counted apart"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from training.run.energy import Meter
from training.run.peaks import Peak


@dataclass
class Tally:
    """Counts on from the metric lines of earlier sessions. All times in seconds, all memory in bytes."""

    earlier: Sequence[dict[str, Any]]
    peak: Peak
    meter: Meter
    clock: Callable[[], float] = time.monotonic
    tokens: int = 0
    tokens_here: int = 0  # in this session
    memory: int = 0
    joules_before: float | None = 0.0
    seconds_before: float = 0.0
    begun: float = field(init=False)
    step_begun: float = field(init=False)
    steps_here: int = 0
    evaluation: dict[str, Any] = field(default_factory=dict)  # of this step, where there was one

    def __post_init__(self) -> None:
        if self.earlier:
            last = self.earlier[-1]
            self.tokens, self.seconds_before = last["tokens"], last["seconds"]
            self.memory, self.joules_before = last.get("memory") or 0, last.get("joules")
        self.begun = self.step_begun = self.clock()

    def evaluated(self, validate: Callable[[], float]) -> float:
        """What `validate` gives; its time and its memory are kept apart from those of training."""
        self.memory = max(self.memory, self.peak.so_far())
        self.peak.restart()
        begun = self.clock()
        try:
            return validate()
        finally:
            self.evaluation = {
                "eval_memory": self.peak.so_far(),
                "eval_seconds": round(self.clock() - begun, 3),
            }
            self.peak.restart()

    def step(self, *, tokens: int, steps_left: int) -> dict[str, Any]:
        """The figures for the metric line of a step that read so many tokens."""
        now = self.clock()
        here = now - self.step_begun - self.evaluation.get("eval_seconds", 0.0)
        left = (now - self.begun) / self.steps_here * steps_left if self.steps_here else None
        self.tokens += tokens
        self.memory = max(self.memory, self.peak.so_far())
        joules, before = self.meter.so_far(), self.joules_before
        facts = {
            "tokens": self.tokens,
            "tokens_per_second": round(tokens / here, 1) if here > 0 and tokens else None,
            "seconds": round(self.seconds_at(now), 3),
            "time_left": None if left is None else round(left, 1),
            "memory": self.memory,
            "joules": None if joules is None or before is None else round(before + joules, 1),
            **self.evaluation,
        }
        self.evaluation = {}
        self.step_begun = now
        return facts

    def seconds_at(self, now: float) -> float:
        """Seconds of the run at this reading of the clock, those of earlier sessions with them."""
        return self.seconds_before + now - self.begun

    def from_here(self, seconds: float) -> None:
        """The first step begins now: the time left counts training steps only."""
        self.begun = self.step_begun = self.clock()
        self.seconds_before = seconds

    def between_steps(self) -> None:
        """A checkpoint was written: its time is the run's, but not the next step's."""
        self.step_begun = self.clock()
