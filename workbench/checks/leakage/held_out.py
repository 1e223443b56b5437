"""Which rows repeat held-out rows: copies and near copies, and passages of them inside longer texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.checks.check import Findings, above
from workbench.checks.duplicates.place import shortened
from workbench.checks.word_grams import hashed_words, word_grams
from workbench.rows import Rows
from workbench.splits import leaks

RUN = 8  # words; datatrove takes 12, GPT-3 took 13, and a golden question is often shorter than twice that
FEWEST_RUNS = 8  # of a passage that are its own: fewer and a set phrase decides
MOST_HELD = 3  # held-out rows that share a run before it counts as a set phrase
MOST_SHARE = 0.001  # of the rows ...
MOST_ROWS = 5  # ... or so many, whichever is more: a run in more rows is a template's
SELF = "the same row"


@dataclass(frozen=True)
class Passages:
    """Prompts and replies of held-out rows. texts: (P,); of: (P,) the row each is from; what: (P,) prompt or reply."""

    texts: list[str]
    of: np.ndarray
    what: list[str]


def repeats(rows: Rows, held: Rows, name: str) -> Findings:
    """How much of a held-out row each row repeats, 0 to 1: likeness of a copy, or the part of its passage that stands
    in the row. Flagged from .5 on; `name` is what the held-out rows are called in the notes ("golden")."""
    measure = np.zeros(len(rows))
    notes = [""] * len(rows)
    place = {row_id: i for i, row_id in enumerate(rows.row_id)}
    asked = {row_id: shortened(prompt) for row_id, prompt in zip(held.row_id, held.prompt, strict=True)}
    for leak in leaks(rows, held):
        row = place[leak.training_id]
        measure[row] = leak.score
        one = f'{_a(name)} row ("{asked[leak.golden_id]}")'
        copied = f"is a {leak.how} of {one}, likeness {leak.score:.2f}"
        notes[row] = f"is {one} itself" if leak.how == SELF else copied
    passages = _passages(held)
    for row, passage, share in contained(rows, passages):
        if share > measure[row]:
            measure[row] = share
            said = shortened(passages.texts[passage])
            notes[row] = f'{share:.0%} of the {passages.what[passage]} of {_a(name)} row stands in it: "{said}"'
    return above(measure.tolist(), np.nextafter(0.5, 0), notes)


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _passages(held: Rows) -> Passages:
    of = np.arange(len(held))
    return Passages([*held.prompt, *held.reply], np.r_[of, of], ["prompt"] * len(held) + ["reply"] * len(held))


def contained(rows: Rows, passages: Passages) -> list[tuple[int, int, float]]:
    """(row, passage, part of the passage's own runs that stand in the row) for parts of a half and more.

    A run of eight words is a passage's own when few held-out rows and few rows share it, so what a template puts into
    all of them counts for none.
    """
    grams, _, of = word_grams(*hashed_words(passages.texts), RUN)
    known, run = np.unique(grams, return_inverse=True)
    if not len(known):
        return []
    pairs = np.unique(np.column_stack([run, of]), axis=0)  # each run once a passage
    holders = np.unique(np.column_stack([run, passages.of[of]]), axis=0)[:, 0]
    common = np.bincount(holders, minlength=len(known)) > MOST_HELD
    found, _, row = word_grams(*hashed_words(rows.text), RUN)
    at = np.searchsorted(known, found).clip(max=len(known) - 1)
    hit = known[at] == found
    seen = np.unique(np.column_stack([at[hit], row[hit]]), axis=0)  # each run once a row
    common |= np.bincount(seen[:, 0], minlength=len(known)) > max(MOST_ROWS, MOST_SHARE * len(rows))
    own = np.bincount(pairs[~common[pairs[:, 0]], 1], minlength=len(passages.texts))
    passages_of: dict[int, list[int]] = {}
    for number, passage in pairs[~common[pairs[:, 0]]].tolist():
        passages_of.setdefault(number, []).append(passage)
    shared: dict[tuple[int, int], int] = {}
    for number, one in seen[~common[seen[:, 0]]].tolist():
        for passage in passages_of.get(number, ()):
            shared[one, passage] = shared.get((one, passage), 0) + 1
    return [
        (one, passage, count / int(own[passage]))
        for (one, passage), count in shared.items()
        if own[passage] >= FEWEST_RUNS and 2 * count >= own[passage]
    ]
