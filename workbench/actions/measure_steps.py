"""Time some real steps of a run on this machine, so that its plan says how long it takes instead of guessing."""

from __future__ import annotations

from collections.abc import Iterable

from training.forecast.measure import Measured, keep, measure
from training.forecast.memory import largest_batch
from workbench.settings import Report, no_report
from workbench.store import Store
from workbench.training_side import MEASUREMENTS, computes_in_bf16, costed, prepare


def measure_steps(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    report: Report = no_report,
) -> Measured:
    """Some steps on batches of this version's rows, timed, with their memory; what is learned is thrown away.

    Kept in the store for the same machine, model and knobs: `plan_training` and the next run find it there. After
    14 seconds no further step is begun, once each size was timed. Raises as `plan_training` does, and TrainingError
    when no step can be done.
    """
    report(0.0, "reading the rows")
    prepared = prepare(store, version, model=model, settings=settings, wait=False)
    done = costed(store, prepared)
    device = "cuda" if done.cost.measured and done.cost.measured.device == "cuda" else "cpu"
    bf16 = computes_in_bf16(done.plan, device, None)
    largest = largest_batch(done.plan, done.model, done.cost.work, device, bf16)  # type: ignore[arg-type]
    folder = store.folder(MEASUREMENTS)  # on the disk that the run will save to
    found = measure(done.plan, done.training, largest.longest, report=report, on_disk_of=folder)
    keep(done.plan, found, folder)
    report(1.0, "measured")
    return found
