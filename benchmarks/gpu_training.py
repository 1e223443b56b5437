"""How fast `training` is on a GPU against TRL's SFTTrainer, and how much of the GPU's own matrix speed that is

    python benchmarks/gpu_training.py [--shapes 1b 8b] [--ways lora qlora] [--steps 20] [--batch 8] [--json out.json]
    python benchmarks/gpu_training.py --tiny          # the same script on a processor, in seconds

Needs no network and no files: Llama models of these shapes with random weights (which do not matter for speed), a
tokenizer of their own, and made-up rows whose lengths spread as those of chats do (log-normal, median 350 tokens, sigma
0.6, at most 2,048; the second half of each is the reply). Each measurement is a process of its own:

    ours   `training` as it is
    TRL    SFTTrainer with SFTConfig's defaults and the same batch size, adapter, rows and labels

Printed: real tokens (padding not counted) and padded tokens a second; the highest memory; and the share of the
machine's matrix speed: operations that the real tokens need (4 for each weight of the blocks, 4 for each weight of the
output layer and labelled token, 6 for each weight of the adapter; attention itself, about 1 %, and what is computed
twice are not counted), against bf16 products of the model's own shapes measured first.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# hidden, inner, layers, heads, key-value heads, vocabulary, tied: config.json of Llama-3.2-1B and Llama-3.1-8B
SHAPES = {
    "1b": (2048, 8192, 16, 32, 8, 128_256, True),
    "8b": (4096, 14_336, 32, 32, 8, 128_256, False),
    "tiny": (64, 128, 2, 4, 2, 512, True),
}
NEEDED = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "polars", "pydantic")
MEDIAN, SIGMA, LONGEST = 350, 0.6, 2048
WARM_UP = 3  # steps that are not counted
GEMM_TOKENS, GEMM_SECONDS = 4096, 1.0
RANK = 16


@dataclass(frozen=True)
class Found:
    """What one run showed; tokens and operations a second, memory in bytes."""

    real: float
    padded: float
    operations: float
    allocated: int
    reserved: int
    recomputes: bool
    last_loss: float


def missing(ways: list[str]) -> list[str]:
    """Packages that are needed and not there."""
    return [name for name in (*NEEDED, *(["bitsandbytes"] if "qlora" in ways else [])) if find_spec(name) is None]


def make_model(shape: str, folder: Path) -> None:
    """A model of this shape with random weights in bf16, and a tokenizer, as files."""
    import torch
    from tokenizers import Tokenizer, models
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    hidden, inner, layers, heads, keys, vocabulary, tied = SHAPES[shape]
    config = LlamaConfig(
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=keys,
        vocab_size=vocabulary,
        tie_word_embeddings=tied,
        max_position_embeddings=LONGEST,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
    )
    config.dtype = torch.bfloat16
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            LlamaForCausalLM(config).save_pretrained(folder)
    finally:
        torch.set_default_dtype(torch.float32)
    words = Tokenizer(models.WordLevel({"<end>": 0, "word": 1}, unk_token="word"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>", unk_token="word")
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    tokenizer.save_pretrained(folder)


def make_rows(shape: str, count: int) -> list[Any]:
    """Rows of random tokens whose lengths spread as those of chats do; half of each is labelled."""
    from training.tokens.encode import EncodedRow
    from training.tokens.template import MASKED

    chance, (longest, median) = random.Random(0), (96, 40) if shape == "tiny" else (LONGEST, MEDIAN)
    rows = []
    for place in range(count):
        length = max(8, min(longest, round(median * chance.lognormvariate(0, SIGMA))))
        ids = [chance.randrange(1, SHAPES[shape][5]) for _ in range(length)]
        masked = length // 2
        rows.append(EncodedRow(str(place), ids, [MASKED] * masked + ids[masked:], 0, False))
    return rows


def matrix_speed(shape: str) -> float:
    """Operations a second of this machine in bf16 products of the model's own shapes, weighted by their size."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    hidden, inner, _, heads, keys, *_ = SHAPES[shape]
    sizes = [(hidden, hidden)] * 2 + [(hidden, hidden * keys // heads)] * 2 + [(hidden, inner)] * 2 + [(inner, hidden)]
    seconds = operations = 0.0
    for left, right in sizes:
        a = torch.randn(GEMM_TOKENS, left, device=device, dtype=torch.bfloat16)
        b = torch.randn(left, right, device=device, dtype=torch.bfloat16)
        for _ in range(3):
            a @ b
        settle()
        begun, times = time.perf_counter(), 0
        while time.perf_counter() - begun < GEMM_SECONDS / len(sizes):
            for _ in range(10):
                a @ b
            settle()
            times += 10
        seconds += (time.perf_counter() - begun) / times
        operations += 2.0 * GEMM_TOKENS * left * right
    return operations / seconds


def settle() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def trainer_of(arm: str, plan: Any, rows: list[Any], folder: str) -> Any:
    """Our trainer, or TRL's with its defaults, on the same model and rows."""
    from training.machine import machine_for
    from training.methods import adapter_config, load_model
    from training.run import trainer as tuning
    from training.tokens.template import tokenizer_for

    machine, tokenizer = machine_for(plan.precision, plan.quantization), tokenizer_for(plan.model)
    model = load_model(plan, machine)
    if arm == "ours":
        return tuning.trainer_for(
            plan,
            rows,
            model=model,
            tokenizer=tokenizer,
            machine=machine,
            rate=1e-4,
            batch_size=plan.batch_size,
            accumulation=1,
            folder=Path(folder),
        )
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    settings: dict[str, Any] = {"output_dir": folder, "max_steps": plan.max_steps, "learning_rate": 1e-4}
    settings |= {"per_device_train_batch_size": plan.batch_size, "logging_steps": 1, "save_strategy": "no"}
    settings |= {"report_to": "none", "disable_tqdm": True, "max_length": LONGEST}
    if machine.device == "cpu":
        settings |= {"use_cpu": True, "bf16": machine.bf16}
    return SFTTrainer(
        model=model,
        args=SFTConfig(**settings),
        train_dataset=Dataset.from_list([{"input_ids": row.ids, "labels": row.labels} for row in rows]),
        processing_class=tokenizer,
        peft_config=adapter_config(plan),
    )


def measure(arm: str, shape: str, way: str, model: str, steps: int, batch: int) -> Found:
    """One run of so many steps on a loaded model."""
    from training.machine import peak_memory, settle_environment
    from training.plan import TrainingPlan

    settle_environment()
    import torch
    from transformers import TrainerCallback

    plan = TrainingPlan(
        model=model, max_steps=steps, batch_size=batch, rank=RANK, quantization="4bit" if way == "qlora" else "none"
    )
    rows = make_rows(shape, steps * batch)
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(arm, plan, rows, folder)
        seen: list[tuple[float, int, int, int]] = []  # seconds, real, padded and labelled tokens of each step
        step: dict[str, Any] = {}
        inner = trainer.training_step

        def counted(model: Any, inputs: Any, *rest: Any) -> Any:
            step["real"] += inputs["attention_mask"].sum()  # a tensor: nothing waits for the GPU here
            step["padded"] += inputs["input_ids"].numel()
            step["labelled"] += (inputs["labels"][:, 1:] != -100).sum()
            return inner(model, inputs, *rest)

        trainer.training_step = counted
        losses: list[float] = []

        class Listener(TrainerCallback):
            def on_step_begin(self, *given: Any, **named: Any) -> None:
                settle()
                step.update(begun=time.perf_counter(), real=0, padded=0, labelled=0)

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **named: Any) -> None:
                if "loss" in logs:
                    settle()
                    spent = time.perf_counter() - step["begun"]
                    seen.append((spent, int(step["real"]), int(step["padded"]), int(step["labelled"])))
                    losses.append(logs["loss"])

        trainer.add_callback(Listener())
        trainer.train()
        adapter = sum(one.numel() for one in trainer.model.parameters() if one.requires_grad)
        recomputes = bool(getattr(trainer.model, "is_gradient_checkpointing", False))
    used = seen[min(WARM_UP, len(seen) - 1) :]
    seconds, real, padded, labelled = (sum(column) for column in zip(*used, strict=True))
    cuda = torch.cuda.is_available()
    return Found(
        real=real / seconds,
        padded=padded / seconds,
        operations=operations(shape, adapter, real, labelled) / seconds,
        allocated=peak_memory("cuda" if cuda else "cpu"),
        reserved=torch.cuda.max_memory_reserved() if cuda else 0,
        recomputes=recomputes,
        last_loss=losses[-1],
    )


def operations(shape: str, adapter: int, real: float, labelled: float) -> float:
    """Arithmetic that training on so many tokens needs: forward, and backward to the inputs of every layer."""
    hidden, inner, layers, heads, keys, vocabulary, _ = SHAPES[shape]
    block = 2 * hidden * hidden + 2 * hidden * (hidden * keys // heads) + 3 * hidden * inner
    return real * (4 * layers * block + 6 * adapter) + labelled * 4 * hidden * vocabulary


def measured_apart(arm: str, shape: str, way: str, folder: Path, chosen: argparse.Namespace) -> Found | None:
    """The figures of a process of its own, whose memory nobody else has touched; None when it failed."""
    command = [sys.executable, __file__, "--one", arm, "--shapes", shape, "--ways", way, "--model", str(folder)]
    command += ["--steps", str(chosen.steps), "--batch", str(chosen.batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{shape:5} {way:6} {arm:5} failed: {(done.stderr.strip().splitlines() or ['?'])[-1][:200]}", flush=True)
        return None
    return Found(**json.loads(done.stdout.strip().splitlines()[-1]))


def compare(shape: str, way: str, speed: float, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Prints ours and TRL's side by side, in turns, and their ratio."""
    best: dict[str, Found] = {}
    for _ in range(chosen.rounds):
        for arm in ("ours", "TRL"):
            if chosen.tiny:
                found: Found | None = measure(arm, shape, way, str(folder), chosen.steps, chosen.batch)
            else:
                found = measured_apart(arm, shape, way, folder, chosen)
            if found is not None and (arm not in best or found.real > best[arm].real):
                best[arm] = found
    for arm, one in best.items():
        print(
            f"{shape:5} {way:6} {arm:5} {one.real:9.0f} {one.padded:9.0f} {one.allocated / 2**30:9.1f} "
            f"{one.operations / 1e12:9.2f} {one.operations / speed:7.1%}  {'yes' if one.recomputes else 'no':>10}",
            flush=True,
        )
    if len(best) == 2:
        ratio = best["ours"].real / best["TRL"].real
        print(f"{shape:5} {way:6} ours is {ratio:.2f} times TRL in real tokens a second")
    return {"shape": shape, "way": way, "matrix_speed": speed, **{arm: vars(one) for arm, one in best.items()}}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=["1b", "8b"])
    options.add_argument("--ways", nargs="+", choices=["lora", "qlora"], default=["lora", "qlora"])
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--json", type=Path, help="where the figures go, too")
    options.add_argument("--tiny", action="store_true", help="a tiny shape on whatever is there: tries the script")
    options.add_argument("--one", choices=["ours", "TRL"], help="measure this one here and print it as JSON")
    options.add_argument("--model", help="the folder of the model, with --one")
    chosen = options.parse_args()
    absent = missing(chosen.ways)
    if absent:
        print(
            f"this benchmark needs {', '.join(absent)}; install with pip, or name only --ways lora without bitsandbytes"
        )
        return 2
    if chosen.one:
        found = measure(chosen.one, chosen.shapes[0], chosen.ways[0], chosen.model, chosen.steps, chosen.batch)
        print(json.dumps(vars(found)))
        return 0
    import torch

    if chosen.tiny:
        chosen.shapes, chosen.steps, chosen.batch = ["tiny"], min(chosen.steps, 4), min(chosen.batch, 4)
        print("a tiny model tries the script; its figures say nothing about speed")
    elif not torch.cuda.is_available():
        print("there is no GPU that torch can use; --tiny tries the script on a processor")
        return 2
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "a processor"
    print(f"{name}, torch {torch.__version__}")
    print(
        f"{'shape':5} {'way':6} {'':5} {'real/s':>9} {'padded/s':>9} {'GiB':>9} {'TFLOP/s':>9} {'share':>7}  recomputes"
    )
    results = []
    for shape in chosen.shapes:
        with tempfile.TemporaryDirectory(prefix="goldloop-shape-") as folder:
            make_model(shape, Path(folder))
            speed = matrix_speed(shape)
            print(f"{shape:5} bf16 products of its shapes: {speed / 1e12:.2f} TFLOP/s", flush=True)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            results += [compare(shape, way, speed, Path(folder), chosen) for way in chosen.ways]
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
