"""Reply that repeats itself

Loops in the training replies come back as loops when the tuned model answers.

Known limits
    Songs and drills repeat on purpose. Program text is left alone, and so are replies of under twelve words.
Measured
    7 flags in 10,662 rows of real text, some of them right (`benchmarks/check_precision.py`).
Source
    Duplicate n-gram shares after Rae et al. 2021, arXiv 2112.11446 (Gopher), table A1, here per reply.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from workbench.checks.check import Findings, above, check
from workbench.checks.text.prose import is_unspaced, looks_like_code, without_code
from workbench.rows import Rows

TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
FEWEST = 12  # words; shorter replies repeat by chance
LETTERS = 2  # a script without blanks: so many letters say as much as one word
TAIL = 120  # words at the end looked at by themselves: a long reply that ends in a loop
LINE_REPEATS = 4  # the same line so often is a loop even where the rest is long (Gopher: more than 3)
LINE_LETTERS = 12  # shorter lines ("Yes", "Total") recur in sound lists
LONGEST_PHRASE = 40  # words of a phrase that a note looks for


@check(
    severity="warning",
    flags=Rows.of(
        "do it now " * 9,
        "Wait for the green light.\n" * 6 + "Then open the lid and take the cup out slowly.",
        "これは大切なことです。" * 12,
    ),
    passes=Rows.of(
        "Open the lid, pour the water, close the lid.",
        "No, no, no!",
        "Berlin is in Germany. Paris is in France. Rome is in Italy. Madrid is in Spain. Lisbon is in Portugal.",
    ),
)
def repetition(rows: Rows, *, size: int = 4, most: float = 0.3) -> Findings:
    """Measure: share of a reply's `size`-word runs that occurred before in it, or of its lines if more, 0 to 1.

    Taken over the whole reply and over its last 120 words, the larger of the two. In scripts without blanks every
    letter counts as a word and the runs are twice as long. None for replies too short to tell and for program text.
    """
    measured = [_measure(reply, size) for reply in rows.reply]
    return above([share for share, _ in measured], most, [note for _, note in measured])


def _measure(reply: str, size: int) -> tuple[float | None, str]:
    text = without_code(reply)
    units, joint = _units(text)
    if not joint:
        size *= LETTERS
    if len(units) < FEWEST or looks_like_code(text):
        return None, ""
    share = max(repeated_share(units, size), repeated_share(units[-TAIL:], size))
    lines, line, times = _repeated_lines(text)
    if lines > share:
        return lines, f'the line "{_short(line)}" stands there {times} times'
    phrase, times = most_repeated(units, size) if share else ([], 0)
    return share, f'repeats "{_short(joint.join(phrase))}" {times} times' if times > 1 else ""


def _units(text: str) -> tuple[list[str], str]:
    """The words of a text, or its letters where it has no blanks; and what joins them."""
    if is_unspaced(text):
        return re.findall(r"[^\W_]", text), ""
    return TOKEN.findall(text.lower()), " "


def repeated_share(words: Sequence[str], size: int) -> float:
    """The share of the runs of `size` words that occurred before, 0 to 1."""
    runs = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def most_repeated(words: Sequence[str], size: int) -> tuple[list[str], int]:
    """The phrase that recurs most and how often: the commonest run, made as long as the distance between its places."""
    runs = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    if not runs:
        return [], 0
    run, times = Counter(runs).most_common(1)[0]
    places = [i for i, other in enumerate(runs) if other == run]
    if times < 2:
        return list(run), 1
    period = Counter(b - a for a, b in pairwise(places)).most_common(1)[0][0]
    phrase = list(words[places[0] : places[0] + min(period, LONGEST_PHRASE)]) if period < LONGEST_PHRASE else list(run)
    joined, width = 0, len(phrase)
    i = 0
    while i <= len(words) - width:
        hit = list(words[i : i + width]) == phrase
        joined, i = joined + hit, i + (width if hit else 1)
    return (phrase, joined) if joined > 1 else (list(run), times)


def _repeated_lines(text: str) -> tuple[float, str, int]:
    lines = [line.strip() for line in text.splitlines() if sum(map(str.isalpha, line)) >= LINE_LETTERS]
    if not lines:
        return 0.0, "", 0
    line, times = Counter(lines).most_common(1)[0]
    return (1 - len(set(lines)) / len(lines), line, times) if times >= LINE_REPEATS else (0.0, "", 0)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
