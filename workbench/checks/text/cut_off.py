"""Reply that was cut off

A reply that stops in the middle teaches the model to stop in the middle.

What counts, the surest first: a code block, bracket or quotation mark near the end that is never closed; a list
number or bullet with nothing behind it; a comma or colon after a finished sentence; a word such as "and", "und",
"et", "для" or "of" that asks for another one; a word that hardly ever ends a sentence in this dataset; half a word,
with which a longer word of the dataset begins; a paragraph that has finished sentences and ends without a stop; and,
in a dataset of 20 rows and more whose replies mostly end in a stop, a last line of nine words and more without one.
Where four replies or more have exactly the same greatest length and one of them ends without a stop, a limit cut it.

Known limits
    A reply cut exactly behind a full stop is not seen, nor mostly one cut inside a poem, a list of short items, a
    table or program text. Where a sixth of a dataset's replies leave their last sentence open, as in chats, that is
    taken for its style, and only the other signs count. Joining words are listed for some twenty languages. In
    Chinese, Japanese and Thai a long last line counts only where other sentences of the reply have their stop.
Measured
    One reply in ten cut in half: precision 0.89 and recall 0.67 in English, 0.96 and 0.63 in 20 other languages; of
    the 30 flags on whole replies half were stumps that the data held already. XSTest, whose replies were cut at a
    limit: 265 flags in 1,350, and all of 45 read were right. "No full stop at the end" by itself was right for one
    flagged row in 25 (data of Alpaca), so it does not count here.
"""

from __future__ import annotations

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.endings import LONG_LINE, SENTENCE, WEAK, ending_fault
from workbench.checks.text.vocabulary import Vocabulary
from workbench.rows import Rows

FEWEST_REPLIES = 20
LONG_REPLY = 25  # characters: of a reply that has a last sentence
LEAST_LIMIT = 45  # of characters or words that a limit may have
FEWEST_AT_LIMIT = 4  # different replies of the same greatest length
LIMIT = 0.9  # how sure that is
SHOWN = 40  # characters marked
STYLE_SHARE = 0.15  # of the replies with more than one sentence; people's chats have 0.3, written replies under 0.02


@check(
    severity="warning",
    scope="set",
    edition=2,
    flags=Rows.of(
        "Open the lid, pour the water and",
        "Run this:\n```python\nprint('ready')",
        "There are two ways. The first is quick (but it costs more and",
        "1. Open the lid.\n2. Pour the water.\n3.",
        "The parcel left on Monday. It should arrive by Thursday. If it does not, please write to our",
    ),
    passes=Rows.of(
        "Open the lid, pour the water.",
        "Paris",
        "- milk\n- bread\n- a box of eggs",
        "Roses are red,\nViolets are blue,\nSugar is sweet,\nAnd so are you",
        "In stock (three left) :-(",
        "```python\nprint('ready')\n```",
    ),
)
def cut_off(rows: Rows, *, least: float = 0.5) -> Findings:
    """Measure: how sure the sign at the end of the reply is that something is missing, 0 (no sign) to 1."""
    replies = rows.reply
    words = Vocabulary(text for texts in zip(replies, rows.prompt, strict=True) for text in texts)
    found = [ending_fault(reply, words) for reply in replies]
    weak = weak_here(replies, [sureness for sureness, _ in found])
    found = [(WEAK if sureness in weak else sureness, note) for sureness, note in found]
    for row, note in at_the_limit(replies).items():
        found[row] = max(found[row], (LIMIT, note))
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, (sureness, _) in enumerate(found):
        if sureness:
            end = len(replies[row].rstrip())
            spans[row] = [(len(rows.messages[row]) - 1, max(0, end - SHOWN), end)]
    return above([sureness for sureness, _ in found], least, [note for _, note in found], spans)


def at_the_limit(replies: list[str]) -> dict[int, str]:
    """Row -> why, for replies without a last stop that are exactly as long as the longest, where several are."""
    for unit, size in (("characters", len), ("words", lambda reply: len(reply.split()))):
        sizes = [size(reply) for reply in replies]
        most = max(sizes, default=0)
        longest = [row for row, length in enumerate(sizes) if length == most]
        if most >= LEAST_LIMIT and len({replies[row] for row in longest}) >= FEWEST_AT_LIMIT:
            said = f"has no end, and {len(longest)} replies have exactly {most:,} {unit}, the most here"
            return {
                row: said
                for row in longest
                if replies[row].rstrip()[-1].isalnum() or replies[row].rstrip()[-1] in ",;:("
            }
    return {}


def weak_here(replies: list[str], sureness: list[float]) -> set[float]:
    """The signs that say little here: too few replies to compare with, or so many open ones that it is the style."""
    long = [sure for reply, sure in zip(replies, sureness, strict=True) if len(reply) >= LONG_REPLY]
    if len(long) < FEWEST_REPLIES:
        return {LONG_LINE}
    still_open = long.count(SENTENCE) + long.count(LONG_LINE)
    return {SENTENCE, LONG_LINE} if still_open > STYLE_SHARE * len(long) else set()
