"""What a run and the model's service would cost: the card's price an hour, the electricity, the month after

Nothing is asked of a lender. What is not given is an assumption of `training.forecast.cards`, told with its source.
"""

from __future__ import annotations

from dataclasses import dataclass

from training.forecast.cards import HOURS_A_MONTH, Card

SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Prices:
    """What the user pays. hour: for the machine or the card, 0 for one's own; watts: drawn while computing; kwh: price
    of a kilowatt hour. All prices in one currency, by its sign or name."""

    hour: float | None = None
    watts: float | None = None
    kwh: float | None = None
    currency: str = "$"


@dataclass(frozen=True)
class Money:
    """A cost with its bounds and where it comes from; assumed: whether a price was supposed rather than given."""

    name: str
    low: float
    high: float
    currency: str
    formula: str
    assumed: bool = False


def costs(prices: Prices, seconds: tuple[float, float]) -> list[Money]:
    """The run, and a month of service on the same machine, by the prices that were given; seconds: from, to."""
    found = []
    if prices.hour is not None:
        low, high = (one / SECONDS_AN_HOUR * prices.hour for one in seconds)
        found.append(Money("this run", low, high, prices.currency, f"{prices.hour:g} an hour x its time"))
        month = HOURS_A_MONTH * prices.hour
        found.append(Money("a month of service", month, month, prices.currency,
                           f"{prices.hour:g} an hour x {HOURS_A_MONTH} hours, day and night"))  # fmt: skip
    if prices.watts is not None and prices.kwh is not None:
        each = prices.watts / 1000 * prices.kwh
        low, high = (one / SECONDS_AN_HOUR * each for one in seconds)
        found.append(Money("electricity of this run", low, high, prices.currency,
                           f"{prices.watts:g} W x its time x {prices.kwh:g} a kWh"))  # fmt: skip
        month = HOURS_A_MONTH * each
        found.append(Money("electricity of a month of service", 0.0, month, prices.currency,
                           f"{prices.watts:g} W at most x {HOURS_A_MONTH} hours x {prices.kwh:g} a kWh"))  # fmt: skip
    return found


def said(low: float, high: float, currency: str) -> str:
    """ "$0.12", "$0.05 to $0.40", "less than $0.01", "€1,449"."""
    if high < 0.01:
        return "nothing" if high <= 0 else f"less than {currency}0.01"
    ends = [f"{currency}{one:,.0f}" if one >= 100 else f"{currency}{one:.2f}" for one in (low, high)]
    return ends[1] if ends[0] == ends[1] else " to ".join(ends)


def assumption(card: Card) -> str:
    """Where a supposed price comes from, in a sentence."""
    rent = f"${card.price_low:.2f} to ${card.price_high:.2f}"
    return f"supposed: {card.name} is rented for {rent} an hour ({card.rent_known}); give your own price"
