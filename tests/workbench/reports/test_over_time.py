"""Evaluations over time: only like is joined with like, and sealed rows tell the standing best."""

from __future__ import annotations

import re

from workbench.records import Evaluation
from workbench.reports.over_time import as_html, as_json, chart, series_of


def evaluation(
    number: int, *, golden: str = "desk golden 1", part: str = "dev", tuned: float = 0.5, **more
) -> Evaluation:
    line = {
        "a": "base", "b": "tuned", "scorer": "fact_recall", "title": "Facts", "unit": "share", "n": 40,
        "difference": tuned - 0.2, "low": tuned - 0.3, "high": tuned - 0.1,
    }  # fmt: skip
    summary = {
        "primary": {"scorer": "fact_recall", "title": "Facts <b>", "unit": "share", "higher_is_better": True},
        "golden": {"label": golden, "digest": golden.replace(" ", "-")}, "part": part, "comparisons": [line],
        "means": {"base": {"fact_recall": 0.2}, "prompted": {"fact_recall": 0.3}, "tuned": {"fact_recall": tuned}},
        "verdict": {"against_base": "better", "against_prompted": "can't tell"}, **more,
    }  # fmt: skip
    return Evaluation(number, number, 1, golden, {}, summary, "Ann", "2026-01-02T03:04:05")


def look(number: int, published: float) -> dict:
    return {"look": {"number": number, "ladder": {"published": published}}}


def test_evaluations_of_different_golden_versions_or_parts_are_never_in_one_chart():
    found = series_of(
        "desk",
        [(evaluation(1), "desk@2"), (evaluation(2), "desk@3"), (evaluation(3, golden="desk golden 2"), "desk@4"),
         (evaluation(4, part="sealed", **look(1, 0.5)), "desk@4")],
    )  # fmt: skip
    told = [(one.golden, one.part, [point.evaluation for point in one.points]) for one in found.series]
    assert told == [
        ("desk golden 1", "dev", [1, 2]), ("desk golden 1", "sealed", [4]), ("desk golden 2", "dev", [3]),
    ]  # fmt: skip


def test_a_chart_joins_each_arms_points_and_shows_tuned_with_the_interval_of_the_difference():
    drawn = chart(series_of("desk", [(evaluation(1), "desk@2"), (evaluation(2, tuned=0.6), "desk@3")]).series[0])
    lines = re.findall(r'<polyline points="([^"]+)"', drawn)
    assert [len(one.split()) for one in lines] == [2, 2, 2]
    assert drawn.count('class="interval"') == 2
    assert "base + prompt: 30 %" in drawn


def test_sealed_points_carry_their_look_and_the_standing_best():
    sealed = [
        (evaluation(1, part="sealed", **look(1, 0.5)), "a@1"),
        (evaluation(2, part="sealed", tuned=0.51, **look(2, 0.5)), "a@2"),
    ]
    found = series_of("a", sealed)
    assert [(point.look, point.standing) for point in found.series[0].points] == [(1, 0.5), (2, 0.5)]
    drawn = chart(found.series[0])
    assert "look 2" in drawn
    assert 'class="standing"' in drawn
    assert "standing best" in as_html(found, "now", "Ann", "1")


def test_the_page_escapes_names_and_differs_by_its_stamp_alone():
    found = series_of("desk <i>", [(evaluation(1), "desk@2")])
    first, second = as_html(found, "then", "Ann", "1"), as_html(found, "now", "Ann", "1")
    assert first.replace("Written then", "Written now") == second
    assert "<i>" not in first
    assert "<b>" not in first
    assert as_json(found, "then") == as_json(series_of("desk <i>", [(evaluation(1), "desk@2")]), "then")


def test_without_an_evaluation_the_page_says_how_to_make_one():
    assert "goldloop evaluate RUN" in as_html(series_of("desk", []), "now", "Ann", "1")
