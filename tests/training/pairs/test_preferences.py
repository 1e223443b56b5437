"""A second stage on pairs of replies, on a tiny random Llama: what moves, and what a kill costs."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.adapters.adapter import check_adapter
from training.errors import BadAdapter, NotResumable, PlanError, RowsError
from training.pairs.pair_rows import encode_pairs
from training.pairs.preferences import PreferencePlan, interval_of, train_preferences
from training.plan import TrainingPlan
from training.result import read_metrics, read_training
from training.run.lora import train
from training.tokens.encode import encode

ROOT = Path(__file__).resolve().parents[3]


def pairs_of(count: int, *, wanted: str = "a kind word", other: str = "a rude word") -> pl.DataFrame:
    """Pairs "p0", "p1", ...: the same two ways to answer, in which only the way is preferred."""
    return pl.DataFrame({
        "row_id": [f"p{n}" for n in range(count)],
        "messages": [
            [{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": f"{wanted} {n}"}]
            for n in range(count)
        ],
        "rejected": [f"{other} {n}" for n in range(count)],
    })  # fmt: skip


@pytest.fixture(scope="session")
def first_plan(tiny_model: Path) -> TrainingPlan:
    return TrainingPlan(
        model=str(tiny_model), epochs=1, batch_size=4, learning_rate=0.02, rank=4, precision="fp32", dropout=0.1
    )


@pytest.fixture(scope="session")
def parent(first_plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The adapter of a finished first stage, which is not the bare base."""
    return Path(train(first_plan, few_rows, tmp_path_factory.mktemp("first") / "run").adapter)


@pytest.fixture(scope="session")
def stage(first_plan: TrainingPlan) -> PreferencePlan:
    return PreferencePlan.after(first_plan, ["learning_rate=0.03", "epochs=3", "save_every=2", "patience=none"])


@pytest.fixture(scope="session")
def finished(stage: PreferencePlan, parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("second") / "run"
    train_preferences(stage, pairs_of(24), parent, out)
    return out


def test_at_the_first_step_nothing_has_moved_from_the_parent(finished: Path) -> None:
    untuned, first, *_ = read_metrics(finished)
    assert (untuned["eval_margin"], untuned["eval_loss"]) == (0.0, pytest.approx(math.log(2), abs=1e-12))
    assert (first["margin"], first["reward_chosen"], first["reward_rejected"]) == (0.0, 0.0, 0.0)
    assert "eval_accuracy" not in untuned, "where nothing has moved, nothing is preferred"
    assert first["loss"] == pytest.approx(math.log(2), abs=1e-6)


def test_the_reference_is_the_parent_and_not_the_bare_base(
    stage: PreferencePlan, parent: Path, first_plan: TrainingPlan, tmp_path: Path
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from training.machine import machine_for
    from training.pairs.pair_trainer import trainer_for
    from training.pairs.preferences import PairRun, _prepared

    run = _prepared(stage, pairs_of(12), parent, tmp_path / "run", lambda done, line: None, "", {}, 0.0)
    assert isinstance(run, PairRun)
    run.machine = machine_for("fp32", "none")
    trainer, _ = trainer_for(run)
    batch = trainer.data_collator([{"prompt_ids": run.pairs[0].prompt, "chosen_ids": run.pairs[0].chosen,
                                    "rejected_ids": run.pairs[0].rejected}])  # fmt: skip
    chosen, _ = trainer.compute_ref_log_probs(trainer.model, batch)
    base = AutoModelForCausalLM.from_pretrained(first_plan.model, dtype=torch.float32)
    pair = run.pairs[0]
    of_base = likelihood(base, pair)
    of_parent = likelihood(PeftModel.from_pretrained(base, str(parent)).eval(), pair)
    assert float(chosen) == pytest.approx(of_parent, abs=1e-4)
    assert abs(of_parent - of_base) > 0.5


def likelihood(model: Any, pair: Any) -> float:
    """Log-likelihood of the chosen reply, in nats, with plain torch."""
    import torch

    ids = torch.tensor([pair.prompt + pair.chosen])
    with torch.no_grad():
        scores = model(input_ids=ids).logits[0].log_softmax(-1)
    begin = len(pair.prompt)
    return float(sum(scores[at - 1, ids[0, at]] for at in range(begin, ids.shape[1])))


def test_the_chosen_replies_gain_on_the_rejected_ones_also_on_pairs_held_out(finished: Path) -> None:
    lines = read_metrics(finished)
    assert lines[-1]["margin"] > 0.05  # beta .1 times what the log-likelihoods have moved apart
    assert lines[-1]["eval_margin"] > 0.05
    assert (lines[-1]["eval_accuracy"], lines[-1]["eval_pairs"]) == (1.0, 4)
    assert lines[-1]["loss"] < math.log(2) - 0.03


def test_the_adapter_is_one_of_the_base_like_any_other_and_its_card_tells_the_stage(
    finished: Path, first_plan: TrainingPlan
) -> None:
    assert check_adapter(finished / "adapter", first_plan.model).rank == 4
    card = (finished / "adapter" / "README.md").read_text("utf-8")
    assert "| Second stage | DPO, beta 0.1, rewards the sum over a reply's tokens |" in card
    assert "| Preferred on pairs held out | 100% of 4 (95 % interval 51% to 100%) |" in card
    assert "| Validation loss, first-stage | 0.6931 |" in card
    assert "| Pairs | 20 trained, 4 for validation |" in card
    assert "- dpo\n" in card
    assert "- sft\n" not in card
    assert "Losses are nats per pair" in card


def test_few_pairs_are_called_few(finished: Path) -> None:
    done = read_training(finished)
    assert done is not None
    assert any("24 pairs are few" in note for note in done.notes)


def test_mean_rewards_weigh_every_token_alike(stage: PreferencePlan, parent: Path, tmp_path: Path) -> None:
    plan = stage.model_copy(update={"rewards": "mean"})
    said: list[str] = []
    train_preferences(plan, pairs_of(12), parent, tmp_path / "run", report=lambda done, line: said.append(line))
    assert "measuring the run's model as it is" in said, "it is not untuned"
    lines = read_metrics(tmp_path / "run")
    assert plan.strength == 5.0
    assert lines[0]["eval_loss"] == pytest.approx(math.log(2), abs=1e-12)
    assert lines[-1]["eval_margin"] > 0.0


def test_a_reply_is_learned_from_the_very_tokens_of_the_first_stage(chatml: Any) -> None:
    pairs, _ = encode_pairs(pairs_of(1), chatml, max_length=64)
    row = encode(pairs_of(1).select("row_id", "messages"), chatml, max_length=64).rows[0]
    trained = [token for token, wanted in zip(row.ids, row.labels, strict=True) if wanted != -100]
    assert pairs[0].chosen == trained
    assert pairs[0].prompt + pairs[0].chosen == row.ids[: len(pairs[0].prompt + pairs[0].chosen)]
    assert chatml.decode(pairs[0].rejected) == "a rude word 0<|im_end|>"


def test_a_pair_with_a_reply_that_would_be_cut_is_left_out(chatml: Any) -> None:
    kept, skipped = encode_pairs(pairs_of(1, other="a rude word" * 9), chatml, max_length=64)
    assert kept == []
    assert skipped[0].reason.startswith("a reply would be cut:")


def test_a_pair_of_equal_replies_is_left_out(chatml: Any) -> None:
    _, skipped = encode_pairs(pairs_of(1, other="a kind word"), chatml, max_length=64)
    assert skipped[0].reason == "both replies are the same"


def test_too_few_pairs_are_refused(stage: PreferencePlan, parent: Path, tmp_path: Path) -> None:
    with pytest.raises(RowsError, match="7 pairs can be learned from; at least 8 are needed"):
        train_preferences(stage, pairs_of(7), parent, tmp_path / "run")


def test_a_whole_model_is_no_parent(stage: PreferencePlan, tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(BadAdapter, match="is a whole model, not an adapter"):
        train_preferences(stage, pairs_of(12), tiny_model, tmp_path / "run")


def test_the_knobs_of_the_parents_adapter_cannot_be_changed(first_plan: TrainingPlan) -> None:
    with pytest.raises(PlanError, match="rank is that of the run"):
        PreferencePlan.after(first_plan, ["rank=8"])


def test_a_beta_out_of_its_bounds_is_refused_in_one_line(first_plan: TrainingPlan) -> None:
    with pytest.raises(PlanError, match="beta"):
        PreferencePlan.after(first_plan, ["beta=-1"])


def test_a_resume_with_another_beta_is_refused(finished: Path, stage: PreferencePlan, parent: Path) -> None:
    with pytest.raises(NotResumable, match="another beta"):
        train_preferences(stage.model_copy(update={"beta": 0.5}), pairs_of(24), parent, finished, resume=True)


def test_an_accuracy_on_few_pairs_has_a_wide_interval() -> None:
    assert interval_of(4, 4) == pytest.approx((0.5101, 1.0), abs=1e-4)
    assert interval_of(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


KILLED = """
import sys, json
from pathlib import Path
import polars as pl
from training.pairs.preferences import PreferencePlan, train_preferences
plan = PreferencePlan.model_validate_json(Path(sys.argv[1]).read_text())
train_preferences(plan, pl.read_parquet(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), resume=True)
"""


def test_killed_and_resumed_it_ends_with_the_same_bytes(
    finished: Path, stage: PreferencePlan, parent: Path, standing_still: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    (tmp_path / "plan.json").write_text(stage.model_dump_json(), "utf-8")
    pairs_of(24).write_parquet(tmp_path / "pairs.parquet")
    command = [
        sys.executable,
        "-c",
        standing_still + KILLED,
        *map(str, (tmp_path / "plan.json", tmp_path / "pairs.parquet", parent, out)),
    ]
    held = {**os.environ, "HELD_AT": "3", "HELD_UNTIL": str(tmp_path / "never")}
    process = subprocess.Popen(command, cwd=ROOT, env=held, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(read_metrics(out)) < 4 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert read_training(out) is None, "it was to be killed before its end"
    train_preferences(stage, pairs_of(24), parent, out, resume=True)
    told = [[(line["step"], line["loss"], line["eval_loss"], line.get("margin")) for line in read_metrics(one)]
            for one in (finished, out)]  # fmt: skip
    assert told[0] == told[1]
    weights = [(one / "adapter" / "adapter_model.safetensors").read_bytes() for one in (finished, out)]
    assert weights[0] == weights[1]


def test_what_a_stage_was_lies_in_its_folder(finished: Path, parent: Path) -> None:
    facts = json.loads((finished / "preferences.json").read_text("utf-8"))
    assert (facts["stage"], facts["beta"], facts["rewards"]) == ("dpo", 0.1, "sum")
    assert facts["parent_folder"] == str(parent)
