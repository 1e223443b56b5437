"""Commands on training: train."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import follow, opened
from workbench.errors import Refused
from workbench.reports.tables import plain
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
