"""Whether a tuned model recites its training replies, measured by having it answer"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from training.doctor.finding import Finding
from training.errors import RowsError
from training.tokens.calls import unfolded
from training.tokens.learned import context_mark

SAMPLE = 24  # rows of each side: a share is then known to some 20 points, in a minute or two on two cores
BATCH = 8
Z = 1.96  # 95 %
CLEAR = 0.3  # difference of two shares that matters
LONG_RUN = 12  # words in a row that a model hardly says twice by chance
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Recited:
    """What the tuned model gave back: of training rows, and of validation rows, which it never read.

    trained, validation: how many rows were asked; the same with `_said` how many replies came back word for word.
    run: the longest run of words of an answer to a validation row that stands in a training reply and not in its own.
    """

    trained: int
    trained_said: int
    validation: int
    validation_said: int
    run: int
    examples: tuple[tuple[str, str], ...]  # (row id, reply) of training replies given back word for word
    step: int

    @property
    def share(self) -> tuple[float, float, float]:
        """Share of training replies that come back word for word, with its 95 % interval (Wilson 1927)."""
        return wilson(self.trained_said, self.trained)

    def said(self) -> str:
        """The measurement in one sentence."""
        value, low, high = self.share
        text = (
            f"Of {self.trained} training replies {self.trained_said} come back word for word "
            f"({value:.0%}, 95 % interval {low:.0%} to {high:.0%})"
        )
        if self.validation:
            text += f"; of {self.validation} validation replies, never read, {self.validation_said}"
        return f"{text}."

    def finding(self) -> Finding | None:
        """A finding where training replies are given back and others are not; else None, also where it cannot be told.

        A model that gets validation replies word for word as well has learned the task, not the rows.
        """
        value, low, _ = self.share
        other, _, highest = wilson(self.validation_said, self.validation) if self.validation else (0.0, 0.0, 0.0)
        copied = self.run >= LONG_RUN
        if not (value - other >= CLEAR and low > highest) and not copied:
            return None
        seen = self.said()
        if copied:
            seen += f" An answer to a validation row repeats {self.run} words in a row of a training reply."
        aside = "" if self.validation else " No rows were kept aside, so it may also be the task that is so regular."
        told = tuple(f"row {row}: {reply[:80]}" for row, reply in self.examples[:3])
        return Finding(
            "recites",
            "warning" if self.validation or copied else "hint",
            self.step,
            f"The model recites its rows. {seen}{aside}",
            "Take fewer epochs or more varied rows, and leave out of the data whatever must not be said again.",
            told,
        )


def recited(
    folder: Path, *, sample: int = SAMPLE, seed: int = 0, model: str | None = None, report: Report | None = None
) -> Recited:
    """Has the adapter of a finished run answer `sample` training rows and as many validation rows, greedily.

    folder: of the run, with plan.json, rows.parquet, adapter/. model: where the base model lies now, else the plan's.
    Raises RowsError when the run holds no rows or no adapter, and what loading a model raises.
    """
    from training.plan import TrainingPlan
    from training.result import read_training
    from training.run.split import kept_aside
    from training.tokens.encode import encode, offered, tokenizer_for

    if not (folder / "rows.parquet").is_file() or not (folder / "adapter").is_dir():
        raise RowsError(f"{folder} holds no rows and no adapter, so nothing can be recited. Let the run end first.")
    plan = TrainingPlan.read((folder / "plan.json").read_text("utf-8"))
    plan = plan if model is None else plan.model_copy(update={"model": model})
    rows = pl.read_parquet(folder / "rows.parquet")
    tokenizer = tokenizer_for(plan.model)
    encoded = encode(rows, tokenizer, max_length=plan.max_length).rows
    kept = rows.filter(pl.col("row_id").cast(pl.String).is_in([row.row_id for row in encoded]))
    aside = set(kept_aside(kept, share=plan.validation_share, seed=plan.seed))  # divided as the run divided them
    whole = {place for place, row in enumerate(encoded) if not row.cut}  # of a cut reply the end was never read
    said_last = [_last_reply(talk) for talk in kept["messages"].to_list()]
    tools = offered(kept)
    chance = random.Random(seed)
    sides = []
    for wanted in (False, True):
        places = [at for at in range(kept.height) if (at in aside) == wanted and at in whole and said_last[at]]
        sides.append(sorted(chance.sample(places, min(sample, len(places)))))
    if not sides[0]:
        raise RowsError("no training row ends in a whole reply of words, so nothing can be recited.")
    asked = [kept.row(at, named=True) for side in sides for at in side]
    answers = answered(
        plan, folder / "adapter", tokenizer, [one["messages"] for one in asked],
        tools=[tools[at] for side in sides for at in side], report=report,
    )  # fmt: skip
    taught = [_words(said) for at, said in enumerate(said_last) if said and at not in aside]
    done = read_training(folder)
    count = len(sides[0])
    pairs = list(zip(asked, answers, strict=True))
    same = [one["messages"][-1]["content"].strip() == said.strip() for one, said in pairs]
    runs = [longest_run(_words(said), taught, _words(one["messages"][-1]["content"])) for one, said in pairs[count:]]
    return Recited(
        trained=count,
        trained_said=sum(same[:count]),
        validation=len(sides[1]),
        validation_said=sum(same[count:]),
        run=max(runs, default=0),
        examples=tuple(
            (str(one["row_id"]), one["messages"][-1]["content"])
            for (one, _), hit in zip(pairs[:count], same, strict=False)
            if hit
        ),
        step=done.best_step if done else 0,
    )


def answered(
    plan: Any,
    adapter: Path,
    tokenizer: Any,
    talks: Sequence[Sequence[Any]],
    *,
    tools: Sequence[Any] | None = None,
    report: Report | None = None,
) -> list[str]:
    """The tuned model's greedy answer to each conversation without its last reply, as training shows it.

    tools: what each of them offers.
    """
    import torch
    from peft import PeftModel

    from training.machine import machine_for
    from training.methods import load_model
    from training.tokens.encode import clean
    from training.tokens.openings import before_words
    from training.tokens.template import Template
    from training.tokens.template_look import end_of_turn

    template = Template.of(tokenizer)
    prompts = [
        template.tokens(template.offering(own).render(clean(talk)[:-1], prompt=True))
        for talk, own in zip(talks, tools or [None] * len(talks), strict=True)
    ]
    header = before_words(template)  # an empty thought, a channel: no words of the reply
    longest = max(len(template.tokens(header + talk[-1]["content"])) for talk in talks) + 2
    machine = machine_for(plan.precision, plan.quantization)
    whole = not (adapter / "adapter_config.json").exists()  # every weight was tuned: the folder is a model by itself
    network: Any = load_model(plan.model_copy(update={"model": str(adapter)}) if whole else plan, machine)
    if not whole:
        network = PeftModel.from_pretrained(network, adapter)
    network.eval()
    if machine.device == "cuda":
        network = network.to("cuda")
    end = end_of_turn(template)
    ends = sorted({template.controls[end] if end else tokenizer.eos_token_id, tokenizer.eos_token_id} - {None})
    pad = tokenizer.pad_token_id
    said = [""] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
    for begin in range(0, len(order), BATCH):
        part = order[begin : begin + BATCH]
        width = max(len(prompts[at]) for at in part)
        ids = torch.tensor([[pad] * (width - len(prompts[at])) + prompts[at] for at in part])
        mask = torch.tensor([[0] * (width - len(prompts[at])) + [1] * len(prompts[at]) for at in part])
        with torch.no_grad():
            out = network.generate(
                input_ids=ids.to(network.device), attention_mask=mask.to(network.device), do_sample=False,
                max_new_tokens=longest, eos_token_id=ends, pad_token_id=pad,
            )  # fmt: skip
        for at, row in zip(part, out[:, width:].tolist(), strict=True):
            stop = next((place for place, token in enumerate(row) if token in ends), len(row))
            said[at] = str(tokenizer.decode(row[:stop])).removeprefix(header)
        if report:
            report(min(1.0, (begin + len(part)) / len(order)), f"{begin + len(part)} of {len(order)} answered")
    return said


def longest_run(answer: Sequence[str], taught: Sequence[Sequence[str]], own: Sequence[str]) -> int:
    """The most words in a row that an answer shares with a training reply, and not with its own reference."""
    most = 0
    for reply in taught:
        most = max(most, *(size for size in _shared(answer, reply) if size > most), 0) if reply else most
    mine = max(_shared(answer, own), default=0)
    return most if most > mine else 0


def _shared(one: Sequence[str], other: Sequence[str]) -> list[int]:
    """Lengths of the runs of words that both share, by the place where they end."""
    ends: list[int] = []
    before = [0] * (len(other) + 1)
    for word in one:
        now = [0] * (len(other) + 1)
        for at, its in enumerate(other, start=1):
            if word == its:
                now[at] = before[at - 1] + 1
        ends.append(max(now))
        before = now
    return ends


def wilson(hits: int, count: int) -> tuple[float, float, float]:
    """A share with its 95 % interval. Source: Wilson 1927, JASA 22, 209."""
    if count == 0:
        return 0.0, 0.0, 1.0
    share, square = hits / count, Z**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return share, max(0.0, middle - half), min(1.0, middle + half)


def _last_reply(talk: Sequence[Any]) -> str:
    """The text of a conversation's last turn where that is a reply that was learned; "" for all else."""
    last = unfolded(talk[-1]) if talk else {}
    learned = last.get("role") == "assistant" and context_mark(last) is None
    return (last.get("content") or "") if learned else ""


def _words(text: str) -> list[str]:
    return text.split()
