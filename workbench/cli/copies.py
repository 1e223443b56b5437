"""The command that finds copies: in a version or a file, in one field or all, also against another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from workbench.cli.data import is_file_name
from workbench.cli.terminal import opened, progress
from workbench.errors import BadInput
from workbench.reports.tables import plain, table

SHOWN = 20  # clusters or matches on the terminal


@click.command()
@click.argument("version", required=False)
@click.option("--field", default="both", show_default=True, help="prompt, reply, both, conversation; or a column.")
@click.option("--against", metavar="VERSION", help="Compare with another version or file instead of with itself.")
@click.option("--least", default=0.7, show_default=True, help="How alike two rows must be, 0.7 to 1.")
@click.option("--drop", is_flag=True, help="Make a version without the copies that need not stay.")
@click.option("--why", default="", help="A word for whoever reads the history.")
@click.option("--json", "as_json", is_flag=True, help="Print every cluster as JSON.")
@click.pass_context
def copies(
    context: click.Context,
    version: str | None,
    field: str,
    against: str | None,
    least: float,
    drop: bool,
    why: str,
    as_json: bool,
) -> None:
    """Find near copies in VERSION or a file, and which row of each cluster should stay."""
    from workbench.actions.find_copies import drop_copies, find_copies

    for given in (version, against):
        if given and is_file_name(given) and not Path(given).is_file():
            raise BadInput(f"There is no file {given}. Name a file, or a version such as desk@2.")
    store = opened(context)
    found = find_copies(store, version, field=field, against=against, least=least, report=progress)
    said = _as_json(found)
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        _show(said)
    if drop:
        done = drop_copies(store, found, why=why)
        assert done.after is not None
        click.echo(f"{done.after.label}: {done.difference.summary}. Take it back with: goldloop undo", err=as_json)


def _as_json(found: Any) -> dict[str, Any]:
    lines = (found.matches if found.against else found.clusters).to_dicts()
    said = {
        "compared": found.label,
        "against": found.against or None,
        "field": found.field,
        "least": found.least,
        "rows": found.rows,
        "pairs": found.near.height,
        "copies": len(found.dropped()),
    }
    return said | ({"matches": lines} if found.against else {"clusters": _grouped(lines)})


def _grouped(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    clusters: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        clusters.setdefault(line["cluster"], []).append({key: line[key] for key in ("row", "row_id", "stays", "score")})
    return [{"cluster": number, "rows": rows} for number, rows in clusters.items()]


def _show(said: dict[str, Any]) -> None:
    beside = f" that also stand in {said['against']}" if said["against"] else ""
    click.echo(
        f"{said['copies']:,} of {said['rows']:,} rows of {said['compared']} are copies{beside} "
        f"({said['field']}, {said['least']:g} and more)."
    )
    if said["against"]:
        found = [
            (one["row"], plain(one["row_id"]), plain(one["other_id"]), f"{one['score']:.2f}") for one in said["matches"]
        ]
        if found:
            click.echo(table(("row", "row id", "likest there", "score"), found[:SHOWN]))
    else:
        found = [_line(cluster) for cluster in said["clusters"]]
        if found:
            click.echo(table(("cluster", "rows", "stays", "goes", "scores"), found[:SHOWN]))
    if len(found) > SHOWN:
        click.echo(f"... and {len(found) - SHOWN:,} more; all of them with --json.")


def _line(cluster: dict[str, Any]) -> tuple[Any, ...]:
    stays = [plain(row["row_id"]) for row in cluster["rows"] if row["stays"]]
    goes = [row for row in cluster["rows"] if not row["stays"]]
    scores = [row["score"] for row in goes]
    span = f"{min(scores):.2f} to {max(scores):.2f}" if scores else ""
    return cluster["cluster"], len(cluster["rows"]), _few(stays), _few([plain(row["row_id"]) for row in goes]), span


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
