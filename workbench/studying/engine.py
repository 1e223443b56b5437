"""A study at work: each arm trained, then measured; what is done is kept, what was cut short goes on"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from training.errors import Diverged
from training.result import NOT_A_NUMBER
from workbench import running
from workbench.errors import BadInput
from workbench.records import Run, Study
from workbench.settings import Report
from workbench.store import Store, goldens, runs
from workbench.store.row_files import write_whole
from workbench.studying import measuring
from workbench.studying.design import ArmPlan, Design, folder
from workbench.studying.measuring import Measured
from workbench.training_side import Prepared

SPENT = "spent.json"
BROKEN, PRUNED = "diverged", "pruned"
TRAINING = 0.75  # of an arm's part of the progress bar; the rest is measuring
NOTE_SECONDS = 5.0  # how much of the time spent a killed process may leave uncounted


class OutOfBudget(Exception):
    """The minutes are over: no further run begins."""


@dataclass
class Work:
    """A study in progress: its design, rows and the runs it has so far."""

    store: Store
    study: Study
    design: Design
    prepared: Prepared
    report: Report
    by_arm: Mapping[str, float]
    clock: Callable[[], float] = time.monotonic
    done: float = 0.0  # predicted seconds of what is finished
    table: pl.DataFrame = field(init=False)
    samples: list[Any] = field(init=False)
    _begun: tuple[float, float] | None = field(default=None, init=False)  # (clock, seconds spent before) while timed
    _noted: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.prepared = replace(self.prepared, golden=goldens.by_id(self.store, self.design.golden_id))
        self.table = self.prepared.table()
        self.samples = measuring.dev_rows(self.store, self.prepared.golden, self.prepared.version)

    @property
    def place(self) -> Path:
        return Path(folder(self.store, self.study.id))

    @property
    def spent(self) -> float:
        """Seconds of work so far, over all attempts."""
        return seconds_spent(self.place)

    def runs(self) -> dict[str, Run]:
        """Arm -> its run, as far as it was begun."""
        return {str((run.arm or {}).get("name")): run for run in runs.listed(self.store, study_id=self.study.id)}

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Adds what happens inside to the time spent, also when it is stopped; killed, but for the last seconds."""
        self._begun = self.clock(), self.spent
        try:
            yield
        finally:
            self._note_time()
            self._begun = None

    def tick(self) -> None:
        """Notes the time spent, now and then."""
        if self.clock() - self._noted > NOTE_SECONDS:
            self._note_time()

    def _note_time(self) -> None:
        if self._begun is None:
            return
        since, before = self._begun
        self._noted = self.clock()
        text = json.dumps({"seconds": before + self._noted - since})
        write_whole(self.place / SPENT, lambda part: part.write_text(text))

    def check_budget(self) -> None:
        """Raises OutOfBudget once the minutes are over."""
        allowed = allowed_seconds(self.study, self.design)
        if allowed is not None and self.spent >= allowed:
            raise OutOfBudget

    def told(self, arm: str, begin: float = 0.0, end: float = 1.0) -> Report:
        """The progress of a part of one arm as progress of the study."""
        total = sum(self.by_arm.values()) or 1.0
        own = self.by_arm.get(arm, total / max(1, len(self.by_arm)))

        def report(done: float, line: str) -> None:
            self.tick()
            self.report(min(0.99, (self.done + own * (begin + done * (end - begin))) / total), f"{arm}: {line}")

        return report

    def finished(self, arm: str) -> None:
        self.done += self.by_arm.get(arm, 0.0)


def allowed_seconds(study: Study, design: Design) -> float | None:
    """After how many seconds of work no run begins: as first decided, or as granted since; None for no limit."""
    granted = study.settings.get("granted") or ()
    if granted:
        last = granted[-1]
        return None if last["minutes"] is None else float(last["spent"] + 60 * last["minutes"])
    minutes = design.options.get("minutes")
    return None if minutes is None else 60.0 * float(minutes)


def seconds_spent(place: Path) -> float:
    """Seconds of work of the study in this folder, over all attempts."""
    path = place / SPENT
    return float(json.loads(path.read_text())["seconds"]) if path.is_file() else 0.0


def carry_out(work: Work) -> None:
    """Trains and measures every arm that is not done yet. Raises OutOfBudget between two arms, and as `report` does."""
    measure_bases(work)
    for arm in work.design.arms:
        run = trained(work, arm)
        if run is not None:
            measured(work, arm, run)
        work.finished(arm.name)


def measure_bases(work: Work) -> None:
    """The untuned models on golden, each once; the answers are cached over all studies of the store."""
    for number, model in enumerate(work.design.models):
        path = work.place / "measured" / f"base-{number}.json"
        if measuring.kept(path) is None:
            with work.timed():
                found = _measure(work, model, None, Path(work.store.folder("studies", "base")), _quietly(work, model))
                measuring.keep(path, found)


def trained(work: Work, arm: ArmPlan, watch: Callable[[Run, Report], Report] | None = None) -> Run | None:
    """The run of an arm, trained to its end from wherever it stands; None when its loss was no number at some step.

    watch: puts something of its own around the report of a run, as a sweep does to end a trial early.
    """
    if arm.run is not None:
        return runs.get(work.store, arm.run)
    run = work.runs().get(arm.name)
    state = (run.arm or {}).get("state") if run else None
    if state in (BROKEN, PRUNED):
        return None
    if run is not None and run.result is not None:
        return _whole(work, run)
    work.check_budget()
    resume = run is not None
    if run is None:
        about = {"name": arm.name, "side": arm.side, "seed": arm.seed, "rows": arm.rows, "size": arm.size}
        run = running.begin(
            work.store, replace(work.prepared, plan=arm.plan()), study_id=work.study.id, arm=about,
            rows=rows_of(work, arm),
        )  # fmt: skip
    elif not (path := runs.folder(work.store, run.id) / "rows.parquet").exists():
        write_whole(path, lambda part: rows_of(work, arm).write_parquet(part))
    report = work.told(arm.name, 0.0, TRAINING)
    try:
        with work.timed():
            run = running.carry_on(work.store, run, watch(run, report) if watch else report, resume=resume)
    except Diverged as problem:
        runs.note(work.store, run.id, arm={**(run.arm or {}), "state": BROKEN, "why": str(problem)})
        return None
    return _whole(work, run)


def _whole(work: Work, run: Run) -> Run | None:
    """The run, or None where its loss was no number at some step.

    Such a run keeps the adapter of its last good step: trained on a smaller budget than those it would stand beside.
    """
    if (run.result or {}).get("ended") != NOT_A_NUMBER:
        return run
    why = next((note for note in (run.result or {}).get("notes", ()) if "Kept is step" in note), NOT_A_NUMBER)
    runs.note(work.store, run.id, arm={**(run.arm or {}), "state": BROKEN, "why": why})
    return None


def rows_of(work: Work, arm: ArmPlan) -> pl.DataFrame:
    """The rows file of an arm: what it trains on and what is kept aside, marked. Raises BadInput when rows are gone."""
    mine, aside = set(work.design.sets[arm.rows]), set(work.design.aside)
    table = work.table.filter(pl.col("row_id").is_in(list(mine | aside)))
    if table.height < len(mine | aside):
        raise BadInput(
            f"{len(mine | aside) - table.height} rows of study {work.study.id} can no longer be trained on. "
            "Begin a new study."
        )
    return table.with_columns(validation=pl.col("row_id").is_in(list(aside)))


def measured(work: Work, arm: ArmPlan, run: Run) -> Measured:
    """The tuned model of an arm on golden's dev rows; measured once."""
    path = path_of(work.store, work.study.id, arm.name)
    found = measuring.kept(path)
    if found is None:
        with work.timed():
            place = runs.folder(work.store, run.id)
            report = work.told(arm.name, TRAINING, 1.0)
            found = _measure(work, arm.model, place / "adapter", place / "answers", report)
            measuring.keep(path, found)
    return found


def path_of(store: Store, study_id: int, arm: str) -> Path:
    """Where the measures of an arm lie."""
    return Path(folder(store, study_id)) / "measured" / f"{quote(arm, safe=' ')}.json"


def _measure(work: Work, model: str, adapter: Path | None, cache: Path, report: Report) -> Measured:
    return measuring.measure(
        model, adapter, work.samples, answers=work.design.answers, max_new_tokens=work.design.max_new_tokens,
        cache=cache, report=report,
    )  # fmt: skip


def _quietly(work: Work, model: str) -> Report:
    def report(done: float, line: str) -> None:
        work.tick()
        work.report(0.0, f"{Path(model).name}, untuned: {line}")

    return report
