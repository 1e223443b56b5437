"""How near the plan card comes: steps are measured, then the run is really done, and both stand in one table

    python benchmarks/plan_card.py MODEL [--steps 12] [--only lora full ...] [--seed 0] [--json FILE]

MODEL: the folder of a small base model. Each shape is measured (`training.forecast.measure`), predicted
(`training.forecast.estimate`), and then trained by `python -m training` in a process of its own on rows made here: the
prediction is made before its run begins, and nothing is set by the run. Time is by the clock, in seconds, from the
first line of `train` to its last; where it went is read from the run's own metric lines. What share of the processors
other programs took is told for the measuring and for the run: where the two differ by much, so do the times.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "0")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import polars as pl

from training.forecast.estimate import Cost, estimate
from training.forecast.measure import Measured, measure
from training.forecast.measuring import busy_seconds
from training.forecast.memory import largest_batch
from training.forecast.sizes import size_of
from training.forecast.workload import measures_of, workload
from training.machine import cpu_has_bf16
from training.plan import TrainingPlan
from training.result import read_metrics
from training.run.split import groups_of, validation_places
from training.tokens.encode import encode
from training.tokens.template import tokenizer_for

SHORT, LONG, SPREAD = (3.4, 0.6), (5.0, 0.6), (4.0, 1.2)  # words of a reply: mean and deviation of their logarithm
SHAPES: dict[str, tuple[tuple[str, ...], tuple[float, float]]] = {
    "lora": ((), SHORT),
    "full": (("method=full", "learning_rate=1e-4"), SHORT),
    "4bit": (("quantization=4bit",), SHORT),
    "dora": (("method=dora",), SHORT),
    "rslora 64": (("method=rslora", "rank=64", "alpha=64"), SHORT),
    "fp32": (("precision=fp32",), SHORT),
    "accumulated": (("batch_size=4", "accumulation=4"), SHORT),
    "one row": (("batch_size=1",), SHORT),
    "long rows": (("batch_size=4", "max_length=512"), LONG),
    "spread": ((), SPREAD),
    "evaluations": (("evaluations_per_epoch=5", "validation_share=0.4"), SHORT),
}
LEAST_ROWS = 80
WORDS = ("kettle", "boils", "water", "until", "steam", "rises", "from", "its", "spout", "lid", "begins", "little")
PARTS = ("loading", "training", "evaluating", "saving")


def rows(count: int, lengths: tuple[float, float], seed: int = 0) -> pl.DataFrame:
    """Conversations whose lengths spread as those of chats do (log-normal), the same for the same seed."""
    chance = random.Random(seed)
    messages = []
    for place in range(count):
        words = [chance.choice(WORDS) for _ in range(max(4, round(chance.lognormvariate(*lengths))))]
        messages.append([{"role": "user", "content": f"Question {place}: what does it do?"},
                         {"role": "assistant", "content": " ".join(words)}])  # fmt: skip
    return pl.DataFrame({"row_id": [f"r{place}" for place in range(count)], "messages": messages})


def predict(plan: TrainingPlan, table: pl.DataFrame) -> tuple[Measured, Cost]:
    """The measured steps and the prediction made from them, as the plan card makes it."""
    encoding = encode(table, tokenizer_for(plan.model), max_length=plan.max_length)
    known = table.filter(pl.col("row_id").is_in([row.row_id for row in encoding.rows]))
    aside = set(validation_places(groups_of(known), share=plan.validation_share, seed=plan.seed))
    training = [row for place, row in enumerate(encoding.rows) if place not in aside]
    validation = [row for place, row in enumerate(encoding.rows) if place in aside]
    model, work = size_of(plan.model), workload(plan, measures_of(training), measures_of(validation))
    bf16 = cpu_has_bf16() and plan.precision != "fp32"
    found = measure(plan, training, largest_batch(plan, model, work, "cpu", bf16).longest)
    return found, estimate(plan, model, rows=len(training), tokens=0, bf16=bf16, work=work, measured=found)


def run(plan: TrainingPlan, table: pl.DataFrame, folder: Path) -> dict[str, Any]:
    """training.json of a real run, with its metric lines and the processors' seconds of its whole process."""
    (folder / "plan.json").write_text(plan.model_dump_json())
    table.write_parquet(folder / "rows.parquet")
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "training", "plan.json", "rows.parquet", "out"]
    here = str(Path(__file__).resolve().parent.parent)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": here})
    if done.returncode:
        raise SystemExit(f"the run failed:\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = json.loads((folder / "out" / "training.json").read_text("utf-8"))
    return {**result, "wall": time.monotonic() - begun, "cpu": spent, "lines": read_metrics(folder / "out")}


def parts_of(result: dict[str, Any]) -> dict[str, float]:
    """Where the time of a run went, by its metric lines. Saving: what lies between the steps, and after the last."""
    lines = result["lines"]
    training = sum(
        (line["tokens"] - before["tokens"]) / line["tokens_per_second"]
        for before, line in pairwise(lines)
        if line["tokens_per_second"]
    )
    evaluating = result["seconds_evaluating"]
    return {
        "loading": result["seconds_loading"],
        "training": training,
        "evaluating": evaluating,
        "saving": result["seconds"] - evaluating - training + result["seconds_ending"],
    }


def compare(name: str, model: str, steps: int, seed: int) -> dict[str, Any]:
    """One shape: predicted and taken, in seconds and bytes, with the parts of the time."""
    settings, lengths = SHAPES[name]
    plan = TrainingPlan(model=model, max_steps=steps).with_settings(settings)
    table = rows(max(LEAST_ROWS, steps * plan.batch_size * plan.accumulation), lengths, seed)
    begun = time.monotonic()
    found, cost = predict(plan, table)
    measuring = time.monotonic() - begun
    busy, clock = busy_seconds(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = run(plan, table, Path(folder))
    others = (busy_seconds() - busy - result["cpu"]) / ((time.monotonic() - clock) * found.cores)
    taken = parts_of(result)
    return {
        "shape": name,
        "measuring": measuring,
        "told": cost.told(),
        "measured": found,
        "seconds": cost.seconds.value,
        "seconds_low": cost.seconds.low,
        "seconds_high": cost.seconds.high,
        "seconds_taken": sum(taken.values()),
        "parts_taken": taken,
        "process": result["wall"],
        "memory": cost.memory.value,
        "memory_formula": cost.parts.formula,
        "memory_taken": max(result["peak_memory"], result["eval_peak_memory"]),
        "steps": [cost.steps.value, result["steps"]],
        "tokens": [cost.tokens.value, result["tokens"]],
        "others_measuring": found.others_share,
        "others_running": max(0.0, others),
        "lines": result["lines"],
    }


COLUMNS = (
    f"{'shape':12} | {'time':>5} {'taken':>5}   off {'told as':>9} | "
    + " | ".join(f"{part:>10}" for part in PARTS)
    + " | memory taken   off formula | measuring others"
)


def line(one: dict[str, Any]) -> str:
    """A shape as a line of the table: told and taken; others: share of the processors that other programs took,
    measuring/running."""
    time_off, memory_off = one["seconds"] / one["seconds_taken"] - 1, one["memory"] / one["memory_taken"] - 1
    told, taken = one["told"]["seconds_by_part"], one["parts_taken"]
    told = told | {"saving": told["saving"] + told["ending"]}
    parts = " | ".join(f"{told[part]:5.1f}{taken[part]:5.1f}" for part in PARTS)
    band = f"{one['seconds_low']:.0f} to {one['seconds_high']:.0f}"
    return (
        f"{one['shape']:12} | {one['seconds']:5.1f} {one['seconds_taken']:5.1f} {time_off:+5.0%} {band:>9} | {parts} | "
        f"{one['memory'] / 1e9:6.2f}  {one['memory_taken'] / 1e9:4.2f} {memory_off:+5.0%}    "
        f"{one['memory_formula'] / 1e9:4.2f} | "
        f"{one['measuring']:8.0f}  {one['others_measuring']:.0%}/{one['others_running']:.0%}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model")
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--only", nargs="*", choices=list(SHAPES), default=list(SHAPES))
    options.add_argument("--seed", type=int, default=0, help="of the rows: other seeds, other lengths")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    print(COLUMNS)
    found = []
    for name in given.only:
        found.append(compare(name, given.model, given.steps, given.seed))
        print(line(found[-1]), flush=True)
        if given.json:
            given.json.write_text(json.dumps(found, indent=1, default=asdict))


if __name__ == "__main__":
    main()
