"""What a run leaves behind: its result in training.json, its curve in metrics.jsonl, one line a step"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

RESULT = "training.json"
METRICS = "metrics.jsonl"
NOT_A_NUMBER: Final = "stopped at a loss that was not a number"

Ended = Literal["finished", "stopped early", "stopped at a loss that was not a number"]


@dataclass(frozen=True)
class Training:
    """A finished run: what was made, from what, how long it took, and what was left out."""

    adapter: str  # the folder, absolute
    steps: int
    best_step: int  # the step whose weights the adapter holds
    losses: list[float]  # of each step, nats per trained token
    validation_losses: list[tuple[int, float]]  # (step, nats per trained token); step 0 is the untuned model
    tokens: int  # read in training, padding not counted
    seconds: float
    seed: int
    learning_rate: float
    train_rows: int
    validation_rows: int
    cut_rows: list[tuple[str, int]]  # row_id, tokens cut off
    skipped_rows: list[tuple[str, str]]  # row_id, reason
    device: str
    precision: str
    batch_size: int  # as run: halved when memory was short
    accumulation: int
    trainable_parameters: int
    peak_memory: int  # bytes, evaluations aside: of the process on a CPU, of the accelerator otherwise
    ended: Ended
    notes: list[str]  # what the run did on its own account, one sentence each
    eval_peak_memory: int = 0  # bytes: the most that an evaluation took, counted apart; 0 where none was made
    seconds_evaluating: float = 0.0  # of `seconds`
    seconds_loading: float = 0.0  # until the first step: reading rows, loading the model; not in `seconds`
    seconds_ending: float = 0.0  # after the last step: its checkpoint, the adapter; not in `seconds`
    joules: float | None = None  # electric energy, as `training.run.energy` counts it; None without a meter

    @property
    def best_validation_loss(self) -> float | None:
        """The lowest validation loss after step 0, or None without a validation side."""
        return min((loss for step, loss in self.validation_losses if step > 0), default=None)


def write_training(result: Training, out: Path) -> None:
    """Puts training.json in place, whole or not at all."""
    write_whole(out / RESULT, json.dumps(asdict(result), indent=2))


def read_training(out: Path) -> Training | None:
    """The result of the run in this folder, or None while it is unfinished."""
    try:
        facts = json.loads((out / RESULT).read_text("utf-8"))
        for name in ("validation_losses", "cut_rows", "skipped_rows"):
            facts[name] = [tuple(pair) for pair in facts[name]]
        return Training(**facts)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_metrics(out: Path) -> list[dict[str, Any]]:
    """The metric lines of a run, by step; a line torn by a crash is left out.

    Keys: step, epoch, loss, eval_loss, lr, grad_norm, tokens, tokens_per_second, seconds, time_left, memory (bytes: the
    peak of training so far), joules (since the start, None without a meter); and where it was evaluated eval_memory
    (bytes: the peak of that evaluation) and eval_seconds. `loss` is None at step 0 (the untuned model) and at a step
    whose loss was not a number; `eval_loss` is None where none was measured. Runs of before lack the later keys.
    """
    lines: dict[int, dict[str, Any]] = {}
    try:
        text = (out / METRICS).read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        try:
            facts = json.loads(line)
            lines[int(facts["step"])] = facts
        except (ValueError, KeyError, TypeError):
            continue
    return [lines[step] for step in sorted(lines)]


def append_metrics(out: Path, facts: dict[str, Any]) -> None:
    """One more line; it is on the disk, not only in a buffer, when this returns."""
    with (out / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts, allow_nan=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def keep_metrics(out: Path, step: int) -> list[dict[str, Any]]:
    """Forgets every line after `step`, where a resumed run begins again; returns what is left."""
    kept = [line for line in read_metrics(out) if line["step"] <= step]
    write_whole(out / METRICS, "".join(json.dumps(line) + "\n" for line in kept))
    return kept


def write_whole(path: Path, text: str) -> None:
    """A file that is either the old one or the new one, never half of it, whatever happens in between."""
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in a folder (a rename, a new file) survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def validation_curve(lines: Sequence[dict[str, Any]]) -> list[tuple[int, float]]:
    """(step, validation loss) where it was measured."""
    return [(line["step"], line["eval_loss"]) for line in lines if line.get("eval_loss") is not None]
