"""Commands on models: plan, train, jobs, models."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, follow, opened, progress
from workbench.errors import Refused
from workbench.reports.tables import amount, plain, table
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store

TRAINING = (
    click.option("--model", metavar="M", help=f"A fetched name, a folder or a hub name (default: {DEFAULT_MODEL})."),
    click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob, for instance epochs=2."),
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that plan and train share."""
    for option in TRAINING:
        command = option(command)
    return command


@click.command()
@click.argument("version", required=False)
@training_options
@click.pass_context
def plan(context: click.Context, version: str | None, model: str | None, settings: tuple[str, ...]) -> None:
    """Show what training would do, before its first step."""
    from workbench.actions.plan_training import plan_training

    done = plan_training(opened(context), version, model=model, settings=settings)
    side = done.prepared
    golden = f"{side.golden.label} ({side.golden.size} rows)"
    click.echo(f"{side.version.label}: {len(side.rows):,} rows, to be evaluated on {golden}")
    knobs = type(side.plan).model_fields.items()
    said = [(name, getattr(side.plan, name), f"{field.title}: {field.description}") for name, field in knobs]
    click.echo(table(("knob", "value", "what it is"), said))
    for one in done.cost.quantities():
        low, high = amount(one.low, one.unit), amount(one.high, one.unit)
        bounds = f" ({low} to {high})" if low != high else ""
        click.echo(f"  {one.name}: about {amount(one.value, one.unit)}{bounds}")
    for row_id, lost in done.cut:
        click.echo(f"  cut: row {row_id} loses {lost:,} tokens")
    for row_id, reason in done.left_out:
        click.echo(f"  left out: row {row_id} {reason}")


@click.command("train")
@click.argument("version", required=False)
@training_options
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.option("--override-leaks", metavar="REASON", help="Sign for rows that may be golden; every report prints it.")
@click.pass_context
def train(
    context: click.Context, version: str | None, model: str | None, settings: tuple[str, ...], watch: bool,
    override_leaks: str | None,
) -> None:  # fmt: skip
    """Train an adapter in a process of its own, which outlives this one."""
    from workbench.training_side import prepare

    store = opened(context)
    if override_leaks is not None:
        _sign(store, version, override_leaks)
    prepared = prepare(store, version, model=model, settings=settings, wait=False)  # refuses here, before a job is made
    wanted = {"version": prepared.version.label, "model": model, "settings": list(settings)}
    job = jobs.start(store, "train", wanted)
    click.echo(f"Job {job.id} trains on {prepared.version.label}.")
    if not watch:
        click.echo(f"Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    run = (done.result or {}).get("run")
    click.echo(f"Run {run} is trained. Evaluate it with: goldloop evaluate {run}")


def _sign(store: Store, version: str | None, reason: str) -> None:
    """Signs for what stops training; nothing to sign for is no reason to stop."""
    from workbench.actions.override_leaks import override_leaks

    try:
        signed = override_leaks(store, version, reason=reason)
    except Refused as nothing:
        click.echo(str(nothing))
    else:
        click.echo(f"Signed by {plain(signed.who)}, and printed in every report: {plain(signed.reason)}")


@click.group("jobs", invoke_without_command=True)
@click.pass_context
def jobs_(context: click.Context) -> None:
    """List long work, or watch, stop and resume it."""
    if context.invoked_subcommand is None:
        lines = [
            (
                job.id,
                job.kind,
                job.state,
                f"{job.done:.0%}",
                plain(job.line),
                job.who,
                job.created[:16].replace("T", " "),
            )
            for job in jobs.listed(opened(context))
        ]
        click.echo(table(("job", "kind", "state", "done", "line", "who", "since (UTC)"), lines))


@jobs_.command("watch")
@click.argument("job_id", metavar="ID", type=ID)
@click.pass_context
def watch_job(context: click.Context, job_id: int) -> None:
    """Show a job's progress until it is over."""
    job = follow(opened(context), job_id)
    click.echo(f"Job {job.id} is done: {json.dumps(job.result)}")


@jobs_.command("stop")
@click.argument("job_id", metavar="ID", type=ID)
@click.pass_context
def stop_job(context: click.Context, job_id: int) -> None:
    """Ask a job to save what it has and stop."""
    jobs.stop(opened(context), job_id)
    click.echo(f"Job {job_id} stops at its next step. Go on later with: goldloop jobs resume {job_id}")


@jobs_.command("resume")
@click.argument("job_id", metavar="ID", type=ID)
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.pass_context
def resume_job(context: click.Context, job_id: int, watch: bool) -> None:
    """Go on with a job that was stopped, failed or is lost."""
    store = opened(context)
    jobs.resume(store, job_id)
    click.echo(f"Job {job_id} goes on.")
    if watch:
        follow(store, job_id)


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the embedded models, or fetch one."""
    from workbench.actions.fetch_model import list_models

    if context.invoked_subcommand is None:
        lines = [
            (
                one.name,
                one.task,
                one.licence,
                f"ready in {one.folder}" if one.ready else f"goldloop models fetch {one.name}",
            )
            for one in list_models()
        ]
        click.echo(table(("model", "task", "licence", "state"), lines))


@models.command("fetch")
@click.argument("name")
def fetch(name: str) -> None:
    """Fetch an embedded model into the model cache."""
    from workbench.actions.fetch_model import fetch_model

    click.echo(f"{name} is ready: {fetch_model(name, report=progress)}")
