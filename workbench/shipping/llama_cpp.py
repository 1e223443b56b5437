"""The conversion to GGUF by llama.cpp's own scripts, where they are at hand; Goldloop brings none of its own"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import BadInput, GoldloopError

WHOLE, ADAPTER = "convert_hf_to_gguf.py", "convert_lora_to_gguf.py"
FOLDER = "GOLDLOOP_LLAMA_CPP"  # where the scripts lie, beside PATH
OUT_TYPES = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}
LAST = 600  # characters of what a script said


def script(name: str, folder: str | Path | None = None) -> Path:
    """llama.cpp's script of that name: in `folder`, in GOLDLOOP_LLAMA_CPP, or on PATH. Raises BadInput."""
    for place in (folder, os.environ.get(FOLDER)):
        if place:
            found = Path(place).expanduser() / name
            if found.is_file():
                return found.resolve()
            if place == folder:
                raise BadInput(f"There is no {name} in {place}. Name the folder of a llama.cpp checkout.")
    on_path = next((Path(one) / name for one in os.get_exec_path() if (Path(one) / name).is_file()), None)
    if on_path is None:
        raise BadInput(
            f"A GGUF file is made by llama.cpp's {name}, which is not on this computer. Get llama.cpp, then name its "
            f"folder: --llama-cpp DIR, or {FOLDER} in the environment."
        )
    return on_path.resolve()


def convert_model(model: Path, out: Path, *, precision: str, folder: str | Path | None = None) -> Path:
    """A merged model as one GGUF file, in its own number format."""
    return _run([script(WHOLE, folder), model, "--outfile", "{out}", "--outtype", OUT_TYPES[precision]], out)


def convert_adapter(adapter: Path, base: Path, out: Path, *, folder: str | Path | None = None) -> Path:
    """A LoRA adapter as a GGUF file, for a base model in GGUF."""
    return _run([script(ADAPTER, folder), adapter, "--base", base, "--outfile", "{out}", "--outtype", "f32"], out)


def _run(words: Sequence[str | Path], out: Path) -> Path:
    """Runs a script on a file beside `out`, which then takes its place. Raises GoldloopError with its last words."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.stem}.part.gguf")
    part.unlink(missing_ok=True)
    command = [sys.executable, *(str(part) if word == "{out}" else str(word) for word in words)]
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}  # what it needs lies in the folder it is given
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=offline)
    if done.returncode or not part.is_file():
        shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
        missing = re.search(r"No module named '([\w.]+)'", done.stderr or "")
        if missing:
            raise BadInput(
                f"llama.cpp's {Path(command[1]).name} needs the Python package {missing[1]}, which is not installed. "
                f"Install what it asks for: pip install -r {Path(command[1]).parent / 'requirements.txt'}"
            )
        said = " ".join((done.stderr or done.stdout or "it said nothing").split())[-LAST:]
        raise GoldloopError(f"llama.cpp's {Path(command[1]).name} did not convert {words[1]}: ... {said}")
    part.replace(out)
    return out
