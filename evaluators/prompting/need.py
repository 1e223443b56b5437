"""Do you need to fine-tune at all? What the best prompt reaches, what is left, what it costs, and what to do instead"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.compare import Comparison
from evaluators.prompting.cost import Tokens, extra_per_thousand
from evaluators.prompting.knowledge import Untaught, looked_up
from evaluators.prompting.recipe import TARGET
from evaluators.sample import Score, Scorer
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.few_differing import with_unseen_rows
from evaluators.statistics.paired_difference import differences, paired_difference
from evaluators.statistics.wilson import wilson
from evaluators.verdict import clause

# Metrics that know a right answer: all of it has to be there. Likeness to the reference, length or variety know none.
KNOW_RIGHT = ("exact_match", "fact_recall", "format_kept", "json_schema", "json_valid", "required_phrases")
SAME = 1e-9


@dataclass(frozen=True)
class Reached:
    """How many rows are right: share with its 95 % interval, and the failed row ids; None where nobody can tell."""

    share: Estimate
    right: int
    failed: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        return {
            "right": self.right,
            "rows": self.share.n,
            "share": self.share.value,
            "low": self.share.low,
            "high": self.share.high,
            "method": self.share.method,
        }


def bar(scorer: Scorer) -> float | None:
    """From which score on a row is right: nothing may be missing; None for a metric that knows no right or wrong."""
    return 1.0 if scorer.name in KNOW_RIGHT else None


def reached(scores: Mapping[str, Score], scorer: Scorer, groups: Mapping[str, str] | None = None) -> Reached | None:
    """The share of judged rows that are right; None for a metric that knows no right or wrong, such as a likelihood."""
    least = bar(scorer)
    if least is None:
        return None
    values = {row_id: score.value for row_id, score in scores.items() if score.value is not None}
    right = {row_id: value >= least - SAME for row_id, value in values.items()}
    failed = tuple(row_id for row_id, fine in right.items() if not fine)
    passed = len(right) - len(failed)
    if groups is None:
        return Reached(wilson(passed, len(right)), passed, failed)
    marks = [float(fine) for fine in right.values()]
    owners = [groups[row_id] for row_id in right]
    zero = [0.0] * len(marks)
    found = paired_difference(zero, marks, groups=owners)
    found = with_unseen_rows(found, differences(zero, marks), span=1.0, groups=owners)
    low, high = (None if edge is None else min(1.0, max(0.0, edge)) for edge in (found.low, found.high))
    return Reached(Estimate(found.value, low, high, found.n, found.method, found.clusters), passed, failed)


def needed(
    *,
    scorer: Scorer,
    bare: Mapping[str, Score],
    best: Mapping[str, Score],
    title: str,
    against_bare: Comparison | None,
    tokens: tuple[Tokens, Tokens],
    untaught: Untaught,
    lookup: Comparison | None,
    held: int,
    groups: Mapping[str, str] | None = None,
    target: float = TARGET,
) -> dict[str, Any]:
    """The answer with its figures, ready to be written as JSON.

    bare, best: scores by row id without a prompt and with the best one, on the same golden rows. title: of the best
    prompt. tokens: of a question (without, with the prompt). held: how many rows of the training side chose the prompt,
    0 where nothing was chosen. Gives word ("no", "something to gain", "can't tell"), sentence, sentences, reached,
    bare, left (share of rows still failed), lookup and untaught with their signs, and extra_tokens_per_1000.
    """
    now, before = reached(best, scorer, groups), reached(bare, scorer, groups)
    word, lead = answer(now, target, scorer)
    sign, looked = looked_up(lookup)
    extra = extra_per_thousand(tokens[1], tokens[0])
    look_instead = word != "no" and (sign == "yes" or untaught.sign == "yes")
    said = [*level(now, before, title), *([f"By comparison, {clause(against_bare, None)}."] if against_bare else [])]
    said.append(chosen_by(held))
    said.append(priced(extra, tokens))
    if look_instead:
        lead += " Look the facts up before you train for them."
    return {
        "word": word,
        "look_it_up": "yes" if look_instead else "no" if word == "no" or sign == "no" else "can't tell",
        "sentence": lead,
        "sentences": [*said, untaught.sentence, looked],
        "target": target,
        "title": title,
        "reached": None if now is None else now.plain(),
        "bare": None if before is None else before.plain(),
        "left": None if now is None or now.share.value is None else 1 - now.share.value,
        "untaught": {
            "facts": untaught.facts,
            "untaught": untaught.untaught,
            "rows": untaught.rows,
            "rows_untaught": untaught.rows_untaught,
            "sign": untaught.sign,
        },
        "lookup": {"sign": sign, "sentence": looked},
        "extra_tokens_per_1000": extra,
    }


def answer(now: Reached | None, target: float, scorer: Scorer) -> tuple[str, str]:
    """The word and the sentence that stand first."""
    aim = f"{100 * target:.0f} % of rows right"
    if now is None:
        return "can't tell", (
            f"Whether you need to fine-tune can't be told: \u201c{scorer.title}\u201d compares, but knows no right or "
            "wrong answer. Give references with checkable facts, or name a metric with --primary."
        )
    share = now.share
    if share.value is None or share.low is None or share.high is None:
        return "can't tell", "Whether you need to fine-tune can't be told: too few rows could be judged."
    spread = f"{100 * share.low:.0f} to {100 * share.high:.0f} %"
    if share.low >= target:
        return "no", f"No: a prompt alone reaches the target of {aim} ({100 * share.value:.0f} %, {spread})."
    if share.high < target:
        return "something to gain", (
            f"A prompt alone does not reach the target of {aim}: {100 * (1 - share.value):.0f} % of rows still fail, "
            "so there is something to gain. Whether training gains it, only the evaluation can tell."
        )
    return "can't tell", (
        f"Whether you need to fine-tune can't be told: the best prompt gets {100 * share.value:.0f} % of rows right, "
        f"and the interval ({spread}) holds the target of {100 * target:.0f} %. More golden rows would tell."
    )


def level(now: Reached | None, before: Reached | None, title: str) -> Sequence[str]:
    """What the best prompt reaches beside the question as it stands."""
    if now is None or before is None:
        return ()
    return (
        f"The best prompt (\u201c{title}\u201d) gets {now.right} of {now.share.n} golden rows right, "
        f"the question as it stands {before.right} of {before.share.n}.",
    )


def chosen_by(held: int) -> str:
    """On what the best prompt was chosen, and why that keeps the golden rows honest."""
    if not held:
        return (
            "No training rows were held out to choose by, so the prompt was named beforehand and not chosen by its "
            "score."
        )
    return (
        f"The best prompt was chosen on {held} rows held out of the training side; the golden rows chose nothing, so "
        "its score on them is not luck of the best of many."
    )


def priced(extra: int, tokens: tuple[Tokens, Tokens]) -> str:
    """What the prompt costs."""
    return (
        f"The prompt adds {extra:,} prompt tokens to 1,000 questions ({tokens[1].mean:,.0f} instead of "
        f"{tokens[0].mean:,.0f} tokens a question; one question in twenty has {tokens[1].p95:,.0f} or more)."
    )
