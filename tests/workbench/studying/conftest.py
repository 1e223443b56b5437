"""A store with rows, a golden set and open findings, and tiny models that really train."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.actions.freeze_golden import freeze_golden
from workbench.rows import Rows
from workbench.store import Store, datasets

spec = importlib.util.spec_from_file_location("toy_models", Path(__file__).parents[2] / "training" / "conftest.py")
assert spec is not None
assert spec.loader is not None
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, chatml = toys.tiny_model, toys.chatml

DIES = """
import os, signal, sys
from workbench import jobs, worker
from workbench.store import Store
make, place = jobs.reporter, sys.argv[3]
def reporter(store, job_id):
    report = make(store, job_id)
    def told(done, line):
        report(done, line)
        if line.startswith(place):
            os.kill(os.getpid(), signal.SIGKILL)
    return told
jobs.reporter = reporter
worker.run(Store.open(sys.argv[1]), int(sys.argv[2]))
"""
QUICK = ("epochs=1", "batch_size=8", "learning_rate=0.02", "validation_share=0.1")


@pytest.fixture(scope="session")
def second_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another tiny Llama with other weights, under another name."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("second") / "other-llama"
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    torch.manual_seed(7)
    for weight in model.parameters():
        weight.data += 0.05 * torch.randn_like(weight)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def desk_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with 72 different short rows in three topics, ten of them with a tag "bad", and golden."""
    folder = tmp_path_factory.mktemp("desk") / "store"
    store = Store.open(folder)
    things = (
        "kettle",
        "toaster",
        "lamp",
        "clock",
        "radio",
        "mixer",
        "heater",
        "scale",
        "iron",
        "torch",
        "grill",
        "bell",
    )
    acts = ("return", "repair", "clean", "order", "wrap", "sell")
    records = [
        {
            "row_id": f"{thing}-{act}", "tags": [f"topic:{act}"], "source": "toy", "line": 1,
            "messages": [
                {"role": "user", "content": f"{act} {thing}?"},
                {"role": "assistant", "content": f"{thing.upper()} {7 * at + 3 * step} {act}s, door {at * step + 1}."},
            ],
        }
        for at, thing in enumerate(things) for step, act in enumerate(acts)
    ]  # fmt: skip
    rows = Rows.from_records(records)
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    freeze_golden(store, "desk", share=0.2, seed=0)
    store.close()
    return folder


@pytest.fixture
def store(tmp_path: Path, desk_store: Path, monkeypatch: pytest.MonkeyPatch):
    import shutil

    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))
    shutil.copytree(desk_store, tmp_path / "store")
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def dying_worker() -> Callable[[Store, int, str], subprocess.Popen[bytes]]:
    """`dying_worker(store, job_id, line)` begins a job in a process that kills itself with -9 once it reports `line`.

    A kill from outside may come late, on a busy machine when the study is done.
    """

    def begin(store: Store, job_id: int, line: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", DIES, str(store.root), str(job_id), line])

    return begin
