"""Which rows are copies of which, and who of them stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from workbench.checks.similarity import PAIRS_AT_ONCE, Pairs, TextsAt, exact_keys, near_pairs
from workbench.checks.text_hashes import THREADS, Ints
from workbench.checks.words import has_word
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
    texts = rows.text
    first: dict[object, int] = {}
    keys = exact_keys(texts)
    bare = [i for i, key in enumerate(keys) if not has_word(key)]
    whole = dict(zip(bare, conversation_keys(rows.keep(_mask(len(rows), bare))), strict=True)) if bare else {}
    kind = [first.setdefault(whole.get(i, key), i) for i, key in enumerate(keys)]
    pairs = alike_replies(near_pairs(texts), lambda wanted: [rows.reply[i] for i in wanted])
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for a, b, score in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.score.tolist(), strict=True):
        if kind[a] != kind[b]:  # near_pairs names the first row of each text, whose number is the kind
            near[a].append((b, score))
            near[b].append((a, score))
    return Copies(kind, near)


def _mask(n: int, rows: Sequence[int]) -> list[bool]:
    chosen = set(rows)
    return [i in chosen for i in range(n)]


def alike_replies(pairs: Pairs, mine: TextsAt, theirs: TextsAt | None = None) -> Pairs:
    """The pairs whose replies are alike by themselves, too.

    mine, theirs: what gives the replies of some rows, named in ascending order, on the side of a and on that of b.
    """
    one = _keys_of(np.unique(pairs.a), mine)
    other = _keys_of(np.unique(pairs.b), theirs or mine)
    alike = np.ones(len(pairs), bool)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        left, right = ([keys[i] for i in rows[part].tolist()] for keys, rows in ((one, pairs.a), (other, pairs.b)))
        ratio = process.cpdist(left, right, scorer=fuzz.ratio, score_cutoff=LEAST_REPLY, workers=THREADS)
        alike[part] = ratio > 0
    return Pairs(pairs.a[alike], pairs.b[alike], pairs.score[alike])


def _keys_of(rows: Ints, texts_at: TextsAt) -> dict[int, str]:
    return dict(zip(rows.tolist(), exact_keys(texts_at(rows.tolist())), strict=True))


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
