"""The command on what a tuned model forgot: probe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import ID, SEED, follow, opened
from workbench.errors import BadInput
from workbench.records import ProbeRun
from workbench.reports.tables import plain, table
from workbench.store import Store

EXAMPLES = 3  # of each kind on a terminal; --json has them all


@click.command()
@click.argument("run", type=ID)
@click.option("--scale", "scales", type=float, multiple=True, metavar="X",
              help="Measure the adapter at this strength, too (0.5: half of what it changes).")  # fmt: skip
@click.option("--checkpoints", is_flag=True, help="Measure the checkpoints that the run kept, too.")
@click.option("--format", "form", type=click.Choice(["plain", "chat"]), default="plain", show_default=True,
              help="How multiple-choice questions are put: as plain text, or under the chat template.")  # fmt: skip
@click.option("--sample", type=click.IntRange(1, 1000), default=100, show_default=True,
              help="Training rows asked about, to see what was learned by heart.")  # fmt: skip
@click.option("--seed", type=SEED, default=0, show_default=True, help="Decides which training rows are asked about.")
@click.option("--probes", "folder", type=click.Path(), help="A folder of your own probes, in the shipped format.")
@click.option("--lm-eval", "lm_eval", multiple=True, metavar="TASK_OR_YAML",
              help="A task of lm-evaluation-harness on both models (an optional extra: lm-eval).")  # fmt: skip
@click.option("--detach", is_flag=True, help="Return at once; the work goes on as a job.")
@click.option("--show", is_flag=True, help="Show what was found last, and ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print all that was found as JSON.")
@click.pass_context
def probe(
    context: click.Context, run: int, scales: tuple[float, ...], checkpoints: bool, form: str, sample: int, seed: int,
    folder: str | None, lm_eval: tuple[str, ...], detach: bool, show: bool, as_json: bool,
) -> None:  # fmt: skip
    """Ask what a tuned model forgot, learned by heart, or says where nobody asked, against its base model."""
    from workbench.actions.probe import probed_run
    from workbench.store import probes

    store = opened(context)
    if not show:
        probed_run(store, run, scales=scales, form=form, sample=sample, lm_eval=lm_eval)
        settings: dict[str, Any] = {
            "run": run, "scales": list(scales), "checkpoints": checkpoints, "form": form, "sample": sample,
            "seed": seed, "folder": str(Path(folder).resolve()) if folder else None,
            "lm_eval": [str(Path(one).resolve()) if Path(one).is_file() else one for one in lm_eval],
        }  # fmt: skip
        job = jobs.start(store, "probe", settings)
        if detach:
            click.echo(f"Job {job.id} probes run {run}. Watch it with: goldloop jobs watch {job.id}")
            return
        done = follow(store, job.id)
        say(store, probes.get(store, int((done.result or {})["probe"])), as_json)
        return
    found = probes.newest(store, run)
    if found is None:
        raise BadInput(f"Run {run} was not probed yet. Probe it with: goldloop probe {run}")
    say(store, found, as_json)


def say(store: Store, found: ProbeRun, as_json: bool) -> None:
    """Prints what was found: the verdict first, then each kind of probe, then what helps."""
    summary = found.summary
    if summary is None:
        raise BadInput(f"Probe run {found.id} is not finished. See: goldloop jobs")
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=1))
        return
    click.echo(f"{summary['verdict']['sentence']}\n")
    click.echo(areas_table(summary))
    for key in ("instructions", "refusals", "bleed", "memorised"):
        click.echo(f"\n{summary[key]['sentence']}")
        shown = summary[key].get("examples") or summary[key].get("asked", {}).get("examples", [])
        for one in shown[:EXAMPLES]:
            click.echo(f"  asked: {plain(one['asked'])[:100]}")
            click.echo(f"    base:  {plain(one['base'])[:100]}")
            click.echo(f"    tuned: {plain(one.get('tuned', one.get('answer', '')))[:100]}")
    if len(summary["ways"]) > 2:
        click.echo("\n" + ways_table(summary))
    for line in summary["harness"]:
        click.echo(
            f"\nlm-eval {plain(line['task'])}, {line['metric']}: base {line['base']:.4f}, tuned {line['tuned']:.4f} "
            f"({line['n']} rows)"
        )
    if summary["proposals"]:
        click.echo("\nWhat helps:")
    for one in summary["proposals"]:
        how = "measured" if one["measured"] else "not measured here"
        click.echo(f"  {one['what']} ({how}). {one['evidence']}" + (f"\n    {one['do']}" if one["do"] else ""))
    click.echo(f"\nProbe run {found.id} of run {found.run_id}. All of it: goldloop probe {found.run_id} --show --json")


def areas_table(summary: Mapping[str, Any]) -> str:
    """Accuracy, log P and drift of all questions and of each tier."""
    lines = [
        (
            one["area"], one["n"], f"{one['accuracy']['base']:.0%}", f"{one['accuracy']['tuned']:.0%}",
            f"{one['accuracy']['gained']}:{one['accuracy']['lost']}", f"{one['accuracy']['p']:.2g}",
            nats(one["log_p"]), nats(one["drift"]), one["verdict"],
        )
        for one in summary["forgetting"]["areas"]
    ]  # fmt: skip
    head = ("questions", "n", "base", "tuned", "gained:lost", "p", "log P, nats", "drift, nats", "verdict")
    return table(head, lines)


def ways_table(summary: Mapping[str, Any]) -> str:
    """Base, tuned and every further way: what it keeps, and how well it fits held-out training rows."""
    lines = [
        (
            one["name"], f"{one['accuracy']:.0%}", f"{one['gained']}:{one['lost']}", nats(one["log_p"]),
            nats(one["drift"]), "" if one["held_out"] is None else f"{one['held_out']:.2f}",
        )
        for one in summary["ways"]
    ]  # fmt: skip
    return table(("adapter", "right", "gained:lost", "log P, nats", "drift, nats", "held-out loss"), lines)


def nats(found: Mapping[str, Any]) -> str:
    """ "-0.17 [-0.28, -0.06]": a change with its 95 % interval."""
    if found["low"] is None:
        return f"{found['difference']:+.2f}"
    return f"{found['difference']:+.2f} [{found['low']:+.2f}, {found['high']:+.2f}]"
