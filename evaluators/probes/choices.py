"""How likely a model finds each answer of a multiple-choice question, in one format for every arm

Formats
    plain   "Question: ...\\nAnswer:" and then " Paris": what the weights know, whatever style was trained; the default,
            because a tuned chat style then weighs on neither side and other tools' figures can be set beside it.
    chat    the question as a user's turn of the chat template and then "Paris" as the reply: what is left of it where
            the model is used.
Source
    Log-likelihoods of continuations, acc and acc_norm as defined by EleutherAI's lm-evaluation-harness (output type
    multiple_choice); agreement with it is measured by benchmarks/forgetting.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Literal

from evaluators.errors import BadRequest
from evaluators.probes.items import ChoiceItem

if TYPE_CHECKING:
    from evaluators.models.chat_model import ChatModel

Format = Literal["plain", "chat"]
FORMATS: tuple[Format, ...] = ("plain", "chat")


@dataclass(frozen=True)
class Scored:
    """One question as one arm sees it. log_p: nats of each choice as the answer, in the order of the item's choices."""

    item: ChoiceItem
    log_p: tuple[float, ...]

    @property
    def right(self) -> bool:
        """The right answer is the likeliest one: lm-eval's `acc`."""
        return first_largest(self.log_p) == self.item.answer

    @property
    def right_by_length(self) -> bool:
        """The same with each answer's nats divided by its number of characters: lm-eval's `acc_norm`."""
        each = [nats / len(choice) for nats, choice in zip(self.log_p, self.item.choices, strict=True)]
        return first_largest(each) == self.item.answer

    @property
    def among_choices(self) -> float:
        """log P(right answer, given that it is one of the choices), nats; chance is log(1/4) = -1.39."""
        most = max(self.log_p)
        total = most + log(sum(exp(nats - most) for nats in self.log_p))
        return self.log_p[self.item.answer] - total

    @property
    def raw(self) -> float:
        """log P of the right answer itself, nats; it moves with style and wording, so its change is called drift."""
        return self.log_p[self.item.answer]


def first_largest(values: Sequence[float]) -> int:
    """The place of the largest value, the first one where several are equal."""
    return max(range(len(values)), key=lambda place: (values[place], -place))


def split_ids(model: ChatModel, item: ChoiceItem, form: Format) -> tuple[list[int], list[list[int]]]:
    """(ids before, ids of each choice): each whole text is encoded and split where the encoded prefix ended.

    The plain text gets the special tokens that the tokenizer itself puts (a BOS for Llama or Gemma, none for SmolLM2).
    """
    if form not in FORMATS:
        raise BadRequest(f'there is no format "{form}"; the formats are: {", ".join(FORMATS)}.')
    if form == "plain":
        before, blank = f"Question: {item.question}\nAnswer:", " "
    else:
        before, blank = model.render(({"role": "user", "content": item.question},)), ""

    def encode(text: str) -> list[int]:
        return list(model.tokenizer(text)["input_ids"]) if form == "plain" else model.token_ids(text)

    start = encode(before)
    return start, [encode(before + blank + choice)[len(start) :] for choice in item.choices]


def choice_batches(
    model: ChatModel, items: Sequence[ChoiceItem], *, adapter: bool, form: Format
) -> Iterator[dict[int, Scored]]:
    """Scored items by place in the list, a batch at a time."""
    from evaluators.probes.continuations import log_likelihood_batches

    groups = [split_ids(model, item, form) for item in items]
    for batch in log_likelihood_batches(model, groups, adapter=adapter):
        yield {place: Scored(items[place], tuple(log_p)) for place, log_p in batch.items()}
