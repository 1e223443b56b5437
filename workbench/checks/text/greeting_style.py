"""Greeting unlike most replies

Most replies of this dataset begin with a greeting and this one does not, or the other way round. The tuned model
would greet now and then, by chance.

Held against the dataset's own majority: at least 20 rows with a reply, of which 9 in 10 greet (or 9 in 10 do not);
without such a majority nothing is said. The first reply of a conversation is looked at. Greetings are known in some
25 languages ("Hello Ann,", "Guten Tag", "Bonjour", "Hola", "您好", "Здравствуйте"); besides, a first word that 9 in
10 replies share counts as one in any language where a comma, a "!" or a ":" follows within four words ("Bench
note:").

Known limits
    A reply that greets because the question did, and a letter or speech that was asked for, pass where most do not
    greet. Replies that are code or JSON, and those of fewer than three words, are not judged.
Measured
    Greetings put before 1 reply in 20 of three real sets: precision 0.98, recall 0.97; 60 greetings left out where
    all others greet: all found, none wrong. On sound sets 1.2 flags in 1,000 rows, a third of them letters that were
    asked for.
"""

from __future__ import annotations

from collections import Counter

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.asked_text import asks_for_a_text
from workbench.checks.text.greetings import GREETING_WORD, greeting_of
from workbench.checks.text.majority import FEWEST, USUAL_SHARE, against, per_cent
from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.replies import first_replies, short
from workbench.rows import Rows

GREETS, PLAIN = "greets", "does not greet"
FEWEST_WORDS = 3
NAMES = ("Ann", "Ben", "Cem", "Dana", "Eva")


@check(
    severity="info",
    scope="set",
    flags=Rows.of("The blue mug is back in stock.", "Your parcel left this morning."),
    passes=Rows.of(*[f"Hello {name}, order {day} is on its way." for name in NAMES for day in range(101, 106)], "Yes."),
)
def greeting_style(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the replies that greet where this one does not, or do not where this one does, 0 to 1."""
    replies = first_replies(rows)
    texts = replies["content"].to_list()
    places = [greeting_of(text) if text else (0, 0) for text in texts]
    shared = _shared_word(texts)
    styles: list[str | None] = []
    for text, (_, end) in zip(texts, places, strict=True):
        if not text or (len(text.split()) < FEWEST_WORDS and text.isascii()) or text.lstrip()[:1] in "{[<`":
            styles.append(None)
        else:
            styles.append(GREETS if end or (shared and _first_word(text) == shared) else PLAIN)
    measure, found = against(styles)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, value in enumerate(measure):
        if not value or found is None or value <= most:
            continue
        turn, text, (start, end) = replies["turn"][row], texts[row], places[row]
        asked = rows.messages[row][turn - 1]["content"] if turn else None
        if looks_like_code(text) or (
            styles[row] == GREETS and asked and (greeting_of(asked)[1] or asks_for_a_text(asked))
        ):
            measure[row] = None
            continue
        spans[row] = [(turn, start, end)] if end else [(turn, *_first_span(text))]
        verb = "does not greet" if styles[row] == PLAIN else f'greets ("{short(text[start:end])}")'
        usual = "do not" if found.usual == PLAIN else f'begin with "{shared.title()}"' if shared else "greet"
        notes[row] = f"this reply {verb}; {per_cent(found.share)} of {found.count:,} replies {usual}"
    return above(measure, most, notes, spans)


def _first_word(text: str) -> str:
    found = GREETING_WORD.match(text)
    return found.group(1).lower() if found else ""


def _first_span(text: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip())
    blank = text.find(" ", start)
    return start, blank if blank > start else len(text)


def _shared_word(texts: list[str | None]) -> str:
    """The first word that nearly all replies set apart by a mark, or ""."""
    said = [text for text in texts if text]
    if len(said) < FEWEST:
        return ""
    word, times = Counter(_first_word(text) for text in said).most_common(1)[0]
    return word if times >= USUAL_SHARE * len(said) else ""
