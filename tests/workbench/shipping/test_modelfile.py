"""A Modelfile whose template renders the bytes of the model's own, or none and the reason."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from workbench.shipping.commands import vllm_adapter, vllm_whole
from workbench.shipping.go_template import NoGoTemplate, conversations, go_template, joints_of, rendered, stops_of
from workbench.shipping.modelfile import common_system, modelfile

SYSTEM, USER, REPLY = (
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "Hi {{there}}"},
    {"role": "assistant", "content": "Hello"},
)


@pytest.mark.parametrize("name", ["chatml", "llama3", "gemma", "mistral"])
def test_the_go_template_renders_the_bytes_of_the_chat_template(
    family: Callable[..., Any], go: Callable[..., str], name: str
) -> None:
    tokenizer = family(name)
    joints = joints_of(tokenizer)
    written = go_template(joints)
    for talk in conversations(joints.takes_system):
        assert go(written, talk) == rendered(tokenizer, talk)


def test_a_default_system_text_is_rendered_where_there_is_none(
    family: Callable[..., Any], go: Callable[..., str]
) -> None:
    assert go(go_template(joints_of(family("chatml"))), [USER]) == (
        "<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nHi {{there}}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_a_begin_token_that_the_tokenizer_adds_itself_is_left_to_ollama(
    family: Callable[..., Any], go: Callable[..., str]
) -> None:
    tokenizer = family("llama3", adds_begin=True)
    text = go(go_template(joints_of(tokenizer)), [USER])
    assert "<|begin_of_text|>" + text == rendered(tokenizer, [USER])
    assert not text.startswith("<|begin_of_text|>")


def test_a_template_that_looks_at_more_than_roles_gets_none_and_a_reason(family: Callable[..., Any]) -> None:
    with pytest.raises(NoGoTemplate, match="depends on more than their roles"):
        joints_of(family("mistral, system last"))
    made = modelfile(family("mistral, system last"), source="./merged")
    assert "TEMPLATE" not in made.text
    assert made.notes[0].startswith("The Modelfile has no TEMPLATE, because what it puts between two messages")


def test_an_answer_stops_at_the_end_of_turn_and_at_the_tokenizers_end(family: Callable[..., Any]) -> None:
    tokenizer = family("gemma")
    assert stops_of(joints_of(tokenizer), tokenizer) == ["<end_of_turn>", "<eos>"]


def test_the_modelfile_names_weights_adapter_stops_and_the_common_system_text(family: Callable[..., Any]) -> None:
    made = modelfile(family("chatml"), source="/models/my base", adapter="./adapter", system="Be short.")
    lines = made.text.splitlines()
    assert lines[:2] == ['FROM "/models/my base"', "ADAPTER ./adapter"]
    assert lines[-3:] == ["PARAMETER stop <|im_end|>", "PARAMETER temperature 0", 'SYSTEM """Be short."""']


def test_a_system_text_stands_there_only_when_every_row_has_the_same() -> None:
    assert common_system([[SYSTEM, USER], [SYSTEM, USER, REPLY]]) == "Be short."
    assert common_system([[SYSTEM, USER], [USER]]) is None
    assert common_system([[SYSTEM, USER], [{"role": "system", "content": "Be long."}, USER]]) is None


def test_a_template_that_trims_is_told(family: Callable[..., Any]) -> None:
    assert any("takes blanks off" in note for note in modelfile(family("llama3"), source="./merged").notes)


def test_vllm_gets_the_next_rank_it_allows_and_quoted_paths() -> None:
    command, _ = vllm_adapter("/my models/base", "desk-run-1", "/out/adapter", {"r": 20})
    assert command is not None
    assert command.text == (
        "vllm serve '/my models/base' --enable-lora --lora-modules desk-run-1=/out/adapter --max-lora-rank 32"
    )
    assert vllm_whole("./merged; rm -rf /", "x").text == "vllm serve './merged; rm -rf /' --served-model-name x"


def test_vllm_takes_no_dora_adapter() -> None:
    command, why = vllm_adapter("base", "x", "adapter", {"r": 8, "use_dora": True})
    assert (command, why) == (None, "vLLM loads no DoRA adapters: ship the merged model for it (--merge).")


@pytest.mark.skipif("GOLDLOOP_GO_RENDER" not in os.environ, reason="NOT TRIED with Go itself: no GOLDLOOP_GO_RENDER")
@pytest.mark.parametrize("name", ["chatml", "llama3", "gemma", "mistral"])
def test_go_itself_renders_the_same_bytes(family: Callable[..., Any], name: str) -> None:
    """GOLDLOOP_GO_RENDER: a program that reads {"Template", "Talks"} and writes a list of texts, by text/template."""
    tokenizer = family(name)
    joints = joints_of(tokenizer)
    talks = list(conversations(joints.takes_system))
    asked = {"Template": go_template(joints),
             "Talks": [[{"Role": m["role"], "Content": m["content"]} for m in talk] for talk in talks]}  # fmt: skip
    done = subprocess.run(
        [os.environ["GOLDLOOP_GO_RENDER"]], input=json.dumps(asked), text=True, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == [rendered(tokenizer, talk) for talk in talks]
