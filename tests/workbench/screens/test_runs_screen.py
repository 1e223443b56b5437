"""The runs screen: which runs the URL means, what a tick brings, the table's filters, two runs side by side."""

from __future__ import annotations

import json
import os
import socket

import gradio as gr
import psutil
import pytest

from training.plan import TrainingPlan
from training.result import append_metrics
from workbench import jobs as work
from workbench.errors import BadInput
from workbench.records import Run
from workbench.screens.address import Look
from workbench.screens.page import Page
from workbench.screens.run_curves import choice_of, chosen_runs, fresh_lines, head_of, numbers_of
from workbench.screens.runs import (
    RunCard,
    _csv,
    compared,
    filtered,
    later,
    looked,
    overlaid,
    recital_begun,
    repetition_begun,
    show,
)
from workbench.screens.runs_view import PATH, detail_html, difference_of, table_of
from workbench.store import Store, datasets, goldens, jobs, runs

HOSTILE = "<script>window.__xss=1</script>"


def another(store: Store, *, steps: int = 3, job: int | None = None, **plan: object) -> Run:
    first = runs.get(store, 1)
    version, golden = datasets.by_id(store, first.version_id), goldens.by_id(store, first.golden_id)
    run = runs.add(store, version, golden, {**TrainingPlan(model="toy-model").model_dump(), **plan}, "Ben", job)
    for step in range(steps):
        grow(store, run, step)
    return run


def grow(store: Store, run: Run, step: int, **more: object) -> None:
    line = {"step": step, "epoch": step / 10, "loss": 2.0 if step else None, "eval_loss": None, "seconds": step * 2.0}
    append_metrics(runs.folder(store, run.id), {**line, **more})


def asked(store: Store, *pairs: tuple[int, str], smooth: str = "usual") -> list[dict]:
    told = fresh_lines(store, {"runs": [{"id": run, "mark": mark} for run, mark in pairs], "smooth": smooth})
    return told["runs"]


def ids(look: str, store: Store) -> list[int]:
    return [run.id for run in chosen_runs(store, Look.read(look))]


def test_the_url_names_one_run_several_or_the_newest(store, evaluated) -> None:
    for _ in range(9):
        another(store, steps=0)
    assert ids("", store) == [10]
    assert ids("?run=3", store) == [3]
    assert ids("?runs=3,1,3,x,99", store) == [3, 1]
    assert len(ids("?runs=1,2,3,4,5,6,7,8,9,10", store)) == 8
    assert ids("?dataset=nothing", store) == []
    assert numbers_of("2, 4") == [2]


def test_axis_scale_and_smoothing_come_from_the_url_and_nonsense_is_left_aside(store, evaluated) -> None:
    wanted = choice_of(store, Look.read("?run=1&x=tokens&scale=log&smooth=strong"))
    assert (wanted["x"], wanted["scale"], wanted["smooth"]) == ("tokens", "log", "strong")
    usual = choice_of(store, Look.read("?run=1&x=__proto__&scale=9&smooth=%3Cb%3E"))
    assert (usual["x"], usual["scale"], usual["smooth"]) == ("step", "", "usual")


def test_a_second_question_brings_only_the_new_steps(store, evaluated) -> None:
    run = another(store)
    (first,) = asked(store, (run.id, ""))
    assert (first["whole"], first["lines"]["step"]) == (True, [0, 1, 2])
    grow(store, run, 3)
    (second,) = asked(store, (run.id, first["mark"]))
    assert (second["whole"], second["lines"]["step"]) == (False, [3])
    assert len(json.dumps(second)) < 1_000


def test_a_new_evaluation_brings_the_marks_again(store, evaluated) -> None:
    run = another(store)
    (first,) = asked(store, (run.id, ""))
    grow(store, run, 3, eval_loss=1.5)
    (second,) = asked(store, (run.id, first["mark"]))
    assert [(mark["step"], mark["kind"]) for mark in second["marks"]] == [(3, "kept")]


def test_several_runs_are_asked_together_and_each_has_its_own_state(store, evaluated) -> None:
    run = another(store)
    told = asked(store, (1, ""), (run.id, ""))
    assert [one["state"] for one in told] == ["trained", "not finished"]
    assert ["step", "60"] in [list(pair) for pair in told[0]["facts"]]


@pytest.mark.parametrize(
    "payload",
    [
        None, [], {"runs": 3, "smooth": "usual"}, {"runs": [{"id": "1", "mark": ""}], "smooth": "usual"},
        {"runs": [{"id": 1, "mark": 3}], "smooth": "usual"}, {"runs": [], "smooth": "x"},
        {"runs": [{"id": 1, "mark": ""}] * 9, "smooth": "usual"},
        {"runs": [{"id": 99, "mark": ""}], "smooth": "usual"},
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_answered_in_words(store, evaluated, payload) -> None:
    assert set(fresh_lines(store, payload)) == {"error"}


def test_a_tick_without_news_sends_nothing_and_a_new_run_brings_its_curves(store, evaluated) -> None:
    look = Look.read("")
    curves, *_, seen = show(store, look)
    assert all(isinstance(value, type(gr.skip())) and value == gr.skip() for value in later(store, look, curves, seen))
    run = another(store)
    fresh = later(store, look, curves, seen)
    assert fresh[0]["runs"] == [run.id]
    assert {line["id"] for line in fresh[2]["lines"]} == {1, run.id}


def test_a_run_that_goes_on_after_a_stop_has_its_curves_asked_for_again(store, evaluated) -> None:
    job = jobs.add(store, "train", {}, "Ben")
    run = another(store, job=job.id)
    jobs.note(store, job.id, state="stopped")
    look = Look.read("")
    curves, *_, seen = show(store, look)
    assert later(store, look, curves, seen)[0] == gr.skip()
    assert jobs.release(store, job.id)
    assert later(store, look, curves, seen)[0]["runs"] == [run.id]


def test_a_run_that_goes_on_shows_the_time_left_only_after_its_first_step(store, evaluated) -> None:
    job = jobs.add(store, "train", {}, "Ben")
    run = another(store, job=job.id)
    metrics = runs.folder(store, run.id) / "metrics.jsonl"
    grow(store, run, 3, time_left=300.0)
    me = psutil.Process()
    assert jobs.claim(store, job.id, host=socket.gethostname(), pid=me.pid, pid_created=me.create_time())
    os.utime(metrics, (1, 1))  # its last step was before this process began
    assert "left" not in dict(head_of(store, run)["facts"])
    os.utime(metrics)
    assert dict(head_of(store, run)["facts"])["left"] == "about 5 min"


def test_asking_a_run_its_rows_shows_the_job_beside_that_run_and_begins_it_once(store, evaluated, monkeypatch) -> None:
    monkeypatch.setattr(work, "_spawn", lambda store, job_id: None)
    another(store)
    with gr.Blocks():
        card = RunCard(Page(store, "Runs", "A sentence.", PATH), kinds=("train", "recite", "repeat"))
    shown, said, to = recital_begun(store, card, Look.read("?run=1"))
    assert (shown["title"], to) == (f"Reciting · job {shown['id']}", f"/runs?run=1&job={shown['id']}")
    assert "Run 1 is asked its rows" in said
    assert [run.id for run in chosen_runs(store, Look.read(to.partition("?")[2]))] == [1]
    assert card._now(Look.read("?run=1"))["id"] == shown["id"]  # also for somebody else who looks at the run
    assert card._now(Look.read("?run=2")) is None
    assert recital_begun(store, card, Look.read("?run=1"))[0]["id"] == shown["id"]
    assert repetition_begun(store, card, Look.read("?run=1"))[0]["title"].startswith("Repeating a run")


def test_a_comparison_leads_to_the_evaluation_that_is_missing(store, evaluated) -> None:
    another(store)
    said = difference_of(store, Look.read("?a=1&b=2"))
    assert 'Run 2 is not evaluated yet: <a href="/evaluation?run=2">Evaluate run 2</a>' in said


@pytest.mark.parametrize(("query", "there"), [("?run=1", True), ("?run=2", False), ("?runs=1,2", False)])
def test_what_takes_one_finished_run_is_offered_for_one_only(store, evaluated, query, there) -> None:
    another(store)
    *_, of_one, _ = show(store, Look.read(query))
    assert of_one.visible is there


def test_how_the_curves_are_looked_at_goes_into_the_url(store, evaluated) -> None:
    look = Look.read("?run=1&smooth=strong")
    assert looked(store, look, {"x": "seconds", "scale": "log", "smooth": "usual"}) == "/runs?run=1&x=seconds&scale=log"
    with pytest.raises(BadInput):
        looked(store, look, {"x": "<script>", "scale": "", "smooth": "usual"})


def test_ticked_runs_are_laid_over_each_other_at_most_eight(store, evaluated) -> None:
    another(store)
    *_, to = overlaid(store, Look.read("?run=1&x=tokens"), {"runs": [1, 2]})
    assert to == "/runs?x=tokens&runs=1%2C2"
    with pytest.raises(BadInput, match="At most 8"):
        overlaid(store, Look.read(""), {"runs": [1] * 9})
    with pytest.raises(BadInput):
        overlaid(store, Look.read(""), {"runs": ["1"]})


def test_two_ticked_runs_are_compared_with_their_curves_in_one_picture(store, evaluated) -> None:
    another(store, rank=8)
    curves, _, difference, *_, to = compared(store, Look.read(""), {"runs": [1, 2]})
    assert curves["runs"] == [1, 2]
    assert "lora rank" in difference
    assert to.endswith("a=1&b=2")
    with pytest.raises(BadInput, match="two"):
        compared(store, Look.read(""), {"runs": [1]})


def test_filters_columns_and_price_stand_in_the_url_and_sorting_draws_nothing_anew(store, evaluated) -> None:
    another(store, model="other")
    table, to = filtered(store, Look.read("?run=1"), {"model": "other", "price": "2"})
    assert [line["id"] for line in table["lines"]] == [2]
    assert to == "/runs?run=1&model=other&price=2"
    assert "cost" in [column["key"] for column in table["columns"]]
    table, to = filtered(store, Look.read("?sort=loss"), {"sort": "-loss"})
    assert table == gr.skip()
    assert to == "/runs?sort=-loss"


def test_the_table_shows_the_chosen_columns_and_always_the_run(store, evaluated) -> None:
    table = table_of(store, Look.read("?columns=rank,nonsense"))
    assert [column["key"] for column in table["columns"]] == ["run", "rank"]


def test_the_csv_of_the_screen_holds_what_the_filters_leave(store, evaluated) -> None:
    another(store, model="other")
    text = _csv(store)("?model=other")["text"]
    assert len(text.strip().splitlines()) == 2
    assert "rows that train nothing" in text


def test_the_doctor_and_the_notes_stand_beside_one_run(store, evaluated) -> None:
    runs.finish(store, 1, {**(runs.get(store, 1).result or {}), "notes": ["<b>bold</b>"], "ended": "stopped early"})
    said = detail_html(store, [runs.get(store, 1)])
    assert "What the curve says" in said
    assert "&lt;b&gt;bold&lt;/b&gt;" in said
    assert "The run stopped early." in said


def test_of_several_runs_those_in_which_the_doctor_sees_nothing_share_one_line(store, evaluated) -> None:
    first, second, going = another(store, steps=0).id, another(store, steps=0).id, another(store).id
    for one in (first, second):
        for step, loss in enumerate((None, 4.0, 3.4, 3.0, 2.7, 2.5, 2.35, 2.25, 2.2, 2.17, 2.15, 2.14)):
            grow(store, runs.get(store, one), step, loss=loss)
        runs.finish(store, one, runs.get(store, 1).result or {})
    said = detail_html(store, [runs.get(store, one) for one in (first, second, going)])
    assert said.index(f"<h3>Run {going}</h3>") < said.index(f"<h3>Runs {first}, {second}</h3>")
    assert said.count("sees nothing to worry about") == 2  # one for both, one so far for the run that goes on
    assert "Predicted and taken" not in said


def test_a_run_of_a_study_stands_in_the_table_under_the_name_that_the_study_gave_it(store, evaluated) -> None:
    runs.note(store, 1, arm={"name": "100 %, seed 0", "side": "100 %", "seed": 0})
    line = _csv(store)("")["text"].splitlines()[1]
    assert '"100 %, seed 0"' in line
    runs.note(store, 1, arm={"name": "trial 3", "state": "pruned"})
    assert "trial 3 (pruned)" in _csv(store)("")["text"]


def test_who_asked_what_a_run_recites_is_answered_also_where_it_recites_nothing(store, evaluated) -> None:
    assert "come back word for word" not in detail_html(store, [runs.get(store, 1)])
    kept = {
        "trained": 24,
        "trained_said": 0,
        "validation": 4,
        "validation_said": 0,
        "run": 3,
        "examples": [],
        "step": 9,
    }
    (runs.folder(store, 1) / "recited.json").write_text(json.dumps(kept))
    assert "Of 24 training replies 0 come back word for word (0%" in detail_html(store, [runs.get(store, 1)])


def test_a_hostile_model_name_is_text_in_the_comparison(store, evaluated) -> None:
    another(store, model=HOSTILE)
    said = difference_of(store, Look.read("?a=1&b=2"))
    assert "<script>" not in said
    assert "&lt;script&gt;" in said


def test_a_comparison_with_a_run_that_is_not_there_says_so(store, evaluated) -> None:
    assert "There is no run 9" in difference_of(store, Look.read("?a=1&b=9"))
    assert difference_of(store, Look.read("?a=1")) == ""


def test_a_run_that_is_not_there_is_named_and_not_passed_over(store) -> None:
    _, detail, *_ = show(store, Look({"run": "77"}))
    assert "There is no run 77. All runs are listed below." in detail
