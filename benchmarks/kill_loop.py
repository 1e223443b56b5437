"""Does a run that is killed with -9 at any moment end as the run that was not killed?

    python benchmarks/kill_loop.py [--kills 60] [--cold 4] [--seed N] [--cases plain,dora,...]

A tiny random Llama is trained in real processes. Each disturbed run is killed once to three times, so that resumes are
killed, too, and then resumed to its end. It must have the very losses, validation losses, learning rates, gradient
norms, tokens and adapter bytes of the undisturbed run. A kill comes

    file     at the k-th change of a file in the run's folder (create, rename, remove), k at random among all of them:
             the child ends itself with SIGKILL just before the system is asked
    moment   after a random time, whatever the run is doing then
    writing  as soon as a checkpoint or an adapter is seen half written

Most children are forked from a process that has imported the libraries, which spares ten seconds each; `--cold` ones
are `python -m training` from the start.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GOMP_SPINCOUNT", "0")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

CHATML = (
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
COMMON = {"epochs": 2, "batch_size": 2, "accumulation": 2, "learning_rate": 0.02, "dropout": 0.1, "rank": 4,
          "precision": "fp32", "evaluations_per_epoch": 3}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "every step": {"save_every": 1},
    "patience": {"learning_rate": 1e-12, "patience": 3, "evaluations_per_epoch": 6, "save_every": 1},
    "no validation": {"validation_share": 0.0, "save_every": 5, "schedule": "cosine"},
    "wild rate": {"learning_rate": 1.0, "alpha": 2048, "rank": 1, "warmup": 0.5, "max_gradient": 1000.0, "dropout": 0.0,
                  "batch_size": 4, "accumulation": 1, "evaluations_per_epoch": 6, "schedule": "constant"},
    "dora": {"method": "dora"},
    "full": {"method": "full", "learning_rate": 0.003},
    "4bit": {"quantization": "4bit"},
}  # fmt: skip
COMPARED = ("step", "epoch", "loss", "eval_loss", "lr", "grad_norm", "tokens")
OUTCOME = ("steps", "best_step", "losses", "validation_losses", "tokens", "ended", "batch_size", "accumulation")
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")
LONGEST = 300  # seconds; a child that takes longer hangs


@dataclass
class Case:
    """One plan with its undisturbed run."""

    name: str
    plan: Path
    rows: Path
    undisturbed: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    changes: int = 0


def make_model(folder: Path) -> None:
    """A random Llama of some 30 thousand parameters with a tokenizer of one token a byte."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
    )  # fmt: skip
    tokenizer.chat_template = CHATML
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=True,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_rows(path: Path) -> None:
    import polars as pl

    turns = [(f"say {n}", f"the number is {n}" + " and on" * (n % 5)) for n in range(24)]
    pl.DataFrame(
        {
            "row_id": [f"r{n}" for n in range(len(turns))],
            "messages": [
                [{"role": "user", "content": ask}, {"role": "assistant", "content": say}] for ask, say in turns
            ],
        }
    ).write_parquet(path)


def child(arguments: list[str], log: str, out: str, kill_at: int, count_to: str) -> None:
    """One training process. kill_at: the file change before which it ends itself; 0: never. count_to: file or ""."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    seen = 0

    def hook(event: str, given: tuple[Any, ...]) -> None:
        nonlocal seen
        opened = event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if (opened or event in CHANGES) and out in os.fsdecode(given[0] if isinstance(given[0], str | bytes) else ""):
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    from training.__main__ import main

    code = main(arguments)
    if count_to:
        Path(count_to).write_text(str(seen))
    sys.stdout.flush()
    os._exit(code)


class Children:
    """Starts training processes, warm or cold."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["trl.trainer.sft_trainer", "peft", "datasets", "training.run.lora"])

    def warm(self, case: Case, out: Path, *, kill_at: int = 0, count_to: str = "") -> Any:
        arguments = [str(case.plan), str(case.rows), str(out), "--resume"]
        process = self.context.Process(
            target=child, args=(arguments, str(self.work / "child.log"), str(out), kill_at, count_to)
        )
        process.start()
        return process

    def said(self) -> str:
        return (self.work / "child.log").read_text("utf-8", "replace")[-2000:]


def result_of(out: Path) -> dict[str, Any]:
    """What must be equal: the curve, the outcome, and the bytes of what was learned."""
    import hashlib

    from training.result import read_metrics

    learned = sorted((out / "adapter").glob("*.safetensors"))
    outcome = json.loads((out / "training.json").read_text())
    return {
        "curve": [[line.get(key) for key in COMPARED] for line in read_metrics(out)],
        "outcome": {key: outcome[key] for key in OUTCOME},
        "learned": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in learned},
    }


def undisturbed(children: Children, case: Case) -> None:
    out = children.work / case.name.replace(" ", "-")
    counted = children.work / "changes"
    begun = time.monotonic()
    process = children.warm(case, out, count_to=str(counted))
    process.join(LONGEST)
    case.seconds = time.monotonic() - begun
    if process.exitcode != 0:
        raise SystemExit(f"{case.name}: the undisturbed run failed:\n{children.said()}")
    case.undisturbed, case.changes = result_of(out), int(counted.read_text())


def half_written(out: Path) -> bool:
    if (out / ".adapter.part").exists():
        return True
    return any(not (folder / "complete.json").exists() for folder in (out / "checkpoints").glob("checkpoint-*"))


def killed(process: Any, until: Callable[[], bool]) -> bool:
    """Kills the process when `until` says so; False when it had ended before."""
    deadline = time.monotonic() + LONGEST
    while process.is_alive() and time.monotonic() < deadline:
        if until():
            process.kill()
            break
        time.sleep(0.0005)
    process.join(LONGEST)
    return bool(process.exitcode == -signal.SIGKILL)


def kill_once(children: Children, case: Case, out: Path, chance: random.Random) -> str:
    """One kill; gives what it was, "" when the run was over before."""
    kind = chance.choice(("file", "file", "moment", "writing"))
    if kind == "file":
        at = chance.randint(1, case.changes)
        return f"file change {at}" if killed(children.warm(case, out, kill_at=at), lambda: False) else ""
    process = children.warm(case, out)
    if kind == "moment":
        after = chance.uniform(0.02, 1.0) * case.seconds
        until = time.monotonic() + after
        return f"after {after:.2f} s" if killed(process, lambda: time.monotonic() > until) else ""
    skipped = chance.randint(0, 200)  # looks: so that not always the first checkpoint is met

    def writing() -> bool:
        nonlocal skipped
        skipped -= half_written(out)
        return skipped < 0

    return "half written" if killed(process, writing) else ""


def disturbed(children: Children, case: Case, chance: random.Random) -> tuple[list[str], list[str]]:
    """Kills a run one to three times and resumes it: what the kills were, and what differs in the end."""
    out = children.work / "disturbed"
    shutil.rmtree(out, ignore_errors=True)
    kills = [kill for _ in range(chance.randint(1, 3)) if (kill := kill_once(children, case, out, chance))]
    process = children.warm(case, out)
    process.join(LONGEST)
    if process.exitcode != 0:
        return kills, [f"the resume failed: {children.said()}"]
    return kills, unlike(case.undisturbed, result_of(out)) + litter(out)


def unlike(wanted: dict[str, Any], got: dict[str, Any]) -> list[str]:
    told = [f"{key} differs" for key in wanted if wanted[key] != got[key]]
    if wanted["curve"] != got["curve"]:
        pairs = zip(wanted["curve"], got["curve"], strict=False)
        told.append(next((f"first: {a} != {b}" for a, b in pairs if a != b), "one curve is longer"))
    return told


def litter(out: Path) -> list[str]:
    left = [path.name for path in out.iterdir() if path.name.endswith(".part")]
    return [f"left behind: {', '.join(left)}"] if left else []


def cold(case: Case, work: Path, chance: random.Random, seconds: float) -> tuple[list[str], list[str]]:
    """The same with `python -m training`, killed once after a random time."""
    out = work / "cold"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "training", str(case.plan), str(case.rows), str(out), "--resume"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = chance.uniform(0.3, 1.0) * seconds
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    kills = [f"cold, after {after:.1f} s"] if process.returncode == -signal.SIGKILL else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return kills, [f"the resume failed: {done.stderr[-2000:]}"]
    return kills, unlike(case.undisturbed, result_of(out))


def cold_seconds(case: Case, work: Path) -> float:
    command = [sys.executable, "-m", "training", str(case.plan), str(case.rows), str(work / "timed"), "--resume"]
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.monotonic() - begun


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=60, help="how many kills in all, at least")
    options.add_argument("--cold", type=int, default=4, help="how many of the disturbed runs start from nothing")
    options.add_argument("--seed", type=int, default=None, help="of the moments; by default another one each time")
    options.add_argument("--cases", default=",".join(CASES), help="which plans, with commas")
    given = options.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    wrong = total = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        make_model(work / "model")
        make_rows(work / "rows.parquet")
        children = Children(work)
        cases = []
        for name in given.cases.split(","):
            plan = work / f"{name.replace(' ', '-')}.json"
            plan.write_text(json.dumps({"model": str(work / "model"), **COMMON, **CASES[name]}))
            case = Case(name, plan, work / "rows.parquet")
            undisturbed(children, case)
            ended = case.undisturbed["outcome"]
            print(f"{name}: {ended['steps']} steps, {ended['ended']}, {case.changes} file changes", flush=True)
            cases.append(case)
        seconds = cold_seconds(cases[0], work) if given.cold else 0.0
        rounds = [("cold", cases[n % len(cases)]) for n in range(given.cold)]
        while total < given.kills or rounds:
            kind, case = rounds.pop() if rounds else ("warm", chance.choice(cases))
            run = cold(case, work, chance, seconds) if kind == "cold" else disturbed(children, case, chance)
            kills, differ = run
            total, wrong = total + len(kills), wrong + bool(differ)
            print(f"{case.name}: {'; '.join(kills) or 'not killed'}: {'; '.join(differ) or 'equal'}", flush=True)
    print(f"{total} kills, {wrong} runs unlike the undisturbed one (seed {seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
