"""Training from the command line, without the app: `python -m training plan.json rows.parquet out/ [--resume]`

`python -m training --verify RUN_FOLDER` repeats a finished run from its folder alone and says whether it is the same.
Exit codes: 0 done, 1 a repetition differs, 2 a mistake in what was given, told in one sentence; 130 and 143 stopped, to
be resumed.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from training.errors import PlanError, RowsError, TrainingError
from training.run import ranks

if TYPE_CHECKING:
    import polars as pl

DIFFERENT, MISTAKE, INTERRUPTED, TERMINATED = 1, 2, 130, 143


class Terminated(BaseException):
    """Somebody asked the process to end; a checkpoint is saved on the way out."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the plan and returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    options.add_argument("plan", type=Path, nargs="?", help="JSON file with the knobs; what is missing has its default")
    options.add_argument(
        "rows", type=Path, nargs="?", help="Parquet or JSONL with messages and, where wanted, row_id, group, tools"
    )
    options.add_argument("out", type=Path, nargs="?", help="folder for the adapter, the metrics and the checkpoints")
    options.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="overrules the plan's value")
    options.add_argument("--resume", action="store_true", help="go on from the newest checkpoint in OUT")
    options.add_argument("--threads", type=int, metavar="N", help="how many compute on a CPU; changes the rounding")
    options.add_argument("--verify", type=Path, metavar="RUN_FOLDER", help="repeat that run and compare")
    options.add_argument("--model", metavar="FOLDER", help="with --verify: where the base model lies by now")
    given = options.parse_args(arguments)
    if given.verify is None and given.out is None:
        options.error("give a plan, rows and a folder: plan.json rows.parquet out/, or --verify RUN_FOLDER")
    if given.threads is not None and given.threads < 1:
        options.error("--threads must be at least 1")
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
        return run(given, report) if given.verify is None else verify(given, report)
    except (TrainingError, OSError) as mistake:
        print(f"{mistake}", file=sys.stderr)
        return MISTAKE
    except (Terminated, KeyboardInterrupt) as stop:
        again = f"{given.plan} {given.rows} {given.out} --resume"
        print("stopped." if given.verify else f"stopped. Go on with: python -m training {again}", file=sys.stderr)
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
    from training.pairs.kept_stage import stage_beside
    from training.run.data_digest import as_read_by
    from training.run.energy import energy_told
    from training.run.lora import train
    from training.run.provenance import differences, read_provenance
    from training.run.repeat import known_before

    second = stage_beside(given.plan, plan, rows)
    then = known_before(given.plan, plan, rows, second=second)
    rows = rows if second else as_read_by(rows, then["data_digest"] if then else None)
    threads = given.threads or (then or {}).get("threads")
    once_more = second.train if second else train
    result = once_more(plan, rows, given.out, report=report, resume=given.resume, threads=threads)  # type: ignore[arg-type]
    if not ranks.is_first():
        return 0
    for changed in differences(then, read_provenance(given.out) or {}) if then else ():
        print(f"not as in the run that is repeated, so the last digits may differ: {changed}", file=sys.stderr)
    for note in result.notes:
        print(f"note: {note}")
    curve = ", ".join(f"step {step}: {loss:.3f}" for step, loss in result.validation_losses)
    print(f"validation loss: {curve or 'not measured'}")
    print(f"{result.adapter}  (step {result.best_step} of {result.steps}, {result.seconds:.0f} s)")
    if result.joules is not None:
        print(f"energy: {energy_told(result.joules)}")
    return 0


def verify(given: argparse.Namespace, report: object) -> int:
    """Repeats a run and tells whether it came out the same."""
    from training.machine import settle_environment

    settle_environment()
    from training.run.repeat import repeat

    done = repeat(given.verify, model=given.model, threads=given.threads, report=report)  # type: ignore[arg-type]
    print("\n".join(done.lines()))
    return 0 if done.equal else DIFFERENT


def read_rows(path: Path) -> pl.DataFrame:
    """The rows of a Parquet or JSONL file. Raises RowsError."""
    import polars as pl

    from training.run.row_lines import rows_of_lines

    if not path.is_file():
        raise RowsError(f"there is no file {path} with rows.")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        rows = rows_of_lines(path)
    except (pl.exceptions.PolarsError, OSError, ValueError) as problem:
        raise RowsError(f"{path} cannot be read as rows: {str(problem).strip().splitlines()[0]}") from problem
    return rows if "row_id" in rows.columns else rows.with_row_index("row_id")


if __name__ == "__main__":
    ranks.leave(main())
