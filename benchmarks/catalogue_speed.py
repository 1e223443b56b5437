"""What the catalogue takes over 50,000 rows, check by check and in all; and Data-Juicer beside it.

    python -m benchmarks.catalogue_speed DATA [--rows 50000] [--processes 2] [--peer PYTHON] [--peer-rows 20000]

DATA: the folder of the data sets that `real_sets.py` reads. PYTHON: an interpreter with py-data-juicer, in an
environment of its own; without it the comparison is left out and said so. CPU seconds count children.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from benchmarks.real_sets import clean_sets, present
from workbench.checks.check import catalogue
from workbench.checks.context import Context
from workbench.checks.run import run_catalogue
from workbench.rows import Rows
from workbench.sheet import EdgeCase, Sheet

SHEET = Sheet(
    languages=("en",),
    refusal_share=0.05,
    terms={"e-mail": ("email", "E-mail")},
    banned=("darn",),
    tone=("literally",),
    edge_cases=(EdgeCase(name="abroad", words=("from abroad", "customs")),),
    licences=("MIT", "Apache-2.0"),
)
# What both look for: ours, and the operators of Data-Juicer that come nearest to it.
SAME: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("too_short", "length_spread"), ("text_length_filter", "words_num_filter")),
    (("repetition",), ("word_repetition_filter", "character_repetition_filter")),
    (("invisible_characters",), ("special_characters_filter",)),
    (("mojibake",), ("fix_unicode_mapper",)),
    (("leftover_markup",), ("clean_html_mapper",)),
    (("personal_data",), ("clean_email_mapper", "clean_ip_mapper")),
    (("exact_copy",), ("document_deduplicator",)),
    (("near_copy",), ("document_minhash_deduplicator",)),
]
PEER = """
import json, resource, sys, time
from loguru import logger
logger.remove()
import datasets
datasets.disable_progress_bars()
from data_juicer.core.data import NestedDataset
from data_juicer.ops import load_ops

def cpu():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
load_ops([{"text_length_filter": {}}])[0].run(NestedDataset.from_list(rows[:100]))  # what is only loaded once
for name in sys.argv[2:]:
    data = NestedDataset.from_list(rows)
    began, spent = time.perf_counter(), cpu()
    try:
        kept = len(load_ops([{name: {}}])[0].run(data))
        said = {"seconds": time.perf_counter() - began, "cpu": cpu() - spent, "kept": kept}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"[:200]}
    print("RESULT " + json.dumps({"name": name, **said}), flush=True)
"""


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock and of the processors (children included), and the most memory of all processes in MB."""

    seconds: float
    cpu: float
    memory: float


def mixed_rows(data: Path, count: int) -> Rows:
    """Rows of every kind that `data` holds: all of the clean sets and the templated ones, filled up with long tasks."""
    frames = [rows.frame for rows in clean_sets(data).values()]
    if present(path := data / "gpteacher_toolformer" / "toolformer-dedupe-only-dataset.json"):
        with path.open(encoding="utf-8") as file:
            pairs = [("\n".join(filter(None, [r["instruction"], r["input"]])), r["response"]) for r in json.load(file)]
        frames.append(Rows.of(*pairs).frame)
    if present(path := data / "banking77" / "banking77_train.csv"):
        bank = pl.read_csv(path)
        frames.append(Rows.of(*zip(bank["text"], bank["category"], strict=True)).frame)
    if present(path := data / "t0_speed" / "t0_train_55k.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            tasks = [(r["prompt"], r["completion"]) for r in map(json.loads, lines)]
        filled = Rows.of(*tasks).frame.sample(fraction=1, shuffle=True, seed=0)
        frames.append(filled.head(max(0, count - sum(frame.height for frame in frames))))
    mixed = pl.concat(frames).sample(fraction=1, shuffle=True, seed=0).head(count)
    return Rows(
        mixed.with_columns(row_id=pl.format("row-{}", pl.int_range(pl.len())), line=pl.int_range(1, pl.len() + 1))
    )


def cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@contextmanager
def watched() -> Iterator[Callable[[], Spent]]:
    """Gives a function that, after the block, tells what it took."""
    most, over = [0.0], threading.Event()
    me = psutil.Process(os.getpid())

    def look() -> None:
        while not over.wait(0.1):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.Error:  # it has just ended
                    continue
            most[0] = max(most[0], total / 1e6)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    began, spent = time.perf_counter(), cpu_seconds()
    took: list[Spent] = []
    yield lambda: took[0]
    took.append(Spent(time.perf_counter() - began, cpu_seconds() - spent, most[0]))
    over.set()
    watcher.join()


def each_check(rows: Rows, context: Context) -> dict[str, tuple[float, float, str]]:
    """Check -> seconds, CPU seconds, and what it said; one after the other in this process, columns made beforehand."""
    rows.turns, rows.prompt, rows.system, rows.text  # noqa: B018  # shared by all, told as a line of their own
    found = {}
    for check in catalogue().values():
        if check.costly:
            continue
        before = cpu_seconds()
        result = run_catalogue(rows, only=[check.name], context=context, processes=1)[0]
        said = result.not_run or f"{result.flagged:,} flagged"
        found[check.name] = (result.seconds, cpu_seconds() - before, said)
    return found


def show_catalogue(rows: Rows, context: Context, processes: int) -> None:
    characters = sum(map(len, rows.text))
    print(f"{len(rows):,} rows, {characters / 1e6:.1f} M characters, load {os.getloadavg()[0]:.1f}\n")
    run_catalogue(Rows(rows.frame.head(50)), context=context, processes=1)  # imports and compiled kernels, once
    for many in sorted({1, processes}):
        fresh = Rows(rows.frame)
        with watched() as took:
            run_catalogue(fresh, context=context, processes=many)
        spent = took()
        print(
            f"whole catalogue, {many} process{'es' if many > 1 else ''}: {spent.seconds:.1f} s, {spent.cpu:.1f} CPU-s, "
            f"peak {spent.memory:,.0f} MB"
        )
    print(f"\n{'check':26} {'s':>7} {'CPU-s':>7}")
    spent_by = each_check(rows, context)
    for name, (seconds, cpu, said) in sorted(spent_by.items(), key=lambda one: -one[1][0]):
        print(f"{name:26} {seconds:7.2f} {cpu:7.2f}  {said[:70]}")


def peer_seconds(python: str, rows: Rows, names: list[str]) -> dict[str, dict[str, Any]]:
    """Operator -> seconds, CPU seconds and rows kept, or an error; measured in Data-Juicer's own environment."""
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "rows.jsonl"
        texts.write_text("".join(json.dumps({"text": text}) + "\n" for text in rows.text), encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        said = subprocess.run(
            [python, "-c", PEER, str(texts), *names], capture_output=True, text=True, cwd=folder, env=environment
        )
    lines = [json.loads(line[7:]) for line in said.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        print(f"SKIPPED: Data-Juicer did not run: {said.stderr[-500:]}", file=sys.stderr)
    return {one["name"]: one for one in lines}


def show_peer(rows: Rows, python: str) -> None:
    theirs = peer_seconds(python, rows, [name for _, operators in SAME for name in operators])
    print(f"\nGoldloop and Data-Juicer on the same {len(rows):,} rows")
    print(line_of("Goldloop", "CPU-s", "s", "Data-Juicer", "CPU-s", "s", "times CPU", "times s"))
    for ours, operators in SAME:
        fresh = Rows(rows.frame)  # so that the columns are made anew, as they are for Data-Juicer
        with watched() as took:
            run_catalogue(fresh, only=list(ours), processes=1)
        spent = took()
        mine = (" ".join(ours), f"{spent.cpu:.2f}", f"{spent.seconds:.2f}", " ".join(operators))
        known = [theirs.get(name, {"error": "it said nothing"}) for name in operators]
        if errors := [one["error"] for one in known if "error" in one]:
            print(line_of(*mine, "not run:", "", errors[0][:60], ""))
            continue
        cpu, seconds = sum(one["cpu"] for one in known), sum(one["seconds"] for one in known)
        times = (f"{cpu / max(spent.cpu, 0.01):.1f}", f"{seconds / max(spent.seconds, 0.01):.1f}")
        print(line_of(*mine, f"{cpu:.2f}", f"{seconds:.2f}", *times))


def line_of(ours: str, cpu: str, seconds: str, theirs: str, *rest: str) -> str:
    """A line of the comparison."""
    return f"{ours:26} {cpu:>7} {seconds:>7}   {theirs:58} " + " ".join(f"{one:>9}" for one in rest)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("--rows", type=int, default=50_000)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--peer", help="an interpreter with py-data-juicer")
    asked.add_argument("--peer-rows", type=int, default=20_000)
    asked.add_argument("--only-peer", action="store_true", help="leave our own table out")
    given = asked.parse_args()
    rows = mixed_rows(given.data, given.rows)
    if not given.only_peer:
        show_catalogue(rows, Context(sheet=SHEET), given.processes)
    if given.peer:
        show_peer(Rows(rows.frame.head(given.peer_rows)), given.peer)
    else:
        print("\nSKIPPED: Data-Juicer. Give an interpreter that has py-data-juicer with --peer.", file=sys.stderr)


if __name__ == "__main__":
    main()
