"""What a tuned model must not lose while it gains: each guard with a margin that is stated before the run"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, isfinite, log
from typing import TYPE_CHECKING, Any, Literal

from evaluators.errors import BadRequest
from evaluators.sample import Score, Scorer
from evaluators.statistics.estimate import ALPHA, fewest_units
from evaluators.verdict import MOST_ROWS_NAMED, in_percent, round_up, signed

if TYPE_CHECKING:
    from evaluators.compare import Comparison

GuardVerdict = Literal["no worse", "worse", "can't tell"]

# How much worse still counts as "no worse". A judgement and no law: one answer more in twenty that refuses, makes
# something up, repeats itself or does not end is a loss that a desk would notice. State your own for another trade.
DEFAULT_MARGINS: Mapping[str, float] = {
    "unsupported_facts": 0.05,
    "refusal": 0.05,
    "repetition": 0.05,
    "stopped": 0.05,
}
# Guards of which many sets ask nothing: where no row was judged in any arm they are not asked, and block nothing.
WHERE_ASKED: Mapping[str, float] = {
    "under_refusal": 0.05,
    "required_phrases": 0.05,
    "forbidden_phrases": 0.05,
    "format_kept": 0.05,
    "json_valid": 0.05,
    "json_schema": 0.05,
}
OFF = "off"
COUNTS = ("facts",)  # units of counts: guarded as the share of answers that have any, since a count has no bound


@dataclass(frozen=True)
class Guard:
    """What can be said of one guard: tuned against base, in the scorer's unit, positive is better.

    A scorer that counts (unsupported facts) is guarded by the share of answers that have any: `counted`, in "0 or 1".
    verdict: "no worse" when the interval's lower end is above -margin, "worse" when the whole interval is below zero,
    else "can't tell", which is never a pass. lower: measurably lower, though within the margin. missing: rows that base
    was judged on and tuned was not. rows_needed: roughly how many rows would show it, None where nobody can say. why:
    the reason of a "can't tell", for a person.
    """

    scorer: str
    title: str
    unit: str
    margin: float
    difference: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int | None
    method: str
    p_holm: float | None
    verdict: GuardVerdict
    lower: bool
    missing: int
    rows_needed: int | None
    why: str
    counted: bool = False

    @property
    def words(self) -> str:
        """The verdict with its margin: "no worse (margin 5 points)"."""
        allowed = margin_words(self.margin, self.unit)
        if self.verdict == "no worse":
            return f"no worse (margin {allowed}{'; measurably lower, but within it' if self.lower else ''})"
        return self.verdict if self.verdict == "worse" else f"can't tell (margin {allowed}): {self.why}"


def margins_of(given: Mapping[str, float | str | None] | None, known: Mapping[str, Scorer]) -> dict[str, float]:
    """Every guard with its margin: the defaults, changed or joined by what the user states; "off" takes one away.

    given: scorer name -> margin in the scorer's unit, at least 0 and below its span; "2%" means .02. Raises BadRequest
    with the way out.
    """
    found = {name: margin for name, margin in {**DEFAULT_MARGINS, **WHERE_ASKED}.items() if name in known}
    for name, value in (given or {}).items():
        if name not in known:
            raise BadRequest(f'there is no metric "{name}" to guard. The metrics are: {", ".join(known)}.')
        if value is None or str(value).strip().casefold() == OFF:
            found.pop(name, None)
        else:
            found[name] = _margin(name, value, known[name])
    return found


def read_margins(texts: Sequence[str]) -> dict[str, str]:
    """{"refusal": "0.02"} from ["refusal=0.02"]. Raises BadRequest for a text without "="."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadRequest(f'"{text}" is no margin. Write METRIC=VALUE, such as refusal=0.02, or METRIC=off.')
        found[name.strip()] = value.strip()
    return found


def _margin(name: str, value: float | str, scorer: Scorer) -> float:
    text = str(value).strip()
    try:
        number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise BadRequest(f'the margin of {name} is "{text}"; give a number in its unit ({scorer.unit}).') from None
    held = guarded(scorer)
    if not isfinite(number) or number < 0 or (held.span is not None and number >= held.span):
        bound = "" if held.span is None else f" and below {held.span:g}"
        raise BadRequest(f"the margin of {name} is {text}; give at least 0{bound}, in its unit ({held.unit}).")
    return number


def guarded(scorer: Scorer) -> Scorer:
    """The scorer as it is guarded: one that counts becomes "has any", 0 or 1."""
    return replace(scorer, unit="0 or 1", pass_fail=True) if scorer.unit in COUNTS else scorer


def margin_words(margin: float, unit: str) -> str:
    """ "5 points" for a share, "0.1 facts" for another unit."""
    return f"{100 * margin:g} points" if in_percent(unit) else f"{margin:g} {unit}"


def judge_guard(
    found: Comparison,
    margin: float,
    scorer: Scorer,
    *,
    base: Mapping[str, Score],
    tuned: Mapping[str, Score],
    groups: Mapping[str, str] | None = None,
    p_holm: float | None = None,
    level: float = ALPHA,
) -> Guard:
    """The verdict on one guard; rows that base was judged on and tuned was not count as lost as far as they can be.

    found: tuned against base by this scorer; base, tuned: their scores by row id. p_holm: of `found`, adjusted over the
    metrics. All guards have to hold at once, so their "no worse" needs no adjustment (Berger 1982, intersection-union
    tests); a "worse" has to stand after Holm. A count is "worse" also when it grows without more answers having any.
    Source: non-inferiority by the confidence interval, ICH E9 (1998), section 3.3.2.
    """
    from evaluators.compare import compare  # which imports the verdict, as this file does

    counted, held = found, guarded(scorer)
    if held is not scorer:
        found = compare(_any(base), _any(tuned), held, names=(found.a, found.b), groups=groups, alpha=level)
    one, span = found.difference, held.span
    low, high = one.low, one.high
    missing = sum(score.value is not None and tuned[row].value is None for row, score in base.items() if row in tuned)
    if missing and low is not None and high is not None:
        low = (low * found.n - missing * span) / (found.n + missing) if span is not None else None
        high = (high * found.n + missing * span) / (found.n + missing) if span is not None else None
    verdict, why = _verdict(found, low, high, margin, p_holm if held is scorer else found.p, level, missing)
    if held is not scorer and _lower(counted) and (p_holm is None or p_holm < level):
        verdict, why = "worse", ""
    return Guard(
        found.scorer, found.title, found.unit, margin, one.value, low, high, found.n, one.clusters, one.method, p_holm,
        verdict, bool(verdict == "no worse" and high is not None and high < 0), missing,
        None if verdict != "can't tell" else _needed(found, low, margin, level), why, held is not scorer,
    )  # fmt: skip


def _any(scores: Mapping[str, Score]) -> dict[str, Score]:
    """Counts as "has any", 1 or 0; not judged stays not judged."""
    return {row: Score(None if one.value is None else float(one.value > 0)) for row, one in scores.items()}


def _lower(found: Comparison) -> bool:
    """Whether the whole interval is below zero and rests on enough rows."""
    high = found.difference.high
    return high is not None and high < 0 and found.wins + found.losses >= fewest_units(1 - found.difference.confidence)


def _verdict(
    found: Comparison,
    low: float | None,
    high: float | None,
    margin: float,
    p_holm: float | None,
    level: float,
    missing: int,
) -> tuple[GuardVerdict, str]:
    units, fewest = found.difference.units, fewest_units(1 - found.difference.confidence)
    if not found.n:
        return "can't tell", "no row was judged in both"
    if units < fewest:
        return "can't tell", f"it takes at least {fewest} independent rows, and there are {units}"
    if low is None or high is None:
        lost = f"{missing} rows could not be judged for the tuned model and " if missing else ""
        return "can't tell", f"{lost}one unseen row could outweigh all others: this score has no bound"
    if low > -margin:
        return "no worse", ""
    if _lower(found) and high < 0 and (p_holm is None or p_holm < level):
        return "worse", ""
    lost = f", {missing} rows of the tuned model not judged" if missing else ""
    down = signed(low, found.unit) + (" points" if in_percent(found.unit) else f" {found.unit}")
    return "can't tell", f"the true difference may be as low as {down}{lost}"


def _needed(found: Comparison, low: float | None, margin: float, level: float) -> int | None:
    """Rows with which the lower end would clear the margin if the difference stayed as it is."""
    value, n = found.difference.value, found.n
    if value is None or low is None or not n or value <= -margin or margin <= 0:
        return None
    if not found.wins + found.losses:  # by the rule of three: 1 - level**(1/n) < margin
        return round_up(ceil(log(level) / log(1 - margin))) if margin < 1 else None
    needed = ceil(n * ((value - low) / (value + margin)) ** 2)
    return round_up(max(needed, n + 1)) if needed <= MOST_ROWS_NAMED else None


def as_dict(guard: Guard) -> dict[str, Any]:
    """A guard as plain values with its words, ready to be written as JSON."""
    return {**asdict(guard), "words": guard.words}
