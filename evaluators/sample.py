"""What every judgement takes and gives: a sample, a score, a scorer

A metric is one file in `metrics/`; an embedding batch or a judge has the same shape: a list of samples in, a list of
scores out, in the same order.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any

from evaluators.errors import BadScorer

Message = Mapping[str, str]

SPANS = {"share": 1.0, "0 or 1": 1.0, "points of 100": 100.0}  # largest minus smallest score, by unit


@dataclass(frozen=True)
class Sample:
    """One golden row as one arm answered it.

    prompt: the chat messages before the reply. output: the model's reply, None when it was never asked or could not be.
    group: rows of one thread, template or fact share a group; None means the row stands alone.
    measured: what the run measured, such as `nll` (nats per reference token), `output_tokens`, `stopped` (0 or 1).
    rules: what the row demands of its answer (`rules.rules_of`): required and forbidden phrases, format, refusal, JSON.
    remarks: a sentence to a measured number, by its name, such as from which training row a span was copied.
    tools: what the row lets the model call, as chat templates take it; every arm is offered the same.
    """

    id: str
    prompt: tuple[Message, ...]
    output: str | None
    reference: str
    tags: tuple[str, ...] = ()
    group: str | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Score:
    """A judgement of one sample; `value` None means "not judged", which is never the same as 0."""

    value: float | None
    note: str = ""


@dataclass(frozen=True)
class Example:
    """A worked example of a scorer: shown on its page, and run as its test."""

    output: str | None
    reference: str
    value: float | None
    prompt: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)

    def sample(self) -> Sample:
        """The sample that this example describes."""
        return Sample(
            "example",
            ({"role": "user", "content": self.prompt},),
            self.output,
            self.reference,
            measured=self.measured,
            rules=self.rules,
        )


@dataclass(frozen=True)
class Scorer:
    """A metric with its page: call it with samples, get one score for each.

    reads: the name in `Sample.measured` that this scorer reads instead of the output; None for scorers of text.
    pass_fail: every value is 0 or 1, so rates, McNemar's test and the Bonett-Price interval apply.
    """

    name: str
    title: str
    page: str
    higher_is_better: bool
    unit: str
    examples: tuple[Example, ...]
    pass_fail: bool
    reads: str | None
    run: Callable[[Sequence[Sample]], list[Score]]

    def __call__(self, samples: Sequence[Sample]) -> list[Score]:
        """One score a sample, in order. Without an output there is no judgement, unless the scorer reads `measured`."""
        judged = [s for s in samples if self._missing(s) is None]
        scores = iter(self.run(judged))
        try:
            given = [Score(None, missing) if (missing := self._missing(s)) else next(scores) for s in samples]
        except StopIteration:
            raise BadScorer(f"the scorer {self.name} gave fewer scores than it got samples ({len(judged)})") from None
        if next(scores, None) is not None:
            raise BadScorer(f"the scorer {self.name} gave more scores than it got samples ({len(judged)})")
        return given

    def by_id(self, samples: Sequence[Sample]) -> dict[str, Score]:
        """Scores by sample id, as `compare` takes them."""
        return {s.id: score for s, score in zip(samples, self(samples), strict=True)}

    @property
    def span(self) -> float | None:
        """Largest minus smallest score there can be, None where there is no bound."""
        return SPANS.get(self.unit)

    def _missing(self, sample: Sample) -> str | None:
        if self.reads is not None:
            return None if self.reads in sample.measured else f"{self.reads} was not measured"
        return "no output" if sample.output is None else None


def scorer(
    *,
    higher_is_better: bool,
    examples: Sequence[Example],
    unit: str = "share",
    pass_fail: bool = False,
    reads: str | None = None,
) -> Callable[[Callable[[Sequence[Sample]], list[Score]]], Scorer]:
    """Make a scorer of a function of samples; its file's docstring is its page, the page's first line its title."""

    def make(function: Callable[[Sequence[Sample]], list[Score]]) -> Scorer:
        page = cleandoc(sys.modules[function.__module__].__doc__ or function.__doc__ or "")
        if not page or not examples:
            raise BadScorer(f"the scorer {function.__name__} needs a docstring in its file and at least one example")
        return Scorer(
            function.__name__,
            page.splitlines()[0],
            page,
            higher_is_better,
            unit,
            tuple(examples),
            pass_fail,
            reads,
            function,
        )

    return make


def catalogue() -> dict[str, Scorer]:
    """Every scorer in the metrics folder by name; a file without a scorer (shared text functions) is passed over."""
    from evaluators import metrics

    found: dict[str, Scorer] = {}
    for module in sorted(pkgutil.iter_modules(metrics.__path__), key=lambda m: m.name):
        for thing in vars(importlib.import_module(f"{metrics.__name__}.{module.name}")).values():
            if isinstance(thing, Scorer) and thing.name == module.name:
                found[thing.name] = thing
    return found
