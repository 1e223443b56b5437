from evaluators.prompting.halving import Heat, answers_needed, heats, search
from evaluators.prompting.recipe import Recipe

RECIPES = tuple(Recipe(name, name) for name in "abcdefghijkl")
ROWS = [f"row-{number}" for number in range(24)]


def world(worth, asked):
    """Answers whose score is the recipe's worth; writes down what was asked."""

    def ask(recipes, row_ids):
        for recipe in recipes:
            asked.setdefault(recipe.name, set()).update(row_ids)
        return {recipe: {row_id: worth.get(recipe.name, 0.0) for row_id in row_ids} for recipe in recipes}

    return ask


def test_few_rows_sift_and_the_last_three_are_asked_all():
    assert heats(12, 24) == (Heat(12, 6, 72), Heat(6, 12, 36), Heat(3, 24, 36))
    assert answers_needed(12, 24) == 144  # against 288 for all on all
    assert heats(2, 24) == (Heat(2, 24, 48),)
    assert heats(12, 7) == (Heat(12, 7, 84),)
    assert heats(0, 24) == ()


def test_the_best_recipe_wins_and_exactly_the_planned_answers_are_asked():
    asked = {}
    found = search(RECIPES, ROWS, world({"h": 1.0, "c": 0.75, "d": 0.5}, asked), cost=dict.fromkeys(RECIPES, 1.0))
    assert [one.recipe.name for one in found.tried[:3]] == ["h", "c", "d"]
    assert (found.best.rows, found.best.heats, found.best.mean) == (24, 3, 1.0)
    assert sum(len(rows) for rows in asked.values()) == 144
    assert len(found.tried) == 12


def test_of_two_equally_good_recipes_the_cheaper_one_wins():
    cost = dict.fromkeys(RECIPES[:3], 100.0) | {RECIPES[1]: 20.0}
    found = search(RECIPES[:3], ROWS, world(dict.fromkeys("abc", 0.5), {}), cost=cost)
    assert found.best.recipe.name == "b"


def test_where_lower_is_better_the_lowest_wins():
    found = search(
        RECIPES[:3],
        ROWS,
        world({"a": 2.0, "b": 1.0, "c": 3.0}, {}),
        cost=dict.fromkeys(RECIPES, 1.0),
        higher_is_better=False,
    )
    assert [one.recipe.name for one in found.tried] == ["b", "a", "c"]


def test_a_recipe_that_could_not_be_judged_is_last_and_has_no_mean():
    found = search(RECIPES[:3], ROWS, world({"a": None, "b": 0.0, "c": 0.5}, {}), cost=dict.fromkeys(RECIPES, 1.0))
    assert [(one.recipe.name, one.mean, one.judged) for one in found.tried] == [
        ("c", 0.5, 24),
        ("b", 0.0, 24),
        ("a", None, 0),
    ]
