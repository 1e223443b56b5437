"""Charts as SVG: well formed, escaped, and right about where things stand."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from workbench.reports.charts import forest, loss_curve, nice_step, smoothed, wins_bar

HOSTILE = '"><script>alert(1)</script>'


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def kinds(svg: str) -> list[str]:
    return [group.get("class") or "" for group in parsed(svg).iter("g")]


def test_an_interval_right_of_zero_is_up_left_of_it_down_and_over_it_unsure():
    rows = [("a", 0.4, 0.1, 0.7), ("b", -0.4, -0.6, -0.1), ("c", 0.1, -0.2, 0.4)]
    assert kinds(forest(rows, "t")) == ["up", "down", "unsure"]


def test_shares_are_shown_in_points():
    texts = [node.text for node in parsed(forest([("a", 0.41, 0.3, 0.52)], "t", points=True)).iter("text")]
    assert "+41 [+30, +52]" in texts


def test_a_metric_that_was_not_judged_says_so():
    assert "not judged" in forest([("a", None, None, None), ("b", 0.1, None, None)], "t")


def test_equal_arms_and_no_rows_draw_without_an_error():
    parsed(forest([("a", 0.0, 0.0, 0.0)], "t"))
    parsed(forest([], "t"))
    parsed(wins_bar(0, 0, 0, "t"))


def test_the_parts_of_a_bar_share_its_width_by_their_counts():
    widths = [float(rect.get("width") or 0) for rect in parsed(wins_bar(3, 0, 1, "t")).iter("rect")]
    assert widths == pytest.approx([508.0, 168.0])  # of 680, less a gap of 2


def test_a_curve_has_raw_smoothed_and_validation_lines_and_a_dot_for_each_validation():
    svg = parsed(loss_curve([(1, 2.0), (2, 1.0)], [(0, 2.5), (2, 1.2)], "t", best=2))
    assert [line.get("class") for line in svg.iter("polyline")] == ["raw", "smooth", "validation"]
    assert len(list(svg.iter("circle"))) == 2


def test_a_curve_without_a_point_is_nothing():
    assert loss_curve([], [], "t") == ""


def test_a_loss_that_is_no_number_is_left_out():
    parsed(loss_curve([(1, float("nan")), (2, 1.0), (3, float("inf"))], [], "t"))
    assert "nan" not in loss_curve([(1, float("nan")), (2, 1.0)], [], "t")


def test_ten_thousand_steps_become_at_most_601_points():
    svg = parsed(loss_curve([(n, 1.0) for n in range(10_000)], [], "t"))
    assert max(len((line.get("points") or "").split()) for line in svg.iter("polyline")) <= 601


def test_labels_are_escaped():
    plot = forest([(HOSTILE, 0.1, 0.0, 0.2)], HOSTILE)
    for svg in (plot, wins_bar(1, 0, 0, HOSTILE), loss_curve([(1, 1.0)], [], HOSTILE)):
        assert "<script" not in svg
        parsed(svg)


def test_smoothing_starts_at_the_first_loss():
    assert smoothed([(1, 2.0), (2, 1.0)]) == [(1, 2.0), (2, pytest.approx(1.85))]


@pytest.mark.parametrize(("span", "step"), [(1.0, 0.2), (80, 10), (60, 10), (7, 1), (0.7, 0.1), (300, 50)])
def test_ticks_stand_at_round_distances(span, step):
    assert nice_step(span) == pytest.approx(step)
