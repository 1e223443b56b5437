"""What each metric can and cannot tell: its scores on answers of which a person knows whether they are right

    for line in self_test(triples()):
        print(line.name, line.means["paraphrase"], line.means["wrong fact"], line.prefers)

48 own-written questions in four languages (data/probes/metric_triples.jsonl). Two answers to each are right (an honest
paraphrase, a wordy one), six are wrong (a near copy with a wrong fact, the negated reference, a fragment, a brush-off,
the answer to another question, a loop). Adversarial by design: read the order of the metrics, not the size of a score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluators.beside import Embed, measure_beside
from evaluators.errors import BadRequest
from evaluators.sample import Sample, Scorer, catalogue

FILE = Path(__file__).parent.parent / "data" / "probes" / "metric_triples.jsonl"
RIGHT = ("paraphrase", "verbose")
WRONG = ("wrong fact", "negated", "truncated", "brush-off", "other answer", "loop")
VARIANTS = (*RIGHT, *WRONG)
LOOPS = 5  # times that a loop says the opening again
FIELDS = ("id", "language", "question", "reference", "paraphrase", "wrong_fact", "negated")

PADDING = {  # what a wordy right answer says around the reference
    "en": "That is something many people want to know, so let me explain it in full. {} That is all there is to it.",
    "de": "Das möchten viele wissen, daher erkläre ich es ausführlich. {} Mehr gibt es dazu nicht zu sagen.",
    "ru": "Об этом спрашивают многие, поэтому объясню подробно. {} Вот и всё, что нужно знать.",
    "zh": "很多人都想知道这一点，所以我详细说明一下。{}需要了解的就是这些。",
}
BRUSH_OFF = {
    "en": "That depends on your situation. Our team will be glad to look into it, so please get in touch with us.",
    "de": "Das hängt von Ihrem Fall ab. Unser Team sieht sich das gern an, bitte nehmen Sie Kontakt mit uns auf.",
    "ru": "Это зависит от вашего случая. Наша команда с радостью разберётся, пожалуйста, свяжитесь с нами.",
    "zh": "这要看您的具体情况。我们的团队很乐意为您处理，请与我们联系。",
}


@dataclass(frozen=True)
class Triple:
    """A question with its reference, an honest paraphrase, a near copy with a wrong fact, and its negation."""

    id: str
    language: str
    question: str
    reference: str
    paraphrase: str
    wrong_fact: str
    negated: str


@dataclass(frozen=True)
class Line:
    """One metric on the test set.

    means: by variant, in the metric's unit, None where none was judged. prefers, ties: share of the questions in which
    the paraphrase scores better than the near copy with the wrong fact, and in which both score the same; judged: of
    how many. auc: that a right answer scores better than a wrong one, ties half; .5 is chance.
    """

    name: str
    title: str
    unit: str
    higher_is_better: bool
    means: Mapping[str, float | None]
    prefers: float | None
    ties: float | None
    judged: int
    auc: float | None


def triples(path: Path = FILE) -> list[Triple]:
    """The items of a test set, one JSON object a line. Raises BadRequest naming the line that is not one."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            item = json.loads(line)
            found.append(Triple(**{name: str(item[name]) for name in FIELDS}))
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequest(f"line {number} of {path.name} is no item of the self-test: {error!r}.") from None
    return found


def answers(item: Triple, other: Triple) -> dict[str, str]:
    """The eight answers to an item by variant; other: the item whose reference answers another question."""
    spoken = item.language if item.language in PADDING else "en"
    gap = "" if spoken == "zh" else " "
    pieces = list(item.reference) if spoken == "zh" else item.reference.split()
    opening = gap.join(pieces[: max(3, len(pieces) // 4)])
    return {
        "paraphrase": item.paraphrase,
        "verbose": PADDING[spoken].format(item.reference),
        "wrong fact": item.wrong_fact,
        "negated": item.negated,
        "truncated": gap.join(pieces[: len(pieces) // 2]),
        "brush-off": BRUSH_OFF[spoken],
        "other answer": other.reference,
        "loop": gap.join([opening] * LOOPS),
    }


def self_test(items: Sequence[Triple], *, embed: Embed | None = None) -> list[Line]:
    """Every metric of texts on the items, best at telling right from wrong first; metrics that judge none are left out.

    embed: a model of sentence vectors, for embedding_similarity. Another answer is the next item's of the language.
    """
    by_variant: dict[str, list[Sample]] = {variant: [] for variant in VARIANTS}
    for item in items:
        same = [one for one in items if one.language == item.language]
        other = same[(same.index(item) + 1) % len(same)]
        for variant, text in answers(item, other).items():
            prompt = ({"role": "user", "content": item.question},)
            by_variant[variant].append(Sample(item.id, prompt, text, item.reference))
    measured = measure_beside(by_variant, embed=embed)
    lines = [line for scorer in catalogue().values() if (line := line_of(scorer, measured)) is not None]
    return sorted(lines, key=lambda line: -(line.auc or 0))


def line_of(scorer: Scorer, said: Mapping[str, Sequence[Sample]]) -> Line | None:
    """A metric's line, None where it judged no right or no wrong answer."""
    sign = 1 if scorer.higher_is_better else -1
    values = {variant: [score.value for score in scorer(samples)] for variant, samples in said.items()}
    judged = {variant: [value for value in found if value is not None] for variant, found in values.items()}
    right = [sign * value for variant in RIGHT for value in judged[variant]]
    wrong = [sign * value for variant in WRONG for value in judged[variant]]
    if not right or not wrong:
        return None
    pairs = [
        (sign * good, sign * bad)
        for good, bad in zip(values["paraphrase"], values["wrong fact"], strict=True)
        if good is not None and bad is not None
    ]
    return Line(
        scorer.name,
        scorer.title,
        scorer.unit,
        scorer.higher_is_better,
        {variant: sum(found) / len(found) if found else None for variant, found in judged.items()},
        sum(good > bad for good, bad in pairs) / len(pairs) if pairs else None,
        sum(good == bad for good, bad in pairs) / len(pairs) if pairs else None,
        len(pairs),
        auc(right, wrong),
    )


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Share of (right, wrong) pairs in which the right one is higher, ties half (Mann-Whitney U over its maximum)."""
    won = sum((good > bad) + 0.5 * (good == bad) for good in right for bad in wrong)
    return won / (len(right) * len(wrong))
