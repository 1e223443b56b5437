"""Too long for the model

What stands past the longest row of a training run is cut off: the reply loses its end, and the model learns to stop
in the middle or never sees the reply at all. Counted in the tokens of the model that the dataset's sheet names, or of
the embedded one. The limit is the sheet's longest row, at first the one that training has by default, 1,024 tokens;
the settings of this check, where they are not 0 or empty, win over the sheet. The note says which reply loses how
much.

Known limits
    The chat template is not rendered: every turn is charged its role and four tokens for its marks, which is exact
    for the ChatML family and within a few tokens for others. A system text that a template adds and tool calls beside
    the text are not counted. A row with fewer bytes than the limit has tokens fits in any case and is not counted: to
    hear of shorter rows, lower the setting `limit` and check again.
Source
    What `training.tokens.encode` cuts off; a token of a byte-level tokenizer holds at least one byte of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.context import Context
from workbench.checks.text.token_counts import bounded_by_bytes, most_tokens, row_tokens, tokenizer_of
from workbench.rows import Message, Rows


@check(
    severity="error",
    flags=Rows.of("open the lid and wait " * 210),
    passes=Rows.of("Open the lid and wait.", "open the lid and wait " * 190),
    edition=2,
)
def too_long(rows: Rows, context: Context, *, limit: int = 0, model: str = "") -> Findings:
    """Measure: tokens of the whole conversation, the contents and, for each turn, its role and four marks.

    Null for a row that fits by its bytes already. limit: 0 is the longest row of the sheet. `model` is the folder of
    the model (or its tokenizer.json); "" is the sheet's, or the embedded model. Raises NotRun when no tokenizer is
    there: tokens are not guessed from words.
    """
    longest = limit or context.sheet.max_length
    tokenizer = tokenizer_of(model or context.sheet.model)
    looked_at = list(range(len(rows)))
    if bounded_by_bytes(tokenizer):
        looked_at = (most_tokens(rows) > longest).arg_true().to_list()
    counted = row_tokens(rows, tokenizer, looked_at)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, tokens in zip(looked_at, counted, strict=True):
        measure[row] = float(sum(tokens))
        if sum(tokens) > longest:
            notes[row], spans[row] = what_is_lost(rows.messages[row], tokens, longest)
    return above(measure, longest, notes, spans)


def what_is_lost(turns: Sequence[Message], tokens: Sequence[int], longest: int) -> tuple[str, list[Span]]:
    """What a row over the limit loses, in words, and the places of the text that are lost or shortened.

    The place inside a turn is an estimate: its tokens are taken to be equally long.
    """
    total, begun, lost, spans = sum(tokens), 0, [], []
    replies = [place for place, turn in enumerate(turns) if turn["role"] == "assistant"]
    for place, (turn, size) in enumerate(zip(turns, tokens, strict=True)):
        kept, begun = max(0, min(size, longest - begun)), begun + size
        if kept == size:
            continue
        if place in replies:
            name = "the reply" if len(replies) == 1 else f"reply {replies.index(place) + 1} of {len(replies)}"
            lost.append(f"{name} loses its last {size - kept:,} of {size:,} tokens" if kept else f"{name} is lost")
        characters = len(turn["content"] or "")
        start = characters * kept // size
        spans += [(place, start, characters)] if start < characters else []
    more = f", and {len(lost) - 2} more" if len(lost) > 2 else ""
    loss = "; ".join(lost[:2]) + more if lost else "what is lost holds no reply"
    return f"{total:,} tokens, {total - longest:,} over the limit of {longest:,}: {loss}", spans
