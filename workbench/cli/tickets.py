"""Command on raw support tickets: mine."""

from __future__ import annotations

import click

from workbench.cli.terminal import SEED, opened, progress
from workbench.reports.tables import plain, table

COUNT = click.IntRange(1, 1_000)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--name", metavar="N", help="Name of the dataset of drafts (default: the file's, with drafts).")
@click.option("--preview", is_flag=True, help="Show the intents, and make no dataset.")
@click.option("--top", type=COUNT, default=20, show_default=True, help="How many intents.")
@click.option("--drafts", type=COUNT, default=1, show_default=True, help="Draft rows for each intent.")
@click.option("--groups", type=COUNT, help="How many groups to tell apart (default: by the number of tickets).")
@click.option("--subject", default="", metavar="COLUMN", help="The column of the subject, where it is not found.")
@click.option("--body", default="", metavar="COLUMN", help="The column of what customers wrote.")
@click.option("--answer", default="", metavar="COLUMN", help="The column of the answer.")
@click.option("--keep-personal-data", is_flag=True, help="Do not mask e-mail addresses, numbers and the like.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides how groups are begun.")
@click.option("-o", "--output", type=click.Path(), help="Write the intents too: .csv a table, else JSON.")
@click.pass_context
def tickets(
    context: click.Context,
    file: str,
    name: str | None,
    preview: bool,
    top: int,
    drafts: int,
    groups: int | None,
    subject: str,
    body: str,
    answer: str,
    keep_personal_data: bool,
    seed: int,
    output: str | None,
) -> None:
    """Find what customers ask most in FILE (CSV, Excel, JSON) and draft rows for the expert."""
    from workbench.actions.mine_tickets import mine_tickets, write_intents

    mined = mine_tickets(
        opened(context),
        file,
        name=name,
        top=top,
        drafts=drafts,
        groups=groups,
        subject=subject,
        body=body,
        answer=answer,
        mask=not keep_personal_data,
        seed=seed,
        preview=preview,
        report=progress,
    )
    lines = [
        (f"{one.count:,}", f"{one.share:.1%}", plain(one.name), f"{one.answered:,}", plain(one.examples[0])[:80])
        for one in mined.intents
    ]
    click.echo(table(("tickets", "share", "intent", "answered", "for instance"), lines))
    columns = ", ".join(f"{part} from {plain(column)!r}" for part, column in mined.columns.items() if column)
    click.echo(
        f"{mined.tickets:,} tickets ({columns}) in {mined.groups} groups; these hold {mined.covered:.0%} of them."
    )
    click.echo(f"  compared by: {mined.method}")
    if mined.skipped or mined.unread:
        click.echo(f"  {mined.skipped:,} rows without a text and {mined.unread:,} broken ones were passed over.")
    if output:
        click.echo(f"  intents: {write_intents(mined, output)}")
    if mined.version is None:
        click.echo("Preview: no dataset was made.")
    else:
        click.echo(f'{mined.version.label}: {mined.version.size:,} rows, tagged "draft" for the queue.')
