"""A measured pair of steps: what the run's own batches take on this very machine, in seconds and bytes

Choosing the batches, asking a process of its own (`training.forecast.measuring`), and keeping the answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from training.errors import TrainingError
from training.forecast.cards import cards_here
from training.forecast.workload import Batch, at_once, measures_of
from training.plan import TrainingPlan
from training.result import write_whole
from training.tokens.encode import EncodedRow

Report = Callable[[float, str], None]
KNOBS = ("method", "rank", "dropout", "batch_size", "precision", "quantization")  # those that time or memory hang on
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes")
EDITION = 7  # of what is measured; a kept measurement of another edition is not read
PREFIX = "goldloop-measure-"
LOOK_SECONDS = 0.2  # between two looks at whether to stop
MOST_SECONDS = 900.0  # after that the machine is too busy to say anything
TWO_THREADS = 0.95  # of a processor each, that threads get out of a free machine; 0.93 to 1 was measured
QUIET = 0.1  # share of the machine's processors that others may take without a word
# Places of the timed steps among the rows from the longest to the shortest. The first three are a small one, a large
# one and the longest, for machines on which no more is timed.
PLACES = (0.75, 0.25, 0.0, 0.5, 0.875, 0.125, 0.625, 0.375, 0.9375, 0.0625, 0.5625, 0.4375, 0.8125, 0.1875, 0.0)
EVALUATED = (1, 2, 4, 5)  # of these steps, counted with the warm-up; the loss alone of a batch of them is timed, too
ACCUMULATED = 2  # batches of a timed step where the plan's have several: gradients lie in memory beside the second one
KILLED = -9  # what an exit code looks like when the system ended the process; mostly for its memory


@dataclass(frozen=True)
class Timed:
    """The batches of a step, and how long they took: by the clock, and of all processors together."""

    parts: tuple[Batch, ...]
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Measured:
    """Some real steps on this machine. Memory in bytes: of the process on a CPU, of the accelerator otherwise."""

    when: str
    device: str
    machine: str
    precision: str
    threads: int
    cores: int
    seconds_loading: float
    steps: tuple[Timed, ...]
    evaluations: tuple[Timed, ...]
    optimizer_seconds: float
    beginning_seconds: float  # what is taken once, in the first step
    checkpoint_seconds: float | None
    checkpoint_bytes: int | None
    ending_seconds: float  # putting the adapter in place
    memory_libraries: int
    memory_peak: int
    memory_evaluation: int
    largest: tuple[Batch, ...]  # the batches of which memory_peak is
    others_share: float  # of all processors, taken by other programs meanwhile

    @property
    def busy(self) -> bool:
        """Whether other programs took so much of the machine that the clock says little about a free one."""
        return self.device == "cpu" and self.others_share > QUIET

    def free_share(self) -> float:
        """Seconds on a free machine for each second by the clock of these steps, 0 to 1; 1 where it was free."""
        if not self.busy:
            return 1.0
        spent = sum(one.seconds for one in self.steps)
        alone = sum(one.cpu_seconds for one in self.steps) / (TWO_THREADS * min(self.threads, self.cores))
        return min(1.0, alone / spent) if spent > 0 else 1.0


@dataclass(frozen=True)
class Chosen:
    """The rows to measure on, each once, the longest first: a run tries the longest of its rows before its first step,
    and no row that stands here twice may take the place of another there. order: places of the rows as the steps take
    them, `accumulation` batches of `size` rows a step. evaluate: places of rows that are evaluated."""

    rows: tuple[EncodedRow, ...]
    order: tuple[int, ...]
    size: int
    accumulation: int
    steps: int
    evaluate: tuple[tuple[int, ...], ...]


def chosen_rows(plan: TrainingPlan, rows: Sequence[EncodedRow], largest: int) -> Chosen:
    """A large step to warm up on, then steps from all over the lengths, the longest rows among them.

    largest: length of the longest row in the batch of the run that needs most memory; the rows after that batch are
    those to warm up on, since a shape that comes again takes less time than one that is new. The others are of like
    length, as the run has them, at PLACES among the rows by length. Nearly none comes twice: in new shapes the memory
    of a CPU's process grows as it does in a run, most of all where long rows come after short ones, and their mean is
    that of the rows.
    """
    size = min(plan.batch_size, len(rows))
    accumulation = min(plan.accumulation, ACCUMULATED, len(rows) // size)
    step = size * accumulation
    ordered = sorted(rows, key=lambda row: (-len(row.ids), -row.trained))
    place = next((at for at, row in enumerate(ordered) if len(row.ids) <= largest), 0)
    begins = [place + step, *(round(at * len(rows)) - step // 2 for at in PLACES)]
    steps = [_slice(len(rows), begin, step) for begin in begins]
    used = sorted({at for one in steps for at in one} | set(range(size)))
    among = {at: number for number, at in enumerate(used)}
    return Chosen(
        tuple(ordered[at] for at in used),
        tuple(among[at] for one in steps for at in one),
        size,
        accumulation,
        len(steps),
        tuple(tuple(among[at] for at in steps[number][:size]) for number in EVALUATED),
    )


def _slice(count: int, begin: int, size: int) -> range:
    """`size` places of `count` from `begin` on, moved so that all are there."""
    start = max(0, min(begin, count - size))
    return range(start, start + size)


def measure(
    plan: TrainingPlan,
    rows: Sequence[EncodedRow],
    largest: int,
    *,
    report: Report | None = None,
    on_disk_of: Path | None = None,
) -> Measured:
    """Runs a few steps of this plan on batches of these rows, in a process of its own, and throws away what is learned.

    on_disk_of: a folder on the disk that the run will write its checkpoints to; by default the system's temporary one.
    `report` is called some times a second; when it raises, the process is ended and the exception goes on. Raises
    TrainingError when the steps cannot be done, out of memory among the reasons.
    """
    tell: Report = report or (lambda done, line: None)
    chosen = chosen_rows(plan, rows, largest)
    tried = at_once(measures_of(chosen.rows[: chosen.size]), in_parts=not cards_here())
    if on_disk_of is not None:
        on_disk_of.mkdir(parents=True, exist_ok=True)
        remove_leftovers(on_disk_of)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=on_disk_of) as folder:
        spec, result, said = (Path(folder) / name for name in ("spec.json", "result.json", "said.txt"))
        facts = {
            "plan": plan.model_dump(),
            "rows": [[row.ids, row.labels] for row in chosen.rows],
            "order": chosen.order,
            "batch_size": chosen.size,
            "accumulation": chosen.accumulation,
            "steps": chosen.steps,
            "evaluate": chosen.evaluate,
            "tried": [asdict(one) for one in tried],
            "folder": folder,
        }
        spec.write_text(json.dumps(facts), "utf-8")
        tell(0.01, "starting the measurement")
        with said.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "training.forecast.measuring", str(spec), str(result)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | {"PYTHONPATH": _python_path()},
            )
            try:
                _wait(process, tell)
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
                if process.stdout:
                    process.stdout.close()
        if process.returncode:
            raise TrainingError(_why(process.returncode, said.read_text("utf-8", "replace")))
        return read(json.loads(result.read_text("utf-8")) | {"when": datetime.now(UTC).isoformat(timespec="seconds")})


def remove_leftovers(folder: Path) -> None:
    """Removes what measurements left that were killed: no other is as old as that."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > 2 * MOST_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], tell: Report) -> None:
    """Passes on what the process says until it is done; stands still for no longer than MOST_SECONDS in all."""
    last: list[Any] = [0.02, "starting the measurement"]

    def listen(stream: IO[bytes]) -> None:
        for line in stream:
            try:
                facts = json.loads(line)
                last[:] = [float(facts["done"]), str(facts["line"])]
            except (ValueError, KeyError, TypeError):
                continue  # a library printed something

    assert process.stdout is not None
    ear = threading.Thread(target=listen, args=(process.stdout,), daemon=True)
    ear.start()
    begun = time.monotonic()
    while process.poll() is None:
        tell(float(last[0]), str(last[1]))
        if time.monotonic() - begun > MOST_SECONDS:
            raise TrainingError(f"the measurement took more than {MOST_SECONDS / 60:.0f} minutes and was given up.")
        time.sleep(LOOK_SECONDS)
    ear.join(timeout=LOOK_SECONDS)


def _python_path() -> str:
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def _why(code: int, said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    if code == KILLED:
        reason = "the system ended the process, most likely because the memory ran out"
    else:
        reason = lines[-1].rstrip(".") if lines else f"exit code {code}"
    return f"no step could be measured: {reason}. Lower batch_size or max_length, or set quantization=4bit."


def read(facts: dict[str, Any]) -> Measured:
    """A measurement from its JSON. Raises TypeError or KeyError for what is none."""
    known = {field.name for field in fields(Measured)}
    cleaned = {name: value for name, value in facts.items() if name in known}
    for name in ("steps", "evaluations"):
        cleaned[name] = tuple(Timed(**(one | {"parts": _batches(one["parts"])})) for one in facts[name])
    return Measured(**(cleaned | {"largest": _batches(facts["largest"])}))


def _batches(facts: Sequence[dict[str, int]]) -> tuple[Batch, ...]:
    return tuple(Batch(**one) for one in facts)


def kept_at(plan: TrainingPlan, folder: Path) -> Path:
    """The file in which a measurement of this plan on this machine is kept; another machine, model or knob is another
    file."""
    told = [
        EDITION,
        _processor(),
        os.cpu_count(),
        os.environ.get("OMP_NUM_THREADS", ""),
        os.environ.get("CUDA_VISIBLE_DEVICES", ""),
        _model_mark(plan.model),
        [getattr(plan, knob) for knob in KNOBS],
        min(plan.accumulation, ACCUMULATED),
        [_installed(package) for package in PACKAGES],
    ]
    return folder / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}.json"


def keep(plan: TrainingPlan, measured: Measured, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(kept_at(plan, folder), json.dumps(asdict(measured), indent=1))


def kept(plan: TrainingPlan, folder: Path) -> Measured | None:
    """The measurement of this plan on this machine that was kept, or None."""
    try:
        return read(json.loads(kept_at(plan, folder).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _processor() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _model_mark(model: str) -> list[Any]:
    """What changes when a model's files do; their sizes and times, since hashing gigabytes takes longer than a step."""
    folder = Path(model)
    if not folder.is_dir():
        return [model]
    names = sorted([*folder.glob("*.safetensors"), *folder.glob("config.json")])
    return [folder.name, *[[one.name, one.stat().st_size, int(one.stat().st_mtime)] for one in names]]


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
