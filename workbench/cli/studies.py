"""Commands on studies: study, show, resume, data, rows, duel, sweep, rebase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, SEED, follow, opened
from workbench.errors import BadInput
from workbench.reports.studies import arm_rows, bases_rows, budget_rows, comparison_rows, head_of, trial_rows
from workbench.reports.tables import plain, span, table
from workbench.store import Store, studies
from workbench.studying.design import KINDS, Kind
from workbench.studying.going_on import standing
from workbench.studying.questions import USEFUL, Question
from workbench.studying.search_space import KNOBS, MOST_TRIALS, WAYS

SHARED = (
    click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob of every run."),
    click.option(
        "--seed",
        "seeds",
        type=SEED,
        multiple=True,
        help="A seed; give several (default: 0 and 1; of a rebase the run's own).",
    ),
    click.option("--minutes", type=float, help="No run begins after so many minutes; it then says what it can say."),
    click.option("--loss-only", is_flag=True, help="Read golden's replies only, and let no run answer: quicker."),
    click.option("--max-new-tokens", type=click.IntRange(1), help="The longest answer (default: by the references)."),
    click.option("--yes", is_flag=True, help="Start without asking; the budget is shown first either way."),
    click.option("--watch", is_flag=True, help="Stay and show the progress."),
)
MODEL = click.option("--model", metavar="M", help="The base model: a fetched name, a folder or a hub name.")


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every question."""
    for option in reversed(SHARED):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@click.pass_context
def study(context: click.Context) -> None:
    """Several runs that answer one question; alone: the studies so far."""
    if context.invoked_subcommand is not None:
        return
    store = opened(context)
    found = studies.listed(store)
    if not found:
        click.echo("No study yet. Ask: goldloop study data (or rows, duel, sweep, rebase)")
        return
    lines = [(one.id, KINDS[one.kind], one.settings["version"], _state(store, one), one.when[:16].replace("T", " "))
             for one in found]  # fmt: skip
    click.echo(table(("study", "question", "rows", "verdict", "when (UTC)"), lines))


def _state(store: Store, one: Any) -> str:
    state = standing(store, one)[0]
    if one.result is None:
        return state
    return f"{one.result['verdict']} ({state})" if state in ("cut short", "at work") else str(one.result["verdict"])


@study.command()
@click.argument("number", metavar="STUDY", type=ID)
@click.pass_context
def show(context: click.Context, number: int) -> None:
    """Show what a study found: the sentence, its runs, and how it was measured."""
    _show(opened(context), number)


@study.command()
@click.argument("number", metavar="STUDY", type=ID)
@click.option("--minutes", type=float, help="No run begins after so many more minutes (default: until it is done).")
@click.option("--yes", is_flag=True, help="Go on without asking; what is left is shown first either way.")
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.pass_context
def resume(context: click.Context, number: int, minutes: float | None, yes: bool, watch: bool) -> None:
    """Let a study go on that its minutes cut short, or that was stopped or killed; finished runs stand."""
    from workbench.actions.resume_study import plan_resume, resume_in_job

    store = opened(context)
    left = plan_resume(store, number, minutes=minutes)
    click.echo(f"Study {number}: {KINDS[left.study.kind]} On {left.version}, measured on {left.golden.label}.")
    click.echo(table(*budget_rows(left.budget.told())))
    click.echo(left.sentence)
    for note in left.notes:
        click.echo(f"  {plain(note)}")
    if not yes and not click.confirm("Let it go on?", default=False):
        click.echo("Nothing was started.")
        return
    _follow(store, resume_in_job(store, number, minutes=minutes).id, watch)


@study.command()
@click.argument("version", required=False)
@MODEL
@shared
@click.option("--same-steps", is_flag=True, help="Smaller parts train as many steps as the whole.")
@click.option("--useful", default=USEFUL, show_default=True, help="The smallest gain worth having, nats per token.")
@click.pass_context
def data(context: click.Context, version: str | None, model: str | None, same_steps: bool, useful: float,
         **options: Any) -> None:  # fmt: skip
    """Is more data worth it? Trains on a quarter, half and all of the rows and says what doubling would bring."""
    _begin(context, _question("data", version, (model,), options, same_steps=same_steps, useful=useful), options)


@study.command()
@click.argument("version", required=False)
@MODEL
@shared
@click.option("--severity", type=click.Choice(["error", "warning", "info"]), default="warning", show_default=True,
              help="Findings of this severity and worse make a row unclean.")  # fmt: skip
@click.option("--no-same-size", is_flag=True, help="Leave out the arm of all rows, as many as the clean ones.")
@click.pass_context
def rows(context: click.Context, version: str | None, model: str | None, severity: str, no_same_size: bool,
         **options: Any) -> None:  # fmt: skip
    """Do only the clean rows do better than all rows?"""
    more = {"severity": severity, "same_size": not no_same_size}
    _begin(context, _question("rows", version, (model,), options, **more), options)


@study.command()
@click.argument("version", required=False)
@click.option("--model", "models", multiple=True, required=True, metavar="M", help="A base model; give two.")
@shared
@click.pass_context
def duel(context: click.Context, version: str | None, models: tuple[str, ...], **options: Any) -> None:
    """Which of two base models learns these rows better?"""
    _begin(context, _question("duel", version, models, options), options)


@study.command()
@click.argument("version", required=False)
@MODEL
@shared
@click.option("--try", "tried", multiple=True, metavar="KNOB[=A,B]",
              help=f"A knob to try, of {', '.join(KNOBS)}: bounds, or the values of a grid.")  # fmt: skip
@click.option("--trials", default=8, show_default=True, type=click.IntRange(2, MOST_TRIALS), help="Trials at most.")
@click.option("--way", type=click.Choice(WAYS), default="tpe", show_default=True, help="How points are chosen.")
@click.pass_context
def sweep(context: click.Context, version: str | None, model: str | None, tried: tuple[str, ...], trials: int,
          way: str, **options: Any) -> None:  # fmt: skip
    """Which learning rate, epochs, rank? Chosen by the rows kept aside, then held against the plan on golden once."""
    more = {"knobs": _knobs(tried), "trials": trials, "way": way}
    _begin(context, _question("sweep", version, (model,), options, **more), options)


@study.command()
@click.argument("run", type=ID)
@click.option("--model", required=True, metavar="M", help="The new base model.")
@shared
@click.pass_context
def rebase(context: click.Context, run: int, model: str, **options: Any) -> None:
    """Is it time for a new base model? An earlier run against a new one on the same data and golden."""
    _begin(context, _question("rebase", None, (model,), options, run=run), options)


def _knobs(tried: tuple[str, ...]) -> dict[str, tuple[float, ...]] | None:
    """ "rank=4,16" as values. Raises BadInput."""
    found: dict[str, tuple[float, ...]] = {}
    for one in tried:
        knob, _, told = one.partition("=")
        try:
            found[knob.strip()] = tuple(float(value) for value in told.split(",") if value.strip())
        except ValueError:
            raise BadInput(f'"{one}" is nothing to try. Write it as learning_rate=0.0005,0.005') from None
    return found or None


def _question(kind: Kind, version: str | None, models: tuple[str | None, ...], options: dict[str, Any],
              **more: Any) -> Question:  # fmt: skip
    return Question(
        kind, version, tuple(one for one in models if one), options["settings"], options["seeds"] or None,
        answers=not options["loss_only"], max_new_tokens=options["max_new_tokens"], minutes=options["minutes"], **more,
    )  # fmt: skip


def _begin(context: click.Context, question: Question, options: dict[str, Any]) -> None:
    """Shows the budget, asks, and starts the study as a job."""
    from workbench.actions.plan_study import plan_study

    store = opened(context)
    planned = plan_study(store, question)
    click.echo(f"{planned.title} On {planned.version.label}, measured on {planned.golden.label}.")
    click.echo(table(*budget_rows(planned.budget.told())))
    click.echo(planned.budget.sentence)
    for note in planned.design.notes:
        click.echo(f"  {plain(note)}")
    if not options["yes"] and not click.confirm("Start it?", default=False):
        click.echo("Nothing was started.")
        return
    _follow(store, jobs.start(store, "study", asdict(question)).id, options["watch"])


def _follow(store: Store, job_id: int, watch: bool) -> None:
    click.echo(f"Job {job_id} is at work. Watch it with: goldloop jobs watch {job_id}")
    if watch:
        done = follow(store, job_id)
        _show(store, int((done.result or {})["study"]))


def _show(store: Store, number: int) -> None:
    one = studies.get(store, number)
    click.echo(f"Study {one.id}: {KINDS[one.kind]} On {one.settings['version']}, {one.when[:16].replace('T', ' ')} UTC")
    if one.result is None:
        state, job = standing(store, one)
        way = f"watch it with: goldloop jobs watch {job.id}" if job and not job.over else (
            f"let it go on with: goldloop study resume {number}")  # fmt: skip
        click.echo(f"It {'is at work' if state == 'at work' else 'was stopped'}; {way}")
        click.echo(f"Budget: {one.settings['budget']['sentence']}")
        return
    told = one.result
    if standing(store, one)[0] == "at work":
        click.echo("It is at work again; what follows is what could be said when its minutes were over.")
    click.echo(f"{told['verdict'].upper()}. {plain(told['sentence'])}")
    click.echo(table(*arm_rows(told)))
    for rows in (bases_rows(told), trial_rows(told), comparison_rows(told)):
        if rows[1]:
            click.echo(table(*rows))
    for note in told["notes"]:
        click.echo(f"  {plain(note)}")
    predicted = (told.get("predicted") or {}).get("seconds")
    before = f", {span(predicted)} predicted" if predicted else ""
    click.echo(f"Took {span(told['seconds'])}{before}. {head_of(told)}")
