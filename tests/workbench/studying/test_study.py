"""Studies from question to answer, with a tiny model that really trains; killed, cancelled and cut short."""

from __future__ import annotations

import signal
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from training.result import read_metrics
from training.run.attempts import read_attempts
from workbench import jobs
from workbench.actions.plan_study import plan_study
from workbench.actions.run_checks import run_checks
from workbench.actions.study import study
from workbench.errors import BadInput, Cancelled
from workbench.store import Store, goldens, runs, studies
from workbench.store import jobs as table
from workbench.studying import measuring
from workbench.studying.measuring import dev_rows
from workbench.studying.questions import Question, question_of

WAIT_SECONDS = 900  # a machine with load 35 has taken more than 240
QUICK = ("epochs=1", "batch_size=8", "learning_rate=0.02")


def question(kind: str, *models: Path, **more) -> Question:
    given = {"settings": QUICK, "seeds": (0,), "answers": False, **more}
    return Question(kind, models=tuple(map(str, models)), **given)


def test_more_data_is_asked_with_parts_within_parts_and_one_set_of_rows_kept_aside(store: Store, tiny_model: Path):
    done = study(store, question("data", tiny_model, seeds=(0, 1)))
    told = done.result
    assert [arm["state"] for arm in told["arms"]] == ["measured"] * 6
    assert told["curve"]["sizes"] == [13, 26, 52]
    assert told["verdict"] in ("worth it", "no", "can't tell")
    assert len(told["curve"]["by_seed"][0]) == 2
    import polars as pl

    files = [pl.read_parquet(runs.folder(store, run.id) / "rows.parquet") for run in runs.listed(store)]
    aside = {tuple(sorted(rows.filter("validation")["row_id"])) for rows in files}
    assert len(aside) == 1
    results = [run.result for run in runs.listed(store)]
    assert {one["validation_rows"] for one in results} == {len(next(iter(aside)))}
    assert sorted({one["train_rows"] for one in results}) == [13, 26, 52]
    assert goldens.looks(store, goldens.newest(store, "desk")) == []


def test_the_budget_is_told_before_anything_is_written(store: Store, tiny_model: Path):
    planned = plan_study(store, question("data", tiny_model, seeds=(0, 1), minutes=3))
    assert planned.budget.runs == 6
    assert "6 runs to train" in planned.budget.sentence
    assert "No run begins after 3 min" in planned.budget.sentence
    assert [line.rows for line in planned.budget.lines] == [13, 26, 52]
    assert studies.listed(store) == []
    assert runs.listed(store) == []


def test_a_duel_is_decided_per_byte_and_never_by_loss_per_token(store: Store, tiny_model: Path, second_model: Path):
    told = study(store, question("duel", tiny_model, second_model)).result
    assert told["decides"] == "bits_per_byte"
    assert {one["scorer"] for one in told["comparisons"]} == {"bits_per_byte"}
    assert "One seed" in told["sentence"]
    assert [Path(one["model"]).name for one in told["bases"]] == [tiny_model.name, "other-llama"]


def test_a_sweep_chooses_by_the_rows_kept_aside_and_ends_hopeless_trials(
    store: Store, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
):
    begun: list[int] = []
    asks_golden = measuring.measure
    monkeypatch.setattr(
        measuring, "measure", lambda *a, **k: begun.append(len(runs.listed(store))) or asks_golden(*a, **k)
    )
    more = {"knobs": {"learning_rate": (0.00001, 0.0001, 0.02)}, "way": "grid", "settings": ("epochs=2", "batch_size=8",
            "learning_rate=0.005")}  # fmt: skip
    told = study(store, question("sweep", tiny_model, **more)).result
    losses = {one["number"]: one["loss"] for one in told["tried"] if one["state"] == "trained"}
    assert [one["settings"] for one in told["tried"]][1:] == [
        ["learning_rate=1e-05"], ["learning_rate=0.0001"], ["learning_rate=0.02"],
    ]  # fmt: skip
    assert told["tried"][2]["state"] == "pruned" or losses[2] > losses[0]
    best = min(losses, key=losses.get)
    assert best == 3
    assert [arm["run"] for arm in told["arms"]] == [told["tried"][0]["run"], told["tried"][3]["run"]]
    assert len(told["comparisons"]) == 1
    assert told["sentence"].endswith("One comparison was made on golden.")
    assert begun == [4, 4, 4]  # golden is first read when all four trials are over: by base, default and winner


def test_a_rebase_keeps_rows_and_knobs_and_shows_four_models(store: Store, tiny_model: Path, second_model: Path):
    first = study(store, question("duel", tiny_model, second_model)).result["arms"][0]
    told = study(store, question("rebase", second_model, run=first["run"], settings=())).result
    old, new = told["arms"]
    assert (old["run"], old["size"]) == (first["run"], first["size"])
    kept = runs.get(store, new["run"])
    assert (kept.plan["epochs"], kept.plan["batch_size"], kept.plan["learning_rate"]) == (1.0, 8, None)
    assert kept.result["train_rows"] == first["size"]
    assert len(told["bases"]) == 2
    first_pair = told["comparisons"][0]
    assert (first_pair["a"], first_pair["b"]) == (old["side"], new["side"])
    assert any("learning rate (0.02 before)" in note for note in told["notes"])
    assert told["slices"]


def test_a_rebase_under_a_second_seed_trains_the_old_base_again_as_it_was(
    store: Store, tiny_model: Path, second_model: Path
):
    first = study(store, question("duel", tiny_model, second_model, seeds=(3,))).result["arms"][0]
    told = study(store, question("rebase", second_model, run=first["run"], settings=(), seeds=(0, 1))).result
    assert [(one["side"].rpartition(" ")[2], one["seed"]) for one in told["arms"]] == [
        ("(old)", 3), ("(new)", 3), ("(old)", 1), ("(new)", 1)
    ]  # fmt: skip
    again, was = (runs.get(store, told["arms"][place]["run"]) for place in (2, 0))
    assert was.id == first["run"]
    same = ("model", "learning_rate", "epochs", "batch_size")
    assert [again.plan[name] for name in same] == [was.plan[name] for name in same]
    assert again.result["train_rows"] == was.result["train_rows"]
    assert told["seeds"] == [1, 3]
    assert told["notes"][-1].endswith("trained again, with its knobs and rows. Slices are of seed 3 alone.")


def test_clean_rows_are_refused_before_any_check_was_run_and_where_no_row_has_a_finding(store: Store, tiny_model: Path):
    with pytest.raises(BadInput, match="No check was run on desk yet"):
        study(store, question("rows", tiny_model))
    run_checks(store, "desk", only=["hidden_instructions"])
    with pytest.raises(BadInput, match=r"No row of desk@2 has an open finding of that severity \(error, warning\)"):
        study(store, question("rows", tiny_model))
    assert studies.listed(store) == []


def test_clean_rows_stand_against_all_and_against_as_many(store: Store, tiny_model: Path):
    from workbench.studying import asking

    asked = asking.asked(store, question("rows", tiny_model), ["kettle-return", "lamp-order", "iron-wrap"])
    sizes = {arm.side: arm.size for arm in asked.design.arms}
    left = len(asked.design.sets["all"])
    gone = {"kettle-return", "lamp-order", "iron-wrap"} & set(asked.design.sets["all"])
    assert sizes == {"all rows": left, "clean rows": left - len(gone), "all rows, as many as clean": left - len(gone)}
    assert not gone & set(asked.design.sets["clean"])
    assert {arm.plan().untrainable for arm in asked.design.arms} == {"leave out"}
    assert not set(asked.design.aside) & {"kettle-return", "lamp-order", "iron-wrap"}


def test_a_cancelled_study_goes_on_with_its_own_runs(store: Store, tiny_model: Path):
    job_id = table.add(store, "study", {}, "Ann").id

    def stop(done: float, line: str) -> None:
        if line.startswith("50 %, seed 0: step 2"):
            raise Cancelled

    with pytest.raises(Cancelled):
        study(store, question("data", tiny_model), report=stop, job_id=job_id)
    before = {run.id: run.result is not None for run in runs.listed(store)}
    assert before == {1: True, 2: False}
    done = study(store, question("data", tiny_model), job_id=job_id)
    assert [arm["run"] for arm in done.result["arms"]] == [1, 2, 3]
    assert len(studies.listed(store)) == 1


def test_a_study_past_its_minutes_begins_no_run_and_says_what_it_can(store: Store, tiny_model: Path):
    told = study(store, question("data", tiny_model, minutes=0.0001)).result
    assert told["state"] == "cut short"
    assert told["verdict"] == "can't tell"
    assert {arm["state"] for arm in told["arms"]} == {"not begun"}
    assert "minutes were over" in told["notes"][0]


@pytest.mark.timeout(1800)
def test_a_killed_study_is_resumed_where_it_was(store: Store, tiny_model: Path, dying_worker):
    asked = question("data", tiny_model, settings=("epochs=6", "batch_size=2", "learning_rate=0.02"))
    job = table.add(store, "study", asdict(asked), "Ann")
    assert dying_worker(store, job.id, "50 %, seed 0: step 10 ").wait() == -signal.SIGKILL
    assert jobs.get(store, job.id).state == "lost"
    first = runs.get(store, 1).when
    jobs.resume(store, job.id)
    end = time.monotonic() + WAIT_SECONDS
    while not jobs.get(store, job.id).over and time.monotonic() < end:
        time.sleep(0.1)
    assert jobs.get(store, job.id).state == "done", jobs.log_path(store, job.id).read_text()[-2000:]
    told = studies.get(store, 1).result
    assert [arm["run"] for arm in told["arms"]] == [1, 2, 3]
    assert runs.get(store, 1).when == first
    assert len(read_attempts(runs.folder(store, 2))) == 2
    assert [line["step"] for line in read_metrics(runs.folder(store, 2))] == list(range(79))


def test_a_study_reads_dev_rows_only(store: Store):
    golden = goldens.newest(store, "desk")
    from dataclasses import replace

    from workbench.store import datasets

    ids = golden.row_ids if hasattr(golden, "row_ids") else golden.ids("dev")
    parted = replace(golden, parts={row: ("sealed" if at % 2 else "dev") for at, row in enumerate(ids)})
    assert {one.id for one in dev_rows(store, parted, datasets.version(store, "desk"))} == set(parted.ids("dev"))


def test_a_question_survives_its_way_through_a_job():
    import json

    asked = Question("sweep", "desk@2", ("m",), ("epochs=2",), (0, 1), knobs={"rank": (4.0, 8.0)}, minutes=5.0)
    assert question_of(json.loads(json.dumps(asdict(asked)))) == asked
