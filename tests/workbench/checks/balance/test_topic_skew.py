import numpy as np
import pytest
import scipy.sparse as sp

from workbench.checks.balance.topic_skew import topic_skew
from workbench.checks.balance.topics import SCATTERED, find_topics, with_strays
from workbench.rows import Rows

CARDS = [(f"My bank card was lost on trip {n}", f"We block the bank card and send number {n}.") for n in range(40)]
OTHERS = [
    ("Why do whales sing?", "To find each other."),
    ("Bake bread without yeast", "Use soda and buttermilk."),
    ("Capital of Peru", "Lima."),
    ("Tune a violin", "Start with the A string."),
    ("Who wrote Faust?", "Goethe."),
    ("Prune roses", "In early spring, above a bud."),
    ("Boil an egg", "Seven minutes."),
    ("Sail upwind", "You tack."),
    ("Knit a sock", "Cast on sixty stitches."),
    ("Name a comet", "Halley."),
    ("Plant tulips", "In autumn."),
    ("Sharpen a knife", "On a wet stone."),
]


def test_the_rows_of_a_topic_that_takes_over_are_flagged_and_the_topic_is_named():
    findings = topic_skew.run(Rows.of(*CARDS, *OTHERS))
    flagged = findings.flagged.to_list()
    assert all(flagged[:40])
    assert not any(flagged[40:])
    assert "card" in findings.note[0]


def test_texts_of_no_topic_join_the_one_whose_own_word_they_hold():
    holds = sp.csr_matrix(np.array([[1, 0], [1, 1], [1, 0], [0, 1], [0, 1]], bool))  # words: card, lost
    joined = with_strays(np.array([0, 0, SCATTERED, SCATTERED, SCATTERED]), [0], holds)
    assert joined.tolist() == [0, 0, 0, SCATTERED, SCATTERED]


def test_under_thirty_rows_there_is_no_opinion():
    assert topic_skew.run(Rows.of(*CARDS[:29])).measure.to_list() == [None] * 29


def test_the_same_seed_gives_the_same_topics():
    texts = [" ".join(row) for row in CARDS + OTHERS]
    assert find_topics(texts, seed=3).label.tolist() == find_topics(texts, seed=3).label.tolist()


UNIQUE = [f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(40)]


@pytest.mark.parametrize("texts", [[""] * 40, ["..."] * 40, ["same"] * 40, UNIQUE])
def test_texts_without_words_or_all_alike_do_not_break_it(texts):
    assert len(find_topics(texts).label) == 40


def test_clusters_that_share_two_words_in_nearly_all_their_rows_are_one_topic():
    boats = [(f"Our {boat} has a leak at the {part}, {day}.", "Come.") for boat in ("ferry", "yacht", "barge", "canoe")
             for part in ("stern", "keel", "bow", "rudder") for day in ("monday", "friday", "sunday")]  # fmt: skip
    found = topic_skew.run(Rows.of(*[(f"The boat leak again: {asked}", reply) for asked, reply in boats], *OTHERS))
    assert found.measure[0] == found.measure[47]
    assert found.measure[0] == pytest.approx(48 / 60)
