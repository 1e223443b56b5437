from evaluators.prompting.ladder import WATCHED, against, mean_of, wanted
from evaluators.sample import Score, catalogue


def graded(*values):
    return {f"row-{number}": Score(value) for number, value in enumerate(values)}


def rungs(**values):
    known = ("token_f1", "repetition")
    return {name: {scorer: graded(*values[name]) for scorer in known} for name in values}


def test_each_rung_stands_against_zero_shot_with_its_interval_and_p_adjusted_over_the_rungs():
    low, high = [0.1, 0.2] * 10, [0.5, 0.7, 0.6, 0.8] * 5
    found = against(rungs(zero=low, good=high, same=low[::-1]), "zero", "token_f1")
    assert found["zero"]["verdict"] is None
    assert (found["good"]["verdict"], found["good"]["wins"], found["good"]["losses"]) == ("better", 20, 0)
    assert round(found["good"]["difference"], 3) == 0.5
    assert found["same"]["verdict"] == "can't tell"
    assert found["good"]["p_holm"] >= found["good"]["p"]


def test_a_prompt_that_makes_a_guard_worse_is_named():
    scores = rungs(zero=[0.1] * 10 + [0.2] * 10, loops=[0.5] * 10 + [0.7] * 10)
    assert against(scores, "zero", "token_f1")["loops"]["worse_on"] == [catalogue()["repetition"].title]


def test_a_mean_stays_within_what_the_metric_can_give():
    found = mean_of(graded(*[1.0] * 19, 0.9), catalogue()["token_f1"])
    assert found.high == 1.0
    assert 0.9 < found.low < 1.0


def test_every_guard_that_a_rung_is_watched_by_is_a_metric_that_there_is():
    assert set(wanted("fact_recall")) <= catalogue().keys()
    assert "under_refusal" in WATCHED


def test_one_rung_of_many_that_looks_better_by_luck_is_not_called_so_unless_it_was_chosen_beforehand():
    lucky = [0.58] * 10 + [0.22] * 10  # +.10 on average, p = .02
    known = {name: {"token_f1": graded(*values)} for name, values in {
        "zero": [0.3] * 20, "lucky": lucky, **{f"even {n}": [0.3 + 0.1 * (-1) ** (place + n) for place in range(20)]
                                               for n in range(6)}}.items()}  # fmt: skip
    found = against(known, "zero", "token_f1")["lucky"]
    assert found["difference_low"] > 0
    assert (found["p"] < 0.05 < found["p_holm"], found["verdict"]) == (True, "can't tell")
    planned = against(known, "zero", "token_f1", chosen="lucky")["lucky"]
    assert (planned["p_holm"] == planned["p"], planned["verdict"]) == (True, "better")
