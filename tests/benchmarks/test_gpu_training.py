"""The benchmark for GPUs, tried on a processor: the same script from model to table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_script_measures_both_trainers_on_a_tiny_model(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "benchmarks/gpu_training.py",
        "--tiny",
        "--ways",
        "lora",
        "--json",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (result,) = json.loads((tmp_path / "out").read_text("utf-8"))
    assert result["matrix_speed"] > 1e9
    assert result["TRL"]["recomputes"]
    assert not result["ours"]["recomputes"]
    # rows of like length together: hardly any padding, where TRL's random batches pad a good part
    assert result["ours"]["padded"] / result["ours"]["real"] < result["TRL"]["padded"] / result["TRL"]["real"]
    # the operations of tiny, by hand: 2 layers x (2 x 64 x 64 + 2 x 64 x 32 + 3 x 64 x 128) = 73,728 weights of blocks;
    # adapter: 2 layers x rank 16 x (2 x 128 + 2 x 96 + 3 x 192) = 32,768; half of the tokens go through 64 x 512
    each = result["ours"]["operations"] / result["ours"]["real"]
    assert each == pytest.approx(4 * 73_728 + 6 * 32_768 + 4 * 64 * 512 / 2, rel=0.02)
