"""Commands on the expert's queue: open, list, next, decide, work, progress, agreement, disagreements, close."""

from __future__ import annotations

import json
import uuid
from typing import Any, get_args

import click

from workbench.cli.terminal import ID, SEED, opened, show_difference, text_of
from workbench.errors import BadInput, Conflict, GoldloopError
from workbench.records import Action, Item, Progress
from workbench.reports.tables import plain, table
from workbench.settings import user_name

WHO = click.option("--who", metavar="NAME", help="Who decides (default: GOLDLOOP_USER, else the login name).")
ACTIONS = click.Choice([*get_args(Action)])
KEYS: dict[str, Action] = {"k": "keep", "d": "drop", "s": "skip", "u": "undo", "g": "flag", "e": "edit", "f": "fix"}


@click.group()
def queue() -> None:
    """Rows in front of people who know the field, one at a time."""


@queue.command("open")
@click.argument("name")
@click.argument("version", required=False)
@click.option("--where", default="", metavar="FILTER",
              help="check=NAME, severity=error, tag=TEXT, row=ID, text~PATTERN, all; default: flagged.")  # fmt: skip
@click.option("--overlap", type=click.IntRange(1, 20), default=1, show_default=True, help="People on an overlap row.")
@click.option("--overlap-share", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="How many of the rows are overlap rows.")  # fmt: skip
@click.option("--lease", "lease_minutes", type=click.FloatRange(min=0, min_open=True), default=15.0, show_default=True,
              help="Minutes that a row stays with one person.")  # fmt: skip
@click.option("--guidelines", metavar="FILE", type=click.Path(), help="A text (default: the sheet's guidelines).")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides which rows are overlap rows.")
@click.pass_context
def open_(context: click.Context, name: str, version: str | None, guidelines: str | None, **settings: Any) -> None:
    """Open a queue over rows of VERSION."""
    from workbench.actions.open_queue import open_queue

    text = None if guidelines is None else text_of(guidelines)
    done = open_queue(opened(context), name, version=version, guidelines=text, **settings)
    click.echo(f"Queue {done.id}: {done.size:,} rows of {done.version}. Work on it with: goldloop queue work {done.id}")


@queue.command("list")
@click.argument("dataset", required=False)
@click.pass_context
def list_(context: click.Context, dataset: str | None) -> None:
    """List the queues, newest first."""
    from workbench.store import datasets, queues

    store = opened(context)
    if dataset is not None:
        dataset = datasets.version(store, dataset).dataset
    lines = []
    for one in queues.listed(store, dataset):
        done = queues.progress(store, one.id)
        state = one.state if one.closed_as is None else f"closed as {one.closed_as}"
        lines.append((one.id, plain(one.name), one.version, f"{done.done:,} of {done.total:,}", state, plain(one.who)))
    click.echo(table(("id", "name", "version", "done", "state", "who"), lines))


@queue.command("next")
@click.argument("queue_id", type=ID)
@WHO
@click.option("--json", "as_json", is_flag=True, help="Print the row as JSON.")
@click.pass_context
def next_(context: click.Context, queue_id: int, who: str | None, as_json: bool) -> None:
    """Take the next row of a queue."""
    from workbench.actions.work_queue import next_item

    found = next_item(opened(context), queue_id, who or user_name())
    if as_json:
        click.echo(json.dumps(None if found is None else _as_json(found), ensure_ascii=False))
    elif found is None:
        click.echo("Nothing is waiting for you just now.")
    else:
        _show(found)


@queue.command("decide")
@click.argument("queue_id", type=ID)
@click.argument("row_id")
@click.argument("action", type=ACTIONS)
@WHO
@click.option("--messages", metavar="FILE", type=click.Path(), help="JSON: the row's new turns, for edit.")
@click.option("--reply", metavar="TEXT", help="The new text of the last turn, for edit.")
@click.option("--fix", default="", metavar="NAME", help="The fix, for fix.")
@click.option("--tag", "tags", multiple=True, metavar="TEXT", help="A tag; may be given several times.")
@click.option("--note", default="", help="A word for the others.")
@click.option("--settle", "settles", is_flag=True, help="Counts in place of what others decided.")
@click.option("--nonce", metavar="TEXT", help="The same one again changes nothing (default: a fresh one).")
@click.pass_context
def decide(
    context: click.Context, queue_id: int, row_id: str, action: Action, who: str | None, messages: str | None,
    reply: str | None, tags: tuple[str, ...], nonce: str | None, **settings: Any,
) -> None:  # fmt: skip
    """Decide a row: keep, edit, fix, drop, skip, undo, tag or flag."""
    from workbench.actions.work_queue import decide as save
    from workbench.actions.work_queue import item

    store, person = opened(context), who or user_name()
    turns: Any = None
    if messages is not None:
        turns = _turns(messages)
    elif reply is not None:
        turns = [dict(turn) for turn in item(store, queue_id, row_id, person).messages]
        turns[-1]["content"] = reply
    done = save(store, queue_id, row_id, person, nonce=nonce or uuid.uuid4().hex, action=action, messages=turns,
                tags=tags or None, **settings)  # fmt: skip
    click.echo(_told(done, person))


def _turns(path: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON: {error}.") from None
    found = found.get("messages") if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadInput(f"{path} must hold a list of turns, each with role and content.")
    return found


@queue.command("work")
@click.argument("queue_id", type=ID)
@WHO
@click.pass_context
def work(context: click.Context, queue_id: int, who: str | None) -> None:
    """Work through a queue in the terminal, one key a row."""
    from workbench.actions.work_queue import decide as save
    from workbench.actions.work_queue import item, next_item
    from workbench.store import queues

    store, person = opened(context), who or user_name()
    if guidelines := queues.get(store, queue_id).guidelines:
        click.echo(f"Guidelines: {plain(guidelines)}\n")
    found = next_item(store, queue_id, person)
    while found is not None:
        _show(found)
        key = click.prompt("(k)eep (e)dit (f)ix (d)rop (s)kip fla(g) (u)ndo (q)uit", default="k").strip().lower()[:1]
        if key == "q":
            break
        if key not in KEYS:
            continue
        try:
            done = save(store, queue_id, found.row_id, person, nonce=uuid.uuid4().hex, action=KEYS[key],
                        **_asked(KEYS[key], found))  # fmt: skip
        except Conflict as conflict:
            click.echo(plain(str(conflict)), err=True)
        except GoldloopError as error:
            click.echo(plain(str(error)), err=True)
            continue
        else:
            click.echo(_told(done, person))
            if done.given_back:
                found = item(store, queue_id, done.given_back, person)
                continue
        found = next_item(store, queue_id, person)
    else:
        click.echo("Nothing is waiting for you just now.")


def _asked(action: Action, found: Item) -> dict[str, Any]:
    """What an action needs beside the key, asked from the person."""
    if action == "fix":
        return {"fix": click.prompt("Which fix")}
    if action != "edit":
        return {}
    turns = [dict(turn) for turn in found.messages]
    written = click.edit(turns[-1]["content"] or "")
    if written is None:
        raise BadInput("Nothing was written: the row is as it was.")
    turns[-1]["content"] = written.rstrip("\n")
    return {"messages": turns}


@queue.command("progress")
@click.argument("queue_id", type=ID)
@click.pass_context
def progress(context: click.Context, queue_id: int) -> None:
    """Show how far a queue is and who has how much."""
    from workbench.actions.work_queue import progress as how_far

    done = how_far(opened(context), queue_id)
    click.echo(f"{done.done:,} of {done.total:,} rows done, {done.per_hour:,.0f} decisions in the last hour.")
    people = sorted({*done.mine, *done.leased})
    lines = [(plain(who), done.mine.get(who, 0), done.leased.get(who, 0)) for who in people]
    click.echo(table(("who", "decided", "holds now"), lines))


@queue.command("agreement")
@click.argument("queue_id", type=ID)
@click.pass_context
def agreement(context: click.Context, queue_id: int) -> None:
    """Show how far people agree, and the rows on which they do not."""
    from workbench.actions.work_queue import agreement as how_far_alike
    from workbench.actions.work_queue import disagreements

    store = opened(context)
    alike = how_far_alike(store, queue_id)
    if alike.percent is None:
        click.echo("No row was decided by two people yet: open the queue with --overlap 2.")
    else:
        alpha = alike.krippendorff_alpha
        told = "not defined: everybody always said the same" if alpha is None else f"{alpha:.2f}"
        click.echo(
            f"Decided by several: {alike.rows:,} of the rows, {alike.percent:.0f} % alike, Krippendorff's alpha {told}."
        )
        lines = [(plain(a), plain(b), rows, f"{share:.0f} %") for (a, b), (rows, share) in alike.pairs.items()]
        click.echo(table(("who", "and", "rows", "alike"), lines))
    for one in disagreements(store, queue_id):
        said = ", ".join(f"{plain(d.who)}: {d.action}{' (late)' if d.state == 'late' else ''}" for d in one.decisions)
        click.echo(f"row {plain(one.row_id)}: {said}")


@queue.command("close")
@click.argument("queue_id", type=ID)
@click.option("--preview", is_flag=True, help="Show what would change, and close nothing.")
@click.pass_context
def close(context: click.Context, queue_id: int, preview: bool) -> None:
    """Make one version of what was decided, and close the queue."""
    from workbench.actions.close_queue import close_queue

    done = close_queue(opened(context), queue_id, preview=preview)
    show_difference(done.difference, limit=20 if preview else 3)
    for rows, what in (
        (done.undecided, "nobody decided"),
        (done.disagreed, "people differ"),
        (done.flagged, "flagged to be looked at"),
        (tuple(one.row_id for one in done.collided), "changed outside the queue meanwhile"),
    ):
        if rows:
            listed = ", ".join(map(plain, rows[:5])) + (" ..." if len(rows) > 5 else "")
            click.echo(f"  left as it was, {what}: {len(rows):,} ({listed})")
    if preview:
        click.echo(f"Preview on {done.before.label}: {done.difference.summary}. Nothing was closed.")
    elif done.after is None:
        click.echo("Closed: the decisions change nothing, so no version was made.")
    else:
        click.echo(f"{done.after.label}: {done.difference.summary}. Take it back with: goldloop undo")


def _show(found: Item) -> None:
    click.echo(f"\nrow {plain(found.row_id)}, {found.place:,} of {found.of:,}  {' '.join(map(plain, found.tags))}")
    for turn in found.messages:
        click.echo(f"  {plain(turn['role'] or '?')}: {plain(turn['content'] or '')}")
    for check, note, _ in found.flags:
        click.echo(f"  ! {plain(check)}: {plain(note)}")
    if found.mine is not None:
        click.echo(f"  you decided: {found.mine.action}")


def _as_json(found: Item) -> dict[str, Any]:
    flags = [{"check": check, "note": note, "spans": spans} for check, note, spans in found.flags]
    return {
        "row_id": found.row_id, "place": found.place, "of": found.of, "messages": list(found.messages),
        "tags": list(found.tags), "flags": flags, "leased_until": found.leased_until,
    }  # fmt: skip


def _told(done: Progress, who: str) -> str:
    back = f" Row {plain(done.given_back)} is open again." if done.given_back else ""
    return f"Saved. {done.done:,} of {done.total:,} rows are done; yours: {done.mine.get(who, 0):,}.{back}"
