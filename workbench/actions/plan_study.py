"""Show what a study would do and what it would take, before its first run."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.records import Golden, Version
from workbench.store import Store, goldens
from workbench.studying.asking import asked
from workbench.studying.budget import Budget, budget_of
from workbench.studying.design import KINDS, Design
from workbench.studying.questions import NO_FAULT, Question, severities
from workbench.where import flagged_rows


@dataclass(frozen=True)
class PlannedStudy:
    """A study before it is begun: its question, arms and budget."""

    title: str
    version: Version
    golden: Golden
    design: Design
    budget: Budget


def plan_study(store: Store, question: Question) -> PlannedStudy:
    """The runs of a study, their rows, and what they would take; nothing is started and nothing written down.

    Raises as `training_side.prepare` does, BadInput for a question that cannot be put so, PlanError for a wrong knob.
    """
    unclean = flagged_rows(store, question.version, severities(question), but=NO_FAULT)
    ready = asked(store, question, unclean)
    golden = goldens.by_id(store, ready.design.golden_id)
    return PlannedStudy(KINDS[question.kind], ready.prepared.version, golden, ready.design, budget_of(store, ready))
