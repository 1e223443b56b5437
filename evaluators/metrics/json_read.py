"""Reading an answer as JSON; shared by metrics, not a metric itself."""

from __future__ import annotations

import json
import re
from typing import Any

FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL | re.IGNORECASE)


def read(text: str) -> tuple[Any, str]:
    """(the value, "") or (None, what is wrong). NaN and a key that occurs twice are faults, as a strict reader has it.

    A code fence around the whole is a fault too: a program that reads the answer would stumble over it.
    """
    if FENCE.fullmatch(text):
        return None, "stands in a code fence"
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_once), ""
    except json.JSONDecodeError as error:
        return None, f"{error.msg.lower()} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        return None, "nested too deep"
    except ValueError as error:
        return None, str(error)[:120]


def looks_like(text: str) -> bool:
    """Whether a reference is a JSON object or list, so that its answer has to be JSON too."""
    return text.strip()[:1] in ("{", "[") and isinstance(read(text)[0], dict | list)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found
