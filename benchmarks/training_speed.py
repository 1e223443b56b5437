"""How fast `training` reads tokens, against TRL's SFTTrainer as it comes

    python benchmarks/training_speed.py MODEL_FOLDER ROWS.jsonl [--rows 150] [--steps 12] [--rounds 2]

Same rows, same batch size, same LoRA, same labels, on this machine. Three ways take turns in processes of their own,
so that another load on the machine hits all of them: `ours` (a CPU scores only the labelled positions, no activation
checkpointing, bf16 where the processor has it, rows of like length together), `stock, tuned` (SFTTrainer with every
setting that `training` also makes, but its own scoring and order) and `stock` (SFTConfig's defaults and use_cpu).
Printed: real tokens (padding not counted) a second, as the median over the steps and as their sum, and what it would
be with the cores to oneself (tokens a second of processor time, times the threads).
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

WAYS = ("ours", "stock, tuned", "stock")
RATE = 2e-3


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
    """Tokens a second of each step but the first two, which warm up."""
    import torch
    from transformers import AutoModelForCausalLM, TrainerCallback

    from training import trainer as tuning
    from training.encode import encode, tokenizer_for
    from training.machine import machine_for
    from training.plan import TrainingPlan

    plan = TrainingPlan(model=model, max_steps=steps)
    machine = machine_for("auto", "none")
    tokenizer = tokenizer_for(model)
    encoded = encode(rows, tokenizer, max_length=plan.max_length).rows
    base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        if way == "ours":
            trainer = tuning.trainer_for(
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
        else:
            trainer = stock(way == "stock, tuned", base, tokenizer, encoded, machine.bf16, steps, folder)
        seen: list[tuple[float, float, int]] = []
        inner = trainer.training_step

        def counted(model: Any, inputs: Any, *rest: Any) -> Any:
            tokens = int(inputs["attention_mask"].sum())
            wall, busy = time.perf_counter(), time.process_time()
            loss = inner(model, inputs, *rest)
            seen.append((time.perf_counter() - wall, time.process_time() - busy, tokens))
            return loss

        trainer.training_step = counted
        losses: list[float] = []

        class Losses(TrainerCallback):
            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                losses.extend([logs["loss"]] if "loss" in logs else [])

        trainer.add_callback(Losses())
        trainer.train()
    used = seen[2:]
    return {
        "wall": statistics.median(tokens / wall for wall, _, tokens in used),
        "busy": sum(tokens for _, _, tokens in used) / sum(busy for _, busy, _ in used) * torch.get_num_threads(),
        "all": sum(tokens for _, _, tokens in used) / sum(wall for wall, _, _ in used),
        "first_loss": losses[0],
        "last_loss": losses[-1],
    }


def stock(tuned: bool, model: Any, tokenizer: Any, encoded: Any, bf16: bool, steps: int, folder: str) -> Any:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    settings: dict[str, Any] = {"use_cpu": True, "per_device_train_batch_size": 8, "max_steps": steps}
    settings |= {"learning_rate": RATE, "report_to": "none", "logging_steps": 1, "disable_tqdm": True}
    settings |= {"output_dir": folder, "save_strategy": "no"}
    if tuned:
        settings |= {"bf16": bf16, "activation_checkpointing": False, "max_length": None}
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(**settings),
        train_dataset=Dataset.from_list([{"input_ids": row.ids, "labels": row.labels} for row in encoded]),
        processing_class=tokenizer,
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model")
    options.add_argument("rows", type=Path)
    options.add_argument("--rows", dest="count", type=int, default=150)
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--way", choices=WAYS, help="measure this one here and print it as JSON")
    chosen = options.parse_args()
    if chosen.way:
        rows = read_rows(chosen.rows, chosen.count)
        print(json.dumps(measure(chosen.way, chosen.model, rows, chosen.steps)))
        return
    print(f"{'way':14} {'tok/s, median':>14} {'tok/s, sum':>11} {'on free cores':>14} {'loss, first to last':>20}")
    for _ in range(chosen.rounds):
        for way in WAYS:
            command = [sys.executable, __file__, *sys.argv[1:], "--way", way]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{way:14} failed: {done.stderr[-500:]}")
                continue
            m = json.loads(done.stdout.strip().splitlines()[-1])
            losses = f"{m['first_loss']:.3f} to {m['last_loss']:.3f}"
            print(f"{way:14} {m['wall']:14.0f} {m['all']:11.0f} {m['busy']:14.0f} {losses:>20}", flush=True)


if __name__ == "__main__":
    main()
