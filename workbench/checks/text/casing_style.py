"""Capitals unlike most replies

A reply that begins in lower case, SHOUTS, or Sets Every Word In Capitals, where the other replies are written in
plain sentences (or the other way round); or the same short answer in another case than usual ("positive" where it is
mostly "Positive").

Held against the dataset's own majority: at least 20 rows that end in a reply of three words or more, of which 9 in 10
are written alike; without such a majority nothing is said. Short answers of up to three words are held against the
same answer elsewhere in the dataset, where it stands at least 10 times and 9 in 10 times alike. Only scripts that
have capitals are judged; code, JSON, addresses and replies that begin with a mark or a digit are not.

Known limits
    A text that was asked for in capitals, and one that goes on where the prompt stopped, are flagged too. Lower case
    is judged from four words on and where a sentence ends; title case from six words on, and only where everyday
    words ("Is", "The") bear capitals, so that lists of names pass. Names that begin with a small letter ("iPhone")
    pass.
Measured
    Capitals changed in 1 reply in 20 of three real sets: precision 0.98, recall 0.91. On sound sets 2.5 flags in
    1,000 rows, half of them replies that go on where the prompt stopped.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.majority import Tongue, against, per_cent
from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.replies import last_replies, short
from workbench.rows import Rows

LOWER, CAPITALS, TITLE, SENTENCE = (
    "begins in lower case",
    "is in capitals",
    "sets every word in capitals",
    "is in sentences",
)
LOOKED_AT = 400  # characters in which a way of writing shows
SHORT_WORDS, SHORT_LETTERS = 3, 40  # an answer that may stand there again word for word
FEWEST_ALIKE = 10
FEWEST_TITLE_WORDS = 6
TITLE_SHARE = 0.8  # of its words
FEWEST_COMMON = 2  # everyday words, such as "is" and "the", that bear a capital inside the text
ENDED = re.compile(r"[.!?…](?:\s|[\"'”’)]|$)")
FEWEST_CAPITALS = 10  # letters; shorter ones may be an abbreviation
WORD = re.compile(r"[^\W\d_][^\W_'’]*(?:['’][^\W_]+)*")
NO_PROSE = re.compile(r"\s*(?:https?://|www\.|\S+@\S+|[^\W_]+[_./\\=(]\S|[a-z]+[A-Z0-9]|[a-z]\b(?![ ])|[ivx]+\.)")
ITEMS = ("mug", "bowl", "plate", "vase", "jug")
COLOURS = ("blue", "white", "grey", "green", "brown")


@check(
    severity="info",
    scope="set",
    flags=Rows.of("the blue mug is back in stock.", "THE BLUE MUG IS BACK.", "The Blue Mug Is Back In Stock Today."),
    passes=Rows.of(
        *[f"The {colour} {item} is in stock. Come by." for item in ITEMS for colour in COLOURS],
        "iPhone users tap twice.",
        "yes",
    ),
)
def casing_style(rows: Rows, *, most: float = 0.88) -> Findings:
    """Measure: share of the replies that are set in other capitals than this one, 0 to 1; none where there are none."""
    replies = last_replies(rows)
    texts = replies["content"].to_list()
    common = Tongue([text for text in texts if text]).common
    styles = [case_of(text, common) if text else None for text in texts]
    measure, found = against(styles)
    notes = [""] * len(rows)
    if found is not None:
        for row, value in enumerate(measure):
            if value and value > most:
                notes[row] = f"this reply {styles[row]}; {per_cent(found.share)} of {found.count:,} do not"
                if looks_like_code(texts[row]):
                    measure[row] = None
    _short_answers(texts, measure, notes, most)
    spans: list[Sequence[Span]] = [
        [_first_words(turn, text)] if value and value > most else []
        for turn, text, value in zip(replies["turn"], texts, measure, strict=True)
    ]
    return above(measure, most, notes, spans)


def case_of(text: str, common: Collection[str]) -> str | None:
    """How a reply of three words or more is set; None where its script has no case or it is no prose.

    common: the commonest words of the dataset; names do not hold them, a text in title case does.
    """
    head = text[:LOOKED_AT].lstrip(" \t\n\"'“„«*_¡¿(")
    if not head[:1].isalpha() or not (head[0].isupper() or head[0].islower()):
        return None
    words = WORD.findall(head)
    if len(words) < SHORT_WORDS or NO_PROSE.match(head):
        return None
    letters = [letter for letter in head if letter.isalpha()]
    if sum(map(str.isupper, letters)) > 0.8 * len(letters):
        return CAPITALS if len(letters) >= FEWEST_CAPITALS else None
    if head[0].islower():
        return LOWER if len(words) > SHORT_WORDS and ENDED.search(head) else None
    inner = [word for word in words[1:] if word.lower() in common]
    if len(words) >= FEWEST_TITLE_WORDS and len(inner) >= FEWEST_COMMON and all(word[0].isupper() for word in inner):
        return TITLE if sum(word[0].isupper() for word in words) >= TITLE_SHARE * len(words) else SENTENCE
    return SENTENCE


def _short_answers(texts: Sequence[str | None], measure: list[float | None], notes: list[str], most: float) -> None:
    """Sets measure and note of the short answers whose other spelling is the usual one."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    short_ones = [
        (row, text.strip())
        for row, text in enumerate(texts)
        if text and len(text) <= SHORT_LETTERS and len(text.split()) <= SHORT_WORDS
    ]
    for _, answer in short_ones:
        spelt[answer.lower()][answer] += 1
    for row, answer in short_ones:
        ways = spelt[answer.lower()]
        total = sum(ways.values())
        if total < FEWEST_ALIKE or measure[row] is not None:
            continue
        usual, times = ways.most_common(1)[0]
        measure[row] = 0.0 if answer == usual else times / total
        if (measure[row] or 0.0) > most:
            notes[row] = f'"{short(answer)}" is mostly written "{usual}" ({times:,} of {total:,})'


def _first_words(turn: int, text: str) -> Span:
    start = len(text) - len(text.lstrip())
    return turn, start, start + len(text[start : start + 40].rstrip())
