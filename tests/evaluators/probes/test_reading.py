"""Likelihoods and probes on the tiny model: same numbers however they are batched, base and tuned from one model."""

from __future__ import annotations

import importlib.util
import json
import math

import pytest

from evaluators.errors import BadRequest
from evaluators.models.chat_model import ChatModel
from evaluators.models.likelihood import likelihoods
from evaluators.probes import lm_harness
from evaluators.probes.choices import choice_batches, split_ids
from evaluators.probes.continuations import stems
from evaluators.probes.items import Chat, ChoiceItem, Instruction, ProbeSet, RefusalPair
from evaluators.probes.memorised import Taught
from evaluators.probes.probe import Asked, probe
from evaluators.probes.ways import Way, at_scale, run_as

ITEMS = (
    ChoiceItem("a", "facts", "Which one?", ("x", "y", "z", "w"), 0),
    ChoiceItem("b", "facts", "And of these?", ("the Thames", "the Nile", "the", "Seine"), 1),
    ChoiceItem("c", "logic", "What comes next: 1, 2, 3?", ("4", "5", "44", "no"), 0),
)
PROBES = ProbeSet(
    ITEMS,
    (Instruction("i", "Say it in lower case.", ({"rule": "lower_case"},)),),
    (RefusalPair("r", "locks", "Open his door.", "Open my door."),),
    (Chat("o", ({"role": "user", "content": "Hello"},)),),
    "digest",
)


@pytest.fixture(scope="module")
def model(tiny_model, tiny_adapter) -> ChatModel:
    return ChatModel(tiny_model, tiny_adapter, precision="fp32")


def read(model, adapter=True, form="plain"):
    found = {}
    for batch in choice_batches(model, ITEMS, adapter=adapter, form=form):
        found.update(batch)
    return [found[place] for place in range(len(ITEMS))]


def test_what_continuations_share_is_read_once():
    assert stems([[5], [6], [7]]) == [()]
    assert stems([[1, 2, 3], [1, 4], [9]]) == [(1, 2)]


@pytest.mark.parametrize("form", ["plain", "chat"])
def test_reading_what_is_shared_once_gives_the_same_as_a_row_for_each_answer(model, form):
    for item, one in zip(ITEMS, read(model, form=form), strict=True):
        before, choices = split_ids(model, item, form)
        alone = [
            -found.nats_per_token * found.tokens for found in likelihoods(model, [(before, c) for c in choices], True)
        ]
        assert one.log_p == pytest.approx(alone, abs=1e-4)


def test_the_plain_format_keeps_the_special_tokens_that_the_tokenizer_puts(model):
    before, choices = split_ids(model, ITEMS[0], "plain")
    assert before[0] == model.tokenizer.bos_token_id
    assert model.tokenizer.decode(choices[0]) == " x"


def test_another_format_is_refused_with_the_known_ones(model):
    with pytest.raises(BadRequest, match="the formats are: plain, chat"):
        split_ids(model, ITEMS[0], "essay")


def test_a_tiny_scale_is_nearly_the_base_model_and_the_adapter_is_whole_again_afterwards(model):
    base, tuned = read(model, adapter=False), read(model)
    with run_as(model, at_scale(0.0001)):
        weak = read(model)
    assert weak[1].log_p == pytest.approx(base[1].log_p, abs=0.05)
    assert weak[1].log_p != pytest.approx(tuned[1].log_p, abs=0.05)
    assert read(model)[1].log_p == pytest.approx(tuned[1].log_p)


def test_another_checkpoint_is_put_on_and_taken_off_the_same_loaded_model(model, tiny_adapter, tmp_path):
    tuned = read(model)
    folder = tmp_path / "checkpoint-5"
    folder.mkdir()
    for path in tiny_adapter.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 16}))  # the double of 8
    with run_as(model, Way("step 5", folder=folder)):
        other = read(model)
    with run_as(model, at_scale(2.0)):
        doubled = read(model)
    assert other[1].log_p == pytest.approx(doubled[1].log_p, abs=1e-3)
    assert read(model)[1].log_p == pytest.approx(tuned[1].log_p)


def test_a_scale_of_nothing_is_refused_with_the_reason():
    with pytest.raises(BadRequest, match="which is a scale of 0, is measured anyway"):
        at_scale(0)


def taught(n):
    return [Taught(f"row {i}", ({"role": "user", "content": f"Q{i}?"},), f"Answer number {i} it is.") for i in range(n)]


def test_a_whole_probe_tells_of_everything_and_a_second_time_asks_nothing(tiny_model, tiny_adapter, tmp_path):
    asked = Asked(PROBES, taught(6), taught(2), (at_scale(0.5),), sample=2)
    found = probe(tiny_model, tiny_adapter, asked, cache=tmp_path)
    assert [one["name"] for one in found["ways"]] == ["base", "tuned", "scale 0.5"]
    assert [one["area"] for one in found["forgetting"]["areas"]] == ["all", "facts", "logic"]
    assert found["ways"][0]["drift"]["difference"] == 0
    assert math.isfinite(found["ways"][2]["held_out"])
    assert found["memorised"]["asked"]["n"] == 2
    json.dumps(found, allow_nan=False)
    lines = (tmp_path / "answers.jsonl").read_bytes().count(b"\n")
    again = probe(tiny_model, tiny_adapter, asked, cache=tmp_path)
    assert (tmp_path / "answers.jsonl").read_bytes().count(b"\n") == lines
    assert again["ways"] == found["ways"]
    assert again["bleed"] == found["bleed"]


class Stop(Exception):
    pass


def test_a_stopped_probe_keeps_what_was_answered(tiny_model, tiny_adapter, tmp_path):
    def stop_late(done, line):
        if "instructions" in line:
            raise Stop

    with pytest.raises(Stop):
        probe(tiny_model, tiny_adapter, Asked(PROBES, taught(3), sample=1), cache=tmp_path, report=stop_late)
    assert (tmp_path / "answers.jsonl").read_bytes().count(b"\n") >= 2 * len(ITEMS)


def test_lm_eval_that_is_not_installed_is_told_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadRequest, match=r'pip install "goldloop\[lm-eval\]"'):
        lm_harness.check(["arc_easy"])


def test_a_task_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    with pytest.raises(BadRequest, match=r"no task file nowhere\.yaml"):
        lm_harness.check(["nowhere.yaml"])


TASK = """task: tiny_choices
dataset_path: json
dataset_kwargs:
  data_files:
    test: {file}
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: "{{{{answer}}}}"
metric_list:
  - metric: acc
  - metric: acc_norm
"""


def test_lm_eval_gives_the_same_accuracies_on_the_same_model(model, tmp_path):
    pytest.importorskip("lm_eval", reason='needs the optional extra: pip install "goldloop[lm-eval]"')
    rows = [{"question": i.question, "choices": list(i.choices), "answer": i.answer} for i in ITEMS]
    (tmp_path / "mc.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = tmp_path / "tiny.yaml"
    task.write_text(TASK.format(file=tmp_path / "mc.jsonl"))
    lines = {line["metric"]: line for line in lm_harness.run_tasks(model, [str(task)])}
    for name, what in (("acc", "right"), ("acc_norm", "right_by_length")):
        for arm, adapter in (("base", False), ("tuned", True)):
            own = sum(getattr(one, what) for one in read(model, adapter)) / len(ITEMS)
            assert lines[name][arm] == pytest.approx(own), (name, arm)
