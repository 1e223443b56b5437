"""Commands on the golden set: freeze, show, put right, renew, sign off, looks, and how representative it is."""

from __future__ import annotations

from typing import Any

import click

from workbench.cli.terminal import SEED, opened, progress, text_of
from workbench.errors import BadInput
from workbench.records import LOOKS, PARTS, Golden
from workbench.reports.tables import plain, table
from workbench.settings import user_name
from workbench.store import Store

SHARE = click.FloatRange(0, 1)
WHO = click.option("--who", metavar="NAME", help="Who does it (default: GOLDLOOP_USER, else your login name).")
OF = click.option("--dataset", metavar="DATASET", help="Whose golden set (default: the dataset touched last).")


@click.group()
def golden() -> None:
    """The golden set: held out, locked, never trained on."""


@golden.command("freeze")
@click.argument("version", required=False)
@click.option("--share", default=0.15, show_default=True, help="How much to hold out, 0.10 to 0.20.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides which rows are drawn.")
@click.option("--sealed", type=SHARE, help="Share of the golden rows that nobody reads (default: by size).")
@click.option("--calibration", type=SHARE, help="Share that a judge is held against people on (default: by size).")
@click.option(
    "--looks", type=int, help=f"Evaluations of the sealed rows allowed (default: {LOOKS}, or as the set in force)."
)
@click.option(
    "--together",
    type=click.Choice(["copies", "meaning"]),
    default="copies",
    show_default=True,
    help="What stays on one side: copies, or also rows that say the same in other words.",
)
@click.option("--preview", is_flag=True, help="Show the split, and freeze nothing.")
@click.pass_context
def freeze(
    context: click.Context, version: str | None, share: float, seed: int, sealed: float | None,
    calibration: float | None, looks: int | None, together: Any, preview: bool,
) -> None:  # fmt: skip
    """Hold out a golden set, deal it into parts and lock it."""
    from workbench.actions.freeze_golden import freeze_golden

    done = freeze_golden(
        opened(context), version, share=share, seed=seed, sealed=sealed, calibration=calibration, looks=looks,
        together=together, preview=preview,
    )  # fmt: skip
    click.echo(
        table(
            ("stratum", "golden", "training"),
            [(plain(name), count["golden"], count["training"]) for name, count in done.split.strata.items()],
        )
    )
    for note in (*done.split.notes, *done.drawn.notes):
        click.echo(f"  note: {plain(note)}")
    if together == "copies":
        click.echo(
            "  note: rows that say the same in other words may stand on both sides; training will ask for a ruling on "
            "each. --together meaning keeps them on one side."
        )
    sizes = {part: count for part, count in done.drawn.sizes.items() if count}
    click.echo("Parts: " + ", ".join(f"{part} {count}" for part, count in sizes.items()))
    _show_size(sizes, done.budget)
    if done.golden is None or done.version is None:
        click.echo(
            f"Preview: {len(done.golden_rows)} rows would be held out ({done.split.reached:.1%}). Nothing is frozen."
        )
    else:
        click.echo(
            f"Frozen: {done.golden.label}, {done.golden.size} rows, lock {done.golden.digest[:16]}. "
            f"{done.version.label} is left for training, {done.version.size:,} rows."
        )


@golden.command("show")
@click.argument("dataset", required=False)
@click.option("--rows", "with_rows", is_flag=True, help="Print the rows too, the sealed ones left out.")
@click.pass_context
def show(context: click.Context, dataset: str | None, with_rows: bool) -> None:
    """Show the golden sets: locks, parts, sign-off, looks, and what their size can show."""
    from workbench.store import datasets, goldens
    from workbench.told.golden import told

    store = opened(context)
    if dataset is not None:
        datasets.version(store, dataset)
    found = goldens.listed(store, dataset)
    if not found:
        raise BadInput("There is no golden set yet. Freeze one with: goldloop golden freeze")
    lines = []
    for one in found:
        goldens.rows_of(store, one)  # raises when the lock does not hold
        parts = " ".join(f"{part} {count}" for part in PARTS if (count := len(one.ids(part))))
        lines.append(
            (one.label, one.size, parts, f"{one.share:.0%}", one.seed, one.digest[:16], "holds", one.who, one.when[:16])
        )
    click.echo(table(("golden", "rows", "parts", "share", "seed", "lock", "state", "who", "when (UTC)"), lines))
    newest = found[-1]
    facts = told(store, newest)
    click.echo(_came(newest))
    signed = facts["sign_off"]
    click.echo(f"Signed off: {signed['signed']} of {signed['rows']} rows, {signed['objected']} objected to.")
    if facts["parts"]["sealed"]:
        click.echo(f"Looks at the sealed rows: {len(facts['looks'])} of {newest.budget}.")
    _show_size({part: count for part, count in facts["parts"].items() if count}, newest.budget)
    if with_rows:
        rows = goldens.readable(store, newest)
        for row_id, prompt, reply in zip(rows.row_id, rows.prompt, rows.reply, strict=True):
            click.echo(f"\n{row_id} ({newest.part_of(row_id)})\n  asked: {plain(prompt)}\n  reply: {plain(reply)}")
        if hidden := len(newest.ids("sealed")):
            click.echo(f"\n{hidden} sealed rows are not shown.")


@golden.command("edit")
@click.argument("row")
@click.option("--reply", metavar="TEXT", help="The right reply; @FILE reads it from a file.")
@click.option("--question", metavar="TEXT", help="The right last question; @FILE reads it from a file.")
@click.option("--why", required=True, help="What was wrong with the row; kept and printed in reports.")
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@OF
@WHO
@click.pass_context
def edit(
    context: click.Context, row: str, reply: str | None, question: str | None, why: str, preview: bool,
    dataset: str | None, who: str | None,
) -> None:  # fmt: skip
    """Put the golden ROW right: an erratum makes the next golden version."""
    from workbench.actions.edit_golden import edit_golden
    from workbench.cli.terminal import marked
    from workbench.diff import word_changes

    if reply is None and question is None:
        raise BadInput("Say what the row should hold: --reply TEXT, --question TEXT, or both.")
    done = edit_golden(
        opened(context), row, reply=_text(reply), question=_text(question), reason=why, dataset=dataset, who=who,
        preview=preview,
    )  # fmt: skip
    click.echo(f"~ row {row}: {marked(word_changes(done.before.text[0], done.after.text[0]))}")
    if done.golden is None:
        click.echo("Preview: no golden version was made.")
    else:
        click.echo(f"{done.golden.label} holds it. Evaluate all arms anew: figures of two golden versions do not mix.")


@golden.command("refresh")
@click.option("--row", "rows", multiple=True, metavar="ID", help="Retire this row with its copies; several times.")
@click.option("--share", type=SHARE, help="Retire this share, the oldest rows first (default: 0.25).")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Retire from this part only.")
@click.option("--no-fresh", is_flag=True, help="Only retire; draw no rows in their place.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides the draw.")
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.option("--preview", is_flag=True, help="Show what would come and go, and change nothing.")
@OF
@click.pass_context
def refresh(
    context: click.Context, rows: tuple[str, ...], share: float | None, parts: tuple[Any, ...], no_fresh: bool,
    seed: int, why: str, preview: bool, dataset: str | None,
) -> None:  # fmt: skip
    """Retire golden rows to training and draw fresh ones: the next golden version, with an anchor of rows that stay."""
    from workbench.actions.refresh_golden import refresh_golden

    if rows and (share is not None or parts):
        raise BadInput("Name rows with --row, or ask for a --share (of a --part); not both.")
    done = refresh_golden(
        opened(context), dataset, retire=rows or None, share=share, parts=parts or PARTS, fresh=not no_fresh,
        seed=seed, reason=why, preview=preview,
    )  # fmt: skip
    for note in done.notes:
        click.echo(f"  note: {plain(note)}")
    gone = "1 row retires" if len(done.retired) == 1 else f"{len(done.retired)} rows retire"
    counts = f"{gone} to training, fresh: {len(done.fresh)}, {done.anchor} stay"
    if done.golden is None or done.version is None:
        click.echo(f"Preview: {counts}. Nothing was changed.")
    else:
        click.echo(f"{done.golden.label}: {counts}. {done.version.label} holds the retired rows.")


@golden.command("sign")
@click.argument("rows", nargs=-1)
@click.option(
    "--all", "everything", is_flag=True, help="Sign every row that may be read and is not signed, but your own ones."
)
@click.option("--object", "objects", is_flag=True, help="Object to the rows in place of signing them; needs a --note.")
@click.option("--note", default="", help="What is wrong with them, or what you looked at.")
@OF
@WHO
@click.pass_context
def sign(
    context: click.Context, rows: tuple[str, ...], everything: bool, objects: bool, note: str, dataset: str | None,
    who: str | None,
) -> None:  # fmt: skip
    """Sign golden ROWS off as a second person, or object to them; without ROWS, list where each row stands."""
    from workbench.actions.sign_golden import sign_golden
    from workbench.store.golden_signatures import states

    store = opened(context)
    this = _in_force(store, dataset)
    if everything:
        left = [one for one in states(store, this).values() if one.state == "unsigned" and _open(one.part)]
        me = who or user_name()
        others = [one for one in left if objects or me not in (one.froze, one.edited_by)]
        rows = tuple(one.row_id for one in others or left)  # only one's own: let the refusal say why
        if own := len(left) - len(rows):
            count = "1 row waits" if own == 1 else f"{own} rows wait"
            click.echo(f"{count} for another person: {plain(me)} froze or edited them.")
    if not rows:
        lines = [
            (one.row_id, one.part, one.state, one.by, plain(one.note)) for one in sorted(
                states(store, this).values(), key=lambda one: (one.state != "objected", one.state, one.row_id)
            )
            if _open(one.part)
        ]  # fmt: skip
        click.echo(table(("row", "part", "state", "by", "note"), lines))
        click.echo(_sign_off(store, this))
        return
    sign_golden(store, this, rows, who=who, note=note, objects=objects)
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    click.echo(f"{'Objected to' if objects else 'Signed off'}: {count}. {_sign_off(store, this)}")


@golden.command("read")
@click.argument("row", required=False)
@OF
@WHO
@click.pass_context
def read(context: click.Context, row: str | None, dataset: str | None, who: str | None) -> None:
    """Read a sealed ROW (by default the next unsigned one) to sign it off; before the first look only, and recorded."""
    from workbench.actions.sign_golden import read_sealed
    from workbench.store.golden_signatures import states

    store = opened(context)
    this = _in_force(store, dataset)
    if row is None:
        left = [one for one in states(store, this).values() if one.part == "sealed" and one.state == "unsigned"]
        if not left:
            click.echo(f"No sealed row of {this.label} waits to be signed off.")
            return
        row = left[0].row_id
    found = read_sealed(store, this, row, who=who)
    for turn in found.messages[0]:
        click.echo(f"{turn['role']}: {plain(turn['content'] or '')}")
    click.echo(f"Recorded that you have read it. Sign it off with: goldloop golden sign {row}", err=True)


@golden.command("looks")
@OF
@click.pass_context
def looks(context: click.Context, dataset: str | None) -> None:
    """List every look at the sealed rows: who, when, why, and what the Ladder said."""
    from workbench.store import goldens
    from workbench.told.golden import look_lines

    store = opened(context)
    this = _in_force(store, dataset)
    found = goldens.looks(store, this)
    lines = [
        (
            f"{one['number']} of {one['budget']}" + (" (over)" if one["over"] else ""),
            f"evaluation {one['evaluation']}", one["primary"] or "",
            "" if one["mean"] is None else f"{one['mean']:+.3f}", one["ladder"], plain(one["who"]), one["when"][:16],
            plain(one["why"]),
        )
        for one in look_lines(found)
    ]  # fmt: skip
    if lines:
        click.echo(table(("look", "of", "metric", "mean", "Ladder", "who", "when (UTC)", "why"), lines))
    click.echo(f"{len(found)} of {this.budget} looks at the {len(this.ids('sealed'))} sealed rows of {this.label}.")


@golden.command("compare")
@click.argument("file", required=False, type=click.Path())
@click.option(
    "--format", "format_", metavar="F", help="The file's format, as for import; told by itself where left out."
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides the topics and the chance level.")
@OF
@click.pass_context
def compare(context: click.Context, file: str | None, format_: str | None, seed: int, dataset: str | None) -> None:
    """Tell how representative golden is: against a FILE of real questions, without one against the training side."""
    from workbench.actions.compare_golden import compare_golden
    from workbench.reports.representative import lines

    store = opened(context)
    this = _in_force(store, dataset)
    found = compare_golden(store, this, file, format=format_, seed=seed, report=progress)
    for note in found.notes:
        click.echo(f"  note: {plain(note)}")
    for one in found.aspects:
        word = "SKEWED" if one.skewed else "as chance would"
        click.echo(f"{one.name}: distance {one.distance:.2f}, by chance up to {one.most:.2f}: {word}")
    shown = [
        (
            one["aspect"],
            plain(one["name"]),
            f"{one['golden']:.0%}",
            f"{one['other']:.0%}",
            f"{round(100 * one['apart']):+d}",
        )
        for one in lines(found)
    ]
    if shown:
        click.echo(table(("by", "what", "golden", "other", "points"), shown))
    click.echo(f"{found.golden} golden rows against {found.other:,} others.")


def _in_force(store: Store, dataset: str | None) -> Golden:
    from workbench.store import goldens

    return goldens.in_force(store, dataset)


def _open(part: str) -> bool:
    return part != "sealed"


def _sign_off(store: Store, this: Golden) -> str:
    from workbench.store.golden_signatures import states, summed

    sum_of = summed(states(store, this))
    return (
        f"{sum_of['signed']} of {sum_of['rows']} rows are signed off, {sum_of['objected']} objected to, "
        f"{sum_of['unsigned']} open."
    )


def _came(this: Golden) -> str:
    """How the set came from the one before."""
    change = this.change
    if change.get("verb") == "edit":
        return f"{this.label} is an erratum: {len(change['edited'])} row put right ({plain(change['reason'])})."
    if change.get("verb") == "refresh":
        return f"{this.label} is a refresh: {len(change['retired'])} rows retired, {len(change['fresh'])} came."
    return f"{this.label} was frozen from version {this.drawn_from}."


def _show_size(sizes: dict[Any, int], looks: int) -> None:
    from workbench.reports.golden_tables import size_lines
    from workbench.told.golden import size_table

    parts = [part for part in ("dev", "sealed") if sizes.get(part)]
    shown = [size_table(sizes[part], looks if part == "sealed" else 1) for part in parts]
    if not shown:
        return
    columns = [size_lines(one) for one in shown]
    head = ("smallest change that can be shown", *(f"{part}, {sizes[part]} rows" for part in parts))
    click.echo(table(head, [(lines[0][0], *(one[1] for one in lines)) for lines in zip(*columns, strict=True)]))


def _text(given: str | None) -> str | None:
    return text_of(given[1:]) if given and given.startswith("@") else given
