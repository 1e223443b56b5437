"""What a prompt asks to be reckoned, where only one answer is right: mean, median, sum, product, percent, units."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from math import prod, sqrt

from workbench.checks.grounding.arithmetic import NUMBER, readings

LIST = rf"(?P<list>-?{NUMBER}(?:(?:, ?(?:and )?| and |; ?| )-?{NUMBER}){{1,60}})"
KINDS: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": statistics.fmean,
    "average": statistics.fmean,
    "arithmetic mean": statistics.fmean,
    "median": statistics.median,
    "sum": sum,
    "total": sum,
    "product": prod,
}
OF_LIST = re.compile(
    r"^\W*(?:please |can you )?(?:calculate|find|compute|determine|what(?:'s| is)|give(?: me)?|work out"
    r"|get)?\s?(?:the )?(?P<kind>arithmetic mean|mean|average|median|sum|total|product) (?:value )?(?:of|for|from)"
    r" (?:(?:the |these |this |all )?(?:following |given )?(?:\w+ )?(?:numbers|values|integers|list|set"
    r"|data(?: ?set| points)?|scores|array|sequence)(?: of (?:numbers|values"
    rf"|integers))?)?[:.,]?\s*[\[({{]?\s*{LIST}\s*[\])}}]?\s*[.?]?\s*$",
    re.I,
)
DIRECT = re.compile(
    r"^\W*(?:please )?(?:what(?:'s| is)|calculate|compute|evaluate|solve|work out"
    r"|how much is)?[: ]*(?P<sum>\(?[\d(][-+*/×÷x^().,\d $−]{2,80}?)\s*(?:=\s*\??)?\s*[.?]?\s*$",
    re.I,
)
PERCENT = re.compile(
    rf"^\W*(?:please )?(?:what(?:'s| is)|calculate|compute|find|work out)? ?(?P<rate>{NUMBER}) ?(?:%"
    rf"|percent) of [$€£]?(?P<base>{NUMBER})\s*[.?]?\s*$",
    re.I,
)
ROOT = re.compile(
    r"^\W*(?:please )?(?:what(?:'s| is)|calculate|compute|find"
    rf"|determine)? ?the square root of (?P<base>{NUMBER})\s*[.?]?\s*$",
    re.I,
)
# One unit in terms of the base unit of its kind. Source: International Yard and Pound Agreement 1959; SI.
UNITS = {
    unit: (kind, worth)
    for kind, worth, names in (
        ("length", 1000.0, ("km", "kilomet(?:er|re)s?")),
        ("length", 1.0, ("m", "met(?:er|re)s?")),
        ("length", 0.01, ("cm", "centimet(?:er|re)s?")),
        ("length", 0.001, ("mm", "millimet(?:er|re)s?")),
        ("length", 1609.344, ("miles?",)),
        ("length", 0.9144, ("yards?",)),
        ("length", 0.3048, ("f(?:ee|oo)t",)),
        ("length", 0.0254, ("inch(?:es)?",)),
        ("mass", 1.0, ("kg", "kilograms?")),
        ("mass", 0.001, ("grams?",)),
        ("mass", 0.45359237, ("pounds?", "lbs?")),
        ("mass", 0.028349523125, ("ounces?",)),
        ("time", 1.0, ("seconds?",)),
        ("time", 60.0, ("minutes?",)),
        ("time", 3600.0, ("hours?",)),
        ("time", 86400.0, ("days?",)),
        ("time", 604800.0, ("weeks?",)),
    )
    for unit in names
}
UNIT = "|".join(UNITS)
CONVERT = re.compile(
    rf"^\W*(?:please )?(?:convert|change|express|how (?:many|much) (?P<asked>{UNIT}) (?:are"
    rf"|is) (?:there )?(?:in)?|what is) ?(?P<amount>{NUMBER}) ?(?P<unit>{UNIT})(?: (?:to|in|into"
    rf"|as) (?P<to>{UNIT}))?\s*[.?]?\s*$",
    re.I,
)
SLACK = 0.02  # by which a conversion may be off: people round the factor (2.2 for 2.2046)
SHORT_REPLY = 14  # words; in a longer reply the last number may be another one


def asked_result(prompt: str) -> tuple[str, float, float] | None:
    """What is asked for, the right answer and the share by which one may be off; None where that is not certain."""
    text = " ".join(prompt.replace("\u2019", "'").split())
    if len(text) > 600 or "..." in text or "…" in text:
        return None
    if found := OF_LIST.match(text):
        numbers = [
            float(number.replace(",", ""))
            for number in re.findall(r"-?(?:\d+(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", found["list"])
        ]
        if len(numbers) > 1 and "-" not in found["list"].replace(" -", "").lstrip("-"):
            return found["kind"].lower(), KINDS[found["kind"].lower()](numbers), 0.0
        return None
    if found := PERCENT.match(text):
        return "percentage", _plain(found["rate"]) * _plain(found["base"]) / 100, 0.0
    if found := ROOT.match(text):
        return "square root", sqrt(_plain(found["base"])), 0.0
    if (
        (found := DIRECT.match(text))
        and re.search(r"\d\s*[-+*/×÷x^−]\s*[\d(]", found["sum"])
        and not re.fullmatch(r"[\d/ -]+", found["sum"])
    ):
        values = readings(found["sum"])
        return ("result", values[0], 0.0) if len(set(values)) == 1 else None
    return _converted(CONVERT.match(text))


def _converted(found: re.Match[str] | None) -> tuple[str, float, float] | None:
    if not found or not (found["to"] or found["asked"]):
        return None
    (kind, factor), (to_kind, to_factor) = _unit(found["unit"]), _unit(found["to"] or found["asked"])
    return ("conversion", _plain(found["amount"]) * factor / to_factor, SLACK) if kind == to_kind else None


def _unit(name: str) -> tuple[str, float]:
    return next(worth for pattern, worth in UNITS.items() if re.fullmatch(pattern, name, re.I))


def _plain(number: str) -> float:
    return float(re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", "."))


def answered_numbers(reply: str) -> list[tuple[float, float, int, int]]:
    """The numbers of a short reply: value, worth of the last digit shown, start and end; [] for a long reply."""
    if len(reply.split()) > SHORT_REPLY:
        return []
    found = []
    for number in re.finditer(r"(?<![\w.,])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d,]*\d)", reply):
        plain = number.group().replace(",", "")
        step = 10.0 ** -len(plain.split(".")[1]) if "." in plain else 1.0
        found.append((float(plain), step, *number.span()))
    return found
