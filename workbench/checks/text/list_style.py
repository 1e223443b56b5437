"""List marked unlike most lists

The lists of this dataset are set with one mark ("-"), and this reply uses another ("*", "•"); or most lists are
numbered "1." and this one "1)"; or nearly all replies are lists and this one is running text. The tuned model would
mix them.

Held against the dataset's own majority, each by itself and only where at least 20 replies are of the kind and 9 in 10
agree: the mark of bullets (-, *, •, –, +), the form of numbers (1. 1) (1) 1:), and list or running text. A list is
two lines or more with the same kind of mark. Running text is held against lists only where it is at least half as
long as most lists are; a list in a dataset of running text is never flagged, since a question may ask for one.

Known limits
    A list that is numbered where most are bulleted (or the other way round) is flagged only where 19 in 20 agree.
    Lists inside code, and lettered ones (a) b)), are not read. A reply that has both "-" and "*" counts by the mark
    of its outer lines.
Measured
    36 lists with another mark, or running text, among 600 lists: all found, none wrong. On sound sets 1.9 flags in
    1,000 rows; of 16 read all had another mark than most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.majority import USUAL_SHARE, against, per_cent
from workbench.checks.text.prose import looks_like_code, without_code
from workbench.checks.text.replies import last_replies
from workbench.rows import Rows

BULLET = r"(?m)^([ \t]{0,8})([-*•–‣·●▪+])[ \t]+\S"
NUMBER = r"(?m)^([ \t]{0,8})((?:\(\d{1,2}\)|\d{1,2}[.):]))[ \t]+\S"
FEWEST_ITEMS = 2
LIST, TEXT = "a list", "running text"
BULLETED, NUMBERED = "bulleted", "numbered"
NEARLY_ALL = 0.95  # of the lists: steps are numbered for a reason, so a mere majority says nothing
GOODS = ("mugs", "bowls", "plates", "vases", "jugs")


@check(
    severity="info",
    scope="set",
    flags=Rows.of("We have:\n* tea\n* coffee", "We have:\n• tea\n• coffee", "First:\n1) open\n2) pour"),
    passes=Rows.of(
        *[f"We have {number}:\n- {one}\n- {two}" for number, one in enumerate(GOODS) for two in GOODS],
        *[f"Do this with {one}:\n1. open {two}\n2. pour" for one in GOODS for two in GOODS],
        "Tea.",
    ),
)
def list_style(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the lists that are marked alike where this reply's is not, 0 to 1; none for a reply without."""
    replies = last_replies(rows)
    bullets = _marks(replies["content"], BULLET)
    numbers = _marks(replies["content"], NUMBER)
    forms = _forms(replies["content"], bullets, numbers)
    kinds = [
        BULLETED if b and not n else NUMBERED if n and not b else None for b, n in zip(bullets, numbers, strict=True)
    ]
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for styles, said in ((bullets, "bullets"), (numbers, "numbers"), (kinds, "kinds"), (forms, "forms")):
        values, found = against(styles)
        if found is None or found.usual == TEXT or (said == "kinds" and found.share < NEARLY_ALL):
            continue
        for row, value in enumerate(values):
            if value is None or value <= (measure[row] or -1.0):
                continue
            measure[row] = value
            if value > most:
                turn, text = replies["turn"][row], replies["content"][row]
                usual = f"{per_cent(found.share)} of {found.count:,}"
                if said == "forms":
                    notes[row] = f"running text, where {usual} replies are lists"
                elif said == "kinds":
                    notes[row] = f"{styles[row]} list, where {usual} lists are {found.usual}"
                else:
                    kind = "bulleted" if said == "bullets" else "numbered"
                    notes[row] = f'list marked "{styles[row]}", where {usual} {kind} lists have "{found.usual}"'
                spans[row] = _places(turn, text, styles[row] if said in ("bullets", "numbers") else None)
    return above(measure, most, notes, spans)


def _marks(texts: pl.Series, pattern: str) -> list[str | None]:
    """(N,) the mark of each text's list, digits as 1; None where there are fewer than two marked lines."""
    many = texts.str.count_matches(pattern).fill_null(0) >= FEWEST_ITEMS
    return [_mark(text, pattern) if look else None for text, look in zip(texts, many, strict=True)]


def _mark(text: str, pattern: str) -> str | None:
    found = re.findall(pattern, without_code(text))
    if len(found) < FEWEST_ITEMS or looks_like_code(text):
        return None
    outer = min(len(blanks) for blanks, _ in found)
    shapes = [_shape(mark) for blanks, mark in found if len(blanks) == outer]
    commonest = max(set(shapes), key=lambda shape: (shapes.count(shape), shape))
    return commonest if shapes.count(commonest) >= FEWEST_ITEMS else None


def _shape(mark: str) -> str:
    return "".join("1" if letter.isdigit() else letter for letter in mark).replace("11", "1")


def _forms(texts: pl.Series, bullets: Sequence[str | None], numbers: Sequence[str | None]) -> list[str | None]:
    """(N,) list or running text; None for replies that are too short to be a list, or no prose."""
    listed = [bool(b or n) for b, n in zip(bullets, numbers, strict=True)]
    lengths = texts.str.len_chars().to_list()
    usual = median([length for length, is_list in zip(lengths, listed, strict=True) if is_list] or [0])
    forms: list[str | None] = []
    for length, is_list in zip(lengths, listed, strict=True):
        forms.append(LIST if is_list else TEXT if length is not None and length >= usual / 2 else None)
    return forms


def _places(turn: int, text: str, style: str | None) -> list[Span]:
    if style is None:
        return []
    pattern = NUMBER if "1" in style else BULLET
    hits = [hit for hit in re.finditer(pattern, without_code(text)) if _shape(hit.group(2)) == style]
    return [(turn, hit.start(2), hit.end(2)) for hit in hits]
