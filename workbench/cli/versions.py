"""Commands on versions: versions, diff, undo, redo, restore, name, merge."""

from __future__ import annotations

import click

from workbench.cli.terminal import opened, show_difference
from workbench.records import Branch, Version
from workbench.reports.tables import plain, table


@click.command()
@click.argument("dataset", required=False)
@click.option("--tree", "as_tree", is_flag=True, help="Draw what came of what, with what was undone.")
@click.pass_context
def versions(context: click.Context, dataset: str | None, as_tree: bool) -> None:
    """List every version: who, when, what and why."""
    from workbench import history
    from workbench.store import datasets

    store = opened(context)
    if as_tree:
        of = datasets.version(store, dataset).dataset
        for line in drawn(history.tree(store, of)):
            click.echo(line)
        return
    if dataset is not None:
        dataset = datasets.version(store, dataset).dataset  # says what there is when it is not there
    lines = [
        (
            one.label,
            plain(one.name),
            f"{one.size:,}",
            one.change.verb,
            _counts(one),
            plain(one.change.who),
            one.change.when[:16].replace("T", " "),
            plain(one.note or one.change.why),
        )
        for one in datasets.listed(store, dataset)
    ]
    click.echo(table(("version", "name", "rows", "verb", "change", "who", "when (UTC)", "why"), lines))


def _counts(one: Version) -> str:
    signs = (("+", "added"), ("-", "removed"), ("~", "changed"))
    return " ".join(f"{sign}{one.change.counts.get(key, 0)}" for sign, key in signs)


def drawn(branches: list[Branch]) -> list[str]:
    """The tree as lines: a branch stands further right; "*" is a change in force, "o" one that was undone."""
    known = {one.version.number: one for one in branches}
    same: dict[int, list[Branch]] = {}
    for one in branches:
        if one.same_as is not None:
            same.setdefault(one.same_as, []).append(one)
    lines: list[str] = []
    todo = [(number, 0) for number, one in reversed(known.items()) if one.parent is None]
    while todo:
        number, depth = todo.pop()
        lines.append(_line(known[number], depth, same.get(number, [])))
        children = known[number].children
        # the last child goes on straight; the others are branches that were left
        todo += [(child, depth + (child != children[-1])) for child in children]
    return lines


def _line(one: Branch, depth: int, again: list[Branch]) -> str:
    version = one.version
    back = f"  (again as {', '.join(str(other.version.number) for other in again)})" if again else ""
    name = f' "{plain(version.name)}"' if version.name else ""
    said = f"{version.number}{name}: {version.change.verb}, {_counts(version)}, {version.size:,} rows"
    return f"{'  ' * depth}{'*' if one.stands else 'o'} {said}, {plain(version.change.who)}{back}"


@click.command()
@click.argument("a")
@click.argument("b")
@click.pass_context
def diff(context: click.Context, a: str, b: str) -> None:
    """Show what changed between two versions."""
    from workbench.diff import diff as difference_of
    from workbench.store import datasets, goldens

    store = opened(context)
    old, new = datasets.version(store, a), datasets.version(store, b)
    both = [goldens.unsealed(store, one.dataset, datasets.rows_of(store, one)) for one in (old, new)]
    difference = difference_of(*both)
    show_difference(difference, limit=50)
    if hidden := old.size + new.size - len(both[0]) - len(both[1]):
        click.echo(f"  {hidden:,} sealed golden rows are not shown.")
    click.echo(f"{old.label} to {new.label}: {difference.summary}")


@click.command()
@click.argument("dataset", required=False)
@click.pass_context
def undo(context: click.Context, dataset: str | None) -> None:
    """Take the last change back, as a new version."""
    from workbench.actions.undo import undo as take_back

    done = take_back(opened(context), dataset)
    click.echo(
        f"{done.version.label}: took back version {done.taken_back.number} ({done.taken_back.change.verb}). "
        "Bring it back with: goldloop redo"
    )


@click.command()
@click.argument("dataset", required=False)
@click.pass_context
def redo(context: click.Context, dataset: str | None) -> None:
    """Bring back what the last undo took away, as a new version."""
    from workbench.actions.redo import redo as bring_back

    done = bring_back(opened(context), dataset)
    click.echo(
        f"{done.version.label}: brought back version {done.brought_back.number} ({done.brought_back.change.verb})."
    )


@click.command()
@click.argument("version")
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.pass_context
def restore(context: click.Context, version: str, preview: bool, why: str) -> None:
    """Go on from an old VERSION: its rows become the newest version."""
    from workbench.actions.restore import restore as go_back

    done = go_back(opened(context), version, why=why, preview=preview)
    show_difference(done.difference, limit=20 if preview else 3)
    if done.held_back:
        click.echo(f"  {done.held_back:,} rows are golden by now or repeat a golden row, and stay out.")
    if done.after is None:
        click.echo(
            f"Preview of {done.of.label} on {done.before.label}: {done.difference.summary}. Nothing was changed."
        )
    else:
        click.echo(f"{done.after.label}: as {done.of.label}, {done.difference.summary}.")


@click.command()
@click.argument("version")
@click.argument("name", default="")
@click.option("--note", default="", help="A sentence for whoever finds it later.")
@click.pass_context
def name(context: click.Context, version: str, name: str, note: str) -> None:
    """Call VERSION by a NAME; without one its name and note are taken away."""
    from workbench.actions.name_version import name_version

    done = name_version(opened(context), version, name, note)
    click.echo(f'{done.label} is called "{plain(done.name)}".' if done.name else f"{done.label} has no name.")


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--name", required=True, metavar="N", help="Name of the new dataset.")
@click.option("--copies", type=click.Choice(["keep", "drop_exact"]), default="keep", show_default=True,
              help="What to do with rows of SECOND that repeat an earlier row word for word.")  # fmt: skip
@click.option("--preview", is_flag=True, help="Count, and make nothing.")
@click.pass_context
def merge(context: click.Context, first: str, second: str, name: str, copies: str, preview: bool) -> None:
    """Put the datasets (or versions) FIRST and SECOND together as a new one."""
    from workbench.actions.merge_datasets import merge_datasets

    done = merge_datasets(opened(context), first, second, name=name, copies=copies, preview=preview)  # type: ignore[arg-type]
    told = [f"{len(done.rows):,} rows"]
    told += [f"{done.dropped:,} exact copies left out"] if done.dropped else []
    told += [f"{done.golden:,} golden or repeating a golden row left out"] if done.golden else []
    told += [f"{done.renamed:,} got another id"] if done.renamed else []
    where = done.version.label if done.version else f"Preview of {plain(name)}"
    click.echo(f"{where}: {', '.join(told)}.{'' if done.version else ' Nothing was made.'}")
