"""Whether an answer keeps to an instruction that a program can check

Rules are data: {"rule": "bullets", "value": 3}. A rule looks only at the form; whether the content is right is not
asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evaluators.errors import BadRequest

BULLET = re.compile(r"^\s*[-*\u2022] +\S")
NUMBERED = re.compile(r"^\s*(\d+)[.)] +\S")
FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)


def lines_of(text: str) -> list[str]:
    """The lines that hold anything."""
    return [line for line in text.splitlines() if line.strip()]


def bullets(text: str, count: int) -> bool:
    """Exactly `count` lines are bullet points; other lines (a heading) may stand before or after."""
    return sum(bool(BULLET.match(line)) for line in lines_of(text)) == count


def numbered(text: str, count: int) -> bool:
    """Exactly the numbers 1 to `count` begin lines, in order."""
    found = [int(match[1]) for line in lines_of(text) if (match := NUMBERED.match(line))]
    return found == list(range(1, count + 1))


def is_json(text: str, keys: Sequence[str]) -> bool:
    """The whole answer is one JSON object with these keys and no others; a code fence around it is let pass."""
    body = fenced[1] if (fenced := FENCE.match(text.strip())) else text
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == set(keys)


def word_count(text: str) -> int:
    """Words between blanks that hold a letter or a digit."""
    return sum(any(char.isalnum() for char in word) for word in text.split())


def one_of(text: str, allowed: Sequence[str]) -> bool:
    """The answer is one of these, whatever its case and final punctuation."""
    return text.strip().rstrip(".!").casefold() in {one.casefold() for one in allowed}


def cased(text: str, lower: bool) -> bool:
    """There are letters, and all of them are of that case."""
    return any(char.isalpha() for char in text) and text == (text.lower() if lower else text.upper())


RULES: dict[str, Callable[[str, Any], bool]] = {
    "bullets": bullets,
    "numbered": numbered,
    "json": is_json,
    "lines": lambda text, value: len(lines_of(text)) == value,
    "without": lambda text, value: value.casefold() not in text.casefold(),
    "contains": lambda text, value: re.search(rf"\b{re.escape(value)}\b", text, re.IGNORECASE) is not None,
    "starts_with": lambda text, value: text.startswith(value),
    "ends_with": lambda text, value: text.endswith(value),
    "at_most_words": lambda text, value: word_count(text) <= value,
    "one_of": one_of,
    "lower_case": lambda text, value: cased(text, True),
    "upper_case": lambda text, value: cased(text, False),
}


def follows(answer: str, checks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer keeps every rule; an empty answer keeps none. Raises BadRequest for an unknown rule."""
    text = answer.strip()
    unknown = next((check["rule"] for check in checks if check["rule"] not in RULES), None)
    if unknown is not None:
        raise BadRequest(f'there is no rule "{unknown}"; the rules are: {", ".join(RULES)}.')
    return bool(text) and all(RULES[check["rule"]](text, check.get("value")) for check in checks)
