"""JSON Lines: one record on each line, read one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from workbench.formats.format import Record, Seen, kind_of
from workbench.formats.strict_json import BrokenJson, Reader, clean

NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte that is not UTF-8
TRAILING_COMMA = "ends in a comma; JSON Lines has no commas between records."


def records(text: TextIO, seen: Seen) -> Iterator[Record]:
    """A Record a line that is not blank. text: opened so that only line feeds (or only CRs) end a line."""
    reader = Reader()
    for number, line in enumerate(text, 1):
        line = line.strip()
        if line:
            yield read_record(reader, line, number, seen)


def plain_lines(text: TextIO, seen: Seen) -> Iterator[Record]:
    """A Record a line of plain text, its text under "text"."""
    for number, line in enumerate(text, 1):
        line = line.strip().replace("\x00", "")
        if NOT_UTF8.search(line):
            yield Record(number, None, NOT_UTF8.sub("\ufffd", line), "is not UTF-8; save the file as UTF-8.")
        elif line:
            yield Record(number, {"text": line}, line)


def read_record(reader: Reader, line: str, number: int, seen: Seen) -> Record:
    """The record of one line, or why there is none."""
    if not line.isascii() and (odd := NOT_UTF8.search(line)):
        shown = NOT_UTF8.sub("\ufffd", line)
        return Record(number, None, shown, f"is not UTF-8 at character {odd.start() + 1}; save the file as UTF-8.")
    raw = line
    if "\x00" in line:
        seen["cleaned", "NUL"] += 1
        line = line.replace("\x00", "")
    try:
        value, end, problem = reader.read(line)
    except BrokenJson as broken:
        return Record(number, None, raw, str(broken))
    rest = line[end:].strip()
    if rest and not problem:
        problem = TRAILING_COMMA if rest == "," else f"has more text after its record, from character {end + 1} on."
    if problem:
        return Record(number, None, raw, problem)
    if not isinstance(value, dict):
        return Record(number, None, raw, f"is {kind_of(value)}, not an object with keys.")
    if "\\u" in line:  # the only way for a NUL or half a character pair to stand in JSON
        value = clean(value, seen)
    return Record(number, value, raw)
