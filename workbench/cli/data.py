"""Commands on the data: import, check, fix, export."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from workbench.checks.check import check_named
from workbench.cli.sheet import sheet_from
from workbench.cli.terminal import FINDINGS, opened, progress, show_difference
from workbench.errors import BadInput
from workbench.reports.tables import plain, table


@click.command("import")
@click.argument("file", type=click.Path())
@click.option(
    "--format",
    "format_",
    metavar="F",
    help="chat, pairs, pairs:PROMPT,REPLY, alpaca, prompts:KEY, openassistant:all, ...; told by itself where left out.",
)
@click.option("--name", metavar="N", help="Name of the dataset (default: the file's); one that exists gets more rows.")
@click.pass_context
def import_(context: click.Context, file: str, format_: str | None, name: str | None) -> None:
    """Bring examples in from a file, a folder, a ZIP archive or the hub (hf:owner/name[:split]).

    Read by themselves: JSON Lines, JSON, CSV, Excel, Parquet and Arrow, also packed with gzip or zstd, and the folders
    that the datasets library saves. FILE may be hf:owner/name, which is the only case that asks the network.
    """
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


def is_file_name(text: str) -> bool:
    """True for what can only be meant as a path: it has a folder or a file's ending, as no version has."""
    return "/" in text or "\\" in text or bool(re.search(r"\.(?:jsonl?|csv|tsv|parquet|txt|gz)$", text, re.I))


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


def finite(text: str) -> float:
    """The number that a text means. Raises ValueError for none, and for nan and infinity."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def limits_of(settings: Iterable[str]) -> dict[str, float]:
    """{"check": limit} from texts such as "repetition=0.5"."""
    found = {}
    for setting in settings:
        check, _, text = setting.partition("=")
        try:
            found[check_named(check).name] = finite(text)
        except ValueError:
            raise BadInput(f'"{setting}" is no limit. Write check=number, for instance repetition=0.5.') from None
    return found


@click.command()
@click.argument("version", required=False)
@click.option("--only", multiple=True, metavar="NAME", help="Only this check; may be given several times.")
@click.option("--set", "settings", multiple=True, metavar="CHECK.KNOB=VALUE", help="Move a check's slider.")
@click.option("--limit", "limits", multiple=True, metavar="CHECK=NUMBER", help="Judge by another limit.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--fail-on", type=click.Choice(["error", "warning"]), help="Exit with 1 when there are such findings.")
@click.option("--format", "format_", metavar="F", help="The format, when VERSION is a file.")
@click.option("--sheet", "sheet_file", metavar="FILE", help="A sheet as JSON, when VERSION is a file.")
@click.option("--benchmark", metavar="FILE", help="Rows that must not stand in the data, when VERSION is a file.")
@click.option(
    "--cluster",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="local",
    help="Measure a file on a Ray cluster; without ADDRESS Ray is started here. Needs goldloop[ray].",
)
@click.pass_context
def check(
    context: click.Context,
    version: str | None,
    only: tuple[str, ...],
    settings: tuple[str, ...],
    limits: tuple[str, ...],
    as_json: bool,
    fail_on: str | None,
    format_: str | None,
    sheet_file: str | None,
    benchmark: str | None,
    cluster: str | None,
) -> None:
    """Show what is wrong with VERSION, or with a file that was never imported."""
    from workbench.actions.run_checks import check_file, checked_as_json, run_checks
    from workbench.actions.set_limit import set_limit

    chosen, knobs, wanted = list(only) or None, knobs_of(settings), limits_of(limits)
    there = bool(version and (Path(version).is_file() or (cluster and "://" in version)))
    if version and is_file_name(version) and not there:
        raise BadInput(f"There is no file {version}. Name a file, or a version such as desk@2.")
    if cluster and not there:
        raise BadInput("--cluster goes with a file, named before it: goldloop check FILE --cluster [ADDRESS]")
    sheet = sheet_from(sheet_file) if sheet_file else None
    if version and cluster:
        from workbench.actions.check_on_cluster import check_file_on_cluster

        asked: dict[str, Any] = {"only": chosen, "knobs": knobs, "limits": wanted}
        said = check_file_on_cluster(version, cluster, format=format_, sheet=sheet, benchmark=benchmark, **asked)
    elif version and there:
        said = check_file(
            version,
            format=format_,
            only=chosen,
            knobs=knobs,
            limits=wanted,
            report=progress,
            sheet=sheet,
            benchmark=benchmark,
        )
    else:
        if sheet_file or benchmark:
            raise BadInput(
                "--sheet and --benchmark go with a file. A dataset has a sheet of its own: goldloop sheet set"
            )
        store = opened(context)
        checked = run_checks(store, version, only=chosen, knobs=knobs, report=progress)
        moved = {name: set_limit(store, name, limit, version=checked.version.label) for name, limit in wanted.items()}
        said = checked_as_json(store, replace(checked, runs=tuple(moved.get(run.check, run) for run in checked.runs)))
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, allow_nan=False))
    else:
        _show_findings(said)
    grave = {"error": ("error",), "warning": ("error", "warning")}.get(fail_on or "", ())
    found = any(one["flagged"] and one["severity"] in grave for one in said["findings"])
    if found or (grave and said.get("rejects")):  # a record that cannot be read is an error too
        context.exit(FINDINGS)


def _show_findings(said: dict[str, Any]) -> None:
    click.echo(f"{said['rows']:,} rows")
    found = sorted((one for one in said["findings"] if one["flagged"]), key=lambda one: -one["flagged"])
    lines = [(one["severity"], one["check"], f"{one['flagged']:,}", plain(one["rows"][0]["note"])) for one in found]
    if lines:
        click.echo(table(("severity", "check", "rows", "for instance"), lines))
    silent = [one["check"] for one in said["findings"] if not one["flagged"] and not one.get("not_run")]
    if silent:
        click.echo(f"No row flagged: {', '.join(silent)}")
    for one in said["findings"]:
        if reason := one.get("not_run"):
            click.echo(f"Not run: {one['check']}. {plain(reason)}")
    for one in said["findings"]:
        for sentence in one.get("about", ()):
            click.echo(f"{one['check']}: {plain(sentence)}")
    if rejects := said.get("rejects"):
        click.echo(
            f"{len(rejects):,} rows could not be read, the first at line {rejects[0]['line']}: {rejects[0]['reason']}"
        )
    for advice in said["advice"]:
        click.echo(f"- {advice}")


@click.command()
@click.argument("name")
@click.argument("version", required=False)
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--where",
    default="",
    metavar="FILTER",
    help="check=NAME, severity=error, tag=TEXT, row=ID, text~PATTERN, flagged, all; by commas.",
)
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.option("--yes", "confirm", is_flag=True, help="Do not ask before an unsafe fix touches over 1 % of the rows.")
@click.pass_context
def fix(
    context: click.Context, name: str, version: str | None, preview: bool, where: str, why: str, confirm: bool
) -> None:
    """Apply the fix NAME as a new version."""
    from workbench.actions.apply_fix import apply_fix

    store = opened(context)
    if not preview and not confirm and sys.stdin.isatty():
        seen = apply_fix(store, name, version=version, where=where, preview=True)
        if seen.asks:
            show_difference(seen.difference, limit=20)
            confirm = click.confirm(f"{seen.difference.summary} of {seen.before.size:,}. Apply it?", abort=True)
    done = apply_fix(store, name, version=version, where=where, why=why, preview=preview, confirm=confirm)
    show_difference(done.difference, limit=20 if preview else 3)
    if done.after is None:
        click.echo(f"Preview of {name} on {done.before.label}: {done.difference.summary}. Nothing was changed.")
        return
    if done.carried_over:
        click.echo(f"{' and '.join(done.by)} changed other rows meanwhile; this was done on top of that.")
    click.echo(f"{done.after.label}: {done.difference.summary}. Take it back with: goldloop undo")


@click.command()
@click.argument("version")
@click.option(
    "--format",
    "format_",
    default="chat",
    show_default=True,
    help="chat, pairs, alpaca, sharegpt, csv, parquet, xlsx, openai, trl, preference, kto, dolly, squad, talk, "
    "self_instruct, openassistant, hf (a folder).",
)
@click.option("-o", "--output", required=True, type=click.Path(), help="The file (for hf: folder) to write.")
@click.option("--skip", is_flag=True, help="Leave out the rows that the format cannot hold, and say which.")
@click.option("--ids", is_flag=True, help="Keep row ids, so that an import gives the very same rows.")
@click.pass_context
def export(context: click.Context, version: str, format_: str, output: str, skip: bool, ids: bool) -> None:
    """Write the rows of VERSION to a file.

    A name that ends in .json gives a list, .gz, .zst or .zip a packed file.
    """
    from workbench.actions.export_rows import export_rows

    done = export_rows(opened(context), version, format=format_, path=output, skip=skip, ids=ids)
    click.echo(f"Written: {done}")
    if done.sealed:
        click.echo(f"  {done.sealed:,} rows are sealed golden rows by now and were left out.")
    if done.left_out:
        click.echo(f"  {len(done.left_out):,} rows do not fit {format_} and were left out, the first of them:")
        for one in done.left_out[:5]:
            click.echo(f"  - {plain(one.sentence)}")
        click.echo(f"  all of them, with reasons: {done.problems_path}")
