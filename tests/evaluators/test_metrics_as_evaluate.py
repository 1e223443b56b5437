import json
import os
import subprocess
import sys

import pytest

from evaluators.metrics_as_evaluate import as_evaluate_metric
from evaluators.sample import catalogue

evaluate = pytest.importorskip("evaluate")


@pytest.fixture(autouse=True)
def no_home(tmp_path, monkeypatch):
    """Run where a metric script of the same name lies, which must never be executed."""
    (tmp_path / "rouge_l").mkdir()
    (tmp_path / "rouge_l" / "rouge_l.py").write_text("raise SystemExit('executed')")
    monkeypatch.chdir(tmp_path)


def test_one_metric_computes_the_mean_of_its_rows():
    found = as_evaluate_metric(catalogue()["rouge_l"]).compute(
        predictions=["the cat sat down", "x"], references=["the cat lay down", "y"]
    )
    assert found == {"rouge_l": 0.375, "rouge_l_judged": 2}


def test_metrics_can_be_combined_and_the_result_goes_into_json():
    suite = evaluate.combine([as_evaluate_metric(catalogue()[name]) for name in ("exact_match", "fact_recall", "chrf")])
    found = suite.compute(predictions=["Yes, in 30 days", "no"], references=["yes in 30 days", "never"])
    assert json.loads(json.dumps(found))["exact_match"] == 0.5
    assert found["fact_recall"] == 1.0
    assert found["fact_recall_judged"] == 1
    assert type(found["chrf"]) is float


def test_a_metric_can_be_used_again_and_row_by_row():
    metric = as_evaluate_metric(catalogue()["exact_match"])
    metric.add(prediction="a", reference="a")
    metric.add(prediction="b", reference="a")
    assert metric.compute()["exact_match"] == 0.5
    assert metric.compute(predictions=["a"], references=["a"])["exact_match"] == 1.0


def test_empty_lists_give_none_instead_of_a_crash():
    assert as_evaluate_metric(catalogue()["chrf"]).compute(predictions=[], references=[]) == {
        "chrf": None,
        "chrf_judged": 0,
    }


def test_a_measured_scorer_takes_the_measured_numbers():
    found = as_evaluate_metric(catalogue()["nll"]).compute(predictions=[1.0, 2.0], references=["a", "b"])
    assert found == {"nll": 1.5, "nll_judged": 2}


RULES = {
    "must": ("3",),
    "must_not": ("4",),
    "format": ("at most 90 words",),
    "json": True,
    "json_schema": {"type": "object"},
}
LONG = "in {} days of one sort or of another sort, as we said"


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_scorer_can_be_wrapped(name):
    predictions = [1.0, 0.0] if catalogue()[name].reads else [LONG.format(3), LONG.format(4)]
    rules = RULES | {"refuse": name == "under_refusal"}
    found = as_evaluate_metric(catalogue()[name], rules=rules).compute(
        predictions=predictions, references=[LONG.format(3)] * 2
    )
    assert found[f"{name}_judged"] == 2


def test_importing_evaluators_loads_no_heavy_library():
    code = (
        "import sys, evaluators, evaluators.evaluate, evaluators.compare, evaluators.metrics_as_evaluate, "
        "evaluators.models.chat_model, evaluators.models.embedder; evaluators.catalogue(); "
        "print([m for m in ('torch', 'transformers', 'datasets', 'evaluate', 'peft', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert run.stdout.strip() == "[]"
