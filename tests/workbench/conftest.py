"""A store that holds a finished run and evaluation without training anything.

The rows and the golden set are real work of the actions; the run's result, its loss curve and the answers are made up
and written through the store's own functions, and the scores are what the real metrics give those answers.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evaluators.conclusion import conclude
from evaluators.primary_metric import primary_metric
from evaluators.sample import catalogue
from training.plan import TrainingPlan
from workbench.actions.evaluate import samples_of
from workbench.actions.freeze_golden import freeze_golden
from workbench.records import Answer, Evaluation
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs

HOSTILE = '<script>window.__xss=1</script><img src=x onerror="window.__xss=1">${window.__xss=1}{{7*7}} & "quoted"'
PROMPT = "Answer from the desk's rules and name the number of days."


def fabricate(store: Store, rows: Rows, *, dataset: str = "desk", share: float = 0.2) -> Evaluation:
    """A finished run 1 and its evaluation over `rows`; the first golden row's tuned answer is hostile HTML."""
    datasets.add_version(
        store, dataset, rows, parent=None, verb="import", settings={"file": "desk.jsonl"}, counts={"added": len(rows)},
        who="Ann", why="first batch",
    )  # fmt: skip
    frozen = freeze_golden(store, dataset, share=share, seed=0)
    assert frozen.golden is not None
    assert frozen.version is not None
    plan = TrainingPlan(model="toy-model").model_dump()
    run = runs.add(store, frozen.version, frozen.golden, plan, "Ann", None)
    losses = [2.4 * 0.97**step + 0.05 * (step % 3) for step in range(1, 61)]
    validation = [(0, 2.6), (20, 1.5), (40, 1.2), (60, 1.3)]
    lines = [
        {"step": step, "epoch": step / 20, "loss": losses[step - 1] if step else None,
         "eval_loss": dict(validation).get(step), "time_left": 60 - step}
        for step in range(61)
    ]  # fmt: skip
    (runs.folder(store, run.id) / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    runs.finish(store, run.id, {
        "adapter": "adapter", "adapter_digest": "ab" * 32, "steps": 60, "best_step": 40, "losses": losses,
        "validation_losses": validation, "tokens": 12345, "seconds": 61.5, "seed": 0, "learning_rate": 2e-3,
        "train_rows": 36, "validation_rows": 4, "cut_rows": [], "device": "cpu", "precision": "fp32",
        "ended": "finished", "notes": [],
    })  # fmt: skip
    return answer(store, run.id, hostile=True)


def answer(store: Store, run_id: int, *, hostile: bool = False, tuned_right: int = 3) -> Evaluation:
    """An evaluation of a run with made-up answers: tuned is right on `tuned_right` of four rows, base seldom."""
    run = runs.get(store, run_id)
    golden = goldens.by_id(store, run.golden_id)
    samples = samples_of(goldens.rows_of(store, golden), golden)
    said: dict[str, list] = {"base": [], "prompted": [], "tuned": []}
    for place, one in enumerate(samples):
        wrong = f"I think it takes about {700 + place} days, but please ask somebody."
        right = one.reference
        texts = {
            "base": right if place % 7 == 3 else wrong,
            "prompted": right if place % 3 == 0 else wrong,
            "tuned": right if place % 4 < tuned_right and place % 7 != 3 else f"Rather {900 + place} days.",
        }
        if place == 5:
            texts["tuned"] = texts["base"].upper()  # the same answer twice but for its case
        if hostile and place == 0:
            texts["tuned"] = HOSTILE
        for arm, text in texts.items():
            nll = 3.0 if text != right else 0.4
            said[arm].append(
                type(one)(**{**vars(one), "output": text, "measured": {"nll": nll, "stopped": float(place != 2)}})
            )
    scores = {arm: {name: s.by_id(samples) for name, s in catalogue().items()} for arm, samples in said.items()}
    chosen, reason = primary_metric(samples)
    evaluation = evaluations.add(store, run.id, golden.id, {"prompt": PROMPT, "examples": 0, "primary": chosen}, "Ann")
    summary = {
        **conclude(scores, samples, chosen, reason),
        "arms": {"base": {"adapter": False}, "prompted": {"adapter": False, "system": PROMPT, "examples": []},
                 "tuned": {"adapter": True, "run": run.id}},
        "model": "toy-model", "adapter_digest": "ab" * 32, "decoding": {"max_new_tokens": 64, "sample": False},
        "rows": len(samples), "golden": {"label": golden.label, "digest": golden.digest, "size": golden.size},
        "version": run.version, "margin": 0.05,
    }  # fmt: skip
    answers = [
        Answer(
            one.id, arm, one.output or "", dict(one.measured),
            {name: by[one.id].value for name, by in scores[arm].items()},
            {name: by[one.id].note for name, by in scores[arm].items() if by[one.id].note},
        )
        for arm, samples in said.items() for one in samples
    ]  # fmt: skip
    evaluations.finish(store, evaluation.id, answers, summary)
    return evaluations.get(store, evaluation.id)


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer where no model was fetched, so that likeness falls back to words."""
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))


@pytest.fixture(scope="session")
def finished_store(tmp_path_factory: pytest.TempPathFactory, fifty_rows: Rows) -> Path:
    """The folder of a store with evaluation 1 of run 1 on ten golden rows of "desk", made once; see `fabricate`."""
    folder = tmp_path_factory.mktemp("finished") / "store"
    opened = Store.open(folder)
    fabricate(opened, fifty_rows)
    opened.close()
    return folder


@pytest.fixture
def evaluated(store: Store, finished_store: Path, no_models: None) -> Evaluation:
    """Evaluation 1, in a store of this test's own."""
    store.close()
    shutil.rmtree(store.root)
    shutil.copytree(finished_store, store.root)
    return evaluations.get(store, 1)
