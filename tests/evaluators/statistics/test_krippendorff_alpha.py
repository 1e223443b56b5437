"""Agreement beyond chance, against the worked example of the source."""

import pytest

from evaluators.statistics.krippendorff_alpha import krippendorff_alpha

# Krippendorff 2011, section C: four observers, twelve units, some of them not seen by all; nominal alpha .743
UNITS = [
    ["1", "1", "1"], ["2", "2", "3", "2"], ["3"] * 4, ["3"] * 4, ["2"] * 4, ["1", "2", "3", "4"], ["4"] * 4,
    ["1", "1", "2", "1"], ["2"] * 4, ["5"] * 3, ["1", "1"], ["3"],
]  # fmt: skip


def test_the_worked_example_of_the_source() -> None:
    assert krippendorff_alpha(UNITS) == pytest.approx(0.743, abs=0.0005)


def test_perfect_agreement_on_two_values_is_one_and_worse_than_chance_is_below_zero() -> None:
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1
    assert krippendorff_alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)


@pytest.mark.parametrize("units", [[], [["a"], ["b"]], [["a", "a"], ["a", "a"]]])
def test_without_pairs_or_with_one_value_only_it_is_not_defined(units: list[list[str]]) -> None:
    assert krippendorff_alpha(units) is None
