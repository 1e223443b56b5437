"""The compiled reader cuts texts as the plain functions do, in any script."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.checks.text_hashes import hashed
from workbench.checks.words import exact_keys, numbers_of, words_of

SIGNS = st.sampled_from(list("aB1 9.,;:\"'“”(!?\n\t\x00_-%é\u0301ßİ\u00a0中文。กाह٣४５\U0001f600\ud800KΣς"))
TEXTS = st.lists(st.text(SIGNS, max_size=14), max_size=12)
TALK = [
    "How do I return 1,234.50 euros?",
    "how  do i return 1234.50 euros",
    "Wie lange habe ich Zeit?",
    "返金は30日以内に可能です",
]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_two_texts_have_one_key_when_their_exact_keys_are_one(texts):
    keys, made = exact_keys(texts), hashed(texts, run=3, long=1, middle=99).key.tolist()
    assert [[a == b for b in keys] for a in keys] == [[a == b for b in made] for a in made]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_words_and_numbers_are_cut_as_the_plain_functions_cut_them(texts):
    made, keys = hashed(texts, run=3, long=1, middle=99), exact_keys(texts)
    assert made.words.tolist() == [len(words_of(key)) for key in keys]
    assert made.bag.sizes.tolist() == [len(set(words_of(key))) for key in keys]
    numbers = [numbers_of(key) for key in keys]
    assert made.numbers.sizes.tolist() == [len(found) for found in numbers]
    long = [sum(sum(map(str.isdecimal, one)) > 1 for one in found) for found in numbers]
    odd = [
        int((made.numbers.values[a:b] & np.uint64(1)).sum())
        for a, b in zip(made.numbers.pointer, made.numbers.pointer[1:], strict=False)
    ]
    assert odd == long


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_equal_sets_of_words_and_of_runs_have_equal_hashes(texts):
    made, words = hashed(texts, run=3, long=1, middle=99), [words_of(key) for key in exact_keys(texts)]
    bags = [tuple(made.bag.values[a:b].tolist()) for a, b in zip(made.bag.pointer, made.bag.pointer[1:], strict=False)]
    runs = [
        frozenset(made.runs.values[a:b].tolist())
        for a, b in zip(made.runs.pointer, made.runs.pointer[1:], strict=False)
    ]
    plain = [{tuple(w[i : i + 3]) for i in range(max(1, len(w) - 2))} if w else set() for w in words]
    for i, one in enumerate(words):
        for j, other in enumerate(words):
            assert (bags[i] == bags[j]) == (set(one) == set(other))
            assert len(runs[i] & runs[j]) == len(plain[i] & plain[j])


def test_a_number_is_one_with_and_without_its_thousands_comma():
    made = hashed(TALK, run=3, long=1, middle=99)
    assert made.key[0] != made.key[1]  # the keys are of characters
    assert made.numbers.values[0] == made.numbers.values[1]


def test_no_texts_give_no_sets():
    made = hashed([], run=3, long=30, middle=150)
    assert (len(made), len(made.runs.values), made.bag.pointer.tolist()) == (0, 0, [0])
