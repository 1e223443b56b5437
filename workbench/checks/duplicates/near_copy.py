"""Near copy of another row

Rows that say the same in nearly the same words add weight, not knowledge; when one of them lands in the golden set, the
evaluation measures memory.

Known limits
    Rows of 30 words and more: seven in ten of their three-word runs are common; below 100 words also the mean of common
    words, token set and numbers (see `similarity.py`). Numbers must agree, so rows equal but for their numbers pass.
    The same thing said in other words is not seen. The system text is not compared. Exact copies are left to
    `exact_copy`. Of each group of copies the longest reply (of equal ones the first) is not flagged.
Measured
    On human-verified copies of bibliographic records (bibdedupe): precision 0.996 and recall 0.965 on one set,
    0.996 and 0.894 on the other.
Source
    Lee et al. 2022, arXiv 2107.06499, for why; the rule was measured for this project.
"""

from __future__ import annotations

import math

from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.exact_copy import conversation_keys
from workbench.checks.duplicates.place import places
from workbench.checks.similarity import LEAST_RUNS, components, near_pairs
from workbench.rows import Rows, word_list


@check(
    severity="warning",
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
    """Measure: likeness to the likest row that is better or stays, 0.7 to 1; null where no other row is alike."""
    pairs = near_pairs(rows.text)
    first: dict[tuple, int] = {}
    copies = {i for i, key in enumerate(conversation_keys(rows)) if first.setdefault(key, i) != i}
    rank = [(-len(word_list(reply)), i) for i, reply in enumerate(rows.reply)]
    group = components(len(rows), pairs.a, pairs.b)
    survivor: dict[int, int] = {}
    for i in sorted(set(range(len(rows))) - copies, key=rank.__getitem__):
        survivor.setdefault(int(group[i]), i)
    best: list[tuple[bool, float, int]] = [(False, 0.0, -1)] * len(rows)
    for a, b, score in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.score.tolist(), strict=True):
        if b not in copies:  # a pair with an exact copy names its original as a
            best[a] = max(best[a], (rank[b] < rank[a], score, b))
            best[b] = max(best[b], (rank[a] < rank[b], score, a))
    place = places(rows)
    stays = set(survivor.values())
    alike = [other >= 0 and i not in stays for i, (_, _, other) in enumerate(best)]
    measure = [score if told else None for told, (_, score, _) in zip(alike, best, strict=True)]
    notes = [f"{math.floor(100 * score)}% like {place[o]}" if told else "" for told, (_, score, o) in zip(alike, best, strict=True)]
    # A hair below `least`, because findings lie strictly above their limit and exactly .7 counts.
    return above(measure, math.nextafter(least, 0), notes)
