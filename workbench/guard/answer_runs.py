"""Which passages of held-out rows stand inside other rows: runs of eight words, without what a template repeats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.checks.word_grams import hashed_words, word_grams
from workbench.rows import Rows

RUN = 8  # words; datatrove takes 12, GPT-3 took 13, and a golden question is often shorter than twice that
FEWEST_RUNS = 8  # of a passage that are its own: fewer and a set phrase decides
MOST_HELD = 3  # held-out rows that share a run before it counts as a set phrase
MOST_SHARE = 0.001  # of the rows ...
MOST_ROWS = 5  # ... or so many, whichever is more: a run in more rows is a template's
HALF = 0.5


@dataclass(frozen=True)
class Passages:
    """Texts of held-out rows. texts: (P,); of: (P,) the row each is from; what: (P,) prompt or reply."""

    texts: list[str]
    of: np.ndarray
    what: list[str]


def passages_of(held: Rows) -> Passages:
    """Prompts and replies of held-out rows."""
    of = np.arange(len(held))
    return Passages([*held.prompt, *held.reply], np.r_[of, of], ["prompt"] * len(held) + ["reply"] * len(held))


def replies_of(held: Rows, approved: Sequence[str] = ()) -> Passages:
    """Replies of held-out rows, without the phrases that anybody may repeat."""
    return Passages(without_phrases(held.reply, approved, "golden"), np.arange(len(held)), ["reply"] * len(held))


def without_phrases(texts: Sequence[str], phrases: Sequence[str], side: str) -> list[str]:
    """The texts with approved phrases cut out, whatever their case and blanks. side: a word put in their place, another
    one on each side of a comparison, so that no run of words reaches across the cut and matches."""
    patterns = [r"\W+".join(re.escape(word) for word in re.findall(r"\w+", phrase)) for phrase in phrases]
    patterns = [pattern for pattern in sorted(patterns, key=len, reverse=True) if pattern]
    if not patterns:
        return list(texts)
    known = re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
    return [known.sub(f" approved{side} ", text) for text in texts]


def contained(
    texts: Sequence[str], passages: Passages, *, least: float = HALF, fewest: int = FEWEST_RUNS
) -> list[tuple[int, int, float]]:
    """(text, passage, part of the passage's own runs that stand in the text) for parts of `least` and more.

    A run of eight words is a passage's own when few held-out rows and few texts share it, so what a template puts into
    all of them counts for none. fewest: own runs that a passage must have to be looked for.
    """
    grams, _, of = word_grams(*hashed_words(passages.texts), RUN)
    known, run = np.unique(grams, return_inverse=True)
    if not len(known):
        return []
    pairs = np.unique(np.column_stack([run, of]), axis=0)  # each run once a passage
    holders = np.unique(np.column_stack([run, passages.of[of]]), axis=0)[:, 0]
    common = np.bincount(holders, minlength=len(known)) > MOST_HELD
    found, _, row = word_grams(*hashed_words(texts), RUN)
    at = np.searchsorted(known, found).clip(max=len(known) - 1)
    hit = known[at] == found
    seen = np.unique(np.column_stack([at[hit], row[hit]]), axis=0)  # each run once a text
    common |= np.bincount(seen[:, 0], minlength=len(known)) > max(MOST_ROWS, MOST_SHARE * len(texts))
    own = np.bincount(pairs[~common[pairs[:, 0]], 1], minlength=len(passages.texts))
    passages_with: dict[int, list[int]] = {}
    for number, passage in pairs[~common[pairs[:, 0]]].tolist():
        passages_with.setdefault(number, []).append(passage)
    shared: dict[tuple[int, int], int] = {}
    for number, one in seen[~common[seen[:, 0]]].tolist():
        for passage in passages_with.get(number, ()):
            shared[one, passage] = shared.get((one, passage), 0) + 1
    return [
        (one, passage, count / int(own[passage]))
        for (one, passage), count in shared.items()
        if own[passage] >= fewest and count >= least * own[passage]
    ]
