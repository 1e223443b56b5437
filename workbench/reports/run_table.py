"""Runs as a table: every knob, what each was trained on and with, how long it took, and what came out

A cell is a plain value (a text, a number, None where it is not known); `text_of` says it as a person reads it, `as_csv`
writes the values themselves.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.adapters.model_card import ADAPTER_KNOBS
from training.plan import TrainingPlan
from workbench.formats.csv_table import FORMULA_SIGNS
from workbench.records import Evaluation, Run
from workbench.reports.tables import UNKNOWN, amount, between, estimate_of, interval, number, span

JOULES_IN_KWH = 3.6e6
SECONDS_IN_HOUR = 3600.0
LIBRARIES = ("torch", "transformers", "peft", "trl")
HASH_SHOWN = 12  # letters of a hash on a screen; the CSV has all of it

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One fact of a run. kind decides how it is said; unit stands in the head of the CSV."""

    key: str
    title: str
    kind: str = "text"
    unit: str = ""


FIXED = (
    Column("run", "run", "number"), Column("state", "state"), Column("stage", "stage"), Column("parent", "from run"),
    Column("study", "study"), Column("arm", "arm"), Column("dataset", "dataset"), Column("version", "trained on"),
    Column("golden", "golden"), Column("train_rows", "rows", "number"),
    Column("validation_rows", "validation rows", "number"),
)  # fmt: skip
MADE_WITH = (
    Column("used_rate", "learning rate used", "number"), Column("used_batch", "batch used", "number"),
    Column("device", "device"), Column("used_precision", "precision used"), Column("threads", "threads", "number"),
    Column("plan_hash", "plan hash", "hash"), Column("data_hash", "data hash", "hash"),
    Column("model_hash", "model hash", "hash"), Column("adapter_hash", "adapter hash", "hash"),
    Column("git", "code"), Column("goldloop", "goldloop"), Column("libraries", "libraries"),
)  # fmt: skip
CAME_OUT = (
    Column("steps", "steps", "number"), Column("kept", "step kept", "number"), Column("ended", "ended"),
    Column("loss", "training loss", "loss", "nats/token"),
    Column("validation", "validation loss", "loss", "nats/token"),
    Column("metric", "metric"), Column("measured_on", "measured on"), Column("score", "score", "score"),
    Column("gain", "against base", "gain"), Column("gain_low", "against base, low", "raw"),
    Column("gain_high", "against base, high", "raw"), Column("evaluation", "evaluation", "number"),
    Column("tokens", "tokens", "number"), Column("seconds", "took", "seconds", "s"),
    Column("memory", "memory", "bytes", "bytes"), Column("eval_memory", "memory, evaluating", "bytes", "bytes"),
    Column("kwh", "energy", "kwh", "kWh"), Column("cost", "cost", "cost"),
    Column("who", "who"), Column("when", "when (UTC)"),
)  # fmt: skip
ALWAYS = ("run", "version", "model", "state", "validation", "gain", "seconds", "when")
# beside the knobs, what is worth a column when it differs; hashes and times always do
TELLING = ("golden", "stage", "parent", "study", "arm", "measured_on", "ended")


def columns_of(plans: Iterable[Mapping[str, Any]] = ()) -> list[Column]:
    """Every column there is, in order; knobs that only these older or newer plans have come last among the knobs."""
    fields = TrainingPlan.model_fields
    names = [*fields, *dict.fromkeys(name for plan in plans for name in plan if name not in fields)]
    knobs = [Column(name, (fields[name].title or name).lower() if name in fields else name, "knob") for name in names]
    return [*FIXED, *knobs, *MADE_WITH, *CAME_OUT]


def facts_of(
    run: Run, *, state: str, evaluation: Evaluation | None = None, price: float | None = None,
    now: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything there is to say of a run, column key -> value.

    evaluation: the newest of its dev rows; price: of an hour of the machine; now: `curves.figures_now` of a run that is
    not finished. A knob that an old plan lacks has its default.
    """
    result, known = run.result or {}, run.provenance or {}
    least = min((loss for step, loss in result.get("validation_losses") or () if step > 0), default=None)
    seconds = result.get("seconds", (now or {}).get("seconds"))
    joules = result.get("joules", (now or {}).get("joules"))
    losses = result.get("losses") or [None]
    defaults = {name: field.default for name, field in TrainingPlan.model_fields.items()}
    return {
        **{**defaults, **run.plan},
        **(dict.fromkeys(ADAPTER_KNOBS) if run.plan.get("method") == "full" else {}),
        "run": run.id, "state": state, "stage": run.stage, "parent": run.parent_id, "study": run.study_id,
        "arm": _arm(run.arm), "dataset": run.dataset, "version": run.version, "golden": run.golden,
        "train_rows": result.get("train_rows", known.get("rows")), "validation_rows": result.get("validation_rows"),
        "used_rate": result.get("learning_rate"), "used_batch": result.get("batch_size"),
        "device": result.get("device") or known.get("device"),
        "used_precision": result.get("precision") or known.get("precision"), "threads": known.get("threads"),
        "plan_hash": known.get("plan_hash"), "data_hash": known.get("data_digest"),
        "model_hash": (known.get("model") or {}).get("digest"),
        "adapter_hash": result.get("adapter_digest")
        or (evaluation.summary or {} if evaluation else {}).get("adapter_digest"),
        "git": git_words(known), "goldloop": known.get("goldloop"), "libraries": _libraries(known),
        "steps": result.get("steps", (now or {}).get("step")), "kept": result.get("best_step"),
        "ended": result.get("ended"), "loss": losses[-1] if result else (now or {}).get("loss"), "validation": least,
        **_measured(evaluation),
        "tokens": result.get("tokens", (now or {}).get("tokens")), "seconds": seconds,
        "memory": result.get("peak_memory") or (now or {}).get("memory"),
        "eval_memory": result.get("eval_peak_memory") or None,
        "kwh": None if joules is None else joules / JOULES_IN_KWH,
        "cost": None if price is None or seconds is None else seconds / SECONDS_IN_HOUR * price,
        "who": run.who, "when": run.when,
    }  # fmt: skip


def git_words(known: Mapping[str, Any]) -> str | None:
    """The commit of the code that trained, and whether files were changed since."""
    git = known.get("git")
    if not git:
        return None
    return f"{str(git.get('commit', ''))[:HASH_SHOWN]}{', with changes' if git.get('dirty') else ''}"


def _libraries(known: Mapping[str, Any]) -> str | None:
    versions = known.get("versions") or {}
    return (
        ", ".join(f"{name} {versions[name]}" for name in ("torch", "transformers", "peft", "trl") if name in versions)
        or None
    )


def _arm(arm: Mapping[str, Any] | None) -> str | None:
    """What a run was in its study, by the name that the study gave it."""
    if not arm:
        return None
    return str(arm.get("name") or "") + (f" ({arm['state']})" if arm.get("state") else "")


def _measured(evaluation: Evaluation | None) -> dict[str, Any]:
    """The deciding metric of an evaluation: tuned, and its difference against base with the interval."""
    names = ("metric", "measured_on", "score", "gain", "gain_low", "gain_high", "evaluation", "unit")
    if evaluation is None or not evaluation.summary:
        return dict.fromkeys(names)
    summary = evaluation.summary
    scorer, unit = summary["primary"]["scorer"], summary["primary"].get("unit", "")
    line = between(summary, "base", "tuned").get(scorer, {})
    gain, low, high = estimate_of(line)
    score = summary["means"].get("tuned", {}).get(scorer)
    said = (line.get("title") or scorer, evaluation.golden, score, gain, low, high, evaluation.id, unit)
    return dict(zip(names, said, strict=True))


def text_of(column: Column, facts: Facts) -> str:
    """A cell as a person reads it."""
    value = facts.get(column.key)
    if column.key == "gain" and value is not None:
        found = {"difference": value, "low": facts.get("gain_low"), "high": facts.get("gain_high")}
        return interval(found, facts.get("unit") or "")
    if column.key == "learning_rate" and value is None and facts.get("used_rate") is not None:
        return f"{plain_number(facts['used_rate'])} (chosen)"
    if value is None:
        return "not measured" if column.key == "kwh" else UNKNOWN
    kinds = {
        "seconds": lambda: span(value), "bytes": lambda: amount(value, "bytes"), "loss": lambda: f"{value:.3f}",
        "kwh": lambda: f"{value:.3g} kWh", "cost": lambda: f"{value:,.2f}", "hash": lambda: str(value)[:HASH_SHOWN],
        "score": lambda: number(value, facts.get("unit") or ""),
    }  # fmt: skip
    if column.kind in kinds:
        return kinds[column.kind]()
    if column.key == "when":
        return str(value)[:16].replace("T", " ")
    return plain_number(value)


def plain_number(value: Any) -> str:
    """A value without the dust of floating point; thousands apart."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def differing(lines: Sequence[Facts], columns: Sequence[Column]) -> list[str]:
    """Keys of the columns in which these runs are not all alike; a cell that is not known yet is no difference."""
    apart = []
    for one in columns:
        values = {repr(line.get(one.key)) for line in lines if one.kind == "knob" or line.get(one.key) is not None}
        if one.key in ("parent", "study"):  # there, an empty cell says "of none"
            values = {repr(line.get(one.key)) for line in lines}
        if len(values) > 1:
            apart.append(one.key)
    return apart


def default_columns(lines: Sequence[Facts], columns: Sequence[Column]) -> list[str]:
    """What is shown unless somebody chooses: the usual few, and the knobs and origins in which these runs differ."""
    apart = set(differing(lines, columns))
    telling = {one.key for one in columns if one.kind == "knob" or one.key in TELLING}
    return [one.key for one in columns if one.key in ALWAYS or one.key in apart & telling]


def cautions(lines: Sequence[Facts]) -> list[str]:
    """What keeps figures of these runs from being read beside each other."""
    said = []
    measured = {line["measured_on"] for line in lines if line.get("measured_on")}
    if len(measured) > 1:
        said.append(
            f"Scores stand on {len(measured)} different golden versions ({', '.join(sorted(measured))}): their "
            "questions differ, so only scores on the same one can be held against each other."
        )
    if len({validation_side(line) for line in lines if line.get("validation") is not None}) > 1:
        said.append(
            "Validation losses are measured on the rows that each run kept aside, in tokens of its own model. Runs "
            "with another version, seed, share or base model cannot be ranked by them."
        )
    return said


def validation_side(line: Facts) -> tuple[Any, ...]:
    """What decides on which rows, and in which tokens, a validation loss is measured: equal means comparable."""
    return tuple(line.get(name) for name in ("version", "seed", "validation_share", "model", "max_length"))


def as_csv(lines: Sequence[Facts], columns: Sequence[Column]) -> str:
    """The values as CSV, all columns; a text that a spreadsheet would run as a formula gets ' before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow([_guarded(f"{one.title} ({one.unit})" if one.unit else one.title) for one in columns])
    for line in lines:
        writer.writerow([_guarded(line.get(one.key)) for one in columns])
    return file.getvalue()


def _guarded(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = str(value)
    return "'" + text if text.startswith((*FORMULA_SIGNS, "\n")) else text
