"""One row of gpu_training.py's table, measured here: `training` as it is, or TRL's SFTTrainer with its defaults

Started by gpu_training.py, each row in a process of its own, whose memory nobody else has touched. Every few steps it
prints a line of what it has found so far, so that a process that is ended too early has said something.

    python benchmarks/gpu_row.py matrix|ours|TRL SHAPE WAY STEPS BATCH
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# hidden, inner, layers, heads, key-value heads, vocabulary, tied: config.json of Llama-3.2-1B and Llama-3.1-8B
SHAPES = {
    "1b": (2048, 8192, 16, 32, 8, 128_256, True),
    "8b": (4096, 14_336, 32, 32, 8, 128_256, False),
    "tiny": (64, 128, 2, 4, 2, 512, True),
}
MEDIAN, SIGMA, LONGEST = 350, 0.6, 2048
RANK, ALPHA = 16, 32
WARM_UP = 6  # steps that are not counted: kernels are built, the allocator finds its sizes
SAID_EVERY = 5  # steps between two lines; each makes the GPU wait once
GEMM_SIDE, GEMM_SECONDS = 8192, 1.5
SAYS = "FOUND "  # what a line for gpu_training.py begins with
PACKAGES = ("torch", "transformers", "peft", "accelerate", "trl", "datasets", "bitsandbytes")


def say(**found: Any) -> None:
    print(SAYS + json.dumps(found), flush=True)


def settle() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def matrix_speed(shape: str) -> None:
    """Says what the machine is, and its operations a second in bf16 products of 8192 x 8192 random numbers."""
    import torch

    cuda, side = torch.cuda.is_available(), 256 if shape == "tiny" else GEMM_SIDE
    say(
        device=torch.cuda.get_device_name() if cuda else "a processor",
        cuda=cuda,
        memory=torch.cuda.get_device_properties(0).total_memory if cuda else 0,
        versions={name: found for name in PACKAGES if (found := version_of(name))},
    )
    if not cuda and shape != "tiny":
        return
    a, b = (torch.randn(side, side, device="cuda" if cuda else "cpu").bfloat16() for _ in range(2))
    for _ in range(3):
        a @ b
    settle()
    begun, times = time.perf_counter(), 0
    while time.perf_counter() - begun < (GEMM_SECONDS if cuda else 0.1):
        for _ in range(10):
            a @ b
        settle()
        times += 10
    say(operations=2.0 * side**3 * times / (time.perf_counter() - begun))


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def random_model(shape: str, way: str) -> Any:
    """A Llama of this shape with random weights in bf16, or in 4 bit, made where it will compute."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

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
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(torch.float32)
    if way == "lora":
        return model
    from transformers import BitsAndBytesConfig

    four_bits = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return LlamaForCausalLM.from_pretrained(
        None,
        config=config,
        state_dict=model.state_dict(),
        dtype=torch.bfloat16,
        quantization_config=four_bits,
        device_map={"": 0} if device == "cuda" else None,
    )


def some_tokenizer() -> Any:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<end>": 0, "word": 1}, unk_token="word"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>", unk_token="word")
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    return tokenizer


def random_rows(shape: str, count: int) -> list[tuple[list[int], list[int]]]:
    """Tokens and labels of rows whose lengths spread as those of chats do; the second half of each is labelled."""
    chance, (longest, median) = random.Random(0), (96, 40) if shape == "tiny" else (LONGEST, MEDIAN)
    rows = []
    for _ in range(count):
        length = max(8, min(longest, round(median * chance.lognormvariate(0, SIGMA))))
        ids = [chance.randrange(1, SHAPES[shape][5]) for _ in range(length)]
        rows.append((ids, [-100] * (length // 2) + ids[length // 2 :]))
    return rows


def our_trainer(
    shape: str, way: str, rows: list[tuple[list[int], list[int]]], steps: int, batch: int, accumulation: int, out: Path
) -> Any:
    """`training`'s trainer with its metric lines, its longest batch tried, as a run of it is set up."""
    from training.machine import machine_for
    from training.plan import TrainingPlan
    from training.run import trainer as tuning
    from training.run.energy import meter_for
    from training.run.peaks import peak_of
    from training.run.tally import Tally
    from training.run.watch import Watch
    from training.tokens.encode import EncodedRow

    # halved batches are told from the plan's; nothing is saved, as there is nothing to keep
    plan = TrainingPlan(
        model="random",
        max_steps=steps,
        batch_size=batch * accumulation,
        rank=RANK,
        alpha=ALPHA,
        quantization="4bit" if way == "qlora" else "none",
        save_every=10_000,
    )
    machine = machine_for(plan.precision, plan.quantization)
    encoded = [EncodedRow(str(place), ids, labels, 0, False) for place, (ids, labels) in enumerate(rows)]
    trainer = tuning.trainer_for(
        plan,
        encoded,
        model=random_model(shape, way),
        tokenizer=some_tokenizer(),
        machine=machine,
        rate=1e-4,
        batch_size=batch,
        accumulation=accumulation,
        folder=out,
    )
    for one in trainer.model.parameters():
        if one.requires_grad:
            one.data = one.data.float()
    tuning.probe_memory(trainer, encoded, batch)
    watch = Watch(
        out=out,
        plan=plan,
        trainer=trainer,
        steps=steps + 1,
        per_epoch=steps,
        validate=None,
        report=lambda done, line: None,
        lines=[],
        tally=Tally([], peak_of(machine.device), meter_for(machine.device)),
    )
    watch.before_the_first_step()
    trainer.add_callback(watch.callback())
    return trainer


def trl_trainer(
    shape: str, way: str, rows: list[tuple[list[int], list[int]]], steps: int, batch: int, out: Path
) -> Any:
    """SFTTrainer with SFTConfig's defaults and the same adapter, batch, rows and labels; its model is in bf16."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    settings: dict[str, Any] = {"output_dir": str(out), "max_steps": steps, "learning_rate": 1e-4}
    settings |= {"per_device_train_batch_size": batch, "save_strategy": "no", "report_to": "none"}
    settings |= {"disable_tqdm": True, "max_length": LONGEST}
    if not torch.cuda.is_available():
        settings |= {"use_cpu": True}
    return SFTTrainer(
        model=random_model(shape, way),
        args=SFTConfig(**settings),
        train_dataset=Dataset.from_list([{"input_ids": ids, "labels": labels} for ids, labels in rows]),
        processing_class=some_tokenizer(),
        peft_config=LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"),
    )


def measure(arm: str, shape: str, way: str, steps: int, batch: int) -> None:
    """Runs so many steps and says, every few of them, what they gave. Ours halves its batch when memory runs out."""
    from training.machine import settle_environment
    from training.run.out_of_memory import free_memory, half, is_out_of_memory

    settle_environment()
    rows, accumulation = random_rows(shape, steps * batch), 1
    while True:
        try:
            with tempfile.TemporaryDirectory() as folder:
                trainer = (
                    our_trainer(shape, way, rows, steps, batch, accumulation, Path(folder))
                    if arm == "ours"
                    else trl_trainer(shape, way, rows, steps, batch, Path(folder))
                )
                run(trainer, shape, steps)
            return
        except Exception as problem:
            if arm != "ours" or batch == 1 or not is_out_of_memory(problem):
                raise
        trainer = None
        smaller = half(batch)
        accumulation, batch = accumulation * (batch // smaller), smaller
        free_memory()
        print(f"memory ran out: going on with {batch} rows at once", file=sys.stderr, flush=True)


def run(trainer: Any, shape: str, steps: int) -> None:
    """All steps of a trainer; the clock runs from one step's end to the next one's, so that nothing is left out."""
    import torch
    from transformers import TrainerCallback

    adapter = sum(one.numel() for one in trainer.model.parameters() if one.requires_grad)
    counts: dict[str, Any] = {"real": 0, "padded": 0, "labelled": 0}
    begun: dict[str, Any] = {}
    inner = trainer.training_step

    def counted(model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        counts["real"] += inputs["attention_mask"].sum()  # a tensor: nothing waits for the GPU here
        counts["padded"] += inputs["input_ids"].numel()
        counts["labelled"] += (inputs["labels"][:, 1:] != -100).sum()
        return inner(model, inputs, *rest, **named)

    trainer.training_step = counted
    if torch.cuda.is_available():
        torch.cuda.empty_cache()  # what making the model took is not the run's
        torch.cuda.reset_peak_memory_stats()

    class Listener(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **named: Any) -> None:
            step = state.global_step
            if step == min(WARM_UP, steps - 1):
                settle()
                begun.update(step=step, at=time.perf_counter(), **{name: int(one) for name, one in counts.items()})
            elif begun and (step == steps or (step - begun["step"]) % SAID_EVERY == 0):
                settle()
                spent = time.perf_counter() - begun["at"]
                real, padded, labelled = (int(counts[name]) - begun[name] for name in ("real", "padded", "labelled"))
                say(
                    steps=step - begun["step"],
                    seconds=spent,
                    real=real / spent,
                    padded=padded / spent,
                    operations=operations(shape, adapter, real, labelled) / spent,
                    each=operations(shape, adapter, real, labelled) / real,
                    recomputes=recomputes(trainer.model),
                    parts=getattr(trainer, "part_tokens", None),
                    at_once=trainer.args.per_device_train_batch_size,
                    **memory(),
                )

    trainer.add_callback(Listener())
    trainer.train()
    mean = next((line["train_loss"] for line in trainer.state.log_history if "train_loss" in line), math.nan)
    if not math.isfinite(mean):
        raise SystemExit("the losses are not all numbers: these figures are worth nothing")


def recomputes(model: Any) -> bool:
    """Whether activations are computed a second time in the backward pass."""
    return any(bool(getattr(one, "gradient_checkpointing", False)) for one in model.modules())


def memory() -> dict[str, int]:
    """The most memory so far, in bytes: what torch's tensors took, and what torch had taken from the GPU for them."""
    import torch

    if torch.cuda.is_available():
        return {"allocated": torch.cuda.max_memory_allocated(), "reserved": torch.cuda.max_memory_reserved()}
    from training.machine import peak_memory

    return {"allocated": peak_memory("cpu"), "reserved": 0}


def operations(shape: str, adapter: int, real: float, labelled: float) -> float:
    """Arithmetic that training on so many tokens needs: forward, and backward to the inputs of every layer."""
    hidden, inner, layers, heads, keys, vocabulary, _ = SHAPES[shape]
    block = 2 * hidden * hidden + 2 * hidden * (hidden * keys // heads) + 3 * hidden * inner
    return real * (4 * layers * block + 6 * adapter) + labelled * 4 * hidden * vocabulary


if __name__ == "__main__":
    what, shape_, way_, steps_, batch_ = sys.argv[1:]
    if what == "matrix":
        matrix_speed(shape_)
    else:
        measure(what, shape_, way_, int(steps_), int(batch_))
