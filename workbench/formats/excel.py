"""Excel: every visible sheet of a workbook as a table, its header row found; cells as the text they show.

A text in merged cells counts for each of the rows they cover. Formulas give the value that Excel saved last. Written
are the columns of the CSV, each cell as a text, so that nothing in it runs as a formula.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from workbench.errors import BadInput
from workbench.formats.csv_table import JSON_COLUMNS, column_names, parse_json_columns, table_of
from workbench.formats.format import Record, Seen, quoted
from workbench.formats.look import Look
from workbench.formats.packed import MOST_RATIO, budget_of
from workbench.formats.strict_json import Reader, clean, dumps
from workbench.rows import Rows

HEADER_WITHIN = 20  # rows from the top in which the header is looked for: titles and notes stand above it
LONGEST_CELL = 32_767  # characters; Excel cuts what is longer
MOST_ROWS = 1_048_576
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Open XML writes a character that XML cannot hold
NEEDS_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def sheets(look: Look, seen: Seen, fits: Callable[[dict[str, Any]], bool]) -> Iterator[tuple[str, Iterator[Record]]]:
    """(name, records) of each visible sheet that holds something. fits: whether a record has a format.

    Raises BadInput where the workbook is damaged, locked, or unpacks to more than its budget.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _within_budget(look)
    try:
        with look.path.open("rb") as file:
            book = openpyxl.load_workbook(file, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise BadInput(
            f"{look.name} is an Excel workbook that cannot be opened ({type(error).__name__}): it is damaged or "
            "locked. Open it in Excel, save it again, or save the sheet as CSV (UTF-8)."
        ) from None
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            seen["hidden sheet", sheet.title] += 1
            continue
        grid = _grid(sheet, seen)
        if any(any(cell != "" for cell in line) for line in grid):
            yield sheet.title, _records(grid, look.name, seen, fits)
        else:
            seen["empty sheet", sheet.title] += 1


def _within_budget(look: Look) -> None:
    budget = budget_of(look.size)
    with zipfile.ZipFile(look.path) as archive:
        if sum(member.file_size for member in archive.infolist()) > budget:
            raise BadInput(
                f"{look.name} unpacks to more than {budget >> 20:,} MB, {MOST_RATIO} times its size or more. "
                "Nothing was imported. If you trust it, save its sheet as CSV (UTF-8) and import that."
            )


def _grid(sheet: Any, seen: Seen) -> list[list[str]]:
    """The cells of a sheet as texts, with merged ones filled."""
    grid = [[_text(cell, seen) for cell in line] for line in sheet.iter_rows(values_only=True)]
    for area in sheet.merged_cells.ranges:
        seen["merged cells", str(area)] += 1
        if area.min_col == area.max_col or area.max_row > area.min_row:  # a title across columns stays one cell
            text = grid[area.min_row - 1][area.min_col - 1]
            for row in range(area.min_row - 1, min(area.max_row, len(grid))):
                grid[row][area.min_col - 1] = text
    return grid


def _text(cell: Any, seen: Seen) -> str:
    """A cell as text: whole numbers without a point, dates as 2026-03-01, true and false as Excel shows them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, str):
        if "_x" in cell:
            cell = ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), cell)
        if cell.startswith("#") and cell in ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"):
            seen["cell errors", cell] += 1
        return cell
    return str(cell)


def _records(grid: list[list[str]], name: str, seen: Seen, fits: Callable[[dict[str, Any]], bool]) -> Iterator[Record]:
    """A Record a line under the header that is not blank; `line` is the row number that Excel shows."""
    top = _header_at(grid, fits)
    used = [place for place in range(len(grid[top])) if any(line[place] for line in grid[top:])]
    header = column_names([grid[top][place] for place in used], name)
    if top:
        seen["lines above the header", str(top)] += 1
    json_at, reader = [column for column in header if column in JSON_COLUMNS], Reader()
    for number in range(top + 1, len(grid)):
        cells = [grid[number][place] for place in used]
        if not any(cells):
            continue
        value: dict[str, Any] = clean(dict(zip(header, cells, strict=True)), seen)
        raw = dumps(value)
        problem = parse_json_columns(value, json_at, reader, seen)
        yield Record(number + 1, None if problem else value, raw, problem, "row")


def _header_at(grid: list[list[str]], fits: Callable[[dict[str, Any]], bool]) -> int:
    """Which of the first rows names the columns: one that makes a known format, else the one with the most names."""
    candidates = [place for place, line in enumerate(grid[:HEADER_WITHIN]) if any(line)]
    for place in candidates:
        names = [cell.strip() for cell in grid[place] if cell.strip()]
        if len(names) > 1 and (fits(dict.fromkeys(names, "")) or fits(dict.fromkeys(map(str.lower, names), ""))):
            return place
    return max(candidates, key=lambda place: (sum(bool(cell.strip()) for cell in grid[place]), -place))


def write(file: IO[bytes], rows: Rows, *, ids: bool = False) -> None:
    """One sheet with a header; every cell a text. Raises BadInput for what a sheet cannot hold."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    if len(rows) >= MOST_ROWS:
        raise BadInput(f"An Excel sheet holds {MOST_ROWS - 1:,} rows, and these are {len(rows):,}. Export as csv.")
    header, lines = table_of(rows, ids=ids)
    for number, cells in enumerate(lines, 1):
        for name, text in zip(header, cells, strict=True):
            if (length := len(text) + 6 * len(NEEDS_ESCAPE.findall(text))) > LONGEST_CELL:
                raise BadInput(
                    f'Row {number} has {length:,} characters under "{name}", and an Excel cell holds '
                    f"{LONGEST_CELL:,}. Export as csv or jsonl."
                )
    header, lines = table_of(rows, ids=ids)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rows")

    def texts(cells: Sequence[str]) -> list[Any]:
        made = []
        for text in cells:
            escaped = NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
            cell = WriteOnlyCell(sheet, escaped or None)
            if escaped:
                cell.data_type = "s"  # a text, whatever sign it begins with
            made.append(cell)
        return made

    sheet.append(texts(header))
    for cells in lines:
        sheet.append(texts(cells))
    book.save(file)


def skipped(name: str, titles: Sequence[str]) -> str:
    """The note on sheets without examples."""
    return f"Sheets of {name} without examples were passed over: {quoted(titles)}."
