"""Commands on failures: read and note them, find gaps, write rows for a gap, see what became of it."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.terminal import ID, opened, progress
from workbench.errors import BadInput
from workbench.reports.tables import plain, table
from workbench.store import Store

SHOWN = 3  # training rows named beside a gap


@click.command()
@click.argument("evaluation", type=ID)
@click.option("--since", type=ID, metavar="EVALUATION", help="Say what became of that evaluation's gaps in this one.")
@click.pass_context
def gaps(context: click.Context, evaluation: int, since: int | None) -> None:
    """Show what failed on golden, why, and what to do about it in the training data."""
    from workbench.actions.find_gaps import find_gaps

    store = opened(context)
    if since is not None:
        _show_follow_up(store, since, evaluation)
        return
    found = find_gaps(store, evaluation, report=progress)
    for gap in found:
        click.echo(f"Gap {gap.id} ({gap.state}): {plain(gap.slice)}, {plain(gap.failure)}, {len(gap.golden_rows)} rows")
        click.echo(f"  {gap.diagnosis}. {plain(gap.cause)}\n  to do: {plain(gap.action)}")
        for near in gap.neighbours[:SHOWN]:
            click.echo(f"  near training row {near['row_id']} ({near['likeness']:.2f}): {plain(near['prompt'])[:90]}")
        if copied := gap.evidence.get("copied"):
            click.echo(
                f"  longest run copied from training: {copied['words']} of {copied['of']} words, in "
                f"{copied['holders']} rows ({', '.join(copied['rows'][:SHOWN])})"
            )
    if not found:
        click.echo("No gaps: nothing failed on golden.")


def _show_follow_up(store: Store, before: int, after: int) -> None:
    from workbench.actions.follow_gaps import follow_gaps

    found = follow_gaps(store, before, after)
    lines = [
        (one.gap.id, plain(one.gap.slice), plain(one.gap.failure), one.gap.diagnosis, one.written,
         f"{one.failing} of {one.rows}", one.became)
        for one in found.gaps
    ]  # fmt: skip
    click.echo(table(("gap", "where", "failure", "diagnosis", "rows written", "still failing", "became"), lines))
    for broken in found.broken:
        click.echo(f"Broke: {len(broken.row_ids)} rows of {plain(broken.slice)}, {broken.kind}")
    click.echo(found.sentence)


@click.command()
@click.argument("gap", type=ID)
@click.option("--policy", metavar="TEXT", help="What the right answer must say, for whoever writes the new rows.")
@click.option("--rows", "file", type=click.Path(), help="A file of new rows for this gap, in any format of import.")
@click.option("--state", type=click.Choice(["open", "done", "dismissed"]), help="Settle the gap, or open it again.")
@click.option("--note", default="", metavar="TEXT", help="What was done about it, beside --state.")
@click.option("--preview", is_flag=True, help="Say what --rows would add, and add nothing.")
@click.pass_context
def gap(
    context: click.Context, gap: int, policy: str | None, file: str | None, state: str | None, note: str, preview: bool
) -> None:
    """Show the card of one gap, state its policy, add rows for it, or settle it."""
    from workbench.actions.find_gaps import settle_gap, state_policy
    from workbench.actions.write_for_gap import write_for_gap
    from workbench.store import gaps as table_of_gaps

    if note and not state:
        raise BadInput("--note goes with --state: add --state open, done or dismissed.")
    if preview and not file:
        raise BadInput("--preview goes with --rows FILE.")
    store = opened(context)
    if policy is not None:
        state_policy(store, gap, policy)
    if file:
        done = write_for_gap(store, gap, file=Path(file), preview=preview)
        for place, reason in done.turned_away:
            click.echo(f"Row {place} {reason}: not taken.")
        where = f"added as {done.version.label}" if done.version else "would be added"
        click.echo(f"{len(done.rows)} rows {where}.")
    if state:
        settle_gap(store, gap, state, note)
    one = table_of_gaps.get(store, gap)
    written = len(table_of_gaps.rows_for(store, gap))
    click.echo(f"Gap {one.id} ({one.state}): {plain(one.slice)}, {plain(one.failure)}, {len(one.golden_rows)} rows")
    click.echo(f"Diagnosis: {one.diagnosis}. {plain(one.cause)}\nTo do: {plain(one.action)}")
    click.echo(f"Policy: {plain(one.policy) or 'not stated yet (--policy)'}\nRows written for it: {written}")
    if one.note:
        click.echo(f"Note: {plain(one.note)}")


@click.command()
@click.argument("evaluation", type=ID)
@click.option("--add", "added", nargs=2, metavar="ROW TEXT", help="Note the first thing wrong with an answer.")
@click.option("--kind", default="", metavar="NAME", help="The kind of failure of --add or of --rows.")
@click.option("--rows", metavar="ID+ID", help="Put rows that were noted on under --kind.")
@click.option("--suggest", is_flag=True, help="Propose kinds for notes that have none.")
@click.pass_context
def notes(
    context: click.Context, evaluation: int, added: tuple[str, str] | None, kind: str, rows: str | None, suggest: bool
) -> None:
    """Error analysis: note what is wrong with answers on dev rows, group the notes, count the kinds."""
    from workbench.actions.note_failure import analysis, name_kind, note_failure, propose_kinds

    if (rows and not kind) or (kind and not (rows or added)):
        raise BadInput("--kind and --rows go together: --rows ID+ID --kind NAME (or --add ROW TEXT --kind NAME).")
    store = opened(context)
    if added:
        note_failure(store, evaluation, *added, kind)
    if rows:
        name_kind(store, evaluation, tuple(rows.split("+")), kind)
    if suggest:
        for one in propose_kinds(store, evaluation):
            click.echo(f'{len(one.row_ids)} notes like "{plain(one.notes[0])[:90]}": --rows {"+".join(one.row_ids)}')
    found = analysis(store, evaluation)
    lines = [
        (plain(one.kind), one.rows, f"{one.share.value or 0:.0%} [{one.share.low or 0:.0%}, {one.share.high or 0:.0%}]",
         ", ".join(f"{plain(name)} {count} of {of}" for name, count, of in one.slices[:4]))
        for one in found.counted
    ]  # fmt: skip
    if lines:
        click.echo(table(("kind of failure", "rows", "share of those read", "where"), lines))
    end = " No new kind in the last notes: enough was read." if found.saturated else ""
    click.echo(f"{found.read} of {found.of} rows noted on, {found.without_kind} without a kind.{end}")
