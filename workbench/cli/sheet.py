"""Commands on what the owner declares: sheet show and set, rule-out, rulings."""

from __future__ import annotations

import json
from typing import Any

import click
from pydantic import ValidationError

from workbench.cli.terminal import ID, opened, text_of
from workbench.errors import BadInput
from workbench.reports.tables import plain, table
from workbench.sheet import Sheet


@click.group()
def sheet() -> None:
    """What a dataset should be: languages, terms, tone, edge cases, guidelines."""


@sheet.command("show")
@click.argument("dataset", required=False)
@click.pass_context
def show(context: click.Context, dataset: str | None) -> None:
    """Print the sheet of DATASET as JSON, ready to be changed and set again."""
    from workbench.store import datasets, sheets

    store = opened(context)
    declared = sheets.sheet_of(store, datasets.version(store, dataset).dataset)
    click.echo(json.dumps(declared.model_dump(mode="json"), ensure_ascii=False, indent=2))


@sheet.command("set")
@click.argument("dataset")
@click.argument("settings", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--from", "file", type=click.Path(), help="A JSON file; its fields replace those of the sheet.")
@click.pass_context
def set_(context: click.Context, dataset: str, settings: tuple[str, ...], file: str | None) -> None:
    """Declare fields of DATASET's sheet, from a JSON file or as FIELD=VALUE, where VALUE is JSON or a plain text."""
    from workbench.actions.set_sheet import set_sheet
    from workbench.store import datasets, sheets

    if not settings and file is None:
        raise BadInput("Say what to set: FIELD=VALUE, or --from FILE.json. See: goldloop sheet show")
    store = opened(context)
    of = datasets.version(store, dataset).dataset
    fields = sheets.sheet_of(store, of).model_dump(mode="json")
    fields |= _file(file) if file else {}
    for setting in settings:
        field, equals, text = setting.partition("=")
        if not equals:
            raise BadInput(f'"{setting}" sets nothing. Write FIELD=VALUE, for instance refusal_share=0.05.')
        fields[field.strip()] = _value(text)
    set_sheet(store, of, read_sheet(fields))
    click.echo(f"The sheet of {of} is set. The checks are held to it when they run next: goldloop check {of}")


def _file(path: str) -> dict[str, Any]:
    try:
        found = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadInput(f"{path} holds no sheet: it must be a JSON object. See: goldloop sheet show")
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def sheet_from(path: str) -> Sheet:
    """The sheet in a JSON file. Raises BadInput where it cannot be read."""
    return read_sheet(_file(path))


def read_sheet(fields: dict[str, Any]) -> Sheet:
    """The sheet with these fields. Raises BadInput that names each field that cannot be used, and why."""
    try:
        return Sheet.model_validate(fields)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        known = ", ".join(Sheet.model_fields)
        raise BadInput(f"The sheet cannot be set. {'; '.join(wrong)}. Its fields are: {known}.") from None


@click.command("rule-out")
@click.argument("check")
@click.argument("rows", nargs=-1, metavar="ROW...")
@click.option("--version", metavar="V", help="The version that the rows stand in (default: the newest).")
@click.option("--reason", required=True, help="Why this is not a problem.")
@click.option("--where", default="", metavar="FILTER", help="Instead of ROW: text~PATTERN, tag=TEXT, check=NAME.")
@click.pass_context
def rule_out(
    context: click.Context, check: str, rows: tuple[str, ...], version: str | None, reason: str, where: str
) -> None:
    """Say that what CHECK says of these rows is not a problem: it is never raised again for the same text."""
    from workbench.actions.rule_out import rule_out as rule
    from workbench.store import datasets
    from workbench.where import rows_where

    store = opened(context)
    if where and rows:
        raise BadInput("Name rows or give --where, not both.")
    if where:
        of = datasets.version(store, version)
        table_of = datasets.rows_of(store, of)
        rows = tuple(table_of.keep(rows_where(store, of, table_of, where)).row_id)
    held = rule(store, check, list(rows), version=version, reason=reason)
    held_by = "ruling holds" if len(held) == 1 else "rulings hold"
    click.echo(f"{len(held):,} {held_by}: {plain(check)} is not raised again for the same text.")


@click.command()
@click.argument("dataset", required=False)
@click.option("--check", metavar="NAME", help="Only of this check.")
@click.option("--take-back", type=ID, metavar="ID", help="End this ruling: the check may flag that text again.")
@click.pass_context
def rulings(context: click.Context, dataset: str | None, check: str | None, take_back: int | None) -> None:
    """List what people said is not a problem, or take one such ruling back."""
    from workbench.actions.rule_out import take_back_ruling
    from workbench.store import datasets
    from workbench.store import rulings as kept

    store = opened(context)
    if take_back is not None:
        ended = take_back_ruling(store, take_back)
        click.echo(f"Ruling {ended.id} on {plain(ended.check)} is taken back: the check may flag that text again.")
        return
    lines = [
        (one.id, one.check, one.row_id, one.who, one.when[:16].replace("T", " "), plain(one.reason))
        for one in kept.listed(store, datasets.version(store, dataset).dataset, check)
    ]
    click.echo(table(("id", "check", "row", "who", "when (UTC)", "reason"), lines))
