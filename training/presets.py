"""Four recipes to begin with: what each is for, what it will not do, what it needs, and what was measured of it

    plan = preset("style and tone", parameters=135_000_000, rows=156)

A preset sets only the knobs that differ from the plan as it comes, and fits its length to the number of rows. The
figures are of own runs with SmolLM2-135M on invented desks (one seed where no interval is given): they say what kind of
thing to expect, not what your rows will bring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.errors import PlanError
from training.knobs import FEWEST_STEPS
from training.plan import TrainingPlan, rate_for
from training.run.trainer import steps_per_epoch

FEWEST_ROWS = 8  # fewer do not fill one batch, let alone a validation part
SMALLEST_BATCH = 2


@dataclass(frozen=True)
class Preset:
    """One recipe, in the words of whoever has to choose.

    settings: knob -> value, only those that differ. rate_share: of the learning rate proposed for method and size.
    epochs are as measured on some 150 rows; for few rows they are raised up to most_epochs until there are
    fewest_steps, for many lowered down to least_epochs once there are plenty of steps.
    """

    name: str
    title: str
    purpose: str
    will_not: str
    needs: str
    costs: str
    evidence: str
    source: str
    settings: Mapping[str, Any]
    rate_share: float = 1.0
    least_epochs: int = 1
    most_epochs: int = 4
    fewest_steps: int = FEWEST_STEPS
    plenty: int = 300

    def plan(self, *, model: str | None = None, parameters: int | None = None, rows: int | None = None) -> TrainingPlan:
        """The plan for a base model of this many parameters and this many rows; what is not known stays as measured.

        Raises PlanError when there are too few rows to learn anything.
        """
        plan = TrainingPlan.model_validate({**self.settings, **({} if model is None else {"model": model})})
        changed: dict[str, Any] = {}
        if self.rate_share != 1 and parameters is not None:
            changed["learning_rate"] = float(f"{self.rate_share * rate_for(parameters, plan.method, plan.rank):.1g}")
        if rows is not None:
            changed |= self._fitted(plan, rows)
        return plan.model_copy(update=changed)

    def _fitted(self, plan: TrainingPlan, rows: int) -> dict[str, Any]:
        """epochs and batch_size for this many rows."""
        if rows < FEWEST_ROWS:
            raise PlanError(
                f"{rows} row{'s' if rows != 1 else ''} are too few to learn anything from; {FEWEST_ROWS} are the "
                "least, and some hundred are usual. Write more rows first."
            )
        trained = max(1, round(rows * (1 - plan.validation_share)))
        batch = plan.batch_size
        while batch > SMALLEST_BATCH and steps_per_epoch(trained, batch, 1) * self.most_epochs < self.fewest_steps:
            batch //= 2
        an_epoch = steps_per_epoch(trained, batch, plan.accumulation)
        epochs = plan.epochs
        if epochs * an_epoch < self.fewest_steps:
            epochs = float(min(self.most_epochs, math.ceil(self.fewest_steps / an_epoch)))
        elif epochs * an_epoch > self.plenty:
            epochs = float(min(epochs, max(self.least_epochs, math.ceil(self.plenty / an_epoch))))
        return {"epochs": epochs, "batch_size": batch}


PRESETS = (
    Preset(
        name="first try",
        title="First try",
        purpose="See the whole loop once, in a minute or two: do these rows teach anything at all?",
        will_not="It will not state facts, and its figures are no verdict on your data: it stops after 40 steps.",
        needs="Any 30 rows that end in a reply.",
        costs="At most 40 steps: a minute or two on two processor cores with the embedded 135M model.",
        evidence="After 20 steps (one epoch of 156 rows) the form of the replies was right in 28 of 28 held-out "
        "answers (untuned: none), all of them ended by themselves (untuned: a quarter), and no fact was right.",
        source="own run A, SmolLM2-135M, rate 1e-3, 28 answers",
        settings={"epochs": 1.0, "max_steps": 40, "evaluations_per_epoch": 2, "max_length": 512},
        most_epochs=3,
        plenty=40,
    ),
    Preset(
        name="style and tone",
        title="Style and tone",
        purpose="Answer in your voice and form: greeting, length, layout, when to hand over to a person.",
        will_not="It will not teach facts: what it says of them it makes up, in your voice. Put them into the prompt.",
        needs="100 to 500 replies written the way you want them all to be. One bad habit in them comes back in every "
        "reply.",
        costs="Two epochs at half the usual rate, so that little else is forgotten; it stops by itself when nothing "
        "is gained.",
        evidence="Form and tone are learned first, in one epoch; topic tags came with the second. What more epochs "
        "cost: after five, half of the words said on general questions were others than the base model's, and most "
        "answers began with the desk's greeting.",
        source="own runs A and B, SmolLM2-135M, 16 general questions; LoRA forgets less than full: Biderman et al. "
        "2024, arXiv 2405.09673",
        settings={"epochs": 2.0, "evaluations_per_epoch": 2, "patience": 2},
        rate_share=0.5,
    ),
    Preset(
        name="simple task",
        title="Simple task",
        purpose="One narrow job with a checkable answer: sort, tag, extract, rewrite into a fixed form.",
        will_not="It will not handle labels or cases that no row shows, and it does not learn to reason.",
        needs="Every label or case in many rows, the rare ones too; the same case always answered the same way.",
        costs="Three epochs, more steps when rows are few; it stops by itself when nothing is gained.",
        evidence="The right one of several topic tags: 32 % after one epoch, 75 % after three, 86 % after five (28 "
        "held-out answers, each figure give or take 18 points; untuned 0 %).",
        source="own run A, SmolLM2-135M, rate 1e-3",
        settings={"epochs": 3.0, "evaluations_per_epoch": 2, "patience": 3},
        least_epochs=2,
        most_epochs=6,
        fewest_steps=60,
        plenty=600,
    ),
    Preset(
        name="new knowledge",
        title="New knowledge",
        purpose="State facts of your field without having them in the prompt, where looking them up is not possible.",
        will_not="It will not be reliable: with few rows it states most facts wrongly, and fluently. Looking facts "
        "up is often better: try examples by similarity in the prompt first (goldloop prompts).",
        needs="Every fact in several rows with different questions and differently worded replies.",
        costs="Five epochs and a larger adapter; more is forgotten. No validation rows: a fact that is kept aside "
        "cannot be known from the others, so their loss rises (2.0 to 3.1) while facts are learned. Golden decides.",
        evidence="On our own demo the tuned model stated 18 % of the facts (base 0 %; difference +18 points, 95 % "
        "interval +6 to +30) and made more facts up than before; four similar rows in the prompt stated 36 % with no "
        "training at all. Asked in other words for facts that stood in training, 36 to 43 % were right after five "
        "epochs (28 answers, give or take 18 points); ten epochs brought no more.",
        source="README and docs/prompts.md; own runs B, C and E, SmolLM2-135M; size of the base model helps most: "
        "Zhang et al., ICLR 2024, arXiv 2402.17193",
        settings={"epochs": 5.0, "rank": 64, "alpha": 128, "validation_share": 0.0},
        rate_share=0.5,  # run E: 1e-3 at rank 64; with alpha four times as large each step goes as much further
        least_epochs=3,
        most_epochs=8,
        fewest_steps=100,
        plenty=3000,
    ),
)


def named(name: str) -> Preset:
    """The preset of this name; "style-and-tone", "Style" and "style" mean the same. Raises PlanError."""
    wanted = " ".join(name.replace("-", " ").replace("_", " ").lower().split())
    fitting = [one for one in PRESETS if wanted and one.name.startswith(wanted)]
    fitting = fitting or [one for one in PRESETS if wanted in set(one.name.split()) - {"and"}]
    if len(fitting) != 1:
        known = ", ".join(one.name for one in PRESETS)
        raise PlanError(f'there is no preset "{name}". There are: {known}.')
    return fitting[0]


def preset(
    name: str, *, model: str | None = None, parameters: int | None = None, rows: int | None = None
) -> TrainingPlan:
    """The plan of a preset, fitted to the size of the base model and the number of rows where they are given.

    Raises PlanError for a name that is not known, and when there are too few rows.
    """
    return named(name).plan(model=model, parameters=parameters, rows=rows)


def differences(before: TrainingPlan, after: TrainingPlan) -> dict[str, tuple[Any, Any]]:
    """Knob -> (value before, value after), of those that differ; the base model is none of them."""
    pairs = {
        name: (getattr(before, name), getattr(after, name)) for name in TrainingPlan.model_fields if name != "model"
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def as_settings(plan: TrainingPlan) -> list[str]:
    """["epochs=2", ...]: what differs from the plan as it comes, as `with_settings` takes it."""
    found = differences(TrainingPlan(), plan)
    return [f"{name}={_text(value)}" for name, (_, value) in found.items()]


def _text(value: Any) -> str:
    """A value as `name=value` takes it: 3 for 3.0, none for None."""
    if value is None:
        return "none"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
