"""Which rows are copies of which, and who of them stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from workbench.checks.similarity import exact_keys, near_pairs, words_of
from workbench.rows import Rows

# Of 100, by characters. Toolformer rows (one long prompt each tool): with it 3,300 of 7,673 rows are copies, without it
# 5,600; the set's author removed 3,000 at his own 0.8.
LEAST_REPLY = 80


@dataclass(frozen=True)
class Copies:
    """kind: (N,) rows of one text share a number; near: for a kind the near-copy kinds with their scores."""

    kind: Sequence[int]
    near: dict[int, list[tuple[int, float]]]

    def neighbours(self, row: int) -> list[tuple[int, float]]:
        """The kinds that the row's text copies, its own with a score of 1 among them."""
        return [(self.kind[row], 1.0), *self.near.get(self.kind[row], [])]


def conversation_keys(rows: Rows) -> list[tuple]:
    """(N,) what makes a conversation the same one: every turn's role, normalised content and other keys."""
    contents = iter(exact_keys([turn["content"] or "" for turns in rows.messages for turn in turns]))
    return [tuple((turn["role"], next(contents), turn["more"]) for turn in turns) for turns in rows.messages]


def find_copies(rows: Rows) -> Copies:
    """The exact and near copies among the rows: alike as a whole and in their replies.

    Rows that share a long prompt and differ in the reply are alike as a whole and still teach different things. Rows
    without a word count as copies when their whole conversations are equal.
    """
    texts, replies = rows.text, exact_keys(rows.reply)
    first: dict[object, int] = {}
    keys = zip(exact_keys(texts), conversation_keys(rows), strict=True)
    kind = [first.setdefault(key if words_of(key) else whole, i) for i, (key, whole) in enumerate(keys)]
    pairs = near_pairs(texts)
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for a, b, score in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.score.tolist(), strict=True):
        # near_pairs names the first row of each text, whose number is the kind
        if kind[a] != kind[b] and fuzz.ratio(replies[a], replies[b], score_cutoff=LEAST_REPLY) > 0:
            near[a].append((b, score))
            near[b].append((a, score))
    return Copies(kind, near)


def kept_instead(copies: Copies, best_first: Sequence[int]) -> dict[int, tuple[int, float]]:
    """For each row that need not stay: the likest row that stays, and the score. Rows are judged best first.

    A row goes only when one that it copies stays, so nothing is lost through a chain of copies whose ends differ; and
    no two rows that stay are copies.
    """
    stays: dict[int, int] = {}  # kind -> the row that stays for it
    goes: dict[int, tuple[int, float]] = {}
    for row in best_first:
        there = [(score, -stays[kind]) for kind, score in copies.neighbours(row) if kind in stays]
        if there:
            score, other = max(there)
            goes[row] = (-other, score)
        else:
            stays[copies.kind[row]] = row
    return goes
