"""How fast near copies are found, against other tools on the same rows; and how time and memory grow with the rows

    python benchmarks/copies.py DATA [--peers PYTHON] [--text-dedup PYTHON] [--model FOLDER] [--curve 1000 10000 ...]

DATA: the folder of real sets. Rows: MIX, 50,000 out of all of them (seeded), and T0, 55,185 long rows from templates.
Truth: every pair whose sets of three-word runs have a Jaccard index of .7 or more, by a plain sparse product. Each way
runs in a process of its own, one after the other in one run; tools that name pairs are scored against the truth, the
others by the rows that they would drop (truth: rows less their groups). Every peer runs as it comes and, where it can
reach it, in a setting with recall and precision of .99. Rows a second are of processor time, since other work on the
machine stretches wall time; "first" is what a first call costs (imports, and compiling where nothing is kept yet).

--curve: seeded rows of some 100 words from a chain of real words, one in ten a retouched copy of another, read as a
Parquet file in batches; recall on those planted copies that are .7 alike.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import polars as pl

from workbench.checks.similarity import components

HERE = Path(__file__).resolve().parent
MIX = 50_000
PLANTED = 0.1  # of the rows of the curve
BATCH = 50_000
WAYS = {
    "ours": ["ours", "ours, whole rule"],
    "peers": [
        "rensa 16x8, its own sieve", "rensa 32x4 + sets", "rensa 32x4 + matrix", "rensa 25x5 + matrix",
        "datasketch 14x9 + matrix", "datasketch 32x4 + matrix", "SemHash",
    ],
    "text_dedup": ["text-dedup"],
}  # fmt: skip


def lines_of(path: Path) -> Iterator[Any]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def t0_rows(data: Path) -> list[str]:
    return [f"{r['prompt']}\n{r['completion']}" for r in lines_of(data / "t0_speed" / "t0_train_55k.jsonl.gz")]


def mixed_rows(data: Path, seed: int = 0) -> list[str]:
    """MIX rows: everything of the smaller sets, filled up with T0."""
    rows: list[str] = []
    for name in (
        "instruct/rasbt_instruction_data_1100",
        "llamafactory_formats/alpaca_en_demo",
        "llamafactory_formats/alpaca_zh_demo",
    ):
        records = json.loads((data / f"{name}.json").read_text("utf-8"))
        rows += ["\n".join(r.get(key) or "" for key in ("instruction", "input", "output")) for r in records]
    tools = json.loads((data / "gpteacher_toolformer" / "toolformer-dedupe-only-dataset.json").read_text("utf-8"))
    rows += ["\n".join(map(str, r.values())) for r in tools]
    for name in ("train", "test"):
        with (data / "banking77" / f"banking77_{name}.csv").open(encoding="utf-8", newline="") as file:
            rows += [r["text"] for r in csv.DictReader(file)]
    rows += [
        f"{r['user_query']}\n{r['chatgpt_response']}"
        for r in lines_of(data / "halueval_general" / "general_first2000.jsonl")
    ]
    for talk in lines_of(data / "chitchat_conversations" / "chitchat_2000.jsonl"):
        rows.append("\n".join(said["text"] for turn in talk["turns"] for said in turn))
    for path in sorted((data / "languages").glob("*.txt")):
        rows += [line for line in path.read_text("utf-8").splitlines() if line]
    for path in sorted((data / "xstest_refusals").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [f"{r['prompt']}\n{r['completion']}" for r in csv.DictReader(file)]
    rows += [r["full_text"] for r in json.loads((data / "presidio_pii" / "generated_large.json").read_text("utf-8"))]
    chance = random.Random(seed)
    more = t0_rows(data)
    chance.shuffle(more)
    rows += more[: max(0, MIX - len(rows))]
    chance.shuffle(rows)
    return rows[:MIX]


def measured(python: str, way: str, rows: Path, pairs: Path, options: Any) -> dict[str, Any]:
    command = [python, str(HERE / "copies_ways.py"), way, str(rows), str(pairs)]
    command += ["--model", options.model] if options.model else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:100]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def show_head(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def coded(pairs: np.ndarray) -> np.ndarray:
    return np.unique(pairs[:, 0].astype(np.int64) << 32 | pairs[:, 1].astype(np.int64))


def compare(name: str, texts: list[str], folder: Path, options: Any) -> None:
    rows, true_pairs = folder / f"{name}.jsonl", folder / f"{name}-truth.npy"
    rows.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
    said = measured(sys.executable, "truth", rows, true_pairs, options)
    if "failed" in said:
        raise SystemExit(said["failed"])
    pairs = np.load(true_pairs)
    expected = coded(pairs)
    groups = len(np.unique(components(len(texts), pairs[:, 0], pairs[:, 1])))
    size = sum(map(len, texts)) / 1e6
    print(f"\n{name}: {len(texts):,} rows, {size:.0f} M characters, {len(expected):,} true pairs; ", end="")
    print(f"{len(texts) - groups:,} rows would go\n")
    show_head(
        "way", "recall", "precision", "would drop", "CPU s", "wall s", "rows per CPU s", "first call s", "peak MB"
    )
    for kind, ways in WAYS.items():
        python = sys.executable if kind == "ours" else getattr(options, kind)
        for way in ways if python else ():
            found = folder / f"{name}-found.npy"
            found.unlink(missing_ok=True)
            one = measured(python, way, rows, found, options)
            print(line_of(way, one, found, expected, len(texts)), flush=True)


def line_of(way: str, one: dict[str, Any], found: Path, expected: np.ndarray, rows: int) -> str:
    if "failed" in one:
        return f"| {way} | failed: {one['failed']} |"
    recall = precision = ""
    drops = one["removed"]
    if found.exists():
        pairs = np.load(found)
        drops = rows - len(np.unique(components(rows, pairs[:, 0], pairs[:, 1])))
        if way != "ours, whole rule":  # it answers another question, and names of equal rows only the first
            got = coded(pairs)
            right = len(np.intersect1d(got, expected, assume_unique=True))
            recall, precision = f"{right / len(expected):.4f}", f"{right / max(1, len(got)):.4f}"
    return (
        f"| {way} | {recall} | {precision} | {drops:,} | {one['cpu']:.2f} | {one['wall']:.2f} "
        f"| {rows / one['cpu']:,.0f} | {one['first']:.1f} | {one['mb']:,} |"
    )


def synthesise(path: Path, count: int, data: Path, seed: int = 0) -> np.ndarray:
    """A Parquet file of `count` rows of some 100 words; the planted pairs, (K, 3): original, copy, words changed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    vocabulary: dict[str, int] = {}
    texts = [*mixed_rows(data)[:20_000], *t0_rows(data)[:20_000]]
    ids = np.array([vocabulary.setdefault(word, len(vocabulary)) for text in texts for word in text.split()], np.int32)
    words, order = np.array(list(vocabulary)), np.argsort(ids[:-1], kind="stable")
    after, start = ids[1:][order], np.concatenate([[0], np.cumsum(np.bincount(ids[:-1], minlength=len(vocabulary)))])
    chance, planted, done = np.random.default_rng(seed), [], 0
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as file:
        while done < count:
            size = min(BATCH, count - done)
            own = round(size * (1 - PLANTED))
            lengths = chance.normal(100, 25, own).clip(20, 250).astype(int)
            said = np.zeros((own, lengths.max()), np.int32)
            said[:, 0] = ids[chance.integers(0, len(ids), own)]
            for place in range(1, lengths.max()):
                last = said[:, place - 1]
                followers = start[last + 1] - start[last]
                pick = np.minimum(start[last] + (chance.random(own) * followers).astype(int), len(after) - 1)
                jump = (followers == 0) | (chance.random(own) < 0.15)
                said[:, place] = np.where(jump, ids[chance.integers(0, len(ids), own)], after[pick])
            rows = [list(words[said[i, :length]]) for i, length in enumerate(lengths)]
            for original in chance.integers(0, own, size - own).tolist():
                copy, changed = list(rows[original]), int(chance.integers(0, 7))
                for place in chance.integers(0, len(copy), changed).tolist():
                    copy[place] = words[ids[chance.integers(0, len(ids))]]
                planted.append((done + original, done + len(rows), changed))
                rows.append(copy)
            file.write_table(pa.table({"text": [" ".join(row) for row in rows]}))
            done += size
    return np.array(planted)


def curve(options: Any, folder: Path) -> None:
    print()
    columns = ("rows", "M characters", "wall s", "CPU s", "rows per CPU s", "peak MB", "pairs")
    show_head(*columns, "planted near copies", "of these found")
    for count in options.curve:
        path = folder / f"{count}.parquet"
        planted = folder / f"{count}.npy"
        if not (path.exists() and planted.exists()):
            np.save(planted, synthesise(path, count, options.data))
        command = [sys.executable, str(Path(__file__).resolve()), str(options.data), "--one", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(done.stdout.strip(), flush=True)


def one_of_the_curve(path: Path) -> None:
    """Reads and joins one Parquet file in this process, and prints its line of the curve."""
    import resource
    import time

    from workbench.checks.copy_stream import ParquetTexts, streamed_pairs
    from workbench.checks.similarity import near_copy_score, near_pairs

    near_pairs(["open the lid and pour 14 cups"] * 2 + ["open the lid and pour 15 cups", "open a lid and pour 14 cups"])
    source = ParquetTexts(path, "text")
    wall, busy = time.perf_counter(), time.process_time()
    pairs = streamed_pairs([source])
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    texts = pl.read_parquet(path)["text"].to_list()
    planted = np.load(path.with_suffix(".npy"))[:20_000, :2]
    alike = [(a, b) for a, b in planted.tolist() if near_copy_score(texts[a], texts[b]) is not None]
    label = components(len(texts), pairs.a, pairs.b)
    found = sum(int(label[a] == label[b]) for a, b in alike)
    print(
        f"| {len(texts):,} | {sum(map(len, texts)) / 1e6:.0f} | {wall:.1f} | {busy:.1f} | {len(texts) / busy:,.0f} "
        f"| {peak:,} | {len(pairs):,} | {len(alike):,} | {found / max(1, len(alike)):.4f} |"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("--peers", help="a Python with rensa, datasketch, semhash and scipy")
    options.add_argument("--text-dedup", help="a Python with text-dedup")
    options.add_argument("--model", default="", help="a folder with a static model, for SemHash")
    options.add_argument("--rows", nargs="*", choices=["MIX", "T0"], default=["MIX", "T0"])
    options.add_argument("--curve", nargs="*", type=int, default=[], help="numbers of rows")
    options.add_argument("--folder", type=Path, help="where the rows of the curve are made and kept")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        one_of_the_curve(chosen.one)
        return
    with tempfile.TemporaryDirectory() as made:
        for name in chosen.rows:
            compare(name, {"MIX": mixed_rows, "T0": t0_rows}[name](chosen.data), Path(made), chosen)
        if chosen.curve:
            curve(chosen, chosen.folder or Path(made))


if __name__ == "__main__":
    main()
