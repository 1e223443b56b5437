"""Commands that write results down for others: the report, evaluations over time, model and dataset cards."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.terminal import ID, opened
from workbench.store import Store


@click.command()
@click.argument("evaluation", type=ID, required=False)
@click.option("-o", "--output", type=click.Path(), help="Where to write it (default: beside the run).")
@click.option("--over-time", metavar="DATASET", help="Instead: the dataset's evaluations, by golden version and part.")
@click.pass_context
def report(context: click.Context, evaluation: int | None, output: str | None, over_time: str | None) -> None:
    """Write the one-file report, and its JSON twin beside it."""
    target = Path(output) if output else None
    if over_time is not None:
        if evaluation is not None:
            raise click.UsageError("Give an evaluation or --over-time DATASET, not both.")
        from workbench.actions.write_over_time import write_over_time

        written = write_over_time(opened(context), over_time, target)
        points = sum(len(one.points) for one in written.found.series)
        click.echo(f"{points} evaluations in {len(written.found.series)} charts: {written.html}")
        click.echo(f"The same as data: {written.json}")
        return
    if evaluation is None:
        raise click.UsageError("Which evaluation? goldloop report NUMBER (or --over-time DATASET).")
    from workbench.actions.write_report import write_report

    done = write_report(opened(context), evaluation, target)
    click.echo(f"Report: {done.html}\nThe same as data: {done.json}")


@click.command()
@click.argument("run", type=ID, required=False)
@click.option("--data", "version", metavar="VERSION", help="Instead: the card of a version of a dataset (demo@3).")
@click.option("-o", "--output", type=click.Path(), help="Where to write it (default: beside the adapter; data: shown).")
@click.option("--intended-use", metavar="TEXT", default="", help="What the model is for; kept when written again.")
@click.option("--out-of-scope", metavar="TEXT", default="", help="What it is not for; kept when written again.")
@click.option("--preview", is_flag=True, help="Print it and write nothing.")
@click.pass_context
def card(
    context: click.Context, run: int | None, version: str | None, output: str | None, intended_use: str,
    out_of_scope: str, preview: bool,
) -> None:  # fmt: skip
    """Write the model card of a run, or the dataset card of a version, as Hugging Face reads them."""
    if (run is None) == (version is None):
        raise click.UsageError("Give a run (goldloop card NUMBER) or --data VERSION.")
    target = Path(output) if output else None
    text, path = (
        _model_card(opened(context), run, target, intended_use, out_of_scope, preview) if run is not None
        else _data_card(opened(context), version, target, preview)
    )  # fmt: skip
    click.echo(text if path is None else f"Card: {path}")


def _model_card(
    store: Store, run: int, target: Path | None, use: str, scope: str, preview: bool
) -> tuple[str, Path | None]:
    from workbench.actions.write_model_card import write_model_card

    done = write_model_card(store, run, target, intended_use=use, out_of_scope=scope, preview=preview)
    return done.text, done.path


def _data_card(store: Store, version: str | None, target: Path | None, preview: bool) -> tuple[str, Path | None]:
    from workbench.actions.write_data_card import write_data_card

    done = write_data_card(store, version, target, preview=preview or target is None)
    return done.text, done.path
