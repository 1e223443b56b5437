"""Commands on training runs: list them, look at one, set two side by side, write the table, watch a curve."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from workbench.cli.terminal import FINDINGS, ID, opened, progress
from workbench.errors import BadInput
from workbench.records import Run
from workbench.reports.tables import UNKNOWN, amount, plain, span, table
from workbench.store import Store

LOOK_SECONDS = 1.0  # between two looks at a curve that grows
FILTERS = (
    click.option("--price", type=click.FloatRange(min=0), metavar="P", help="Price of an hour: adds what runs cost."),
    click.option("--study", type=ID, metavar="N", help="Only the runs of this study."),
    click.option("--model", metavar="M", help="Only runs on this base model."),
    click.option("--dataset", metavar="NAME", help="Only runs on this dataset."),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which runs are chosen."""
    for option in FILTERS:
        command = option(command)
    return command


@click.group("runs", invoke_without_command=True)
@filtered
@click.option("--columns", metavar="A,B", help="Which columns, by their keys (default: the usual and what differs).")
@click.pass_context
def runs(
    context: click.Context, dataset: str | None, model: str | None, study: int | None, price: float | None,
    columns: str | None,
) -> None:  # fmt: skip
    """List training runs, or show, compare, export and watch them."""
    if context.invoked_subcommand is not None:
        return
    from workbench.actions.list_runs import list_runs
    from workbench.reports.run_table import text_of

    listed = list_runs(opened(context), dataset=dataset, model=model, study=study, price=price)
    wanted = columns.split(",") if columns else [*listed.shown, *(["cost"] if price is not None else [])]
    known = {one.key: one for one in listed.columns}
    if wrong := [key for key in wanted if key not in known]:
        raise BadInput(f"There is no column {', '.join(wrong)}. There are: {', '.join(known)}.")
    shown = [one for one in listed.columns if one.key in wanted]
    click.echo(table([one.title for one in shown], [[text_of(one, line) for one in shown] for line in listed.lines]))
    for note in listed.notes:
        click.echo(note)


@runs.command("show")
@click.argument("run_id", metavar="ID", type=ID)
@click.pass_context
def show(context: click.Context, run_id: int) -> None:
    """Show everything that is known of a run, its curve, and what the doctor says of it."""
    from training.doctor import diagnose
    from training.result import read_metrics
    from workbench.actions.list_runs import list_runs
    from workbench.actions.repeat_run import read_repeated
    from workbench.reports.run_table import text_of
    from workbench.store import runs as kept

    store = opened(context)
    listed = list_runs(store, only=(run_id,))
    line = listed.lines[0]
    for one in listed.columns:
        if line.get(one.key) is not None:
            click.echo(f"{plain(one.title):<26} {plain(text_of(one, line))}")
    run = kept.get(store, run_id)
    click.echo(curve_lines(store, run))
    if done := read_repeated(store, run_id):
        click.echo("\n".join(f"repeated {done.when[:10]}: {plain(line)}" for line in done.lines))
    for found in diagnose(read_metrics(kept.folder(store, run_id)), plan=run.plan, result=run.result):
        click.echo(f"{found.severity}: {plain(found.text)}")
    for note in (run.result or {}).get("notes") or ():
        click.echo(f"note: {plain(note)}")


@runs.command("repeat")
@click.argument("run_id", metavar="ID", type=ID)
@click.option("--model", metavar="FOLDER", help="Where the base model lies by now.")
@click.pass_context
def repeat(context: click.Context, run_id: int, model: str | None) -> None:
    """Train a run once more and say whether it comes out the same, to the last bit; ends with 1 when it does not."""
    from workbench.actions.repeat_run import repeat_run

    done = repeat_run(opened(context), run_id, model=model, report=progress)
    for line in done.lines:
        click.echo(plain(line))
    if not done.equal:
        context.exit(FINDINGS)


def curve_lines(store: Store, run: Run) -> str:
    """The curves of a run as lines of text: lowest to highest of each, and its marks."""
    from training.run.attempts import read_attempts
    from workbench.reports.curves import marks_of, read_all, sparkline, with_smooth
    from workbench.store import runs as kept

    folder = kept.folder(store, run.id)
    lines = with_smooth(read_all(folder / "metrics.jsonl"))
    said = []
    for title, name in (("training loss", "smooth"), ("validation loss", "eval_loss"), ("gradient norm", "grad_norm"),
                        ("learning rate", "lr"), ("tokens a second", "tokens_per_second")):  # fmt: skip
        values = [value for value in lines[name] if value is not None]
        if values:
            said.append(f"{title:<16} {sparkline(values)}  {values[0]:.4g} to {values[-1]:.4g}")
    marks = marks_of(lines, attempts=read_attempts(folder), result=run.result)
    return "\n".join([*said, *(mark.words for mark in marks if mark.kind != "epoch")]) or "No step has been taken yet."


@runs.command("diff")
@click.argument("a", type=ID)
@click.argument("b", type=ID)
@click.option("--limit", default=10, show_default=True, help="How many rows to show of each kind.")
@click.pass_context
def diff(context: click.Context, a: int, b: int, limit: int) -> None:
    """Set two runs side by side: knobs, rows, golden, code, the doctor's words, results."""
    from workbench.actions.compare import compare
    from workbench.actions.compare_runs import compare_runs
    from workbench.cli.terminal import show_difference

    store = opened(context)
    done = compare_runs(store, a, b)
    for line in done.lines:
        click.echo(plain_line(line))
    if done.rows:
        show_difference(done.rows, limit=limit)
    if done.sealed:
        click.echo(f"{done.sealed:,} sealed golden rows are not shown.")
    if done.evaluations:
        compared = compare(store, *(f"evaluation:{one}" for one in done.evaluations))
        click.echo(plain(compared.title))
        for line in compared.lines:
            click.echo(line)


def plain_line(line: str) -> str:
    """A line of a table keeps its blanks; everything else is made harmless."""
    return line if line.isprintable() else plain(line)


@runs.command("csv")
@click.argument("file", type=click.Path())
@filtered
@click.pass_context
def csv(
    context: click.Context, file: str, dataset: str | None, model: str | None, study: int | None, price: float | None
) -> None:
    """Write all columns of the table to a CSV file."""
    from workbench.actions.list_runs import list_runs, write_runs_csv

    listed = list_runs(opened(context), dataset=dataset, model=model, study=study, price=price)
    click.echo(f"{len(listed.lines)} runs written to {write_runs_csv(listed, file)}")


@runs.command("watch")
@click.argument("run_id", metavar="ID", type=ID)
@click.pass_context
def watch(context: click.Context, run_id: int) -> None:
    """Follow a run's curve in the terminal until it is over; Ctrl+C leaves it running."""
    from workbench.actions.list_runs import state_of
    from workbench.reports.curves import figures_now
    from workbench.store import runs as kept

    store = opened(context)
    path = kept.folder(store, kept.get(store, run_id).id) / "metrics.jsonl"
    seen: object = None
    while True:
        run = kept.get(store, run_id)
        state, now = state_of(store, run), figures_now(path)
        if (state, now.get("step")) != seen:
            seen = (state, now.get("step"))
            _tell(f"run {run_id} {state}: {now_words(now)}", over=False)
        if state not in ("waiting", "running", "stopping"):
            break
        time.sleep(LOOK_SECONDS)
    _tell("", over=True)
    click.echo(curve_lines(store, run))


def now_words(now: dict[str, float | None]) -> str:
    """What a run does at this moment, on a line."""
    if now.get("step") is None:
        return "no step yet"
    loss, speed, left, memory = (now.get(name) for name in ("loss", "tokens_per_second", "time_left", "memory"))
    parts = [
        f"step {now['step']:,}",
        f"loss {UNKNOWN if loss is None else f'{loss:.3f}'}",
        f"{speed:,.0f} tokens a second" if speed is not None else "",
        amount(memory, "bytes") if memory is not None else "",
        f"about {span(left)} left" if left else "",
    ]
    return ", ".join(filter(None, parts))


def _tell(line: str, *, over: bool) -> None:
    """Rewrites one line on a terminal; in a pipe a line a look."""
    if sys.stderr.isatty():
        click.echo("" if over else f"\r\033[K{plain(line)[:110]}", nl=over, err=True)
    elif line:
        click.echo(plain(line), err=True)
