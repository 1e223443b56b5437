"""What somebody wants to know of several runs, as plain values"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.plan import TrainingPlan
from workbench.studying.design import Kind

SEVERITIES = {"error": ("error",), "warning": ("error", "warning"), "info": ("error", "warning", "info")}
# A row that resembles a golden row makes a run look better on golden, whatever its quality: left out of the clean rows
# alone, it would let the rows with findings win. So that is no fault here; what leaks is stopped by the leak guard.
NO_FAULT = ("leakage",)
USEFUL = 0.05  # nats per token; elsewhere here a loss that differs by less counts as no worse (evaluators.conclusion)


@dataclass(frozen=True)
class Question:
    """What somebody wants to know, as plain values; which of them count depends on the kind.

    models: the base model, or the two of a duel. settings: knobs of every run. severity: which findings make a row
    unclean. same_steps: smaller parts train as many steps as the whole. same_size: also all rows, as many as the clean
    ones. run: the earlier run of a rebase. answers: off reads the references only. minutes: no run begins after them.
    """

    kind: Kind
    version: str | None = None
    models: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    seeds: tuple[int, ...] | None = None
    severity: str = "warning"
    same_steps: bool = False
    same_size: bool = True
    run: int | None = None
    knobs: Mapping[str, tuple[float, ...]] | None = None
    trials: int = 8
    way: str = "tpe"
    answers: bool = True
    max_new_tokens: int | None = None
    useful: float = USEFUL
    minutes: float | None = None


def question_of(settings: Mapping[str, Any]) -> Question:
    """A question from plain values, as a job keeps it; what is not known is left out."""
    known = {name: value for name, value in settings.items() if name in Question.__dataclass_fields__}
    for name in ("models", "settings", "seeds"):
        if known.get(name) is not None:
            known[name] = tuple(known[name])
    if known.get("knobs") is not None:
        known["knobs"] = {knob: tuple(values) for knob, values in known["knobs"].items()}
    return Question(**known)


def leaves_out(question: Question, plan: TrainingPlan) -> bool:
    """Whether rows that train on nothing are left out of every run; else the study stops at them.

    Rows with faults hold some: asked what cleaning brings, they are left out unless the question says otherwise.
    """
    told = any(one.replace(" ", "").startswith("untrainable=") for one in question.settings)
    return plan.untrainable == "leave out" or (question.kind == "rows" and not told)


def severities(question: Question) -> tuple[str, ...]:
    """The severities of the findings that make a row unclean; none where the question is another one."""
    return SEVERITIES.get(question.severity, ()) if question.kind == "rows" else ()
