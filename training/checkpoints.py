"""Where a run can go on: checkpoints that are whole or do not exist

transformers takes the highest-numbered folder without looking into it; after a `kill -9` that folder may be half
written. Here a checkpoint counts only with its mark, which is written last and names the size of every file.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

from training.errors import TrainingError
from training.result import sync_folder, write_whole

MARK = "complete.json"
KEPT = 2  # newest ones kept; the best one is kept besides


def step_of(folder: Path) -> int:
    """The step in the name "checkpoint-12"; -1 for other names."""
    found = re.fullmatch(r"checkpoint-(\d+)", folder.name)
    return int(found[1]) if found else -1


def is_complete(folder: Path) -> bool:
    """Whether the mark is there and every file has the size it names."""
    try:
        sizes = json.loads((folder / MARK).read_text("utf-8"))["files"]
        return bool(sizes) and all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def complete_ones(checkpoints: Path) -> list[Path]:
    """The usable checkpoints, oldest first."""
    if not checkpoints.is_dir():
        return []
    return sorted((one for one in checkpoints.iterdir() if step_of(one) >= 0 and is_complete(one)), key=step_of)


def seal(folder: Path) -> None:
    """Declares a checkpoint complete: syncs every file, then writes the mark."""
    sizes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MARK:
            with path.open("rb") as file:
                os.fsync(file.fileno())
            sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
    write_whole(folder / MARK, json.dumps({"step": step_of(folder), "files": sizes}))
    sync_folder(folder.parent)


def discard_broken(checkpoints: Path) -> None:
    """Removes what a crash left half written."""
    if checkpoints.is_dir():
        for folder in checkpoints.iterdir():
            if folder.is_dir() and not is_complete(folder):
                shutil.rmtree(folder, ignore_errors=True)


def thin_out(checkpoints: Path, best_step: int | None) -> None:
    """Keeps the newest two and the best one."""
    for folder in complete_ones(checkpoints)[:-KEPT]:
        if step_of(folder) != best_step:
            (folder / MARK).unlink()  # first: a half removed checkpoint must not look usable
            shutil.rmtree(folder, ignore_errors=True)


def full_disk(problem: BaseException, out: Path) -> TrainingError | None:
    """The error to show when the disk was full, None when it was something else."""
    full = isinstance(problem, OSError) and problem.errno == errno.ENOSPC
    if not full and "No space left" not in str(problem):  # the safetensors library wraps the system's error in text
        return None
    free = shutil.disk_usage(out).free
    return TrainingError(
        f"the disk is full ({free / 1e6:.0f} MB free in {out}), so the run could not go on. The last checkpoint is "
        "whole: make room, then resume it."
    )
