"""Commands on long work and on models: jobs, models."""

from __future__ import annotations

import json

import click

from workbench import jobs
from workbench.cli.terminal import ID, follow, opened, progress
from workbench.reports.tables import plain, table


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
