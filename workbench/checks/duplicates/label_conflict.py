"""Nearly the same text under different labels

Where replies (or tags) are labels, two texts that differ in a comma and bear different labels cannot both be right, or
the labels overlap. Label names that are nearly the same ("refund" and "Refunds") split one label into two.

Known limits
    Which label is right, only a person can say; now and then both are, and one word makes the difference. Judged only
    where replies or first tags look like labels (see `label_balance`). Texts in other words are not compared.
Measured
    banking77, 10,003 rows: 7 are flagged, and all 7 have a near copy under another label ("Is my top up not working?"
    and "My top up is not working"). Of 13,083 rows of other sets none is flagged.
Source
    Ying & Thomas 2022 (insights-1.19) find 14 in 100 rows of banking77 doubtful.
"""

from __future__ import annotations

import re
from collections import Counter

from rapidfuzz import fuzz, process

from workbench.checks.balance.labels import Labels, find_labels
from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places, shortened
from workbench.checks.similarity import exact_keys, near_pairs, words_of
from workbench.rows import Rows

SAME_NAME = 0.9  # likeness of two label names; by characters, since they are short
LONGEST_NAMES = 500  # labels compared with one another
FEWEST_WORDS = 4
# Words without which a question stays the same one; what asks, denies or places something in time is not among them.
SILENT_WORDS = (
    "a an the i my me we our you your it is are was be been to of do does did have has had so just please "
    "der die das ein eine ich mein meine wir sie ist sind war bitte le la les un une je mon ma est el los una es mi"
)
SILENT = frozenset(SILENT_WORDS.split())
LONGEST = 30  # words: a long text may hold the difference anywhere, a passage with another question for instance

SOUND = [(f"Where is parcel number {n}?", "delivery") for n in range(30)] + [
    (f"I want my money back for order {n}", "refund") for n in range(30)
]


@check(
    severity="warning",
    scope="set",
    # beside the rows that pass; by themselves they are no vocabulary
    flags=Rows.of(("Has my top-up gone through", "delivery"), ("Has my top up gone through?", "refund")),
    passes=Rows.of(*SOUND),
)
def label_conflict(rows: Rows, *, most: float = 0.0) -> Findings:
    """Measure: likeness to the likest text with another label, or of the label's name to a commoner one's, 0 to 1."""
    labels = find_labels(rows)
    if labels is None:
        return above([None] * len(rows), most)
    texts = rows.prompt if labels.where == "reply" else rows.text
    keys, place = exact_keys(texts), places(rows)
    measure: list[float | None] = [0.0 if label else None for label in labels.of]
    notes = [""] * len(rows)
    for a, b, score in _pairs(keys, labels):
        for row, other in ((a, b), (b, a)):
            if score > (measure[row] or 0.0):
                measure[row] = score
                said = shortened(texts[other])
                notes[row] = f'"{labels.of[row]}" here, "{labels.of[other]}" at {place[other]} for "{said}"'
    twins = _twins(Counter(label for label in labels.of if label))
    for row, label in enumerate(labels.of):
        if label in twins:
            commoner, score = twins[label]
            measure[row] = max(measure[row] or 0.0, score)
            notes[row] = notes[row] or f'the label "{label}" is nearly the commoner "{commoner}"'
    about = [f'The labels "{rarer}" and "{other}" are written nearly alike.' for rarer, (other, _) in twins.items()]
    return above(measure, most, notes, (), about)


def _pairs(keys: list[str], labels: Labels) -> list[tuple[int, int, float]]:
    """Near copies of few words whose labels differ and whose words differ in function words at most.

    One word of content is what parts two labels ("a virtual card", "a disposable virtual card"): of 211 texts of
    banking77 with a near copy under another label, four in five differed in such a word.
    """
    words = [words_of(key) for key in keys]
    chosen = [row for row, label in enumerate(labels.of) if label and FEWEST_WORDS <= len(words[row]) <= LONGEST]
    pairs = near_pairs([" ".join(words[row]) for row in chosen])
    found = []
    for a, b, score in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.score.tolist(), strict=True):
        one, other = chosen[a], chosen[b]
        if set(words[one]) ^ set(words[other]) <= SILENT and _name(labels.of[one]) != _name(labels.of[other]):
            found.append((one, other, score))
    return found


def _twins(counts: Counter[str]) -> dict[str, tuple[str, float]]:
    """Label -> the commoner label whose name is nearly its own, and how alike the names are."""
    found: dict[str, tuple[str, float]] = {}
    ordered = [label for label, _ in counts.most_common(LONGEST_NAMES)]
    names = [_name(label) for label in ordered]
    for place, (label, name) in enumerate(zip(ordered, names, strict=True)):
        if place and name and not any(sign.isdigit() for sign in name):
            other, score, at = process.extractOne(name, names[:place], scorer=fuzz.ratio) or ("", 0.0, 0)
            if (score >= 100 * SAME_NAME and other and len(name) > 1 / (1 - SAME_NAME)) or name == other:
                found[label] = (ordered[at], score / 100)
    return found


def _name(label: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", label.casefold()))
