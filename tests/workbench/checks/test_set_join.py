"""The join gives every pair that comparing all pairs gives, whatever the sets look like."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.checks import set_join
from workbench.checks.set_join import Sets, jaccard_pairs
from workbench.checks.similarity import components

TOKENS = st.lists(st.frozensets(st.integers(0, 25), max_size=14), max_size=40)


def sets_of(rows) -> Sets:
    """Tokens as hashes: numbers that differ in their upper and their lower bits."""
    spread = [sorted((token + 1) * 0x9E3779B97F4A7C15 % 2**64 for token in row) for row in rows]
    values = np.array([token for row in spread for token in row], np.uint64)
    return Sets(values, np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)]).astype(np.int64))


def index(one, other) -> float:
    return len(one & other) / len(one | other)


def found(a, b, score) -> dict:
    pairs = zip(np.minimum(a, b).tolist(), np.maximum(a, b).tolist(), score.tolist(), strict=True)
    return {(one, other): pytest.approx(likeness) for one, other, likeness in pairs}


def every(rows, least) -> dict:
    alike = {(i, j): index(rows[i], rows[j]) for i, j in combinations(range(len(rows)), 2) if rows[i] or rows[j]}
    return {pair: likeness for pair, likeness in alike.items() if likeness >= least - 1e-9}


@settings(max_examples=150, deadline=None)
@given(TOKENS, st.sampled_from([0.3, 0.5, 0.7, 0.75, 0.9, 1.0]))
def test_every_pair_is_found_at_every_threshold(rows, least):
    assert found(*jaccard_pairs(sets_of(rows), least)) == every(rows, least)


@settings(max_examples=50, deadline=None)
@given(TOKENS)
def test_an_index_made_in_parts_finds_the_same(rows):
    whole, set_join.POSTINGS = set_join.POSTINGS, 3
    try:
        assert found(*jaccard_pairs(sets_of(rows), 0.5)) == every(rows, 0.5)
    finally:
        set_join.POSTINGS = whole


@settings(max_examples=50, deadline=None)
@given(TOKENS)
def test_few_pairs_a_row_link_what_all_pairs_link(rows):
    a, b, _ = jaccard_pairs(sets_of(rows), 0.5, most=1)
    expected = every(rows, 0.5)
    linked = components(len(rows), [i for i, _ in expected], [j for _, j in expected])
    assert components(len(rows), a, b).tolist() == linked.tolist()


@settings(max_examples=50, deadline=None)
@given(TOKENS, st.data())
def test_rows_left_out_make_no_pair_and_change_none(rows, data):
    kept = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1)))) if rows else []
    expected = {pair: score for pair, score in every(rows, 0.6).items() if set(pair) <= set(kept)}
    assert found(*jaccard_pairs(sets_of(rows), 0.6, np.array(kept, np.int64))) == expected


@settings(max_examples=50, deadline=None)
@given(TOKENS, TOKENS)
def test_a_guard_drops_the_pairs_whose_other_sets_differ(rows, guards):
    guards = [guards[i] if i < len(guards) else frozenset() for i in range(len(rows))]
    expected = {
        (i, j): score
        for (i, j), score in every(rows, 0.5).items()
        if not (guards[i] or guards[j]) or index(guards[i], guards[j]) >= 0.5
    }
    assert found(*jaccard_pairs(sets_of(rows), 0.5, guard=(sets_of(guards), 0.5))) == expected
