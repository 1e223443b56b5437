"""Facts that nothing given supports

How many checkable facts of the output (quantities, prices, dates, times, codes, addresses, names, menu paths, days,
months) stand neither in the prompt, as this arm was asked (its system message and the examples shown before included),
nor in the reference. Each may be made up; lower is better.

Known limits
    A true fact that the reference does not mention counts too, so a longer honest answer can look worse. Sees no
    made-up sentence without a number, name, address or path. A fact copied from an example of another question counts
    as given.
Source
    Measured on this project's test set (docs/metrics.md): 2 a row for answers with a wrong fact, .02 for honest
    paraphrases. K-precision of Adlakha 2024, arXiv 2307.16877, is the same thought on words.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.facts import facts, missing
from evaluators.sample import Example, Sample, Score, scorer


def unsupported(sample: Sample) -> Score:
    """Count of the output's facts without support, with the facts as note."""
    given = "\n".join([sample.reference, *(str(message.get("content") or "") for message in sample.prompt)])
    loose = missing(facts(sample.output or ""), given)
    return Score(float(len(loose)), ", ".join(loose))


@scorer(
    higher_is_better=False,
    unit="facts",
    examples=[
        Example("Within 90 days.", "Within 30 days.", 1.0),
        Example("Order 4711 ships in 2 days.", "It ships in two days.", 0.0, prompt="Where is order 4711?"),
        Example("1. Open it\n2. Close it", "Open and close it.", 0.0),
    ],
)
def unsupported_facts(samples: Sequence[Sample]) -> list[Score]:
    """Number of facts found neither in the prompt nor in the reference."""
    return [unsupported(s) for s in samples]
