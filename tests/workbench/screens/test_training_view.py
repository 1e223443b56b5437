"""The figures beside a run's curve: of the run, and not of whatever its last step happened to be."""

from __future__ import annotations

from training.result import append_metrics
from workbench.screens.training_view import curve_html
from workbench.store import Store, runs


def test_speed_and_loss_are_not_those_of_a_short_last_step(store: Store, evaluated) -> None:
    run = runs.get(store, evaluated.run_id)
    folder = runs.folder(store, run.id)
    (folder / "metrics.jsonl").unlink(missing_ok=True)
    for step in range(1, 21):
        last = step == 20
        append_metrics(
            folder,
            {"step": step, "loss": 0.1 if last else 1.1, "eval_loss": None, "tokens_per_second": 66 if last else 300},
        )
    said = curve_html(store, run)
    assert "<b>300</b><span>tokens a second</span>" in said
    assert "<b>1.000</b><span>training loss, last 10 steps</span>" in said
