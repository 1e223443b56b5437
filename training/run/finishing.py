"""The end of a run: which step is kept, what the result says, and the adapter with its card"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from training.adapters.adapter import check_adapter, licence_of, write_adapter
from training.result import NOT_A_NUMBER, Ended, Training, validation_curve, write_training
from training.run.energy import energy_told
from training.run.provenance import read_provenance, told
from training.run.run_folder import ADAPTER
from training.run.watch import Watch

if TYPE_CHECKING:
    from training.run.prepared import Run


def finish(
    run: Run, watch: Watch, rate: float, weights: int, ended: Ended, *, before: str = "untuned", rows: str = "rows"
) -> Training:
    """Puts the adapter of the best step and training.json in place. weights: how many were learned.

    before: which model stood at step 0; rows: what was trained on. Of a run that met a loss which was no number it is
    the last good step's. Done once more it gives the same.
    """
    best = watch.good_step() if ended == NOT_A_NUMBER else watch.best_step()
    assert best is not None
    last = watch.lines[-1]
    finite = [line for line in watch.lines if line["loss"] is not None]
    curve = validation_curve(watch.lines)
    if len(curve) > 1 and curve[0][0] == 0 and min(loss for _, loss in curve[1:]) >= curve[0][1]:
        run.note(
            f"the best validation loss after training ({min(loss for _, loss in curve[1:]):.4f}) is not below that of "
            f"the {before} model ({curve[0][1]:.4f}): {'it' if run.plan.method == 'full' else 'this adapter'} has "
            f"learned nothing that holds on other {rows}"
        )
    result = Training(
        adapter=str((run.out / ADAPTER).resolve()),
        steps=finite[-1]["step"],
        best_step=best,
        losses=[line["loss"] for line in finite],
        validation_losses=curve,
        tokens=last["tokens"],
        seconds=last["seconds"],
        seed=run.plan.seed,
        learning_rate=rate,
        train_rows=len(run.rows),
        validation_rows=len(run.validation),
        cut_rows=[(row.row_id, row.cut) for row in run.encoding.cut],
        skipped_rows=[(row.row_id, row.reason) for row in run.encoding.skipped],
        device=run.machine.name,
        precision=run.machine.precision if run.plan.quantization == "none" else f"4bit, {run.machine.precision}",
        batch_size=run.batch_size,
        accumulation=run.accumulation,
        trainable_parameters=weights,
        peak_memory=max(watch.tally.memory, watch.tally.peak.so_far()),
        ended=ended,
        notes=run.notes,
        eval_peak_memory=max((line.get("eval_memory") or 0 for line in watch.lines), default=0),
        seconds_evaluating=round(sum(line.get("eval_seconds") or 0.0 for line in watch.lines), 3),
        seconds_loading=round(run.seconds_loading, 3),
        joules=last.get("joules"),
    )
    write_adapter(
        run.checkpoints / f"checkpoint-{best}",
        run.out / ADAPTER,
        plan=run.plan,
        base=run.plan.model,
        licence=licence_of(run.plan.model),
        data_digest=run.digest,
        facts={**_facts(result, before, rows), **told(read_provenance(run.out) or {})},
    )
    check_adapter(run.out / ADAPTER)
    tally = watch.tally
    result = replace(result, seconds_ending=round(tally.seconds_at(tally.clock()) - last["seconds"], 3))
    write_training(result, run.out)
    run.report(1.0, f"{'model' if run.plan.method == 'full' else 'adapter'} of step {best} saved")
    return result


def _facts(result: Training, before: str, rows: str) -> dict[str, Any]:
    """What the model card tells of a run."""
    at_first = next((f"{loss:.4f}" for step, loss in result.validation_losses if step == 0), "-")
    best = result.best_validation_loss
    return {
        "Steps": f"{result.steps}, best after {result.best_step}",
        "Ended": result.ended,
        "Loss of the last step": f"{result.losses[-1]:.4f}",
        f"Validation loss, {before}": at_first,
        "Validation loss, best": "-" if best is None else f"{best:.4f}",
        rows.capitalize(): f"{result.train_rows} trained, {result.validation_rows} for validation",
        "Tokens": result.tokens,
        "Learning rate": result.learning_rate,
        "Device": f"{result.device}, {result.precision}",
        "Seconds": round(result.seconds, 1),
        "Energy": energy_told(result.joules),
    }
