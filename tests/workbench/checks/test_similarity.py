"""Near copies: the join finds what comparing every pair finds, and the rule says what a person would."""

import random
from itertools import combinations, product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.checks.similarity import components, exact_keys, near_copy_score, near_pairs, near_pairs_between

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"
WORDS = ["the", "card", "cards", "refund", "order", "my", "not", "in", "7", "14", "30", "1,000", "2.5", "é", "返", "金"]


def texts_of(longest: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), max_size=longest).map(" ".join)


def every_pair(texts: list[str]) -> dict[tuple[int, int], float]:
    """What near_pairs promises, found by comparing every pair of the first of equal texts."""
    keys = exact_keys(texts)
    found = {}
    for a, b in combinations(range(len(texts)), 2):
        score = near_copy_score(texts[a], texts[b])
        first_a, first_b = keys.index(keys[a]) == a, keys.index(keys[b]) == b
        if score is not None and first_a and (first_b or keys[a] == keys[b]):
            found[a, b] = score
    return found


def as_dict(pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True), pairs.score.tolist(), strict=True))


def assert_same(found: dict, expected: dict) -> None:
    assert found.keys() == expected.keys()
    for pair, score in expected.items():
        assert found[pair] == pytest.approx(score, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts_of(12), max_size=14))
def test_the_join_finds_every_short_pair_that_comparing_all_finds(texts):
    assert_same(as_dict(near_pairs(texts)), every_pair(texts))


def retouched(rng: random.Random, base: list[str]) -> str:
    share = rng.choice([0.01, 0.03, 0.1])
    words = [rng.choice(["lid", "pour"]) if rng.random() < share else w for w in base]
    return " ".join(words[rng.randrange(3) : len(words) - rng.randrange(3)])


@pytest.mark.parametrize("length", [8, 28, 33, 60, 98, 104, 140])
def test_the_join_finds_every_pair_at_the_edges_of_the_rules(length):
    rng = random.Random(length)
    bases = [[rng.choice([*WORDS, *(f"w{n}" for n in range(80))]) for _ in range(length)] for _ in range(4)]
    texts = [retouched(rng, rng.choice(bases)) for _ in range(60)]
    expected = every_pair(texts)
    assert len(expected) > 5
    assert_same(as_dict(near_pairs(texts)), expected)


@settings(max_examples=100, deadline=None)
@given(st.lists(texts_of(9), max_size=8), st.lists(texts_of(9), max_size=8))
def test_two_lists_are_joined_as_comparing_all_would(left, right):
    keys = exact_keys(right)
    expected = {}
    for (a, one), (b, other) in product(enumerate(left), enumerate(right)):
        score = near_copy_score(one, other)
        if score is not None and keys.index(keys[b]) == b:
            expected[a, b] = score
    assert_same(as_dict(near_pairs_between(left, right)), expected)


@pytest.mark.skipif(not REAL.exists(), reason="LOUD: ../shared/data is not here; real texts were NOT compared")
def test_the_join_finds_every_pair_of_real_questions():
    texts = pl.read_csv(REAL / "banking77" / "banking77_test.csv")["text"].to_list()[:700]
    expected = every_pair(texts)
    assert len(expected) > 5
    assert_same(as_dict(near_pairs(texts)), expected)


@pytest.mark.skipif(not REAL.exists(), reason="LOUD: ../shared/data is not here; verified copies NOT compared")
@pytest.mark.parametrize(("name", "least"), [("stroke", 0.99), ("respiratory", 0.96)])
def test_human_verified_copies_are_found(name, least):
    frame = pl.read_csv(REAL / "bibdedupe" / f"{name}_records.csv", infer_schema_length=0)
    columns = [c for c in ("title", "author", "journal", "year", "volume", "pages") if c in frame.columns]
    texts = [" ".join(part or "" for part in row) for row in frame.select(columns).iter_rows()]
    place = {key: i for i, key in enumerate(frame["ID"])}
    truth: set[tuple[int, int]] = set()
    for line in pl.read_csv(REAL / "bibdedupe" / f"{name}_merged_ids.csv")["merged_ids"]:
        truth |= set(combinations(sorted(place[key] for key in line.split(";")), 2))
    found = near_pairs(texts)
    groups: dict[int, list[int]] = {}
    for i, label in enumerate(components(len(texts), found.a, found.b)):
        groups.setdefault(label, []).append(i)
    linked = {pair for group in groups.values() for pair in combinations(group, 2)}
    assert 2 * len(linked & truth) / (len(linked) + len(truth)) > least


LETTER = "Thank you for writing to us about the parcel that has not arrived yet we have asked the carrier where it "
LETTER += "is and will write again as soon as we know more in the meantime please keep the receipt of the parcel"
TOUCHED = LETTER.replace("keep", "hold on to").replace("carrier", "courier")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I track the card you sent me?", "how do I track the card you sent to me"),
        ("Order 4411 left us on 3 May.", "Order 4411 left us on 3 May, as planned."),
        (LETTER, LETTER.replace("carrier", "courier")),
        (LETTER + " it left on 3 May", TOUCHED + " it left on 3 May"),
        ("返金は購入から三十日以内に可能です", "返金は購入から三十日以内に可能ですよ"),
    ],
)
def test_these_are_near_copies(one, other):
    assert near_copy_score(one, other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Refunds take 14 days.", "Refunds take 30 days."),
        ("You have 14 days and 30 euros.", "You have 14 days and 90 euros."),
        (LETTER + " it took 14 days", LETTER + " it took 30 days"),
        ("How do I cancel my order?", "How do I cancel my subscription?"),
        ("Yes", "Yes, you can send it back within the first weeks"),
        ("Order 5", "Please tell me where order 5 has gone, I have been waiting for so long"),
        ("", ""),
        ("?!", "?!"),
    ],
)
def test_these_are_not(one, other):
    assert near_copy_score(one, other) is None


def test_keys_forget_case_blanks_and_edges_but_not_signs_with_a_meaning():
    assert exact_keys(["  Hello,\n world! ", "“hello, world”", "C#", "C", "5%", "?!"]) == [
        "hello, world",
        "hello, world",
        "c#",
        "c",
        "5%",
        "?!",
    ]


def test_equal_texts_are_paired_with_the_first_only():
    pairs = near_pairs(["Open the lid.", "open the lid", "Pour the water.", "OPEN THE LID!"])
    assert as_dict(pairs) == {(0, 1): 1.0, (0, 3): 1.0}


def test_components_are_labelled_in_order_of_their_first_member():
    assert components(6, np.array([1, 3]), np.array([4, 5])).tolist() == [0, 1, 2, 3, 1, 3]
