"""Slices as a forest: worst first, small ones grey with their counts, marks only after Benjamini-Hochberg."""

from workbench.reports.slice_chart import slice_chart, slices_of


def part(tag: str, value: float, *, n: int = 20, small: bool = False, p: float | None = None, a: str = "base") -> dict:
    return {
        "a": a, "b": "tuned", "tag": tag, "n": n, "small": small, "wins": 3, "ties": 2, "losses": 1, "p_adjusted": p,
        "difference": {"value": value, "low": value - 0.2, "high": value + 0.2},
    }  # fmt: skip


def test_the_worst_slice_stands_first_small_ones_last_and_empty_ones_nowhere():
    slices = [
        part("b", 0.3),
        part("c", -0.9, n=4, small=True),
        part("a", -0.1),
        part("d", 0, n=0),
        part("e", -1, a="prompted"),
    ]
    assert [one["tag"] for one in slices_of({"slices": slices})] == ["a", "b", "c"]


def test_a_small_slice_has_counts_and_no_interval():
    drawn = slice_chart([part("rare", -0.5, n=4, small=True)], "share")
    assert "rare (4)" in drawn
    assert "too few rows: 3 better, 2 even, 1 worse" in drawn
    assert 'class="interval"' not in drawn


def test_only_a_slice_that_stands_after_correction_is_marked():
    drawn = slice_chart([part("lost", -0.5, p=0.01), part("maybe", -0.4, p=0.2)], "share")
    assert "\N{MINUS SIGN}50, worse" in drawn
    assert drawn.count('class="down"') == 1
    assert drawn.count('class="unsure"') == 1


def test_hostile_tags_are_escaped():
    assert "<script>" not in slice_chart([part("<script>", 0.1)], "share")
