"""Commands on what one cannot see otherwise: see (before a run), doctor (during and after it)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from workbench.cli.terminal import FINDINGS, ID, opened, progress
from workbench.cli.training import training_options
from workbench.reports.tables import plain, table

if TYPE_CHECKING:
    from training.tokens.preflight import SeenRow

MOST_LISTED = 20  # rows named one by one; the findings name the others' number
MARKS = {"trained": ("[", "]"), "masked": ("", ""), "cut": ("~", "~")}  # readable without colours and in a pipe


@click.command()
@click.argument("version", required=False)
@training_options
@click.option("--row", metavar="ID", help="Show this row token by token: [trained], read only, ~cut~.")
@click.option("--strict", is_flag=True, help="End with 1 when something would stop a run.")
@click.pass_context
def see(
    context: click.Context, version: str | None, model: str | None, settings: tuple[str, ...], row: str | None,
    strict: bool,
) -> None:  # fmt: skip
    """Show what the model will see: trained, read-only and cut tokens, and what the chat template does."""
    from workbench.actions import see as seeing

    store = opened(context)
    if row is not None:
        _show_row(seeing.see_row(store, version, row, model=model, settings=settings))
        return
    seen = seeing.see(store, version, model=model, settings=settings)
    sight = seen.preflight
    click.echo(f"{seen.version.label} through the chat template of {plain(seen.plan.model)}:")
    for sign in sight.findings:
        click.echo(f"  {sign.severity}: {plain(sign.text)}")
        if sign.evidence:
            click.echo(f"      seen: {plain(sign.evidence)}")
        click.echo(f"      {plain(sign.way_out)}")
    counts = (
        ("rows", len(sight.rows)),
        ("tokens trained", sight.trained),
        ("tokens read only", sight.masked),
        ("rows cut", len(sight.cut)),
        ("rows whose reply is cut", sum(row.lost > 0 for row in sight.cut)),
        ("rows that train on nothing", len(sight.untrained)),
    )
    click.echo(table(("what", "how many"), [(name, f"{value:,}") for name, value in counts]))
    listed = [*sight.untrained, *(one for one in sight.cut if one.lost)]
    for one in listed[:MOST_LISTED]:
        said = one.reason or f"loses {one.lost:,} reply tokens{' and its end' if one.end_lost else ''}"
        click.echo(f"  row {plain(one.row_id)}: {plain(said)}")
    if len(listed) > MOST_LISTED:
        click.echo(f"  ... and {len(listed) - MOST_LISTED:,} more")
    if strict and sight.stops:
        context.exit(FINDINGS)


def _show_row(seen: SeenRow) -> None:
    sight = seen.sight
    click.echo(f"row {plain(sight.row_id)}: {sight.trained:,} trained, {sight.masked:,} read only, {sight.cut:,} cut")
    if sight.reason:
        click.echo(f"  trains on nothing: {plain(sight.reason)}")
    if sight.note:
        click.echo(f"  {plain(sight.note)}")
    click.echo("  [trained]  read only  ~cut~")
    text = "".join(
        MARKS[kind][0] + "".join(piece.text for piece in pieces) + MARKS[kind][1]
        for kind, pieces in groupby(seen.pieces, key=lambda piece: piece.kind)
    )
    for line in text.split("\n"):
        click.echo(f"  {plain(line)}")


@click.command()
@click.argument("run", type=ID)
@click.option("--recite", is_flag=True, help="Have the adapter answer some training rows: does it repeat them?")
@click.option("--sample", type=click.IntRange(1, 1000), help="With --recite: how many rows of each side (default: 24).")
@click.option("--strict", is_flag=True, help="End with 1 when there is an error or a warning.")
@click.pass_context
def doctor(context: click.Context, run: int, recite: bool, sample: int | None, strict: bool) -> None:
    """Say what a run's curves show, with the evidence and what to do; also while it runs."""
    from workbench.actions.examine_run import examine_run

    done = examine_run(opened(context), run, recite=recite, sample=sample, report=progress)
    state = "not finished" if done.running else "finished"
    click.echo(f"Run {run} on {done.run.version} ({state}):")
    if not done.findings:
        click.echo("  Nothing to worry about in these curves.")
    for finding in done.findings:
        click.echo(f"  {finding.severity}: {finding.kind}, step {finding.step}. {plain(finding.seen)}")
        click.echo(f"      what to do: {plain(finding.advice)}")
        for line in finding.evidence:
            click.echo(f"      evidence: {plain(line)}")
    if done.recited is not None:
        click.echo(f"  recital: {plain(done.recited.said())}")
    if strict and any(finding.severity != "hint" for finding in done.findings):
        context.exit(FINDINGS)
