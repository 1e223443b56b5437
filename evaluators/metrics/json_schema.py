"""Fits the JSON schema

1 when the output is JSON and fits the schema on the dataset's sheet, else 0; the note says the first faults. An output
that is no JSON fails.

Known limits
    The words of JSON Schema that people use for answers are known (type, properties, required, enum, limits, anyOf);
    a schema with `pattern` or `$ref` is refused when it is declared. A right form can hold wrong values.
Source
    JSON Schema 2020-12, read by an own small checker (evaluators/json_schema.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.json_schema import faults
from evaluators.metrics.json_read import read
from evaluators.sample import Example, Sample, Score, scorer

SHOWN = 3  # faults in a note
PRICE = {"type": "object", "required": ["price"], "properties": {"price": {"type": "number"}}}


def fits(sample: Sample) -> Score:
    """1 where the output fits, with the first faults as note."""
    schema = sample.rules.get("json_schema")
    if not schema:
        return Score(None, "the dataset declares no JSON schema")
    value, fault = read(sample.output or "")
    found = [f"no JSON: {fault}"] if fault else faults(value, schema)
    return Score(float(not found), "; ".join(found[:SHOWN]))


@scorer(
    higher_is_better=True,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example('{"price": 12.5}', "{}", 1.0, rules={"json_schema": PRICE}),
        Example('{"price": "12.5"}', "{}", 0.0, rules={"json_schema": PRICE}),
        Example("It costs 12.5.", "{}", 0.0, rules={"json_schema": PRICE}),
        Example("{}", "{}", None),
    ],
)
def json_schema(samples: Sequence[Sample]) -> list[Score]:
    """1 for an output that fits the schema."""
    return [fits(s) for s in samples]
