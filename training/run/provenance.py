"""From what and with what a run was made: enough to repeat it, and to say why a repeat differs"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from training.errors import ModelError
from training.plan import TrainingPlan
from training.result import write_whole

PACKAGE = Path(__file__).resolve().parents[1]  # training/, whose code decides what a run comes to
PROVENANCE = "provenance.json"
# Whatever computes, or decides what is computed
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers", "safetensors",
            "bitsandbytes", "numpy", "polars")  # fmt: skip
MODEL_SUFFIXES = (".safetensors", ".json", ".jinja", ".model", ".txt", ".gguf")
NOT_THE_MODEL = ("model.json", "LICENSE.txt", "LICENCE.txt", "NOTICE.txt", "requirements.txt")  # said about it
CHUNK = 1 << 20
GIT_SECONDS = 10  # a checkout on a slow network disk must not hold up a run
# What changes results when it changes, and how a person calls it. Of the packages all count.
CIRCUMSTANCES = {
    "cpu": "processor",
    "capability": "processor instructions",
    "device": "device",
    "threads": "number of threads",
    "precision": "precision",
    "processes": "number of processes",
    "python": "Python",
    "platform": "system",
}


def provenance_of(
    plan: TrainingPlan, *, data_digest: str, rows: int, device: str, precision: str, model_digest: str | None = None
) -> dict[str, Any]:
    """What a run is made from, as it stands in provenance.json; JSON-ready.

    data_digest, rows: of the rows given, before any was left out. device: its name. Reads the model's files once to
    take their digest, some seconds for each ten gigabytes, unless it is given.
    """
    import torch

    return {
        "plan_hash": plan_hash(plan),
        "data_digest": data_digest,
        "rows": rows,
        "model": {"name": Path(plan.model).name, "digest": model_digest or digest_of_model(plan.model)},
        "versions": {name: found for name in PACKAGES if (found := _version(name)) is not None},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "device": device,
        "threads": torch.get_num_threads(),
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
        "precision": precision,
        "git": git_state(PACKAGE),
        "code": digest_of_code(),
        "goldloop": _version("goldloop"),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_provenance(facts: Mapping[str, Any], out: Path) -> None:
    """Puts provenance.json in place, whole or not at all."""
    write_whole(out / PROVENANCE, json.dumps(facts, indent=2))


def read_provenance(out: Path) -> dict[str, Any] | None:
    """What the run in this folder was made from; None for a run of before this was written, or a damaged file."""
    try:
        facts = json.loads((out / PROVENANCE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def plan_hash(plan: TrainingPlan) -> str:
    """SHA-256 of all knobs. Of the base model only its name counts: where it lies does not change a run."""
    knobs = {**plan.model_dump(mode="json"), "model": Path(plan.model).name}
    return hashlib.sha256(json.dumps(knobs, sort_keys=True).encode()).hexdigest()


def digest_of_model(model: str) -> str:
    """SHA-256 of the files that make up a base model: weights, configuration, tokenizer, chat template.

    model: a folder, or a hub name that has been fetched. Raises ModelError when its files are not on this machine.
    """
    folder = folder_of(model)
    total = hashlib.sha256()
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix in MODEL_SUFFIXES and path.name not in NOT_THE_MODEL
    )
    if not files:
        raise ModelError(f"the base model {model} has no files in {folder}.")
    for path in files:
        total.update(f"{path.name}\n{path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while part := file.read(CHUNK):
                total.update(part)
    return total.hexdigest()


def folder_of(model: str) -> Path:
    """Where a model's files lie: its folder, or the cache of a hub name. Raises ModelError."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (OSError, ValueError) as problem:  # the hub's own errors are children of these
        raise ModelError(f"the files of the base model {model} are not on this machine.") from problem


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two runs' circumstances that may change results, one sentence each."""
    told = []
    for key, name in CIRCUMSTANCES.items():
        if before.get(key) is not None and before.get(key) != now.get(key):
            told.append(f"{name}: {before[key]} then, {now.get(key)} now")
    then, here = before.get("versions") or {}, now.get("versions") or {}
    for package in sorted({*then, *here}):
        if then.get(package) != here.get(package):
            told.append(f"{package}: {then.get(package, 'none')} then, {here.get(package, 'none')} now")
    was, is_ = (before.get("model") or {}).get("digest"), (now.get("model") or {}).get("digest")
    if was and is_ and was != is_:
        told.append(f"base model: files with SHA-256 {was[:12]}... then, {is_[:12]}... now")
    if before.get("code") != now.get("code"):
        code, code_now = before.get("git") or {}, now.get("git") or {}
        was, is_ = code.get("commit") or "unknown", code_now.get("commit") or "unknown"
        told.append(f"code of training: commit {was[:12]} then, {is_[:12]} now{_uncommitted(code, code_now)}")
    return told


def told(facts: Mapping[str, Any]) -> dict[str, str]:
    """The provenance as a model card's table shows it; empty for a run that has none."""
    if not facts:
        return {}
    code, model = facts.get("git"), facts.get("model") or {}
    versions = ", ".join(f"{name} {number}" for name, number in (facts.get("versions") or {}).items())
    changed = " and changes nobody has committed" if code and code.get("dirty") else ""
    return {
        "Base model's files": f"SHA-256 `{model.get('digest')}`",
        "Plan": f"SHA-256 `{facts.get('plan_hash')}`",
        "Made with": f"{versions}, Python {facts.get('python')}",
        "Processor": f"{facts.get('cpu')}, {facts.get('threads')} threads",
        "Code": f"commit `{code['commit']}`{changed}" if code else f"Goldloop {facts.get('goldloop') or ''}".strip(),
        "Started": str(facts.get("started")),
    }


def cpu_name() -> str:
    """The processor's model, as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit of the checkout that this code lies in, and whether it was changed since; None outside a checkout."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None or _git(folder, "ls-files", "--error-unmatch", __file__) is None:
        return None  # installed into an environment that happens to lie in somebody's checkout
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return {"commit": commit, "dirty": bool(changed)}


def digest_of_code() -> str:
    """SHA-256 of the code that trains: this package's files, whether in a checkout or installed."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        total.update(path.relative_to(PACKAGE).as_posix().encode() + b"\n" + path.read_bytes())
    return total.hexdigest()


def _uncommitted(*states: Mapping[str, Any]) -> str:
    return ", with changes that nobody has committed" if any(state.get("dirty") for state in states) else ""


def _git(folder: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *command],
            capture_output=True, text=True, check=False, timeout=GIT_SECONDS, stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str | None:
    if package == "torch" and "torch" in sys.modules:
        return str(sys.modules["torch"].__version__)  # with its build: "2.13.0+cpu"
    try:
        return version(package)
    except PackageNotFoundError:
        return None
