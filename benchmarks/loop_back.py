"""Does one turn of the loop help? Train on faulty rows, find the gaps, mend, train again; several seeds.

python -m benchmarks.loop_back [--seeds 0,1,2] [--out loop_back.json]

On the demo data and the embedded model. Golden is drawn once, from the mended rows, so that its references are right;
the rows to train on are then the faulty ones again, as they were imported, without golden rows and copies of them. For
each seed of training three adapters are trained and evaluated on the same golden rows:

  faulty   the rows as they were imported
  mended   after the fixes that the checks of the faulty rows lead to, as `goldloop demo` applies them
  turned   mended, and with the rows of data/demo/gap_rows.jsonl for the slices in which the faulty run has gaps:
           written from the policy page, fact by fact, before any of these runs; one too like golden is turned away

The answer is the paired difference per golden row of the deciding metric, averaged over the seeds, with the interval
over golden rows (clustered by group); and each seed by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from evaluators.compare import compare
from evaluators.sample import Score, catalogue
from evaluators.verdict import verdict
from workbench.actions.apply_fix import apply_fix
from workbench.actions.evaluate import evaluate
from workbench.actions.find_gaps import find_gaps
from workbench.actions.follow_gaps import follow_gaps
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.import_rows import import_rows
from workbench.actions.restore import restore
from workbench.actions.run_checks import run_checks
from workbench.actions.train import train
from workbench.actions.write_for_gap import write_for_gap
from workbench.demo import DATA, FIXES, SHARE, rule_by_design
from workbench.errors import Refused
from workbench.records import Evaluation
from workbench.store import Store, datasets, evaluations, goldens, runs
from workbench.training_side import FEWEST_ROWS

GAP_ROWS = DATA / "gap_rows.jsonl"
STAGES = ("faulty", "mended", "turned")
PAIRS = (("faulty", "mended"), ("mended", "turned"), ("faulty", "turned"))
METRICS = ("fact_recall", "unsupported_facts", "nll", "stopped", "repetition")


def fixed(store: Store) -> None:
    """Checks and fixes the newest version of the demo, as `goldloop demo` does."""
    run_checks(store, "demo")
    for fix, where, why in FIXES:
        try:
            apply_fix(store, fix, version="demo", where=where, why=why, confirm=True)
        except Refused:
            continue  # nothing to mend: an earlier fix took care of it


def prepared(store: Store) -> str:
    """Imports, mends, freezes golden, and goes back to the faulty rows; gives the label of that version."""
    import_rows(store, DATA / "support.jsonl", name="demo")
    fixed(store)
    freeze_golden(store, "demo", share=SHARE, seed=0, together="copies")
    back = restore(store, "demo@1", why="the faulty rows again, without golden")
    assert back.after is not None
    return back.after.label


def trained(store: Store, seed: int, prompt: str) -> Evaluation:
    """Trains on the newest version and evaluates the run."""
    rule_by_design(store, "demo", lambda line: None)  # other wordings of a fact stand in these data by design
    run = train(store, "demo", settings=[f"seed={seed}"])
    first = runs.folder(store, runs.listed(store)[-1].id) / "answers"
    if first.exists():  # what base said is the same for every run: the cache knows it by model, prompt and decoding
        shutil.copytree(first, runs.folder(store, run.id) / "answers", dirs_exist_ok=True)
    return evaluate(store, run.id, prompt=prompt)


def written(store: Store, evaluation: Evaluation) -> dict[str, int]:
    """Rows of the expert's file added for the gaps of an evaluation: slice -> rows."""
    lines = [json.loads(line) for line in GAP_ROWS.read_text(encoding="utf-8").splitlines()]
    by_topic: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        by_topic[line["tags"][0]].append(line)
    added: dict[str, int] = {}
    with TemporaryDirectory() as folder:
        for gap in find_gaps(store, evaluation.id):
            if gap.slice in added or gap.slice not in by_topic:
                continue  # the rows of a slice are written once, whatever fails there
            path = Path(folder) / "rows.jsonl"
            path.write_text("".join(json.dumps(line) + "\n" for line in by_topic[gap.slice]), encoding="utf-8")
            done = write_for_gap(store, gap.id, file=path)
            added[gap.slice] = len(done.rows)
    return added


def one_seed(store: Store, faulty: str, seed: int, prompt: str) -> dict[str, Any]:
    """The three stages with one seed of training."""
    head = datasets.version(store, "demo")
    if head.digest != datasets.version(store, faulty).digest:
        restore(store, faulty)
    found: dict[str, Evaluation] = {"faulty": trained(store, seed, prompt)}
    gaps = find_gaps(store, found["faulty"].id)
    fixed(store)
    found["mended"] = trained(store, seed, prompt)
    added = written(store, found["faulty"])
    found["turned"] = trained(store, seed, prompt)
    follow = follow_gaps(store, found["faulty"].id, found["turned"].id)
    return {
        "seed": seed,
        "gaps": len(gaps),
        "diagnoses": sorted(gap.diagnosis for gap in gaps),
        "rows": {stage: datasets.by_id(store, runs.get(store, one.run_id).version_id).size
                 for stage, one in found.items()},
        "added": added,
        "follow": follow.sentence,
        "scores": {stage: scores_of(store, one) for stage, one in found.items()},
    }  # fmt: skip


def scores_of(store: Store, evaluation: Evaluation) -> dict[str, dict[str, float | None]]:
    """Metric -> golden row -> score of the tuned model, dev rows only."""
    said = evaluations.answers_of(store, evaluation.id, "tuned")
    return {name: {one.row_id: one.scores.get(name) for one in said} for name in METRICS}


def paired(per_seed: list[dict[str, Any]], a: str, b: str, metric: str, groups: dict[str, str]) -> dict[str, Any]:
    """b against a: each row's scores averaged over the seeds, then the paired interval over rows."""

    def mean(stage: str) -> dict[str, Score]:
        rows = per_seed[0]["scores"][stage][metric]
        found = {}
        for row in rows:
            values = [one["scores"][stage][metric].get(row) for one in per_seed]
            judged = [value for value in values if value is not None]
            found[row] = Score(statistics.mean(judged) if len(judged) == len(values) else None)
        return found

    one = compare(mean(a), mean(b), catalogue()[metric], names=(a, b), groups=groups)
    return {
        "a": a, "b": b, "metric": metric, "seeds": len(per_seed), "rows": one.n, "mean_a": one.mean_a,
        "mean_b": one.mean_b, "difference": one.difference.value, "low": one.difference.low,
        "high": one.difference.high, "verdict": verdict(one),
    }  # fmt: skip


def main() -> None:
    """Runs all seeds in a store of its own and prints the table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seeds", default="0,1,2")
    options.add_argument("--out", type=Path)
    options.add_argument("--store", type=Path, help="keep the store here (default: a temporary folder)")
    given = options.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    assert pl.read_ndjson(GAP_ROWS).height >= FEWEST_ROWS
    start = time.monotonic()
    prompt = (DATA / "prompt.txt").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        store = Store.open(given.store or Path(folder) / "store")
        faulty = prepared(store)
        per_seed = []
        for seed in (int(one) for one in given.seeds.split(",")):
            per_seed.append(one_seed(store, faulty, seed, prompt))
            told = per_seed[-1]
            print(f"seed {seed}: {told['follow']} rows {told['rows']}, {time.monotonic() - start:.0f} s", flush=True)
        golden = goldens.newest(store, "demo")
        groups = {row: f"group:{label}" for row, label in golden.groups.items()}
    found = {
        "pooled": [paired(per_seed, a, b, metric, groups) for a, b in PAIRS for metric in METRICS],
        "by seed": [
            {"seed": one["seed"], **paired([one], a, b, "fact_recall", groups)} for one in per_seed for a, b in PAIRS
        ],
        "seeds": [{key: value for key, value in one.items() if key != "scores"} for one in per_seed],
        "seconds": round(time.monotonic() - start),
    }
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
