"""Keeps the format rules

Share of the format rules that the output keeps, 0 to 1: those on the dataset's sheet and those on the row
(`format:at most 3 sentences`). The note says what is broken.

Known limits
    Sentences are counted by their stops, so an unusual abbreviation makes one more. A language is told from four words
    on; where it cannot be told that rule is not judged.
Source
    The owner's sheet; instructions that a program can verify as in Zhou 2023, "IFEval", arXiv 2311.07911.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from evaluators.format_rules import FormatRule, parse
from evaluators.sample import Example, Sample, Score, scorer


@lru_cache(maxsize=1_000)
def rule(line: str) -> FormatRule:
    """The rule of a line, read once."""
    return parse(line)


def kept(sample: Sample) -> Score:
    """Share of the row's rules that are kept, with the broken ones as note."""
    lines = sample.rules.get("format", ())
    if not lines:
        return Score(None, "no format is demanded")
    found = [(line, rule(line).broken_by(sample.output or "")) for line in lines]
    told = [(line, broken) for line, broken in found if broken is not None]
    if not told:
        return Score(None, "whether the format is kept can't be told")
    broken = [f"{line} ({why})" for line, why in told if why]
    return Score(1 - len(broken) / len(told), "broken: " + "; ".join(broken) if broken else "")


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("Dear Ms Ray, all is well.", "-", 1.0, rules={"format": ("starts with: Dear", "no markdown")}),
        Example("**No.** Go. Now.", "-", 0.5, rules={"format": ("at most 3 sentences", "no markdown")}),
        Example("- one\n- two", "-", 0.0, rules={"format": ("no list",)}),
        Example("Ja.", "-", None, rules={"format": ("language: de",)}),
        Example("Anything", "-", None),
    ],
)
def format_kept(samples: Sequence[Sample]) -> list[Score]:
    """Share of the format rules kept, 0 to 1."""
    return [kept(s) for s in samples]
