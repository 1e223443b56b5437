"""Commands on model judges: add, list, show, rubric, card, run, results."""

from __future__ import annotations

import json
from typing import Any, get_args

import click

from workbench import jobs
from workbench.cli.terminal import ID, follow, opened, text_of
from workbench.judging.model import Plan, refuse_to_send
from workbench.records import JudgeForm
from workbench.reports.judges import card_lines, told_lines
from workbench.reports.tables import plain, table

CAP = click.option("--cap", type=click.FloatRange(min=0), help="The most it may cost, in the currency of the prices.")
YES = click.option("--yes", is_flag=True, help="Agree that the rows named are sent, without being asked.")
DETACH = click.option("--detach", is_flag=True, help="Return at once; the work goes on as a job.")


@click.group()
def judges() -> None:
    """Models as judges of answers, each of which must first prove itself against people."""


@judges.command("add")
@click.argument("name")
@click.option("--model", required=True, help="As its server knows it, or the name or folder of a local model.")
@click.option(
    "--url", default="", help="Base address of an OpenAI-compatible server (default: a model on this machine)."
)
@click.option("--key-name", default="", metavar="VARIABLE", help="Environment variable that holds the key.")
@click.option("--form", type=click.Choice([*get_args(JudgeForm)]), default="pairwise", show_default=True,
              help="Compare two answers, or mark each alone.")  # fmt: skip
@click.option("--rubric", type=click.Path(), help="A file with the criteria (default: those of `judges rubric`).")
@click.option("--price-in", "per_million_in", type=click.FloatRange(min=0), default=0.0,
              help="What a million tokens sent cost.")  # fmt: skip
@click.option("--price-out", "per_million_out", type=click.FloatRange(min=0), default=0.0,
              help="What a million tokens written cost.")  # fmt: skip
@click.option("--most-tokens", type=click.IntRange(16, 32_768), help="Longest reply (default: 1024).")
@click.pass_context
def add(context: click.Context, name: str, rubric: str | None, most_tokens: int | None, **settings: Any) -> None:
    """Add a judge, or the next number of one. Nothing is sent."""
    from workbench.actions.add_judge import add_judge

    if rubric is not None:
        settings["rubric"] = text_of(rubric)
    if most_tokens is not None:
        settings["most_tokens"] = most_tokens
    done = add_judge(opened(context), name, **settings)
    click.echo(f"Judge {done.label}. Make its card on a rated evaluation: goldloop judges card EVALUATION {done.label}")


@judges.command("rubric")
def rubric() -> None:
    """Print a rubric to begin with."""
    from evaluators.judges.rubric import STARTER

    click.echo(STARTER, nl=False)


@judges.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """List the judges and where each of them runs."""
    from workbench.judging.model import where
    from workbench.store import judges as table_of

    store = opened(context)
    lines = []
    for one in table_of.listed(store):
        cards = table_of.runs_of(store, judge_id=one.id, work="card")
        last = (cards[0].summary or {}) if cards else {}
        said = "passed" if last.get("passes") else "not passed" if last else "none"
        lines.append((plain(one.label), one.form, plain(where(one)), said, f"{table_of.spent(store, one.id):.4f}"))
    click.echo(table(("judge", "form", "runs", "newest card", "spent"), lines))


@judges.command("show")
@click.argument("judge")
@click.pass_context
def show(context: click.Context, judge: str) -> None:
    """Show a judge's rubric and its newest card."""
    from workbench.judging.model import where
    from workbench.store import judges as table_of

    store = opened(context)
    one = table_of.get(store, judge)
    click.echo(f"{plain(one.label)} ({one.form}), {plain(where(one))}\n\n{plain_lines(one.rubric)}\n")
    cards = table_of.runs_of(store, judge_id=one.id, work="card")
    if cards and cards[0].summary:
        click.echo(f"Card on evaluation {cards[0].evaluation_id}, {cards[0].when[:16]}\n{card_lines(cards[0].summary)}")
    else:
        click.echo("It has no card yet.")


@judges.command("card")
@click.argument("evaluation", type=ID)
@click.argument("judge")
@CAP
@YES
@DETACH
@click.pass_context
def card(context: click.Context, evaluation: int, judge: str, cap: float | None, yes: bool, detach: bool) -> None:
    """Find out whether JUDGE may be believed, on pairs of EVALUATION that people rated blind."""
    from workbench.actions.judge_card import judge_card
    from workbench.store import judges as table_of

    store = opened(context)
    told = judge_card(store, evaluation, judge, preview=True)
    if told.warning:
        click.echo(told.warning)
    agree(told.plan, yes, cap)
    settings = {"work": "card", "evaluation": evaluation, "judge": judge, "cap": cap, "agreed": True}
    job = jobs.start(store, "judge", settings)
    if detach:
        click.echo(f"Job {job.id} makes the card. Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    found = table_of.run(store, (done.result or {})["judge_run"])
    click.echo(card_lines(found.summary or {}))


@judges.command("run")
@click.argument("evaluation", type=ID)
@click.argument("judge")
@click.option("--arms", "pairs", multiple=True, metavar="A,B",
              help="A pair of arms, B's wins count; repeatable (default: base,tuned and prompted,tuned).")  # fmt: skip
@CAP
@YES
@DETACH
@click.pass_context
def run(
    context: click.Context, evaluation: int, judge: str, pairs: tuple[str, ...], cap: float | None, yes: bool,
    detach: bool,
) -> None:  # fmt: skip
    """Let JUDGE judge the dev and calibration answers of EVALUATION; its card must pass."""
    from workbench.actions.judge import judge as judged
    from workbench.judging.cases import PAIRS
    from workbench.judging.results import told

    store = opened(context)
    wanted = [tuple(one.split(",")) for one in pairs] or [*PAIRS]
    agree(judged(store, evaluation, judge, pairs=wanted, preview=True).plan, yes, cap)  # type: ignore[arg-type]
    settings = {"work": "run", "evaluation": evaluation, "judge": judge, "pairs": wanted, "cap": cap, "agreed": True}
    job = jobs.start(store, "judge", settings)
    if detach:
        click.echo(f"Job {job.id} judges. Watch it with: goldloop jobs watch {job.id}")
        return
    follow(store, job.id)
    click.echo(told_lines(told(store, evaluation)))


@judges.command("results")
@click.argument("evaluation", type=ID)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def results(context: click.Context, evaluation: int, as_json: bool) -> None:
    """What judges whose card passes say of EVALUATION, and why others are not used."""
    from workbench.judging.results import told

    found = told(opened(context), evaluation)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else told_lines(found))


def agree(plan: Plan, yes: bool, cap: float | None) -> None:
    """Says what would be sent where, and asks. Raises Refused for a cap that could not be kept."""
    refuse_to_send(plan, cap, agreed=True)
    click.echo(plain(plan.sentence))
    if plan.calls and not plan.local and not yes:
        click.confirm("Send it?", abort=True)


def plain_lines(text: str) -> str:
    return "\n".join(plain(line) if line.strip() else "" for line in text.splitlines())
