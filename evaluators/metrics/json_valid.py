"""Is JSON where JSON is wanted

1 when the whole output can be read as JSON, else 0. Judged where the row is tagged `json`, the dataset's sheet has a
JSON schema, or the reference itself is a JSON object or list.

Known limits
    A code fence or a word before or after the JSON fails it, since a program that reads the answer fails too. Says
    nothing of what the JSON holds: see json_schema.
Source
    RFC 8259; a key that occurs twice and NaN are faults here.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.json_read import looks_like, read
from evaluators.sample import Example, Sample, Score, scorer


def valid(sample: Sample) -> Score:
    """1 for JSON, with the fault as note."""
    if not (sample.rules.get("json") or looks_like(sample.reference)):
        return Score(None, "the row does not ask for JSON")
    fault = read(sample.output or "")[1]
    return Score(float(not fault), fault)


@scorer(
    higher_is_better=True,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example('{"a": 1}', '{"a": 2}', 1.0),
        Example('Here it is: {"a": 1}', '{"a": 2}', 0.0),
        Example("{a: 1}", "see above", 0.0, rules={"json": True}),
        Example("Hello", "Hello", None),
    ],
)
def json_valid(samples: Sequence[Sample]) -> list[Score]:
    """1 for an output that is JSON."""
    return [valid(s) for s in samples]
