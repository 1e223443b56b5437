"""Runs from before weights and tools counted are repeated and resumed as they were begun."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl

from training.adapters.adapter import digest_of
from training.plan import TrainingPlan
from training.run.lora import train
from training.run.repeat import repeat
from training.tokens.calls import unfolded

MESSAGE = pl.Struct({"role": pl.String, "content": pl.String, "more": pl.String})


def table(more: str | None) -> pl.DataFrame:
    talks = [
        [
            {"role": "user", "content": f"q{n}", "more": None},
            {"role": "assistant", "content": f"bad{n}", "more": more},
            {"role": "user", "content": "again", "more": None},
            {"role": "assistant", "content": f"good{n}", "more": None},
        ]
        for n in range(8)
    ]
    named = {"row_id": [f"r{n}" for n in range(8)], "messages": talks}
    return pl.DataFrame(named, schema_overrides={"messages": pl.List(MESSAGE)})


def test_an_older_run_with_weights_in_its_rows_is_repeated_to_the_last_bit(tiny_model: Path, tmp_path: Path) -> None:
    plan = TrainingPlan(model=str(tiny_model), batch_size=4, learning_rate=0.02, rank=4, max_steps=3)
    train(plan, table(None), tmp_path / "run")  # as the earlier version read these rows, weights or not
    marked = table('{"weight": 0}')
    marked.write_parquet(tmp_path / "run" / "rows.parquet")
    talks = [[unfolded(one) for one in talk] for talk in marked["messages"].to_list()]
    then = digest_of([json.dumps(talk, sort_keys=True) for talk in talks])  # as commit 761a0ed took it
    for name in ("provenance.json", "run.json"):
        facts = json.loads((tmp_path / "run" / name).read_text())
        (tmp_path / "run" / name).write_text(json.dumps({**facts, "data_digest": then}))
    done = repeat(tmp_path / "run")
    assert done.differs == ()
    shutil.rmtree(tmp_path / "run" / "adapter")
    again = train(plan, marked, tmp_path / "run", resume=True)
    assert (again.steps, [note for note in again.notes if "context only" in note]) == (3, [])
