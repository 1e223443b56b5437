"""Which golden rows the tuned model failed, and in which kind of failure a row is counted"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluators.sample import Scorer
from workbench.records import Answer

TUNED, BASE, PROMPTED = "tuned", "base", "prompted"
BAR = 0.5  # a share or pass score below this counts as a miss: the answer is more wrong than right
WITH_BAR = ("share", "0 or 1")  # units of scores that have one
SAME = 1e-9  # scores closer than this are equal

KINDS = {  # in the order in which a row is put under one: the gravest first
    "refuses": "The tuned model refuses although an answer is expected",
    "does not stop": "The answer runs on until it is cut",
    "rated worse": "People preferred the other model's answer",
    "both rated bad": "People called both answers bad",
    "worse than base": "The tuned model does worse than the base model",
    "made-up facts": "The answer states facts that nothing supports",
    "misses the point": "The score stays below the bar",
}


def failures(
    arms: Mapping[str, Mapping[str, Answer]], scorer: Scorer, against: frozenset[str], bad: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Row id -> every kind of failure of the tuned answer, the gravest first; sound rows are not in it.

    against, bad: rows on which people preferred the other answer, and on which they called both bad.
    """
    found = {}
    for row_id, tuned in arms[TUNED].items():
        base = arms[BASE].get(row_id)
        value, before = tuned.scores.get(scorer.name), base.scores.get(scorer.name) if base else None
        sign = 1 if scorer.higher_is_better else -1
        holds = {
            "refuses": (tuned.scores.get("refusal") or 0) > 0,
            "does not stop": tuned.scores.get("stopped") == 0,
            "rated worse": row_id in against,
            "both rated bad": row_id in bad,
            "worse than base": value is not None and before is not None and sign * (value - before) < -SAME,
            "made-up facts": (tuned.scores.get("unsupported_facts") or 0) > 0,
            "misses the point": value is not None and not passes(value, scorer),
        }
        if kinds := tuple(kind for kind in KINDS if holds[kind]):
            found[row_id] = kinds
    return found


def passes(value: float | None, scorer: Scorer) -> bool:
    """Whether a score reaches the bar; only shares and passes have one, anything else passes."""
    if value is None or scorer.unit not in WITH_BAR:
        return True
    return value >= BAR if scorer.higher_is_better else value <= 1 - BAR


def right(answer: Answer | None, scorer: Scorer) -> bool:
    """Whether an arm's answer was judged and reaches the bar; of a scorer without a bar nobody knows what is right."""
    value = answer.scores.get(scorer.name) if answer else None
    return value is not None and scorer.unit in WITH_BAR and passes(value, scorer)


def topic(tags: Sequence[str]) -> str:
    """The slice of a row: its first tag."""
    return tags[0] if tags else "untagged"
