"""Of every way to tune, the adapter, the merged model and the one read back from its files give the same tokens."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.adapters.merge import _quietly, merge, tuned_model
from training.adapters.parity import parity
from training.plan import TrainingPlan
from training.run.lora import train
from training.tokens.template import Template


@pytest.mark.parametrize(
    "settings",
    [["method=dora"], ["method=rslora"], ["quantization=4bit"], ["method=dora", "quantization=4bit"],
     ["method=full", "learning_rate=0.01"]],
    ids=["dora", "rslora", "4bit", "4bit dora", "full"],
)  # fmt: skip
def test_all_forms_of_a_run_say_the_same(
    tiny_model: Path, chatml: Any, few_rows: pl.DataFrame, tmp_path: Path, settings: list[str]
) -> None:
    start = TrainingPlan(model=str(tiny_model), max_steps=2, rank=4, learning_rate=0.05, precision="fp32")
    adapter = Path(train(start.with_settings(settings), few_rows, tmp_path / "run").adapter)
    merged = merge(tiny_model, adapter, tmp_path / "merged").folder
    forms: list[tuple[str, bool, Any]] = [
        ("the run's", True, lambda: tuned_model(tiny_model, adapter, merged=False)),
        ("merged in memory", True, lambda: tuned_model(tiny_model, adapter, merged=True)),
        ("read back", True, lambda: tuned_model(merged, merged, merged=True)),
    ]
    if "quantization=4bit" in settings:
        forms.append(("in 4 bit", False, lambda: tuned_model(tiny_model, adapter, merged=False, bits=4)))
    template = Template.of(chatml)
    talks = {name: [{"role": "user", "content": name}] for name in ("say 7", "say 13")}
    asked = {name: template.tokens(template.render(talk, prompt=True)) for name, talk in talks.items()}
    found = parity(asked, forms, tokenizer=chatml, ends=[chatml.eos_token_id], most_tokens=12)
    assert [(one.form, one.same, one.largest < 1e-4) for one in found.forms if one.counts] == [
        ("merged in memory", 2, True), ("read back", 2, True)
    ]  # fmt: skip
    assert found.holds
    assert [one.prompts for one in found.forms if not one.counts] == ([2] if len(forms) == 4 else [])


def test_a_library_that_speaks_to_its_developers_is_not_heard_while_a_model_is_loaded(
    recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    speaker = logging.getLogger("bitsandbytes.backends.cpu.ops")

    @_quietly()
    def speaks() -> None:
        warnings.warn("will be removed in v6", FutureWarning, stacklevel=1)
        speaker.warning("a kernel was not fetched")

    speaks()
    assert (list(recwarn), caplog.records) == ([], [])
    speaker.warning("heard again")
    assert [one.message for one in caplog.records] == ["heard again"]
