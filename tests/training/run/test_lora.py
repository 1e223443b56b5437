"""A whole run on a tiny random Llama: what it makes, and that neither stop nor kill loses anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.adapters.adapter import check_adapter
from training.errors import Diverged, ModelError, NotResumable, PlanError, RowsError, TrainingError
from training.plan import TrainingPlan
from training.result import Training, read_metrics, read_training
from training.run.lora import train
from training.run.out_of_memory import is_out_of_memory
from training.run.prepared import Run
from training.run.steps import with_less_memory

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def plan(tiny_model: Path) -> TrainingPlan:
    return TrainingPlan(
        model=str(tiny_model), epochs=2, batch_size=4, learning_rate=0.02, dropout=0.1, precision="fp32", save_every=2
    )


@pytest.fixture(scope="session")
def finished(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Training, Path]:
    """An undisturbed run: 22 rows in batches of 4 make 6 steps an epoch, 12 in all."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    return train(plan, few_rows, out), out


def losses(out: Path) -> list[float | None]:
    return [line["loss"] for line in read_metrics(out)]


class Stop(Exception):
    pass


def stop_at(step: int) -> Callable[[float, str], None]:
    def report(done: float, line: str) -> None:
        if line.startswith(f"step {step} "):
            raise Stop

    return report


def test_a_run_ends_with_an_adapter_a_result_and_a_line_for_every_step(finished: tuple[Training, Path]) -> None:
    result, out = finished
    assert (result.steps, result.train_rows, result.validation_rows, result.ended) == (12, 22, 2, "finished")
    assert [line["step"] for line in read_metrics(out)] == list(range(13))
    assert check_adapter(Path(result.adapter)).rank == 16
    assert read_training(out) == result


def test_the_loss_falls(finished: tuple[Training, Path]) -> None:
    result, _ = finished
    assert sum(result.losses[-3:]) < sum(result.losses[:3]) - 0.2


def test_the_validation_loss_is_measured_before_training_and_after_each_epoch(finished: tuple[Training, Path]) -> None:
    result, _ = finished
    assert [step for step, _ in result.validation_losses] == [0, 6, 12]


def test_the_adapter_is_that_of_the_lowest_validation_loss(finished: tuple[Training, Path]) -> None:
    result, out = finished
    tuned = dict(result.validation_losses[1:])
    assert result.best_step == min(tuned, key=lambda step: tuned[step])
    best = out / f"checkpoints/checkpoint-{result.best_step}/adapter_model.safetensors"
    assert (Path(result.adapter) / "adapter_model.safetensors").read_bytes() == best.read_bytes()


def test_the_tokens_of_a_run_are_those_of_its_rows(finished: tuple[Training, Path], few_rows: pl.DataFrame) -> None:
    from training.run.split import groups_of, validation_places
    from training.tokens.encode import encode, tokenizer_for

    result, out = finished
    tokenizer = tokenizer_for(json.loads((out / "run.json").read_text())["plan"]["model"])
    aside = validation_places(groups_of(few_rows), share=0.1, seed=0)
    rows = encode(few_rows, tokenizer, max_length=1024).rows
    assert result.tokens == 2 * sum(len(row.ids) for place, row in enumerate(rows) if place not in aside)


def test_the_same_seed_gives_the_same_losses(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    assert train(plan, few_rows, tmp_path / "again").losses == finished[0].losses


def test_two_old_checkpoints_and_the_best_are_kept(finished: tuple[Training, Path]) -> None:
    result, out = finished
    kept = {path.name for path in (out / "checkpoints").iterdir()}
    assert kept == {"checkpoint-10", "checkpoint-12", f"checkpoint-{result.best_step}"}


def test_a_stopped_run_saves_first_and_lets_the_stop_through(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(Stop):
        train(plan, few_rows, tmp_path / "out", report=stop_at(5))
    assert (tmp_path / "out/checkpoints/checkpoint-5/complete.json").is_file()
    assert read_training(tmp_path / "out") is None


@pytest.mark.parametrize("step", [1, 5, 6, 7])
def test_a_resumed_run_has_the_losses_of_an_undisturbed_one(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path, step: int
) -> None:
    with pytest.raises(Stop):
        train(plan, few_rows, tmp_path / "out", report=stop_at(step))
    resumed = train(plan, few_rows, tmp_path / "out", resume=True)
    assert resumed.losses == finished[0].losses
    assert resumed.validation_losses == finished[0].validation_losses
    assert resumed.tokens == finished[0].tokens


def test_half_a_checkpoint_and_a_torn_metric_line_do_not_hinder_a_resume(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        train(plan, few_rows, out, report=stop_at(7))
    weights = out / "checkpoints/checkpoint-7/adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    (out / "checkpoints/checkpoint-9").mkdir()
    with (out / "metrics.jsonl").open("a") as file:
        file.write('{"step": 8, "loss": 5.')
    assert train(plan, few_rows, out, resume=True).losses == finished[0].losses
    assert [line["step"] for line in read_metrics(out)] == list(range(13))


def test_a_killed_run_goes_on_where_it_was(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, held_training: list[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    out = tmp_path / "out"
    (tmp_path / "plan.json").write_text(plan.model_dump_json())
    few_rows.write_parquet(tmp_path / "rows.parquet")
    given = [str(tmp_path / "plan.json"), str(tmp_path / "rows.parquet"), str(out)]
    held = {**os.environ, "HELD_AT": "4", "HELD_UNTIL": str(tmp_path / "never")}
    log = tmp_path / "said.txt"
    with log.open("w") as said:
        child = subprocess.Popen([*held_training, *given], cwd=ROOT, env=held, stdout=said, stderr=said)
    while len(read_metrics(out)) < 5 and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL, log.read_text()
    command = [sys.executable, "-m", "training", *given, "--resume"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = read_training(out)
    assert result is not None
    assert result.losses == finished[0].losses
    assert [line["step"] for line in read_metrics(out)] == list(range(13))


def test_a_finished_run_is_returned_as_it_is(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame
) -> None:
    assert train(plan, few_rows, finished[1], resume=True) == finished[0]


def test_a_new_run_does_not_overwrite_an_old_one(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame
) -> None:
    with pytest.raises(NotResumable, match="already holds a run"):
        train(plan, few_rows, finished[1])


def test_a_run_is_not_resumed_with_another_plan_or_other_rows(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame
) -> None:
    with pytest.raises(NotResumable, match="begun with another epochs, rank"):
        train(plan.with_settings(["rank=4", "epochs=1"]), few_rows, finished[1], resume=True)
    with pytest.raises(NotResumable, match="begun with other rows"):
        train(plan, few_rows.head(20), finished[1], resume=True)


def test_a_batch_that_was_divided_makes_the_same_steps(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    divided = plan.model_copy(update={"batch_size": 2, "accumulation": 2, "dropout": 0.0})
    whole = plan.model_copy(update={"dropout": 0.0})
    a, b = train(whole, few_rows, tmp_path / "a"), train(divided, few_rows, tmp_path / "b")
    assert b.losses == pytest.approx(a.losses, abs=1e-4)


def test_a_run_whose_loss_explodes_is_stopped_with_advice(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    wild = plan.model_copy(
        update={"learning_rate": 1e30, "alpha": 2048, "rank": 1, "warmup": 0.0, "max_gradient": 1000.0}
    )
    with pytest.raises(Diverged, match=r"no longer a number at step .* of 12.*learning rate is too high"):
        train(wild, few_rows, tmp_path / "out")
    assert read_metrics(tmp_path / "out")[-1]["loss"] is None


def test_training_stops_early_when_the_validation_loss_does_not_fall(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    still = plan.model_copy(update={"learning_rate": 1e-12, "evaluations_per_epoch": 6, "patience": 2})
    result = train(still, few_rows, tmp_path / "out")
    assert result.ended == "stopped early"
    assert result.steps < 12


def test_rows_that_were_cut_or_left_out_are_listed(plan: TrainingPlan, tmp_path: Path) -> None:
    talk = [[("user", f"a{n}"), ("assistant", f"b{n}")] for n in range(4)]
    talk += [[("user", "a"), ("assistant", "x" * 99)], [("user", "nobody answers")]]
    rows = pl.DataFrame(
        {
            "row_id": ["0", "1", "2", "3", "long", "silent"],
            "messages": [[{"role": role, "content": text} for role, text in turns] for turns in talk],
        }
    )
    knobs = {"max_length": 64, "max_steps": 1}
    with pytest.raises(RowsError, match=r"1 row trains on nothing.* \(row silent: there is no reply"):
        train(plan.model_copy(update=knobs), rows, tmp_path / "stopped")
    result = train(plan.model_copy(update={**knobs, "untrainable": "leave out"}), rows, tmp_path / "out")
    assert result.cut_rows == [("long", 57)]
    assert result.skipped_rows == [("silent", "there is no reply to learn from")]
    assert result.notes[:2] == [
        "1 rows are longer than 64 tokens and were cut",
        "1 rows were left out: nothing in them can be trained on",
    ]


def test_two_rows_of_one_group_train_without_a_validation_side(plan: TrainingPlan, tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "row_id": ["0", "1"],
            "messages": [[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]] * 2,
        }
    )
    result = train(plan.model_copy(update={"max_steps": 2}), rows, tmp_path / "out")
    assert (result.train_rows, result.validation_rows, result.best_step) == (2, 0, 2)
    assert result.notes[0].startswith("no validation rows")


def test_bf16_gives_nearly_the_losses_of_fp32(
    finished: tuple[Training, Path], plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    from training.machine import cpu_has_bf16

    if not cpu_has_bf16():
        pytest.skip("NOT TESTED: this processor has no bf16 arithmetic")
    half = train(plan.model_copy(update={"precision": "bf16"}), few_rows, tmp_path / "out")
    assert half.precision == "bf16"
    assert half.losses == pytest.approx(finished[0].losses, abs=0.1)


def test_a_model_folder_that_does_not_exist_is_a_clear_error(few_rows: pl.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        train(TrainingPlan(model=str(tmp_path / "nowhere")), few_rows, tmp_path / "out")


def test_four_bit_without_bitsandbytes_is_a_clear_error(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)  # from here on importing it fails as if it were not there
    with pytest.raises(PlanError, match="needs the package bitsandbytes"):
        train(plan.model_copy(update={"quantization": "4bit"}), few_rows, tmp_path / "out")


def test_four_bit_training_passes_gradients_after_a_measurement(smollm: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="NOT TESTED: bitsandbytes is not installed")
    talk = [[("user", f"say {n}"), ("assistant", f"the number is {n}")] for n in range(8)]
    rows = pl.DataFrame(
        {
            "row_id": [str(n) for n in range(8)],
            "messages": [[{"role": role, "content": text} for role, text in turns] for turns in talk],
        }
    )
    plan = TrainingPlan(model=str(smollm), quantization="4bit", batch_size=4, max_steps=4, epochs=4)
    result = train(plan, rows, tmp_path / "out")
    assert result.precision.startswith("4bit")
    assert result.validation_losses[-1][1] < result.validation_losses[0][1] - 1


def run_with(batch_size: int, out: Path) -> tuple[Run, list[str]]:
    said: list[str] = []
    row: Any = type("Row", (), {"ids": [1] * 7})()
    run = Run(
        plan=TrainingPlan(),
        out=out,
        rows=[row],
        validation=[],
        encoding=None,  # type: ignore[arg-type]
        machine=None,  # type: ignore[arg-type]
        digest="",
        tokenizer=None,
        report=lambda done, line: said.append(line),
        batch_size=batch_size,
        accumulation=1,
        notes=[],
    )
    return run, said


@pytest.mark.parametrize(("batch_size", "tried"), [(8, [(8, 1), (4, 2), (2, 4)]), (6, [(6, 1), (3, 2), (1, 6)])])
def test_when_memory_runs_out_batches_shrink_and_steps_keep_their_rows(
    tmp_path: Path, batch_size: int, tried: list[tuple[int, int]]
) -> None:
    run, said = run_with(batch_size, tmp_path)
    seen: list[tuple[int, int]] = []

    def attempt(run: Run) -> Any:
        seen.append((run.batch_size, run.accumulation))
        if len(seen) < 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return "done"

    assert with_less_memory(run, attempt) == "done"
    assert seen == tried
    assert "memory ran out" in said[0]
    assert json.loads((tmp_path / "run.json").read_text())["batch_size"] == tried[-1][0]


def test_too_little_memory_for_one_row_is_told_with_the_way_out(tmp_path: Path) -> None:
    run, _ = run_with(1, tmp_path)

    def attempt(run: Run) -> Any:
        raise MemoryError

    with pytest.raises(TrainingError, match=r"longest has 7 tokens.*Lower max_length"):
        with_less_memory(run, attempt)


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_run_of_one_step_learns(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    plan = TrainingPlan(model=str(tiny_model), max_steps=1, learning_rate=0.05, rank=4, precision="fp32")
    done = train(plan, few_rows, tmp_path / "run")
    (_, untuned), (step, tuned) = done.validation_losses
    assert (step, done.steps) == (1, 1)
    assert tuned < untuned
