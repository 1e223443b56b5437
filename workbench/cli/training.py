"""Commands on training: train, presets."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import follow, opened
from workbench.errors import BadInput, Refused
from workbench.reports.tables import plain
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store

MOST_JOB_BYTES = 1_000_000  # a fine-tuning job is a page of JSON
WIDTH = 110  # of the explanations of presets
TRAINING = (
    click.option("--model", metavar="M", help=f"A fetched name, a folder or a hub name (default: {DEFAULT_MODEL})."),
    click.option("--preset", metavar="NAME", help="Begin from a preset; goldloop presets lists them."),
    click.option("--openai", metavar="FILE", type=click.Path(), help="Begin from an OpenAI fine-tuning job (JSON)."),
    click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob, for instance epochs=2."),
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a plan is put together; the command gets `model` and `settings`, presets already in them."""

    def with_plan(*given: Any, preset: str | None, openai: str | None, **options: Any) -> Any:
        if preset is not None or openai is not None:
            store = opened(click.get_current_context())
            options["settings"] = _settings(store, options, preset, openai)
        return command(*given, **options)

    wrapped: Callable[..., Any] = update_wrapper(with_plan, command)
    for option in reversed(TRAINING):
        wrapped = option(wrapped)
    return wrapped


def _settings(store: Store, options: dict[str, Any], preset: str | None, openai: str | None) -> tuple[str, ...]:
    """The settings of a preset or job with those given on top, and what is to be said of them on the way."""
    from workbench.actions.choose_plan import choose_plan

    chosen = choose_plan(
        store, options.get("version"), model=options.get("model"), preset=preset,
        openai=None if openai is None else _job_text(openai), settings=options["settings"],
    )  # fmt: skip
    if chosen.preset is not None:
        fits = ", ".join(chosen.settings) or "the plan as it comes"
        click.echo(f"Preset {chosen.preset.name}, for {chosen.version.size:,} rows: {fits}", err=True)
        click.echo(chosen.preset.will_not, err=True)
    for line in chosen.told:
        click.echo(f"  {plain(line)}", err=True)
    return chosen.settings


def _job_text(path: str) -> str:
    try:
        if Path(path).stat().st_size > MOST_JOB_BYTES:
            raise BadInput(
                f"{path} is too large for a fine-tuning job; is it the rows? Import those with goldloop import."
            )
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadInput(f"{path} cannot be read: {problem}") from problem


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
    from workbench.actions.choose_plan import choose_plan
    from workbench.actions.train import refuse_twice
    from workbench.training_side import prepare

    store = opened(context)
    if override_leaks is not None:
        _sign(store, version, override_leaks)
    prepared = prepare(store, version, model=model, settings=settings, wait=False)  # refuses here, before a job is made
    label = prepared.version.label
    refuse_twice(store, label, prepared.plan)
    for line in choose_plan(store, label, model=model, settings=settings).words:
        click.echo(f"Note: {line}", err=True)
    wanted = {"version": label, "model": model, "settings": list(settings)}
    job = jobs.start(store, "train", wanted)
    click.echo(f"Job {job.id} trains on {prepared.version.label}.")
    if not watch:
        click.echo(f"Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    run = (done.result or {}).get("run")
    click.echo(f"Run {run} is trained. Evaluate it with: goldloop evaluate {run}")


@click.command("presets")
@click.argument("version", required=False)
@click.option("--model", metavar="M", help=f"A fetched name, a folder or a hub name (default: {DEFAULT_MODEL}).")
@click.pass_context
def presets(context: click.Context, version: str | None, model: str | None) -> None:
    """Show the recipes to begin with: for what, for what not, their evidence; with VERSION, the knobs for its rows."""
    from training.presets import PRESETS

    for one in PRESETS:
        knobs = ", ".join(f"{name}={value}" for name, value in one.settings.items())
        if version is not None:
            from workbench.actions.choose_plan import choose_plan

            chosen = choose_plan(opened(context), version, model=model, preset=one.name)
            knobs = f"{', '.join(chosen.settings)} (for {chosen.version.size:,} rows)"
        click.echo(f"{one.name}: {one.purpose}")
        told = (
            ("not for", one.will_not), ("needs", one.needs), ("costs", one.costs), ("evidence", one.evidence),
            ("source", one.source), ("knobs", knobs),
        )  # fmt: skip
        for head, text in told:
            click.echo(click.wrap_text(f"{head + ':':10}{text}", WIDTH, "  ", " " * 12))
        click.echo()
    click.echo('Begin from one with: goldloop train --preset "style and tone"')


def _sign(store: Store, version: str | None, reason: str) -> None:
    """Signs for what stops training; nothing to sign for is no reason to stop."""
    from workbench.actions.override_leaks import override_leaks

    try:
        signed = override_leaks(store, version, reason=reason)
    except Refused as nothing:
        click.echo(str(nothing))
    else:
        click.echo(f"Signed by {plain(signed.who)}, and printed in every report: {plain(signed.reason)}")
