"""Spreads the checks of a large dataset over processes; the results are those of one process.

The rows lie in a Parquet file beside the work. A check that compares rows is one piece of work; those that judge rows
one by one share pieces of some thousand rows, so that a row's columns are made once for all of them. Each process is
`python -m workbench.checks.piece`, an interpreter of its own: it works from scripts, notebooks and workers alike.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.check import Check, Findings
from workbench.checks.context import Context
from workbench.checks.run import Result
from workbench.rows import Rows

PIECE = 10_000  # rows in a piece for checks that judge rows one by one
ALL_IN_EACH = 200_000  # rows from which on one process alone holds all rows at once
# Families whose checks compare rows with one another take longest, so they begin.
FIRST = ("duplicates", "leakage", "balance")
THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
LOOK_SECONDS = 0.2  # between two looks at whether somebody wants it to stop

Report = Callable[[float, str], None]
Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Piece:
    """Checks to be measured over rows[start:stop], or over all rows where stop is None."""

    checks: tuple[Check, ...]
    start: int = 0
    stop: int | None = None


@dataclass
class _Work:
    """What is to be done and what came of it; shared by the threads that feed the processes."""

    whole: queue.SimpleQueue[Piece] = field(default_factory=queue.SimpleQueue)
    parts: queue.SimpleQueue[Piece] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[tuple[Piece, list[Result]]] = field(default_factory=queue.SimpleQueue)
    children: list[subprocess.Popen[str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def run_spread(
    rows: Rows,
    checks: Sequence[Check],
    settings: Settings,
    context: Context | None,
    processes: int,
    report: Report | None = None,
) -> list[Result]:
    """One result a check, measured by `processes` processes. report may raise to stop; no process outlives the call."""
    pieces = pieces_of(len(rows), checks)
    work = _Work()
    for piece in pieces:
        (work.whole if piece.stop is None else work.parts).put(piece)
    found: dict[str, list[tuple[int, Result]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="goldloop-checks-") as folder:
        _lay_out(Path(folder), rows, settings, context)
        with _fed(work, Path(folder), processes, len(rows)):
            for number in range(len(pieces)):
                piece, results = _next_done(work, report, number / len(pieces))
                for result in results:
                    found[result.check.name].append((piece.start, result))
    return [joined(check, found[check.name]) for check in checks]


def pieces_of(rows: int, checks: Sequence[Check]) -> list[Piece]:
    """The work, what takes longest first."""
    single = tuple(check for check in checks if check.scope == "row")
    compare = [check for check in checks if check.scope == "set"]
    compare.sort(key=lambda check: FIRST.index(check.family) if check.family in FIRST else len(FIRST))
    parts = [Piece(single, at, min(at + PIECE, rows)) for at in range(0, max(rows, 1), PIECE)] if single else []
    return [*(Piece((check,)) for check in compare), *parts]


def _lay_out(folder: Path, rows: Rows, settings: Settings, context: Context | None) -> None:
    rows.frame.write_parquet(folder / "rows.parquet", compression="lz4", row_group_size=PIECE)
    with (folder / "known.pickle").open("wb") as file:  # read by our own children only, out of a folder of our own
        pickle.dump((dict(settings), context), file)


@contextmanager
def _fed(work: _Work, folder: Path, processes: int, rows: int) -> Iterator[None]:
    """While open, the processes are at work; afterwards none of them is there any more."""
    feeders = [
        threading.Thread(target=_feed, args=(work, folder, n, processes, n == 0 or rows <= ALL_IN_EACH), daemon=True)
        for n in range(processes)
    ]
    for feeder in feeders:
        feeder.start()
    try:
        yield
    finally:
        work.over.set()
        for child in work.children:
            child.kill()
            child.wait()
        for feeder in feeders:
            feeder.join()


def _feed(work: _Work, folder: Path, number: int, processes: int, takes_whole: bool) -> None:
    """Hands one process a piece after the other; one that died is replaced, and its piece is told as not run."""
    child = None
    while not work.over.is_set() and (piece := _next_piece(work, takes_whole)) is not None:
        results = folder / f"results-{number}.pickle"
        asked = {"checks": [one.name for one in piece.checks], "start": piece.start, "stop": piece.stop}
        try:
            if child is None or child.poll() is not None:
                child = _started(work, folder, processes)
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps({**asked, "results": results.name}) + "\n")
            child.stdin.flush()
            if child.stdout.readline().strip() != "done":
                raise EOFError
            with results.open("rb") as file:
                said: dict[str, tuple[Findings | None, str, float]] = pickle.load(file)
            work.done.put((piece, [Result(one, *said[one.name]) for one in piece.checks]))
        except (OSError, EOFError) as error:
            ended = "" if child is None else f" (exit {child.wait()})"
            why = f"the process that measured it ended{ended}; perhaps memory ran out" if ended else str(error)
            work.done.put((piece, [Result(one, None, why, 0.0) for one in piece.checks]))


def _next_piece(work: _Work, takes_whole: bool) -> Piece | None:
    for pieces in (work.whole, work.parts) if takes_whole else (work.parts,):
        try:
            return pieces.get_nowait()
        except queue.Empty:
            continue
    return None


def _started(work: _Work, folder: Path, processes: int) -> subprocess.Popen[str]:
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    environment = {**os.environ, **dict.fromkeys(THREADS, threads)}
    places = [str(Path(__file__).resolve().parents[2]), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(place for place in places if place)
    child = subprocess.Popen(
        [sys.executable, "-m", "workbench.checks.piece", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
    )
    work.children.append(child)
    if work.over.is_set():  # it began while the others were being ended
        child.kill()
    return child


def _next_done(work: _Work, report: Report | None, done: float) -> tuple[Piece, list[Result]]:
    while True:
        if report:
            report(done, "Checking the rows")
        try:
            piece, results = work.done.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            continue
        if report:
            report(
                done, f"Checked: {piece.checks[0].title}" if piece.stop is None else f"Checked to row {piece.stop:,}"
            )
        return piece, results


def joined(check: Check, parts: Sequence[tuple[int, Result]]) -> Result:
    """One result of the results over pieces of the rows; the reason of a piece that did not run is the whole's."""
    results = [result for _, result in sorted(parts, key=lambda part: part[0])]
    seconds = sum(one.seconds for one in results)
    reason = next((one.not_run for one in results if one.findings is None), "")
    found = [one.findings for one in results if one.findings is not None]
    if len(found) < len(results):
        return Result(check, None, reason, seconds)
    return Result(check, found[0] if len(found) == 1 else one_after_the_other(found), "", seconds)


def one_after_the_other(found: Sequence[Findings]) -> Findings:
    """The findings of pieces of the rows as those of all rows, in order."""
    spans = [one.spans or [()] * len(one.measure) for one in found] if any(one.spans for one in found) else []
    return Findings(
        pl.concat([one.measure for one in found]),
        found[0].limit,
        found[0].side,
        [note for one in found for note in one.note],
        [places for of in spans for places in of],
        tuple(dict.fromkeys(said for one in found for said in one.about)),
    )
