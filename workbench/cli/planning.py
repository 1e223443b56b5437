"""Commands before training: plan."""

from __future__ import annotations

from typing import Any

import click

from training.forecast import bases, cards
from training.forecast.money import Prices, said
from workbench.cli.terminal import ID, follow, opened
from workbench.cli.training import training_options
from workbench.errors import BadInput
from workbench.reports.tables import amount, plain, span, table
from workbench.store import Store, runs

PRICE = click.FloatRange(min=0, max=1e6)


@click.command()
@click.argument("version", required=False)
@training_options
@click.option(
    "--measure", is_flag=True, help="Time some real steps on this machine first; a minute or two where it is busy."
)
@click.option("--size", metavar="8B", help="Reckon with a base model of another size, without having it.")
@click.option("--price", type=PRICE, metavar="P", help="What the machine costs an hour.")
@click.option("--watts", type=PRICE, metavar="W", help="What the machine draws while it computes.")
@click.option("--kwh", type=PRICE, metavar="P", help="What a kilowatt hour costs.")
@click.option("--currency", default="$", show_default=True, metavar="C", help="The currency of these prices.")
@click.option("--cards", is_flag=True, help="Show how the run would do on common graphics cards.")
@click.option("--knobs", is_flag=True, help="Show every knob of the plan with what it is.")
@click.option("--run", "run_id", type=ID, metavar="ID", help="Show what was predicted of a run beside what it took.")
@click.pass_context
def plan(context: click.Context, version: str | None, **options: Any) -> None:
    """Show what training would do and take, before its first step: time, memory, money, advice."""
    store = opened(context)
    if options["run_id"] is not None:
        _beside(store, options["run_id"])
        return
    from workbench.actions.plan_training import plan_training

    if options["measure"]:
        _measure(store, version, options["model"], options["settings"])
    prices = Prices(options["price"], options["watts"], options["kwh"], plain(options["currency"])[:5])
    done = plan_training(
        store, version, model=options["model"], settings=options["settings"], size=options["size"], prices=prices
    )
    if options["knobs"]:
        fields = type(done.prepared.plan).model_fields.items()
        lines = [(name, getattr(done.prepared.plan, name), f"{one.title}: {one.description}") for name, one in fields]
        click.echo(table(("knob", "value", "what it is"), lines))
    _first(done)
    _parts(done)
    _advice(done)
    if options["cards"] or options["size"]:
        _cards(done)
    for row_id, lost in done.cut:
        end = ", and with them the end of a reply: it does not teach where to stop" if row_id in done.no_end else ""
        click.echo(f"  cut: row {row_id} loses {lost:,} tokens{end}")
    for row_id, reason in done.left_out:
        click.echo(f"  left out: row {row_id} {plain(reason)}")


def _measure(store: Store, version: str | None, model: str | None, settings: tuple[str, ...]) -> None:
    from workbench import jobs
    from workbench.training_side import prepare

    prepared = prepare(store, version, model=model, settings=settings, wait=False)
    wanted = {"version": prepared.version.label, "model": model, "settings": list(settings)}
    follow(store, jobs.start(store, "measure", wanted).id)


def _first(done: Any) -> None:
    """What is trained on, and the figures a person asks for first."""
    side, cost, work = done.prepared, done.cost, done.cost.work
    golden = f"{side.golden.label} ({side.golden.size} rows)"
    click.echo(f"{side.version.label}: {len(side.rows):,} rows, to be evaluated on {golden}")
    click.echo(f"  rows: {work.rows:,} trained on, {work.validation_rows:,} kept aside to see when to stop")
    for one in cost.quantities():
        low, high = amount(one.low, one.unit), amount(one.high, one.unit)
        bounds = f" ({low} to {high})" if low != high else ""
        click.echo(f"  {one.name}: about {amount(one.value, one.unit)}{bounds}")
    click.echo(f"  tokens learned: {work.trained:,.0f}; padding: {work.padding_share:.0%} of what is computed")
    where = done.here[0].name if done.here else "this machine"
    click.echo(f"  on {plain(where)}: {done.fits_here}, {amount(done.memory, 'bytes')} are free")
    found = cost.measured
    if found is None:
        click.echo("  The time is a guess: nothing was measured. Time some steps with: goldloop plan --measure")
    else:
        click.echo(f"  Measured on this machine, {found.when[:16].replace('T', ' ')} UTC, {len(found.steps)} steps.")
        if found.busy:
            click.echo(
                f"  Other programs took {found.others_share:.0%} of the machine meanwhile; "
                f"free of them the run takes about {span(cost.free)}."
            )
        click.echo(f"  {cost.within}")
    for one in done.money:
        click.echo(f"  {one.name}: {said(one.low, one.high, one.currency)} ({one.formula})")


def _parts(done: Any) -> None:
    parts, times = done.cost.parts, done.cost.times
    told = ", ".join(f"{name} {amount(size, 'bytes')}" for name, size in parts.parts if size >= 5e6)
    how = f"measured; the formula says {amount(parts.formula, 'bytes')}" if parts.measured else "by formula"
    click.echo(f"  memory by part: {told} ({how})")
    click.echo(
        f"  time by part: loading {span(times.loading)}, training {span(times.training)}, "
        f"evaluating {span(times.evaluating)}, saving {span(times.saving)}, ending {span(times.ending)}"
    )


def _advice(done: Any) -> None:
    found = done.advice
    click.echo(f"Advice: {found.enough}")
    click.echo(f"  The rows teach: {found.task.kind}. {' '.join(found.task.reasons)}")
    for one in (*found.methods, *found.bases):
        click.echo(f"  try {one.name}: {one.why}")
    for one in found.against:
        click.echo(f"  not {one.name}: {one.why}")
    click.echo(f"  Facts of the base models were looked up. From memory stands of them: {bases.from_memory()}.")


def _cards(done: Any) -> None:
    lines = []
    for fit in done.cards:
        best = next((way for way in fit.ways if way.verdict == "fits"), None)
        time = f"{span(best.seconds_low)} to {span(best.seconds_high)}" if best else None
        low, high = fit.money(best) if best else (0.0, 0.0)
        money = said(low, high, "$") if best else None
        ways = [f"{way.verdict} {amount(way.memory, 'bytes')}" for way in fit.ways]
        lines.append((fit.card.name, *ways, time, money, fit.card.rent_known))
    click.echo(table(("card", "LoRA", "QLoRA", "full", "time", "rented", "rent of"), lines))
    click.echo("By formula, tried on none of them; time and money are of the first way that fits, at supposed rents.")
    click.echo(f"Memory and speed of the cards were looked up. From memory stands of them: {cards.from_memory()}.")


def _beside(store: Store, run_id: int) -> None:
    from workbench.reports.predicted import beside

    run = runs.get(store, run_id)
    if run.result is None:
        raise BadInput(f"Run {run_id} is not finished: there is nothing yet to hold its prediction against.")
    found = beside(run.predicted, run.result)
    if found is None:
        raise BadInput(f"Nothing was predicted of run {run_id}: measure before training, with: goldloop plan --measure")
    lines = [(one.name, one.predicted, one.actual, one.off) for one in found.lines]
    click.echo(table(("what", "predicted", "taken", "off by"), lines))
    for note in found.notes:
        click.echo(note)
