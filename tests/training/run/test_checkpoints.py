"""Checkpoints: complete, or not there."""

from __future__ import annotations

import errno
from pathlib import Path

from training.run.checkpoints import complete_ones, discard_broken, full_disk, is_complete, seal, thin_out


def checkpoint(root: Path, step: int, *, sealed: bool = True) -> Path:
    folder = root / f"checkpoint-{step}"
    folder.mkdir()
    (folder / "weights").write_text("12345")
    if sealed:
        seal(folder)
    return folder


def names(folders: list[Path]) -> list[str]:
    return [folder.name for folder in folders]


def test_a_checkpoint_counts_only_with_its_mark(tmp_path: Path) -> None:
    checkpoint(tmp_path, 1, sealed=False)
    assert complete_ones(tmp_path) == []


def test_checkpoints_are_ordered_by_step_and_not_by_name(tmp_path: Path) -> None:
    for step in (9, 10, 2):
        checkpoint(tmp_path, step)
    assert names(complete_ones(tmp_path)) == ["checkpoint-2", "checkpoint-9", "checkpoint-10"]


def test_a_file_that_was_cut_afterwards_makes_a_checkpoint_unusable(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    (folder / "weights").write_text("123")
    assert not is_complete(folder)


def test_a_torn_mark_is_no_mark(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    (folder / "complete.json").write_text('{"step": 1, "fi')
    assert not is_complete(folder)


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    checkpoint(tmp_path, 1)
    checkpoint(tmp_path, 2, sealed=False)
    discard_broken(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-1"]


def test_the_newest_two_and_the_best_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3, 4, 5):
        checkpoint(tmp_path, step)
    thin_out(tmp_path, best_step=2)
    assert names(complete_ones(tmp_path)) == ["checkpoint-2", "checkpoint-4", "checkpoint-5"]


def test_a_full_disk_is_recognised_in_both_forms(tmp_path: Path) -> None:
    said = str(full_disk(OSError(errno.ENOSPC, "No space left on device"), tmp_path))
    assert said.startswith("the disk is full")
    assert full_disk(RuntimeError("SafetensorError: No space left on device (os error 28)"), tmp_path) is not None
    assert full_disk(ValueError("something else"), tmp_path) is None
