"""Commands on results: evaluate, rate, compare, gaps, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, follow, opened, text_of
from workbench.errors import BadInput
from workbench.reports.tables import plain
from workbench.store import Store


@click.command()
@click.argument("run", type=ID)
@click.option("--prompt", type=click.Path(), help="A file with the better prompt, as a system text.")
@click.option(
    "--examples",
    type=click.IntRange(0, 20),
    help="Training rows to put before the question (default: 3 without --prompt).",
)
@click.option("--primary", metavar="METRIC", help="The metric that decides (default: read off the references).")
@click.option("--detach", is_flag=True, help="Return at once; the work goes on as a job.")
@click.pass_context
def evaluate(
    context: click.Context, run: int, prompt: str | None, examples: int | None, primary: str | None, detach: bool
) -> None:
    """Compare base, base with a better prompt, and tuned on the golden rows."""
    from workbench.actions.evaluate import trained_run

    store = opened(context)
    trained_run(store, run)
    settings: dict[str, Any] = {
        "run": run,
        "prompt": text_of(prompt) if prompt else "",
        "examples": examples,
        "primary": primary,
    }
    job = jobs.start(store, "evaluate", settings)
    if detach:
        click.echo(f"Job {job.id} evaluates run {run}. Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    show_evaluation(store, (done.result or {})["evaluation"])


def show_evaluation(store: Store, evaluation_id: int) -> None:
    """Prints the verdict and the table of metrics of an evaluation."""
    from workbench.reports.tables import comparison_lines
    from workbench.store import evaluations

    summary = evaluations.get(store, evaluation_id).summary
    if summary is None:
        raise BadInput(f"Evaluation {evaluation_id} is not finished.")
    click.echo(comparison_lines(summary))
    click.echo(f"\n{summary['verdict']['sentence']}\n{summary['verdict']['recommendation']}")
    click.echo(f"Evaluation {evaluation_id}. Report: goldloop report {evaluation_id}")


@click.command()
@click.argument("evaluation", type=ID)
@click.option("--import", "file", type=click.Path(), help="A file of votes (JSON lines or CSV).")
@click.pass_context
def rate(context: click.Context, evaluation: int, file: str | None) -> None:
    """Import people's votes on an evaluation, or show how far rating is."""
    from workbench.actions.rate import import_votes, result
    from workbench.store import evaluations, ratings

    store = opened(context)
    evaluations.get(store, evaluation)
    if file:
        done = import_votes(store, evaluation, file)
        click.echo(f"{done.imported} votes imported, {done.refused} refused.")
        for reason in done.reasons:
            click.echo(f"  {plain(reason)}")
    for one in ratings.rounds_of(store, evaluation):
        if one.closed:
            click.echo(f"Round {one.id}: {result(store, one.id).sentence}")
        else:
            votes = len(ratings.standing(ratings.votes_of(store, one.id)))
            click.echo(f"Round {one.id} is open, {votes} votes so far. Rate in the app: goldloop app")
    if not ratings.rounds_of(store, evaluation):
        click.echo("Nobody has rated this evaluation yet. Open a round in the app: goldloop app")


@click.command()
@click.argument("a")
@click.argument("b")
@click.pass_context
def compare(context: click.Context, a: str, b: str) -> None:
    """Compare two versions, two runs (run:1 run:2) or two evaluations (evaluation:1 evaluation:2)."""
    from workbench.actions.compare import compare as compared

    done = compared(opened(context), a, b)
    click.echo(plain(done.title))
    for line in done.lines:
        click.echo(line)


@click.command()
@click.argument("evaluation", type=ID)
@click.option("-o", "--output", type=click.Path(), help="Where to write it (default: beside the run).")
@click.pass_context
def report(context: click.Context, evaluation: int, output: str | None) -> None:
    """Write the one-file report, and its JSON twin beside it."""
    from workbench.actions.write_report import write_report

    done = write_report(opened(context), evaluation, Path(output) if output else None)
    click.echo(f"Report: {done.html}\nThe same as data: {done.json}")
