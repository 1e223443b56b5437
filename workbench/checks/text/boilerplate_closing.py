"""Stock phrase after the answer

"I hope this helps!", "Let me know if you have any other questions.", "Is there anything else?": words after the
answer that say nothing. A tuned model puts them behind everything.

Found in two ways. By counting, in any language: the last sentence of a reply, when more than 1 reply in 20 (and at
least 5) ends with the same one; one that more than 4 in 5 share is taken for the voice of the house. And by a list of
known phrases in 14 languages, each of which is flagged even where it stands once. A sign-off behind it ("Kind
regards, Ann") is passed over, and is the business of `sign_off_style`. Capitals and marks do not count.

Known limits
    Only the last sentence or line is compared; a closing that is never twice the same and is not on the list passes.
    A closing question that is part of the service wanted is found as well. A reply that is nothing but the phrase
    passes, and so does program text.
Measured
    456 flags in 22,446 real rows; of 75 read nine in ten were right, the rest were letters and chats between people.
    Of 381 planted closings 0.87 were found; those missed stood behind program text without a stop.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.text.boilerplate import Phrase, measures, note_of, phrases
from workbench.checks.text.greetings import sign_off_starts
from workbench.checks.text.replies import last_replies
from workbench.checks.text.stock_phrases import KNOWN_CLOSING, closing_at
from workbench.rows import Rows

ITEMS = ("mug", "bowl", "plate", "vase", "jug")


@check(
    severity="info",
    scope="set",
    flags=Rows.of(
        "The blue mug holds 300 ml. I hope this helps!",
        "It ships on Monday. Let me know if you have any other questions.",
        "It ships on Monday.\n\nIs there anything else I can help you with?\n\nKind regards,\nAnn",
        "Der Laden öffnet um neun. Falls Sie weitere Fragen haben, melden Sie sich gern.",
        *[f"The {item} is ready. Keep the fire low." for item in ITEMS],
    ),
    passes=Rows.of(
        "The blue mug holds 300 ml. It is food safe.",
        "I hope this letter finds you well. The shop has moved.",
        "Let me know.",
        "It helps to let the clay rest. Do so for a day.",
    ),
    mend="strip_boilerplate",
)
def boilerplate_closing(rows: Rows, *, most: float = 0.05) -> Findings:
    """Measure: share of the replies that end with the same sentence as this one, 0 to 1; 1 for a stock phrase."""
    found = closings(rows)
    spans = [[(p.turn, p.start, p.end)] if p and p.measure > 0 else [] for p in found]
    return above(measures(found, rows), most, [note_of(phrase, most, "end") for phrase in found], spans)


def closings(rows: Rows) -> list[Phrase | None]:
    """(N,) the last sentence of each reply, with how many others end so."""
    replies = last_replies(rows)
    starts = sign_off_starts(replies["content"])
    places = [
        closing_at(text, start) if text and start else (0, 0)
        for text, start in zip(replies["content"], starts, strict=True)
    ]
    return phrases(
        replies, places, lambda said: bool(KNOWN_CLOSING.match(said.lstrip("\"'“*_¡¿( ").replace("\u2019", "'")))
    )
