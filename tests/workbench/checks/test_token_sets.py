"""The compiled token set ratio is rapidfuzz's, for every pair of texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from workbench.checks.token_sets import token_set_ratios
from workbench.checks.words import exact_keys, words_of

WORDS = st.sampled_from(
    ["a", "ab", "abcdefgh", "abcdefghi", "abcdefghj", "bank", "banks", "é", "éa", "z", "金", "9", "kärt"]
)
TEXT = st.lists(WORDS, max_size=30).map(" ".join)


def expected(one: str, other: str) -> float:
    left, right = (" ".join(words_of(key)) for key in exact_keys([one, other]))
    return fuzz.token_set_ratio(left, right) / 100


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_it_is_the_ratio_of_the_library(pairs):
    texts = [text for pair in pairs for text in pair]
    a, b = np.arange(0, len(texts), 2), np.arange(1, len(texts), 2)
    ratios = token_set_ratios(texts, a, b, np.zeros(len(a)))
    assert ratios.tolist() == pytest.approx([expected(*pair) for pair in pairs], abs=1e-9)


def test_texts_of_many_letters_take_the_library_itself():
    texts = ["x" * 5000 + " one two", "x" * 5000 + " one three", "one two"]
    ratios = token_set_ratios(texts, np.array([0, 2]), np.array([1, 2]), np.zeros(2))
    assert ratios.tolist() == pytest.approx([expected(texts[0], texts[1]), 1.0])


def test_one_below_what_is_needed_may_come_as_less_but_never_as_enough():
    texts = ["open the lid and pour", "close the box and wait here"]
    assert token_set_ratios(texts, np.array([0]), np.array([1]), np.array([0.9]))[0] < 0.9
