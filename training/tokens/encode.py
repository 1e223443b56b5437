"""Conversations as tokens with labels: what the model reads, and on which of it it is trained

The text is rendered once, by the model's own chat template, exactly as at inference. Every assistant turn is trained,
with its one end-of-turn token; everything else carries the label -100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from training.errors import RowsError, TemplateError
from training.tokens.calls import as_tool_calls, unfolded
from training.tokens.learned import context_marks
from training.tokens.said_in_rows import context_only, tools_dropped
from training.tokens.template import MASKED, Message, Template, Unfit, check_system_role, label
from training.tokens.template import tokenizer_for as tokenizer_for
from training.tokens.tools import COLUMN as TOOLS

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["trained", "masked", "cut"]


@dataclass(frozen=True)
class EncodedRow:
    """One row as tokens: `ids` and `labels` have the same length, `cut` counts the tokens beyond the longest row."""

    row_id: str
    ids: list[int]
    labels: list[int]
    cut: int
    last_reply_only: bool  # the template renders earlier replies in another way than at inference
    lost: int = 0  # of the cut tokens, those that would have been trained
    end_lost: bool = False  # the cut goes through a reply: what is left of it has no end of turn

    @property
    def trained(self) -> int:
        """How many tokens carry a label."""
        return sum(one != MASKED for one in self.labels)


@dataclass(frozen=True)
class SkippedRow:
    """A row that cannot be trained on, and why."""

    row_id: str
    reason: str


@dataclass(frozen=True)
class Encoding:
    """All rows as tokens, and what became of the others."""

    rows: list[EncodedRow]
    skipped: list[SkippedRow]
    notes: tuple[str, ...] = ()  # what became of what the rows say of themselves

    @property
    def cut(self) -> list[EncodedRow]:
        """The rows that are trained on without their end."""
        return [row for row in self.rows if row.cut]

    @property
    def tokens(self) -> int:
        return sum(len(row.ids) for row in self.rows)


@dataclass(frozen=True)
class PreviewToken:
    """A piece of a rendered row: mostly one token; several where only together they make a character."""

    text: str
    kind: Kind


def encode(rows: pl.DataFrame, tokenizer: Any, *, max_length: int, none_is_an_error: bool = True) -> Encoding:
    """Every row of `rows` (columns row_id, messages, and tools where rows offer some) as tokens and labels.

    Rows without a trainable token are left out and listed with their reason. Raises RowsError when a column is missing
    or no row is left (unless none_is_an_error is False), TemplateError when the rows have system messages and the
    template refuses or ignores them.
    """
    _check_columns(rows)
    template = Template.of(tokenizer)
    conversations = [clean(messages) for messages in rows["messages"].to_list()]
    if any(has_system(messages) for messages in conversations):
        check_system_role(template)
    kept: list[EncodedRow] = []
    skipped: list[SkippedRow] = []
    for row_id, messages, tools in zip(rows["row_id"].cast(str).to_list(), conversations, offered(rows), strict=True):
        try:
            kept.append(_encode_one(row_id, messages, template.offering(tools), max_length))
        except Unfit as reason:
            skipped.append(SkippedRow(row_id, str(reason)))
    if not kept and none_is_an_error:
        first = f' The first one: {skipped[0].row_id}, "{skipped[0].reason}".' if skipped else ""
        raise RowsError(f"none of the {rows.height} rows can be trained on.{first}")
    return Encoding(kept, skipped, _notes(rows, conversations, template))


def offered(rows: pl.DataFrame) -> list[Any]:
    """What each row of a table offers as tools, as the table has it; None where it offers none."""
    return rows[TOOLS].to_list() if TOOLS in rows.columns else [None] * rows.height


def preview(
    messages: Sequence[Mapping[str, Any]], tokenizer: Any, *, max_length: int = 1024, tools: Any = None
) -> list[PreviewToken]:
    """One conversation as the model will see it, each token with what training does with it.

    tools: what the row offers, as `training.tokens.tools.tools_of` takes it. Raises TemplateError when it cannot be
    rendered or trained on.
    """
    template, cleaned = Template.of(tokenizer), clean(messages)
    if has_system(cleaned):
        check_system_role(template)
    try:
        row = label(cleaned, template.offering(tools))
    except Unfit as reason:
        raise TemplateError(f"this row cannot be trained on: {reason}") from None
    return pieces_of(row.ids, row.labels, tokenizer, max_length=max_length)


def pieces_of(
    ids: Sequence[int], labels: Sequence[int], tokenizer: Any, *, max_length: int = 1024
) -> list[PreviewToken]:
    """Labelled tokens as pieces of text; the bytes of one character stand together."""
    pieces: list[PreviewToken] = []
    before: list[int] = []  # the tokens of the last piece: alone, a SentencePiece token is decoded without its blank
    pending: list[int] = []
    kind: Kind = "masked"
    for place, (token, wanted) in enumerate(zip(ids, labels, strict=True)):
        if not pending:
            kind = "cut" if place >= max_length else "masked" if wanted == MASKED else "trained"
        pending.append(token)
        known, text = tokenizer.decode(before), tokenizer.decode([*before, *pending])
        text = text.removeprefix(known) if text.startswith(known) else tokenizer.decode(pending)
        if not text.endswith("\ufffd") or place == len(ids) - 1:  # else: bytes of one character are still to come
            pieces.append(PreviewToken(text, kind))
            before, pending = pending, []
    return pieces


def clean(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Messages without what a table adds (empty keys, `more`), so that the template sees what the file said."""
    return [as_tool_calls(unfolded(message)) for message in messages or ()]


def _notes(rows: pl.DataFrame, conversations: Sequence[Sequence[Message]], template: Template) -> tuple[str, ...]:
    offering = [str(row_id) for row_id, tools in zip(rows["row_id"], offered(rows), strict=True) if tools]
    marks = [mark for messages in conversations for mark in context_marks(messages)]
    found = (context_only(marks), tools_dropped(template, offering))
    return tuple(sign.text for sign in found if sign is not None)


def has_system(messages: Sequence[Mapping[str, Any]]) -> bool:
    return any(message.get("role") == "system" for message in messages)


def too_late(max_length: int, length: int) -> str:
    """Why a row trains on nothing though it has a reply."""
    return f"its reply begins after the longest row of {max_length} tokens (it has {length})"


def _encode_one(row_id: str, messages: list[Message], template: Template, max_length: int) -> EncodedRow:
    whole = label(messages, template)
    ids, labels = whole.ids[:max_length], whole.labels[:max_length]
    if all(one == MASKED for one in labels):
        raise Unfit(too_late(max_length, len(whole.ids)))
    beyond = whole.labels[max_length:]
    lost = sum(one != MASKED for one in beyond)
    return EncodedRow(
        row_id,
        ids,
        labels,
        len(whole.ids) - len(ids),
        whole.last_reply_only,
        lost,
        end_lost=bool(beyond) and labels[-1] != MASKED and beyond[0] != MASKED,
    )


def _check_columns(rows: pl.DataFrame) -> None:
    missing = [name for name in ("row_id", "messages") if name not in rows.columns]
    if missing:
        raise RowsError(
            f"the rows have no column {' and no column '.join(missing)}; they have: {', '.join(rows.columns)}. "
            "messages is a list of (role, content)."
        )
    if rows.is_empty():
        raise RowsError("there are no rows to train on.")
    repeated = rows.filter(rows["row_id"].is_duplicated())
    if repeated.height:
        raise RowsError(f"row_id {repeated['row_id'][0]} stands more than once; every row needs an id of its own.")
