"""The command line: one command an action, the same words that scripts use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from workbench import __version__, jobs
from workbench.errors import BadInput, GoldloopError, Refused
from workbench.records import Job
from workbench.reports.tables import plain, table
from workbench.settings import DEFAULT_MODEL, database_url, store_folder
from workbench.store import Store

FINDINGS, MISTAKE = 1, 2  # exit codes; 0 is fine


class Faults(click.Group):
    """A group whose commands end with one readable sentence instead of a traceback when the user made a mistake."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BrokenPipeError:  # the reader of a pipe has seen enough
            sys.stderr.close()
            context.exit(0)
        except KeyboardInterrupt:
            click.echo("Interrupted. What was started as a job goes on; see: goldloop jobs", err=True)
            context.exit(130)
        except Exception as error:
            if not is_mistake(error):
                raise
            click.echo(f"Error: {plain(str(error))}", err=True)
            context.exit(MISTAKE)


def is_mistake(error: Exception) -> bool:
    """True for what a user can mend: our own errors and those of training and evaluators."""
    ground = ("training.errors", "evaluators.errors")
    return isinstance(error, GoldloopError) or any(kind.__module__ in ground for kind in type(error).__mro__)


@click.group(cls=Faults, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="goldloop")
@click.option(
    "--store", "folder", metavar="DIR", help="Where everything lives (default: GOLDLOOP_STORE or data/local/)."
)
@click.pass_context
def main(context: click.Context, folder: str | None) -> None:
    """Curate fine-tuning data, hold out a golden set, train an adapter and prove what it brought."""
    context.obj = folder


def opened(context: click.Context) -> Store:
    """The store that the command line names, opened once."""
    return Store.open(store_folder(context.obj), database_url())


def progress(done: float, line: str) -> None:
    """One line on the terminal, rewritten while work goes on; silent in a pipe."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{done:4.0%}  {plain(line)[:100]}", nl=done >= 1, err=True)


@main.command("import")
@click.argument("file", type=click.Path())
@click.option("--format", "format_", metavar="F", help="chat, pairs, alpaca, sharegpt; told by itself where left out.")
@click.option("--name", metavar="N", help="Name of the dataset (default: the file's); one that exists gets more rows.")
@click.pass_context
def import_(context: click.Context, file: str, format_: str | None, name: str | None) -> None:
    """Bring examples in from a file."""
    from workbench.actions.import_rows import import_rows

    done = import_rows(opened(context), file, format=format_, name=name, report=progress)
    counts = done.version.change.counts
    click.echo(
        f"{done.version.label}: {counts.get('added', 0):,} rows read as {done.format}, {done.rejected:,} rejected."
    )
    for note in done.notes:
        click.echo(f"  note: {plain(note)}")
    if done.rejects_path:
        click.echo(f"  rejected rows, with line and reason: {done.rejects_path}")


def knobs_of(settings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """{"check": {"knob": value}} from texts such as "repetition.most=0.5"."""
    found: dict[str, dict[str, Any]] = {}
    for setting in settings:
        place, equals, text = setting.partition("=")
        check, dot, knob = place.partition(".")
        if not (equals and dot):
            raise BadInput(
                f'"{setting}" is no setting of a check. Write check.knob=value, for instance repetition.most=0.5.'
            )
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        found.setdefault(check, {})[knob] = value
    return found


@main.command()
@click.argument("version", required=False)
@click.option("--only", multiple=True, metavar="NAME", help="Only this check; may be given several times.")
@click.option("--set", "settings", multiple=True, metavar="CHECK.KNOB=VALUE", help="Move a check's slider.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--fail-on", type=click.Choice(["error", "warning"]), help="Exit with 1 when there are such findings.")
@click.option("--format", "format_", metavar="F", help="The format, when VERSION is a file.")
@click.pass_context
def check(
    context: click.Context,
    version: str | None,
    only: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,
    fail_on: str | None,
    format_: str | None,
) -> None:
    """Show what is wrong with VERSION, or with a file that was never imported."""
    from workbench.actions.run_checks import check_file, checked_as_json, run_checks

    chosen, knobs = list(only) or None, knobs_of(settings)
    if version and Path(version).is_file():
        said = check_file(version, format=format_, only=chosen, knobs=knobs, report=progress)
    else:
        store = opened(context)
        said = checked_as_json(store, run_checks(store, version, only=chosen, knobs=knobs, report=progress))
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, allow_nan=False))
    else:
        _show_findings(said)
    grave = {"error": ("error",), "warning": ("error", "warning")}.get(fail_on or "", ())
    if any(one["flagged"] and one["severity"] in grave for one in said["findings"]):
        context.exit(FINDINGS)


def _show_findings(said: dict[str, Any]) -> None:
    click.echo(f"{said['rows']:,} rows")
    lines = []
    for one in sorted(said["findings"], key=lambda one: -one["flagged"]):
        found = f"{one['flagged']:,}" if not one.get("not_run") else "not run"
        example = one.get("not_run") or next((row["note"] for row in one["rows"]), "")
        lines.append((one["severity"], one["check"], found, plain(example)))
    click.echo(table(("severity", "check", "rows", "for instance"), lines))
    if rejects := said.get("rejects"):
        click.echo(
            f"{len(rejects):,} rows could not be read, the first at line {rejects[0]['line']}: {rejects[0]['reason']}"
        )
    for advice in said["advice"]:
        click.echo(f"- {advice}")


@main.command()
@click.argument("name")
@click.argument("version", required=False)
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--where", default="", metavar="FILTER", help="check=NAME, tag=TEXT, row=ID, text~PATTERN, all; by commas."
)
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.pass_context
def fix(context: click.Context, name: str, version: str | None, preview: bool, where: str, why: str) -> None:
    """Apply the fix NAME as a new version."""
    from workbench.actions.apply_fix import apply_fix

    done = apply_fix(opened(context), name, version=version, where=where, why=why, preview=preview)
    _show_difference(done.difference, limit=20 if preview else 3)
    if done.after is None:
        click.echo(f"Preview of {name} on {done.before.label}: {done.difference.summary}. Nothing was changed.")
    else:
        click.echo(f"{done.after.label}: {done.difference.summary}. Take it back with: goldloop undo")


def _show_difference(difference: Any, *, limit: int) -> None:
    from workbench.diff import word_changes

    for row_id in difference.removed[:limit]:
        row = difference.before.having([row_id])
        click.echo(f"- row {row_id}: {plain(row.text[0])[:160]}")
    for row_id in difference.added[:limit]:
        row = difference.after.having([row_id])
        click.echo(f"+ row {row_id}: {plain(row.text[0])[:160]}")
    for row_id in difference.changed[:limit]:
        old, new = difference.before.having([row_id]).text[0], difference.after.having([row_id]).text[0]
        click.echo(f"~ row {row_id}: {marked(word_changes(old, new))}")
    for name in ("removed", "added", "changed"):
        if (rest := len(getattr(difference, name)) - limit) > 0:
            click.echo(f"  ... and {rest:,} more {name}")


def marked(changes: Sequence[tuple[str, str]], around: int = 40) -> str:
    """A word diff as text: [-gone-]{+new+}, with only some context around each change."""
    parts = []
    for kind, text in changes:
        text = plain(text)
        if kind == "equal" and len(text) > 2 * around:
            text = f"{text[:around]} … {text[-around:]}"
        parts.append({"equal": text, "delete": f"[-{text}-]", "insert": f"{{+{text}+}}"}[kind])
    return "".join(parts)


@main.command()
@click.argument("dataset", required=False)
@click.pass_context
def undo(context: click.Context, dataset: str | None) -> None:
    """Take the last change back, as a new version."""
    from workbench.actions.undo import undo as take_back

    done = take_back(opened(context), dataset)
    click.echo(f"{done.version.label}: took back version {done.taken_back.number} ({done.taken_back.change.verb}).")


@main.command()
@click.argument("dataset", required=False)
@click.pass_context
def versions(context: click.Context, dataset: str | None) -> None:
    """List every version: who, when, what and why."""
    from workbench.store import datasets

    lines = [
        (
            one.label,
            f"{one.size:,}",
            one.change.verb,
            " ".join(
                f"{sign}{one.change.counts.get(key, 0)}"
                for sign, key in (("+", "added"), ("-", "removed"), ("~", "changed"))
            ),
            one.change.who,
            one.change.when[:16].replace("T", " "),
            plain(one.change.why),
        )
        for one in datasets.listed(opened(context), dataset)
    ]
    click.echo(table(("version", "rows", "verb", "change", "who", "when (UTC)", "why"), lines))


@main.command()
@click.argument("a")
@click.argument("b")
@click.pass_context
def diff(context: click.Context, a: str, b: str) -> None:
    """Show what changed between two versions."""
    from workbench.diff import diff as difference_of
    from workbench.store import datasets

    store = opened(context)
    old, new = datasets.version(store, a), datasets.version(store, b)
    difference = difference_of(datasets.rows_of(store, old), datasets.rows_of(store, new))
    _show_difference(difference, limit=50)
    click.echo(f"{old.label} to {new.label}: {difference.summary}")


@main.group()
def golden() -> None:
    """The golden set: held out, locked, never trained on."""


@golden.command("freeze")
@click.argument("version", required=False)
@click.option("--share", default=0.15, show_default=True, help="How much to hold out, 0.10 to 0.20.")
@click.option("--seed", default=0, show_default=True, help="Decides which rows are drawn.")
@click.option("--preview", is_flag=True, help="Show the split, and freeze nothing.")
@click.pass_context
def freeze(context: click.Context, version: str | None, share: float, seed: int, preview: bool) -> None:
    """Hold out a golden set and lock it."""
    from workbench.actions.freeze_golden import freeze_golden

    done = freeze_golden(opened(context), version, share=share, seed=seed, preview=preview)
    click.echo(
        table(
            ("stratum", "golden", "training"),
            [(plain(name), count["golden"], count["training"]) for name, count in done.split.strata.items()],
        )
    )
    for note in done.split.notes:
        click.echo(f"  note: {plain(note)}")
    if done.golden is None or done.version is None:
        click.echo(
            f"Preview: {len(done.golden_rows)} rows would be held out ({done.split.reached:.1%}). Nothing is frozen."
        )
    else:
        click.echo(
            f"Frozen: {done.golden.label}, {done.golden.size} rows, lock {done.golden.digest[:16]}. "
            f"{done.version.label} is left for training, {done.version.size:,} rows."
        )


@golden.command("show")
@click.argument("dataset", required=False)
@click.option("--rows", "with_rows", is_flag=True, help="Print the rows too.")
@click.pass_context
def show(context: click.Context, dataset: str | None, with_rows: bool) -> None:
    """Show the golden sets and check their locks."""
    from workbench.store import goldens

    store = opened(context)
    found = goldens.listed(store, dataset)
    if not found:
        raise BadInput("There is no golden set yet. Freeze one with: goldloop golden freeze")
    lines = []
    for one in found:
        goldens.rows_of(store, one)  # raises when the lock does not hold
        lines.append(
            (one.label, one.size, f"{one.share:.0%}", one.seed, one.digest[:16], "holds", one.who, one.when[:16])
        )
    click.echo(table(("golden", "rows", "share", "seed", "lock", "state", "who", "when (UTC)"), lines))
    if with_rows:
        rows = goldens.rows_of(store, found[-1])
        for row_id, prompt, reply in zip(rows.row_id, rows.prompt, rows.reply, strict=True):
            click.echo(f"\n{row_id}\n  asked: {plain(prompt)}\n  reply: {plain(reply)}")


TRAINING = (
    click.option("--model", metavar="M", help=f"A fetched name, a folder or a hub name (default: {DEFAULT_MODEL})."),
    click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob, for instance epochs=2."),
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that plan and train share."""
    for option in TRAINING:
        command = option(command)
    return command


@main.command()
@click.argument("version", required=False)
@training_options
@click.pass_context
def plan(context: click.Context, version: str | None, model: str | None, settings: tuple[str, ...]) -> None:
    """Show what training would do, before its first step."""
    from workbench.actions.train import Planned, train

    done = train(opened(context), version, model=model, settings=settings, preview=True)
    assert isinstance(done, Planned)
    click.echo(
        f"{done.version.label}: {done.rows:,} rows, evaluated later on {done.golden.label} ({done.golden.size} rows)"
    )
    click.echo(
        table(
            ("knob", "value", "what it is"),
            [
                (name, getattr(done.plan, name), f"{field.title}: {field.description}")
                for name, field in type(done.plan).model_fields.items()
            ],
        )
    )
    for name, value in done.estimate.items():
        click.echo(f"  {name.replace('_', ' ')}: {value}")
    for row_id, reason in done.left_out:
        click.echo(f"  left out: row {row_id} {reason}")


@main.command("train")
@click.argument("version", required=False)
@training_options
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.pass_context
def train_(
    context: click.Context, version: str | None, model: str | None, settings: tuple[str, ...], watch: bool
) -> None:
    """Train an adapter in a process of its own, which outlives this one."""
    from workbench.actions.train import train

    store = opened(context)
    planned = train(store, version, model=model, settings=settings, preview=True)  # refuses before a job is made
    job = jobs.start(
        store,
        "train",
        {
            "version": planned.version.label if hasattr(planned.version, "label") else version,
            "model": model,
            "settings": list(settings),
        },
    )
    click.echo(f"Job {job.id} trains on {planned.version.label if hasattr(planned.version, 'label') else version}.")
    if not watch:
        click.echo(f"Watch it with: goldloop jobs watch {job.id}")
        return
    done = follow(store, job.id)
    run = (done.result or {}).get("run")
    click.echo(f"Run {run} is trained. Evaluate it with: goldloop evaluate {run}")


def follow(store: Store, job_id: int) -> Job:
    """Shows a job's progress until it is over. Raises Refused when it did not end well."""
    job = jobs.get(store, job_id)
    for job in jobs.watch(store, job_id):
        if sys.stderr.isatty():
            progress(job.done, job.line)
        elif job.over or job.done in (0.0, 1.0):
            click.echo(f"{job.done:4.0%}  {plain(job.line)}", err=True)
    if sys.stderr.isatty():
        click.echo("", err=True)
    if job.state != "done":
        said = job.error or job.line
        raise Refused(
            f"Job {job_id} is {job.state}: {said} (log: {jobs.log_path(store, job_id)}) "
            f"Go on with: goldloop jobs resume {job_id}"
        )
    return job


@main.group("jobs", invoke_without_command=True)
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
@click.argument("job_id", metavar="ID", type=int)
@click.pass_context
def watch_job(context: click.Context, job_id: int) -> None:
    """Show a job's progress until it is over."""
    job = follow(opened(context), job_id)
    click.echo(f"Job {job.id} is done: {json.dumps(job.result)}")


@jobs_.command("stop")
@click.argument("job_id", metavar="ID", type=int)
@click.pass_context
def stop_job(context: click.Context, job_id: int) -> None:
    """Ask a job to save what it has and stop."""
    jobs.stop(opened(context), job_id)
    click.echo(f"Job {job_id} stops at its next step. Go on later with: goldloop jobs resume {job_id}")


@jobs_.command("resume")
@click.argument("job_id", metavar="ID", type=int)
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.pass_context
def resume_job(context: click.Context, job_id: int, watch: bool) -> None:
    """Go on with a job that was stopped, failed or is lost."""
    store = opened(context)
    jobs.resume(store, job_id)
    click.echo(f"Job {job_id} goes on.")
    if watch:
        follow(store, job_id)


@main.command()
@click.argument("run", type=int)
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
    from workbench.store import runs

    store = opened(context)
    runs.get(store, run)
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


def text_of(path: str) -> str:
    """The text of a file. Raises BadInput when there is none."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as text: {error}.") from None


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


@main.command()
@click.argument("evaluation", type=int)
@click.option("--import", "file", type=click.Path(), help="A file of votes (JSON lines or CSV).")
@click.pass_context
def rate(context: click.Context, evaluation: int, file: str | None) -> None:
    """Import people's votes on an evaluation, or show how far rating is."""
    from workbench.actions.rate import import_votes, result
    from workbench.store import ratings

    store = opened(context)
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


@main.command()
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


@main.command()
@click.argument("evaluation", type=int)
@click.pass_context
def gaps(context: click.Context, evaluation: int) -> None:
    """Show what failed on golden, why, and what to do about it in the training data."""
    from workbench.actions.find_gaps import find_gaps

    found = find_gaps(opened(context), evaluation, report=progress)
    for gap in found:
        click.echo(f"Gap {gap.id} ({gap.state}): {plain(gap.slice)}, {gap.failure}, {len(gap.golden_rows)} golden rows")
        click.echo(f"  likely cause: {plain(gap.cause)}\n  to do: {plain(gap.action)}")
        for near in gap.neighbours[:3]:
            click.echo(f"  near training row {near['row_id']} ({near['likeness']:.2f}): {plain(near['prompt'])[:90]}")
    if not found:
        click.echo("No gaps: nothing failed on golden.")


@main.command()
@click.argument("evaluation", type=int)
@click.option("-o", "--output", type=click.Path(), help="Where to write it (default: beside the run).")
@click.pass_context
def report(context: click.Context, evaluation: int, output: str | None) -> None:
    """Write the one-file report, and its JSON twin beside it."""
    from workbench.actions.write_report import write_report

    done = write_report(opened(context), evaluation, Path(output) if output else None)
    click.echo(f"Report: {done.html}\nThe same as data: {done.json}")


@main.command()
@click.argument("version")
@click.option(
    "--format", "format_", default="chat", show_default=True, help="chat, pairs, alpaca, sharegpt, csv, parquet."
)
@click.option("-o", "--output", required=True, type=click.Path(), help="The file to write.")
@click.pass_context
def export(context: click.Context, version: str, format_: str, output: str) -> None:
    """Write the rows of VERSION to a file."""
    from workbench.actions.export_rows import export_rows

    click.echo(f"Written: {export_rows(opened(context), version, format=format_, path=output)}")


@main.group(invoke_without_command=True)
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


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True)
@click.pass_context
def app(context: click.Context, host: str, port: int) -> None:
    """Open the app on the store."""
    import os
    import subprocess

    command = [sys.executable, str(Path(__file__).parent.parent / "app.py"), "--host", host, "--port", str(port)]
    environment = {**os.environ, "GOLDLOOP_STORE": str(store_folder(context.obj))}
    context.exit(subprocess.run(command, env=environment).returncode)


@main.command()
@click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="Set a knob of the training plan.")
@click.option("--rows", type=click.IntRange(min=30), help="Only the first rows of the demo data, for a quick look.")
@click.pass_context
def demo(context: click.Context, settings: tuple[str, ...], rows: int | None) -> None:
    """Run the whole loop on the demo data: ten stations, about ten minutes on two cores."""
    from workbench.demo import run_demo

    run_demo(opened(context), settings=settings, rows=rows, say=click.echo, report=progress)


if __name__ == "__main__":
    main()
