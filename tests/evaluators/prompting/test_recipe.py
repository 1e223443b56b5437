import pytest

from evaluators.errors import BadRequest
from evaluators.prompting.recipe import Recipe, grid


def test_every_text_meets_every_number_and_choice_of_examples_and_zero_shot_is_no_recipe():
    titles = [one.title for one in grid({"desk": "Be brief."}, (0, 2), ("random", "similar"))]
    assert titles == [
        "desk",
        "2 random examples",
        "desk + 2 random examples",
        "2 similar examples",
        "desk + 2 similar examples",
    ]


def test_only_random_examples_depend_on_the_seed():
    assert {one.mode: one.seed for one in grid({"desk": "Be brief."}, (0, 1), ("random", "similar"), seed=7)} == {
        "none": 0,
        "random": 7,
        "similar": 0,
    }


def test_a_question_as_it_stands_is_called_zero_shot():
    assert (Recipe().title, Recipe().zero_shot, Recipe("", "", "similar", 1).title) == (
        "zero-shot",
        True,
        "1 similar example",
    )


@pytest.mark.parametrize("given", [{"mode": "similar"}, {"k": 2}, {"mode": "similar", "k": 9}, {"mode": "nearest"}])
def test_what_makes_no_sense_is_refused(given):
    with pytest.raises(BadRequest):
        Recipe(**given)
