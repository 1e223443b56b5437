"""Reply that speaks of itself as an AI

"As an AI language model", "my training data", "I am ChatGPT", "I don't have personal opinions": words of another
model that a tuned model would take over, and a customer would read. The reply may well answer the question; a reply
that declines is the business of `refusal`.

Every reply of a conversation is read, from its beginning to its end. Known in English, German, Dutch, French,
Spanish, Portuguese, Italian, Polish, Czech, Russian, Ukrainian, Swedish, Norwegian, Danish, Finnish, Turkish,
Indonesian, Vietnamese, Chinese, Japanese, Korean, Arabic and Hindi. Where the question asks who or what the assistant
is, "I am an AI assistant" is an answer and passes; the name of another product ("I am ChatGPT, made by OpenAI") never
does.

Known limits
    Other wordings pass. Text about AI in general, and a person who works in AI, are not meant; a story in which a
    machine speaks is found all the same. If your model is to say that it is an AI, mark these as no problem.
Measured
    524 flags in 22,446 real rows, most of them written by models; of 110 read two were wrong (a sketch of a chat with
    a robot). Of 381 planted sentences all were found.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.declared_words import straight
from workbench.checks.text.machine_speech import ANCHORS, ASKED_WHO, MACHINE_SPEECH, NAMED_PRODUCT
from workbench.checks.text.prose import without_code
from workbench.checks.text.replies import MOST_LETTERS, assistant_turns, short
from workbench.rows import Rows

SHOWN = 2


@check(
    severity="warning",
    flags=Rows.of(
        "As an AI language model, I cannot taste food, but the soup is usually mild.",
        "The shop opens at nine. My training data ends in 2021, so please ask there.",
        ("Who are you?", "I am ChatGPT, a language model made by OpenAI."),
        "Als KI-Sprachmodell habe ich keine Meinung, aber viele mögen die blaue Tasse.",
        "作为一个人工智能语言模型，我没有个人喜好。",
        "En tant que modèle de langage, je n'ai pas de préférence.",
    ),
    passes=Rows.of(
        "A language model guesses the next word.",
        "As an AI engineer you will write a lot of Python.",
        ("Who are you?", "I am an AI assistant of the Kiln shop."),
        "I don't have the key with me, sorry.",
        ("As an AI, what do you think?", "Blue suits the room."),
    ),
)
def ai_disclaimer(rows: Rows) -> Findings:
    """Measure: number of places in the replies of the row that speak of the reply's writer as a machine."""
    counts, notes = [0.0] * len(rows), [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    found: dict[int, list[str]] = {}
    turns = assistant_turns(rows).with_columns(plain=straight(pl.col("content")))
    for row, turn, content, plain in turns.filter(
        pl.col("plain").str.to_lowercase().str.contains_any(list(ANCHORS))
    ).iter_rows():
        asked = None
        for hit in MACHINE_SPEECH.finditer(without_code(plain[:MOST_LETTERS])):
            if not NAMED_PRODUCT.search(hit.group()):
                asked = _asked_who(rows, row, turn) if asked is None else asked
                if asked:
                    continue
            spans[row].append((turn, *hit.span()))
            found.setdefault(row, []).append(short(content[hit.start() : hit.end()]))
    for row, pieces in found.items():
        counts[row] = float(len(pieces))
        said = ", ".join(f'"{piece}"' for piece in pieces[:SHOWN])
        notes[row] = f"the reply speaks of itself as a machine: {said}"
    return above(counts, 0, notes, spans)


def _asked_who(rows: Rows, row: int, turn: int) -> bool:
    """True where the turn before asks who or what the assistant is."""
    asked = rows.messages[row][turn - 1]["content"] if turn else None
    return bool(asked and ASKED_WHO.search(asked[-2_000:]))
