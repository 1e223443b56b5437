"""Two arms that pass or fail the same things: counts, intervals, and a word"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluators.errors import Unpaired
from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.estimate import ALPHA
from evaluators.statistics.mcnemar import mcnemar
from evaluators.statistics.wilson import wilson

MORE, LESS, CANT_TELL, SAME = "more", "less", "can't tell", "no change"
WITHIN = 0.10  # of a rate: a change that people would still call none


def passed(base: Sequence[bool], tuned: Sequence[bool]) -> dict[str, Any]:
    """How often base and tuned pass, with the paired difference; JSON-ready.

    word: "more" or "less" where McNemar's exact test says so; "no change" where the 95 % interval of the difference
    lies within ten points; else "can't tell". Raises Unpaired.
    """
    if len(base) != len(tuned):
        raise Unpaired(f"{len(base)} answers of the base model against {len(tuned)} of the tuned one.")
    n = len(base)
    gained = sum(not b and t for b, t in zip(base, tuned, strict=True))
    lost = sum(b and not t for b, t in zip(base, tuned, strict=True))
    found, p = bonett_price(gained, lost, n), mcnemar(gained, lost).exact
    word = CANT_TELL
    if n and p < ALPHA:
        word = MORE if gained > lost else LESS
    elif found.low is not None and found.high is not None and max(-found.low, found.high) <= WITHIN:
        word = SAME
    rates = [wilson(sum(arm), n) for arm in (base, tuned)]
    return {
        "n": n,
        "base": sum(base),
        "tuned": sum(tuned),
        "base_interval": [rates[0].low, rates[0].high],
        "tuned_interval": [rates[1].low, rates[1].high],
        "gained": gained,
        "lost": lost,
        "difference": found.value,
        "low": found.low,
        "high": found.high,
        "p": p,
        "word": word,
    }
