"""One label has far more rows than the others

Where replies (or else tags) are labels, the model learns how common each one is as well as what it means: a label with
ten times the rows of the others becomes its answer in doubt, and one with three rows is never given.

Known limits
    Right where the world is as uneven as the dataset and the model should know it. Judged only where replies look like
    labels: 50 rows and more, short replies, five rows a label on average. Labels written in two ways count as two; see
    `label_conflict`.
Measured
    banking77 (77 intents, 35 to 187 rows each): no row is flagged.
Source
    The limit of 5 is this project's own; published class-imbalance studies call a ratio of 10 mild.
"""

from __future__ import annotations

from collections import Counter
from statistics import median

from workbench.checks.balance.labels import find_labels
from workbench.checks.check import Findings, above, check
from workbench.rows import Rows

RARE = 0.2  # of the usual number of rows: worth a word
NAMED = 5  # rare labels spelled out


def _labelled(**counts: int) -> Rows:
    return Rows.of(*[(f"Mail {n} about {label}", label) for label, count in counts.items() for n in range(count)])


@check(
    severity="info",
    scope="set",
    mend="rebalance",
    flags=_labelled(delivery=300),  # beside the rows that pass: one label by itself is no vocabulary
    passes=_labelled(refund=30, warranty=25),
)
def label_balance(rows: Rows, *, most: float = 5.0) -> Findings:
    """Measure: how many times as many rows the row's label has as the other labels usually (by their median) have."""
    labels = find_labels(rows)
    if labels is None:
        return above([None] * len(rows), most)
    counts = Counter(label for label in labels.of if label)
    usual = {label: median(n for other, n in counts.items() if other != label) for label in counts}
    times = {label: counts[label] / usual[label] for label in counts}
    told = {
        label: f'{counts[label]:,} rows bear the label "{label}", the others usually {usual[label]:,.0f}'
        for label in counts
    }
    rare = sorted((n, label) for label, n in counts.items() if n < RARE * usual[label])
    about = []
    if rare:
        named = ", ".join(f'"{label}" ({n:,})' for n, label in rare[:NAMED])
        more = f" and {len(rare) - NAMED:,} more" if len(rare) > NAMED else ""
        about = [f"Few rows for these labels, where others usually have {median(counts.values()):,.0f}: {named}{more}."]
    return above(
        [times.get(label) for label in labels.of], most, [told.get(label, "") for label in labels.of], (), about
    )
