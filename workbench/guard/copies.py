"""Training rows that are, or nearly copy, a golden row: found by their ids and their words, without any model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.checks.similarity import exact_keys, near_pairs_between, words_of
from workbench.guard.exchanges import FIELDS, compared_fields, exchanges, turn_pairs
from workbench.rows import Rows

SAME_ROW = "the same row"
WHOLE, PROMPT, REPLY = FIELDS
FEWEST_PROMPT_WORDS = 5  # "What is this?" stands in many rows: that its words are the same proves nothing


@dataclass(frozen=True)
class Leak:
    """A training row that repeats a golden row: how alike (0 to 1), and in what ("near copy of the reply")."""

    training_id: str
    golden_id: str
    score: float
    how: str


@dataclass(frozen=True)
class Copy:
    """A pair of rows alike in one field. training, golden: places; exact: equal but for case, blanks and end stops."""

    training: int
    golden: int
    field: str
    score: float
    exact: bool

    @property
    def how(self) -> str:
        return f"{'copy' if self.score >= 1 else 'near copy'} of the {self.field}"

    def is_certain(self, question: str) -> bool:
        """Whether no person needs to be asked. question: the prompt of the training row.

        An equal reply alone is no proof: stock answers stand under many questions. Neither is an equal short prompt.
        """
        enough = len(words_of(question)) >= FEWEST_PROMPT_WORDS
        return self.exact and (self.field == WHOLE or (self.field == PROMPT and enough))


def copies(training: Rows, golden: Rows) -> Iterator[Copy]:
    """Every pair of a training and a golden row that are alike in words, field by field; see `leaks`."""
    mine, theirs = compared_fields(training), compared_fields(golden)
    compared = {field: near_pairs_between(mine[field], theirs[field]) for field in FIELDS}
    keys = {field: (exact_keys(mine[field]), exact_keys(theirs[field])) for field in FIELDS}
    taught, kept = exchanges(training), exchanges(golden)
    if not all(one.alone for one in (*taught, *kept)):  # else each exchange is a whole conversation, compared already
        compared |= turn_pairs(taught, kept)
    for field, pairs in compared.items():
        left, right = keys.get(field, ((), ()))
        for a, b, score in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.score.tolist(), strict=True):
            yield Copy(a, b, field, score, field in keys and left[a] == right[b])


def leaks(training: Rows, golden: Rows) -> tuple[Leak, ...]:
    """Every training row that is, or nearly copies, a golden row, with the golden row it is likest to; likest first.

    Compared are the row id, the whole conversation, the prompt and the reply (of five words and more); then every
    earlier reply of a training row with the golden reply, and every exchange with every golden exchange. An earlier
    exchange whose user turn has fewer than five words ("Thanks!") counts by a reply that is the golden one only. A
    repeat in other words is not seen: an empty answer means "no copies", not "no leakage".
    """
    found: dict[str, Leak] = {}
    golden_ids, training_ids = golden.row_id, training.row_id
    for row_id in sorted(set(training_ids) & set(golden_ids)):
        found[row_id] = Leak(row_id, row_id, 1.0, SAME_ROW)
    for one in copies(training, golden):
        best = found.get(training_ids[one.training])
        if best is None or one.score > best.score:
            leak = Leak(training_ids[one.training], golden_ids[one.golden], one.score, one.how)
            found[leak.training_id] = leak
    return tuple(sorted(found.values(), key=lambda leak: (-leak.score, leak.training_id)))
