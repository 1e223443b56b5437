"""Commands on the balance of a dataset: rebalance, and the losses of its rows under a tuned model."""

from __future__ import annotations

import click

from workbench.cli.terminal import opened, progress, show_difference
from workbench.reports.tables import plain, table

MOST_GROUPS = 20  # lines of the table of shares


@click.command()
@click.argument("kind", type=click.Choice(["label", "topic", "opening", "refusals"]))
@click.argument("version", required=False)
@click.option(
    "--most", type=float, metavar="SHARE", help="The share to keep to, such as 0.05; for refusals the sheet's."
)
@click.option("--group", default="", metavar="NAME", help="Only this label, topic or opening.")
@click.option(
    "--by", type=click.Choice(["quality", "diversity"]), default="quality", show_default=True, help="Which rows stay."
)
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.pass_context
def rebalance(
    context: click.Context,
    kind: str,
    version: str | None,
    most: float | None,
    group: str,
    by: str,
    preview: bool,
    why: str,
) -> None:
    """Bring down the share of what comes too often, as a new version; and say what to write more of."""
    from workbench.actions.rebalance import rebalance as bring_down

    done = bring_down(opened(context), kind, version=version, most=most, group=group, by=by, why=why, preview=preview)
    lines = [
        (plain(one.group), f"{one.before:,}", f"{one.share_before:.1%}", f"{one.after:,}", f"{one.share_after:.1%}")
        for one in done.shares[:MOST_GROUPS]
    ]
    click.echo(table((kind, "rows", "share", "rows after", "share after"), lines))
    show_difference(done.difference, limit=20 if preview else 3)
    if done.after is None:
        click.echo(f"Preview on {done.before.label}: {done.difference.summary}. Nothing was changed.")
    else:
        click.echo(f"{done.after.label}: {done.difference.summary}. Take it back with: goldloop undo")
    for proposal in done.proposals:
        click.echo(f"- {plain(proposal)}")


@click.command()
@click.argument("run", type=int)
@click.argument("version", required=False)
@click.pass_context
def losses(context: click.Context, run: int, version: str | None) -> None:
    """Measure how surprised the model of RUN still is at each row, for the check outlying_loss."""
    from workbench.actions.measure_losses import measure_losses

    done = measure_losses(opened(context), run, version, report=progress)
    click.echo(f"{done.version.label}: {done.measured:,} rows have a loss under run {done.run.id}.")
    for why, count in done.left_out.items():
        click.echo(f"  {count:,} have none: {why}.")
    click.echo(f"Look at those that stand out: goldloop check {done.version.label} --only outlying_loss")
