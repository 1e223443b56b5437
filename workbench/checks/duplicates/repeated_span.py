"""A long passage that stands in several replies

A disclaimer, a signature, a page of terms: fifty words and more, the same in three different replies. What stands
often is recited, also where it does not belong.

Known limits
    Counts words between blanks, so in scripts written without them a passage must be far longer. Replies that are equal
    as a whole count once: those are `exact_copy` and `one_reply_many_prompts`. Wanted where the passage must be there.
Measured
    10,662 clean rows and 55,185 rows of t0: none is flagged.
Source
    Lee et al. 2022, arXiv 2107.06499, remove spans of 50 tokens that occur twice; here three replies must share it.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.duplicates.place import places
from workbench.checks.word_grams import hashed_words, word_grams
from workbench.rows import Rows

WORD = re.compile(r"\w+")
LEAST_CHARACTERS = 2  # of a word and the blank after it: a shorter text cannot hold so many words

TERMS = (
    "Please note that all prices include value added tax and exclude the cost of shipping, which depends on the weight "
    "of the parcel and on the country of delivery; that orders placed before noon leave our warehouse on the same day; "
    "and that returns are free of charge within thirty days of delivery as long as the goods are unused."
)


@check(
    severity="info",
    scope="set",
    flags=Rows.of(*[f"{answer} {TERMS}" for answer in ("The lamp costs 30.", "We ship on Mondays.", "It is oak.")]),
    passes=Rows.of("The lamp costs 30.", f"Our terms are short. {TERMS.replace('and', 'as well as')}", "It is oak."),
)
def repeated_span(rows: Rows, *, words: int = 50, replies: int = 3) -> Findings:
    """Measure: words in the longest passage of the reply that stands in at least `replies` different replies.

    0 where no passage of `words` words does. The passage is marked in the text.
    """
    measure = np.zeros(len(rows))
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    words, replies = max(words, 2), max(replies, 2)
    keyed = (
        pl.DataFrame({"reply": rows.reply}, schema={"reply": pl.String})
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
    )
    keyed = keyed.filter(pl.col("reply").str.len_bytes() >= words * LEAST_CHARACTERS)
    distinct = (
        keyed.with_columns(key=pl.col("reply").str.to_lowercase()).group_by("key", maintain_order=True).agg("row")
    )
    hashed, size = hashed_words(distinct["key"].to_list())
    places_of = places(rows)
    members = distinct["row"].to_list()
    for text, start, length, holders in _shared_runs(hashed, size, words, replies):
        for row in members[text]:
            measure[row] = length
            other = next(members[one][0] for one in holders if one != text)
            notes[row] = f"a passage of {length:,} words stands in {len(holders):,} replies, also at {places_of[other]}"
            spans[row] = _span(rows, row, start, length, int(size[text]))
    return above(pl.Series(measure), words - 1, notes, spans)


def _shared_runs(hashed: np.ndarray, size: np.ndarray, run: int, fewest: int) -> list[tuple[int, int, int, list[int]]]:
    """(text, first word, words, texts that hold its beginning) of the longest shared passage of each text that has one.

    hashed: the words of all texts, one after the other, as 64-bit numbers; size: words in each text.
    """
    text = np.repeat(np.arange(len(size)), size)
    grams, at, _ = word_grams(hashed, size, run)
    if not len(grams):
        return []
    order = np.argsort(grams, kind="stable")
    grams, at = grams[order], at[order]
    begins = np.flatnonzero(np.r_[True, grams[1:] != grams[:-1]])
    length = np.diff(np.r_[begins, len(grams)])
    often = np.zeros(len(hashed), bool)
    group = np.full(len(hashed), -1, np.int64)
    holders: dict[int, list[int]] = {}
    for first, many in zip(begins[length >= fewest].tolist(), length[length >= fewest].tolist(), strict=True):
        where = at[first : first + many]
        holding = np.unique(text[where])
        if len(holding) >= fewest:
            often[where], group[where] = True, first
            holders[first] = holding.tolist()
    if not holders:
        return []
    edges = np.flatnonzero(np.diff(np.r_[False, often, False].astype(np.int8)))
    best: dict[int, tuple[int, int]] = {}
    offset = np.cumsum(size) - size
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        # two texts' runs never touch: the last run - 1 words of a text begin no gram
        one = int(text[begin])
        best[one] = max(best.get(one, (0, 0)), (end - begin + run - 1, -begin))
    return [
        (one, -begin - int(offset[one]), length, holders[int(group[-begin])]) for one, (length, begin) in best.items()
    ]


def _span(rows: Rows, row: int, start: int, length: int, expected: int) -> list[Span]:
    """Where the passage stands; nothing where Python counts other words than Polars did."""
    found = list(WORD.finditer(rows.reply[row]))
    if len(found) != expected:
        return []
    return [(len(rows.messages[row]) - 1, found[start].start(), found[start + length - 1].end())]
