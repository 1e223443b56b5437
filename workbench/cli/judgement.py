"""Commands on results: the report."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.terminal import ID, opened


@click.command()
@click.argument("evaluation", type=ID)
@click.option("-o", "--output", type=click.Path(), help="Where to write it (default: beside the run).")
@click.pass_context
def report(context: click.Context, evaluation: int, output: str | None) -> None:
    """Write the one-file report, and its JSON twin beside it."""
    from workbench.actions.write_report import write_report

    done = write_report(opened(context), evaluation, Path(output) if output else None)
    click.echo(f"Report: {done.html}\nThe same as data: {done.json}")
