import numpy as np

from evaluators.prompting.examples import Pool, random_examples, similar_examples

POOL = Pool(
    ids=("a", "b", "c", "d", "e"),
    questions=("A?", "B?", "C?", "D?", "E?"),
    replies=("1", "2", "3", "4", "5"),
    groups=(0, 1, 1, 2, 3),
    barred={"asked": {"a"}},
)


def test_the_likest_row_stands_last_and_of_copies_only_one_is_shown():
    likeness = np.array([[0.1, 0.9, 0.8, 0.5, 0.2]])
    assert similar_examples(POOL, ["free"], likeness, 3) == {"free": [4, 3, 1]}


def test_a_row_that_is_barred_is_never_shown_however_alike():
    likeness = np.array([[1.0, 0.2, 0.1, 0.3, 0.0]])
    assert similar_examples(POOL, ["asked"], likeness, 4) == {"asked": [4, 1, 3]}
    assert all(0 not in random_examples(POOL, ["asked"], 4, seed)["asked"] for seed in range(20))


def test_random_rows_are_the_same_for_every_question_and_every_run_but_for_what_is_barred():
    found = random_examples(POOL, ["one", "two"], 2, seed=3)
    assert found["one"] == found["two"] == random_examples(POOL, ["one"], 2, seed=3)["one"]
    assert len({tuple(random_examples(POOL, ["one"], 2, seed)["one"]) for seed in range(10)}) > 1


def test_fewer_rows_than_wanted_are_shown_where_there_are_no_more():
    assert len(random_examples(POOL, ["asked"], 8, seed=0)["asked"]) == 3


def test_examples_are_question_and_reply():
    assert POOL.pairs([3, 0]) == (("D?", "4"), ("A?", "1"))
