"""Which method and which base model to try, with reasons, and why not the others; rules written out, no scores"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from training.forecast.bases import BASES, Base, base_of
from training.forecast.cards import TIGHT
from training.forecast.memory import Device, memory_parts
from training.forecast.sizes import ModelSize, size_named, size_words
from training.forecast.task import Task
from training.forecast.workload import Workload
from training.plan import TrainingPlan

ON_A_CPU = 2e9  # parameters; above them a run of some hundred rows takes hours on a desk's processor (by operations)
BY_LANGUAGE = 0.1  # of the rows in a language that the base must know
BIG_STEP, SMALL_STEP = 1.5, 12  # how much larger the next base to try may be
MANY_ROWS = 5_000  # rows from which full tuning of a model can beat an adapter's room for knowledge
LARGE_RANK, SMALL_RANK = 64, 8


@dataclass(frozen=True)
class Choice:
    """Something to try, or not to, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Advice:
    """What to try. enough: what to do first; methods and bases: two or three each; against: why not the others."""

    task: Task
    enough: str
    methods: tuple[Choice, ...]
    bases: tuple[Choice, ...]
    against: tuple[Choice, ...]


def advise(
    plan: TrainingPlan,
    model: ModelSize,
    work: Workload,
    task: Task,
    *,
    languages: Mapping[str, float],
    device: Device,
    bf16: bool,
    memory: float,
) -> Advice:
    """Advice for these rows on this machine. languages: share of the rows by code; memory: bytes there are."""
    there = base_of(plan.model, model.parameters)
    methods, not_methods = _methods(plan, model, work, task, device, bf16, memory)
    bases, not_bases = _bases(plan, model, work, languages, device, bf16, memory, there)
    return Advice(task, _enough(model, task, languages, there), methods, bases, (*not_methods, *not_bases))


def _enough(model: ModelSize, task: Task, languages: Mapping[str, float], there: Base | None) -> str:
    missing = _missing(there, languages) if there else ()
    if missing:
        return f"The base model you have is not made for {', '.join(missing)}, which your rows hold: try another first."
    first = "The base model you have is enough to try first: a run on it tells in minutes whether the rows teach."
    if task.kind == "knowledge":
        return f"{first} Your rows teach facts; facts that change often are better looked up than learned."
    if model.parameters < 0.5e9 and task.kind != "simple task":
        return f"{first} At {size_words(model.parameters)} it learns a manner and short answers, not reasoning."
    return first


def _methods(
    plan: TrainingPlan, model: ModelSize, work: Workload, task: Task, device: Device, bf16: bool, memory: float
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    def needs(**knobs: str) -> float:
        return memory_parts(plan.model_copy(update=knobs), model, work, device=device, bf16=bf16).total

    lora, four, full = (
        needs(method="lora", quantization="none"),
        needs(method="lora", quantization="4bit"),
        needs(method="full", quantization="none"),
    )
    good, bad = [], []
    if lora <= TIGHT * memory:
        good.append(Choice("LoRA", "learns style and simple tasks as well as full tuning, forgets less and fits in "
                                   f"{lora / 1e9:.1f} GB (Biderman et al. 2024, arXiv 2405.09673)."))  # fmt: skip
        bad.append(Choice("QLoRA", "saves memory that is not short here, and is slower."))
    elif four <= TIGHT * memory:
        good.append(Choice("QLoRA", f"LoRA would need {lora / 1e9:.0f} GB; in 4 bit it is {four / 1e9:.0f} GB."))
        bad.append(Choice("LoRA", f"needs {lora / 1e9:.0f} GB, and there are {memory / 1e9:.0f} GB."))
    else:
        bad.append(Choice("LoRA and QLoRA", f"need {lora / 1e9:.0f} and {four / 1e9:.0f} GB, and there are "
                                            f"{memory / 1e9:.0f} GB: lower batch_size or max_length, or take a smaller "
                                            "base model."))  # fmt: skip
    if plan.rank >= LARGE_RANK and good:
        good.append(Choice("rsLoRA", f"keeps a rank of {plan.rank} learning at full strength (arXiv 2312.03732)."))
    else:
        bad.append(Choice("rsLoRA", f"differs from LoRA only at ranks of {LARGE_RANK} and more."))
    if plan.rank <= SMALL_RANK and good:
        good.append(Choice("DoRA", f"learns somewhat more at a rank of {plan.rank}, and takes longer "
                                   "(arXiv 2402.09353)."))  # fmt: skip
    else:
        bad.append(Choice("DoRA", "takes longer a step; its gain was reported at small ranks."))
    if full > TIGHT * memory:
        bad.append(Choice("full", f"needs {full / 1e9:.0f} GB, and there are {memory / 1e9:.0f} GB."))
    elif task.kind == "knowledge" and work.rows >= MANY_ROWS:
        good.append(Choice("full", f"{work.rows:,} rows of facts may be more than an adapter holds; it fits in "
                                   f"{full / 1e9:.1f} GB, and forgets more."))  # fmt: skip
    else:
        bad.append(Choice("full", "changes every weight, forgets more, and brings little for so few rows."))
    return tuple(good), tuple(bad)


def _bases(
    plan: TrainingPlan, model: ModelSize, work: Workload, languages: Mapping[str, float], device: Device, bf16: bool,
    memory: float, there: Base | None,
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:  # fmt: skip
    """The next larger base that is free to use and knows the languages, the largest that fits, and why not the rest."""
    reasons: dict[str, list[str]] = {}
    fitting: list[Base] = []
    for one in BASES:
        smaller = one.parameters <= model.parameters * 1.05
        unfit = there is not None and bool(_missing(there, languages))  # then a smaller one may be better
        if (there is not None and one.name == there.name) or (smaller and not unfit):
            continue
        reason = _against(one, plan, work, languages, device, bf16, memory)
        if reason:
            reasons.setdefault(reason, []).append(one.name.rpartition("/")[2])
        else:
            fitting.append(one)
    told = ", ".join(sorted(language for language, share in languages.items() if share >= BY_LANGUAGE))
    steps = [one for one in fitting if one.parameters >= BIG_STEP * model.parameters] or fitting
    chosen = list(dict.fromkeys([*steps[:1], *steps[len(steps) // 2 : len(steps) // 2 + 1], *steps[-1:]]))
    good = [Choice(one.name, _for(one, model, told)) for one in chosen]
    return tuple(good), tuple(Choice(", ".join(names), reason) for reason, names in reasons.items())


def _for(one: Base, model: ModelSize, told: str) -> str:
    times = one.parameters / model.parameters
    size = f"{size_words(one.parameters)}, {times:.1f} times the size of yours"
    language = f"; made for {told}" if told else ""
    system = "" if one.system == "own role" else f"; a system prompt is {one.system}"
    note = f"; {one.note}" if one.note else ""
    facts = f"{one.licence}, free for any use; context {one.context:,} tokens{language}{system}{note}"
    return f"{size}; {facts}. These facts: {one.known}."


def _against(
    one: Base, plan: TrainingPlan, work: Workload, languages: Mapping[str, float], device: Device, bf16: bool,
    memory: float,
) -> str:  # fmt: skip
    if missing := _missing(one, languages):
        return f"not made for {', '.join(missing)}, which the rows hold"
    if not one.free:
        return f"licence with conditions: {one.conditions}"
    size = size_named(f"{one.parameters / 1e9}b")
    four = plan.model_copy(update={"method": "lora", "quantization": "4bit"})
    if memory_parts(four, size, work, device=device, bf16=bf16).total > TIGHT * memory:
        return "does not fit into the memory here, not even in 4 bit"
    if device == "cpu" and one.parameters > ON_A_CPU:
        return "too slow to train on a processor; rent or borrow a graphics card for it"
    return ""


def _missing(one: Base, languages: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(
        sorted(code for code, share in languages.items() if share >= BY_LANGUAGE and code not in one.languages)
    )
