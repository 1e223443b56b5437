"""The table of what n rows can show, against the figures of the evaluation notes, 4.5."""

import pytest

from evaluators.statistics.detectable_table import detectable, smallest_preference

CHANGES = {
    20: [None, None, None, 38.5, 43.5],
    50: [None, 18.0, 22.0, 25.5, 29.0],
    100: [9.0, 13.0, 16.0, 18.5, 20.5],
    200: [6.5, 9.5, 11.5, 13.0, 14.5],
    400: [5.0, 6.5, 8.0, 9.5, 10.5],
}
PREFERENCES = {
    20: [80, 85, 90, 98],
    50: [70.5, 73, 76.5, 82],
    100: [65, 66.5, 69, 73],
    200: [60.5, 61.5, 63.5, 66.5],
    400: [57.5, 58, 59.5, 61.5],
}
REST = {20: (0.66, 17, 13.9), 50: (0.40, 11, 5.8), 100: (0.28, 8, 3.0), 200: (0.20, 5.5, 1.5), 400: (0.14, 4, 0.7)}


@pytest.mark.parametrize("n", CHANGES)
def test_changes_of_a_pass_rate_by_share_of_differing_rows(n: int) -> None:
    found = [None if one is None else round(100 * one, 1) for one in detectable(n).changes.values()]
    assert found == CHANGES[n]


@pytest.mark.parametrize("n", PREFERENCES)
def test_preferences_by_tie_rate(n: int) -> None:
    assert [round(100 * (one or 0), 1) for one in detectable(n).preferences.values()] == PREFERENCES[n]


@pytest.mark.parametrize("n", REST)
def test_scores_rates_and_what_was_never_seen(n: int) -> None:
    found = detectable(n)
    sds, half, unseen = REST[n]
    assert round(found.in_sds or 0, 2) == sds
    assert 100 * found.half_width == pytest.approx(half, abs=0.3)
    assert round(100 * found.unseen, 1) == unseen


def test_a_look_of_several_shows_only_larger_changes() -> None:
    assert (detectable(100, alpha=0.01).changes[0.3] or 0) > (detectable(100).changes[0.3] or 0)


def test_five_rows_cannot_show_any_preference() -> None:
    assert smallest_preference(5, 0.0) is None
