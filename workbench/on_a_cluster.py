"""The catalogue and the copies over rows that are too many for one machine, on Ray; the results are the same.

    from workbench.on_a_cluster import check_on_cluster, near_pairs_on_cluster
    results = check_on_cluster(["s3://desk/rows-1.parquet", "s3://desk/rows-2.parquet"], address="ray://head:10001")

Needs goldloop[ray] here and goldloop on every machine, and files that every machine can read. The rows are never all in
one process for checks that judge rows one by one; a check that compares rows runs whole on one machine of the cluster,
several such checks at a time.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench.checks.check import catalogue, check_named, with_knobs
from workbench.checks.context import Context
from workbench.checks.run import Result, left_out, run_one
from workbench.checks.similarity import Pairs, exact_keys, near_pairs, near_pairs_between, words_of
from workbench.checks.spread import Piece, joined, pieces_of
from workbench.errors import NotRun
from workbench.rows import Rows

TEXTS = 50_000  # in a block of the join; two blocks and their words take some 500 MB


@contextmanager
def cluster(address: str | None = None, *, processors: int | None = None) -> Iterator[Any]:
    """Ray, connected to the cluster at `address`, or started on this machine and stopped again; as it is where it runs
    already. Raises NotRun where Ray is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise NotRun(
            "Work on a cluster needs Ray, which is not installed. Install it: pip install goldloop[ray]"
        ) from None
    ours = not ray.is_initialized()
    if ours:
        quiet: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False, "logging_level": logging.ERROR}
        try:
            ray.init(address=address, num_cpus=processors, **quiet)
        except (ConnectionError, TimeoutError, ValueError, RuntimeError) as error:
            said = str(error).splitlines() or [type(error).__name__]
            raise NotRun(f"There is no Ray cluster at {address or 'this machine'}: {said[0]}") from None
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()


def check_on_cluster(
    paths: Sequence[str | Path],
    *,
    only: Sequence[str] | None = None,
    knobs: Mapping[str, Mapping[str, Any]] | None = None,
    context: Context | None = None,
    address: str | None = None,
    processors: int | None = None,
) -> list[Result]:
    """One result a check over the rows of all files, in their order; what `run_catalogue` says of them together.

    paths: Parquet files with the columns of `Rows`, readable from every machine. address: of the cluster; without one
    Ray is started here, with `processors` processors. Raises NotRun where Ray is not installed.
    """
    chosen = [check_named(name) for name in (list(catalogue()) if only is None else only)]
    settings = {
        check_named(name).name: with_knobs(check_named(name), dict(asked)) for name, asked in (knobs or {}).items()
    }
    run = [check for check in chosen if only is not None or not check.costly or check.name in settings]
    files = [str(path) for path in paths]
    count = sum(_size(path) for path in files)
    pieces = pieces_of(count, run)
    work = [
        {"number": number, "checks": [check.name for check in piece.checks], "start": piece.start, "stop": piece.stop}
        for number, piece in enumerate(pieces)
    ]
    with cluster(address, processors=processors) as ray:
        known = ray.put(pickle.dumps((files, settings, context)))

        def measured(item: dict[str, Any]) -> dict[str, Any]:
            return {
                "number": item["number"],
                "said": measure(ray.get(known), item["checks"], item["start"], item["stop"]),
            }

        done = ray.data.from_items(work, override_num_blocks=max(len(work), 1)).map(measured).take_all()
    found: dict[str, list[tuple[int, Result]]] = defaultdict(list)
    for line in done:
        piece: Piece = pieces[line["number"]]
        said = pickle.loads(line["said"])
        for check in piece.checks:
            found[check.name].append((piece.start, Result(check, *said[check.name])))
    return [joined(one, found[one.name]) if one.name in found else left_out(one) for one in chosen]


def measure(known: bytes, checks: Sequence[str], start: int, stop: int | None) -> bytes:
    """What the checks say of rows[start:stop] of the files, or of all rows; on whatever machine this runs."""
    files, settings, context = pickle.loads(known)
    frames = pl.scan_parquet(files).slice(start, None if stop is None else stop - start)
    rows = Rows(frames.collect())
    results = [run_one(check_named(name), rows, context, settings.get(name, {})) for name in checks]
    return pickle.dumps({one.check.name: (one.findings, one.not_run, one.seconds) for one in results})


def _size(path: str) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def near_pairs_on_cluster(
    texts: Sequence[str], *, address: str | None = None, processors: int | None = None, block: int = TEXTS
) -> Pairs:
    """All near copies among the texts, as `near_pairs` finds them: every two blocks of texts are one piece of work.

    Equal texts are joined by their keys first. Then blocks meet blocks: a row's rarest words, by which rows could be
    sent to where their copies are, are six in ten of its words (the rule allows for so much difference), so each row
    would be sent nearly everywhere in any case. n blocks make n (n + 1) / 2 pieces.
    """
    keys = exact_keys(texts)
    first: dict[str, int] = {}
    stands_for = np.fromiter((first.setdefault(key, i) for i, key in enumerate(keys)), np.int64, len(keys))
    there = np.fromiter(first.values(), np.int64, len(first))
    starts = range(0, len(there), block)
    with cluster(address, processors=processors) as ray:
        blocks = [ray.put([texts[i] for i in there[start : start + block]]) for start in starts]

        def met(item: dict[str, int]) -> dict[str, Any]:
            one, other = item["one"], item["other"]
            left = ray.get(blocks[one])
            found = near_pairs(left) if one == other else near_pairs_between(left, ray.get(blocks[other]))
            return {"one": one, "other": other, "pairs": pickle.dumps((found.a, found.b, found.score))}

        work = [{"one": one, "other": other} for one in range(len(blocks)) for other in range(one, len(blocks))]
        done = ray.data.from_items(work, override_num_blocks=len(work)).map(met).take_all() if work else []
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for line in done:
        a, b, score = pickle.loads(line["pairs"])
        parts.append((there[a + line["one"] * block], there[b + line["other"] * block], score))
    copies = np.flatnonzero(stands_for != np.arange(len(texts)))
    copies = copies[np.fromiter((bool(words_of(keys[i])) for i in copies), bool, len(copies))]
    parts.append((stands_for[copies], copies, np.ones(len(copies))))
    a, b, score = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], score[order])
