"""What every command does with the terminal: open the store, show progress, tell mistakes in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from workbench import jobs
from workbench.errors import BadInput, Refused, is_mistake
from workbench.records import Job
from workbench.reports.tables import plain
from workbench.settings import database_url, store_folder
from workbench.store import Store

FINDINGS, MISTAKE = 1, 2  # exit codes; 0 is fine
MOST = 2**31 - 1  # what the tables hold
LISTED = {  # what has a number of its own, by the word of an argument or a command, and what shows those numbers
    "run": "goldloop runs",
    "runs": "goldloop runs",
    "job": "goldloop jobs",
    "jobs": "goldloop jobs",
    "study": "goldloop study",
    "queue": "goldloop queue list",
    "prompts": "goldloop prompts list",
}
SEED = click.IntRange(0, MOST)


class Number(click.IntRange):
    """The number of a run, an evaluation, a job: what is none is told so, with what lists them."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            words = [] if param is None else [(param.name or "").removesuffix("_id"), (param.metavar or "").lower()]
            words += ctx.command_path.split()[1:] if ctx is not None else []
            lists = next((f" These are listed by: {LISTED[word]}" for word in words if word in LISTED), "")
            said = f'"{plain(str(value))}" is no such number; it takes a whole number from 1 on, such as 3.{lists}'
            self.fail(said, param, ctx)


ID = Number(1, MOST)


class Faults(click.Group):
    """A group whose commands end with one readable sentence instead of a traceback when the user made a mistake."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Takes --store from wherever it stands, since scripts write it before or after the command."""
        front: list[str] = []
        rest = list(args)
        words = rest[: rest.index("--")] if "--" in rest else rest
        for place in range(len(words) - 1, -1, -1):
            if words[place] == "--store" and place + 1 < len(words):
                front = [*rest[place : place + 2], *front]
                del rest[place : place + 2]
            elif words[place].startswith("--store="):
                front = [rest.pop(place), *front]
        return super().parse_args(context, [*front, *rest])

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
            click.echo("Error: " + "\n".join(plain(line) for line in str(error).splitlines()), err=True)
            context.exit(MISTAKE)


def opened(context: click.Context) -> Store:
    """The store that the command line names, opened once."""
    return Store.open(store_folder(context.obj), database_url())


def progress(done: float, line: str) -> None:
    """One line on the terminal, rewritten while work goes on; silent in a pipe."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{done:4.0%}  {plain(line)[:100]}", nl=done >= 1, err=True)


def follow(store: Store, job_id: int) -> Job:
    """Shows a job's progress until it is over. Raises Refused when it did not end well.

    On a terminal one line follows the job; in a log there is a line for every tenth of the way.
    """
    job = jobs.get(store, job_id)
    if sys.stderr.isatty():
        for job in jobs.watch(store, job_id):
            progress(job.done, job.line)
        click.echo("", err=True)
    else:
        for job in tenths(jobs.watch(store, job_id)):
            click.echo(f"{job.done:4.0%}  {plain(job.line)}", err=True)
    if job.state != "done":
        said = job.error or job.line
        raise Refused(
            f"Job {job_id} is {job.state}: {said} (log: {jobs.log_path(store, job_id)}) "
            f"Go on with: goldloop jobs resume {job_id}"
        )
    return job


def tenths(looks: Iterable[Job]) -> Iterator[Job]:
    """Of the looks at a job the first, the first in every further tenth of the way, and those where it is over."""
    told = -1
    for job in looks:
        if job.over or int(10 * job.done) > told:
            told = int(10 * job.done)
            yield job


def text_of(path: str) -> str:
    """The text of a file. Raises BadInput when there is none."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as text: {error}.") from None


def show_difference(difference: Any, *, limit: int) -> None:
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


def shown(text: str) -> str:
    """A piece of a text on one line, safe for a terminal, with the blanks at its ends."""
    inside = plain(text)
    return f"{' ' * text[:1].isspace()}{inside}{' ' * text[-1:].isspace()}" if inside else " " * bool(text)


def marked(changes: Sequence[tuple[str, str]], around: int = 40) -> str:
    """A word diff as text: [-gone-]{+new+}, with only some context around each change."""
    parts = []
    for kind, text in changes:
        text = shown(text)
        if kind == "equal" and len(text) > 2 * around:
            text = f"{text[:around]} … {text[-around:]}"
        parts.append({"equal": text, "delete": f"[-{text}-]", "insert": f"{{+{text}+}}"}[kind])
    return "".join(parts)
