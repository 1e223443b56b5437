import numpy as np
import pytest

from evaluators.compare import by_slice, compare, groups_of, primary_metric, sentence, tags_of, verdict
from evaluators.errors import MissingGroup, Unpaired
from evaluators.sample import Sample, Score, catalogue
from evaluators.statistics.paired_difference import paired_difference

FACTS, NLL, STOPPED, UNSUPPORTED = (
    catalogue()[name] for name in ("fact_recall", "nll", "stopped", "unsupported_facts")
)
NAMES = ("base", "tuned")


def scores(values):
    return {str(i): Score(None if value is None else float(value)) for i, value in enumerate(values)}


def test_a_difference_is_positive_when_b_is_better():
    found = compare(scores([0.2, 0.4, 0.0, 0.6]), scores([0.4, 0.8, 0.0, 0.4]), FACTS, names=NAMES)
    assert found.difference.value == pytest.approx(0.1)
    assert (found.wins, found.ties, found.losses, found.n, found.not_judged) == (2, 1, 1, 4, 0)
    assert (found.mean_a, found.mean_b) == pytest.approx((0.3, 0.4))


def test_where_lower_is_better_a_fall_is_an_improvement_and_the_means_stay_raw():
    found = compare(scores([4.0, 3.0, 4.0]), scores([2.0, 2.0, 2.0]), NLL, names=NAMES)
    assert found.difference.value == pytest.approx(5 / 3)
    assert found.wins == 3
    assert (found.mean_a, found.mean_b) == pytest.approx((11 / 3, 2.0))
    assert found.smallest_detectable > 0
    assert 0 < found.p < 0.05


def test_rows_are_paired_by_id_and_not_by_order():
    a, b = {"x": Score(1.0), "y": Score(0.0)}, {"y": Score(0.0), "x": Score(1.0)}
    assert compare(a, b, FACTS, names=NAMES).ties == 2


def test_rows_not_judged_in_one_arm_are_left_out_and_counted():
    found = compare(scores([1, None, 0, None]), scores([1, 1, None, None]), FACTS, names=NAMES)
    assert (found.n, found.not_judged, found.ties) == (1, 3, 1)


def test_different_rows_are_refused():
    with pytest.raises(Unpaired, match="2 rows stand in one arm only"):
        compare({"x": Score(1.0)}, {"y": Score(1.0)}, FACTS, names=NAMES)


def test_a_row_without_a_group_is_refused_when_groups_are_given():
    with pytest.raises(MissingGroup, match="1 rows have no group id"):
        compare(scores([1, 0]), scores([1, 1]), FACTS, names=NAMES, groups={"0": "a"})


def test_pass_fail_scores_get_the_interval_for_rates():
    found = compare(scores([0] * 12 + [1] * 4 + [1] * 84), scores([1] * 12 + [0] * 4 + [1] * 84), STOPPED, names=NAMES)
    assert found.difference.method == "Bonett-Price"
    assert (found.difference.low, found.difference.high) == pytest.approx((-0.0017, 0.1585), abs=5e-5)
    assert found.p == pytest.approx(0.0768, abs=5e-5)
    assert found.smallest_detectable == pytest.approx(0.115)


@pytest.mark.parametrize(("wins", "rows", "p"), [(4, 6, 0.125), (5, 20, 0.0625), (5, 45, 0.0625)])
@pytest.mark.parametrize(("scorer", "sign"), [("stopped", 1), ("fact_recall", 1), ("refusal", -1)])
def test_wins_that_an_exact_test_does_not_find_are_no_verdict(wins, rows, p, scorer, sign):
    arms = [scores([0] * rows), scores([1] * wins + [0] * (rows - wins))][::sign]
    found = compare(*arms, catalogue()[scorer], names=NAMES)
    assert (found.wins, found.losses) == (wins, 0)
    assert found.p == (None if scorer == "fact_recall" else p)
    assert found.difference.low < 0 < found.difference.high
    assert verdict(found, margin=0.05) == "can't tell"
    assert f"takes at least 6 rows on which the two differ, and there are {wins};" in sentence(found, margin=0.05)


def test_six_wins_and_no_loss_are_a_verdict():
    found = compare(scores([0] * 20), scores([1] * 6 + [0] * 14), STOPPED, names=NAMES)
    assert found.p == pytest.approx(0.03125)
    assert verdict(found) == "better"


def test_pass_fail_scores_in_groups_are_clustered():
    found = compare(
        scores([0, 0, 1, 1]),
        scores([1, 1, 1, 1]),
        STOPPED,
        names=NAMES,
        groups={"0": "a", "1": "a", "2": "b", "3": "b"},
    )
    assert found.difference.method.startswith("Bonett-Price, clustered")
    assert found.difference.clusters == 2


def test_nothing_judged_gives_no_number():
    found = compare(scores([None, None]), scores([1, None]), FACTS, names=NAMES)
    assert (found.n, found.not_judged, found.difference.value, found.mean_a, found.p) == (0, 2, None, None, None)
    assert verdict(found) == "can't tell"


@pytest.mark.parametrize(
    ("rows", "bound", "word"),
    [(8, 0.3123, "can't tell"), (30, 0.0950, "can't tell"), (58, 0.0503, "can't tell"), (59, 0.0495, "no worse")],
)
@pytest.mark.parametrize("score", [0, 1])
def test_two_arms_alike_on_every_row_are_no_worse_only_when_unseen_rows_leave_it_so(rows, bound, word, score):
    found = compare(scores([score] * rows), scores([score] * rows), FACTS, names=NAMES)
    assert (found.difference.value, found.p) == (0, None)
    assert (found.difference.low, found.difference.high) == pytest.approx((-bound, bound), abs=1e-4)
    assert verdict(found) == "can't tell"
    assert verdict(found, margin=0.05) == word


def test_rows_of_one_group_do_not_pass_for_many_when_nothing_differs():
    groups = {str(i): str(i // 10) for i in range(80)}
    found = compare(scores([0] * 80), scores([0] * 80), FACTS, names=NAMES, groups=groups)
    assert found.difference.low == pytest.approx(-0.3123, abs=1e-4)  # as of 8 rows
    assert verdict(found, margin=0.05) == "can't tell"


def test_alike_everywhere_without_a_bound_on_the_score_has_no_interval():
    found = compare(scores([0] * 200), scores([0] * 200), UNSUPPORTED, names=NAMES)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, None, None)
    assert verdict(found, margin=0.05) == "can't tell"


@pytest.mark.parametrize(
    ("scorer", "a", "b", "rows", "low", "high", "word"),
    [
        (NLL, 4, 2, 20, 2, 2, "better"),
        (NLL, 2, 4, 6, -2, -2, "worse"),
        (NLL, 2, 4, 5, None, None, "can't tell"),
        (STOPPED, 0, 1, 20, 0.7217, 1, "better"),
        (STOPPED, 1, 0, 6, -1, -0.2139, "worse"),
        (FACTS, 0, 0.1, 20, -0.0531, 0.2252, "can't tell"),
    ],
)
def test_the_same_difference_on_every_row(scorer, a, b, rows, low, high, word):
    found = compare(scores([a] * rows), scores([b] * rows), scorer, names=NAMES)
    assert [found.difference.low, found.difference.high] == [
        x if x is None else pytest.approx(x, abs=1e-4) for x in (low, high)
    ]
    assert verdict(found) == word


def test_one_small_win_among_ties_is_no_spread_to_trust():
    found = compare(scores([0] * 8), scores([0.1] + [0] * 7), FACTS, names=NAMES)
    # no loss in 8 rows leaves up to 1 - .025**(1/8) = 36.9 % of them
    assert found.difference.low == pytest.approx(-0.3694, abs=1e-4)
    assert verdict(found, margin=0.05) == "can't tell"
    unbounded = compare(scores([0] * 100), scores([0] * 99 + [1]), UNSUPPORTED, names=NAMES)
    assert (unbounded.difference.low, unbounded.p) == (None, None)


def sample(name, tags=(), group=None, reference="yes"):
    return Sample(name, ({"role": "user", "content": "?"},), None, reference, tags, group)


def test_a_row_without_a_group_stands_alone():
    assert groups_of([sample("1", group="g"), sample("2")]) == {"1": "group:g", "2": "row:2"}
    assert groups_of([sample("1"), sample("2")]) is None


def test_slices_show_counts_only_when_small_and_adjust_the_others():
    samples = [sample(str(i), tags=("returns",) if i < 12 else ("prices", "vip")) for i in range(20)]
    values = [0, 1] * 6 + [0] * 8
    found = by_slice(scores([0] * 20), scores(values), FACTS, names=NAMES, tags=tags_of(samples))
    assert [(s.tag, s.n, s.small) for s in found] == [("returns", 12, False), ("prices", 8, True), ("vip", 8, True)]
    assert found[0].difference.value == 0.5
    assert found[0].p_adjusted == found[0].p
    assert (found[1].difference, found[1].p, found[1].p_adjusted, found[1].ties) == (None, None, None, 8)


def test_the_primary_metric_is_facts_when_half_of_the_references_hold_one():
    samples = [sample("1", reference="in 30 days"), sample("2", reference="gladly")]
    assert primary_metric(samples)[0] == "fact_recall"
    assert primary_metric([*samples, sample("3", reference="sure")]) == (
        "nll",
        "only 1 of 3 references hold a number, code, date, name, address or menu path: too few to count facts, so the "
        "reference's likelihood decides.",
    )


def test_the_primary_metric_of_no_rows_is_nll():
    assert primary_metric([])[0] == "nll"


@pytest.mark.parametrize("kind", ["continuous", "pass/fail", "grouped"])
def test_the_same_model_twice_says_cannot_tell(kind):
    """A/A over 400 seeds, 40 rows: at most 5 % false verdicts, with 2 points of room for the simulation itself."""
    seeds, told = 400, 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        easy = rng.random(40)  # rows differ in difficulty; both arms are one and the same model
        if kind == "pass/fail":
            a, b = (scores(rng.random(40) < easy) for _ in range(2))
            found = compare(a, b, STOPPED, names=NAMES)
        else:
            a, b = (
                scores(np.repeat(rng.normal(0, 0.2, 10), 4) * (kind == "grouped") + easy + rng.normal(0, 0.2, 40))
                for _ in range(2)
            )
            groups = {str(i): str(i // 4) for i in range(40)} if kind == "grouped" else None
            found = compare(a, b, FACTS, names=NAMES, groups=groups)
        told += verdict(found) != "can't tell"
    assert told / seeds <= 0.07


def test_a_true_effect_of_the_smallest_detectable_size_is_found_in_four_of_five():
    rng, found = np.random.default_rng(0), 0
    for _ in range(300):
        found += paired_difference(np.zeros(50), rng.normal(0.404, 1, 50)).low > 0
    assert 0.74 <= found / 300 <= 0.86


def test_rows_that_only_the_rival_was_judged_on_are_no_pass():
    rival, ours = [0.0] * 40, [1.0] * 20 + [None] * 20
    found = compare(scores(rival), scores(ours), FACTS, names=NAMES)
    assert (found.difference.value, found.lost) == (1.0, 20)
    assert verdict(found) == "can't tell"
    assert "on 20 rows only base could be judged, and silence is no pass" in sentence(found)


def test_a_few_rows_that_only_the_rival_was_judged_on_cannot_undo_a_large_gain():
    found = compare(scores([0.0] * 60), scores([1.0] * 58 + [None] * 2), FACTS, names=NAMES)
    assert (found.lost, verdict(found)) == (2, "better")


def test_rows_that_the_rival_was_not_judged_on_cost_nothing():
    found = compare(scores([None] * 10 + [0.0] * 30), scores([1.0] * 40), FACTS, names=NAMES)
    assert (found.lost, found.not_judged, verdict(found)) == (0, 10, "better")


def test_a_score_without_a_bound_is_not_called_better_while_rows_are_missing():
    rng = np.random.default_rng(0)
    low = [3 + one for one in rng.normal(size=40)]
    found = compare(scores(low), scores([*[one - 2 - 0.1 * (n % 3) for n, one in enumerate(low[:39])], None]), NLL,
                    names=NAMES)  # fmt: skip
    assert (found.difference.low > 0, verdict(found)) == (True, "can't tell")
