"""JSON reply unlike most

The replies of this dataset are JSON and this one is not, cannot be parsed, lacks a key that the others have, has one
that they lack, or has another type under a key. Whoever reads the tuned model's answers by program will fail on it.

Held against the dataset's own majority. At least 20 replies must be JSON objects or arrays (a code fence around them
does not count). Where 9 in 10 of all replies are, one that is not is flagged. Where 9 in 10 replies that begin like
JSON can be parsed, one that cannot is flagged, with the place. Keys and types are compared among the replies that
parse, level by level: a key that 9 in 10 have and this one lacks, a key that fewer than 1 in 20 (and at most 3) have,
a value that is text where 9 in 10 are numbers. Where 9 in 10 stand bare (or in a code fence), one that does not is
flagged.

Known limits
    null passes under every key. Whole numbers and fractions are one type. Where the replies follow several schemas,
    none of which 9 in 10 share, only parsing is judged. The order of the keys and the values are not compared.
Measured
    14 kinds of faults in 200 JSON replies: all found, none wrong. No flag on 22,446 real rows, of which few are JSON.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.majority import FEWEST, USUAL_SHARE, per_cent
from workbench.checks.text.replies import last_replies
from workbench.rows import Rows

FENCED = re.compile(r"\s*```(?:json|JSON)?[ \t]*\n(.*?)\n?```\s*\Z", re.S)
LOOKS_LIKE = r'^\s*(?:```(?:json|JSON)?[ \t]*\n\s*)?(?:\{\s*["\'}\w]|\[\s*[\[{"\'\]\d-])'
LONGEST = 200_000  # characters parsed
DEEPEST = 6  # levels compared
RARE_SHARE, RARE_COUNT = 0.05, 3
ITEMS = ("mug", "bowl", "plate", "vase", "jug")


@check(
    severity="warning",
    scope="set",
    flags=Rows.of(
        '{"item": "mug"}',
        '{"item": "mug", "price": "4"}',
        '{"item": "mug", "price": 4',
        "The mug costs 4.",
        '{"item": "mug", "price": 4, "note": "blue"}',
    ),
    passes=Rows.of(
        *[f'{{"item": "{item}", "price": {n}}}' for item in ITEMS for n in range(12)], '{"item": null, "price": 3.5}'
    ),
)
def json_shape(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the comparable replies that do what this one does not, 0 to 1; none without JSON."""
    replies = last_replies(rows)
    like = replies["content"].str.contains(LOOKS_LIKE).fill_null(False).to_list()
    said = sum(text is not None for text in replies["content"])
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    if sum(like) < FEWEST:
        return above(measure, most, notes)
    parsed: dict[int, Any] = {}
    faults: dict[int, tuple[float, str, list[Span]]] = {}
    broken: dict[int, tuple[str, Span]] = {}
    for row in (row for row, hit in enumerate(like) if hit):
        text, turn = replies["content"][row], replies["turn"][row]
        try:
            parsed[row] = json.loads(_bare(text)[:LONGEST])
        except (ValueError, RecursionError) as error:
            broken[row] = _broken(error, text, turn)
    sound = len(parsed) / (len(parsed) + len(broken))
    if len(parsed) < FEWEST:
        return above(measure, most, notes)
    for row, (why, span) in broken.items():
        faults[row] = (sound, f"cannot be parsed: {why}; {per_cent(sound)} of the JSON replies can", [span])
    share = sum(like) / said
    for row, text in enumerate(replies["content"]):
        if text is not None and not like[row] and share >= most:
            faults[row] = (share, f"is not JSON; {per_cent(share)} of {said:,} replies are", [])
    fenced = {row: bool(FENCED.match(replies["content"][row])) for row in parsed}
    for row in parsed:
        faults[row] = (0.0, "", [])
    for row, (value, why) in [*_unlike_shapes(parsed).items(), *_unlike_fences(fenced).items()]:
        if value > faults[row][0]:
            faults[row] = (value, why, [])
    for row, (value, why, places) in faults.items():
        measure[row] = value
        if value > most:
            notes[row], spans[row] = why, places
    return above(measure, most, notes, spans)


def _bare(text: str) -> str:
    found = FENCED.match(text)
    return found.group(1) if found else text


def _broken(error: Exception, text: str, turn: int) -> tuple[str, Span]:
    """Why a text cannot be parsed, and the place, widened to something that can be seen."""
    offset = text.find(_bare(text))
    place = min(offset + getattr(error, "pos", 0), len(text) - 1)
    start = max(0, min(place, len(text.rstrip()) - 1))
    return f"{getattr(error, 'msg', 'nested too deeply')} at character {place + 1}", (turn, start, start + 1)


def kind_of(value: Any) -> str:
    """The type of a JSON value in words; "null" for none."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")


def parts(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """Every value inside a JSON value as (path of its parent, its path, its kind); list members share one path."""
    if depth >= DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            inside = f"{path}.{key}" if path else str(key)
            yield path, inside, kind_of(inner)
            yield from parts(inner, inside, depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield path, f"{path}[]", kind_of(inner)
            yield from parts(inner, f"{path}[]", depth + 1)


def _unlike_shapes(parsed: Mapping[int, Any]) -> dict[int, tuple[float, str]]:
    """Row -> (share, why) for the JSON whose type, keys or types differ from the usual ones."""
    shapes: dict[int, dict[str, set[str]]] = {}
    having: dict[str, Counter[str]] = defaultdict(Counter)  # path -> kind -> replies
    parents: dict[str, str] = {}
    for row, value in parsed.items():
        shape: dict[str, set[str]] = defaultdict(set)
        shape[""].add(kind_of(value))
        for parent, path, kind in parts(value):
            shape[path].add(kind)
            parents[path] = parent
        shapes[row] = shape
        for path, kinds in shape.items():
            having[path].update(kinds - {"null"} or {"null"})
            having[path][""] += 1
    return {row: fault for row, shape in shapes.items() if (fault := _worst(shape, having, parents))}


def _worst(
    shape: Mapping[str, set[str]], having: Mapping[str, Counter[str]], parents: Mapping[str, str]
) -> tuple[float, str] | None:
    found: list[tuple[float, str]] = []
    for path, counted in having.items():
        parent = parents.get(path, "")
        siblings = having[parent]["an object"] if path and not path.endswith("[]") else having[parent][""]
        if siblings < FEWEST:
            continue
        name = f'"{path}"' if path else "the whole"
        share = counted[""] / siblings
        if path and path not in shape:
            if "an object" in shape.get(parent, ()) and not path.endswith("[]"):
                found.append((share, f"has no {name}; {per_cent(min(share, 1.0))} of {siblings:,} have"))
        elif path in shape:
            if path and not path.endswith("[]") and counted[""] <= RARE_COUNT and share < RARE_SHARE:
                found.append((1 - share, f"has a key {name} that {siblings - counted['']:,} of {siblings:,} have not"))
            typed = counted[""] - counted["null"]
            for kind in shape[path] - {"null"}:
                usual, times = max(
                    ((k, n) for k, n in counted.items() if k not in ("", "null")), key=lambda item: item[1]
                )
                if kind != usual and typed >= FEWEST:
                    found.append(
                        (times / typed, f"{name} is {kind}; {per_cent(times / typed)} of {typed:,} are {usual}")
                    )
    return max(found, default=None)


def _unlike_fences(fenced: Mapping[int, bool]) -> dict[int, tuple[float, str]]:
    share = sum(fenced.values()) / len(fenced)
    if share >= 0.5:
        return {
            row: (share, f"stands bare; {per_cent(share)} of the JSON replies stand in a code fence")
            for row, is_in in fenced.items()
            if not is_in
        }
    return {
        row: (1 - share, f"stands in a code fence; {per_cent(1 - share)} of the JSON replies do not")
        for row, is_in in fenced.items()
        if is_in
    }
