"""Commands before training: plan."""

from __future__ import annotations

import click

from workbench.cli.terminal import opened
from workbench.cli.training import training_options
from workbench.reports.tables import amount, table


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
