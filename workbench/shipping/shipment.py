"""A shipment: the folder with a tuned model in the forms that others load, and what can be told of it"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.result import write_whole
from workbench.errors import BadInput, Refused
from workbench.records import Run
from workbench.shipping.commands import Command
from workbench.store import Store, runs

MARK = "shipment.json"  # by which a folder is known as ours, and may be written anew
HOW = "HOW_TO_LOAD.md"
ADAPTER, WHOLE, MERGED, GGUF, MODELFILE = "adapter", "model", "merged", "gguf", "Modelfile"
FORMS = ("merge", "ollama", "vllm", "gguf")  # beside the adapter, which is always there


@dataclass(frozen=True)
class Shipment:
    """What was shipped of a run. files: (name within the folder, bytes); parity: None where nobody has looked."""

    run: int
    folder: Path
    forms: tuple[str, ...]
    files: tuple[tuple[str, int], ...]
    commands: tuple[Command, ...]
    notes: tuple[str, ...]
    parity: Mapping[str, Any] | None

    @property
    def size(self) -> int:
        return sum(size for _, size in self.files)

    def has(self, form: str) -> bool:
        return (self.folder / form).exists()


def name_of(run: Run) -> str:
    """A run's name as servers and hubs take it."""
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "-" for sign in run.dataset.lower())
    return f"{kept.strip('-.') or 'run'}-run-{run.id}"


def default_folder(store: Store, run: Run) -> Path:
    return runs.folder(store, run.id) / "shipped"


def chosen_folder(store: Store, run: Run, to: str | Path | None) -> Path:
    """Where to ship to: a folder that is not there yet, is empty, or holds a shipment. Raises Refused, BadInput."""
    folder = Path(to).expanduser().resolve() if to else default_folder(store, run)
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file. Name a folder to ship to.")
    if folder.is_dir() and any(folder.iterdir()):
        facts = _marked(folder)
        if facts is None:
            raise Refused(f"{folder} holds files that no shipment made. Name another folder, or an empty one.")
        if folder != default_folder(store, run) and (facts.get("run"), facts.get("mark")) != (run.id, mark_of(run)):
            raise Refused(f"{folder} holds the shipment of another run. Name another folder.")
    return folder


def mark_of(run: Run) -> str:
    """What tells a run's shipments from those of another store's run of the same number, wherever the store lies."""
    return hashlib.sha256(f"{run.id} {run.version} {run.when} {run.who}".encode()).hexdigest()[:12]


def write(run: Run, shipment: Shipment, folder: Path, how: str) -> None:
    """Writes what a shipment says of itself: for a program, and for a person."""
    facts = {**asdict(shipment), "folder": "", "mark": mark_of(run)}
    facts["commands"] = []  # they name paths of this computer
    write_whole(folder / MARK, json.dumps(facts, indent=2))
    write_whole(folder / HOW, how)


def read(store: Store, run: Run, to: str | Path | None = None) -> Shipment | None:
    """The shipment of a run in a folder as it lies there; None where there is none."""
    folder = Path(to).expanduser().resolve() if to else default_folder(store, run)
    facts = _marked(folder)
    if facts is None or facts.get("run") != run.id:
        return None
    return Shipment(
        run.id, folder, tuple(facts["forms"]), listed(folder), (), tuple(facts["notes"]), facts["parity"],
    )  # fmt: skip


def listed(folder: Path) -> tuple[tuple[str, int], ...]:
    """Every file of a folder with its size in bytes, by name."""
    return tuple(
        (path.relative_to(folder).as_posix(), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def replace_folder(made: Path, folder: Path) -> None:
    """A shipment that was made beside `folder` takes its place."""
    if folder.exists():
        shutil.rmtree(folder)
    made.replace(folder)


def in_words(size: int) -> str:
    """A size as one says it: "1.2 MB"."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size} bytes"


def _marked(folder: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads((folder / MARK).read_text("utf-8"))
        return dict(facts) if {"run", "forms", "notes", "parity"} <= set(facts) else None
    except (OSError, ValueError, TypeError):
        return None


def how_to_load(
    run: Run, base: str, commands: Sequence[Command], notes: Sequence[str], parity: Mapping[str, Any] | None
) -> str:
    """The page for whoever gets the folder. commands: with the folder's own names, no path of this computer."""
    lines = [
        f"# {name_of(run)}",
        "",
        f"A tuned model on {base}, made with Goldloop. Its card lies beside the weights.",
        "",
    ]
    if parity:
        lines += ["## Says it the same?", "", parity["sentence"], ""]
    if commands:
        lines += ["## Load it", "", "In this folder:", ""]
        for one in commands:
            lines += [f"{one.title}:", "", "```sh", one.text, "```", ""]
    if notes:
        lines += ["## Worth knowing", "", *(f"- {note}" for note in notes), ""]
    return "\n".join(lines)
