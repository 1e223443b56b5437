"""A judge's card and what it found, as plain lines for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluators.verdict import MINUS
from workbench.reports.tables import p_value, plain, table

STATES = {True: "passed", False: "NOT passed", None: "does not apply"}


def card_lines(card: Mapping[str, Any]) -> str:
    """The gates and baselines of a card, and whether the judge may be used."""
    gates = [
        (plain(one["title"]), plain(one["figure"]), plain(one["wants"]), one["n"], STATES[one["passed"]])
        for one in card["gates"]
    ]
    rules = [
        (
            plain(one["name"]),
            share(one["agreement"]),
            number(one["kappa"]),
            one["better"],
            one["worse"],
            p_value(one["p"]),
        )
        for one in card["baselines"]
    ]  # fmt: skip
    own = share(card["agreement"])
    return "\n".join((
        table(("gate", "found", "wanted", "of", ""), gates),
        "",
        f"The judge agrees with people on {own} of {card['rated']} rated rows. Against rules that need no model:",
        table(("rule", "agrees", "kappa", "judge right alone", "rule right alone", "p"), rules),
        "",
        plain(card["reason"]),
    ))  # fmt: skip


def told_lines(told: Mapping[str, Any] | None) -> str:
    """What may be said of the judges of an evaluation."""
    if told is None:
        return "No judge was tried on this golden set yet. Add one: goldloop judges add NAME"
    lines = [plain(told["sentence"])]
    for one in told["judges"]:
        lines.append(f"\n{plain(one['label'])} ({one['form']}), {plain(one['where'])}: {plain(one['reason'])}")
        lines += [f"  {plain(found['sentence'])}" for found in one["results"]]
        lines += [f"  {plain(why)}" for why in one["without_results"]]
        if one["unreadable"]:
            lines.append(
                f"  {100 * one['unreadable']:.0f} % of the pairs have no verdict, since a reply could not be read."
            )
        if one["withheld"]:
            lines.append(
                f"  {100 * one['withheld']:.0f} % of the pairs were kept from it: an answer gives orders to a judge."
            )
    return "\n".join(lines)


def share(estimate: Mapping[str, Any]) -> str:
    """A rate with its interval."""
    if estimate["value"] is None:
        return "unknown"
    value, low, high = (percent(estimate[name]) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}".replace("-", MINUS)
