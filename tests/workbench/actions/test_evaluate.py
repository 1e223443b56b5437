"""Evaluations of dev and of sealed rows with a tiny model that really answers."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from evaluators.registration import plan_hash
from training.plan import TrainingPlan
from workbench.actions.evaluate import evaluate
from workbench.actions.freeze_golden import freeze_golden
from workbench.errors import BadInput, Cancelled, Refused
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, jobs, runs

TOYS = Path(__file__).parents[2] / "evaluators" / "conftest.py"
spec = importlib.util.spec_from_file_location("toy_models", TOYS)
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, tiny_adapter = toys.tiny_model, toys.tiny_adapter
MARK = "xylophone"
QUICK = {"prompt": "Name the door.", "max_new_tokens": 4}


@pytest.fixture(scope="module")
def frozen_store(tmp_path_factory, tiny_model, tiny_adapter) -> Path:
    """The folder of a store with run 1 of the tiny model and a golden set in parts; every row holds a mark word."""
    folder = tmp_path_factory.mktemp("parts") / "store"
    store = Store.open(folder)
    rows = Rows.of(
        *((f"Where is shelf {n}, {MARK}{n}?", f"Shelf {n} stands behind door {n * 7}, {MARK}{n}.") for n in range(150))
    )
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2, sealed=0.4, calibration=0.2, looks=2)
    plan = TrainingPlan(model=str(tiny_model)).model_dump()
    run = runs.add(store, frozen.version, frozen.golden, plan, "Ann", None)
    shutil.copytree(tiny_adapter, runs.folder(store, run.id) / "adapter")
    runs.finish(store, run.id, {"adapter": "adapter"})
    store.close()
    return folder


@pytest.fixture
def store(tmp_path, frozen_store, monkeypatch) -> Store:
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))
    shutil.copytree(frozen_store, tmp_path / "store")
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


def golden_of(store: Store):
    return goldens.by_id(store, runs.get(store, 1).golden_id)


def test_dev_and_calibration_rows_are_answered_and_only_dev_rows_count(store):
    golden = golden_of(store)
    done = evaluate(store, 1, **QUICK)
    asked = {one.row_id for one in evaluations.answers_of(store, done.id)}
    assert asked == set(golden.ids("dev", "calibration"))
    assert (done.summary["part"], done.settings["part"]) == ("dev", "dev")
    assert done.summary["rows"] == len(golden.ids("dev"))
    assert done.summary["answered"] == len(asked)
    assert done.summary["precision"] in ("bf16", "fp32"), "one for all arms, and told"
    assert done.summary["comparisons"][0]["n"] <= len(golden.ids("dev"))
    assert "look" not in done.summary
    assert goldens.looks(store, golden) == []


def test_the_plan_is_written_down_before_the_first_answer_and_repeated_with_its_hash(store):
    seen = []

    def stop(done: float, line: str) -> None:
        seen.append(evaluations.listed(store)[0].settings["plan_hash"])
        raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(store, 1, margins={"refusal": "2%"}, useful=0.1, report=stop, **QUICK)
    stored = evaluations.listed(store)[0]
    assert stored.summary is None
    assert stored.settings["plan"]["margins"]["refusal"] == {"margin": 0.02, "unit": "0 or 1"}
    assert seen == [plan_hash(stored.settings["plan"])]
    done = evaluate(store, 1, margins={"refusal": "2%"}, useful=0.1, **QUICK)
    assert done.summary["plan_hash"] == seen[0]
    assert done.summary["deviations"] == []
    assert next(one for one in done.summary["guards"] if one["scorer"] == "refusal")["margin"] == 0.02


def test_other_margins_after_the_first_try_are_told_and_those_of_the_plan_are_kept(store):
    job_id = jobs.add(store, "evaluate", {"run": 1}, "Ann").id

    def stop(done: float, line: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(store, 1, report=stop, job_id=job_id, **QUICK)
    done = evaluate(store, 1, margins={"refusal": 0.5}, job_id=job_id, **QUICK)
    assert done.summary["deviations"] == ["A later try asked for other margins; those of the plan were kept."]
    assert next(one for one in done.summary["guards"] if one["scorer"] == "refusal")["margin"] == 0.05


def test_a_sealed_look_is_counted_and_tells_aggregates_only(store):
    golden = golden_of(store)
    done = evaluate(store, 1, part="sealed", why="release", **QUICK)
    assert done.summary["look"]["number"] == 1
    assert done.summary["look"]["budget"] == 2
    assert done.summary["look"]["ladder"]["improved"] is True
    assert done.summary["alpha"] == pytest.approx(0.025)
    assert done.summary["rows"] == len(golden.ids("sealed"))
    assert all(one["n"] >= 10 for one in done.summary["slices"])
    answers = evaluations.answers_of(store, done.id)
    assert {one.row_id for one in answers} == set(golden.ids("sealed"))
    assert {(one.output, len(one.measured), len(one.notes)) for one in answers} == {("", 0, 0)}
    told = str(done.summary)
    assert MARK not in told
    assert not [row for row in golden.ids("sealed") if row in told]


def test_no_text_of_a_sealed_row_or_of_an_answer_to_it_is_left_in_the_store(store):
    golden = golden_of(store)
    marks = [word.strip("?.,") for text in goldens.rows_in(store, golden, "sealed").prompt for word in text.split()
             if word.startswith(MARK)]  # fmt: skip
    assert len(marks) == len(golden.ids("sealed"))
    evaluate(store, 1, part="sealed", **QUICK)
    store.close()
    kept = [path for path in store.root.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    found = {path.name for path in kept for mark in marks if f"{mark}?".encode() in path.read_bytes()}
    assert found == set()
    assert not (store.root / "runs" / "1" / "answers-sealed").exists()


def test_looks_past_the_budget_take_a_reason_and_are_told(store):
    golden = golden_of(store)
    for _ in range(2):
        evaluate(store, 1, part="sealed", **QUICK)
    second = evaluations.listed(store)[0].summary
    assert second["look"]["ladder"]["improved"] is False  # the same model again: nothing is ahead
    with pytest.raises(Refused, match="2 looks"):
        evaluate(store, 1, part="sealed", **QUICK)
    assert len(evaluations.listed(store)) == 2
    third = evaluate(store, 1, part="sealed", why="the board asked", **QUICK)
    assert third.summary["look"]["over"] is True
    assert "past the budget" in third.summary["deviations"][0]
    assert len(goldens.looks(store, golden)) == 3


def test_a_cancelled_look_that_goes_on_is_counted_once(store):
    job_id = jobs.add(store, "evaluate", {"run": 1}, "Ann").id

    def stop(done: float, line: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(store, 1, part="sealed", report=stop, job_id=job_id, **QUICK)
    assert len(goldens.looks(store, golden_of(store))) == 1
    done = evaluate(store, 1, part="sealed", job_id=job_id, **QUICK)
    assert done.summary["look"]["number"] == 1
    assert len(goldens.looks(store, golden_of(store))) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"part": "test"}, 'no part "test"'),
        ({"primary": "beauty"}, 'no metric "beauty"'),
        ({"margins": {"beauty": 0.1}}, 'no metric "beauty" to guard'),
        ({"margins": {"refusal": "much"}}, "give a number"),
        ({"margins": {"refusal": 1.5}}, "below 1"),
        ({"useful": -1.0}, "give 0 or more"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_before_anything_is_made(store, options, said):
    with pytest.raises(BadInput, match=said):
        evaluate(store, 1, **options, **QUICK)
    assert evaluations.listed(store) == []


def test_sealed_is_refused_where_a_set_has_no_sealed_rows(tmp_path, frozen_store, tiny_model, tiny_adapter):
    store = Store.open(tmp_path / "other")
    rows = Rows.of(*((f"Where is shelf {n}?", f"Shelf {n} stands behind door {n * 7}.") for n in range(60)))
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2)
    run = runs.add(store, frozen.version, frozen.golden, TrainingPlan(model=str(tiny_model)).model_dump(), "Ann", None)
    shutil.copytree(tiny_adapter, runs.folder(store, run.id) / "adapter")
    runs.finish(store, run.id, {"adapter": "adapter"})
    with pytest.raises(BadInput, match="no sealed rows"):
        evaluate(store, run.id, part="sealed", **QUICK)
    done = evaluate(store, run.id, **QUICK)
    assert done.summary["rows"] == done.summary["answered"] == frozen.golden.size
    store.close()
