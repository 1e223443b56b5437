"""How near the plan card comes: steps are measured, then the run is really done, and both stand in one table

    python benchmarks/plan_card.py MODEL [--steps 30] [--only lora8 full8 ...] [--json FILE]

MODEL: the folder of a small base model. Each setting is measured (`training.forecast.measure`), predicted
(`training.forecast.estimate`) and trained by `python -m training` in a process of its own on rows made here. Wall time
stands beside processor time: on a busy machine only the second says whether the prediction was good.
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
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "0")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import polars as pl

from training.forecast.estimate import Cost, estimate
from training.forecast.measure import Measured, measure
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


def run(plan: TrainingPlan, table: pl.DataFrame, folder: Path) -> tuple[dict[str, Any], float]:
    """training.json of a real run, and the processor seconds its process took."""
    (folder / "plan.json").write_text(plan.model_dump_json())
    table.write_parquet(folder / "rows.parquet")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "training", "plan.json", "rows.parquet", "out"]
    here = str(Path(__file__).resolve().parent.parent)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": here})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads((folder / "out" / "training.json").read_text("utf-8")), spent


def compare(name: str, model: str, steps: int) -> dict[str, Any]:
    """One setting: predicted and taken, in seconds and bytes."""
    plan = TrainingPlan(model=model, max_steps=steps).with_settings(SETTINGS[name])
    table = rows(max(80, steps * plan.batch_size), long=name == "long")
    found, cost = predict(plan, table)
    with tempfile.TemporaryDirectory() as folder:
        result, spent = run(plan, table, Path(folder))
    loading = float(result.get("seconds_loading") or 0)
    own = sum(one.cpu_seconds for one in found.steps) / sum(one.seconds for one in found.steps)
    return {
        "setting": name,
        "seconds": cost.seconds.value,
        "seconds_taken": result["seconds"] + loading,
        "cpu": (cost.times.training + cost.times.evaluating) * own,
        "cpu_taken": spent,
        "memory": cost.memory.value,
        "memory_formula": cost.parts.formula,
        "memory_taken": max(result["peak_memory"], result.get("eval_peak_memory") or 0),
        "steps": cost.steps.value,
        "steps_taken": result["steps"],
        "tokens": cost.tokens.value,
        "tokens_taken": result["tokens"],
        "others_share": found.others_share,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model")
    options.add_argument("--steps", type=int, default=30)
    options.add_argument("--only", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    print(
        "setting        time   taken    off    cpu s   taken   memory formula   taken    off   tokens   taken  others"
    )
    found = []
    for name in given.only:
        one = compare(name, given.model, given.steps)
        found.append(one)
        time, memory = one["seconds"] / one["seconds_taken"] - 1, one["memory"] / one["memory_taken"] - 1
        print(f"{name:11} {one['seconds']:6.0f}s {one['seconds_taken']:6.0f}s {time:+6.0%}  {one['cpu']:6.0f}s "
              f"{one['cpu_taken']:6.0f}s  {one['memory'] / 1e9:5.2f}GB {one['memory_formula'] / 1e9:5.2f}GB "
              f"{one['memory_taken'] / 1e9:5.2f}GB {memory:+6.0%}  {one['tokens']:7.0f} {one['tokens_taken']:7.0f}  "
              f"{one['others_share']:.0%}", flush=True)  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
