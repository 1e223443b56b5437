"""Commands on blind rating: show, open, next, vote, pack, progress, close, export."""

from __future__ import annotations

import json
from typing import Any, cast

import click

from workbench.blind.plan import GRADES, Design, Stop, tags_of
from workbench.cli.terminal import ID, opened, text_of
from workbench.errors import BadInput
from workbench.reports.tables import plain, table
from workbench.settings import user_name
from workbench.store import Store

RATER = click.option("--rater", metavar="NAME", help="Who rates (default: GOLDLOOP_USER, else the login name).")


class ByEvaluation(click.Group):
    """`goldloop rate 3` is `goldloop rate show 3`."""

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        if args and args[0].isdecimal():
            args = ["show", *args]
        return super().resolve_command(context, args)


@click.group(cls=ByEvaluation)
def rate() -> None:
    """Blind rating: two answers, one question. `rate EVALUATION` shows how far it is."""


@rate.command()
@click.argument("evaluation", type=ID)
@click.option("--import", "file", type=click.Path(), help="The result of a rating pack, or votes as JSON lines or CSV.")
@click.pass_context
def show(context: click.Context, evaluation: int, file: str | None) -> None:
    """Import people's votes on an evaluation, or show how far rating is."""
    from workbench.actions.import_votes import import_votes
    from workbench.blind.results import found_of
    from workbench.store import evaluations, ratings

    store = opened(context)
    evaluations.get(store, evaluation)
    if file:
        done = import_votes(store, evaluation, file)
        whose = f" of {plain(done.rater)}" if done.rater else ""
        click.echo(f"{done.imported} votes{whose} imported into round {done.round_id}, {done.refused} refused.")
        for reason in done.reasons:
            click.echo(f"  {plain(reason)}")
    rounds = ratings.rounds_of(store, evaluation)
    for one in rounds:
        if one.closed:
            _show_found(found_of(store, one.id))
        else:
            _show_open(store, one.id)
    if not rounds:
        click.echo(f"Nobody has rated this evaluation yet. Open a round: goldloop rate open {evaluation}")


@rate.command("open")
@click.argument("evaluation", type=ID)
@click.option("--arms", default="base,tuned", show_default=True, help="Two or three of base, prompted and tuned.")
@click.option("--rows", default=0, type=click.IntRange(0), help="How many golden rows are asked about (default: all).")
@click.option("--raters", default=2, show_default=True, help="People on each of the first rows.")
@click.option("--overlap", default=40, show_default=True, help="How many first rows are rated by several people.")
@click.option("--repeats", default=0.05, show_default=True, help="Share of cards that come once more, sides swapped.")
@click.option("--known", default=0.05, show_default=True, help="Share of cards of which the better answer is known.")
@click.option("--tag", "tags", multiple=True, metavar="TEXT", help='A reason, such as "w wrong fact" (default: eight).')
@click.option("--grade", "grades", multiple=True, metavar="QUESTION",
              help=f"Grade both answers 1 to 5 after the choice, such as {', '.join(GRADES)}.")  # fmt: skip
@click.option("--stop", type=click.Choice(["fixed", "e-value"]), default="fixed", help="When it ends.")
@click.option("--alpha", default=0.05, show_default=True, help="The error rate of the e-value rule.")
@click.option("--guide", type=click.Path(), help="A file that tells raters how to judge.")
@click.option("--dry-run", is_flag=True, help="Say what it would take and could show, and open nothing.")
@click.pass_context
def open_(
    context: click.Context, evaluation: int, arms: str, rows: int, raters: int, overlap: int, repeats: float,
    known: float, tags: tuple[str, ...], grades: tuple[str, ...], stop: str, alpha: float, guide: str | None,
    dry_run: bool,
) -> None:  # fmt: skip
    """Open a blind round, and say what it takes and what it can show."""
    from workbench.actions.open_round import open_round, plan_round

    store = opened(context)
    design = Design(
        rows, raters, overlap, repeats, known, tags_of(tags) if tags else None, grades, cast(Stop, stop), alpha,
        guide=text_of(guide) if guide else "",
    )  # fmt: skip
    chosen = tuple(arm.strip() for arm in arms.split(",") if arm.strip())
    plan = plan_round(store, evaluation, chosen, design=design)
    click.echo(plan.sentence)
    if not dry_run:
        made = open_round(store, evaluation, chosen, design=design)
        click.echo(f"Round {made.id} is open. Rate in the app, or mail: goldloop rate pack {made.id} --rater NAME")


@rate.command("next")
@click.argument("number", metavar="ROUND", type=ID)
@RATER
@click.option("--json", "as_json", is_flag=True, help="As a line of JSON, for a program.")
@click.pass_context
def next_(context: click.Context, number: int, rater: str | None, as_json: bool) -> None:
    """Show the next pair of answers for a rater."""
    from workbench.actions.rate import guess_cards, next_cards

    store, name = opened(context), rater or user_name()
    given = next_cards(store, number, name, most=1)
    last = guess_cards(store, number, name)[:1] if given.over in ("rated", "enough") else ()
    if not (given.cards or last):
        why = {"held": "others hold the last pairs just now", "enough": "the stop rule has been reached"}
        click.echo(f"Nothing to rate: {why.get(given.over, 'every pair has the raters it needs')}.")
        return
    card = (*given.cards, *last)[0]
    if as_json:
        line = {"card": card.key, "prompt": card.prompt, "a": card.a, "b": card.b, **({"guess": True} if last else {})}
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    if last:
        click.echo("Last question: which answer, do you think, is the tuned model's? Vote a, b, or tie for no idea.")
    click.echo(f"Card {card.key}, {given.progress.done} of {given.progress.total} done")
    for title, text in (("Question", card.prompt), ("A", card.a), ("B", card.b)):
        click.echo(f"\n--- {title}\n{plain(text)}")


@rate.command()
@click.argument("number", metavar="ROUND", type=ID)
@click.argument("card")
@click.argument("choice", type=click.Choice(["a", "b", "tie", "bad", "skip", "undo"]))
@RATER
@click.option("--tag", "tags", multiple=True, metavar="REASON", help="A reason of the round's list.")
@click.option("--note", default="", help="Why, in your words.")
@click.option("--grade", "grades", type=(click.Choice(["a", "b"]), str, click.IntRange(1, 5)), multiple=True,
              metavar="SIDE QUESTION 1..5", help="A grade for an answer, such as --grade a helpful 4.")  # fmt: skip
@click.pass_context
def vote(
    context: click.Context, number: int, card: str, choice: str, rater: str | None, tags: tuple[str, ...], note: str,
    grades: tuple[tuple[str, str, int], ...],
) -> None:  # fmt: skip
    """Say which answer of a pair is better."""
    from workbench.actions.rate import vote as cast_vote

    given: dict[str, dict[str, int]] = {}
    for side, question, grade in grades:
        given.setdefault(side, {})[question] = grade
    done = cast_vote(opened(context), number, rater or user_name(), card, choice, tags=tags, reason=note, grades=given)
    click.echo(f"{done.done} of {done.total} done.")


@rate.command()
@click.argument("number", metavar="ROUND", type=ID)
@click.option("--rater", required=True, metavar="NAME", help="Who will rate it.")
@click.option("-o", "--output", type=click.Path(), help="The file or folder (default: packs/ in the store).")
@click.option("--days", default=14.0, show_default=True, help="How long its pairs wait for this rater.")
@click.option("--cards", type=click.IntRange(1), help="Pairs at most (default: all that need a rater).")
@click.pass_context
def pack(context: click.Context, number: int, rater: str, output: str | None, days: float, cards: int | None) -> None:
    """Write a rating pack: one HTML file to mail, which works without a server."""
    from workbench.actions.rating_pack import rating_pack
    from workbench.blind.pack import MOST_CARDS

    done = rating_pack(opened(context), number, rater, output, days=days, most=cards or MOST_CARDS)
    click.echo(f"{done.path} holds {done.cards} pairs for {plain(done.rater)} ({done.bytes / 1000:.0f} KB).")
    click.echo("When its result comes back: goldloop rate EVALUATION --import FILE")


@rate.command()
@click.argument("number", metavar="ROUND", type=ID)
@click.pass_context
def progress(context: click.Context, number: int) -> None:
    """Show how far an open round is and how far people agree; never who is ahead."""
    _show_open(opened(context), number)


@rate.command("close")
@click.argument("number", metavar="ROUND", type=ID)
@click.pass_context
def close_(context: click.Context, number: int) -> None:
    """Close a round for good and show what it found."""
    from workbench.actions.close_round import close_round

    _show_found(close_round(opened(context), number))


@rate.command()
@click.argument("evaluation", type=ID)
@click.option("-o", "--output", type=click.Path(), required=True, help="The file, such as preferences.jsonl.")
@click.option("--round", "rounds", multiple=True, type=ID, help="Only these rounds (default: all that are closed).")
@click.pass_context
def export(context: click.Context, evaluation: int, output: str, rounds: tuple[int, ...]) -> None:
    """Write what people preferred as pairs of chosen and rejected replies, for preference training."""
    from workbench.actions.export_preferences import export_preferences

    done = export_preferences(opened(context), evaluation, output, rounds=rounds)
    click.echo(f"{done.path}: {done.pairs} pairs; {done.left_out} without a winner left out.")
    click.echo("They are made of golden rows and marked so: training on them is refused until those rows are retired.")


def _show_open(store: Store, number: int) -> None:
    from workbench.actions.rate import watch
    from workbench.store import ratings

    if ratings.get_round(store, number).closed:
        raise BadInput(f"Round {number} is closed. Its result: goldloop rate EVALUATION")
    seen = watch(store, number)
    click.echo(f"Round {number} is open: {seen.votes} votes so far on {seen.rows} of {seen.all_rows} rows, "
               f"{seen.missing} judgements are missing.")  # fmt: skip
    if seen.by_rater:
        click.echo("  " + ", ".join(f"{plain(name)} {count}" for name, count in seen.by_rater.items()))
    click.echo(f"  {seen.agreement.sentence}")
    if seen.evidence:
        click.echo(f"  Evidence {seen.evidence.value:.3g} of {seen.evidence.needed:.3g} that end the round.")


def _show_found(found: Any) -> None:
    if not found.raters:
        click.echo(f"Round {found.round.id} was withdrawn: nobody had voted.")
        return
    for one in found.pairs:
        click.echo(f"Round {found.round.id}: {one.sentence}")
    for one in found.without:
        click.echo(f"  Without {plain(', '.join(found.flagged))}: {one.sentence}")
    click.echo(f"  {found.agreement.sentence}")
    lines = [
        (plain(one.name), one.choices, one.too_fast, f"{one.known_right}/{one.known}",
         f"{one.repeated_alike}/{one.repeats}", "" if one.left.value is None else f"{one.left.value:.0%}",
         f"{one.guessed_right}/{one.guesses}")
        for one in found.raters
    ]  # fmt: skip
    click.echo(table(("rater", "choices", "too fast", "known", "repeats", "left", "guesses"), lines))
    for one in found.raters:
        for flag in one.flags:
            click.echo(f"  {plain(one.name)} {flag}.")
    if found.disputed:
        click.echo("  Most disputed rows: " + ", ".join(one.row_id for one in found.disputed))
