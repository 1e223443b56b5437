"""The benchmark for GPUs, tried on a processor: the same script from model to table, and what goes wrong on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
HIDES = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda cls, name, path=None, target=None: None if name == "bitsandbytes" else found(name, path, target)
)
"""


def test_the_script_measures_both_trainers_on_a_tiny_model_and_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDES, "utf-8")
    command = [sys.executable, "benchmarks/gpu_training.py", "--tiny", "--minutes", "9"]
    command += ["--json", str(tmp_path / "out.json")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert found["machine"]["operations"] > 1e8
    assert "torch" in found["machine"]["versions"]
    ours, trl, *lacking = found["rows"]
    assert [(row["arm"], row["problem"]) for row in lacking] == [
        ("ours", "needs bitsandbytes"),
        ("TRL", "needs bitsandbytes"),
    ]
    assert "tiny  qlora  ours  needs bitsandbytes" in done.stdout
    assert not {"problem"} & (set(ours) | set(trl))
    assert trl["recomputes"]
    assert not ours["recomputes"]
    # rows of like length together: hardly any padding, where TRL's random batches pad a good part
    assert ours["padded"] / ours["real"] < trl["padded"] / trl["real"]
    # the operations of tiny, by hand: 2 layers x (2 x 64 x 64 + 2 x 64 x 32 + 3 x 64 x 128) = 73,728 weights of blocks;
    # adapter: 2 layers x rank 16 x (2 x 128 + 2 x 96 + 3 x 192) = 32,768; half of the tokens go through 64 x 512
    assert ours["each"] == pytest.approx(4 * 73_728 + 6 * 32_768 + 4 * 64 * 512 / 2, rel=0.02)


def child(code: str, seconds: float = 300.0) -> dict[str, Any]:
    from gpu_training import measured

    return measured([sys.executable, "-c", code], seconds)


def test_a_process_that_fails_says_its_last_words() -> None:
    found = child("raise RuntimeError('CUDA error: an illegal memory access was encountered')")
    assert found == {"problem": "RuntimeError: CUDA error: an illegal memory access was encountered"}


def test_a_process_that_is_killed_keeps_what_it_had_found() -> None:
    found = child("import os; print('FOUND {\"real\": 7}', flush=True); os.kill(os.getpid(), 9)")
    assert found == {"real": 7, "problem": "ended by signal 9 (out of the machine's memory?)"}


def test_a_process_that_hangs_is_ended_with_all_it_started() -> None:
    from gpu_training import measured

    # a shell, because it has said it long before the time is over, on any machine
    found = measured(["sh", "-c", 'sleep 3600 & echo "FOUND {\\"other\\": $!}"; sleep 3600'], 5)
    assert found["problem"] == "not done after 5 s"
    killed = time.monotonic()
    while is_running(found["other"]) and time.monotonic() - killed < 60:  # one that is killed needs a moment to be gone
        time.sleep(0.05)
    assert not is_running(found["other"])


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_row_without_time_is_not_begun() -> None:
    from gpu_training import row_of

    row = row_of("ours", "8b", "lora", None, until=time.monotonic() + 5)  # type: ignore[arg-type]
    assert row["problem"].startswith("no time left")


def test_a_figure_stands_beside_its_aim() -> None:
    """798 TFLOP/s, of which 45 % at 29.2 GFLOP a token are 12,290 tokens a second; the arithmetic of an 8B token."""
    from gpu_row import SHAPES, operations
    from gpu_training import beside_aims

    # 32 layers x (2 x 4096 x 4096 + 2 x 4096 x 1024 + 3 x 4096 x 14,336) = 6,979,321,856; adapter of rank 16: 32 x 16 x
    # (2 x 8,192 + 2 x 5,120 + 3 x 18,432) = 41,943,040; half of the tokens go through 4,096 x 128,256
    each = 4 * 6_979_321_856 + 6 * 41_943_040 + 4 * 4096 * 128_256 / 2
    assert operations("8b", 41_943_040, 1000, 500) / 1000 == each
    assert SHAPES["8b"][2] == 32
    ours = {"shape": "8b", "way": "lora", "real": 12_000.0, "allocated": 60e9, "each": each}
    trl = {"real": 4_000.0, "allocated": 30e9}
    assert beside_aims({"ours": ours, "TRL": trl}, 798e12) == [
        "ours is 3.00 times TRL in real tokens a second (aim 1.5), with 2.00 times its memory",
        "45% of the matrix speed would be 12,290 tokens a second; ours is 12,000",
    ]


def test_a_model_in_4_bit_is_made_without_files() -> None:
    pytest.importorskip("bitsandbytes")
    from gpu_row import random_model

    kinds = {type(layer).__name__ for layer in random_model("tiny", "qlora").modules()}
    assert "Linear4bit" in kinds
