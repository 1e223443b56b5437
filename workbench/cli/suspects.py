"""Commands of the leak guard, in the group `golden`: suspects, rule, override, approve."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, marked, opened, progress
from workbench.errors import BadInput
from workbench.reports.tables import plain, table
from workbench.store import Store

REASON = click.option("--reason", default="", metavar="WHY", help="Why; kept with your name and printed in the report.")
WHERE = click.option(
    "--where",
    default="",
    metavar="FILTER",
    help="Which pairs: tier=, way=, tag=, same=topic, above=, below=, row=, golden=, pair=, state=open, all.",
)


@click.command()
@click.argument("version", required=False)
@WHERE
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="How many pairs to print.")
@click.option("--texts", is_flag=True, help="Print both rows of each pair with their words marked.")
@click.option("--anew", is_flag=True, help="Search again even where it was done.")
@click.option("--detach", is_flag=True, help="Search as a job and return at once.")
@click.option("--drop", is_flag=True, help="Take out the rows that are certain leaks or were ruled to be leaks.")
@click.option("--preview", is_flag=True, help="With --drop: show what would go, and drop nothing.")
@click.pass_context
def suspects(
    context: click.Context, version: str | None, where: str, limit: int, texts: bool, anew: bool, detach: bool,
    drop: bool, preview: bool,
) -> None:  # fmt: skip
    """Show training rows that may show the model what stands in golden; unruled ones stop training."""
    from workbench.actions.find_suspects import find_suspects
    from workbench.suspect_filter import pairs_where

    store = opened(context)
    if detach:
        job = jobs.start(store, "suspects", {"version": version, "anew": anew})
        click.echo(f"Job {job.id} searches for leaks. Watch it with: goldloop jobs watch {job.id}")
        return
    if drop:
        _drop(store, version, preview)
        return
    found = find_suspects(store, version, anew=anew, report=progress)
    shown = pairs_where(store, found, where)
    lines = [
        (one.key, one.tier, f"{one.measure:.2f}", plain(one.how), plain(one.training_id),
         plain(one.golden_id) or "sealed", _ruling(one.ruling))
        for one in shown[:limit]
    ]  # fmt: skip
    if lines and not texts:
        click.echo(table(("pair", "tier", "likeness", "how", "training row", "golden row", "ruling"), lines))
    for one in shown[:limit] if texts else ():
        _side_by_side(store, found, one)
    if len(shown) > limit:
        click.echo(f"... and {len(shown) - limit:,} more pairs; see them with --limit {len(shown)}")
    tiers = Counter(one.tier for one in found.pairs)
    told = ", ".join(f"{count:,} {tier}" for tier, count in tiers.items()) or "no pairs"
    again = "" if found.fresh else " (searched before)"
    click.echo(f"{found.search.version} against {found.search.golden}: {told}{again}.")
    if found.note:
        click.echo(found.note)
    _say_what_stops(found)


def _say_what_stops(found: Any) -> None:
    for one in found.overrides:
        click.echo(
            f"Override {one.id}: {plain(one.who)} signed for {_count(len(one.pairs), 'pair')}: {plain(one.reason)}"
        )
    if found.open:
        rows = len({one.training_id for one in found.open})
        click.echo(
            f"{len(found.open):,} pairs ({rows:,} rows) stop training. Rule on them: goldloop golden rule PAIR..."
        )
    else:
        click.echo("Nothing stops training.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _ruling(ruling: Any) -> str:
    if ruling is None:
        return ""
    return f"{'leak' if ruling.leak else 'no leak'} ({plain(ruling.who)}: {plain(ruling.reason)[:40]})"


def _side_by_side(store: Store, found: Any, pair: Any) -> None:
    from workbench.actions.find_suspects import texts_of
    from workbench.diff import word_changes
    from workbench.store import datasets, goldens

    search = found.search
    mine, theirs = texts_of(
        store, datasets.by_id(store, search.version_id), goldens.by_id(store, search.golden_id), pair
    )
    click.echo(f"{pair.key}  {pair.tier}: {plain(pair.how)}, likeness {pair.measure:.2f}  {_ruling(pair.ruling)}")
    if theirs is None:
        click.echo(f"  training {plain(pair.training_id)}: {plain(mine.text[0])[:600]}")
        click.echo("  golden: resembles a sealed row, whose text nobody may see")
        return
    click.echo(f"  golden {plain(pair.golden_id)} -> training {plain(pair.training_id)}:")
    click.echo(f"  {marked(word_changes(theirs.text[0], mine.text[0]))[:1200]}")


def _drop(store: Store, version: str | None, preview: bool) -> None:
    from workbench.actions.drop_leaks import drop_leaks

    done = drop_leaks(store, version, preview=preview)
    for row_id in done.row_ids[:20]:
        click.echo(f"- row {plain(row_id)}")
    if done.after is None:
        click.echo(f"Preview: {_count(len(done.row_ids), 'row')} would be dropped.")
    else:
        click.echo(f"{done.after.label}: {done.difference.summary}. Undo brings them back: goldloop undo")


@click.command()
@click.argument("pairs", nargs=-1, metavar="PAIR...")
@WHERE
@click.option("--leak/--no-leak", "leak", default=None, help="The training row gives the golden row away, or does not.")
@REASON
@click.option("--version", metavar="V", help="The version that the pairs were found on (default: the newest).")
@click.option("--preview", is_flag=True, help="Say how many pairs are meant, and rule on none.")
@click.option("--list", "listing", is_flag=True, help="List the rulings and approved phrases that hold.")
@click.option("--take-back", type=ID, metavar="ID", help="End this ruling: the pair counts again.")
@click.option("--all-of-it", is_flag=True, help="With --take-back: end every ruling made in the same press.")
@click.pass_context
def rule(
    context: click.Context, pairs: tuple[str, ...], where: str, leak: bool | None, reason: str, version: str | None,
    preview: bool, listing: bool, take_back: int | None, all_of_it: bool,
) -> None:  # fmt: skip
    """Rule that suspect pairs are leaks, or are none, with a reason; the ruling holds until a text changes."""
    from workbench.actions.rule_suspect import rule_suspect, take_back_leak_ruling

    store = opened(context)
    if listing:
        _list_rulings(store, version)
        return
    if take_back is not None:
        _, ended = take_back_leak_ruling(store, take_back, all_of_it=all_of_it)
        said = "ruling is taken back: its pair counts" if ended == 1 else "rulings are taken back: their pairs count"
        click.echo(f"{ended:,} {said} again.")
        return
    if leak is None:
        raise BadInput("Say what it is: --leak or --no-leak.")
    done = rule_suspect(store, pairs, where=where, leak=leak, reason=reason, version=version, preview=preview)
    verdict = "a leak" if leak else "no leak"
    if done.certain:
        click.echo(f"{_count(done.certain, 'certain pair')} left out: no opinion helps there.")
    if preview:
        click.echo(f"Preview: {_count(len(done.pairs), 'pair')} would be ruled {verdict}.")
        return
    click.echo(f"Ruled {verdict}: {_count(len(done.pairs), 'pair')}.")
    if leak:
        click.echo("Take their rows out with: goldloop golden suspects --drop")
    stops = f"{_count(done.left, 'pair')} still {'stops' if done.left == 1 else 'stop'} training."
    click.echo(stops if done.left else "Nothing stops training.")


def _list_rulings(store: Store, version: str | None) -> None:
    from workbench.store import datasets
    from workbench.store import suspects as kept

    dataset = datasets.version(store, version).dataset
    lines = [
        (one.id, "leak" if one.leak else "no leak", plain(one.training_id), plain(one.how), one.bulk, plain(one.who),
         one.when[:16].replace("T", " "), plain(one.reason))
        for one in kept.rulings(store, dataset)
    ]  # fmt: skip
    click.echo(table(("id", "ruling", "training row", "how", "in one press", "who", "when (UTC)", "reason"), lines))
    for phrase in kept.phrases(store, dataset):
        click.echo(
            f'Approved phrase {phrase.id} ({plain(phrase.who)}): "{plain(phrase.phrase)}", {plain(phrase.reason)}'
        )


@click.command()
@click.argument("version", required=False)
@REASON
@click.option("--take-back", type=ID, metavar="ID", help="End this signature: its pairs stop training again.")
@click.pass_context
def override(context: click.Context, version: str | None, reason: str, take_back: int | None) -> None:
    """Let training pass in spite of every open pair, signed; each report of a run on it says so."""
    from workbench.actions.override_leaks import override_leaks, take_back_override

    store = opened(context)
    if take_back is not None:
        ended = take_back_override(store, take_back)
        click.echo(f"Override {take_back} is taken back." if ended else f"There is no override {take_back} that holds.")
        return
    signed = override_leaks(store, version, reason=reason)
    told = ", ".join(f"{count:,} {tier}" for tier, count in signed.counts.items())
    pairs = _count(len(signed.pairs), "pair")
    click.echo(f"Override {signed.id}: {plain(signed.who)} lets training pass in spite of {pairs} ({told}).")


@click.command()
@click.argument("phrase", required=False)
@REASON
@click.option("--dataset", metavar="DATASET", help="Whose replies may repeat it (default: the dataset touched last).")
@click.option("--take-back", type=ID, metavar="ID", help="End this approval.")
@click.pass_context
def approve(
    context: click.Context, phrase: str | None, reason: str, dataset: str | None, take_back: int | None
) -> None:
    """Approve a phrase that every reply may repeat, such as a policy sentence: it counts as no leak."""
    from workbench.actions.approve_phrase import approve_phrase, disapprove_phrase

    store = opened(context)
    if take_back is not None:
        ended = disapprove_phrase(store, take_back)
        click.echo(f"Approval {take_back} is taken back." if ended else f"There is no approval {take_back} that holds.")
        return
    if not phrase:
        raise BadInput("Say which phrase: goldloop golden approve PHRASE --reason WHY")
    done = approve_phrase(store, phrase, reason=reason, dataset=dataset)
    click.echo(f'Approved phrase {done.id}: "{plain(done.phrase)}". The next search lets it pass.')


COMMANDS = (suspects, rule, override, approve)
