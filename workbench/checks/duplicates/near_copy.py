"""Near copy of another row

Rows that say the same in nearly the same words add weight, not knowledge; when one of them lands in the golden set, the
evaluation measures memory.

Known limits
    Rows of 30 words and more: seven in ten of their three-word runs are common; below 100 words (150 with three common
    numbers) also the mean of common words, token set and numbers (see `similarity.py`). The replies by themselves must
    be alike, too, and the numbers must agree, so rows equal but for their numbers pass. The same thing said in other
    words is not seen. The system text is not compared. Exact copies are left to `exact_copy`. Of copies the one with
    the longest reply, of equal ones the first, is not flagged; every flagged row is a copy of one that is not.
Measured
    On human-verified copies of bibliographic records (bibdedupe): precision 1.00 and recall 0.98 on one set, 0.996 and
    0.94 on the other (F1 .992 and .968; fitted on one and tested on the other .992 and .966). Of 1,100 short
    instructions it flags 23; 9 are copies and 14 are variants of a template ("The opposite of hot is cold" and "...
    cold is hot"), so look before dropping.
Source
    Lee et al. 2022, arXiv 2107.06499, for why; the rule was measured for this project.
"""

from __future__ import annotations

import math

from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.copies import conversation_keys, find_copies, kept_instead
from workbench.checks.duplicates.place import places
from workbench.checks.similarity import LEAST_RUNS
from workbench.rows import Rows, word_list


@check(
    severity="warning",
    edition=2,
    scope="set",
    # Beside the rows of `passes`, whose first one it nearly copies.
    flags=Rows.of(("How can I track my parcel?", "Open your orders, choose parcel and press track.")),
    passes=Rows.of(
        ("How can I track my parcel?", "Open your orders, choose the parcel and press track."),
        ("How long may I send it back?", "You may send it back within 14 days."),
        ("How long may I send it back?", "You may send it back within 30 days."),
    ),
    mend="keep_best_copy",
)
def near_copy(rows: Rows, *, least: float = LEAST_RUNS) -> Findings:
    """Measure: likeness to the likest row that may stay in its place, 0.7 to 1; null where there is none."""
    first: dict[tuple, int] = {}
    originals = [i for i, key in enumerate(conversation_keys(rows)) if first.setdefault(key, i) == i]
    length = [len(word_list(reply)) for reply in rows.reply]
    instead = kept_instead(find_copies(rows), sorted(originals, key=lambda i: (-length[i], i)))
    place = places(rows)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    for row, (other, score) in instead.items():
        measure[row], notes[row] = score, f"{math.floor(100 * score)}% like {place[other]}"
    # A hair below `least`, because findings lie strictly above their limit and exactly .7 counts.
    return above(measure, math.nextafter(least, 0), notes)
