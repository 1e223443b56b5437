"""JSON: one list of records, or records written over several lines, each found with its line.

The text is held in memory whole; a record that cannot be read costs only itself, as reading goes on
behind its last bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.formats.format import Record, Seen, kind_of
from workbench.formats.json_lines import NOT_UTF8
from workbench.formats.strict_json import BrokenJson, Reader, clean, skip_value

GAP = re.compile(r"[\s\x00\ufeff]*,?[\s\x00]*")
CUT = "ends in the middle of a record; the file may have been cut."


def records(text: str, seen: Seen) -> Iterator[Record]:
    """A Record an element. `line` is where it starts, or its number where the whole list stands on one line."""
    reader = Reader()
    opening = GAP.match(text)
    start = opening.end() if opening else 0
    in_list = text.startswith("[", start)
    if in_list:
        start = _next(text, start + 1)
    unit = "line" if "\n" in text.strip() else "record"
    line, counted, number = 1, 0, 0
    while start < len(text) and not (in_list and text[start] == "]"):
        number += 1
        line, counted = line + text.count("\n", counted, start), start
        record, end = _element(reader, text, start, seen)
        yield Record(line if unit == "line" else number, record.value, record.raw, record.problem, unit)
        start = _next(text, end)
    if in_list and start >= len(text):
        seen["list not closed", ""] += 1
    elif in_list and text[start + 1 :].strip():
        line += text.count("\n", counted, start)
        at = line if unit == "line" else number + 1
        yield Record(at, None, text[start + 1 :].strip(), "stands after the end of the list.", unit)


def _next(text: str, start: int) -> int:
    gap = GAP.match(text, start)
    return gap.end() if gap else start


def _element(reader: Reader, text: str, start: int, seen: Seen) -> tuple[Record, int]:
    """The record that begins at `start`, its place left open, and where reading goes on."""
    try:
        value, end, problem = reader.read(text, start)
    except BrokenJson as broken:
        found = skip_value(text, start) if text[start] in "[{" else None
        end = found if found is not None else len(text)
        problem = CUT if found is None and text[start] in "[{" and broken.end >= len(text) else str(broken)
        if found is None and problem != CUT:
            problem += " What follows in the file could not be read."
        return Record(0, None, _raw(text, start, end), problem), end
    raw = _raw(text, start, end)
    if odd := NOT_UTF8.search(text, start, end):
        return Record(0, None, raw, f"is not UTF-8 at character {odd.start() - start + 1} of its record."), end
    if not problem and not isinstance(value, dict):
        problem = f"is {kind_of(value)}, not an object with keys."
    if problem:
        return Record(0, None, raw, problem), end
    return Record(0, clean(value, seen) if "\\u" in raw or "\x00" in raw else value, raw), end


def _raw(text: str, start: int, end: int) -> str:
    return NOT_UTF8.sub("\ufffd", text[start:end].strip())
