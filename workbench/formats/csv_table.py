"""CSV and TSV: a header line, then one record a row, every cell a text exactly as it stands.

Read by the csv module with a check of each row's length, since a reader that pads or shifts cells makes wrong examples
in silence. Columns are matched without regard to case; "messages" and its like hold JSON.

A spreadsheet runs a cell that begins with = + - @, tab or CR as a formula. An export puts ' before such cells and says
so in a column of its own, `goldloop_guard`: "yes" in each row that has some. Such a row has ' also before cells that
begin with ' themselves, so an import takes exactly the marks off again. In a file without that column every ' is text.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, BinaryIO, TextIO, cast

from workbench.errors import BadInput
from workbench.formats import chat, pairs
from workbench.formats.format import CannotHold, Format, Record, Seen, quoted
from workbench.formats.ids import kept_place
from workbench.formats.json_lines import NOT_UTF8
from workbench.formats.strict_json import BrokenJson, Reader, clean, dumps
from workbench.formats.tags import with_others, write_cell
from workbench.rows import Rows

DELIMITERS = ",;\t|"
LIST_COLUMNS = {"messages", "conversations", "conversation", "chosen_messages", "history"}
JSON_COLUMNS = LIST_COLUMNS | {"prompt", "completion", "chosen", "rejected"}
KNOWN = JSON_COLUMNS | {
    "response", "question", "answer", "input", "output", "instruction", "query", "system", "system_prompt",
    "tags", "tag", "category", "topic",
}  # fmt: skip
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection
GUARDED = (*FORMULA_SIGNS, "'")
GUARD_COLUMN, IS_GUARDED = "goldloop_guard", "yes"
MOST_RESTARTS = 100  # each may read to the end of the file again

csv.field_size_limit(2**31 - 1)  # the module's 128 KB would refuse a long example


class Lines:
    """Physical lines, one by one, that remembers those of the record being read so that they can be read again."""

    def __init__(self, text: TextIO, seen: Seen) -> None:
        self._source, self._again, self._seen = iter(text), deque[str](), seen
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        if "\x00" in line:
            self._seen["cleaned", "NUL"] += 1
            line = line.replace("\x00", "")
        self.number += 1
        self.taken.append(line)
        return line

    def back_to(self, count: int) -> None:
        """Gives back all but the first `count` lines of the record."""
        self._again.extendleft(reversed(self.taken[count:]))
        self.number -= len(self.taken) - count
        del self.taken[count:]


def records(text: TextIO, name: str, seen: Seen) -> Iterator[Record]:
    """A Record a row. text: opened with newline="". Raises BadInput where the header cannot be used."""
    lines = Lines(text, seen)
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: _columns(first, sign))
    lines.back_to(len(lines.taken) - 1)
    header = _header(lines, delimiter, name)
    json_at = [column for column in header if column in JSON_COLUMNS]
    reader, json_reader, restarts = csv.reader(lines, delimiter=delimiter, strict=True), Reader(), 0
    while True:
        lines.taken.clear()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            record, read = _broken(lines.taken, start, delimiter, str(error), restarts)
            yield record
            lines.back_to(read)
            restarts += 1
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if cells:
            yield _record(header, cells, json_at, json_reader, start, lines.taken, seen)


def _columns(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _header(lines: Lines, delimiter: str, name: str) -> list[str]:
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadInput(f"The header of {name} has a quote that is never closed. Mend it and import again.") from None
    return column_names(cells, name)


def column_names(cells: Sequence[str], name: str) -> list[str]:
    """The names of the columns in a header: known ones in lower case, the nameless numbered.

    Raises BadInput where two have one name.
    """
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    if GUARD_COLUMN in names:
        names = [_unguarded(cell) for cell in names]
    names = [cell.lower() if cell.lower() in KNOWN and names.count(cell.lower()) == 0 else cell for cell in names]
    if twice := sorted({cell for cell in names if cell and names.count(cell) > 1}):
        raise BadInput(
            f"{name} has two columns of the same name: {quoted(twice)}. Rename one of each in the header line, "
            "so that it is clear which to learn from."
        )
    return [cell or f"column {number}" for number, cell in enumerate(names, 1)]


def _record(
    header: list[str],
    cells: list[str],
    json_at: list[str],
    json_reader: Reader,
    start: int,
    taken: list[str],
    seen: Seen,
) -> Record:
    raw = "".join(taken).rstrip("\r\n")
    if not raw.isascii() and NOT_UTF8.search(raw):
        return Record(start, None, NOT_UTF8.sub("\ufffd", raw), "is not UTF-8; save the file as UTF-8.")
    if len(cells) != len(header):
        span = f" (a quote makes lines {start} to {start + len(taken) - 1} one row)" if len(taken) > 1 else ""
        return Record(start, None, raw, f"has {len(cells)} values where the header has {len(header)} columns{span}.")
    value: dict[str, object] = dict(zip(header, cells, strict=True))
    if value.pop(GUARD_COLUMN, "") == IS_GUARDED:
        for column, cell in value.items():
            if isinstance(cell, str) and (text := _unguarded(cell)) != cell:
                value[column] = text
                seen["unguarded cell", ""] += 1
    if problem := parse_json_columns(value, json_at, json_reader, seen):
        return Record(start, None, raw, problem)
    return Record(start, value, raw)


def parse_json_columns(value: dict[str, object], columns: list[str], reader: Reader, seen: Seen) -> str:
    """Puts lists where cells hold JSON lists; the problem with the first list that is broken, or "".

    A prompt or reply that merely looks like JSON stays the text it is; only a list of turns becomes turns.
    """
    for column in columns:
        cell = value[column]
        if not isinstance(cell, str) or not cell.lstrip().startswith("["):
            continue
        must = column in LIST_COLUMNS
        try:
            parsed, end, problem = reader.read(cell.strip())
        except BrokenJson as broken:
            if must and not cell.lstrip().startswith("[{'"):
                return f'has a "{column}" that {broken}'
            continue
        if must and problem:
            return f'has a "{column}" that {problem}'
        if not problem and not cell.strip()[end:] and (must or _turn_list(parsed)):
            value[column] = clean(parsed, seen)
    return ""


def _turn_list(parsed: object) -> bool:
    return (
        isinstance(parsed, list)
        and bool(parsed)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in parsed)
    )


def _broken(taken: list[str], start: int, delimiter: str, error: str, restarts: int) -> tuple[Record, int]:
    """The reject for a row the csv module gave up on, and how many of its lines it costs."""
    opening = _opening(taken, delimiter)
    if error.startswith("unexpected end") or len(taken) > opening + 1:
        problem = f"opens a quote that is never closed rightly (on line {start + opening})."
    else:
        problem = f"has a quote in the wrong place ({error}); double it inside a quoted text."
    read = len(taken) if restarts >= MOST_RESTARTS else opening + 1
    if read > opening + 1:
        problem += f" The {read - opening - 1:,} lines after it were not read: too many rows are broken like this."
    raw = NOT_UTF8.sub("\ufffd", "".join(taken[:read]).rstrip("\r\n"))
    return Record(start, None, raw, problem), read


def _opening(taken: list[str], delimiter: str) -> int:
    """The index of the line on which the last quoted cell of these lines opens."""
    text, at, opened = "".join(taken), 0, 0
    start_of_cell = re.compile(rf'(?:^|[{re.escape(delimiter)}\r\n])"')
    while found := start_of_cell.search(text, at):
        opened = found.end() - 1
        closing = _closing(text, opened + 1)
        if closing is None:
            break
        at = closing + 1
    return text.count("\n", 0, opened)


def _closing(text: str, at: int) -> int | None:
    """Where the quoted cell that begins at `at` closes; two quotes in a row stand for one."""
    while (quote := text.find('"', at)) >= 0:
        if not text.startswith('"', quote + 1):
            return quote
        at = quote + 2
    return None


def write(file: IO[bytes], rows: Rows, formula_guard: bool, delimiter: str = ",", *, ids: bool = False) -> None:
    """A header and a line a row: prompt and completion where every row is one exchange, else messages as JSON.

    Tags stand in one cell with semicolons between; kept keys have a column each, as JSON where they are no text.
    formula_guard: put ' before cells and names that begin with a sign that makes spreadsheets run them, and say so in
    the column `goldloop_guard`, which is there only where something was guarded. Raises BadInput for rows that have a
    key of that name.
    """
    header, lines = table_of(rows, ids=ids)
    guarded = formula_guard and (_runs(header) or any(map(_runs, lines)))
    if GUARD_COLUMN in header:
        raise BadInput(
            f'The rows have a key "{GUARD_COLUMN}", which a CSV keeps for itself. Export with --format chat.'
        )
    text = io.TextIOWrapper(cast(BinaryIO, file), "utf-8", newline="")
    # CR LF as in RFC 4180; before Python 3.13 the module quotes a lone CR only where the line end has one too
    writer = csv.writer(text, lineterminator="\r\n", delimiter=delimiter)
    writer.writerow([*map(_guarded, header), GUARD_COLUMN] if guarded else header)
    for cells in table_of(rows, ids=ids)[1]:
        if guarded:
            runs = _runs(cells)
            cells = [*(map(_guarded, cells) if runs else cells), IS_GUARDED if runs else ""]
        writer.writerow(cells)
    text.flush()
    text.detach()


def table_of(rows: Rows, *, ids: bool = False) -> tuple[list[str], Iterator[list[str]]]:
    """The header and the lines of cells of a table: prompt and completion, or messages as JSON."""
    plain = all(_is_exchange(messages) for messages in rows.messages)
    form = pairs.FORMAT if plain else chat.FORMAT
    columns: dict[str, None] = {}
    for record in _records(rows, form, ids):
        columns.update(dict.fromkeys(record))
    order = sorted(columns, key=lambda name: name != "system")  # the system text is read first
    return order, (_cells(record, order) for record in _records(rows, form, ids))


def _records(rows: Rows, form: Format, ids: bool) -> Iterator[dict[str, object]]:
    assert form.write, "pairs and chat can both be written"
    for row in rows.frame.iter_rows(named=True):
        record = with_others(form.write(row["messages"]), row)
        yield {**record, **kept_place(row)} if ids else record


def _is_exchange(messages: list[dict[str, object]]) -> bool:
    try:
        _, prompt, reply = pairs.single_turn(messages, "csv")
    except CannotHold:
        return False
    if not prompt and not reply:  # a sheet cannot tell such a row from a blank one
        return False
    # a cell cannot tell null from an empty text, nor an empty system text from none
    return all(turn["content"] or (turn["content"] == "" and turn["role"] != "system") for turn in messages)


def _cells(record: Mapping[str, object], order: Sequence[str]) -> list[str]:
    return [_cell(name, record.get(name)) for name in order]


def _cell(name: str, value: object) -> str:
    if name == "tags" and isinstance(value, list):
        return write_cell(value)
    return value if isinstance(value, str) else "" if value is None else dumps(value)


def _runs(cells: Sequence[str]) -> bool:
    """True where a spreadsheet would run one of the cells as a formula."""
    return any(cell.startswith(FORMULA_SIGNS) for cell in cells)


def _guarded(cell: str) -> str:
    return "'" + cell if cell.startswith(GUARDED) else cell


def _unguarded(cell: str) -> str:
    """A cell as it was before `_guarded`."""
    return cell[1:] if cell.startswith("'") and cell.startswith(GUARDED, 1) else cell
