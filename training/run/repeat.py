"""Repeats a finished run from its folder alone and says whether it comes out the same, to the last bit

python -m training --verify RUN_FOLDER
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from training.errors import ModelError, NotResumable, RowsError
from training.plan import TrainingPlan
from training.result import Training, read_metrics, read_training
from training.run.attempts import read_attempts
from training.run.data_digest import as_read_by, data_digest, digest_of_conversations
from training.run.provenance import differences, digest_of_model, plan_hash, read_provenance
from training.run.run_folder import ADAPTER, PLAN, ROWS, STAGE, begin_with

if TYPE_CHECKING:
    from training.pairs.kept_stage import KeptStage

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

PREFIX, BUSY = "repeat-", ".busy"
COMPARED = ("loss", "eval_loss", "lr", "grad_norm", "tokens", "margin", "eval_margin")
NAMES = {"loss": "loss", "eval_loss": "validation loss", "lr": "learning rate", "grad_norm": "gradient norm",
         "tokens": "tokens read", "margin": "margin",
         "eval_margin": "margin on pairs held out"}  # fmt: skip


@dataclass(frozen=True)
class Repeated:
    """A run beside its repetition."""

    steps: int  # compared
    differs: tuple[str, ...]  # what came out otherwise, one sentence each; empty: all the same to the last bit
    circumstances: tuple[str, ...]  # what is not as it was then, and may be why
    kept: Path | None  # where the repetition lies; None when it was the same and was removed

    @property
    def equal(self) -> bool:
        return not self.differs

    def lines(self) -> list[str]:
        """What to tell a person, one sentence a line."""
        if self.equal:
            told = [f"the repetition is the same to the last bit: {self.steps} steps and all that was learned"]
        else:
            told = [f"the repetition differs: {one}" for one in self.differs]
        told += [f"not as it was then: {one}" for one in self.circumstances]
        if not self.equal and not self.circumstances:
            told.append("nothing known has changed since then: same machine, versions, threads and code")
        if self.kept is not None:
            told.append(f"the repetition lies in {self.kept}")
        return told


def repeat(
    folder: Path,
    *,
    model: str | None = None,
    parent: Path | None = None,
    threads: int | None = None,
    report: Callable[[float, str], None] | None = None,
) -> Repeated:
    """Trains a finished run once more, elsewhere, and compares every figure of its curve and every byte it learned.

    folder: the run's, with plan.json, rows.parquet and provenance.json. model: where the base model lies by now, if it
    was moved; its files must be the same. parent: of a second stage that keeps no copy of the adapter it began from
    (earlier versions kept none), where that one lies by now. threads: by default as many as then. Raises NotResumable
    for a run that is not finished, ModelError for another base model, BadAdapter for another adapter to begin from,
    RowsError for rows that are gone or changed, and what training raises.
    """
    from training.pairs.kept_stage import stage_in
    from training.run.lora import train

    done = read_training(folder)
    if done is None:
        raise NotResumable(f"{folder} holds no finished run, so there is nothing to repeat. Resume it first.")
    if not (folder / PLAN).is_file():
        raise NotResumable(
            f"the run in {folder} has no {PLAN}, as those of earlier versions: put its plan and its rows there as "
            f"{PLAN} and {ROWS}, then repeat it."
        )
    plan = TrainingPlan.read((folder / PLAN).read_text("utf-8"))
    plan = plan.model_copy(update={"model": model or plan.model, "report_to": "none"})
    then = read_provenance(folder)
    rows = _rows(folder)
    second = stage_in(folder, plan, parent=parent) if (folder / STAGE).is_file() else None
    digests = second.digests if second else _digests
    read = rows if second else as_read_by(rows, then["data_digest"] if then else None)
    if read is rows and then and then["data_digest"] not in digests(rows):
        raise RowsError(f"{folder / ROWS} no longer holds the rows that the run in {folder} was trained on.")
    rows = read
    _demand_same_model(plan, then)
    _sweep()
    out, busy = _scratch()
    try:
        batch = batch_of(folder, done)
        begin_with(out, plan, digests(rows)[0], **batch, eval_batch=batch["batch_size"], notes=[])
        once_more = second.train if second else train
        once_more(plan, rows, out, report=report, resume=True, threads=threads or (then or {}).get("threads"))
        differs = unlike(folder, out)
        around = differences(then, read_provenance(out) or {}) if then else ["what the run was made with is not known"]
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    finally:
        busy.close()
        (out / BUSY).unlink(missing_ok=True)
    if not differs:
        shutil.rmtree(out, ignore_errors=True)
    return Repeated(done.steps, tuple(differs), (*around, *_divided(folder, done)), out if differs else None)


def _scratch() -> tuple[Path, IO[str]]:
    """A new folder for a repetition, and the open file that says, by its lock, that somebody works in it."""
    made = Path(tempfile.mkdtemp(prefix=f"begin-{PREFIX}"))
    busy = (made / BUSY).open("w")
    if fcntl is not None:
        fcntl.flock(busy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made = made.rename(made.with_name(made.name.removeprefix("begin-")))  # only now may `_sweep` see it
    return made, busy


def _sweep() -> None:
    """Removes what repetitions left behind that were killed. Their locks ended with them; kept ones have no such file.

    Where the system has no such locks (Windows) nothing is removed.
    """
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{BUSY}") if fcntl is not None else ():
        try:
            with path.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.parent, ignore_errors=True)
        except OSError:  # somebody works there, or it is another person's
            continue


def known_before(
    plan_file: Path, plan: TrainingPlan, rows: pl.DataFrame, *, second: KeptStage | None = None
) -> dict[str, Any] | None:
    """The provenance beside a plan, when it is of this plan and of these rows: then a run is a repetition."""
    then = read_provenance(plan_file.resolve().parent)
    if then is None or then.get("plan_hash") != plan_hash(plan):
        return None
    if then.get("data_digest") in (second.digests if second else _digests)(rows):
        return then
    return then if second is None and as_read_by(rows, then.get("data_digest")) is not rows else None


def _digests(rows: pl.DataFrame) -> tuple[str, str]:
    """What the rows of a first stage are known by, and as earlier versions took it."""
    return data_digest(rows), digest_of_conversations(rows)


def unlike(a: Path, b: Path) -> list[str]:
    """What differs between two runs' curves and learned weights; empty when nothing does."""
    told = []
    one, two = read_metrics(a), read_metrics(b)
    if len(one) != len(two):
        told.append(f"{len(one) - 1} steps then, {len(two) - 1} now")
    for key in COMPARED:
        pairs = [
            (x["step"], x.get(key), y.get(key)) for x, y in zip(one, two, strict=False) if x.get(key) != y.get(key)
        ]
        if pairs:
            step, was, now = pairs[0]
            told.append(f"{NAMES[key]} from step {step} on ({was} then, {now} now; {len(pairs)} steps in all)")
    learned, again = _learned(a), _learned(b)
    told += [f"{name}: other bytes" for name in sorted({*learned, *again}) if learned.get(name) != again.get(name)]
    return told


def batch_of(folder: Path, done: Training) -> dict[str, int]:
    """The batch that the run had from its start, halved or not; not that of later attempts."""
    starts = [one for one in read_attempts(folder) if one["step"] == 0]
    first = starts[-1] if starts else {"batch_size": done.batch_size, "accumulation": done.accumulation}
    return {"batch_size": first["batch_size"], "accumulation": first["accumulation"]}


def _divided(folder: Path, done: Training) -> list[str]:
    if batch_of(folder, done)["batch_size"] == done.batch_size:
        return []
    return [f"memory ran out in the middle of the run, and from there on it had batch_size={done.batch_size}"]


def _rows(folder: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / ROWS)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise RowsError(f"{folder / ROWS} cannot be read: {str(problem).splitlines()[0]}") from problem


def _demand_same_model(plan: TrainingPlan, then: dict[str, Any] | None) -> None:
    known = ((then or {}).get("model") or {}).get("digest")
    if Path(plan.model).is_absolute() and not Path(plan.model).is_dir():
        asked = f" (SHA-256 of its files: {known})" if known else ""
        raise ModelError(f"the base model {plan.model} is not there any more{asked}. Say where it lies: --model FOLDER")
    if known and digest_of_model(plan.model) != known:
        raise ModelError(
            f"the files of the base model in {plan.model} are not those that the run was trained on "
            f"(SHA-256 {known}). Give the folder of the old ones: --model FOLDER"
        )


def _learned(folder: Path) -> dict[str, str]:
    found = sorted((folder / ADAPTER).glob("*.safetensors"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
