"""Pairs of replies as tokens: one prompt, a chosen and a rejected reply, rendered and cut as in the first stage"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from training.tokens.encode import EncodedRow, SkippedRow, clean, has_system, offered
from training.tokens.learned import without_marks
from training.tokens.template import MASKED, Message, Template, Unfit, check_system_role, label


@dataclass(frozen=True)
class EncodedPair:
    """The ids of a prompt and of both replies, each reply with its end-of-turn token."""

    row_id: str
    prompt: list[int]
    chosen: list[int]
    rejected: list[int]

    @property
    def longer(self) -> list[int]:
        """The ids of the longer of the two conversations, which decides the memory."""
        return self.prompt + max(self.chosen, self.rejected, key=len)

    def as_row(self) -> EncodedRow:
        """The pair as a row of its longer conversation, for what only counts rows and their lengths."""
        ids = self.longer
        return EncodedRow(self.row_id, ids, [MASKED] * len(self.prompt) + ids[len(self.prompt) :], 0, False)


def encode_pairs(pairs: pl.DataFrame, tokenizer: Any, *, max_length: int) -> tuple[list[EncodedPair], list[SkippedRow]]:
    """Every pair as tokens, and those that cannot be learned from, with the reason.

    pairs: columns row_id, messages (the last one the chosen reply), rejected (text), maybe tools. A pair of which a
    reply would be cut is left out: of a cut reply nobody knows whether it is the better one. Raises TemplateError as
    `encode` does.
    """
    template = Template.of(tokenizer)
    talks = [clean(messages) for messages in pairs["messages"].to_list()]
    if any(has_system(talk) for talk in talks):
        check_system_role(template)
    kept: list[EncodedPair] = []
    skipped: list[SkippedRow] = []
    ids = pairs["row_id"].cast(pl.String).to_list()
    for row_id, talk, rejected, tools in zip(ids, talks, pairs["rejected"].to_list(), offered(pairs), strict=True):
        try:
            kept.append(_encode_pair(row_id, talk, rejected, template.offering(tools), max_length))
        except Unfit as reason:
            skipped.append(SkippedRow(row_id, str(reason)))
    return kept, skipped


def _encode_pair(
    row_id: str, talk: Sequence[Message], rejected: str | None, template: Template, max_length: int
) -> EncodedPair:
    if not talk or talk[-1].get("role") != "assistant":
        raise Unfit("it does not end in a chosen reply")
    if not (rejected or "").strip():
        raise Unfit("it has no rejected reply")
    if (talk[-1].get("content") or "").strip() == str(rejected).strip():
        raise Unfit("both replies are the same")
    prompt, chosen = last_reply(talk, template)
    other_prompt, other = last_reply([*talk[:-1], {"role": "assistant", "content": rejected}], template)
    if prompt != other_prompt:
        raise Unfit("the chat template renders its prompt in two ways, depending on the reply")
    longest = len(prompt) + max(len(chosen), len(other))
    if longest > max_length:
        raise Unfit(f"a reply would be cut: {longest} tokens, and the longest row has {max_length}")
    return EncodedPair(row_id, prompt, chosen, other)


def last_reply(talk: Sequence[Message], template: Template) -> tuple[list[int], list[int]]:
    """The ids before the last reply, as inference would be given them, and those of the reply with its end of turn.

    A mark that says not to learn that reply counts for nothing here: who asks for it has a use for it.
    """
    whole = label([*talk[:-1], without_marks(talk[-1])], template)
    end = max(place for place, one in enumerate(whole.labels) if one != MASKED) + 1
    begin = end
    while begin > 0 and whole.labels[begin - 1] != MASKED:
        begin -= 1
    return whole.ids[:begin], whole.ids[begin:end]
