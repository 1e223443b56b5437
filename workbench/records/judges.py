"""Model judges, what they said, and the runs in which they were tried or used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

JudgeForm = Literal["pairwise", "rubric"]
JudgeWork = Literal["card", "run"]


@dataclass(frozen=True)
class Judge:
    """A model with a rubric; never changed: another rubric, model or server is the next number of the name.

    source: {"kind": "endpoint", "url", "model", "key_name", "per_million_in", "per_million_out", "most_tokens"} or
    {"kind": "local", "model", "most_tokens"}. key_name is the name of an environment variable; no key is kept.
    digest: of all that decides its verdicts, so that remembered replies and cards of another judge never count.
    """

    id: int
    name: str
    number: int
    form: JudgeForm
    rubric: str
    source: Mapping[str, Any]
    digest: str
    who: str
    when: str

    @property
    def label(self) -> str:
        return f"{self.name}@{self.number}"

    @property
    def is_local(self) -> bool:
        return self.source["kind"] == "local"


@dataclass(frozen=True)
class JudgeRun:
    """A card made on an evaluation, or the judging of its answers. summary: None while it is under way."""

    id: int
    judge_id: int
    evaluation_id: int
    work: JudgeWork
    settings: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    job_id: int | None
    who: str
    when: str


@dataclass(frozen=True)
class JudgeScore:
    """What a judge said of one answer. value: 0 to 1, None where there is no verdict, and note says why.

    Pairwise: 1 where `arm` is better than `against`, 0.5 for a tie, 0 where it is worse. Rubric: the mean mark of
    `arm`, and `against` is "". detail: verdicts by order, or marks by criterion.
    """

    row_id: str
    arm: str
    against: str
    value: float | None
    note: str
    detail: Mapping[str, Any]
