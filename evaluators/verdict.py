"""What a comparison allows to be said, as a word and as a sentence"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from evaluators.sample import SPANS
from evaluators.statistics.estimate import FEWEST_UNITS as FEWEST_UNITS
from evaluators.statistics.estimate import fewest_units

if TYPE_CHECKING:
    from evaluators.compare import Comparison

Verdict = Literal["better", "worse", "no worse", "can't tell"]

MOST_ROWS_NAMED = 10_000  # beyond this a number of rows is no advice
MINUS = "\u2212"


def verdict(comparison: Comparison, *, margin: float | None = None) -> Verdict:
    """better, worse, no worse, or can't tell: what the interval of b against a allows.

    margin: how much worse b may be and still count as "no worse", in the scorer's unit; it must be set before the run.
    Without one, "no worse" is never said. Fewer than six independent rows (or groups) never give a verdict, not even
    when all of them agree; nor are fewer than six rows on which the two differ enough for better or worse, since ties
    show no direction: 5 wins and no loss have an exact p of .0625 among however many rows. At a stricter level than
    95 % it takes more: eight at 99 %. Passes and fails must be told apart by the exact test as well as by the interval.
    Rows that a was judged on and b was not count as lost by b as far as they can be.
    """
    found = comparison.difference
    fewest = fewest_of(comparison)
    if found.low is None or found.high is None or found.units < fewest:
        return "can't tell"
    low = least(comparison)
    if found.low > 0 or found.high < 0:
        if comparison.wins + comparison.losses < fewest or not found_exactly(comparison):
            return "can't tell"
        if found.high < 0:
            return "worse"
        return "better" if low is not None and low > 0 else "can't tell"
    if margin is not None and low is not None and low > -margin:
        return "no worse"
    return "can't tell"


def least(comparison: Comparison) -> float | None:
    """The interval's lower end if b lost every row that only a was judged on; None where a loss has no bound."""
    low, lost = comparison.difference.low, comparison.lost
    if low is None or not lost:
        return low
    span = SPANS.get(comparison.unit)
    return None if span is None else (low * comparison.n - lost * span) / (comparison.n + lost)


def found_exactly(comparison: Comparison) -> bool:
    """Whether McNemar's exact test finds the difference of a pass/fail scorer; other scorers have no such test."""
    return comparison.unit != "0 or 1" or comparison.p is None or comparison.p < 1 - comparison.difference.confidence


def fewest_of(comparison: Comparison) -> int:
    """How many independent rows a verdict takes at the level of this comparison's interval."""
    return fewest_units(1 - comparison.difference.confidence)


def sentence(against_base: Comparison, against_prompt: Comparison | None = None, *, margin: float | None = None) -> str:
    """One plain sentence on arm b against the base model and against the base model with a better prompt.

    Both comparisons have the tuned arm as b and the same scorer. Says the figures, the intervals, and where it
    cannot be told roughly how many rows it would take.
    """
    rows = f"{against_base.n} golden row{'' if against_base.n == 1 else 's'}"
    where = f"Measured by \u201c{lower_first(against_base.title)}\u201d on {rows}"
    if against_base.not_judged:
        where += f" ({against_base.not_judged} more could not be judged)"
    parts = [clause(against_base, margin)]
    if against_prompt is None:
        parts.append("and it was not compared with a better prompt")
    else:
        words = verdict(against_base, margin=margin), verdict(against_prompt, margin=margin)
        joint = "and" if words[0] == words[1] else "but"
        parts.append(f"{joint} {clause(against_prompt, margin)}")
    return f"{where}, {'; '.join(parts)}."


def clause(comparison: Comparison, margin: float | None) -> str:
    """The part of the sentence that is about one comparison."""
    word = verdict(comparison, margin=margin)
    b, a = comparison.b, comparison.a
    if word == "can't tell":
        return f"whether {b} is better than {a} can't be told {figures(comparison)}, {why_not(comparison)}"
    if word == "no worse":
        allowed = signed(margin, comparison.unit).lstrip("+") + (" points" if in_percent(comparison.unit) else "")
        return f"{b} is no worse than {a} (at most {allowed} allowed) {figures(comparison)}"
    return f"{b} is {word} than {a} {figures(comparison)}"


def figures(comparison: Comparison) -> str:
    """Both means, the difference and its interval: (61 % against 20 %; difference +41 points, 95 % interval ...)."""
    if comparison.mean_a is None or comparison.mean_b is None:
        return "(no row was judged in both)"
    unit, found = comparison.unit, comparison.difference
    means = f"{level(comparison.mean_b, unit)} against {level(comparison.mean_a, unit)}"
    if not in_percent(unit):
        means += f" {unit}"
    if not comparison.higher_is_better:
        means += ", lower is better"
    label = "difference" if comparison.higher_is_better else "improvement"
    points = " points" if in_percent(unit) else ""
    span = ""
    if found.low is not None and found.high is not None:
        span = f", {level_words(found.confidence)} interval {signed(found.low, unit)} to {signed(found.high, unit)}"
    return f"({means}; {label} {signed(found.value, unit)}{points}{span})"


def why_not(comparison: Comparison) -> str:
    """What stands in the way of telling, and roughly how many rows it would take."""
    # scipy behind it takes half a second that plain words need not wait for
    from evaluators.statistics.smallest_detectable import rows_needed

    found, units, fewest = comparison.difference, comparison.difference.units, fewest_of(comparison)
    if units < fewest:
        kind = "rows" if found.clusters is None else "groups of rows"
        return f"since any verdict takes at least {fewest} independent {kind}, and there are {units}"
    if not found.value:
        return "as no difference showed"
    differ = comparison.wins + comparison.losses
    if differ < fewest:
        are = "is" if differ == 1 else "are"
        return f"since any verdict takes at least {fewest} rows on which the two differ, and there {are} {differ}"
    if comparison.lost and found.low is not None and found.low > 0 and found_exactly(comparison):
        rows = "1 row" if comparison.lost == 1 else f"{comparison.lost} rows"
        return f"since on {rows} only {comparison.a} could be judged, and silence is no pass"
    if found.low is not None and found.high is not None and not found.low <= 0 <= found.high:
        return f"since the exact test does not find it (p = {comparison.p:.2f})"
    if comparison.smallest_detectable is None:
        return "as the two differ on too few rows"
    needed = rows_needed(comparison.n, comparison.smallest_detectable, abs(found.value))
    if needed is None or needed > MOST_ROWS_NAMED:
        return f"and a difference that small would take more than {MOST_ROWS_NAMED:,} rows to show"
    return f"and a difference of that size would take roughly {max(round_up(needed), comparison.n + 1)} rows to show"


def level_words(confidence: float) -> str:
    """ "95 %", "99 %", "99.5 %"."""
    return f"{100 * confidence:.3g} %"


def round_up(rows: int) -> int:
    """A number of rows to two leading digits, rounded up: more would pretend to know."""
    step = 10 ** max(0, len(str(rows)) - 2)
    return -(-rows // step) * step


def in_percent(unit: str) -> bool:
    """Whether a scorer's values are shares or passes, which people read as percentages."""
    return unit in ("share", "0 or 1")


def level(value: float, unit: str) -> str:
    """A mean score as a person reads it."""
    return f"{100 * value:.0f} %" if in_percent(unit) else f"{value:.2f}"


def signed(value: float | None, unit: str) -> str:
    """A difference with its sign, in percentage points where the unit is a share."""
    if value is None:
        return "unknown"
    text = f"{100 * value:+.0f}" if in_percent(unit) else f"{value:+.2f}"
    return (text.lstrip("+-") if float(text) == 0 else text).replace("-", MINUS)


def lower_first(text: str) -> str:
    """A title as it stands in the middle of a sentence."""
    return text[:1].lower() + text[1:]
