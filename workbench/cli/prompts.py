"""Commands on prompts: prompts list, add, show, diff, climb, ladder."""

from __future__ import annotations

from typing import Any

import click

from evaluators.prompting.recipe import MOST_EXAMPLES, TARGET
from workbench import jobs
from workbench.cli.terminal import ID, SEED, follow, marked, opened, text_of
from workbench.errors import BadInput
from workbench.records import Prompt
from workbench.reports.tables import UNKNOWN, number, plain, table
from workbench.store import Store, datasets
from workbench.store import prompts as kept

COUNT = click.IntRange(1, MOST_EXAMPLES)
WAYS = click.Choice(["similar", "random"])
RUNG_HEAD = ("", "no.", "rung", "mean", "95 % interval", "against zero-shot", "verdict", "tokens (p95)", "how")
TRIED_HEAD = ("no.", "prompt", "mean", "rows", "tokens a question", "parent")


@click.group()
def prompts() -> None:
    """Better prompts before any training: save them, climb the ladder, see whether fine-tuning is needed."""


@prompts.command("list")
@click.argument("dataset", required=False)
@click.pass_context
def list_(context: click.Context, dataset: str | None) -> None:
    """List the saved prompts of DATASET with what the last climb measured of each."""
    store = opened(context)
    of = datasets.version(store, dataset).dataset
    lines = [
        (one.number, plain(one.title), one.origin, one.parent or "", *_measured(one), one.who, one.when[:10])
        for one in kept.listed(store, of)
    ]
    if not lines:
        click.echo(f"{of} has no saved prompt yet. Save one: goldloop prompts add NAME --file prompt.txt")
        return
    head = ("no.", "prompt", "from", "parent", "tokens a question", "held-out rows", "golden dev", "by", "on")
    click.echo(table(head, lines))


def _measured(one: Prompt) -> tuple[str, str, str]:
    """Tokens, score on held-out rows and score on golden, as words."""
    found = one.measured
    held, dev = found.get("held") or {}, found.get("dev") or {}
    size = found.get("tokens") or {}
    return (
        f"{size['mean']:,.0f} (p95 {size['p95']:,.0f})" if size else UNKNOWN,
        UNKNOWN if held.get("mean") is None else f"{held['mean']:.2f} on {held['rows']}",
        UNKNOWN if dev.get("mean") is None else f"{dev['mean']:.2f} on {dev['n']}",
    )


@prompts.command("add")
@click.argument("name")
@click.option("--file", type=click.Path(), help="A file with the system text.")
@click.option("--text", help="The system text itself.")
@click.option("--version", metavar="V", help="The dataset, or the version whose rows are the examples.")
@click.option("--examples", type=click.IntRange(0, MOST_EXAMPLES), default=0, help="Training rows before the question.")
@click.option("--choose", type=WAYS, default="similar", show_default=True, help="How those rows are chosen.")
@click.option("--seed", type=SEED, default=0, help="Of the random choice.")
@click.option("--parent", type=ID, metavar="N", help="The saved prompt it was made from (default: the last of NAME).")
@click.pass_context
def add(
    context: click.Context, name: str, file: str | None, text: str | None, version: str | None, examples: int,
    choose: str, seed: int, parent: int | None,
) -> None:  # fmt: skip
    """Save a prompt under NAME; a changed text under the same name is its next version."""
    from workbench.actions.save_prompt import save_prompt

    if file and text:
        raise BadInput("Give --file or --text, not both.")
    system = text_of(file) if file else text or ""
    saved = save_prompt(
        opened(context), name, system, version=version, examples=examples, choose=choose, seed=seed, parent=parent
    )
    after = f", made from {saved.parent}" if saved.parent else ""
    click.echo(f"Saved as prompt {saved.number} of {saved.dataset}: {plain(saved.title)}{after}.")


@prompts.command("show")
@click.argument("number_", type=ID, metavar="N")
@click.option("--dataset", metavar="NAME", help="Which dataset's (default: the one touched last).")
@click.pass_context
def show(context: click.Context, number_: int, dataset: str | None) -> None:
    """Print saved prompt N: its text, its examples, where it comes from and what was measured of it."""
    store = opened(context)
    one = kept.get(store, datasets.version(store, dataset).dataset, number_)
    size, held, dev = _measured(one)
    source = datasets.by_id(store, one.version_id).label
    click.echo(f"Prompt {one.number} of {one.dataset}: {plain(one.title)}")
    click.echo(
        f"by {plain(one.who)} on {one.when[:16].replace('T', ' ')} ({one.origin}), parent: {one.parent or 'none'}"
    )
    click.echo(f"examples: {one.k} {one.examples_mode if one.k else ''} {f'from {source}' if one.k else ''}".rstrip())
    click.echo(f"tokens a question: {size}; held-out rows: {held}; golden dev: {dev}")
    click.echo("\n" + ("\n".join(plain(line) for line in one.system.splitlines()) or "(no system text)"))


@prompts.command("diff")
@click.argument("a", type=ID)
@click.argument("b", type=ID)
@click.option("--dataset", metavar="NAME", help="Which dataset's (default: the one touched last).")
@click.pass_context
def diff(context: click.Context, a: int, b: int, dataset: str | None) -> None:
    """Compare saved prompts A and B, word by word and by what was measured."""
    from workbench.diff import word_changes

    store = opened(context)
    of = datasets.version(store, dataset).dataset
    one, other = kept.get(store, of, a), kept.get(store, of, b)
    head = ("no.", "prompt", "tokens a question", "held-out rows", "golden dev")
    click.echo(table(head, [(each.number, plain(each.title), *_measured(each)) for each in (one, other)]))
    if one.system == other.system:
        click.echo("\nThe system texts are the same.")
        return
    click.echo("\n" + marked(word_changes(one.system, other.system)))


@prompts.command("climb")
@click.argument("version", required=False)
@click.option("--model", help="The model to ask (default: the embedded one).")
@click.option("--candidate", "candidates", type=ID, multiple=True, metavar="N",
              help="Try the text of this saved prompt (default: the newest of every name).")  # fmt: skip
@click.option("--examples", "counts", type=COUNT, multiple=True, help="Try so many examples (default: 2 and 4).")
@click.option("--choose", "ways", type=WAYS, multiple=True, help="Ways to choose examples (default: both).")
@click.option("--rows", type=click.IntRange(0, 400), default=24, show_default=True,
              help="Training rows held out to choose by; 0: no search.")  # fmt: skip
@click.option("--measure", type=ID, multiple=True, metavar="N", help="Also measure this saved prompt on golden.")
@click.option("--primary", metavar="METRIC", help="The metric that decides (default: read off the references).")
@click.option("--target", type=click.FloatRange(0.01, 1.0), default=TARGET, show_default=True,
              help="Share of rows that has to be right for a prompt to be enough.")  # fmt: skip
@click.option("--max-new-tokens", type=click.IntRange(1, 8192), help="The longest answer (default: by the references).")
@click.option("--seed", type=SEED, default=0, help="Of the held-out rows and of random examples.")
@click.option("--plan", is_flag=True, help="Only say how many answers and minutes it would take.")
@click.option("--detach", is_flag=True, help="Return at once; the work goes on as a job.")
@click.pass_context
def climb(context: click.Context, version: str | None, plan: bool, detach: bool, **given: Any) -> None:
    """Try prompts without training: search on held-out training rows, measure the rungs on golden's dev rows."""
    store = opened(context)
    of = datasets.version(store, version)
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    settings = {key: value for key, value in settings.items() if value not in (None, [])}
    job = jobs.start(store, "prompts", {"version": of.label, **settings, "preview": plan})
    if detach:
        click.echo(f"Job {job.id} climbs the prompt ladder of {of.label}. Watch it with: goldloop jobs watch {job.id}")
        return
    result = follow(store, job.id).result or {}
    if plan:
        click.echo(budget_line(result["budget"]))
    else:
        show_ladder(store, of.dataset)


def budget_line(budget: dict[str, Any]) -> str:
    """What a climb takes, in one sentence."""
    minutes = (
        f"about {budget['minutes']:.0f} minutes on this machine, timed on {budget['timed_on']} answers"
        if budget["minutes"] is not None else "minutes unknown until timed"
    )  # fmt: skip
    return (
        f"{budget['answers']:,} answers, {minutes}: {budget['search_answers']:,} to try {budget['recipes']} prompts on "
        f"{budget['held_rows']} held-out training rows, up to {budget['golden_answers']:,} to measure rungs on "
        f"{budget['golden_rows']} golden rows; what was answered before is not asked again."
    )


@prompts.command("ladder")
@click.argument("dataset", required=False)
@click.pass_context
def ladder(context: click.Context, dataset: str | None) -> None:
    """Print the newest climb of DATASET: the rungs with their intervals, and whether fine-tuning is needed."""
    store = opened(context)
    show_ladder(store, datasets.version(store, dataset).dataset)


def show_ladder(store: Store, dataset: str) -> None:
    """Prints the answer first, then the rungs, then what the search tried."""
    told = kept.told(store, dataset)
    if told is None:
        raise BadInput(f"Nobody has climbed the prompt ladder of {dataset} yet: goldloop prompts climb {dataset}")
    unit, need = told["primary"]["unit"], told["need"]
    click.echo(f"Do you need to fine-tune?  {need['sentence']}")
    for sentence in need["sentences"]:
        click.echo(f"- {sentence}")
    click.echo(f"\n{told['primary']['title']}, {told['golden']['label']}, {told['rows']} dev rows, {told['model']}")
    head = (
        "",
        "no.",
        "rung",
        "mean",
        "95 % interval",
        "against zero-shot",
        "verdict",
        "tokens a question (p95)",
        "how",
    )
    click.echo(table(head, [rung_line(one, unit) for one in told["rungs"]]))
    if told["search"]:
        click.echo(f"\nTried on {told['search']['rows']} held-out training rows, the best first:")
        click.echo(table(TRIED_HEAD, [tried_line(one, unit) for one in told["search"]["tried"]]))
    click.echo(f"Climb {told['climb']}. Use one as the better prompt: goldloop evaluate RUN --saved-prompt N")


def tried_line(one: dict[str, Any], unit: str) -> tuple[Any, ...]:
    """A prompt that the search tried as cells of a table."""
    cost = f"{one['tokens']['mean']:,.0f}"
    mean = number(one["mean"], unit)
    return one["number"] or "", plain(one["title"]), mean, one["rows"], cost, one["parent"] or ""


def rung_line(one: dict[str, Any], unit: str) -> tuple[Any, ...]:
    """A rung as cells of a table."""
    low, high = one["low"], one["high"]
    gain = UNKNOWN
    if one["difference"] is not None:
        gain = f"{one['difference']:+.2f}"
        if one["difference_low"] is not None:
            gain += f" [{one['difference_low']:+.2f}, {one['difference_high']:+.2f}]"
    return (
        "*" if one["chosen"] else "",
        one["number"] or "",
        plain(one["title"]),
        number(one["mean"], unit),
        UNKNOWN if low is None else f"{number(low, unit)} to {number(high, unit)}",
        gain,
        (one["verdict"] or "") + (f"; worse on {', '.join(one['worse_on'])}" if one["worse_on"] else ""),
        f"{one['tokens']['mean']:,.0f} ({one['tokens']['p95']:,.0f})",
        one["how"],
    )
