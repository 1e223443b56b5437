"""How fast `training` reads tokens, how much memory it takes and what it learns, against TRL's SFTTrainer

    python benchmarks/training_speed.py MODEL_FOLDER ROWS.jsonl [--rows 200] [--steps 14] [--rounds 2]

Same rows, same batch size, same LoRA, same labels, on this machine. Four ways take turns in processes of their own,
so that another load on the machine hits all of them:

    ours          `training` as it is
    same batches  SFTTrainer with every setting that `training` makes, and its rows in our order: the losses of each
                  step have to be ours, up to the rounding of bf16
    stock, tuned  the same with its own, random order: what one gets by writing the plan into an SFTConfig
    stock         SFTConfig's defaults, batch 8 and use_cpu

Printed for each: real tokens (padding not counted) a second of the whole step, optimizer and logging included; the same
a second of processor time, times the threads, which is what free cores would give; the highest memory of the process,
and how much of it came after the model was loaded; then the ratios, round by round.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "0")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

WAYS = ("ours", "same batches", "stock, tuned", "stock")
WARM_UP = 2  # steps that are not counted
RATE, BATCH = 2e-3, 8


def read_rows(path: Path, count: int) -> pl.DataFrame:
    """The first rows of a JSONL file with messages, or with instruction, input and output."""
    rows = []
    text = path.read_text("utf-8")
    records = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
    for place, record in enumerate(records[:count]):
        messages = record.get("messages") or [
            {"role": "user", "content": f"{record['instruction']}\n{record.get('input') or ''}".strip()},
            {"role": "assistant", "content": record["output"]},
        ]
        rows.append({"row_id": str(place), "messages": [{k: m[k] for k in ("role", "content")} for m in messages]})
    return pl.DataFrame(rows)


def measure(way: str, model: str, rows: pl.DataFrame, steps: int) -> dict[str, Any]:
    """One run of so many steps: tokens and seconds of each but the first two, memory, and the losses."""
    from training.machine import machine_for, peak_memory, settle_environment
    from training.methods import load_model
    from training.plan import TrainingPlan
    from training.tokens.encode import encode
    from training.tokens.template import tokenizer_for

    settle_environment()
    import torch
    from transformers import TrainerCallback

    plan = TrainingPlan(model=model, max_steps=steps, learning_rate=RATE)
    machine = machine_for("auto", "none")
    tokenizer = tokenizer_for(model)
    encoded = encode(rows, tokenizer, max_length=plan.max_length).rows
    base = load_model(plan, machine)
    loaded = peak_memory("cpu")
    clock = Clock(steps)
    with tempfile.TemporaryDirectory() as folder:
        trainer = (
            ours(plan, base, tokenizer, encoded, machine, folder)
            if way == "ours"
            else stock(way, base, tokenizer, encoded, machine.bf16, steps, folder)
        )
        inner = trainer.training_step

        def counted(model: Any, inputs: Any, *rest: Any) -> Any:
            clock.tokens += int(inputs["attention_mask"].sum())
            return inner(model, inputs, *rest)

        trainer.training_step = counted

        class Listener(TrainerCallback):
            def on_step_begin(self, *given: Any, **named: Any) -> None:
                clock.begin()

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **named: Any) -> None:
                if "loss" in logs:
                    clock.end(logs["loss"])

        trainer.add_callback(Listener())
        trainer.train()
    used = clock.seen[WARM_UP:]
    return {
        "wall": sum(tokens for _, _, tokens in used) / sum(wall for wall, _, _ in used),
        "busy": sum(tokens for _, _, tokens in used) / sum(busy for _, busy, _ in used) * torch.get_num_threads(),
        "peak": peak_memory("cpu"),
        "after": peak_memory("cpu") - loaded,
        "losses": clock.losses,
    }


class Clock:
    """Wall seconds, processor seconds and tokens of each step, and its loss."""

    def __init__(self, steps: int) -> None:
        self.seen: list[tuple[float, float, int]] = []
        self.losses: list[float] = []
        self.tokens, self.wall, self.busy = 0, 0.0, 0.0

    def begin(self) -> None:
        self.tokens, self.wall, self.busy = 0, time.perf_counter(), time.process_time()

    def end(self, loss: float) -> None:
        self.seen.append((time.perf_counter() - self.wall, time.process_time() - self.busy, self.tokens))
        self.losses.append(loss)


def ours(plan: Any, base: Any, tokenizer: Any, encoded: Any, machine: Any, folder: str) -> Any:
    from training.run import trainer as tuning

    return tuning.trainer_for(
        plan,
        encoded,
        model=base,
        tokenizer=tokenizer,
        machine=machine,
        rate=RATE,
        batch_size=plan.batch_size,
        accumulation=1,
        folder=Path(folder),
    )


def stock(way: str, model: Any, tokenizer: Any, encoded: Any, bf16: bool, steps: int, folder: str) -> Any:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from training.run.trainer import LengthOrder, config_of

    settings: dict[str, Any] = {"use_cpu": True, "per_device_train_batch_size": BATCH, "max_steps": steps}
    settings |= {"learning_rate": RATE, "report_to": "none", "logging_steps": 1, "disable_tqdm": True}
    settings |= {"output_dir": folder, "save_strategy": "no", "seed": 0}
    if way != "stock":
        settings |= {"bf16": bf16, "activation_checkpointing": False, "max_length": None}
        settings |= {"warmup_steps": -(-steps // 20), "dataset_kwargs": {"skip_prepare_dataset": True}}
    trainer = SFTTrainer(
        model=model,
        args=config_of(SFTConfig, settings),
        train_dataset=Dataset.from_list([{"input_ids": row.ids, "labels": row.labels} for row in encoded]),
        processing_class=tokenizer,
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    trainer.remove_callback(PrinterCallback)
    if way == "same batches":
        order = LengthOrder(
            [len(row.ids) for row in encoded], step_rows=BATCH, seed=0, epoch=lambda: int(trainer.state.epoch or 0)
        )
        trainer._get_train_sampler = lambda *given, **named: order
    return trainer


def run_apart(way: str) -> dict[str, Any] | None:
    """The figures of one way, measured in a process of its own; None when it failed, which is printed."""
    command = [sys.executable, __file__, *sys.argv[1:], "--way", way]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{way:14} failed: {done.stderr[-500:]}")
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    losses = f"{found['losses'][0]:.3f} to {found['losses'][-1]:.3f}"
    memory = f"{found['peak'] / 1e9:7.2f} {found['after'] / 1e9:7.2f}"
    print(f"{way:14} {found['wall']:7.0f} {found['busy']:12.0f} {memory} {losses:>18}", flush=True)
    return found


def compare(found: dict[str, dict[str, Any]]) -> None:
    """Prints how our way stands to each of the others in this round."""
    mine = found["ours"]
    for way in [one for one in WAYS[1:] if one in found]:
        other = found[way]
        print(
            f"   ours / {way:13} {mine['wall'] / other['wall']:5.2f} times the tokens a second, "
            f"{mine['busy'] / other['busy']:.2f} a second of processor time, "
            f"{mine['peak'] / other['peak']:.2f} times the memory"
        )
    if "same batches" in found:
        apart = [abs(a - b) for a, b in zip(mine["losses"], found["same batches"]["losses"], strict=True)]
        print(
            f"   losses, step by step on the same batches: apart by {statistics.mean(apart):.4f}, "
            f"at most {max(apart):.4f}"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model")
    options.add_argument("rows", type=Path)
    options.add_argument("--rows", dest="count", type=int, default=200)
    options.add_argument("--steps", type=int, default=14)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--way", choices=WAYS, help="measure this one here and print it as JSON")
    chosen = options.parse_args()
    if chosen.way:
        rows = read_rows(chosen.rows, chosen.count)
        print(json.dumps(measure(chosen.way, chosen.model, rows, chosen.steps)))
        return
    print(f"{'way':14} {'tok/s':>7} {'on free cores':>12} {'peak GB':>7} {'after':>7} {'loss':>18}")
    for _ in range(chosen.rounds):
        found = {way: figures for way in WAYS if (figures := run_apart(way)) is not None}
        if "ours" in found:
            compare(found)


if __name__ == "__main__":
    main()
