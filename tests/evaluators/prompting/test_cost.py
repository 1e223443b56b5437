import pytest

from evaluators.prompting.cost import Speed, Timing, Tokens, extra_per_thousand, speed


def test_tokens_have_a_mean_and_a_95th_percentile():
    assert Tokens.of([10] * 19 + [200]) == Tokens(19.5, pytest.approx(19.5), 200, 20)


def test_a_prompt_of_forty_tokens_adds_forty_thousand_to_a_thousand_questions():
    assert extra_per_thousand(Tokens.of([50, 70]), Tokens.of([10, 30])) == 40_000


def test_two_rates_are_read_off_the_timings():
    found = speed([Timing(p, n, 0.002 * p + 0.05 * n) for p, n in ((10, 4), (400, 8), (50, 30), (200, 2))])
    assert found.prompt_token == pytest.approx(0.002)
    assert found.new_token == pytest.approx(0.05)
    assert found.seconds(100, 300, 20) == pytest.approx(160.0)


def test_a_rate_is_never_below_zero_and_three_timings_tell_nothing():
    noisy = speed([Timing(10, 9, 1.0), Timing(500, 9, 0.9), Timing(20, 18, 2.0), Timing(500, 18, 1.9)])
    assert noisy.prompt_token == 0.0
    assert speed([Timing(1, 1, 1.0)] * 3) is None
    assert Speed(0.0, 0.1, 4).seconds(10, 1000, 5) == pytest.approx(5.0)
