"""What the machine can do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from training.errors import PlanError
from training.machine import cpu_has_bf16, machine_for, peak_memory, tokens_kept

ROOT = Path(__file__).resolve().parents[2]


def test_a_processor_with_avx512_bf16_or_amx_computes_in_bf16() -> None:
    assert cpu_has_bf16("flags : fpu avx2 avx512f avx512_bf16")
    assert cpu_has_bf16("flags : fpu amx_bf16 amx_tile")
    assert not cpu_has_bf16("flags : fpu avx2 avx512f avx512_bf16x")


def test_bf16_on_a_machine_without_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("NOT TESTED: this machine has an accelerator")
    monkeypatch.setattr("training.machine.BF16_FLAGS", ("no such flag",))
    with pytest.raises(PlanError, match=r"has no bf16 arithmetic\. Set precision=auto or fp32"):
        machine_for("bf16", "none")
    assert machine_for("auto", "none").precision == "fp32"


def test_a_gpu_keeps_the_activations_of_as_many_tokens_as_fit_into_it() -> None:
    """Llama-3.1-8B: 32 layers of 40 x 4,096 + 8 x 14,336 bytes a token are 8.9 MB; seven tenths of 60 GB take 4,712."""
    llama = SimpleNamespace(hidden_size=4096, intermediate_size=14_336, num_hidden_layers=32)
    assert tokens_kept(llama, 60_000_000_000) == 4712
    assert tokens_kept(llama, -1) == 0


def test_the_peak_memory_of_this_process_is_counted_in_bytes() -> None:
    assert 20e6 < peak_memory("cpu") < 100e9


def test_importing_training_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'transformers', 'peft', 'trl', 'datasets', 'polars'}"
    code = f"import sys, training; from training import TrainingPlan, TrainingError; print({heavy} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_importing_every_module_of_training_imports_no_torch() -> None:
    code = (
        "import sys, pkgutil, importlib, training\n"
        "for one in pkgutil.iter_modules(training.__path__):\n"
        "    if one.name != '__main__': importlib.import_module('training.' + one.name)\n"
        "print({'torch', 'transformers', 'peft', 'trl', 'datasets', 'workbench', 'evaluators'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_threads_that_wait_do_not_spin() -> None:
    code = "import os; from training.machine import settle_environment as s; s(); print(os.environ['GOMP_SPINCOUNT'])"
    clean = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=clean)
    assert said.stdout.strip() == "0"
