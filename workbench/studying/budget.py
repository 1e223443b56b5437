"""What a study would take, before it is begun: runs, steps, hours, and what the figures rest on"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from evaluators.errors import EvaluationError
from evaluators.models import embedded
from training.errors import ModelError
from training.forecast.estimate import estimate, size_of
from training.machine import cpu_has_bf16
from workbench.asked import DEV
from workbench.records import Run
from workbench.reports.tables import span
from workbench.settings import models_folder
from workbench.store import Store, datasets, evaluations, goldens, runs
from workbench.studying import measuring, trainable
from workbench.studying.asking import Asked
from workbench.studying.design import ArmPlan

LATEST = 5  # earlier runs whose speed counts
# New tokens a second of the adapter at batch 16 on two CPU cores, for a model of 135M: 174 measured at batch 32.
ANSWERS_A_SECOND, OF_PARAMETERS = 150.0, 135e6
GUESS_SPREAD = 3.0  # times: how far off a guess of the answering time may be
SCALED_SPREAD = 2.0  # times: how far off another model's speed, taken by size, may be; wide on purpose, not measured
LOADING = 5.0  # seconds an adapter for loading the model that answers; measured 3 to 8 with 135M


@dataclass(frozen=True)
class Line:
    """The runs of one side. steps: of one run; seconds of all of them, with bounds."""

    side: str
    model: str
    runs: int
    rows: int
    steps: int
    seconds: float
    low: float
    high: float


@dataclass(frozen=True)
class Budget:
    """What a study would take in all. minutes: the cap.

    measured: whether the speed is one of earlier runs here; scaled: whether, for some model, one of another model's.
    """

    lines: tuple[Line, ...]
    answering: float
    seconds: float
    low: float
    high: float
    measured: bool
    minutes: float | None
    by_arm: dict[str, float]
    scaled: bool = False

    @property
    def runs(self) -> int:
        return sum(line.runs for line in self.lines)

    @property
    def sentence(self) -> str:
        """The budget in a sentence."""
        rests = "by the speed of earlier runs here" if self.measured else "a rough guess: no run here to go by yet"
        if self.scaled:
            rests = "by the speed of earlier runs here, of a model without any by another's and its size"
        noun = "1 run" if self.runs == 1 else f"{self.runs} runs"
        told = f"{noun} to train, about {span(self.seconds)} in all ({span(self.low)} to {span(self.high)}; "
        cap = "" if self.minutes is None else f" No run begins after {span(60 * self.minutes)}."
        return f"{told}{rests}), {span(self.answering)} of it for measuring on golden.{cap}"

    def told(self) -> dict[str, Any]:
        """Plain values, to be written down before the first run."""
        return {**asdict(self), "sentence": self.sentence, "runs": self.runs}


def budget_of(store: Store, asked: Asked, *, trained: Collection[str] = (), measured: Collection[str] = ()) -> Budget:
    """What a study would take. Raises ModelError or ModelUnusable for a model that is not there.

    trained, measured: names of the runs of which that is done, for a study that goes on.
    """
    design, table = asked.design, asked.prepared.table()
    seen = {one.model: one.lengths for one in asked.seen}
    longest = asked.prepared.plan.max_length
    lengths = {model: seen[model] if model in seen else trainable.look(model, table, longest).lengths
               for model in design.models}  # fmt: skip
    speeds = {model: _speed(store, design.version, model) for model in design.models}
    scaled = {model: speed for model, own in speeds.items() if own is None
              and (speed := _speed_by_size(store, design.version, model)) is not None}  # fmt: skip
    by_arm: dict[str, float] = {}
    sides: dict[str, list[tuple[ArmPlan, float, float, float, int]]] = {}
    aside = set(design.aside)
    for arm in _all_arms(design.arms, design.sweep.trials if design.sweep else 0):
        if arm.run is not None or arm.name in trained:
            by_arm[arm.name] = 0.0
            continue
        wanted = set(design.sets[arm.rows]) | aside
        known = [length for row, length in lengths[arm.model].items() if row in wanted]
        tokens = sum(ids for ids, _ in known)
        rest = len(aside) / max(1, len(wanted))
        cost = estimate(
            arm.plan().model_copy(update={"validation_share": rest}),
            size_of(embedded.resolve(arm.model, models_folder())),
            rows=len(known),
            tokens=tokens,
            trained_share=sum(labels for _, labels in known) / max(1, tokens),
            longest=max((ids for ids, _ in known), default=0),
            tokens_per_second=scaled.get(arm.model, speeds[arm.model]),
            bf16=cpu_has_bf16(),
        )
        time, off = cost.seconds, SCALED_SPREAD if arm.model in scaled else 1.0
        sides.setdefault(arm.side, []).append(
            (arm, time.value, time.low / off, time.high * off, round(cost.steps.value))
        )
        by_arm[arm.name] = time.value
    lines = tuple(
        Line(side, told[0][0].model, len(told), round(sum(arm.size for arm, *_ in told) / len(told)), told[0][4],
             sum(one[1] for one in told), sum(one[2] for one in told), sum(one[3] for one in told))
        for side, told in sides.items()
    )  # fmt: skip
    answering, spread = _answering(store, asked, len(measured))
    by_arm = {name: value + answering / max(1, len(by_arm)) for name, value in by_arm.items()}
    return Budget(
        lines, answering, sum(one.seconds for one in lines) + answering,
        sum(one.low for one in lines) + answering / spread, sum(one.high for one in lines) + answering * spread,
        all(speeds.values()), design.options.get("minutes"), by_arm,
        bool(scaled) and all(speed or model in scaled for model, speed in speeds.items()),
    )  # fmt: skip


def _all_arms(arms: tuple[ArmPlan, ...], trials: int) -> list[ArmPlan]:
    """The runs as they will be counted: a sweep's trials, and default and winner under the other seeds."""
    if not trials:
        return list(arms)
    first, *others = arms
    tried = [replace(first, name=f"trial {number}", side="trials") for number in range(trials)]
    again = [
        replace(one, name=f"{side}, seed {one.seed}", side=side) for one in others for side in ("default", "winner")
    ]
    return [*tried, *again]


def _speed(store: Store, version: str, model: str) -> float | None:
    """Tokens a second of the latest runs of this dataset with this model, evaluations left out; None without any."""
    dataset = datasets.version(store, version).dataset
    found = [speed for run in runs.listed(store) if run.dataset == dataset and (speed := _speed_of(run, model))]
    return median(found[:LATEST]) if found else None


def _speed_by_size(store: Store, version: str, model: str) -> float | None:
    """Tokens a second by the latest runs of this dataset with other models, each by how many weights it has."""
    dataset, own = datasets.version(store, version).dataset, _weights(model)
    found = [
        speed * weights / own
        for run in runs.listed(store)
        if run.dataset == dataset and own
        if (speed := _speed_of(run, other := str(run.plan.get("model")))) and (weights := _weights(other))
    ]
    return median(found[:LATEST]) if found else None


def _weights(model: str) -> int | None:
    """How many weights a model has, None where it is not here any more."""
    try:
        return size_of(embedded.resolve(model, models_folder())).parameters
    except (EvaluationError, ModelError, OSError):
        return None


def _speed_of(run: Run, model: str) -> float | None:
    result = run.result or {}
    if run.plan.get("model") != model or run.stage != "sft" or not result.get("tokens"):
        return None
    seconds = result.get("seconds", 0.0) - result.get("seconds_evaluating", 0.0)
    return float(result["tokens"]) / seconds if seconds > 0 else None


def _answering(store: Store, asked: Asked, done: int) -> tuple[float, float]:
    """(seconds for measuring every arm on golden's dev rows but those done, by how many times that may be wrong)."""
    design = asked.design
    samples = measuring.dev_rows(store, goldens.by_id(store, design.golden_id), asked.prepared.version)
    arms = len(design.arms) + len(design.models) + (len(design.arms) if design.sweep else 0)
    arms = max(0, arms - done)
    known = _seconds_a_row(store, design.models[0])
    if known is not None and design.answers:
        return known * len(samples) * arms, 1.5
    size = max(size_of(embedded.resolve(model, models_folder())).parameters for model in design.models)
    words = sum(len(one.reference) for one in samples) / 4  # four letters a token, about
    speed = ANSWERS_A_SECOND * OF_PARAMETERS / max(1, size)
    reading = 0.2 * words / speed
    return (words / speed * design.answers + reading + LOADING) * arms, GUESS_SPREAD


def _seconds_a_row(store: Store, model: str) -> float | None:
    """What an answer of the tuned model took in the newest evaluation of this model here, None without one."""
    for one in evaluations.listed(store, finished=True):
        if (one.summary or {}).get("model") == model and (one.summary or {}).get("part", DEV) == DEV:
            told = [a.measured.get("seconds") for a in evaluations.answers_of(store, one.id, "tuned")]
            known = [value for value in told if value]
            return sum(known) / len(known) if known else None
    return None
