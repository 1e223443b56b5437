"""Why and when to change each knob, as the documentation tells it, and a gentle word on a plan that is out of the usual

A word is no refusal: bounds refuse what cannot work, words tell what seldom works.
"""

from __future__ import annotations

from training.plan import TrainingPlan, rate_for
from training.run.trainer import total_steps

# How far from the proposed rate is out of the usual. On SmolLM2-135M (proposed 2e-3) 3e-3 was the best of three rates,
# and 3e-4 clearly learned too little (held-out loss 1.16 against 0.08).
FAR_ABOVE, FAR_BELOW = 4.0, 0.2
MANY_EPOCHS = 10  # at 1e-3 the last five of ten epochs brought 0.015 nats and 4 points of facts within noise
LARGE_RANK = 128  # rank hardly helps: Zhang et al., ICLR 2024, arXiv 2402.17193
LARGE_BATCH = 32  # LoRA suffers from large batches: "LoRA Without Regret", Schulman et al. 2025
MUCH_DROPOUT = 0.3
MUCH_WARMUP = 0.2
FEWEST_STEPS = (
    20  # one epoch of 156 rows in batches of 8 taught the form of the replies; facts took three times as many
)
BYTES_FULL = 16  # a weight, its gradient and two moments of Adam in fp32
CHECKPOINT_BYTES = 12  # the gradient is not kept
SMALL_BASE = 1_000_000_000  # below, 4 bit saves less than the rest of a run takes

WHY = {
    "model": "A larger base model helps more than any knob, and costs in proportion. Begin with the smallest that "
    "speaks your language. Its licence also binds what you make of it.",
    "method": "Take lora first: it learns as well as full from the few thousand rows people have, in two thirds of the "
    "arithmetic and a fraction of the memory, and forgets less. rslora scales by the root of the rank: for ranks of 64 "
    "and more. dora also learns each row's length: slightly better in its authors' tests, slower here. full: many "
    "rows, much memory, and nothing but the whole model will do; its result is a whole model, not a small file. "
    "QLoRA is any of the first three with quantization=4bit.",
    "epochs": "1 to 2 teach tone and form, 3 to 5 single facts. Raise it while the validation loss still falls at the "
    "end; lower it when that loss turns up. The best step is kept in any case.",
    "learning_rate": "The knob that matters most. Leave it empty first. Lower it to a third when the loss jumps or "
    "rises; raise it to double when the loss hardly falls. Small models need more (2e-3 at 135M, 2e-4 from 1B), full "
    "needs a tenth or less of lora.",
    "batch_size": "8 is right nearly always. Smaller when memory is short or rows are few, so that there are more "
    "steps. More than 32 makes LoRA worse. Raise the learning rate a little when you raise it much.",
    "max_length": "Raise it only when rows are cut: a reply whose end is cut teaches the model not to stop. Memory "
    "grows with the longest batch.",
    "validation_share": "Without it nobody sees when the model begins to learn by heart. Copies and variants of one "
    "row stay on one side. With fewer than 100 rows 0.2 is steadier; golden rows are kept apart already.",
    "evaluations_per_epoch": "2 to 4 where an epoch has a hundred steps and more, so that the best step is not missed. "
    "Each reads all validation rows once, at a third of the cost of training on them.",
    "seed": "One run is one draw. Before you believe a small difference, train both sides with three seeds.",
    "quantization": "Where the base model does not fit otherwise. It trains on a slightly worse model (0.18 nats on "
    "SmolLM2-135M); evaluation puts the adapter on the base model in full.",
    "rank": "16 holds what a few thousand rows teach. 64 for new knowledge in many rows. 4 to 8 for tone only, if "
    "the file must be small. It changes neither speed nor quality much.",
    "alpha": "The adapter's change is multiplied by alpha / rank (rslora: by alpha / root of the rank). Set it to "
    "twice the rank and forget it.",
    "dropout": "0 for most. With some hundred rows and many epochs 0.05 delays learning by heart; it slows learning, "
    "too.",
    "accumulation": "When memory allows only small batches: batch_size=1 with accumulation=8 takes the same steps as "
    "batch_size=8, more slowly. Set by itself when memory runs out.",
    "warmup": "0.05 suits most. 0.1 to 0.2 for very short runs or a high learning rate that jumps at the start.",
    "schedule": "linear suits most. constant when you want to go on later or to compare lengths of training; cosine is "
    "seldom different from linear.",
    "weight_decay": "An adapter is small and starts at zero: it needs none. Some for full, against weights that run "
    "away.",
    "max_gradient": "1 suits most. Lower it to 0.3 when the gradient norm has spikes; if nearly every step is "
    "clipped, lower the learning rate instead.",
    "patience": "2 or 3 together with 2 or more evaluations per epoch saves time in long runs. 1 stops at the first "
    "bad draw.",
    "precision": "Leave it. fp32 to rule out rounding when two runs differ without a reason; bf16 is refused where the "
    "processor would only imitate it.",
    "max_steps": "To try a recipe in a minute, or to give two runs the same number of steps. The learning rate then "
    "falls to 0 at that step.",
    "save_every": "Set it when an epoch takes longer than you are willing to lose. Each checkpoint is written whole, "
    "which takes a moment and, with full, much room.",
    "untrainable": "Leave it at stop: such a row is mostly a reply that is empty or lies wholly behind the cut, and "
    "worth a look. leave out goes on and lists them.",
    "report_to": "Only if you use one already: Goldloop draws its own curves. wandb may send your curves away.",
}


def words(plan: TrainingPlan, parameters: int | None = None, rows: int | None = None) -> list[str]:
    """What is out of the usual in a plan, one sentence each, with what to do; empty when nothing is.

    parameters: of the base model, for the learning rate and memory; rows: of the training side, for the steps.
    """
    found = [*_rate(plan, parameters), *_adapter(plan), *_amount(plan, rows), *_watching(plan)]
    if plan.method == "full":
        found += _full(plan, parameters)
    if plan.quantization == "4bit" and parameters is not None and parameters < SMALL_BASE:
        found.append(
            f"quantization=4bit saves little here: the base model has only {_count(parameters)} weights, and 4 bit "
            "makes it a little worse. Leave it at none unless memory runs out."
        )
    return found


def _rate(plan: TrainingPlan, parameters: int | None) -> list[str]:
    rate = plan.learning_rate
    if rate is None:
        return []
    least, most = rate_for(10**9, plan.method, plan.rank), rate_for(0, plan.method, plan.rank)
    if parameters is not None:
        least = most = rate_for(parameters, plan.method, plan.rank)
    size = "any size of model" if parameters is None else f"a model of {_count(parameters)} weights"
    if rate > FAR_ABOVE * most:
        return [
            f"learning_rate={rate:g} is high for {size} and method={plan.method} ({most:g} is proposed): the loss "
            "may jump or become no number. Leave it empty first."
        ]
    if rate < FAR_BELOW * least:
        return [
            f"learning_rate={rate:g} is low for {size} and method={plan.method} ({least:g} is proposed): the run may "
            "learn next to nothing. Leave it empty first."
        ]
    return []


def _adapter(plan: TrainingPlan) -> list[str]:
    default = TrainingPlan()
    changed = [name for name in ("rank", "alpha", "dropout") if getattr(plan, name) != getattr(default, name)]
    if plan.method == "full":
        verb = "does" if len(changed) == 1 else "do"
        return [f"{', '.join(changed)} {verb} nothing with method=full: there is no adapter."] if changed else []
    found = []
    if plan.rank > LARGE_RANK:
        found.append(
            f"rank={plan.rank} makes a large adapter and seldom a better one; 16 to 64 hold most of what rows teach."
        )
    if not 0.5 <= plan.alpha / plan.rank <= 4:
        found.append(
            f"alpha={plan.alpha} is {plan.alpha / plan.rank:g} times the rank; twice the rank is usual. To learn "
            "more or less strongly, change the learning rate."
        )
    if plan.dropout > MUCH_DROPOUT:
        found.append(f"dropout={plan.dropout:g} switches off so much that little is learned; 0.05 to 0.1 is usual.")
    return found


def _amount(plan: TrainingPlan, rows: int | None) -> list[str]:
    found = []
    if plan.epochs > MANY_EPOCHS and plan.max_steps is None:
        found.append(
            f"epochs={plan.epochs:g} is much: after some five the model mostly learns the rows by heart. The best "
            "step is kept, but the time is spent."
        )
    step_rows = plan.batch_size * plan.accumulation
    if step_rows > LARGE_BATCH and plan.method != "full":
        found.append(
            f"{step_rows} rows a step (batch_size x accumulation) are many: adapters learn worse above {LARGE_BATCH}."
        )
    if rows is not None:
        trained = max(1, round(rows * (1 - plan.validation_share)))
        steps = total_steps(plan, trained, plan.batch_size, plan.accumulation)
        if steps < FEWEST_STEPS:
            found.append(
                f"{rows} rows make only {steps} step{'s' if steps != 1 else ''} with this plan; fewer than "
                f"{FEWEST_STEPS} teach little beyond the form of a reply. Write more rows, raise epochs, or lower "
                "batch_size."
            )
    if plan.warmup > MUCH_WARMUP:
        found.append(f"warmup={plan.warmup:g} spends much of the run at low rates; 0.05 to 0.1 is usual.")
    return found


def _watching(plan: TrainingPlan) -> list[str]:
    if plan.validation_share > 0:
        return []
    if plan.patience is not None:
        return ["patience does nothing without validation rows: set validation_share to 0.1, or leave patience empty."]
    return ["without validation rows nothing shows when the model begins to learn by heart; the last step is kept."]


def _full(plan: TrainingPlan, parameters: int | None) -> list[str]:
    said = "method=full changes every weight: each checkpoint and the result hold a whole model, and it forgets more."
    if parameters is not None:
        memory, room = BYTES_FULL * parameters / 1e9, (3 * CHECKPOINT_BYTES + 4) * parameters / 1e9
        said += (
            f" For {_count(parameters)} weights that takes {memory:.1f} GB of memory besides the activations, and up "
            f"to {room:.1f} GB of room on the disk."
        )
    return [said]


def _count(number: int) -> str:
    size, unit = (number / 1e9, "billion") if number >= 1e9 else (number / 1e6, "million")
    return f"{size:.{0 if size >= 10 else 1}f} {unit}"


def knob_table() -> str:
    """Every knob as a table in Markdown: name, default, bounds, what it does, why and when."""
    lines = ["| knob | default | bounds | what it does | why and when |", "|---|---|---|---|---|"]
    for name, field in TrainingPlan.model_fields.items():
        shown = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        default = "empty" if field.default is None else f"`{shown}`"
        lines.append(f"| `{name}`<br>{field.title} | {default} | {_bounds(name)} | {field.description} | {WHY[name]} |")
    return "\n".join(lines)


def _bounds(name: str) -> str:
    """The bounds of a knob: its choices, or its least and greatest value."""
    schema = TrainingPlan.model_json_schema()["properties"][name]
    kinds = next(one for one in schema.get("anyOf", [schema]) if one.get("type") != "null")
    if "enum" in kinds:
        return ", ".join(f"`{choice}`" for choice in kinds["enum"])
    edges = (("minimum", "from"), ("exclusiveMinimum", "above"), ("exclusiveMaximum", "below"), ("maximum", "to"))
    said = [f"{word} {kinds[key]:,}" for key, word in edges if key in kinds]
    return " ".join(said) or "text"
