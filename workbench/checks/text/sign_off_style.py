"""Sign-off unlike most replies

Most replies of this dataset end with a sign-off ("Kind regards, Ann", "Your Kiln team") and this one does not, or the
other way round.

Held against the dataset's own majority: at least 20 rows that end in a reply, of which 9 in 10 sign off (or 9 in 10
do not); without such a majority nothing is said. Sign-offs are known in some 25 languages; besides, a last line or
last sentence that 9 in 10 replies share word for word counts as one in any language, and then a reply that lacks it
is flagged.

Known limits
    Whether it signs off is compared, not with which words, unless nearly all use the same. A letter that was asked
    for passes where most replies do not sign off. Replies that are code or JSON, and those of fewer than three words,
    are not judged.
Measured
    Sign-offs put behind 1 reply in 20 of three real sets: precision 1.00, recall 0.98; 60 left out where all others
    sign off: all found, one flag wrong. On sound sets 1.2 flags in 1,000 rows, mostly letters and the goodbyes of
    chats.
"""

from __future__ import annotations

from collections import Counter

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.asked_text import asks_for_a_text
from workbench.checks.text.greetings import sign_off_starts
from workbench.checks.text.majority import FEWEST, USUAL_SHARE, against, per_cent
from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.replies import last_replies, short
from workbench.checks.text.stock_phrases import closing_at, key_of
from workbench.rows import Rows

SIGNS, PLAIN = "signs off", "does not sign off"
FEWEST_WORDS = 3
NAMES = ("Ann", "Ben", "Cem", "Dana", "Eva")


@check(
    severity="info",
    scope="set",
    flags=Rows.of("The blue mug is back in stock.", "Your parcel left this morning. Track it in the app."),
    passes=Rows.of(
        *[f"Order {day} is on its way.\n\nKind regards,\n{name}" for name in NAMES for day in range(101, 106)], "Yes."
    ),
)
def sign_off_style(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the replies that sign off where this one does not, or do not where this one does, 0 to 1."""
    replies = last_replies(rows)
    texts = replies["content"].to_list()
    starts = sign_off_starts(replies["content"])
    shared = _shared_ending(texts)
    styles: list[str | None] = []
    for text, start in zip(texts, starts, strict=True):
        if (
            not text
            or start is None
            or (len(text.split()) < FEWEST_WORDS and text.isascii())
            or text.lstrip()[:1] in "{[<`"
        ):
            styles.append(None)
        elif shared:
            styles.append(SIGNS if _ending(text) == shared else PLAIN)
        else:
            styles.append(SIGNS if start < len(text) else PLAIN)
    measure, found = against(styles)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, value in enumerate(measure):
        if not value or found is None or value <= most:
            continue
        turn, text, start = replies["turn"][row], texts[row], starts[row] or 0
        asked = rows.messages[row][turn - 1]["content"] if turn else None
        if looks_like_code(text) or (styles[row] == SIGNS and asked and asks_for_a_text(asked)):
            measure[row] = None
            continue
        end = len(text.rstrip())
        begin = start if start < end else closing_at(text, len(text))[0]
        begin += len(text[begin:]) - len(text[begin:].lstrip())
        spans[row] = [(turn, begin, end)]
        verb = "does not sign off" if styles[row] == PLAIN else f'signs off ("{short(text[start:])}")'
        usual = (f'end with "{shared}"' if shared else "sign off") if found.usual == SIGNS else "do not"
        notes[row] = f"this reply {verb}; {per_cent(found.share)} of {found.count:,} replies {usual}"
    return above(measure, most, notes, spans)


def _ending(text: str) -> str:
    start, end = closing_at(text, len(text))
    return key_of(text[start:end]) if text[:start].strip() else ""


def _shared_ending(texts: list[str | None]) -> str:
    """The words of the last sentence or line that nearly all replies share, or ""."""
    said = [text for text in texts if text]
    if len(said) < FEWEST:
        return ""
    key, times = Counter(_ending(text) for text in said).most_common(1)[0]
    return key if times >= USUAL_SHARE * len(said) else ""
