"""How a note names another row: by its line, and by its file where there are several."""

from __future__ import annotations

from workbench.rows import Rows


def places(rows: Rows) -> list[str]:
    """(N,) such as "line 12", or "line 12 of second.jsonl" when the rows come from more than one file."""
    lines, sources = rows.frame["line"].to_list(), rows.frame["source"].to_list()
    several = len(set(sources)) > 1
    files = [f" of {source}" if several and source else "" for source in sources]
    return [f"{'a row' if line is None else f'line {line}'}{file}" for line, file in zip(lines, files, strict=True)]


def shortened(text: str, most: int = 60) -> str:
    """The text on one line, cut at a word after about `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"
