"""A study that was cut short, stopped or killed goes on: same runs, plan, seeds and rows; nothing is done twice."""

from __future__ import annotations

import json
import shutil
import signal
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench import jobs
from workbench.actions.edit_row import edit_row
from workbench.actions.refresh_golden import refresh_golden
from workbench.actions.resume_study import plan_resume, resume_in_job, resume_study
from workbench.actions.study import study
from workbench.cli import main
from workbench.errors import BadInput, Cancelled, Refused
from workbench.store import Store, datasets, runs, studies
from workbench.store import jobs as table
from workbench.studying.design import folder
from workbench.studying.engine import SPENT
from workbench.studying.questions import Question

WAIT_SECONDS = 900  # a machine with load 35 has taken more than 240
QUICK = ("epochs=1", "batch_size=8", "learning_rate=0.02")


def data(model: Path, **more) -> Question:
    return Question("data", models=(str(model),), **{"settings": QUICK, "seeds": (0,), "answers": False, **more})


def cut_short(store: Store, question: Question, arm: str = "100 %, seed 0") -> int:
    """A study whose minutes are over in the middle of an arm; gives its job, which is done."""
    job = table.add(store, "study", asdict(question), "Ann").id

    def stop(done: float, line: str) -> None:
        if line.startswith(f"{arm}: step 2"):
            raise Cancelled

    with pytest.raises(Cancelled):
        study(store, question, report=stop, job_id=job)
    (Path(folder(store, 1)) / SPENT).write_text(json.dumps({"seconds": 600.0}))
    study(store, question, job_id=job)
    table.note(store, job, state="done")
    return job


def test_a_study_cut_short_goes_on_to_what_it_would_have_found(store: Store, tiny_model: Path, tmp_path: Path):
    other = Store.open(Path(shutil.copytree(store.root, tmp_path / "other")))
    whole = study(other, data(tiny_model)).result
    other.close()
    cut_short(store, data(tiny_model, minutes=10))
    cut = studies.get(store, 1).result
    assert (cut["state"], [arm["state"] for arm in cut["arms"]]) == ("cut short", ["measured", "measured", "training"])
    assert cut["notes"][0].endswith("It goes on with: goldloop study resume 1 --minutes M")
    stood = [(runs.get(store, one).when, runs.get(store, one).result) for one in (1, 2)]
    left = plan_resume(store, 1, minutes=30)
    assert (left.kept, left.half, left.budget.runs, left.notes) == (2, 1, 1, ())
    assert left.sentence.startswith(
        "2 runs stand and will not be trained again, 1 begun and going on from its checkpoint. Left: 1 run to train"
    )
    assert "No run begins after 30 min" in left.sentence
    told = resume_study(store, 1, minutes=30).result
    assert (told["state"], len(studies.listed(store))) == ("finished", 1)
    assert [arm["run"] for arm in told["arms"]] == [1, 2, 3]
    assert [arm["loss"] for arm in told["arms"]] == [arm["loss"] for arm in whole["arms"]]
    assert (told["sentence"], told["curve"]) == (whole["sentence"], whole["curve"])
    assert [(runs.get(store, one).when, runs.get(store, one).result) for one in (1, 2)] == stood
    assert told["notes"][0].startswith("Cut short after 10.0 minutes of work, it went on at ")
    assert "with 30 more minutes" in told["notes"][0]
    with pytest.raises(Refused, match="Study 1 is finished: none of its runs is missing"):
        resume_study(store, 1)


def test_minutes_that_are_over_again_cut_it_short_again_and_none_are_refused(store: Store, tiny_model: Path):
    cut_short(store, data(tiny_model, minutes=10), "50 %, seed 0")
    with pytest.raises(BadInput, match="0 minutes are no budget"):
        plan_resume(store, 1, minutes=0)
    told = resume_study(store, 1, minutes=1e-9).result
    assert [arm["state"] for arm in told["arms"]] == ["measured", "measured", "not begun"]
    assert told["notes"][0].startswith("Its 10 minutes were over before it was done")
    assert resume_study(store, 1).result["state"] == "finished"
    assert [one["minutes"] for one in studies.get(store, 1).settings["granted"]] == [1e-9, None]


def test_a_study_stays_on_its_version_and_golden_when_both_were_renewed_meanwhile(store: Store, tiny_model: Path):
    cut_short(store, data(tiny_model, minutes=10))
    rows = datasets.rows_of(store, datasets.version(store, "desk"))
    turns = [*rows.messages[0][:-1], {"role": "assistant", "content": "Another word."}]
    edit_row(store, rows.row_id[0], turns, version="desk", why="better")
    refresh_golden(store, "desk", share=0.5, reason="time for fresh ones")
    left = plan_resume(store, 1)
    assert (left.version, left.golden.label) == ("desk@2", "desk golden 1")
    assert left.notes[0] == "desk@4 is the newest version by now; the study stays on desk@2, as its first runs did."
    assert left.notes[1].startswith("desk golden 2 is in force by now; the study stays with desk golden 1")
    told = resume_study(store, 1).result
    assert told["state"] == "finished"
    assert {(run.version, run.golden) for run in runs.listed(store)} == {("desk@2", "desk golden 1")}
    assert left.notes[1] in told["notes"]


def test_runs_of_other_defaults_do_not_stand_beside_new_ones(store: Store, tiny_model: Path):
    cut_short(store, data(tiny_model, minutes=10))
    from sqlalchemy import update

    from workbench.store.tables import runs as line

    with store.write() as connection:
        older = {**runs.get(store, 1).plan, "rank": 99}
        connection.execute(update(line).where(line.c.id == 1).values(plan=older))
    with pytest.raises(Refused, match=r"Run 1 of the study was trained with other defaults .*rank 99 then, 16 now"):
        plan_resume(store, 1)


def test_one_study_is_not_carried_on_twice_at_once(store: Store, tiny_model: Path):
    job = cut_short(store, data(tiny_model, minutes=10))
    table.note(store, job, state="waiting", beat=time.time())
    with pytest.raises(Refused, match=f"Study 1 is at work in job {job}"):
        resume_study(store, 1, minutes=5)
    table.note(store, job, state="done")
    old = studies.get(store, 1)
    assert studies.hand_over(store, 1, old.job_id, None) is not None
    assert studies.hand_over(store, 1, old.job_id, None) is None  # the second one comes too late


@pytest.mark.timeout(1800)
def test_a_resumed_study_that_is_killed_goes_on_in_its_job_with_the_minutes_it_was_granted(
    store: Store, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, dying_worker
):
    asked = data(tiny_model, minutes=10, settings=("epochs=6", "batch_size=2", "learning_rate=0.02"))
    cut_short(store, asked, "50 %, seed 0")
    done = CliRunner().invoke(main, ["--store", str(store.root), "study", "resume", "1", "--minutes", "60"], input="n")
    assert "1 run stands and will not be trained again" in done.output
    assert "Nothing was started." in done.output
    begun = []
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_spawn", lambda *job: begun.append(dying_worker(*job, "50 %, seed 0: step 20 ")))
        job = resume_in_job(store, 1, minutes=60)
    assert [worker.wait() for worker in begun] == [-signal.SIGKILL]
    assert jobs.get(store, job.id).state == "lost"
    again = resume_in_job(store, 1)
    assert again.id == job.id
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and not jobs.get(store, job.id).over:
        time.sleep(0.1)
    assert jobs.get(store, job.id).state == "done", jobs.log_path(store, job.id).read_text()[-2000:]
    found = studies.get(store, 1)
    assert (found.result["state"], [one["minutes"] for one in found.settings["granted"]]) == ("finished", [60.0])
    assert [arm["run"] for arm in found.result["arms"]] == [1, 2, 3]
