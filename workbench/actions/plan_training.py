"""Show what a training run would do and take, before its first step."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from evaluators.language import language_of
from training.forecast.advice import Advice, advise
from training.forecast.cards import Card, Here, cards_here
from training.forecast.estimate import Cost, estimate
from training.forecast.fit import Fit, Verdict, fits, verdict
from training.forecast.money import Money, Prices, costs
from training.forecast.sizes import ModelSize, size_named
from training.forecast.task import task_of
from training.forecast.workload import measures_of, workload
from training.run.out_of_memory import free_bytes
from workbench.store import Store
from workbench.training_side import Costed, Prepared, computes_in_bf16, costed, prepare

MOST_READ = 300  # rows whose language and task are looked at; a share of them is known to some 5 points


@dataclass(frozen=True)
class Planned:
    """What would be trained and what it would take. cut: (row id, tokens lost); left_out: (row id, reason).
    no_end: ids of the cut rows that lose the end of a reply, so that they do not teach where to stop.

    size: the base model's measures; supposed: whether they are those of a size that was only named. memory: bytes this
    machine has for it; fits_here: whether that is enough. here: its graphics cards; cards: how others would do.
    """

    prepared: Prepared
    cost: Cost
    cut: tuple[tuple[str, int], ...]
    no_end: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    size: ModelSize
    supposed: bool
    memory: float
    fits_here: Verdict
    here: tuple[Here, ...]
    cards: tuple[Fit, ...]
    money: tuple[Money, ...]
    advice: Advice
    languages: dict[str, float]

    def told(self) -> dict[str, Any]:
        """The prediction as plain values: what is kept beside a run."""
        return self.cost.told()

    @property
    def own_card(self) -> Card | None:
        """This machine's graphics card among the known ones."""
        return next((one.card for one in self.here if one.card), None)


def plan_training(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    size: str | None = None,
    prices: Prices | None = None,
) -> Planned:
    """The plan of a run with its expected tokens, steps, time, memory and money; nothing is started.

    size: another size of base model to reckon with, such as "8B", without having it. prices: what the machine and the
    electricity cost. The time is measured where `measure_steps` has timed steps with the same knobs on this machine,
    else a guess. Raises as `training_side.prepare` does, and ModelUnusable or ModelError when the model is not there.
    """
    prepared = prepare(store, version, model=model, settings=settings, wait=False)
    done = costed(store, prepared)
    here = cards_here()
    shape, cost = (done.model, done.cost) if size is None else _of_size(done, size_named(size))
    device: Literal["cpu", "cuda"] = "cuda" if here else "cpu"
    memory = here[0].memory * 0.97 if here else float(free_bytes())
    languages = _languages(prepared)
    task = task_of(_some(prepared.rows.messages))
    bf16 = computes_in_bf16(done.plan, device, cost.measured)
    cut = tuple((row.row_id, row.cut) for row in done.encoding.cut)
    skipped = tuple((row.row_id, row.reason) for row in done.encoding.skipped)
    return Planned(
        prepared=prepared,
        cost=cost,
        cut=cut,
        no_end=tuple(row.row_id for row in done.encoding.cut if row.end_lost),
        left_out=(*prepared.left_out, *skipped),
        size=shape,
        supposed=size is not None,
        memory=memory,
        fits_here=verdict(cost.memory.value, memory),
        here=here,
        cards=fits(done.plan, shape, workload_on_a_card(done)),
        money=tuple(costs(prices, (cost.seconds.low, cost.seconds.high)) if prices else ()),
        advice=advise(
            prepared.plan, shape, cost.work, task, languages=languages, device=device, bf16=bf16, memory=memory
        ),
        languages=languages,
    )


def workload_on_a_card(done: Costed) -> Any:
    """The same rows as a graphics card computes them: whole batches, not in parts."""
    rows = measures_of(done.training)
    aside = {row.row_id for row in done.training}
    validation = measures_of([row for row in done.encoding.rows if row.row_id not in aside])
    return workload(done.plan, rows, validation, device="cuda")


def _of_size(done: Costed, shape: ModelSize) -> tuple[ModelSize, Cost]:
    """The cost of the same rows with a model of another size, on this machine, by formula."""
    device: Literal["cpu", "cuda"] = "cuda" if cards_here() else "cpu"
    bf16 = computes_in_bf16(done.plan, device, None)
    work = done.cost.work
    return shape, estimate(done.plan, shape, rows=work.rows, tokens=0, device=device, bf16=bf16, work=work)


def _some(rows: list[Any]) -> list[Any]:
    return rows if len(rows) <= MOST_READ else random.Random(0).sample(rows, MOST_READ)


def _languages(prepared: Prepared) -> dict[str, float]:
    """Share of the replies by language; replies whose language cannot be told count in no language."""
    replies = _some(list(prepared.rows.reply))
    named = Counter(language_of(reply) for reply in replies)
    return {language: times / len(replies) for language, times in named.most_common() if language is not None}
