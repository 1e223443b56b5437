"""A rubric as its owner writes it: one criterion a line, pass/fail or 1 to 5 with anchors

correct: Does every number, name and step agree with the reference?
tone (1-5): How friendly and clear is it?
  1 = rude or confusing
  3 = neutral
  5 = warm and clear
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluators.errors import BadRequest

MOST_CRITERIA = 12  # beyond it models skip some
LONGEST_RUBRIC = 8000  # characters
PASS_FAIL, POINTS = "pass/fail", "1-5"
CRITERION = re.compile(
    r"(?P<name>[^\W\d_][\w -]{0,39}?)\s*(?:\(\s*(?P<scale>pass/fail|1\s*-\s*5)\s*\))?\s*:\s*(?P<asks>\S.*)"
)
ANCHOR = re.compile(r"\s+(?P<points>[1-5])\s*[=:]\s*(?P<words>\S.*)")
STARTER = """\
correct: Does every number, name and step agree with the reference?
complete: Does it answer all that was asked?
nothing made up: Is everything it says in the task or the reference, or common knowledge?
tone (1-5): How clear and friendly is it?
  1 = rude or confusing
  3 = neutral
  5 = clear and friendly
"""


@dataclass(frozen=True)
class Criterion:
    """One thing to judge by. scale: "pass/fail" or "1-5"; anchors: what some of the points mean."""

    name: str
    asks: str
    scale: str = PASS_FAIL
    anchors: Mapping[int, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The criterion as a judge reads it."""
        marks = "; ".join(f"{points} = {words}" for points, words in sorted(self.anchors.items()))
        return f"{self.name} ({self.scale}): {self.asks}{f' ({marks})' if marks else ''}"


@dataclass(frozen=True)
class Rubric:
    """The criteria in their order, and the text that they were read from."""

    text: str
    criteria: tuple[Criterion, ...]

    @property
    def digest(self) -> str:
        """What tells this rubric from another: SHA-256 of its criteria, so that a blank line changes nothing."""
        return hashlib.sha256("\n".join(one.words for one in self.criteria).encode()).hexdigest()


def read_rubric(text: str) -> Rubric:
    """The rubric that a text describes. Raises BadRequest with the line that cannot be read; `#` begins a remark."""
    if len(text) > LONGEST_RUBRIC:
        raise BadRequest(f"the rubric is longer than {LONGEST_RUBRIC:,} characters. Keep what decides.")
    found: list[Criterion] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (mark := ANCHOR.fullmatch(line)) and found:
            found[-1] = _anchored(found[-1], int(mark["points"]), mark["words"].strip(), number)
        elif written := CRITERION.fullmatch(line.strip()):
            scale = POINTS if (written["scale"] or "").startswith("1") else PASS_FAIL
            found.append(Criterion(" ".join(written["name"].split()), written["asks"].strip(), scale))
        else:
            raise BadRequest(
                f'line {number} of the rubric is no criterion: "{line.strip()[:60]}". Write "name: question", or '
                '"name (1-5): question" with lines such as "  1 = rude" below it.'
            )
    return _checked(text, found)


def _anchored(one: Criterion, points: int, words: str, number: int) -> Criterion:
    if one.scale != POINTS:
        raise BadRequest(
            f'line {number} of the rubric gives points to "{one.name}", which is pass/fail. Write "{one.name} (1-5): '
            '...".'
        )
    return Criterion(one.name, one.asks, one.scale, {**one.anchors, points: words})


def _checked(text: str, found: list[Criterion]) -> Rubric:
    if not found:
        raise BadRequest('the rubric has no criterion. Write one a line: "correct: Does it agree with the reference?"')
    if len(found) > MOST_CRITERIA:
        raise BadRequest(
            f"the rubric has {len(found)} criteria; {MOST_CRITERIA} are the most that a judge keeps apart."
        )
    names = [one.name.casefold() for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadRequest(f'the rubric has two criteria "{twice}". Name them apart.')
    for one in found:
        if one.scale == POINTS and not {1, 5} <= one.anchors.keys():
            raise BadRequest(
                f'the criterion "{one.name}" is judged from 1 to 5, but it does not say what 1 and 5 mean. Add lines '
                'such as "  1 = rude" and "  5 = warm" below it.'
            )
    return Rubric(text, tuple(found))
