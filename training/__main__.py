"""Training from the command line, without the app: `python -m training plan.json rows.parquet out/ [--resume]`

Exit codes: 0 done, 2 a mistake in what was given, told in one sentence; 130 and 143 stopped, to be resumed.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from training import ranks
from training.errors import PlanError, RowsError, TrainingError

MISTAKE, INTERRUPTED, TERMINATED = 2, 130, 143


class Terminated(BaseException):
    """Somebody asked the process to end; a checkpoint is saved on the way out."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the plan and returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    options.add_argument("plan", type=Path, help="JSON file with the knobs; what is missing has its default")
    options.add_argument("rows", type=Path, help="Parquet or JSONL with row_id, messages and, where wanted, group")
    options.add_argument("out", type=Path, help="folder for the adapter, the metrics and the checkpoints")
    options.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="overrules the plan's value")
    options.add_argument("--resume", action="store_true", help="go on from the newest checkpoint in OUT")
    given = options.parse_args(arguments)
    asked_to_end = False

    def on_terminate(number: int, frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True

    before = signal.signal(signal.SIGTERM, on_terminate)

    def report(done: float, line: str) -> None:
        if ranks.is_first():
            print(f"{done:4.0%}  {line}", flush=True)
        if asked_to_end:
            raise Terminated

    try:
        return run(given, report)
    except (TrainingError, OSError) as mistake:
        print(f"{mistake}", file=sys.stderr)
        return MISTAKE
    except (Terminated, KeyboardInterrupt) as stop:
        print(
            f"stopped. Go on with: python -m training {given.plan} {given.rows} {given.out} --resume", file=sys.stderr
        )
        return INTERRUPTED if isinstance(stop, KeyboardInterrupt) else TERMINATED
    finally:
        signal.signal(signal.SIGTERM, before)
        ranks.part()


def run(given: argparse.Namespace, report: object) -> int:
    from training.machine import settle_environment

    settle_environment()
    if not given.plan.is_file():
        raise PlanError(f"there is no plan {given.plan}. Write one, for instance: {{}} for all defaults.")
    from training.plan import TrainingPlan

    plan = TrainingPlan.read(given.plan.read_text("utf-8")).with_settings(given.set)
    rows = read_rows(given.rows)
    from training.lora import train

    result = train(plan, rows, given.out, report=report, resume=given.resume)  # type: ignore[arg-type]
    if not ranks.is_first():
        return 0
    for note in result.notes:
        print(f"note: {note}")
    curve = ", ".join(f"step {step}: {loss:.3f}" for step, loss in result.validation_losses)
    print(f"validation loss: {curve or 'not measured'}")
    print(f"{result.adapter}  (step {result.best_step} of {result.steps}, {result.seconds:.0f} s)")
    return 0


def read_rows(path: Path) -> object:
    """The rows of a Parquet or JSONL file. Raises RowsError."""
    import polars as pl

    if not path.is_file():
        raise RowsError(f"there is no file {path} with rows.")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        rows = pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError, ValueError) as problem:
        raise RowsError(f"{path} cannot be read as rows: {str(problem).strip().splitlines()[0]}") from problem
    return rows if "row_id" in rows.columns else rows.with_row_index("row_id")


if __name__ == "__main__":
    raise SystemExit(main())
