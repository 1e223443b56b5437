"""How near the plan card comes: steps are measured, then the run is really done, and both stand in one table

    python benchmarks/plan_card.py MODEL [--steps 30] [--only lora8 full8 ...] [--json FILE]

MODEL: the folder of a small base model. Each setting is measured (`training.forecast.measure`), predicted
(`training.forecast.estimate`) and trained by `python -m training` in a process of its own on rows made here. Time is by
the clock, in seconds, from the first line of `train` to the last step; the parts stand beside it. What share of the
processors other programs took is told for the measuring and for the run: where the two differ by much, so do the times.
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
from training.run.split import groups_of, validation_places
from training.tokens.encode import encode
from training.tokens.template import tokenizer_for

SETTINGS: dict[str, tuple[str, ...]] = {
    "lora8": (),
    "lora1": ("batch_size=1",),
    "lora16": ("batch_size=16",),
    "long": ("batch_size=4", "max_length=512"),
    "dora8": ("method=dora",),
    "full8": ("method=full", "learning_rate=1e-4"),
    "4bit8": ("quantization=4bit",),
    "fp32": ("precision=fp32",),
    "accumulate": ("batch_size=4", "accumulation=4"),
}
WORDS = ("kettle", "boils", "water", "until", "steam", "rises", "from", "its", "spout", "lid", "begins", "little")


def rows(count: int, *, long: bool) -> pl.DataFrame:
    """Conversations with the spread of lengths that chats have (log-normal, sigma 0.6), the same every time."""
    chance = random.Random(0)
    messages = []
    for place in range(count):
        size = round(chance.lognormvariate(5.0 if long else 3.4, 0.6))
        words = [chance.choice(WORDS) for _ in range(max(4, size))]
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
    """training.json of a real run, with the seconds that its whole process took by the clock and of the processors."""
    (folder / "plan.json").write_text(plan.model_dump_json())
    table.write_parquet(folder / "rows.parquet")
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "training", "plan.json", "rows.parquet", "out"]
    here = str(Path(__file__).resolve().parent.parent)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": here})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = json.loads((folder / "out" / "training.json").read_text("utf-8"))
    return {**result, "wall": time.monotonic() - begun, "cpu": spent}


def compare(name: str, model: str, steps: int) -> dict[str, Any]:
    """One setting: predicted and taken, in seconds and bytes; the parts of the time, too."""
    plan = TrainingPlan(model=model, max_steps=steps).with_settings(SETTINGS[name])
    table = rows(max(80, steps * plan.batch_size * plan.accumulation), long=name == "long")
    begun = time.monotonic()
    found, cost = predict(plan, table)
    measuring = time.monotonic() - begun
    busy, clock = busy_seconds(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = run(plan, table, Path(folder))
    others = (busy_seconds() - busy - result["cpu"]) / ((time.monotonic() - clock) * found.cores)
    loading, evaluating = result["seconds_loading"], result["seconds_evaluating"]
    return {
        "setting": name,
        "measuring": measuring,
        "seconds": cost.seconds.value,
        "seconds_low": cost.seconds.low,
        "seconds_high": cost.seconds.high,
        "seconds_taken": result["seconds"] + loading,
        "process": result["wall"],
        "loading": cost.times.loading,
        "loading_taken": loading,
        "evaluating": cost.times.evaluating,
        "evaluating_taken": evaluating,
        "steps_saving": cost.times.training + cost.times.saving,
        "steps_saving_taken": result["seconds"] - evaluating,
        "memory": cost.memory.value,
        "memory_formula": cost.parts.formula,
        "memory_taken": max(result["peak_memory"], result["eval_peak_memory"]),
        "steps": cost.steps.value,
        "steps_taken": result["steps"],
        "tokens": cost.tokens.value,
        "tokens_taken": result["tokens"],
        "others_measuring": found.others_share,
        "others_running": max(0.0, others),
    }


COLUMNS = (
    f"{'setting':11} {'time':>5} taken   off | load taken | eval taken | steps taken | "
    f"memory taken   off formula | measuring others"
)


def line(one: dict[str, Any]) -> str:
    """A setting as a line of the table; others: share of the processors that other programs took, measuring/running."""
    time_off, memory_off = one["seconds"] / one["seconds_taken"] - 1, one["memory"] / one["memory_taken"] - 1
    parts = " | ".join(
        f"{one[name]:4.0f}  {one[name + '_taken']:4.0f}" for name in ("loading", "evaluating", "steps_saving")
    )
    return (
        f"{one['setting']:11} {one['seconds']:5.0f} {one['seconds_taken']:5.0f} {time_off:+5.0%} | {parts}  | "
        f"{one['memory'] / 1e9:6.2f}  {one['memory_taken'] / 1e9:4.2f} {memory_off:+5.0%}    "
        f"{one['memory_formula'] / 1e9:4.2f} | "
        f"{one['measuring']:8.0f}  {one['others_measuring']:.0%}/{one['others_running']:.0%}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model")
    options.add_argument("--steps", type=int, default=30)
    options.add_argument("--only", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    print(COLUMNS)
    found = []
    for name in given.only:
        found.append(compare(name, given.model, given.steps))
        print(line(found[-1]), flush=True)
        if given.json:
            given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
