"""Commands that measure: evaluate a run, compare two versions, runs or evaluations."""

from __future__ import annotations

from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, follow, opened, text_of
from workbench.errors import BadInput
from workbench.reports.tables import plain
from workbench.store import Store


@click.command()
@click.argument("run", type=ID)
@click.option("--sealed", is_flag=True, help="Spend one look at the sealed rows: aggregates and the verdict only.")
@click.option("--why", default="", metavar="TEXT", help="What a look is for; needed once the budget is spent.")
@click.option("--prompt", type=click.Path(), help="A file with the better prompt, as a system text.")
@click.option(
    "--examples",
    type=click.IntRange(0, 20),
    help="Training rows to put before the question (default: 3 without --prompt).",
)
@click.option("--saved-prompt", type=ID, metavar="N", help="A saved prompt instead (see goldloop prompts list).")
@click.option("--primary", metavar="METRIC", help="The metric that decides (default: read off the references).")
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="METRIC=VALUE",
    help="How much worse a guard may be, in its unit: refusal=0.02, refusal=2%, or refusal=off.",
)
@click.option(
    "--useful", type=click.FloatRange(min=0), default=0.0, help="The smallest gain worth having, in the metric's unit."
)
@click.option("--max-new-tokens", type=click.IntRange(1, 8192), help="Longest answer (default: as the references).")
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan and what so many rows can detect; ask nothing.")
@click.option("--detach", is_flag=True, help="Return at once; the work goes on as a job.")
@click.pass_context
def evaluate(
    context: click.Context,
    run: int,
    sealed: bool,
    why: str,
    prompt: str | None,
    examples: int | None,
    saved_prompt: int | None,
    primary: str | None,
    margins: tuple[str, ...],
    useful: float,
    max_new_tokens: int | None,
    only_plan: bool,
    detach: bool,
) -> None:
    """Compare base, base with a better prompt, and tuned on the golden rows."""
    from evaluators.errors import BadRequest
    from evaluators.guards import read_margins
    from workbench.actions.evaluate import DEV, SEALED, prepare
    from workbench.reports.tables import plan_lines
    from workbench.store import goldens

    store = opened(context)
    try:
        held = read_margins(margins)
    except BadRequest as error:
        raise BadInput(str(error)) from error
    settings: dict[str, Any] = {
        "part": SEALED if sealed else DEV,
        "prompt": text_of(prompt) if prompt else "",
        "examples": examples,
        "saved_prompt": saved_prompt,
        "primary": primary,
        "margins": held,
        "useful": useful,
        "max_new_tokens": max_new_tokens,
    }
    ready = prepare(store, run, **settings)  # refuses here, before a job is made
    if only_plan:
        for line in plan_lines(ready.plan):
            click.echo(plain(line))
        return
    if sealed:
        goldens.may_look(store, ready.golden, why)
    job = jobs.start(store, "evaluate", {"run": run, "why": why, **settings})
    if detach:
        click.echo(f"Job {job.id} evaluates run {run}. Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    show_evaluation(store, (done.result or {})["evaluation"])


def show_evaluation(store: Store, evaluation_id: int) -> None:
    """Prints the verdict and the tables of an evaluation."""
    from workbench.reports.tables import comparison_lines
    from workbench.store import evaluations

    summary = evaluations.get(store, evaluation_id).summary
    if summary is None:
        raise BadInput(f"Evaluation {evaluation_id} is not finished.")
    click.echo(comparison_lines(summary))
    click.echo(f"\n{summary['verdict']['sentence']}\n{summary['verdict']['recommendation']}")
    click.echo(f"Evaluation {evaluation_id}. Report: goldloop report {evaluation_id}")


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
