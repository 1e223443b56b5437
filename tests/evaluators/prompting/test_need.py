from evaluators.compare import compare
from evaluators.prompting.cost import Tokens
from evaluators.prompting.knowledge import looked_up, untaught
from evaluators.prompting.need import bar, needed, reached
from evaluators.sample import Sample, Score, catalogue

RECALL = catalogue()["fact_recall"]


def scores(right, wrong, unjudged=0):
    values = [1.0] * right + [0.0] * wrong + [None] * unjudged
    return {f"row-{number}": Score(value) for number, value in enumerate(values)}


def asked(name, question, reference):
    return Sample(name, ({"role": "user", "content": question},), None, reference)


TAUGHT = [asked(str(n), "How long?", f"It takes {n + 100} days.") for n in range(20)]


def told(bare, best, *, target=0.9, lookup=None, samples=(), replies=(), scorer=RECALL):
    return needed(
        scorer=scorer,
        bare=bare,
        best=best,
        title="desk",
        against_bare=compare(bare, best, scorer, names=("zero-shot", "the best prompt")),
        tokens=(Tokens.of([40]), Tokens.of([340])),
        untaught=untaught(samples, replies),
        lookup=lookup,
        held=24,
        target=target,
    )


def test_a_prompt_that_reaches_the_target_makes_training_needless():
    found = told(scores(10, 90), scores(99, 1))
    assert found["word"] == "no"
    assert found["sentence"] == "No: a prompt alone reaches the target of 90 % of rows right (99 %, 95 to 100 %)."
    assert found["extra_tokens_per_1000"] == 300_000


def test_a_prompt_that_stays_below_the_target_leaves_something_to_gain_and_promises_nothing():
    found = told(scores(10, 90), scores(40, 60))
    assert found["word"] == "something to gain"
    assert found["left"] == 0.6
    assert "60 % of rows still fail" in found["sentence"]
    assert "only the evaluation can tell" in found["sentence"]


def test_an_interval_that_holds_the_target_cant_tell():
    assert told(scores(5, 15), scores(17, 3))["word"] == "can't tell"


def test_rows_that_are_not_judged_are_neither_right_nor_failed():
    found = reached(scores(3, 1, unjudged=6), RECALL)
    assert (found.right, found.share.n, found.failed) == (3, 4, ("row-3",))


def test_a_likelihood_knows_no_right_and_wrong_so_it_cant_tell():
    nll = catalogue()["nll"]
    assert bar(nll) is None
    found = told(scores(1, 9), scores(2, 8), scorer=nll)
    assert (found["word"], found["left"]) == ("can't tell", None)


def test_half_of_what_must_be_said_is_not_right():
    assert (bar(RECALL), bar(catalogue()["required_phrases"]), bar(catalogue()["format_kept"])) == (1.0, 1.0, 1.0)


def test_words_in_common_length_variety_and_an_ending_make_no_answer_right():
    for name in ("token_f1", "rouge_l", "token_recall", "length_ratio", "distinct_2", "stopped"):
        assert bar(catalogue()[name]) is None, name
    found = told(scores(1, 99), scores(99, 1), scorer=catalogue()["rouge_l"])
    assert (found["word"], found["left"]) == ("can't tell", None)


def test_facts_that_no_training_reply_states_are_counted_and_those_in_the_question_are_given():
    rows = [asked("1", "Is 30 days right?", "Yes, 30 days."), *TAUGHT]
    found = untaught(rows, ["It takes 100 days.", "It takes 101 days."])
    assert (found.facts, found.untaught, found.rows, found.rows_untaught) == (20, 18, 20, 18)
    assert found.row_ids[0] == "2"
    assert found.sign == "yes"
    assert "add them to the training rows, or look them up" in found.sentence


def test_taught_facts_are_no_gap_and_two_rows_cant_tell():
    replies = [row.reference for row in TAUGHT]
    assert untaught(TAUGHT, replies).sign == "no"
    assert untaught(TAUGHT[:2], replies).sign == "can't tell"
    assert untaught([asked("1", "Hi", "Hello there.")], []).sentence.startswith("Whether facts are missing can't")


def test_facts_recalled_more_with_similar_rows_are_to_be_looked_up():
    better = compare(scores(4, 36), scores(34, 6), RECALL, names=("random examples", "similar examples"))
    same = compare(scores(4, 36), scores(5, 35), RECALL, names=("random examples", "similar examples"))
    assert looked_up(better)[0] == "yes"
    assert looked_up(same)[0] == "can't tell"
    assert looked_up(None)[0] == "can't tell"
    found = told(scores(10, 90), scores(40, 60), lookup=better)
    assert found["look_it_up"] == "yes"
    assert found["sentence"].endswith("Look the facts up before you train for them.")


def test_where_the_prompt_is_enough_nothing_has_to_be_looked_up():
    better = compare(scores(4, 36), scores(34, 6), RECALL, names=("random examples", "similar examples"))
    assert told(scores(10, 90), scores(99, 1), lookup=better)["look_it_up"] == "no"


def test_rows_of_one_group_widen_the_interval():
    groups = {f"row-{number}": str(number // 5) for number in range(40)}
    alone, grouped = reached(scores(20, 20), RECALL), reached(scores(20, 20), RECALL, groups)
    assert grouped.share.high - grouped.share.low > alone.share.high - alone.share.low
