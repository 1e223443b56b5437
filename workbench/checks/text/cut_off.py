"""Reply that was cut off

A reply that stops in the middle teaches the model to stop in the middle. Looks for what only a stump has: a code block
or bracket that is never closed, a comma or "and" at the end, a list number with nothing behind it, a paragraph whose
earlier sentences end and whose last one does not.

Known limits
    A reply cut exactly behind a full stop is not seen. Poems, lists, tables and code may end without one and are left
    alone unless a bracket or a fence is open. Words such as "and" are known in English only. Where a sixth of a
    dataset's replies leave their last sentence open, as in chats, that is taken for its style. Chinese, Japanese and
    Thai often go without a last stop, so there only a word such as 的 or を at the end counts, and most stumps pass.
Measured
    One reply in ten cut in half: precision 0.88; recall 0.46 in English, 0.09 in other languages. Fewer than 3 flags in
    1,000 on real text, two thirds of them right. "No full stop at the end" by itself was right
    for one flagged row in 25 (data of Alpaca), so it does not count here.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.text.endings import SENTENCE, WEAK, ending_fault, sentence_ends
from workbench.rows import Rows

FEWEST_REPLIES = 20
STYLE_SHARE = 0.15  # of the replies with more than one sentence; people's chats have 0.3, written replies under 0.02


@check(
    severity="warning",
    scope="set",
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
    found = [ending_fault(reply) for reply in rows.reply]
    if open_style(rows.reply, [sureness for sureness, _ in found]):
        found = [(WEAK if sureness == SENTENCE else sureness, note) for sureness, note in found]
    return above([sureness for sureness, _ in found], least, [note for _, note in found])


def open_style(replies: list[str], sureness: list[float]) -> bool:
    """True where so many replies leave their last sentence open that it is how this dataset is written."""
    several = [sure for reply, sure in zip(replies, sureness, strict=True) if sentence_ends(reply)]
    return len(several) >= FEWEST_REPLIES and several.count(SENTENCE) > STYLE_SHARE * len(several)
