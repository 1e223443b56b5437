"""Write a version to a file in one of the formats that can be read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInput
from workbench.formats.write import CannotExport, LeftOut, write_file
from workbench.store import Store, datasets, goldens
from workbench.store.row_files import write_whole


@dataclass(frozen=True)
class Exported(os.PathLike[str]):
    """What was written. left_out: rows that the format cannot hold; problems_path: where their reasons stand.

    sealed: rows of an old version that are sealed golden rows by now, and stayed here.
    """

    path: Path
    count: int
    left_out: tuple[LeftOut, ...] = ()
    problems_path: Path | None = None
    sealed: int = 0

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)


def export_rows(
    store: Store,
    version: str | None = None,
    *,
    format: str = "chat",
    path: str | Path,
    skip: bool = False,
    ids: bool = False,
) -> Exported:
    """Writes the rows of a version to `path`, whole or not at all.

    skip: leave out the rows that the format cannot hold; ids: keep row ids, so that an import gives the very same rows.
    Sealed golden rows, which versions from before a freeze still hold, are left out and counted.
    Raises BadInput for rows that the format cannot hold. All of them, with their reasons, go to PATH.problems.jsonl.
    """
    of = datasets.version(store, version)
    target = Path(path)
    everything = datasets.rows_of(store, of)
    rows = goldens.unsealed(store, of.dataset, everything)
    try:
        done = write_file(rows, format, target, skip=skip, ids=ids)
    except CannotExport as refused:
        if len(refused.rows) > 1:
            told = f"{refused} Each row with its reasons: {_write_problems(target, refused.rows)}"
            raise CannotExport(told, refused.rows) from None
        raise
    problems = _write_problems(target, done.left_out)
    return Exported(target, done.count, done.left_out, problems, len(everything) - len(rows))


def _write_problems(target: Path, rows: tuple[LeftOut, ...]) -> Path | None:
    if not rows:
        return None
    beside = target.with_name(f"{target.name}.problems.jsonl")
    lines = [
        json.dumps(
            {"row": one.row_id, "line": one.line, "source": one.source, "reason": one.reason}, ensure_ascii=False
        )
        for one in rows
    ]
    text = "\n".join(lines) + "\n"
    try:
        write_whole(beside, lambda part: part.write_text(text, encoding="utf-8", errors="backslashreplace"))
    except OSError as error:
        raise BadInput(f"{beside} cannot be written: {error.strerror or error}.") from None
    return beside
