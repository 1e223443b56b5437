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

from training.errors import DiskFull
from training.result import sync_folder, write_whole

MARK = "complete.json"
KEPT = 2  # newest ones kept; the best one is kept besides
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no space, over the quota, over the limit of a file's size
# The system's error as the safetensors library passes it on, and what torch's writer says instead of it
SAID_FULL = ("No space left", "quota exceeded", "File too large", "PytorchStreamWriter failed", "unexpected pos ")


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


def full_disk(problem: BaseException, out: Path, needed: int = 0) -> DiskFull | None:
    """The error to show when the disk was full, None when it was something else. needed: bytes, where known."""
    full = isinstance(problem, OSError) and problem.errno in FULL
    if not full and not any(said in str(problem) for said in SAID_FULL):
        return None
    place = next(one for one in (out, *out.parents) if one.is_dir())
    needed = needed or max((size_of(one) for one in complete_ones(out) + complete_ones(out / "checkpoints")), default=0)
    wants = f"; a checkpoint takes {in_megabytes(needed)}" if needed else ""
    return DiskFull(
        f"the disk is full ({in_megabytes(shutil.disk_usage(place).free)} free in {out}{wants}), so the run could not "
        "go on. The last checkpoint is whole: make room, then resume it."
    )


def demand_room(out: Path, checkpoint: int, adapter: int, saves: int) -> None:
    """Raises DiskFull when the run's folder has no room for what it will hold at once.

    That is the newest checkpoints, the best one, the one being written, and the adapter; less what is there already.
    checkpoint, adapter: bytes of one; saves: how many checkpoints the run writes at most.
    """
    there = sum(size_of(one) for one in complete_ones(out / "checkpoints"))
    needed = min(KEPT + 2, saves) * checkpoint + adapter - there
    free = shutil.disk_usage(out).free
    if needed > free:
        raise DiskFull(
            f"the run needs {in_megabytes(needed)} in {out} (checkpoints of {in_megabytes(checkpoint)} and what it "
            f"learns), and only {in_megabytes(free)} are free. Make room, or choose a folder on another disk."
        )


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def in_megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 10e6 else f"{size / 1e6:.1f} MB"
