"""A job card tells what a job does, how long it takes, and what can be done."""

import time
from dataclasses import replace

import pytest

from workbench.reports.tables import span
from workbench.screens.address import Look
from workbench.screens.progress import card_of, chosen, running, time_left
from workbench.store import jobs as table


@pytest.fixture
def job(store):
    return replace(
        table.add(store, "train", {}, "anna"), state="running", done=0.25, pid_created=1000.0, line="step 5 of 20"
    )


def test_time_left_goes_on_as_it_went(job):
    assert time_left(job, 1060.0) == 180.0


def test_nobody_can_tell_at_the_start_or_after_the_end(job):
    assert time_left(replace(job, done=0.001), 1060.0) is None
    assert time_left(job, 1001.0) is None
    assert time_left(replace(job, state="done"), 1060.0) is None


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (42, "42 s"), (150, "2 min"), (5400, "1 h 30 min")])
def test_a_span_is_told_in_words(seconds, words):
    assert span(seconds) == words


def test_a_lost_job_offers_to_resume_and_a_running_one_to_stop(job):
    assert card_of(replace(job, state="lost"))["resumable"]
    assert not card_of(job)["resumable"]
    assert card_of(replace(job, stop=True))["state"] == "stopping"


def test_a_failed_job_shows_its_error(job):
    assert card_of(replace(job, state="failed", error="out of memory"))["line"] == "out of memory"


def test_a_line_that_tells_the_time_left_is_believed_and_one_that_is_over_tells_none(job):
    told = replace(job, line="step 15 of 63, loss 2.66, 5 min left", pid_created=time.time() - 60)
    assert (card_of(told)["left"], card_of(told)["line"]) == ("", "step 15 of 63, loss 2.66, 5 min left")
    over = card_of(replace(told, state="stopped", line="stopped on request at: step 15 of 63, loss 2.66, 5 min left"))
    assert over["line"] == "stopped on request at: step 15 of 63, loss 2.66"


def test_a_done_job_does_not_say_done_twice(job):
    card = card_of(replace(job, state="done", line="done"))
    assert (card["said"], card["line"]) == ("done", "")


def test_the_job_of_the_url_wins_over_the_newest(store):
    first, second = table.add(store, "train", {}, "a"), table.add(store, "train", {}, "a")
    assert chosen(store, Look(), ("train",)).id == second.id
    assert chosen(store, Look({"job": str(first.id)}), ("train",)).id == first.id


def test_a_job_of_another_kind_or_one_that_is_not_there_is_not_shown(store):
    other = table.add(store, "check", {}, "a")
    assert chosen(store, Look({"job": str(other.id)}), ("train",)) is None
    assert chosen(store, Look({"job": "77"}), ("train",)) is None


def test_a_done_job_is_shown_only_when_the_url_asks_for_it(store):
    job = table.add(store, "train", {}, "a")
    table.note(store, job.id, state="done", beat=time.time())
    assert chosen(store, Look(), ("train",)) is None
    assert chosen(store, Look({"job": str(job.id)}), ("train",)).state == "done"


def test_the_strip_leaves_out_what_the_screen_shows_itself(store):
    table.add(store, "train", {}, "a")
    table.add(store, "check", {}, "a")
    assert [job.kind for job in running(store, without=("train",))] == ["check"]


def test_a_job_on_another_dataset_does_not_show_on_this_one(store):
    job = table.add(store, "check", {"version": "large@1"}, "a")
    assert chosen(store, Look({"dataset": "support"}), ("check",)) is None
    assert chosen(store, Look({"dataset": "large"}), ("check",)).id == job.id
