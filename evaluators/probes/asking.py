"""Asks a loaded model the probes' questions, in batches, keeping each result so that nothing is asked twice"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluators.answer_cache import AnswerCache, key_of
from evaluators.models.chat_model import ChatModel, Decoding, Tools
from evaluators.probes.choices import Format, Scored, choice_batches
from evaluators.probes.items import ChoiceItem
from evaluators.probes.memorised import Taught
from evaluators.probes.ways import Way, run_as

Report = Callable[[float, str], None]
Found = dict[str, Any]


@dataclass
class Progress:
    """How far all questions together are. report may raise to cancel; what is answered by then is kept."""

    report: Report
    todo: float = 0.0
    done: float = 0.0

    def line(self, done: float, line: str) -> None:
        """Says a line where nothing is known of how far that part is."""
        self.step(0.0, line)

    def step(self, work: float, line: str) -> None:
        self.done += work
        self.report(min(0.99, self.done / max(self.todo, 1e-9)), line)


@dataclass(frozen=True)
class Prompt:
    """Something to be answered: the text as the model reads it, up to where its answer begins."""

    id: str
    rendered: str
    ids: Sequence[int] = field(repr=False)


CHOICE_WORK, REPLY_WORK, ANSWER_WORK = 0.1, 0.1, 1.0  # rough shares of work, for the progress only


def conversation_prompt(
    model: ChatModel, name: str, turns: Sequence[Mapping[str, str]], begun: str = "", *, tools: Tools = ()
) -> Prompt:
    """A conversation as a prompt; begun: the first words of the reply, which the model goes on with."""
    rendered = model.render(turns, tools=tools) + begun
    return Prompt(name, rendered, model.token_ids(rendered))


def scored(
    model: ChatModel, way: Way, items: Sequence[ChoiceItem], form: Format, cache: AnswerCache, progress: Progress
) -> list[Scored]:
    """Every multiple-choice item under a way of running the model, in order."""
    about = {"model": model.digest, "precision": model.precision, **way.about(model)}
    keys = [
        key_of(kind="choices", form=form, question=item.question, choices=list(item.choices), **about) for item in items
    ]
    left = [place for place, key in enumerate(keys) if cache.get(key) is None]
    progress.step(CHOICE_WORK * (len(items) - len(left)), f"{way.name}: {len(items) - len(left)} questions known")
    if left:
        with run_as(model, way):
            done = len(items) - len(left)
            for batch in choice_batches(model, [items[place] for place in left], adapter=way.adapter, form=form):
                cache.add({keys[left[at]]: {"log_p": list(one.log_p)} for at, one in batch.items()})
                done += len(batch)
                progress.step(CHOICE_WORK * len(batch), f"{way.name}: {done} of {len(items)} questions read")
    found = []
    for item, key in zip(items, keys, strict=True):
        known = cache.get(key)
        assert known is not None
        found.append(Scored(item, tuple(known["log_p"])))
    return found


def replies_read(
    model: ChatModel,
    way: Way,
    rows: Sequence[Taught],
    cache: AnswerCache,
    progress: Progress,
) -> list[float]:
    """Nats per token of each row's reply (end of turn included) under a way."""
    from evaluators.models.likelihood import likelihood_batches

    about = {"model": model.digest, "precision": model.precision, **way.about(model)}
    asked = [model.render(row.turns, tools=row.tools) for row in rows]
    keys = [
        key_of(kind="probe reply", prompt=prompt, reply=row.reply, **about)
        for prompt, row in zip(asked, rows, strict=True)
    ]
    left = [place for place, key in enumerate(keys) if cache.get(key) is None]
    progress.step(REPLY_WORK * (len(rows) - len(left)), f"{way.name}: {len(rows) - len(left)} held-out replies known")
    if left:
        told = {p: model.reply_ids(rows[p].turns, rows[p].reply, tools=rows[p].tools) for p in left}
        pairs = [(model.token_ids(asked[p]), told[p]) for p in left]
        with run_as(model, way):
            for batch in likelihood_batches(model, pairs, adapter=way.adapter):
                cache.add({keys[left[at]]: {"nll": one.nats_per_token} for at, one in batch.items()})
                progress.step(REPLY_WORK * len(batch), f"{way.name}: held-out training rows read")
    return [found["nll"] for key in keys if (found := cache.get(key)) is not None]


def answered(
    model: ChatModel,
    way: Way,
    prompts: Sequence[Prompt],
    most: int,
    cache: AnswerCache,
    progress: Progress,
    what: str,
) -> list[str]:
    """The model's answer to each prompt, greedy, at most `most` tokens, in order; equal prompts are asked once."""
    from evaluators.models.generation import answer_batches

    about = {"model": model.digest, "precision": model.precision, **way.about(model)}
    decoding = Decoding(max_new_tokens=most)
    keys = [key_of(kind="probe answer", prompt=one.rendered, most=most, **about) for one in prompts]
    left = list({key: place for place, key in enumerate(keys) if cache.get(key) is None}.values())
    progress.step(ANSWER_WORK * (len(prompts) - len(left)), f"{way.name}: {what}")
    if left:
        done = len(prompts) - len(left)
        with run_as(model, way):
            ids = [prompts[place].ids for place in left]
            for batch in answer_batches(model, ids, adapter=way.adapter, decoding=decoding):
                cache.add({keys[left[at]]: {"text": one.text, "tokens": one.tokens} for at, one in batch.items()})
                done += len(batch)
                progress.step(ANSWER_WORK * len(batch), f"{way.name}: {what}, {done} of {len(prompts)}")
    return [str(found["text"]) for key in keys if (found := cache.get(key)) is not None]


def fitting(model: ChatModel, prompts: Iterable[Prompt], most: int) -> list[Prompt]:
    """The prompts that leave the model room for an answer."""
    return [one for one in prompts if model.longest is None or len(one.ids) + most <= model.longest]
