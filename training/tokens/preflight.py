"""What the model will see, before the run: which rows train, on how many tokens, and what the chat template does"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from training.errors import RowsError, TemplateError
from training.plan import TrainingPlan
from training.tokens.encode import Encoding, PreviewToken, clean, encode, has_system, offered, pieces_of, too_late
from training.tokens.said_in_rows import marks_in, said_in_rows
from training.tokens.sign import Sign, rows_said, shown
from training.tokens.template import MASKED, Template, Unfit, label
from training.tokens.template_look import look_at

SHOWN = 5  # rows named in a sentence; all of them stand in `Sign.rows`


@dataclass(frozen=True)
class RowSight:
    """One row in tokens. trained + masked + cut is its whole length; lost are the cut ones that would have trained."""

    row_id: str
    trained: int
    masked: int
    cut: int
    lost: int
    end_lost: bool  # the cut goes through a reply, so that its end of turn is not learned
    last_reply_only: bool
    reason: str | None = None  # why it trains on nothing; None when it trains
    note: str = ""  # which of its replies are read only, by its own marks


@dataclass(frozen=True)
class Preflight:
    """All rows in tokens, and what was found, the gravest first."""

    rows: tuple[RowSight, ...]
    findings: tuple[Sign, ...]
    max_length: int

    @property
    def stops(self) -> tuple[Sign, ...]:
        """The findings that stop a run."""
        return tuple(sign for sign in self.findings if sign.stops)

    @property
    def untrained(self) -> tuple[RowSight, ...]:
        """The rows that train on nothing."""
        return tuple(row for row in self.rows if row.reason is not None)

    @property
    def cut(self) -> tuple[RowSight, ...]:
        """The rows whose end is cut off, and that train on the rest."""
        return tuple(row for row in self.rows if row.cut and row.reason is None)

    @property
    def trained(self) -> int:
        """Tokens that training learns from, in all rows, once."""
        return sum(row.trained for row in self.rows)

    @property
    def masked(self) -> int:
        """Tokens that are read only."""
        return sum(row.masked for row in self.rows)


@dataclass(frozen=True)
class SeenRow:
    """One row token by token: pieces of its rendered text, and its counts. reason: why it trains on nothing."""

    sight: RowSight
    pieces: tuple[PreviewToken, ...]


def inspect(rows: pl.DataFrame, tokenizer: Any, plan: TrainingPlan, *, encoding: Encoding | None = None) -> Preflight:
    """What the model will see of these rows, and what would go wrong. rows: columns row_id, messages, maybe tools.

    encoding: where the rows were encoded already. Raises RowsError when a column is missing or two rows share an id,
    TemplateError when the tokenizer has no chat template; all else is a finding.
    """
    template = Template.of(tokenizer)
    talks = {
        str(row_id): messages
        for row_id, messages in zip(rows["row_id"].to_list(), rows["messages"].to_list(), strict=True)
    }
    systems = {has_system(messages or ()) for messages in talks.values()}
    turns = any(sum(one.get("role") == "assistant" for one in messages or ()) > 1 for messages in talks.values())
    thinking = any(
        "</think>" in (one.get("content") or "")
        for messages in talks.values()
        for one in messages or ()
        if one.get("role") == "assistant" and isinstance(one.get("content"), str)
    )
    signs = look_at(
        template, has_system=True in systems, lacks_system=False in systems, many_turns=turns, thinking=thinking
    )
    sights: tuple[RowSight, ...] = ()
    if not any(sign.stops for sign in signs):
        try:
            known = encoding or encode(rows, tokenizer, max_length=plan.max_length, none_is_an_error=False)
        except TemplateError as refusal:
            signs.append(Sign("refused", "error", str(refusal), "", "Choose another base model.", stops=True))
        else:
            sights = _sights(known)
            signs = [*of_rows(sights, known, template, plan), *signs]
        tools = dict(zip(talks, offered(rows), strict=False))
        signs += said_in_rows(talks, tools, template)
    grave = {"error": 0, "warning": 1, "hint": 2}
    return Preflight(sights, tuple(sorted(signs, key=lambda sign: grave[sign.severity])), plan.max_length)


def look_into(row_id: str, messages: Sequence[Any], tokenizer: Any, *, max_length: int, tools: Any = None) -> SeenRow:
    """One row as the model sees it, token by token; a row that trains on nothing is shown too, with the reason."""
    template = Template.of(tokenizer)
    cleaned = clean(messages)
    try:
        template = template.offering(tools)
        row = label(cleaned, template)
    except (Unfit, TemplateError) as refusal:
        return _unlabelled(row_id, cleaned, template, max_length, str(refusal))
    kept, beyond = row.labels[:max_length], row.labels[max_length:]
    trained = sum(one != MASKED for one in kept)
    reason = None if trained else too_late(max_length, len(row.ids))
    sight = RowSight(
        row_id,
        trained,
        len(kept) - trained,
        len(beyond),
        sum(one != MASKED for one in beyond),
        bool(beyond) and kept[-1] != MASKED and beyond[0] != MASKED,
        row.last_reply_only,
        reason,
        marks_in(cleaned),
    )
    return SeenRow(sight, tuple(pieces_of(row.ids, row.labels, tokenizer, max_length=max_length)))


def refuse(sight: Preflight, plan: TrainingPlan) -> None:
    """Nothing, or the error that stops a run: TemplateError for the template, RowsError for rows that train nothing."""
    for sign in sight.stops:
        if not sign.rows:
            raise TemplateError(f"{sign.text} {sign.way_out}")
    refuse_untrained([(row.row_id, row.reason or "") for row in sight.untrained], plan)


def refuse_untrained(skipped: Sequence[tuple[str, str]], plan: TrainingPlan) -> None:
    """Raises RowsError when the plan stops at rows that train on nothing. skipped: (row id, reason)."""
    if not skipped or plan.untrainable == "leave out":
        return
    told = "; ".join(f"row {row_id}: {reason}" for row_id, reason in skipped[:SHOWN])
    more = f"; and {len(skipped) - SHOWN:,} more" if len(skipped) > SHOWN else ""
    noun = "1 row trains" if len(skipped) == 1 else f"{len(skipped):,} rows train"
    raise RowsError(
        f"{noun} on nothing, so the run does not begin ({told}{more}). Mend them, raise max_length, or go on without "
        'them with untrainable="leave out".'
    )


def notes_on(encoding: Encoding) -> list[str]:
    """What a run writes down of its rows: how many were cut, how many of these lost their end."""
    notes = []
    ends = [row.row_id for row in encoding.rows if row.end_lost]
    if ends:
        noun = "1 reply is" if len(ends) == 1 else f"{len(ends):,} replies are"
        notes.append(f"{noun} cut in the middle and teach no end of turn (rows {rows_said(ends)}); raise max_length")
    return notes


def of_rows(sights: Sequence[RowSight], encoding: Encoding, template: Template, plan: TrainingPlan) -> list[Sign]:
    """What there is to say of the rows themselves."""
    looks = (_untrained(sights, plan), _cut(sights, plan), _end_not_learned(encoding, template), _last_only(sights))
    return [sign for sign in looks if sign is not None]


def _sights(encoding: Encoding) -> tuple[RowSight, ...]:
    kept = [
        RowSight(
            row.row_id, row.trained, len(row.ids) - row.trained, row.cut, row.lost, row.end_lost, row.last_reply_only
        )
        for row in encoding.rows
    ]
    return (*kept, *(RowSight(row.row_id, 0, 0, 0, 0, False, False, row.reason) for row in encoding.skipped))


def _untrained(sights: Sequence[RowSight], plan: TrainingPlan) -> Sign | None:
    found = [row for row in sights if row.reason is not None]
    if not found:
        return None
    ids = tuple(row.row_id for row in found)
    stops = plan.untrainable == "stop"
    verb = "trains" if len(found) == 1 else "train"
    what = "The run will stop before its first step" if stops else "They are left out"
    reasons: dict[str, int] = {}
    for row in found:
        reasons[str(row.reason)] = reasons.get(str(row.reason), 0) + 1
    commonest = sorted(reasons, key=lambda one: -reasons[one])[:SHOWN]
    return Sign(
        "trains on nothing",
        "error" if stops else "warning",
        f"{len(found):,} of {len(sights):,} rows {verb} on nothing: {rows_said(ids)}. {what}.",
        "; ".join(f"{reasons[one]:,} x {one}" for one in commonest),
        'Mend them, raise max_length, or go on without them with untrainable="leave out".',
        ids,
        stops,
    )


def _cut(sights: Sequence[RowSight], plan: TrainingPlan) -> Sign | None:
    found = [row for row in sights if row.cut and row.reason is None]
    if not found:
        return None
    replies = [row for row in found if row.lost]
    ends = sum(row.end_lost for row in found)
    lost = sum(row.lost for row in found)
    longest = max(row.trained + row.masked + row.cut for row in found)
    said = f"{len(found):,} rows are longer than {plan.max_length:,} tokens and are cut"
    if replies:
        said += f"; {len(replies):,} of them lose part of a reply, {lost:,} tokens in all"
    if ends:
        said += f"; {ends:,} lose the end of a reply, so they do not teach where to stop"
    ids = tuple(row.row_id for row in (replies or found))
    evidence = f"rows {rows_said(ids)}; the longest has {longest:,} tokens"
    way_out = f"Raise max_length to {longest:,} if the memory allows it, or shorten these rows."
    return Sign("cut", "warning" if replies else "hint", f"{said}.", evidence, way_out, ids)


def _end_not_learned(encoding: Encoding, template: Template) -> Sign | None:
    """A guard on our own labels: every reply that is whole ends with a control token, and that token is trained."""
    ends = set(template.controls.values())
    wrong = []
    for row in encoding.rows:
        last = next((one for one in reversed(row.labels) if one != MASKED), None)
        unclosed = row.lost and not template.closes  # what is left of it are replies that have no end
        if not row.end_lost and not unclosed and last not in ends:
            wrong.append(row)
    if not wrong:
        return None
    ids = tuple(row.row_id for row in wrong)
    tail = shown(template.tokenizer.decode(wrong[0].ids[-8:]))
    said = f"In {len(wrong):,} rows the end of turn is not learned: the model would not stop by itself."
    return Sign("end not learned", "error", said, tail, "Choose another base model.", ids, stops=True)


def _last_only(sights: Sequence[RowSight]) -> Sign | None:
    found = tuple(row.row_id for row in sights if row.last_reply_only)
    if not found:
        return None
    said = (
        f"Of {len(found):,} rows with several replies only the last one trains: the chat template shows earlier "
        "replies in another way than it opens them."
    )
    way_out = "Split such conversations into one row a reply if the earlier ones matter."
    return Sign("last reply only", "warning", said, f"rows {rows_said(found)}", way_out, found)


def _unlabelled(row_id: str, messages: Sequence[Any], template: Template, max_length: int, reason: str) -> SeenRow:
    try:
        ids = template.tokens(template.render(messages))
    except Unfit:
        ids = []
    pieces = pieces_of(ids, [MASKED] * len(ids), template.tokenizer, max_length=max_length)
    cut = max(0, len(ids) - max_length)
    return SeenRow(RowSight(row_id, 0, len(ids) - cut, cut, 0, False, False, reason), tuple(pieces))
