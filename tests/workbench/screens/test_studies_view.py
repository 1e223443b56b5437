"""How studies look: the answer first, texts escaped, the curve with its parts."""

from __future__ import annotations

from dataclasses import replace

from workbench.records import Study
from workbench.reports.studies import curve_chart
from workbench.screens.studies_view import questions_html, study_html, study_title
from workbench.store import Store

CURVE = {
    "state": "fitted", "sizes": [13.0, 26.0, 52.0], "means": [1.5, 1.2, 1.0],
    "by_seed": [[1.5, 1.6], [1.2, 1.2], [1.0, 1.1]],
    "band": [[13.0, 1.4, 1.6], [52.0, 0.9, 1.1], [104.0, 0.7, 1.0]], "seeds": [0, 1],
    "curve": {"scale": 0.5, "beta": 0.6, "floor": 0.5, "largest": 52.0},
    "beta": {"value": 0.6, "low": 0.3, "high": 0.9},
}  # fmt: skip
ARM = {
    "name": "100 %, seed 0", "side": "100 %", "seed": 0, "model": "toy", "settings": [], "size": 52, "run": 7,
    "state": "measured", "steps": 12, "seconds": 3.0, "learning_rate": 0.002, "validation": 1.1, "loss": 1.2,
    "bits": 2.0, "deciding": 0.5,
}  # fmt: skip
RESULT = {
    "state": "cut short", "decides": "fact_recall", "reason": "chosen", "arms": [ARM], "bases": [], "tried": [],
    "notes": ["<b>note</b>"], "seconds": 61.0, "predicted": None, "rows": 14, "verdict": "worth it",
    "sentence": "Doubling <script>", "comparisons": [], "seeds": [0, 1], "curve": CURVE,
}  # fmt: skip
STUDY = Study(3, "desk", "data", None, {"version": "desk@2"}, RESULT, "Ann", "2026-01-01T10:00:00")


def test_the_verdict_stands_before_the_figures_and_texts_are_escaped(store: Store) -> None:
    html = study_html(store, STUDY)
    assert html.index("Worth it") < html.index("<svg") < html.index("Its runs")
    assert "<script>" not in html
    assert "<b>note</b>" not in html
    assert "/runs?run=7" in html
    assert "cut short by its minutes" in html


def test_the_curve_shows_every_seed_the_fit_and_the_doubling_dashed() -> None:
    chart = str(curve_chart({"curve": CURVE}, "Loss"))
    assert chart.count('class="seed"') == 7  # six runs and the legend
    assert chart.count('class="fit further"') == 2
    assert ">104<" in chart


def test_a_curve_that_may_not_be_followed_ends_where_the_rows_end() -> None:
    chart = str(curve_chart({"curve": {**CURVE, "state": "can't tell", "band": []}}, "Loss"))
    assert "further" not in chart
    assert ">104<" not in chart
    assert str(curve_chart({}, "Loss")) == ""


def test_a_study_in_a_list_says_its_question_and_verdict() -> None:
    assert study_title(STUDY) == "Study 3 · Is more data worth it? · desk@2 · 2026-01-01 10:00 · worth it"
    assert study_title(replace(STUDY, result=None)).endswith("at work")


def test_all_five_questions_are_offered() -> None:
    assert questions_html().count('class="cell"') == 5
