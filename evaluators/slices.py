"""Which slices a row counts in: its tags, topic, length, language, and the edge cases that the owner declared

    by_slice(..., tags=slices_of(samples, edge_cases=[("returns from abroad", ("customs",), "")]))

A slice is told from the question alone (and the row's tags), never from an answer, so that no arm can move a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from evaluators import language
from evaluators.metrics.words import words
from evaluators.rules import DEMANDS
from evaluators.sample import Sample

EdgeCase = tuple[str, Sequence[str], str]
"""(name, words or phrases of which the question holds one, tag that the row bears); words or tag may be empty"""

FEWEST_FOR_LENGTH = 30  # rows; thirds of fewer than ten rows could only be counted


def slices_of(
    samples: Sequence[Sample],
    *,
    edge_cases: Sequence[EdgeCase] = (),
    topics: Mapping[str, str] | None = None,
    language_of: Callable[[str], str | None] = language.language_of,
) -> dict[str, tuple[str, ...]]:
    """Row id -> the names of its slices, in the shape that `compare.by_slice` takes.

    Names: "tag: x", "topic: x", "length: short, up to 12 words", "language: de", "case: x". Tags that only say what an
    answer must hold (`must:30 days`) make no slice, except `refuse`. topics: a topic's name by row id, as a clustering
    gave them. Lengths are thirds of these rows' questions; none under 30 rows or where all are of one length.
    Languages make slices only where the rows have at least two.
    """
    questions = {s.id: question_of(s) for s in samples}
    lengths = lengths_of({row_id: len(words(text)) for row_id, text in questions.items()})
    spoken = {row_id: language_of(text) for row_id, text in questions.items()}
    several = len({code for code in spoken.values() if code}) > 1
    found = {}
    for s in samples:
        mine = [f"tag: {tag}" for tag in s.tags if not tag.casefold().startswith(DEMANDS)]
        if topics and topics.get(s.id):
            mine.append(f"topic: {topics[s.id]}")
        if s.id in lengths:
            mine.append(lengths[s.id])
        if several and (code := spoken[s.id]):
            mine.append(f"language: {code}")
        mine += [f"case: {name}" for name, told, tag in edge_cases if shows(s, questions[s.id], told, tag)]
        found[s.id] = tuple(dict.fromkeys(mine))
    return found


def question_of(sample: Sample) -> str:
    """What the user asked last; the whole conversation where no user spoke."""
    asked = [str(turn.get("content") or "") for turn in sample.prompt if turn.get("role") == "user"]
    return asked[-1] if asked else "\n".join(str(turn.get("content") or "") for turn in sample.prompt)


def lengths_of(sizes: Mapping[str, int]) -> dict[str, str]:
    """The length slice by row id: thirds by words, bounds in the name; equal lengths never fall into two slices."""
    if len(sizes) < FEWEST_FOR_LENGTH or len(set(sizes.values())) < 3:
        return {}
    ordered = sorted(sizes.values())
    low, high = ordered[len(ordered) // 3 - 1], ordered[2 * len(ordered) // 3 - 1]
    if low == high or high == ordered[-1]:
        return {}
    names = (
        f"length: short, up to {low} words",
        f"length: medium, {low + 1} to {high} words" if high > low + 1 else f"length: medium, {high} words",
        f"length: long, over {high} words",
    )
    return {row_id: names[(size > low) + (size > high)] for row_id, size in sizes.items()}


def shows(sample: Sample, question: str, told: Sequence[str], tag: str) -> bool:
    """Whether a row is of an edge case: its question holds one of the words, whole and whatever its case, or its tag.

    The same rule by which the data's check counts the rows that cover a case.
    """
    if tag and tag in sample.tags:
        return True
    phrases = [r"\s+".join(map(re.escape, one.split())) for one in told if one.strip()]
    return bool(phrases) and bool(re.search(rf"(?i)(?:^|[^\w])(?:{'|'.join(phrases)})(?:$|[^\w])", question))


def worst_first(found: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Slices of a summary in the order to read them: largest loss of the newer arm first, small ones last by size."""

    def place(one: Mapping[str, object]) -> tuple[bool, float, int]:
        difference = one.get("difference")
        value = difference.get("value") if isinstance(difference, Mapping) else difference
        rows = one.get("n")
        return (
            bool(one.get("small")) or value is None,
            float(value) if isinstance(value, int | float) else 0.0,
            -(rows if isinstance(rows, int) else 0),
        )

    return sorted(found, key=place)
