"""Which metric decides, chosen before any output is seen"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluators.metrics.facts import facts
from evaluators.sample import Sample, catalogue

ENOUGH = 0.5  # share of rows that must hold a yardstick of a kind for that kind to decide
NEVER = {
    "embedding_similarity": "it tells how near an answer is to the reference, not whether it is right: it ranks a near "
    "copy with a wrong fact above an honest paraphrase (docs/metrics.md)",
    "distinct_2": "it judges only answers of ten words and more, and says nothing of whether they are right",
    "copied_share": "it judges only answers of eight words and more, and says nothing of whether they are right",
    "copied_words": "it judges only answers of eight words and more, and says nothing of whether they are right",
}


def primary_metric(samples: Sequence[Sample]) -> tuple[str, str]:
    """Name of the deciding scorer and the reason, read off the rows alone.

    required_phrases when people wrote down for at least half of the rows what a right answer must say; fact_recall when
    at least half of the references hold a checkable fact; else nll. Outputs are not looked at, so the choice cannot
    favour an arm; store it before the run.
    """
    own = sum(bool(s.rules.get("must")) for s in samples)
    if samples and own >= ENOUGH * len(samples) and len({s.rules.get("must") for s in samples}) > 1:
        return "required_phrases", f"{own} of {len(samples)} rows say which phrases a right answer must hold."
    checkable = sum(bool(facts(s.reference)) for s in samples)
    counted = f"{checkable} of {len(samples)} references hold a number, code, date, name, address or menu path"
    if samples and checkable >= ENOUGH * len(samples):
        return "fact_recall", f"{counted}: right facts can be counted."
    return "nll", f"only {counted}: too few to count facts, so the reference's likelihood decides."


def unfit_as_primary(name: str, samples: Sequence[Sample]) -> str:
    """Why this metric cannot decide on these rows, as a sentence with the way out; "" where it can.

    A metric that judges none of the references cannot judge answers to them either.
    """
    if name in NEVER:
        return f"{name} cannot decide: {NEVER[name]}. Choose fact_recall, required_phrases or nll."
    scorer = catalogue()[name]
    if scorer.reads is None and samples:
        said = scorer([replace(s, output=s.reference) for s in samples])
        if all(one.value is None for one in said):
            return f"{name} cannot decide: it judges none of these rows ({said[0].note}). Choose another metric."
    return ""
