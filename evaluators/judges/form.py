"""The two forms of judging, seen alike: questions on a pair, and what the replies say of it"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluators.judges.chat import Ask, Reply
from evaluators.judges.marking import mark_pair_asks, read_mark_pair
from evaluators.judges.pairwise import Pair, Seen, pair_asks, read_both
from evaluators.judges.rubric import Rubric

FormName = Literal["pairwise", "rubric"]


@dataclass(frozen=True)
class Form:
    """How one judge judges. judge: its digest."""

    name: FormName
    judge: str
    rubric: Rubric

    def asks(self, pair: Pair) -> list[Ask]:
        """Every question that a verdict on the pair takes."""
        make = pair_asks if self.name == "pairwise" else mark_pair_asks
        return make(self.judge, self.rubric, pair)

    def read(self, pair: Pair, replies: list[Reply | str]) -> Seen:
        """What the replies, in the order of `asks`, say of the pair."""
        return (read_both if self.name == "pairwise" else read_mark_pair)(self.rubric, pair, replies)
