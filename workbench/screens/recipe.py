"""How a recipe looks: the cards of presets, what the chosen one does and does not, and what was changed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.plan import TrainingPlan
from training.presets import PRESETS, Preset
from training.run.trainer import total_steps
from workbench.screens.escape import badge, esc, plural
from workbench.screens.form import by_label

CSS = (Path(__file__).parent / "recipe.css").read_text(encoding="utf-8")
OWN = "as it comes"  # no preset


def cards(plans: Mapping[str, TrainingPlan], chosen: str, rows: int) -> dict[str, Any]:
    """What the cards show. plans: name of a preset -> its plan for these rows; one that does not fit is left out."""
    shown = [
        {"name": one.name, "title": one.title, "purpose": one.purpose, "warning": _first(one.will_not),
         "knobs": amount(plans[one.name], rows)}
        for one in PRESETS if one.name in plans
    ]  # fmt: skip
    usual = {
        "name": OWN, "title": "Your own", "purpose": "The plan as it comes, for you to change.", "warning": "",
        "knobs": amount(TrainingPlan(), rows),
    }  # fmt: skip
    return {"cards": [*shown, usual], "chosen": chosen if chosen in plans else OWN}


def amount(plan: TrainingPlan, rows: int) -> str:
    """How much training a plan is over this many rows: "2 epochs, 42 steps"."""
    trained = max(1, round(rows * (1 - plan.validation_share)))
    steps = total_steps(plan, trained, plan.batch_size, plan.accumulation)
    return f"{plan.epochs:g} epoch{'s' if plan.epochs != 1 else ''}, {plural(steps, 'step')}"


def preset_html(preset: Preset | None) -> str:
    """What the chosen preset does, does not, needs and costs, with the evidence and its source."""
    if preset is None:
        return ""
    lines = (
        ("Not for", preset.will_not), ("Needs", preset.needs), ("Costs", preset.costs),
        ("What was measured", f"{preset.evidence} ({preset.source})"),
    )  # fmt: skip
    shown = "".join(f"<dt>{esc(head)}</dt><dd>{esc(text)}</dd>" for head, text in lines)
    return f'<div class="recipe"><dl>{shown}</dl></div>'


def changed_html(
    plan: TrainingPlan, rows: int, start: str, changed: Mapping[str, tuple[Any, Any]], words: Sequence[str]
) -> str:
    """What the plan comes to, which knobs differ from where it began, and what is out of the usual."""
    aside = rows - max(1, round(rows * (1 - plan.validation_share)))
    kept = f", {plural(aside, 'row')} of them kept aside to see when to stop" if aside else ""
    per_step = plan.batch_size * plan.accumulation
    head = f"<p>{esc(plural(rows, 'row'))}{esc(kept)}: {esc(amount(plan, rows))} of {plural(per_step, 'row')}.</p>"
    differs = [
        f"{esc(TrainingPlan.model_fields[name].title or name)} <del>{_value(before)}</del> → <ins>{_value(now)}</ins>"
        for name, (before, now) in changed.items()
    ]
    told = f"<p>Changed from {esc(start)}: {'; '.join(differs)}.</p>" if differs else ""
    unusual = "".join(
        f"<li>{badge('unusual', 'warning')} {esc(by_label(line, TrainingPlan.model_fields))}</li>" for line in words
    )
    return f'<div class="recipe">{head}{told}{f"<ul>{unusual}</ul>" if unusual else ""}</div>'


def told_html(told: Sequence[str]) -> str:
    """How each field of an OpenAI job was taken over."""
    if not told:
        return ""
    lines = [line.partition(":") for line in told]
    shown = "".join(
        f"<dt>{esc(head)}</dt><dd>{esc(by_label(text.strip(), TrainingPlan.model_fields))}</dd>"
        for head, _, text in lines
    )
    return f'<div class="recipe"><p>Taken over from the OpenAI job, field by field:</p><dl>{shown}</dl></div>'


def _first(text: str) -> str:
    """The first clause of what a preset will not do, short enough for a card."""
    return text.partition(":")[0].partition(".")[0].rstrip() + "."


def _value(value: Any) -> str:
    return "empty" if value is None else esc(f"{value:g}" if isinstance(value, float) else value)
