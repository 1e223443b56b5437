"""Strict JSON: reads what the standard allows and says what is wrong with the rest, where Python would keep silent."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from workbench.formats.format import Seen

DEEPEST = 100  # levels of nesting; conversations need five, and Python's own encoder fails at about 1,000
DIGITS = 4300  # the longest whole number that Python converts (sys.int_info.default_max_str_digits)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class BrokenJson(Exception):
    """Text that is not JSON. Its message follows "line 418 of support.jsonl"; `end` is where the trouble stands."""

    def __init__(self, problem: str, end: int) -> None:
        super().__init__(problem)
        self.end = end


class Reader:
    """Reads one JSON value at a time: the value, where it ended, and what was wrong with it ("" = nothing)."""

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._scan = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, parse_int=self._int, parse_float=self._float
        ).raw_decode

    def read(self, text: str, start: int = 0) -> tuple[Any, int, str]:
        """The value that begins at `start`. Raises BrokenJson where none can be read at all."""
        self._problems.clear()
        try:
            value, end = self._scan(text, start)
        except json.JSONDecodeError as broken:
            if broken.pos >= len(text.rstrip()) or broken.msg.startswith("Unterminated string"):
                raise BrokenJson("ends in the middle of a record; the file may have been cut.", len(text)) from None
            raise BrokenJson(f"is not JSON: {_near(broken, start)}.", broken.pos) from None
        except RecursionError:
            raise BrokenJson(f"is nested more than {DEEPEST} levels deep.", start) from None
        if self._problems:
            return value, end, self._problems[0]
        if text.count("[", start, end) + text.count("{", start, end) > DEEPEST and too_deep(value):
            return value, end, f"is nested more than {DEEPEST} levels deep."
        return value, end, ""

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            self._problems.append(f"has the key {json.dumps(twice[:60], ensure_ascii=False)} twice in one object.")
        return made

    def _constant(self, name: str) -> None:
        self._problems.append(f"has {name}, which JSON does not know; write null or a number.")

    def _int(self, digits: str) -> int:
        if len(digits) > DIGITS:
            self._problems.append(f"has a whole number of {len(digits):,} digits; write it as a text.")
            return 0
        return int(digits)

    def _float(self, digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            self._problems.append(f"has the number {digits[:20]}, which is too large; write it as a text.")
        return value


def _near(broken: json.JSONDecodeError, start: int) -> str:
    """Python's own words and the column, counted from where the record starts."""
    return f"{broken.msg[0].lower()}{broken.msg[1:]} at character {broken.pos - start + 1}"


def too_deep(value: Any) -> bool:
    """Whether lists and objects stand in one another more than DEEPEST levels deep."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def skip_value(text: str, start: int) -> int | None:
    """Where the list or object that begins at `start` ends, by its brackets alone; None when it does not."""
    depth = 0
    for token in TOKEN.finditer(text, start):
        sign = token.group()
        depth += (sign in "[{") - (sign in "]}")
        if depth <= 0:
            return token.end() if sign in "]}" else None
    return None


def clean(value: Any, seen: Seen) -> Any:
    """The value without NUL characters and lone surrogates, which no database, Parquet or UTF-8 can hold."""
    if isinstance(value, str):
        if "\x00" in value:
            seen["cleaned", "NUL"] += 1
            value = value.replace("\x00", "")
        if LONE_SURROGATE.search(value):
            seen["cleaned", "surrogate"] += 1
            value = LONE_SURROGATE.sub("\ufffd", value)
        return value
    if isinstance(value, list):
        return [clean(inner, seen) for inner in value]
    if isinstance(value, dict):
        return {clean(name, seen): clean(inner, seen) for name, inner in value.items()}
    return value


def dumps(value: Any) -> str:
    """Strict JSON on one line; raises ValueError on NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
