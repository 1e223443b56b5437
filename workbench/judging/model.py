"""From a judge in the store to a model that can be asked, and what it would be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from evaluators.judges.asking import Model
from evaluators.judges.chat import Ask, Reply
from evaluators.judges.form import Form
from evaluators.judges.rubric import read_rubric
from evaluators.models.endpoint import Endpoint, Price
from workbench.errors import BadInput, NotFound, Refused
from workbench.records import Judge, Run
from workbench.settings import models_folder
from workbench.store import Store, evaluations, judges, runs

AT_ONCE = 4  # questions on their way to a server; a service's rate limit is met before its speed is
PRICES = ("per_million_in", "per_million_out")
EDITION = 1


@dataclass(frozen=True)
class Plan:
    """What a run of a judge would do. calls: not remembered yet; rows, characters: what these would send where.

    most_cost: the most that all of them can cost; None for a local model.
    """

    calls: int
    remembered: int
    rows: int
    characters: int
    where: str
    local: bool
    most_cost: float | None

    @property
    def sentence(self) -> str:
        """What would be sent where, for the person who is asked to agree."""
        known = f" {self.remembered:,} replies are known from before." if self.remembered else ""
        if not self.calls:
            return f"Nothing has to be asked.{known}"
        if self.local:
            return f"{self.calls:,} questions about {self.rows:,} rows go to {self.where}. Nothing leaves it.{known}"
        cost = (
            f" They cost at most {self.most_cost:.2f}, by your prices." if self.most_cost
            else " No prices are given, so what they cost is not known."
        )  # fmt: skip
        return (
            f"{self.calls:,} questions would be sent to {self.where}: questions, golden replies and answers of "
            f"{self.rows:,} rows, {self.characters:,} characters in all.{cost}{known}"
        )


class Memory:
    """The replies of one judge in the store, as `ask_all` wants them."""

    def __init__(self, store: Store, judge: Judge) -> None:
        self._store, self._judge = store, judge

    def get(self, key: str) -> Reply | None:
        known = judges.reply(self._store, key)
        return None if known is None else Reply(**known)

    def add(self, key: str, reply: Reply) -> None:
        judges.add_reply(self._store, self._judge.id, key, vars(reply))


def digest_of(form: str, rubric: str, source: Mapping[str, Any]) -> str:
    """What tells a judge from another: form, criteria, model, server. Prices and the key's name change no verdict."""
    told = {name: value for name, value in source.items() if name not in (*PRICES, "key_name")}
    parts = [EDITION, form, read_rubric(rubric).digest, told]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def form_of(judge: Judge) -> Form:
    """How a judge judges."""
    return Form(judge.form, judge.digest, read_rubric(judge.rubric))


def model_of(judge: Judge) -> Model:
    """The model behind a judge. Raises what is wrong with a local one; a server is not asked yet."""
    source = judge.source
    if judge.is_local:
        from evaluators.models.embedded import resolve
        from evaluators.models.local_judge import LocalJudge

        return LocalJudge(resolve(source["model"], models_folder()), most_tokens=source["most_tokens"])
    price = Price(source["per_million_in"], source["per_million_out"])
    return Endpoint(source["url"], source["model"], source["key_name"], price, source["most_tokens"])


def where(judge: Judge) -> str:
    """Where a judge runs, as people name it."""
    if judge.is_local:
        return f'the model "{judge.source["model"]}" on this machine'
    return f'the model "{judge.source["model"]}" at {urlsplit(judge.source["url"]).netloc}'


def refuse_own(store: Store, judge: Judge, evaluation_id: int) -> None:
    """Raises Refused where a judge would judge itself: the base of the evaluated run, or an adapter of it."""
    run: Run = runs.get(store, evaluations.get(store, evaluation_id).run_id)
    base, own = str(run.plan["model"]), str(judge.source["model"])
    same = _bare(own) == _bare(base) or _bare(own) in (f"run-{run.id}", f"run{run.id}")
    if judge.is_local and not same:
        same = _same_weights(own, base)
    if same:
        raise Refused(
            f'The judge {judge.label} is the model "{own}", which run {run.id} started from ("{base}"). A model '
            "prefers its own words, so neither the base nor the tuned model may judge here. Choose another judge."
        )


def plan_of(judge: Judge, asks: Sequence[Ask], rows: int, memory: Memory, model: Model) -> Plan:
    """What the questions that are not remembered come to."""
    fresh = {ask.key: ask for ask in asks if memory.get(ask.key) is None}
    cost = None if judge.is_local else sum(model.most_cost(ask) for ask in fresh.values())
    characters = sum(ask.characters for ask in fresh.values())
    known = len({ask.key for ask in asks}) - len(fresh)
    return Plan(len(fresh), known, rows, characters, where(judge), judge.is_local, cost)


def refuse_to_send(plan: Plan, cap: float | None, agreed: bool) -> None:
    """Raises Refused where rows would leave the machine without a word, or a cap could not be kept."""
    if cap is not None and cap < 0:
        raise BadInput("A cost cap is 0 or more.")
    if plan.calls and not plan.local and not agreed:
        raise Refused(f"{plan.sentence} Say that you agree (--yes, or the box in the app) and start again.")
    if plan.calls and cap is not None and not plan.local and not plan.most_cost:
        raise Refused("A cost cap needs prices: add the judge with what a million tokens cost, or leave the cap out.")


def at_once(judge: Judge) -> int:
    """How many questions may be on their way at the same time."""
    return 1 if judge.is_local else AT_ONCE


def _bare(model: str) -> str:
    """A model's name without its owner, path and quantisation: "Org/Some-Model:Q4" is some-model."""
    return model.rstrip("/").rpartition("/")[2].partition(":")[0].casefold().removesuffix(".gguf")


def _same_weights(own: str, base: str) -> bool:
    from evaluators.errors import EvaluationError
    from evaluators.models.embedded import resolve
    from evaluators.models.loading import model_digest

    def digest(name: str) -> str:
        return model_digest(str(resolve(name, models_folder())))

    try:
        return digest(own) == digest(base)
    except (EvaluationError, NotFound, OSError):  # the base is not here any more: its name had to do
        return False
