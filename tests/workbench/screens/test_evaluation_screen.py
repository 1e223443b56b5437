"""The evaluation screen: verdict, guards, slices, the plan, filtered rows, and nothing of sealed rows."""

from __future__ import annotations

import pytest

from workbench.errors import BadInput
from workbench.screens.address import Look
from workbench.screens.evaluation import _answers, _rows
from workbench.screens.evaluation_form import GUARDS, _saved, _sealed, _settings
from workbench.screens.evaluation_view import cases_of, chosen_cases, guards_html, plan_html, results_html, slices_html
from workbench.store import evaluations, runs

GUARD = {
    "scorer": "refusal", "title": "Refuses although it should answer", "unit": "0 or 1", "margin": 0.05,
    "difference": -0.01, "low": -0.04, "high": 0.02, "n": 120, "clusters": None, "method": "Bonett-Price",
    "p_holm": 0.4, "verdict": "no worse", "lower": False, "missing": 0, "rows_needed": None, "why": "",
    "words": "no worse (margin 5 points)",
}  # fmt: skip


def test_verdict_guards_slices_and_metrics_stand_in_this_order(store, evaluated):
    page = results_html(store, evaluated)
    places = [page.index(part) for part in ('class="verdict', "What must not be lost", "Slices", "All metrics")]
    assert places == sorted(places)
    assert "95 % interval" in page


def test_each_guard_has_a_mark_a_margin_and_its_verdict():
    unsure = {**GUARD, "verdict": "can't tell", "difference": None, "low": None, "high": None, "n": 0,
              "why": "no row was judged in both", "words": "can't tell"}  # fmt: skip
    page = guards_html({"guards": [GUARD, unsure], "guards_not_asked": ["Is JSON where JSON is wanted"]})
    assert page.count("<tr>") == 3
    assert "5 points" in page
    assert "no row was judged in both" in page
    assert 'stroke-dasharray="5 4"' in page  # the margin's line
    assert "These rows ask nothing of: Is JSON where JSON is wanted." in page


def test_a_guards_title_is_escaped():
    page = guards_html({"guards": [{**GUARD, "title": "<script>", "words": "<script>"}]})
    assert "<script>" not in page


def test_small_slices_are_grey_with_their_number_and_only_what_stands_after_adjustment_is_marked():
    line = {"a": "base", "b": "tuned", "wins": 1, "ties": 2, "losses": 9, "small": False,
            "difference": {"value": -0.4, "low": -0.6, "high": -0.2}, "p": 0.001, "p_adjusted": 0.01}  # fmt: skip
    found = [
        {**line, "tag": "case: abroad", "n": 12},
        {**line, "tag": "tag: late", "n": 20, "p": 0.04, "p_adjusted": 0.2},
        {**line, "tag": "tag: rare", "n": 4, "small": True, "difference": None, "p": None, "p_adjusted": None},
    ]
    page = slices_html({"primary": {"unit": "share"}, "slices": found})
    assert page.index("case: abroad") < page.index("tag: late") < page.index("tag: rare")
    assert page.count('badge error">worse') == 1
    assert "<tr class=small><td>tag: rare" in page
    assert "too few rows" in page


def test_rows_can_be_held_to_what_moved_and_sorted_by_difference(store, evaluated):
    found = cases_of(store, evaluated)
    worse, better = (chosen_cases(found, show, "") for show in ("worse", "better"))
    assert len(worse) + len(better) == len(chosen_cases(found, "differ", "")) < len(found)
    assert all(one.change < 0 for one in worse)
    changes = [one.change for one in chosen_cases(found, "differ", "best")]
    assert changes == sorted(changes, reverse=True)
    listing, _ = _rows(store, evaluated, Look({"show": "better", "order": "best"}))
    assert [one["id"] for one in listing["rows"]] == [one.row_id for one in chosen_cases(found, "better", "best")]


def test_of_an_evaluation_of_sealed_rows_no_row_is_shown(store, evaluated):
    evaluations.finish(store, 1, evaluations.answers_of(store, 1), {**evaluated.summary, "part": "sealed"})
    sealed = evaluations.get(store, 1)
    assert cases_of(store, sealed) == []
    *_, grid, detail = _answers(store, Look({"evaluation": "1"}))
    assert (grid, detail) == (None, "")


def test_the_form_gives_the_settings_of_the_job(store, evaluated):
    found = _settings(store, "1", "Name the days.", 0, "", "", "refusal=0.02, nll=0.1", 0.05)
    assert found["margins"] == {
        "unsupported_facts": "off", "repetition": "off", "stopped": "off", "refusal": "0.02", "nll": "0.1",
    }  # fmt: skip
    assert (found["useful"], found["primary"], found["saved_prompt"]) == (0.05, None, None)
    assert _settings(store, "1", "x", 0, "", "", GUARDS, None)["margins"]["refusal"] == "0.05"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("1", "", 0, "", "", "", 0), "better prompt"),
        (("", "x", 0, "", "", "", 0), "Choose a run"),
        (("1", "x", 0, "", "", "refusal", 0), "is no margin"),
        (("1", "x" * 20_001, 0, "", "", "", 0), "longer than"),
    ],
)
def test_what_cannot_be_evaluated_is_told(store, evaluated, given, said):
    with pytest.raises(BadInput, match=said):
        _settings(store, *given)


def test_without_sealed_rows_or_saved_prompts_nothing_of_them_is_offered(store, evaluated):
    box, told = _sealed(store, runs.get(store, 1))
    assert (box.visible, told) == (False, "")
    assert _saved(store, runs.get(store, 1)).visible is False


def test_a_plan_is_told_in_sentences():
    plan = {
        "rows": 40, "independent": 36, "part": "dev", "primary": "exact_match", "direction": "higher is better",
        "reason": "chosen by the user", "alpha": 0.05, "unit": "0 or 1", "smallest_useful": 0.1,
        "margins": {"refusal": {"margin": 0.02, "unit": "0 or 1"}, "json_valid": {"margin": 0.05, "unit": "0 or 1"}},
        "detectable": {"rows": 36, "rates": {"10 %": None, "30 %": 0.26}, "in_sds": 0.48}, "ship": "better",
    }  # fmt: skip
    page = plan_html(plan, "The plan")
    assert "40 dev rows in 36 independent groups, with 95 % intervals" in page
    assert "a difference of 26 points where the two differ on 30 % of them" in page
    assert "at most 2 points worse" in page
    assert "larger than 10 points" in page
    assert "10 %: impossible, 30 %: 26 points" in page
