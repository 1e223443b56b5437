"""A run's curves as numbers: read as they grow, thinned so that no peak is lost, with the places that matter marked

The app draws them, the command line prints them. A metrics file only grows while a run goes on, so a reader keeps a
mark and asks for what came after it; a resumed run writes the file anew, which the mark tells, and is read whole.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench.reports.charts import SMOOTHING

SCHEMA: dict[str, Any] = {
    "step": pl.Int64, "epoch": pl.Float64, "loss": pl.Float64, "eval_loss": pl.Float64, "lr": pl.Float64,
    "grad_norm": pl.Float64, "tokens": pl.Float64, "tokens_per_second": pl.Float64, "seconds": pl.Float64,
    "time_left": pl.Float64, "memory": pl.Float64, "eval_memory": pl.Float64, "eval_seconds": pl.Float64,
    "joules": pl.Float64,
}  # fmt: skip
SMOOTHINGS = {"none": 1.0, "light": 0.4, "usual": SMOOTHING, "strong": 0.03}  # weight of the newest loss
BUCKETS = 400  # of a thinned curve, each with its highest and lowest value: a pixel column has no more to show
JUMPY = ("loss", "grad_norm", "tokens_per_second")  # columns whose peaks a thinned curve keeps
MOST_EVALUATIONS = 300  # points of a validation curve
TAIL_BYTES = 65_536  # some 250 lines: enough for the figures of "now"
RECENT = 10  # steps that the training loss is averaged over: a single batch jumps
DIGITS = 6  # significant ones sent to a browser


@dataclass(frozen=True)
class Piece:
    """Lines of a metrics file by step. mark: where the next piece begins; whole: these are all, not a continuation."""

    lines: pl.DataFrame
    mark: str
    whole: bool


@dataclass(frozen=True)
class Mark:
    """A step worth a line in a picture. kind: "kept", "epoch", "resumed", "smaller batch", "nan" or "end"."""

    step: int
    kind: str
    words: str


def read_after(path: Path, mark: str = "") -> Piece:
    """What a run has written since `mark`; everything where the file was written anew or the mark is unknown.

    A line that is only half written, or torn by a crash, is left out. An absent file gives no lines.
    """
    inode, offset, last = _parts(mark)
    try:
        with path.open("rb") as file:
            known = os.fstat(file.fileno())
            goes_on = known.st_ino == inode and offset <= known.st_size
            start = offset if goes_on else 0
            file.seek(start)
            text = file.read()
    except FileNotFoundError:
        return Piece(pl.DataFrame(schema=SCHEMA), "", True)
    text = text[: text.rfind(b"\n") + 1]
    lines = _parsed(text)
    if goes_on and lines.height and last >= 0 and lines.item(0, "step") <= last:
        return read_after(path)
    newest = lines.item(-1, "step") if lines.height else (last if goes_on else -1)
    return Piece(lines, f"{known.st_ino}:{start + len(text)}:{newest}", not goes_on)


def read_all(path: Path) -> pl.DataFrame:
    """Every line of a run, by step."""
    return read_after(path).lines


def tail(path: Path) -> pl.DataFrame:
    """The last lines of a run, whatever its length."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read()
    except FileNotFoundError:
        return pl.DataFrame(schema=SCHEMA)
    text = text[: text.rfind(b"\n") + 1]
    return _parsed(text if size <= TAIL_BYTES else text[text.find(b"\n") + 1 :])


def _parts(mark: str) -> tuple[int, int, int]:
    parts = mark.split(":")
    if len(parts) != 3 or not all(part.lstrip("-").isdecimal() and len(part) < 22 for part in parts):
        return -1, 0, -1
    inode, offset, last = (int(part) for part in parts)
    return inode, max(0, offset), last


def _parsed(text: bytes) -> pl.DataFrame:
    if not text.strip():
        return pl.DataFrame(schema=SCHEMA)
    try:
        lines = pl.read_ndjson(io.BytesIO(text), schema=SCHEMA)
    except (pl.exceptions.PolarsError, ValueError):  # a line torn by a crash: the slow way, line by line
        lines = pl.DataFrame(list(filter(None, map(_line, text.splitlines()))), schema=SCHEMA, strict=False)
    return lines.filter(pl.col("step").is_not_null()).unique("step", keep="last").sort("step")


def _line(text: bytes) -> dict[str, Any] | None:
    try:
        facts = json.loads(text)
        return {name: facts.get(name) for name in SCHEMA} if isinstance(facts["step"], int) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def with_smooth(lines: pl.DataFrame, weight: float = SMOOTHING) -> pl.DataFrame:
    """The lines with a column `smooth`: an exponential moving average of the training loss, begun at its first value.

    Taken over all lines, before they are thinned: an average over the peaks that thinning keeps would be another curve.
    """
    return lines.with_columns(smooth=pl.col("loss").ewm_mean(alpha=weight, adjust=False, ignore_nulls=True))


def thinned(lines: pl.DataFrame, buckets: int = BUCKETS) -> pl.DataFrame:
    """Few enough lines to draw: of each of `buckets` stretches the lowest and highest of every jumpy column.

    First and last line and the evaluations stay (of more than 300 the lowest and every so manieth).
    """
    n = lines.height
    if n <= 2 * buckets:
        return lines
    kept = [np.array([0, n - 1])]
    wide = -(-n // buckets)
    for name in JUMPY:
        values = lines[name].to_numpy().astype(float)
        padded = np.full(buckets * wide, np.nan)
        padded[:n] = values
        table = padded.reshape(buckets, wide)
        some = ~np.isnan(table).all(axis=1)
        starts = np.arange(buckets)[some] * wide
        low = np.where(np.isnan(table), np.inf, table)[some].argmin(axis=1)
        high = np.where(np.isnan(table), -np.inf, table)[some].argmax(axis=1)
        kept += [starts + low, starts + high]
    measured = lines["eval_loss"].is_not_null().arg_true().to_numpy()
    if len(measured):
        least = measured[int(np.argmin(lines["eval_loss"].to_numpy()[measured]))]
        kept += [measured[:: max(1, len(measured) // MOST_EVALUATIONS)], np.array([least, measured[-1]])]
    places = np.unique(np.concatenate(kept))
    return lines[places.astype(np.int64)]


def as_columns(lines: pl.DataFrame) -> dict[str, list[float | int | None]]:
    """Columns as plain lists, numbers cut to six digits; a column without any value is left out."""
    sent: dict[str, list[float | int | None]] = {"step": lines["step"].to_list()}
    for name in lines.columns:
        if name != "step" and lines[name].null_count() < lines.height:
            rounded = lines[name].round_sig_figs(DIGITS)
            sent[name] = rounded.fill_nan(None).to_list()
    return sent


def marks_of(
    lines: pl.DataFrame, *, attempts: Sequence[Mapping[str, Any]] = (), result: Mapping[str, Any] | None = None
) -> list[Mark]:
    """Epoch borders, resumes, halved batches, the step that was kept, and where the loss was no number, by step.

    attempts: as `training.run.attempts.read_attempts` gives them; result: what training reported, once it has.
    """
    found = [*_epochs(lines), *_attempts(attempts)]
    gone = lines.filter(pl.col("loss").is_null() & (pl.col("step") > 0))
    if gone.height:
        found.append(Mark(gone.item(0, "step"), "nan", f"step {gone.item(0, 'step')}: the loss is no number"))
    measured = lines.filter(pl.col("eval_loss").is_not_null() & (pl.col("step") > 0))
    if result and result.get("best_step") is not None:
        found.append(Mark(result["best_step"], "kept", f"step {result['best_step']}: the weights that were kept"))
    elif measured.height:
        best = measured.sort("eval_loss", "step").item(0, "step")
        found.append(Mark(best, "kept", f"step {best}: the best so far"))
    if result and str(result.get("ended", "finished")) != "finished":
        found.append(Mark(int(result.get("steps") or 0), "end", str(result["ended"])))
    return sorted(found, key=lambda mark: mark.step)


MOST_EPOCHS = 40  # borders drawn; more are a hatching


def _epochs(lines: pl.DataFrame) -> list[Mark]:
    """The first step at or after each whole epoch."""
    known = lines.filter(pl.col("epoch").is_not_null())
    if not known.height:
        return []
    whole = known.with_columns(done=pl.col("epoch").floor()).filter(pl.col("done") >= 1)
    firsts = whole.unique("done", keep="first").sort("done")
    if firsts.height > MOST_EPOCHS:
        return []
    return [
        Mark(step, "epoch", f"step {step}: epoch {done:.0f} is over")
        for step, done in zip(firsts["step"], firsts["done"], strict=True)
    ]


def _attempts(attempts: Sequence[Mapping[str, Any]]) -> list[Mark]:
    marks = []
    for before, here in pairwise(attempts):
        step, size = int(here.get("step") or 0), here.get("batch_size")
        if size is not None and size != before.get("batch_size"):
            words = f"step {step}: memory ran out, from here on batches of {size} instead of {before.get('batch_size')}"
            marks.append(Mark(step, "smaller batch", words))
        else:
            marks.append(Mark(step, "resumed", f"step {step}: resumed from here"))
    return marks


def figures_now(path: Path) -> dict[str, float | None]:
    """What a run does at this moment, from its last lines: step, loss over ten steps, tokens a second, time left, ...

    tokens_per_second is the median of the last lines: a short last batch, or a step with an evaluation in it, says
    nothing of the run.
    """
    lines = tail(path)
    if not lines.height:
        return {}
    losses = lines["loss"].drop_nulls()
    last = lines.row(-1, named=True)
    return {
        **{name: last[name] for name in ("step", "epoch", "time_left", "tokens", "seconds", "memory", "joules", "lr")},
        "loss": _mean(losses[-RECENT:]),
        "tokens_per_second": _median(lines["tokens_per_second"].drop_nulls()),
    }


def _mean(values: pl.Series) -> float | None:
    return float(np.mean(values.to_numpy())) if len(values) else None


def _median(values: pl.Series) -> float | None:
    return float(np.median(values.to_numpy())) if len(values) else None


TICKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int = 48) -> str:
    """A curve as a line of text, lowest to highest over its own range; "" without values."""
    known = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=float)
    if not len(known):
        return ""
    means = [float(part.mean()) for part in np.array_split(known, min(width, len(known)))]
    low, high = min(means), max(means)
    scale = (len(TICKS) - 1) / (high - low) if high > low else 0.0
    return "".join(TICKS[round((mean - low) * scale)] for mean in means)
