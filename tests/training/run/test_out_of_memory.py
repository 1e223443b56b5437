"""Memory that really runs out: a process with a limit, in which torch's allocator fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.run.out_of_memory import free_bytes, half, is_out_of_memory, with_smaller_batches, within_free_memory

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: limits of this kind are Linux's")

# Three runs in one process: one that has half the batch from its start, without a limit; the same plan with the whole
# batch and too little memory for it; and one with too little for any. The first also makes the threads, whose stacks
# and buffers would count against the limit of the others.
CHILD = """
import json, resource, sys
from pathlib import Path
import polars as pl, torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from training.errors import TrainingError
from training.run.lora import train
from training.run.out_of_memory import _status
from training.plan import TrainingPlan

tiny, work = sys.argv[1], Path(sys.argv[2])
tokenizer = AutoTokenizer.from_pretrained(tiny)
torch.manual_seed(0)
config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=256, intermediate_size=8192, num_hidden_layers=2,
                     num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=4096,
                     eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None)
LlamaForCausalLM(config).save_pretrained(work / "model")
tokenizer.save_pretrained(work / "model")
rows = pl.DataFrame({"row_id": [str(n) for n in range(8)], "messages": [
    [{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": "on and on " * 10 + str(n)}]
    for n in range(8)]})
plan = TrainingPlan(model=str(work / "model"), epochs=2, batch_size=4, accumulation=2, learning_rate=0.01, rank=4,
                    precision="fp32", validation_share=0.0)

def attempt(name, plan, room=None):
    def report(done, line):
        if line == "trying the longest rows" and room is not None and name not in limited:
            limited.add(name)
            resource.setrlimit(resource.RLIMIT_DATA, (_status("VmData") + (room << 20), resource.RLIM_INFINITY))
    limited = set()
    try:
        result = train(plan, rows, work / name, report=report)
        return [result.losses, result.batch_size, result.accumulation, result.notes, result.peak_memory]
    except TrainingError as problem:
        return str(problem)
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

whole = plan.model_copy(update={"batch_size": 8, "accumulation": 1})
told = {"half": attempt("half", plan)}
told["free"] = attempt("free", whole)
told["short"] = attempt("short", whole, int(sys.argv[3]))
told["none"] = attempt("none", whole, -400)
print(json.dumps(told))
"""
ROOM = 220  # MB beyond the loaded model: enough for four rows at once, not for eight


@pytest.fixture(scope="module")
def told(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    work = tmp_path_factory.mktemp("short-of-memory")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tiny_model), str(work), str(ROOM)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "131072"},  # freed is given back: the limit is exact
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_a_batch_that_does_not_fit_is_halved_and_the_steps_keep_their_rows(told: dict[str, Any]) -> None:
    _, batch_size, accumulation, notes, _ = told["short"]
    assert (batch_size, accumulation) == (4, 2)
    assert notes == ["memory ran out: going on with batch_size=4, accumulation=2, same rows a step"]


def test_the_losses_are_those_of_a_run_that_had_the_halved_batch_from_its_start(told: dict[str, Any]) -> None:
    assert told["short"][0] == pytest.approx(told["half"][0], abs=1e-6)


def test_with_enough_memory_the_same_plan_keeps_its_batch(told: dict[str, Any]) -> None:
    assert told["free"][1:4] == [8, 1, []]


def test_too_little_memory_for_one_row_is_told_with_the_way_out(told: dict[str, Any]) -> None:
    assert "the memory does not suffice" in told["none"]
    assert "smaller base model" in told["none"]


def test_an_evaluation_takes_smaller_batches_when_torch_cannot_allocate() -> None:
    code = """
import resource, torch
from training.run.out_of_memory import _status, with_smaller_batches
def measure(rows):
    sizes.append(rows)
    return float(torch.ones(rows * 50_000_000 // 4).mean())  # 50 MB a row
sizes = []
resource.setrlimit(resource.RLIMIT_DATA, (_status("VmData") + (130 << 20), resource.RLIM_INFINITY))
print(with_smaller_batches(measure, 9), sizes)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(1.0, 2) [9, 4, 2]", done.stderr


def test_what_is_free_cannot_be_overdrawn_within_the_limit() -> None:
    code = """
import torch
from training.run.out_of_memory import free_bytes, is_out_of_memory, within_free_memory
try:
    with within_free_memory():
        torch.empty(2 * free_bytes(), dtype=torch.uint8)
except RuntimeError as problem:
    print(is_out_of_memory(problem))
print(torch.empty(8 << 20, dtype=torch.uint8).numel())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", str(8 << 20)], done.stderr


def test_the_limit_ends_with_the_block() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with within_free_memory():
        assert resource.getrlimit(resource.RLIMIT_DATA) != before
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_free_memory_is_some_and_not_more_than_a_machine_has() -> None:
    import psutil

    assert 1 << 20 < free_bytes() <= psutil.virtual_memory().total


@pytest.mark.parametrize(("batch", "smaller"), [(8, 4), (6, 3), (9, 3), (7, 1), (2, 1)])
def test_a_halved_batch_divides_the_old_one(batch: int, smaller: int) -> None:
    assert half(batch) == smaller


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))
    with pytest.raises(RuntimeError, match="shapes"):
        with_smaller_batches(lambda size: (_ for _ in ()).throw(RuntimeError("shapes cannot be multiplied")), 4)
