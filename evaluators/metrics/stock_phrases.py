"""Opens or closes with a stock phrase

1 when the output begins with praise of the question or an announcement ("Great question!", "Certainly! Here is ..."),
or ends with an offer of more ("I hope this helps!", "Let me know if ..."), and the reference has no such phrase; lower
is better.

Known limits
    English and German phrases. Where the house itself talks so, the reference does too and the row is not judged.
Source
    Phrases written for this project after reading replies of small instruction models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer

EDGE = 220  # characters at the end in which a closing phrase stands
OPENING = re.compile(
    r"\W*(?:(?:what an? |that's an? |that is an? )?(?:great|good|excellent|wonderful|interesting) question\b|"
    r"(?:certainly|absolutely|of course|sure|sure thing|definitely)[!,.]+ "
    r"(?:here(?:'s| is| are)|i'd be|i would be|i can help|let me|let's)|"
    r"i(?:'d| would) be (?:happy|glad|delighted) to (?:help|assist)|"
    r"thank you for (?:your question|asking|reaching out)|"
    r"(?:das ist eine )?(?:gute|tolle|sehr gute) frage\b|gerne?[!,] (?:hier|ich helfe)|natürlich[!,] hier)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"\bi hope (?:this|that|it) (?:helps|was helpful|answers)|\blet me know if (?:you|there|i)\b|"
    r"\bfeel free to (?:ask|reach out|contact|let)|\bdon't hesitate to (?:ask|reach out|contact)|"
    r"\bif you have any (?:other|further|more|additional) questions|\bis there anything else (?:i|we) can\b|"
    r"\bich hoffe,? (?:das|dies) hilft|\bzögern sie nicht|\bmelden sie sich (?:gerne|jederzeit)|"
    r"\bwenn sie (?:weitere|noch) fragen haben",
    re.IGNORECASE,
)


def stock(text: str) -> str:
    """The stock phrase by which a text opens or closes, or ""."""
    plain = " ".join(text.replace("\u2019", "'").split())
    found = OPENING.match(plain) or CLOSING.search(plain[-EDGE:])
    return found[0] if found else ""


def judged(sample: Sample) -> Score:
    """1 for a stock phrase, with its words as note."""
    if stock(sample.reference):
        return Score(None, "the reference has a stock phrase too")
    said = stock(sample.output or "")
    return Score(float(bool(said)), said)


@scorer(
    higher_is_better=False,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example("Great question! Open the lid.", "Open the lid.", 1.0),
        Example("Open the lid. I hope this helps!", "Open the lid.", 1.0),
        Example("Open the lid. It is a good question why.", "Open the lid.", 0.0),
        Example("Great question! Open it.", "Open it. Let me know if you need more.", None),
    ],
)
def stock_phrases(samples: Sequence[Sample]) -> list[Score]:
    """1 where the output opens or closes with a stock phrase."""
    return [judged(s) for s in samples]
