"""A tiny solver: the sums that a text states, and whether they are right beyond doubt.

Everything that could be read in two ways is read in all of them, and is wrong only when it is wrong in each; whatever
cannot be read for certain (units, ranges, ellipses, ratios, remainders, unknowns, other bases) is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

NUMBER = r"(?:\d{1,3}(?:[,.]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
MONEY = r"[$€£¥₹]?"
SIGNED = rf"[-−–]?{MONEY} ?{NUMBER} ?%?"
OPERATOR = r"(?: ?[+*×·÷/^] ?| [-−–] | x | ?\*\* ?)"
TERM = rf"(?:\( ?{SIGNED}(?:{OPERATOR}{SIGNED}){{0,8}} ?\)|{SIGNED})"
EXPRESSION = rf"{TERM}(?:{OPERATOR}{TERM}){{1,12}}"
EQUATION = re.compile(
    rf"(?<![\w.,$%)\]}}^=<>√+*/×÷·:-])(?P<left>{EXPRESSION}) ?= ?(?P<right>{SIGNED})(?![\d\w%²³]|[.,]\d)"
)
MARKED = re.compile(rf"<<(?P<left>[-+*/().,\d $%]{{1,200}})=(?P<right>{SIGNED})>>")
PERCENT_OF = re.compile(
    rf"(?<![\d.,/-])(?P<rate>{NUMBER}) ?(?:%|percent) of (?P<base>{MONEY}{NUMBER}) (?:is|="
    rf"|equals) (?P<right>{MONEY}{NUMBER})(?![\d\w%]|[.,]\d)",
    re.I,
)
# Before the equation stands something it goes on from; after it, something that makes it another one.
GOES_ON_BEFORE = re.compile(
    r"(?:[-+*/×÷·^=<>≈~(\[{|,:±√]|\b[a-zA-Z]|\b(?:mod|sqrt|log|ln|sin|cos|tan|sum|max|min|of|about|around|roughly"
    r"|approximately)|%|\d)\s*$"
)
GOES_ON_AFTER = re.compile(
    r"\s*(?:[-+*/×÷·^]\s*[\d(\w]|remainder|rest\b|r ?\d|mod\b|\.\.\.|…|\(mod|to the|!|:|[a-zA-Z]\b(?![a-zA-Z]))", re.I
)
UNSAFE = re.compile(
    r"\b(?:binary|base[- ]?\d+|hex\w*|octal|modulo|modular|mod|boolean|clock arithmetic|incorrect|wrong|mistake"
    r"|false|not equal|puzzle|riddle|pattern)\b|\\frac|\\times",
    re.I,
)
RANGE = re.compile(r"\d{1,3}(?:\.\d+)? ?[-−–] ?\d{1,3}(?:\.\d+)?")  # two numbers, as in "90 - 100 = 1"
MOST_READINGS = 64
LARGEST = 1e15
ROUNDED = 1.0  # units of the last digit shown by which a rounded or cut result may be off


@dataclass(frozen=True)
class WrongSum:
    """Characters `start` to `end` state a sum whose result is `right` and not what stands there."""

    start: int
    end: int
    said: str
    right: float


def wrong_sums(text: str) -> Iterator[WrongSum]:
    """The sums in a text that are wrong in every reading."""
    if UNSAFE.search(text):
        return
    for found in MARKED.finditer(text):
        yield from _judged(text, found, found["left"], found["right"])
    bare = re.sub(r"<<[^<>\n]{0,300}>>", lambda marked: " " * len(marked.group()), text)
    for found in EQUATION.finditer(bare):
        before, after = bare[max(0, found.start() - 24) : found.start()], bare[found.end() : found.end() + 12]
        if not GOES_ON_BEFORE.search(before.split("\n")[-1]) and not GOES_ON_AFTER.match(after):
            yield from _judged(bare, found, found["left"], found["right"])
    for found in PERCENT_OF.finditer(bare):
        yield from _judged(bare, found, f"{found['rate']}% * {found['base']}", found["right"])


def _judged(text: str, found: re.Match[str], left: str, right: str) -> Iterator[WrongSum]:
    if RANGE.fullmatch(left.strip()) and min(readings(left), default=0.0) < 0 and right[:1] not in "-−–":
        return  # more taken away than was there: a range and its mark
    results = sorted({value for value in readings(left) if math.isfinite(value) and abs(value) < LARGEST})
    stated = [(value, step) for value, step in stated_values(right)]
    if results and stated and not any(agrees(value, result, step) for result in results for value, step in stated):
        nearest = min(results, key=lambda value: abs(value - stated[0][0]))
        yield WrongSum(found.start(), found.end(), text[found.start() : found.end()].strip(), nearest)


def agrees(stated: float, result: float, step: float) -> bool:
    """True where a stated value is the result, rounded or cut at its last digit, or the same as a percentage."""
    near = max(ROUNDED * step, 1e-9 * abs(result)) if result != int(result) or step < 1 else 0.5 * step
    scales = (1.0, 100.0, 0.01)
    return any(abs(stated - result * scale) <= max(near, 1e-9 * abs(result * scale)) for scale in scales)


def stated_values(text: str) -> list[tuple[float, float]]:
    """The values that a number may have, each with the worth of its last digit shown."""
    sign = -1.0 if text.strip()[:1] in "-−–" else 1.0
    body = re.sub(r"[^\d.,]", "", text)
    scale = 0.01 if "%" in text else 1.0
    return [(sign * value * scale, step * scale) for value, step in _numbers(body)]


def _numbers(body: str) -> list[tuple[float, float]]:
    """12,500 is twelve thousand and five hundred, or twelve and a half: both, with the worth of the last digit."""
    found = set()
    for point, comma in ((".", ","), (",", ".")):
        plain = body.replace(comma, "")
        grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(comma)}\d{{3}})+(?:{re.escape(point)}\d+)?", body)
        if (comma in body and not grouped) or plain.count(point) > 1:
            continue
        decimals = len(plain.split(point)[1]) if point in plain else 0
        try:
            found.add((float(plain.replace(point, ".") or "nan"), 10.0**-decimals))
        except ValueError:
            continue
    return sorted(found)


TOKEN = re.compile(rf"{MONEY} ?(?P<number>{NUMBER}) ?(?P<percent>%?)|(?P<sign>\*\*|[-+*/^()×·÷−–]|x)")
SIGNS = {"×": "*", "·": "*", "x": "*", "÷": "/", "−": "-", "–": "-", "**": "^"}


def readings(expression: str) -> list[float]:
    """The values that an expression may have, one for each way of reading its numbers."""
    parts: list[Sequence[str | float]] = []
    for found in TOKEN.finditer(expression):
        if found["number"]:
            scale = 0.01 if found["percent"] else 1.0
            parts.append([value * scale for value, _ in _numbers(found["number"])] or [math.nan])
        else:
            parts.append([SIGNS.get(found["sign"], found["sign"])])
    if math.prod(len(part) for part in parts) > MOST_READINGS or not parts:
        return []
    values = []
    for tokens in product(*parts):
        try:
            values.append(_value(list(tokens)))
        except (ValueError, ZeroDivisionError, OverflowError, IndexError):
            continue
    return values


def _value(tokens: list[str | float]) -> float:
    """Left to right, with brackets, powers before products before sums."""
    value = _sum(tokens)
    if tokens:
        raise ValueError("something is left over")
    return value


def _sum(tokens: list[str | float]) -> float:
    value = _product(tokens)
    while tokens and tokens[0] in ("+", "-"):
        value = value + _product(tokens) if tokens.pop(0) == "+" else value - _product(tokens)
    return value


def _product(tokens: list[str | float]) -> float:
    value = _power(tokens)
    while tokens and tokens[0] in ("*", "/"):
        value = value * _power(tokens) if tokens.pop(0) == "*" else value / _power(tokens)
    return value


def _power(tokens: list[str | float]) -> float:
    first = tokens.pop(0)
    if first == "-":
        return -_power(tokens)
    if first == "(":
        base = _sum(tokens)
        if tokens.pop(0) != ")":
            raise ValueError("a bracket is open")
    elif isinstance(first, float):
        base = first
    else:
        raise ValueError(f"{first} where a number should be")
    if tokens and tokens[0] == "^":
        tokens.pop(0)
        exponent = _power(tokens)
        if abs(exponent) > 60:
            raise ValueError("too large a power")
        return float(base**exponent)
    return base
