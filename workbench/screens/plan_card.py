"""How the plan of a run looks: what it would do and what it would take."""

from __future__ import annotations

from training.estimate import Quantity
from workbench.actions.plan_training import Planned
from workbench.reports.tables import amount
from workbench.screens.escape import esc, plural, table

MOST_ROWS = 8  # left out rows that are spelled out


def plan_html(done: Planned) -> str:
    """What a run would do and what it would take."""
    side = done.prepared
    lines = [[esc(one.name), quantity_words(one), esc(one.formula)] for one in done.cost.quantities()]
    told = [
        f"{plural(len(side.rows), 'row')} of {side.version.label} would be trained on, "
        f"{side.plan.validation_share:.0%} of them kept aside to see when to stop. "
        f"The result would be measured on {side.golden.label} ({plural(side.golden.size, 'row')}), which stays out.",
    ]
    if done.cut:
        told.append(f"{plural(len(done.cut), 'row')} would be cut at {side.plan.max_length:,} tokens.")
    out = "".join(f"<li>row {esc(row)}: {esc(reason)}</li>" for row, reason in done.left_out[:MOST_ROWS])
    left_out = (
        f"<p>{plural(len(done.left_out), 'row')} cannot be trained on:</p><ul>{out}</ul>" if done.left_out else ""
    )
    said = "".join(f"<p>{esc(line)}</p>" for line in told)
    return f"<h3>The plan</h3>{said}{table(['what', 'about', 'how it is reckoned'], lines)}{left_out}"


def quantity_words(one: Quantity) -> str:
    """A figure of an estimate with its bounds, in a unit that a person knows."""
    low, high = amount(one.low, one.unit), amount(one.high, one.unit)
    bounds = f' <span class="quiet">({esc(low)} to {esc(high)})</span>' if low != high else ""
    return f"{esc(amount(one.value, one.unit))}{bounds}"
