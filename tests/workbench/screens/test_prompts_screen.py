"""The Prompts screen: the answer first, the rungs drawn, saved prompts compared; nothing of it trusts a text."""

import pytest

from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.save_prompt import save_prompt
from workbench.errors import BadInput
from workbench.screens import prompts as screen
from workbench.screens.address import Look
from workbench.screens.prompts_view import answer_html, chart, difference_html, ladder_html, saved_html, search_html
from workbench.store import datasets, goldens, prompts

HOSTILE = "<script>window.__xss=1</script>"
TOKENS = {"mean": 45.0, "p95": 76.0, "most": 80, "n": 45}


def rung(title, mean, verdict=None, **more):
    gain = None if verdict is None else mean
    return {"title": title, "number": None if verdict is None else 3, "how": "the text alone", "chosen": False,
            "mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 42, "not_judged": 3, "right": 1, "held": None,
            "difference": gain, "difference_low": gain and gain - 0.2, "difference_high": gain and gain + 0.2,
            "wins": 1, "losses": 0, "p": gain and 0.01, "p_holm": gain and 0.0001, "verdict": verdict, "worse_on": [],
            "tokens": TOKENS, **more}  # fmt: skip


def told(golden):
    return {
        "climb": 1, "who": "Ann", "when": "2026-01-02T03:04", "model": "toy", "version": "desk@2", "rows": 45,
        "seed": 0, "golden": {"label": golden.label, "digest": golden.digest}, "embedder": {"name": "TF-IDF"},
        "primary": {"title": "Facts", "unit": "share", "reason": "chosen by the user"},
        "rungs": [rung("zero-shot", 0.1), rung(HOSTILE, 0.4, "better", chosen=True, worse_on=["Repetition"])],
        "search": {"rows": 24, "tried": [
            {"number": 3, "title": HOSTILE, "parent": 1, "mean": 0.5, "rows": 24, "judged": 24, "heats": 3,
             "tokens": TOKENS}]},
        "need": {"word": "something to gain", "sentence": "A prompt alone does not reach it.", "sentences": ["One."],
                 "reached": {"right": 1}, "left": 0.6, "extra_tokens_per_1000": 180978},
    }  # fmt: skip


@pytest.fixture
def desk(store, fifty_rows):
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    freeze_golden(store, "desk", share=0.2)
    return store


def test_the_answer_stands_first_with_what_is_left_and_what_it_costs(desk):
    shown = answer_html(told(goldens.newest(desk, "desk")), goldens.newest(desk, "desk"))
    assert shown.index("Something to gain") < shown.index("A prompt alone does not reach it.") < shown.index("One.")
    assert "60 %" in shown
    assert "180,978" in shown
    assert "climb again" not in shown


def test_a_climb_on_an_older_golden_set_says_so(desk):
    golden = goldens.newest(desk, "desk")
    old = {**told(golden), "golden": {"label": "desk golden 0", "digest": "other"}}
    assert "climb again" in answer_html(old, golden)


def test_each_rung_is_drawn_with_its_interval_and_cost_and_named_with_its_number():
    drawn = chart([rung("zero-shot", 0.1), rung("desk", 0.4, "better")], "share", "Facts")
    assert drawn.count('class="interval"') == 2
    assert drawn.count('class="bar"') == 2
    assert "desk · no. 3" in drawn
    assert 'class="up"' in drawn
    assert drawn.index("desk · no. 3") < drawn.index(">zero-shot<")  # the simplest rung at the bottom


def test_a_rung_that_could_not_be_judged_is_drawn_without_a_mark():
    assert "not judged" in chart([rung("x", 0.1) | {"mean": None, "low": None, "high": None}], "share", "Facts")


def test_texts_are_shown_as_text(desk):
    save_prompt(desk, HOSTILE, HOSTILE)
    save_prompt(desk, "other", "kind")
    found = told(goldens.newest(desk, "desk"))
    saved = prompts.listed(desk, "desk")
    pages = [ladder_html(found), search_html(found), saved_html(saved), difference_html(*saved)]
    assert all("<script" not in page for page in pages)
    assert "worse: Repetition" in pages[0]


def test_the_screen_begins_with_what_to_do_and_ends_with_the_difference_of_two_prompts(store, desk):
    assert "Nobody knows yet" in screen._screen(desk, Look({"dataset": "desk"}))[0]
    save_prompt(desk, "voice", "Be brief.")
    save_prompt(desk, "voice", "Be brief and kind.")
    values = screen._screen(desk, Look({"dataset": "desk", "a": "1", "b": "2"}))
    assert "and kind" in values[-1]
    assert "<ins>" in values[-1]


def test_an_empty_store_leads_to_the_data(store):
    assert "/data" in screen._screen(store, Look())[0]


def test_the_form_gives_the_settings_of_the_job(desk):
    version = datasets.version(desk, "desk")
    assert screen._wanted(version, ["2", "1"], ["4", "1"], 12, 80, "toy") == {
        "version": "desk@2",
        "candidates": [2, 1],
        "counts": [1, 4],
        "rows": 12,
        "target": 0.8,
        "model": "toy",
    }
    for target, model in ((0, "toy"), (101, "toy"), (None, "toy"), (90, "")):
        with pytest.raises(BadInput):
            screen._wanted(version, [], ["1"], 12, target, model)
