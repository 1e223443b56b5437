"""The command line: one command an action, the same words that scripts use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from workbench import __version__
from workbench.cli import (
    balance,
    copies,
    data,
    evaluate,
    gaps,
    golden,
    judges,
    metrics,
    models,
    planning,
    probes,
    prompts,
    queue,
    rating,
    report,
    runs,
    sheet,
    ship,
    sight,
    studies,
    suspects,
    tickets,
    training,
    versions,
)
from workbench.cli.terminal import Faults, opened, progress
from workbench.settings import store_folder


@click.group(cls=Faults, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="goldloop")
@click.option(
    "--store", "folder", metavar="DIR", help="Where everything lives (default: GOLDLOOP_STORE or data/local/)."
)
@click.pass_context
def main(context: click.Context, folder: str | None) -> None:
    """Curate fine-tuning data, hold out a golden set, train an adapter and prove what it brought."""
    context.obj = folder


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True)
@click.pass_context
def app(context: click.Context, host: str, port: int) -> None:
    """Open the app on the store."""
    command = [sys.executable, str(Path(__file__).parent.parent.parent / "app.py"), "--host", host, "--port", str(port)]
    environment = {**os.environ, "GOLDLOOP_STORE": str(store_folder(context.obj))}
    os.execve(sys.executable, command, environment)  # in place of this process: killing one leaves no other behind


@main.command()
@click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob of the training plan.")
@click.option("--rows", type=click.IntRange(min=30), help="Only the first rows of the demo data, for a quick look.")
@click.pass_context
def demo(context: click.Context, settings: tuple[str, ...], rows: int | None) -> None:
    """Run the whole loop on the demo data: ten stations, about ten minutes on two cores."""
    from workbench.demo import run_demo

    run_demo(opened(context), settings=settings, rows=rows, say=click.echo, report=progress)


for command in (
    data.import_,
    data.check,
    data.fix,
    copies.copies,
    balance.rebalance,
    balance.losses,
    sheet.sheet,
    sheet.rule_out,
    sheet.rulings,
    queue.queue,
    tickets.tickets,
    versions.undo,
    versions.redo,
    versions.versions,
    versions.name,
    versions.restore,
    versions.merge,
    versions.diff,
    golden.golden,
    prompts.prompts,
    data.export,
    planning.plan,
    sight.see,
    sight.doctor,
    training.presets,
    training.train,
    runs.runs,
    studies.study,
    models.jobs_,
    models.models,
    evaluate.evaluate,
    rating.rate,
    judges.judges,
    evaluate.compare,
    gaps.gaps,
    gaps.gap,
    gaps.notes,
    report.report,
    report.card,
    ship.ship,
    ship.prefer,
    probes.probe,
    metrics.metrics,
):
    main.add_command(command)
for command in suspects.COMMANDS:
    golden.golden.add_command(command)
