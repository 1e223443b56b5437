"""What a run will need before it is begun: tokens, steps, time and memory, each with where its formula comes from"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from training.forecast.band import TimeParts, band_of
from training.forecast.line import Line, Point, line_through, spread_around
from training.forecast.measure import Measured, Timed
from training.forecast.memory import MemoryParts, learned, memory_parts, recomputes
from training.forecast.sizes import ModelSize as ModelSize
from training.forecast.sizes import size_of as size_of
from training.forecast.workload import Batch, Workload, typical
from training.plan import TrainingPlan
from training.run.replies import PART_COST
from training.run.watch import SAVE_SECONDS

# Arithmetic a device really does on such small products, in operations a second and core. Own measurements on an AMD
# EPYC with AVX512_BF16: 190e9 (bf16 autocast) and 124e9 (fp32) on two cores with SmolLM2-135M.
CPU_CORE = {"bf16": 95e9, "fp32": 62e9}
# One data-centre GPU at 35 to 45 % of an H100's peak gives 8 to 14 thousand tokens a second with 8B (NVIDIA NeMo's
# published 25 thousand a GPU is the ceiling): some 3e14. Older cards are slower, hence the wide range below.
GPU = {"bf16": 3e14, "fp32": 4e13}
SPREAD = {"known speed": (0.9, 1.15), "cpu": (0.6, 2.0), "cuda": (0.5, 5.0)}  # of the time, when the guess is off
MEMORY_SPREAD = {True: (0.93, 1.1), False: (0.7, 1.5)}  # measured or by formula
DORA_TIME, FOUR_BIT_TIME = 1.4, 1.4  # seconds against LoRA; 4 bit: 0.6 to 0.8 times the speed on GPUs (published)
DISK = 2e8  # bytes a second that a checkpoint is written with, where none was timed
OPTIMIZED = 12  # bytes of a checkpoint for each learned weight: itself and AdamW's two moments, in fp32
LOADING = {"cpu": 15.0, "cuda": 20.0}  # seconds to import the libraries, with a warm disk
READING = 5e8  # bytes a second that weights are read with
CHECKPOINTS_KEPT = 3

Unit = Literal["tokens", "steps", "seconds", "bytes", "parameters", "tokens a second"]


@dataclass(frozen=True)
class Quantity:
    """One figure of an estimate with its bounds and the source of its formula."""

    name: str
    value: float
    low: float
    high: float
    unit: Unit
    formula: str
    source: str


@dataclass(frozen=True)
class Cost:
    """What a run is expected to need. free: seconds on the same machine while it does nothing else; within: where the
    bounds of the time come from, in sentences."""

    tokens: Quantity
    steps: Quantity
    seconds: Quantity
    memory: Quantity
    disk: Quantity
    speed: Quantity
    adapter: Quantity
    work: Workload
    parts: MemoryParts
    times: TimeParts
    free: float
    within: str
    measured: Measured | None

    def quantities(self) -> list[Quantity]:
        """All figures, in the order a person asks for them."""
        return [self.seconds, self.memory, self.disk, self.steps, self.tokens, self.speed, self.adapter]

    def told(self) -> dict[str, Any]:
        """The prediction as plain values, to be kept beside the run and held against it afterwards."""
        return {
            "measured": self.measured is not None,
            "busy": bool(self.measured and self.measured.busy),
            "when": self.measured.when if self.measured else None,
            "seconds": self.seconds.value,
            "seconds_low": self.seconds.low,
            "seconds_high": self.seconds.high,
            "seconds_free": self.free,
            "seconds_within": self.within,
            "seconds_by_part": asdict(self.times),
            "memory": self.memory.value,
            "memory_by_part": dict(self.parts.parts),
            "memory_formula": self.parts.formula,
            "steps": self.steps.value,
            "tokens": self.tokens.value,
            "trained_tokens": self.work.trained,
            "padding_share": self.work.padding_share,
        }


def work_of(batch: Batch, plan: TrainingPlan, model: ModelSize) -> float:
    """Operations of a forward and a backward pass over a batch.

    A weight costs 2 operations a token forward, 2 for the gradient of its input, and 2 more where it is learned.
    Attention: 12 x width x length a token and layer, both ways together.
    """
    each = 6 if plan.method == "full" else 4
    adapter = 0 if plan.method == "full" else 6 * learned(plan, model)
    head = each * model.vocabulary * model.hidden  # only labelled positions go through the output layer
    attention = 12 * model.layers * model.hidden * batch.longest
    return float(batch.padded * (each * model.block_parameters + adapter + attention) + batch.trained * head)


def estimate(
    plan: TrainingPlan,
    model: ModelSize,
    *,
    rows: int,
    tokens: int,
    trained_share: float = 0.5,
    longest: int | None = None,
    tokens_per_second: float | None = None,
    device: Literal["cpu", "cuda"] = "cpu",
    cores: int = 2,
    bf16: bool = True,
    work: Workload | None = None,
    measured: Measured | None = None,
    operations: float | None = None,
) -> Cost:
    """Tokens, steps, time and memory of a run over `rows` rows of together `tokens` tokens, before it is begun.

    trained_share: part of the tokens with a label. longest: tokens of the longest row. work: the run's real batches
    (`training.forecast.workload`); without it rows of the mean length stand for them. measured: real steps on this
    machine (`training.forecast.measure`); without them, or a known number of tokens_per_second, time is a rough guess
    with wide bounds. operations: what the device does a second, for a card that is not here.
    """
    work = work or typical(plan, rows=rows, tokens=tokens, trained_share=trained_share, longest=longest, device=device)
    adapter = learned(plan, model)
    if measured is not None:
        step, check = _lines(plan, model, measured)
        known = "measured"
    else:
        able = (
            operations
            or (GPU if device == "cuda" else {name: each * cores for name, each in CPU_CORE.items()})[
                "bf16" if bf16 else "fp32"
            ]
        )
        step, check = _guessed(plan, model, work, able, tokens_per_second, device)
        known = "known speed" if tokens_per_second else device
    times = _times(plan, model, work, measured, step, check, device)
    parts = memory_parts(plan, model, work, device=device, bf16=bf16, measured=measured)
    free = times.total * (measured.free_share() if measured else 1.0)
    if measured is not None:
        by_clock, by_processor = (
            spread_around(step, _step_points(plan, model, measured, steady=steady)) for steady in (False, True)
        )
        found = band_of(times, work, measured, *by_clock, alone=by_processor[0])
        low, high, within = found.low, found.high, found.told
    else:
        low, high = times.total * SPREAD[known][0], times.total * SPREAD[known][1]
        within = "Nothing was measured: the bounds are those of guesses like this one."
    by_memory = MEMORY_SPREAD[measured is not None]
    checkpoint = (measured.checkpoint_bytes if measured else None) or adapter * OPTIMIZED
    speed = work.tokens / times.training if times.training else 0.0
    return Cost(
        tokens=_exact("tokens", work.tokens, "tokens", "tokens of the training rows x epochs", "its tokenizer"),
        steps=_exact("steps", work.steps, "steps", "epochs x rows / (batch size x accumulation)", "the plan"),
        seconds=Quantity("time", times.total, low, high, "seconds", *_told(known)),
        memory=Quantity(
            "memory",
            parts.total,
            parts.total * by_memory[0],
            parts.total * by_memory[1],
            "bytes",
            "a real step on the largest batch" if parts.measured else "the sum of its parts, each by formula",
            "measured on this machine" if parts.measured else "fitted to measured runs of a small model",
        ),
        disk=_exact(
            "disk", CHECKPOINTS_KEPT * checkpoint + adapter * 4, "bytes", "3 checkpoints and the adapter", "what stays"
        ),
        speed=Quantity("speed", speed, speed * times.total / high, speed * times.total / low, "tokens a second",
                       *_told(known)),
        adapter=_exact("adapter", adapter, "parameters", "rank x (inputs + outputs) of each linear layer",
                       "LoRA, Hu et al. 2021, arXiv 2106.09685"),
        work=work,
        parts=parts,
        times=times,
        free=free,
        within=within,
        measured=measured,
    )  # fmt: skip


def _told(known: str) -> tuple[str, str]:
    if known in ("measured", "known speed"):
        return "a + b x work of each batch, evaluations, loading, saving, ending", "steps timed on this machine"
    return (
        "operations / operations a second; forward and input gradients take 2 a weight each",
        "a guess: device figures measured on an AMD EPYC (CPU), published for an H100 (GPU)",
    )


def overhead_of(plan: TrainingPlan, model: ModelSize, device: str) -> float:
    """What a batch costs besides its tokens, as operations: reading the weights, Python."""
    return PART_COST * work_of(Batch(1, 1, 1, 0), plan, model) if device == "cpu" else 0.0


def _lines(plan: TrainingPlan, model: ModelSize, measured: Measured) -> tuple[Line, Line]:
    """The lines through the timed steps and the timed evaluations."""
    overhead = overhead_of(plan, model, measured.device)
    points = _step_points(plan, model, measured, steady=True)
    checked = _points(plan, model, measured, measured.evaluations, steady=True)
    forward = checked or [(batches, work, seconds / 3) for batches, work, seconds in points]
    return line_through(points, overhead=overhead), line_through(forward, overhead=overhead)


def _step_points(plan: TrainingPlan, model: ModelSize, measured: Measured, *, steady: bool) -> list[Point]:
    """The timed steps without the optimizer's part, which comes once a step however many batches it has."""
    return [
        (batches, work, max(seconds - measured.optimizer_seconds, 0.05 * seconds))
        for batches, work, seconds in _points(plan, model, measured, measured.steps, steady=steady)
    ]


def _points(
    plan: TrainingPlan, model: ModelSize, measured: Measured, timed: Sequence[Timed], *, steady: bool
) -> list[Point]:
    """(batches, work, seconds) of what was timed; steady: as it would be had the machine been as busy all the while.

    On a CPU the clock jumps with what other programs do meanwhile; the processors' own time hardly does. So the shape
    comes from that, and only the sum from the clock.
    """
    by_clock, own = sum(one.seconds for one in timed), sum(one.cpu_seconds for one in timed)
    steady = steady and measured.device == "cpu" and own > 0
    return [
        (
            len(one.parts),
            sum(work_of(part, plan, model) for part in one.parts),
            one.cpu_seconds * by_clock / own if steady else one.seconds,
        )
        for one in timed
    ]


def _guessed(
    plan: TrainingPlan, model: ModelSize, work: Workload, able: float, speed: float | None, device: str
) -> tuple[Line, Line]:
    """Time in proportion to the work; evaluation, forward only, a third of it."""
    slower = (DORA_TIME if plan.method == "dora" else 1.0) * (
        FOUR_BIT_TIME if plan.quantization == "4bit" and device == "cuda" else 1.0
    )
    if recomputes(model, "cuda" if device == "cuda" else "cpu"):
        slower *= 1.5 if plan.method != "full" else 4 / 3  # the forward pass once more
    by_work, overhead = slower / able, overhead_of(plan, model, device)
    if speed:
        every = work.times * sum(work_of(batch, plan, model) + overhead for batch in work.batches)
        by_work = work.tokens / speed / every if every else 0.0
    return Line(overhead * by_work, by_work), Line(overhead * by_work / 3, by_work / 3)


def _times(
    plan: TrainingPlan, model: ModelSize, work: Workload, measured: Measured | None, step: Line, check: Line,
    device: Literal["cpu", "cuda"],
) -> TimeParts:  # fmt: skip
    training = work.times * sum(step.at(1, work_of(batch, plan, model)) for batch in work.batches)
    evaluating = work.evaluations * sum(check.at(1, work_of(batch, plan, model)) for batch in work.evaluation)
    each = measured.checkpoint_seconds if measured else None
    if each is None:
        each = learned(plan, model) * OPTIMIZED / DISK
    if measured is None:
        loading, ending = LOADING[device] + 2 * model.parameters / READING, learned(plan, model) * 4 / DISK
    else:
        training += work.steps * measured.optimizer_seconds + measured.beginning_seconds
        loading, ending = measured.seconds_loading, measured.ending_seconds
    apart = (training + evaluating) / max(1, work.saves)  # a run also saves when it has not for SAVE_SECONDS
    saves = work.saves * (1 + apart // SAVE_SECONDS)
    return TimeParts(loading, training, evaluating, saves * each, ending)


def _exact(
    name: str, value: float, unit: Literal["tokens", "steps", "bytes", "parameters"], formula: str, source: str
) -> Quantity:
    return Quantity(name, value, value, value, unit, formula, source)
