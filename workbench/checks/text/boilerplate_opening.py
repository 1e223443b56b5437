"""Stock phrase before the answer

"Certainly!", "Great question!", "Thank you for reaching out.": words before the answer that say nothing. The model
learns them first and best, and puts them before everything.

Found in two ways. By counting, in any language: the first sentence of a reply, when more than 1 reply in 20 (and at
least 5) begins with the same one and goes on with something else; one that more than 4 in 5 share is taken for the
voice of the house. And by a list of known phrases in 14 languages, each of which is flagged even where it stands
once. A greeting before it ("Hello Anna,") is passed over, and is the business of `greeting_style`. Capitals and marks
do not count.

Known limits
    Only a whole first sentence or line is compared, so "Certainly, the shop opens at nine" passes as one sentence,
    and so does an opening that is never twice the same. A sentence that belongs to the answer and opens many replies
    ("Your parcel is on its way.") is found as well: read before you strip. Program text and one-word answers are left
    alone.
Measured
    236 flags in 22,446 real rows; of 75 read nine in ten were right, the rest were letters and chats between people.
    Of 381 planted openings all were found.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.text.boilerplate import Phrase, measures, note_of, phrases
from workbench.checks.text.replies import last_replies
from workbench.checks.text.stock_phrases import KNOWN_OPENING, opening_at
from workbench.rows import Rows

ITEMS = ("mug", "bowl", "plate", "vase", "jug")


@check(
    severity="info",
    scope="set",
    flags=Rows.of(
        "Certainly! The blue mug holds 300 ml.",
        "Great question! The glaze is food safe.",
        "Hello Ann,\nThank you for reaching out. The shop opens at nine.",
        "Gerne! Der Laden öffnet um neun.",
        *[f"Straight from the kiln: the {item} is ready.\nCome by.".replace(": the", ".\nThe") for item in ITEMS],
    ),
    passes=Rows.of(
        "The blue mug holds 300 ml. It is food safe.",
        "Yes.",
        "Yes. It ships on Monday.",
        "Sure signs of wear are fine cracks.",
        "Thank you",
    ),
    mend="strip_boilerplate",
)
def boilerplate_opening(rows: Rows, *, most: float = 0.05) -> Findings:
    """Measure: share of the replies that begin with the same sentence as this one, 0 to 1; 1 for a stock phrase."""
    found = openings(rows)
    spans = [[(p.turn, p.start, p.end)] if p and p.measure > 0 else [] for p in found]
    return above(measures(found, rows), most, [note_of(phrase, most, "begin") for phrase in found], spans)


def openings(rows: Rows) -> list[Phrase | None]:
    """(N,) the first sentence of each reply, with how many others begin so."""
    replies = last_replies(rows)
    places = [opening_at(text) if text else (0, 0) for text in replies["content"]]
    return phrases(
        replies, places, lambda said: bool(KNOWN_OPENING.match(said.lstrip("\"'“*_¡ ").replace("\u2019", "'")))
    )
