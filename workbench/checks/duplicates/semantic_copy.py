"""Two rows that mean nearly the same

Rows that say the same in other words add weight, not knowledge, and when one of them lands in the golden set the
evaluation measures memory. Never taken out without a person: of such pairs one in nine is no paraphrase.

Known limits
    Read by a small language model that cuts texts at 256 of its tokens and knows English best. It takes minutes, so it
    runs only when it is asked for, and on at most 20,000 rows unless `most_rows` says more. Exact and near copies are
    left to their own checks; rows that differ in a number are not copies, whatever their likeness.
Measured
    MRPC, pairs of sentences with human labels, at a likeness of .9: precision .88, recall .32. Of 1,100 short
    instructions 33 are flagged; of 12 read, 10 ask for the same thing and 2 for its opposite ("slow", "fast").
Source
    SemDeDup, arXiv 2303.09540; all-MiniLM-L6-v2.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from evaluators.models import embedded
from evaluators.models.embedder import MiniLM
from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places, shortened
from workbench.checks.similarity import exact_keys, near_copy_score, numbers_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder

LEAST = 0.9
FEWEST_LETTERS = 10  # of a text: "Yes." and "No." are neighbours too
BLOCK = 1_000  # rows compared with all others at once
READ = 2_000  # characters: more than 256 tokens of any script


@check(
    severity="info",
    scope="set",
    costly=True,
    # beside the rows that pass, whose first one it repeats in other words
    flags=Rows.of(("Which city is the capital of France?", "Paris is France's capital city.")),
    passes=Rows.of(
        ("What is the capital of France?", "The capital of France is Paris."),
        ("What is the longest river of Peru?", "The Ucayali is the longest river of Peru."),
    ),
)
def semantic_copy(rows: Rows, *, least: float = LEAST, most_rows: int = 20_000) -> Findings:
    """Measure: cosine of the row's meaning with that of the likest earlier row that is no copy in words, 0 to 1.

    Raises NotRun where the model is not fetched, and for more rows than `most_rows`.
    """
    if len(rows) > most_rows:
        raise NotRun(
            f"{len(rows):,} rows take the language model long. Ask for it: goldloop check --only semantic_copy "
            f"--set semantic_copy.most_rows={len(rows)}"
        )
    if not embedded.is_ready(EMBEDDER, models_folder()):
        raise NotRun(f"The model that reads the rows is not here yet. Fetch it: goldloop models fetch {EMBEDDER}")
    texts = rows.text
    keys = exact_keys(texts)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    chosen = sorted(row for key, row in first.items() if sum(map(str.isalpha, key[:READ])) >= FEWEST_LETTERS)
    measure: list[float | None] = [None] * len(rows)
    notes, place = [""] * len(rows), places(rows)
    for row, other, likeness in _likest_earlier([texts[row] for row in chosen], least):
        mine, theirs = chosen[row], chosen[other]
        measure[mine] = max(0.0, likeness)
        if other >= 0 and likeness > least:
            notes[mine] = (
                f'means nearly the same as {place[theirs]}: "{shortened(texts[theirs])}" (likeness {likeness:.2f})'
            )
    return above(measure, least, notes)


def _likest_earlier(texts: list[str], least: float) -> list[tuple[int, int, float]]:
    """(text, likest earlier one that copies it in meaning alone, cosine) for each text but the first."""
    vectors = _reader(models_folder() / EMBEDDER)([text[:READ] for text in texts])
    found = []
    for start in range(0, len(texts), BLOCK):
        block = vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T
        for offset, likeness in enumerate(block):
            row = start + offset
            likeness[row:] = -1.0
            other = _first_fit(texts, row, likeness, least)
            if row:
                found.append((row, other, float(likeness[other])))
    return found


def _first_fit(texts: list[str], row: int, likeness: np.ndarray, least: float) -> int:
    """The likest earlier text; above the limit only one that is a copy in meaning alone."""
    while likeness[other := int(likeness.argmax())] > least:
        if numbers_of(texts[row]) == numbers_of(texts[other]) and near_copy_score(texts[row], texts[other]) is None:
            break
        likeness[other] = least  # near enough, and for another check to tell
    return other


@cache
def _reader(folder: Path) -> MiniLM:
    """The model, loaded once a process."""
    return MiniLM(folder)
