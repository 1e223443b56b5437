"""JSON: one list of records, or records written over several lines, each found with its line.

Read through a window of the text, so that a file of any size needs no more memory than its longest record. A record
that cannot be read costs only itself, as reading goes on behind its last bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from workbench.formats.format import Record, Seen, kind_of
from workbench.formats.json_lines import NOT_UTF8
from workbench.formats.strict_json import BrokenJson, Reader, clean, skip_value

GAP = re.compile(r"[\s\x00\ufeff]*,?[\s\x00]*")
CUT = "ends in the middle of a record; the file may have been cut."
WINDOW = 4 << 20  # characters read at a time
LONGEST = 256 << 20  # characters: past this an unclosed record is given up, as it may be no record at all
SHORT = 64  # a number, true or a broken word that stands this near to the window's end may go on behind it


def records(text: TextIO, seen: Seen, *, lone_cr: bool = False, window: int = WINDOW) -> Iterator[Record]:
    """A Record an element. `line` is where it starts, or its number where the whole list stands on one line."""
    return _Window(text, seen, lone_cr, window).records()


class _Window:
    """The part of the text that is being read; `start` is the place in it that reading has come to."""

    def __init__(self, text: TextIO, seen: Seen, lone_cr: bool, window: int) -> None:
        self._source, self._seen, self._lone_cr, self._step = text, seen, lone_cr, window
        self._reader = Reader()
        self._text, self._start, self._over = "", 0, False
        self._line, self._counted = 1, 0  # the line at place `_counted`

    def records(self) -> Iterator[Record]:
        self._more()
        self._skip_gap()
        in_list = self._text.startswith("[", self._start)
        if in_list:
            self._start += 1
            self._skip_gap()
        unit, number = "line" if "\n" in self._text.strip() else "record", 0
        while self._start < len(self._text) and not (in_list and self._text[self._start] == "]"):
            number += 1
            line = self._line_here()
            record, self._start = self._element()
            yield Record(line if unit == "line" else number, record.value, record.raw, record.problem, unit)
            self._skip_gap()
        if in_list and self._start >= len(self._text):
            self._seen["list not closed", ""] += 1
        elif in_list and (rest := self._rest()):
            at = self._line_here() if unit == "line" else number + 1
            yield Record(at, None, rest, "stands after the end of the list.", unit)

    def _rest(self) -> str:
        while not self._over and len(self._text) - self._start < LONGEST:
            self._more()
        return self._text[self._start + 1 :].strip()

    def _more(self) -> None:
        """Reads on, and lets go of what was read before `_start`."""
        fresh = self._source.read(max(self._step, len(self._text) - self._start))  # doubled: long records cost no more
        self._over = not fresh
        fresh = fresh.replace("\x00", "")
        if self._lone_cr:
            fresh = fresh.replace("\r", "\n")
        self._line_here()
        self._text, self._start, self._counted = self._text[self._start :] + fresh, 0, 0

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._start)
        self._counted = self._start
        return self._line

    def _skip_gap(self) -> None:
        """Past blanks and one comma."""
        while True:
            gap = GAP.match(self._text, self._start)
            end = gap.end() if gap else self._start
            if end < len(self._text) or self._over:
                self._start = end
                return
            self._more()

    def _element(self) -> tuple[Record, int]:
        """The record at `_start`, its place left open, and where reading goes on."""
        while True:
            text, start = self._text, self._start
            try:
                value, end, problem = self._reader.read(text, start)
            except BrokenJson as broken:
                if self._goes_on():
                    self._more()
                    continue
                return self._broken(broken)
            if end == len(text) and not self._over:  # a number may have more digits
                self._more()
                continue
            return self._whole(value, end, problem)

    def _goes_on(self) -> bool:
        """Whether the record may only look broken because the window ends inside it."""
        here = len(self._text) - self._start
        if self._over or here > LONGEST:
            return False
        if self._text[self._start] in "[{":
            return skip_value(self._text, self._start) is None
        return self._text[self._start] == '"' or here < SHORT

    def _broken(self, broken: BrokenJson) -> tuple[Record, int]:
        text, start = self._text, self._start
        bracket = text[start] in "[{"
        found = skip_value(text, start) if bracket else None
        end = found if found is not None else len(text)
        problem = CUT if found is None and bracket and broken.end >= len(text) else str(broken)
        if found is None and not self._over:
            while not self._over:  # to its end without keeping it, so that progress is told rightly
                self._start = len(self._text)
                self._more()
            self._start = 0
            return Record(0, None, _raw(text, start, start + self._step), f"{problem} {NOT_READ}"), len(self._text)
        if found is None and problem != CUT:
            problem += f" {NOT_READ}"
        return Record(0, None, _raw(text, start, end), problem), end

    def _whole(self, value: object, end: int, problem: str) -> tuple[Record, int]:
        text, start = self._text, self._start
        raw = _raw(text, start, end)
        if not raw.isascii() and (odd := NOT_UTF8.search(text, start, end)):
            return Record(0, None, raw, f"is not UTF-8 at character {odd.start() - start + 1} of its record."), end
        if not problem and not isinstance(value, dict):
            problem = f"is {kind_of(value)}, not an object with keys."
        if problem or not isinstance(value, dict):
            return Record(0, None, raw, problem), end
        return Record(0, clean(value, self._seen) if "\\u" in raw else value, raw), end


NOT_READ = "What follows in the file could not be read."


def _raw(text: str, start: int, end: int) -> str:
    return NOT_UTF8.sub("\ufffd", text[start:end].strip())
