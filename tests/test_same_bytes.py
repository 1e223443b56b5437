"""Training, evaluation and export show a model the same bytes, in the template families of `chat_families`."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from evaluators.models.chat_model import ChatModel
from evaluators.models.generation import cut
from training.tokens.encode import clean
from training.tokens.template import MASKED, Template, label
from workbench.shipping.go_template import joints_of

_spec = importlib.util.spec_from_file_location("chat_families", Path(__file__).parent / "chat_families.py")
assert _spec is not None
assert _spec.loader is not None
families = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(families)

FAMILIES = ("chatml", "llama3", "mistral", "gemma", "zephyr", "qwen3", "harmony", "command", "plain")
ASKED = {"role": "user", "content": "How long?\n\nTo Norway, 你好"}
SAID = {"role": "assistant", "content": "4 days.\n\nSee Orders > Track."}
AGAIN = [{"role": "user", "content": " And back?"}, {"role": "assistant", "content": "The same."}]
SYSTEM = {"role": "system", "content": "Be short."}
TALKS = {
    "one turn": [ASKED, SAID],
    "two turns": [ASKED, SAID, *AGAIN],
    "with a system prompt": [SYSTEM, ASKED, SAID, *AGAIN],
    "emoji, combining signs, right to left": [
        {"role": "user", "content": "\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301?"},
        {"role": "assistant", "content": "\u0301\u05e9\u05dc\u05d5\u05dd \U0001f1f3\U0001f1f4"},
        {"role": "user", "content": "\u0645\u0631\u062d\u0628\u0627\u200f \ufffd"},
        {"role": "assistant", "content": "\U0001f44d\U0001f3fd"},
    ],
}
CALL = {"type": "function", "function": {"name": "find_order", "arguments": '{"number": 418, "of": "Änne"}'}}
CALLING = [
    ASKED,
    {"role": "assistant", "content": "", "more": json.dumps({"tool_calls": [CALL]})},
    {"role": "tool", "content": "on its way"},
    SAID,
]


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ChatModel:
    """A tiny random Llama with the tokenizer of a family, one that writes its begin token by itself as the real do."""
    return tiny_chat_model(request.param, tmp_path_factory.mktemp(request.param))


def tiny_chat_model(family: str, folder: Path) -> ChatModel:
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = families.tokenizer_of(family, adds_begin=family != "zephyr")  # whose template writes none
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return ChatModel(folder)


def replies_of(talk: list[dict[str, Any]]) -> list[int]:
    return [place for place, turn in enumerate(talk) if turn["role"] == "assistant"]


def trained(tokenizer: Any, talk: list[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """The ids of a whole conversation in training, and the place where each trained reply begins."""
    row = label(talk, Template.of(tokenizer))
    labelled = [one != MASKED for one in row.labels]
    return row.ids, [at for at in range(1, len(labelled)) if labelled[at] and not labelled[at - 1]]


def fitting(family_model: ChatModel, name: str) -> list[dict[str, Any]]:
    if name == "with a system prompt" and "System role not supported" in family_model.tokenizer.chat_template:
        pytest.skip("Gemma takes no system prompt; that is found before a run (test_preflight)")
    return TALKS[name]


@pytest.mark.parametrize("name", list(TALKS))
def test_before_each_reply_training_reads_the_ids_that_the_evaluation_generates_from(
    model: ChatModel, name: str
) -> None:
    talk = fitting(model, name)
    ids, begins = trained(model.tokenizer, talk)
    asked = [model.token_ids(model.render(talk[:place])) for place in replies_of(talk)]
    assert [ids[:begin] for begin in begins] == asked


@pytest.mark.parametrize("name", list(TALKS))
def test_the_last_reply_ends_in_training_as_in_the_evaluations_likelihoods(model: ChatModel, name: str) -> None:
    talk = fitting(model, name)
    ids, begins = trained(model.tokenizer, talk)
    reply = model.reply_ids(talk[:-1], talk[-1]["content"])
    assert ids[begins[-1] : begins[-1] + len(reply)] == reply
    assert reply[-1] in model.stop_ids(type("Config", (), {"eos_token_id": None}))


@pytest.mark.parametrize("name", list(TALKS))
def test_a_model_that_writes_what_it_was_trained_on_answers_with_the_words_of_the_reply(
    model: ChatModel, name: str
) -> None:
    # without the thought or the channel that the template writes before them
    talk = fitting(model, name)
    ids, begins = trained(model.tokenizer, talk)
    written = ids[begins[-1] :]
    ends = model.stop_ids(type("Config", (), {"eos_token_id": None}))
    assert cut(model, written, ends)[::2] == (talk[-1]["content"], True)


@pytest.mark.parametrize("name", list(TALKS))
def test_before_each_reply_training_reads_the_ids_that_an_exported_template_renders(
    model: ChatModel, name: str
) -> None:
    talk = fitting(model, name)
    if "| trim" in model.tokenizer.chat_template:  # a Go template cannot trim, and the export says so
        talk = [{**turn, "content": turn["content"].strip()} for turn in talk]
    joints = joints_of(model.tokenizer)
    ids, begins = trained(model.tokenizer, talk)
    served = [joints.begin + joints.render(talk[:place]) for place in replies_of(talk)]
    assert [ids[:begin] for begin in begins] == [model.token_ids(text) for text in served]


def test_a_served_text_begins_once_for_a_runner_that_writes_the_begin_token_itself(model: ChatModel) -> None:
    joints = joints_of(model.tokenizer)
    runner = model.tokenizer(joints.render([ASKED]))[
        "input_ids"
    ]  # as Ollama does: the text, tokenized in the usual way
    assert runner == model.token_ids(model.render([ASKED]))


def test_tool_calls_are_the_same_bytes_in_training_and_evaluation(tmp_path: Path) -> None:
    chatml = tiny_chat_model("chatml", tmp_path)
    talk = clean(CALLING)
    ids, begins = trained(chatml.tokenizer, talk)
    text = chatml.render(talk[:-1])
    assert '{"name": "find_order", "arguments": {"number": 418, "of": "Änne"}}' in text
    assert ids[: begins[-1]] == chatml.token_ids(text)
