"""How plans, curves and runs look."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean, median
from typing import Any

from training.result import read_metrics, validation_curve
from workbench.records import Run
from workbench.reports.charts import loss_curve
from workbench.reports.tables import span
from workbench.screens.address import Look, address
from workbench.screens.escape import badge, esc, plural, table
from workbench.store import Store, runs

MOST_RUNS = 100
RECENT = 10  # steps that the training loss is averaged over: a single batch jumps


def curve_html(store: Store, run: Run) -> str:
    """The loss of a run so far, with the figures beside it."""
    lines = read_metrics(runs.folder(store, run.id))
    training = [(line["step"], line["loss"]) for line in lines if line.get("loss") is not None]
    recent = [loss for _, loss in training[-RECENT:]]
    validation = validation_curve(lines)
    result = run.result or {}
    best = result.get("best_step")
    least = min((loss for step, loss in validation if step > 0), default=None)
    facts = [
        ("step", f"{lines[-1]['step']:,}" if lines else "0"),
        (f"training loss, last {RECENT} steps", f"{fmean(recent):.3f}" if recent else "–"),
        ("lowest validation loss", f"{least:.3f}" if least is not None else "–"),
    ]
    if best is not None:
        facts.append(("step that was kept", f"{best:,}"))
    # the median: a short last batch, or a step with an evaluation in it, says nothing of the run
    speeds = [line["tokens_per_second"] for line in lines if line.get("tokens_per_second")]
    if speeds:
        facts.append(("tokens a second", f"{median(speeds):,.0f}"))
    left = lines[-1].get("time_left") if lines and run.result is None else None
    if left:
        facts.append(("left", f"about {span(left)}"))
    shown = "".join(f"<div><b>{esc(value)}</b><span>{esc(name)}</span></div>" for name, value in facts)
    chart = loss_curve(training, validation, f"Loss of run {run.id}", best=best)
    words = "No step has been taken yet." if not chart else (
        "Loss in nats a token: each step light, smoothed bold; validation dashed with dots (step 0: untuned)."
    )  # fmt: skip
    state = badge("trained", "ok") if run.result else badge("not finished", "warning")
    return (
        f"<h3>Run {run.id} on {esc(run.version)} {state}</h3><div class='facts'>{shown}</div>{chart}"
        f"<p class='legend'>{words}</p>{_notes(result)}"
    )


def _notes(result: Mapping[str, Any]) -> str:
    notes = [*(result.get("notes") or ())]
    if cut := result.get("cut_rows"):
        notes.append(f"{plural(len(cut), 'row')} longer than the longest allowed row lost their end.")
    return "".join(f'<p class="quiet">{esc(line)}</p>' for line in notes)


def run_words(run: Run) -> str:
    """A run in a list."""
    return f"Run {run.id} · {run.version} · {run.when[:16].replace('T', ' ')}"


def runs_html(store: Store, look: Look) -> str:
    """All runs, newest first."""
    found = runs.listed(store)[:MOST_RUNS]
    if not found:
        return '<h3>Runs</h3><div class="empty"><p>No run yet.</p></div>'
    lines = []
    for run in found:
        result = run.result or {}
        least = min((loss for step, loss in result.get("validation_losses") or () if step > 0), default=None)
        lines.append(
            [
                f'<a href="{esc(address("/training", dataset=look.get("dataset"), run=run.id))}">Run {run.id}</a>',
                esc(run.version), esc(run.plan.get("model", "")),
                f"{esc(run.plan.get('epochs', ''))} epochs, rank {esc(run.plan.get('rank', ''))}",
                esc(result.get("steps", "–")), "–" if least is None else f"{least:.3f}",
                span(result["seconds"]) if "seconds" in result else "–",
                badge("trained", "ok") if run.result else badge("not finished", "warning"),
                esc(run.who), esc(run.when[:16].replace("T", " ")),
                f'<a href="{esc(address("/evaluation", run=run.id))}">Evaluate</a>' if run.result else "",
            ]
        )  # fmt: skip
    head = [
        "run",
        "trained on",
        "model",
        "recipe",
        "steps",
        "validation loss",
        "took",
        "state",
        "who",
        "when (UTC)",
        "",
    ]
    return f"<h3>Runs</h3>{table(head, lines)}"
