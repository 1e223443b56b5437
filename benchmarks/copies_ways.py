"""One way of finding near copies, in a process of its own: prints a line of JSON, and writes the pairs that it found

    PYTHON benchmarks/copies_ways.py WAY ROWS.jsonl PAIRS.npy [--model FOLDER] [--text-dedup PYTHON]

Called by `copies.py` with the Python that has the way's library. Reading the rows is not measured; everything from the
texts on is. Seconds are wall and processor time, of child processes too.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from workbench.checks.words import exact_keys, words_of

LEAST = 0.7
RUN = 3
BLOCK = 20_000
Found = np.ndarray | int  # pairs (K, 2), or how many rows would go where a tool names no pairs


def shingles(texts: list[str]) -> list[set[str]]:
    """Each text's distinct runs of three words; one of fewer words is one run, one without a word has none."""
    found = []
    for key in exact_keys(texts):
        words = words_of(key)
        found.append({" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))} if words else set())
    return found


def matrix_of(sets: list[set[str]]) -> tuple[Any, np.ndarray]:
    """A row a text, a column a run that more than one text has; and how many runs each text has in all."""
    import scipy.sparse as sp

    size = np.fromiter(map(len, sets), np.int64, len(sets))
    ids: dict[str, int] = {}
    column = np.fromiter((ids.setdefault(run, len(ids)) for runs in sets for run in runs), np.int64, int(size.sum()))
    row = np.repeat(np.arange(len(sets)), size)
    kept = np.bincount(column, minlength=len(ids))[column] > 1
    shape = (len(sets), max(1, len(ids)))
    return sp.csr_matrix((np.ones(int(kept.sum()), np.float32), (row[kept], column[kept])), shape=shape), size


def truth(texts: list[str], options: Any) -> Found:
    """Every pair, by a sparse product in blocks: plain, and written apart from the join that is measured."""
    matrix, size = matrix_of(shingles(texts))
    turned, found = matrix.T.tocsr(), [np.zeros((0, 2), np.int64)]
    for start in range(0, len(texts), 2000):
        product = (matrix[start : start + 2000] @ turned).tocoo()
        a, b = product.row.astype(np.int64) + start, product.col.astype(np.int64)
        alike = (a < b) & (product.data >= LEAST * (size[a] + size[b] - product.data) - 1e-6)
        found.append(np.column_stack([a[alike], b[alike]]))
    return np.concatenate(found)


def ours(texts: list[str], options: Any) -> Found:
    from workbench.checks.set_join import jaccard_pairs
    from workbench.checks.text_hashes import hashed

    a, b, _ = jaccard_pairs(hashed(texts, run=RUN, long=1, middle=0).runs, LEAST)
    return np.column_stack([a, b])


def our_rule(texts: list[str], options: Any) -> Found:
    from workbench.checks.similarity import near_pairs

    pairs = near_pairs(texts)
    return np.column_stack([pairs.a, pairs.b])


def rensa_default(texts: list[str], options: Any) -> Found:
    from rensa import RMinHashDeduplicator

    sieve = RMinHashDeduplicator(threshold=LEAST, num_perm=128, use_lsh=True, num_bands=16)
    flags = sieve.add_pairs([(str(i), list(runs)) for i, runs in enumerate(shingles(texts))])
    return len(texts) - sum(map(bool, flags))


def rensa_with(bands: int, rows: int, *, sets: bool) -> Callable[[list[str], Any], Found]:
    def way(texts: list[str], options: Any) -> Found:
        from rensa import RMinHash, RMinHashLSH

        every = shingles(texts)
        hashes = RMinHash.from_token_sets([list(runs) for runs in every], num_perm=bands * rows, seed=42)
        index = RMinHashLSH(threshold=LEAST, num_perm=bands * rows, num_bands=bands)
        index.insert_many(hashes)
        return verified(every, index.query_all(hashes), by_sets=sets)

    return way


def datasketch_with(bands: int, rows: int) -> Callable[[list[str], Any], Found]:
    def way(texts: list[str], options: Any) -> Found:
        from datasketch import MinHash, MinHashLSH

        every = shingles(texts)
        coded = [[run.encode("utf-8", "surrogatepass") for run in runs] for runs in every]
        hashes = MinHash.bulk(coded, num_perm=max(128, bands * rows))
        params = {"params": (bands, rows)} if rows != 9 else {}  # 14 x 9 is what it chooses by itself
        index = MinHashLSH(threshold=LEAST, num_perm=max(128, bands * rows), **params)
        for i, one in enumerate(hashes):
            index.insert(i, one, check_duplication=False)
        return verified(every, [index.query(one) for one in hashes], by_sets=False)

    return way


def verified(every: list[set[str]], candidates: list[list[int]], *, by_sets: bool) -> np.ndarray:
    """The candidates that are LEAST alike: pair by pair with Python's sets, or many at once with a sparse matrix."""
    if by_sets:
        pairs = {(min(i, j), max(i, j)) for i, near in enumerate(candidates) for j in near if i != j and every[i]}
        alike = [(i, j) for i, j in pairs if len(every[i] & every[j]) >= LEAST * len(every[i] | every[j]) - 1e-9]
        return np.array(alike, np.int64).reshape(-1, 2)
    matrix, size = matrix_of(every)
    a = np.repeat(np.arange(len(candidates)), [len(near) for near in candidates])
    b = np.fromiter((j for near in candidates for j in near), np.int64, len(a))
    once = (a < b) & (size[a] > 0)
    a, b, found = a[once], b[once], [np.zeros((0, 2), np.int64)]
    for start in range(0, len(a), BLOCK):
        one, other = a[start : start + BLOCK], b[start : start + BLOCK]
        shared = np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)).ravel()
        alike = shared >= LEAST * (size[one] + size[other] - shared) - 1e-6
        found.append(np.column_stack([one[alike], other[alike]]))
    return np.concatenate(found)


def semhash(texts: list[str], options: Any) -> Found:
    from model2vec import StaticModel
    from semhash import SemHash

    sieve = SemHash.from_records(texts, model=StaticModel.from_pretrained(options.model))
    return len(texts) - len(sieve.self_deduplicate().selected)


def text_dedup(texts: list[str], options: Any) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        with rows.open("w") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        command = [sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(rows)]
        command += [
            "--split",
            "train",
            "--cache_dir",
            f"{folder}/cache",
            "--output",
            f"{folder}/out",
            "--column",
            "text",
        ]
        command += ["--ngram", str(RUN), "--min_length", "0", "--num_perm", "128", "--threshold", str(LEAST)]
        subprocess.run([*command, "--num_proc", "2", "--batch_size", "10000"], check=True, capture_output=True)
        from datasets import load_from_disk

        return len(texts) - len(load_from_disk(f"{folder}/out"))


WAYS: dict[str, Callable[[list[str], Any], Found]] = {
    "truth": truth,
    "ours": ours,
    "ours, whole rule": our_rule,
    "rensa 16x8, its own sieve": rensa_default,
    "rensa 32x4 + sets": rensa_with(32, 4, sets=True),
    "rensa 32x4 + matrix": rensa_with(32, 4, sets=False),
    "rensa 25x5 + matrix": rensa_with(25, 5, sets=False),
    "datasketch 14x9 + matrix": datasketch_with(14, 9),
    "datasketch 32x4 + matrix": datasketch_with(32, 4),
    "text-dedup": text_dedup,
    "SemHash": semhash,
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("way", choices=WAYS)
    options.add_argument("rows", type=Path)
    options.add_argument("pairs", type=Path)
    options.add_argument("--model", help="a folder with a static model, for SemHash")
    chosen = options.parse_args()
    texts = [json.loads(line) for line in chosen.rows.read_text("utf-8").splitlines()]
    began = time.perf_counter()
    WAYS[chosen.way](texts[:20], chosen)  # imports and compiles; told apart
    compiled = time.perf_counter() - began
    wall, busy = time.perf_counter(), used()
    found = WAYS[chosen.way](texts, chosen)
    seconds = {"wall": time.perf_counter() - wall, "cpu": used() - busy, "first": compiled}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) >> 10
    if isinstance(found, np.ndarray):
        np.save(chosen.pairs, np.sort(found, axis=1))
    print(json.dumps({**seconds, "mb": peak, "removed": None if isinstance(found, np.ndarray) else found}))


def used() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    main()
