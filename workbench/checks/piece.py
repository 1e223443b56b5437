"""Measures pieces of work for `spread`, in a process of its own: `python -m workbench.checks.piece FOLDER`.

Reads lines {"checks", "start", "stop", "results"} and answers each with "done" when the results lie in the folder.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import TextIO

import polars as pl

from workbench.checks.check import check_named
from workbench.checks.run import run_one
from workbench.rows import Rows


def measure(folder: Path, asked: TextIO, answers: TextIO) -> None:
    """Answers every line of `asked` until there are no more."""
    with (folder / "known.pickle").open("rb") as file:
        settings, context = pickle.load(file)
    at: tuple[int, int | None] = (0, 0)
    rows = Rows.empty()
    for line in asked:
        piece = json.loads(line)
        if (piece["start"], piece["stop"]) != at:  # kept between pieces: its columns are half of the work
            at = (piece["start"], piece["stop"])
            rows = rows_of(folder / "rows.parquet", *at)
        said = {}
        for name in piece["checks"]:
            one = run_one(check_named(name), rows, context, settings.get(name, {}))
            said[name] = (one.findings, one.not_run, one.seconds)
        with (folder / piece["results"]).open("wb") as file:
            pickle.dump(said, file, protocol=pickle.HIGHEST_PROTOCOL)
        answers.write("done\n")
        answers.flush()


def rows_of(path: Path, start: int, stop: int | None) -> Rows:
    """The rows of a file from `start` on, up to `stop` or to the end."""
    frame = pl.scan_parquet(path).slice(start, None if stop is None else stop - start).collect()
    return Rows(frame)


def main() -> int:
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    measure(Path(sys.argv[1]), sys.stdin, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
