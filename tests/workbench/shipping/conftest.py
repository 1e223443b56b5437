"""Small tokenizers with the chat templates of families, and what a Go template does to a conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CHATML = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are helpful.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA3 = (
    "{% for m in messages %}{% set content = '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n'"
    " + m['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for m in messages %}{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + m['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set talk = messages[1:] %}"
    "{% set told = messages[0]['content'] %}{% else %}{% set talk = messages %}{% endif %}"
    "{% for m in talk %}{% if m['role'] == 'user' %}{% if loop.WHERE and told is defined %}"
    "{{ '[INST] ' + told + '\n\n' + m['content'] + ' [/INST]' }}{% else %}"
    "{{ '[INST] ' + m['content'] + ' [/INST]' }}{% endif %}{% else %}"
    "{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
)
FAMILIES = {
    "chatml": (CHATML, ["<|im_start|>", "<|im_end|>"], None, "<|im_end|>"),
    "llama3": (LLAMA3, ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "<|begin_of_text|>", "<|eot_id|>"),
    "gemma": (GEMMA, ["<start_of_turn>", "<end_of_turn>"], "<bos>", "<eos>"),
    "mistral": (MISTRAL.replace("WHERE", "first"), ["[INST]", "[/INST]"], "<s>", "</s>"),
    "mistral, system last": (MISTRAL.replace("WHERE", "last"), ["[INST]", "[/INST]"], "<s>", "</s>"),
}


def tokenizer_of(family: str, *, adds_begin: bool = False) -> Any:
    """A tokenizer with one token a byte and the family's control tokens; adds_begin: it puts its begin token first."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    template, specials, bos, eos = FAMILIES[family]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=bos, eos_token=eos, pad_token=eos, additional_special_tokens=specials
    )
    if adds_begin:
        made.backend_tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, made.bos_token_id)]
        )
    made.chat_template = template
    return made


@pytest.fixture(scope="session")
def family() -> Callable[..., Any]:
    return tokenizer_of


@pytest.fixture(scope="session")
def go() -> Callable[[str, list[dict[str, str]]], str]:
    return by_the_rules_of_go


def by_the_rules_of_go(template: str, messages: list[dict[str, str]]) -> str:
    """What Go's text/template makes of a conversation, for the words that a Modelfile of ours uses.

    The real engine was tried by hand (Go 1.19, all families); this reads the same text by its own rules: range, if,
    else if, else, end, eq, a variable, .Role, .Content and quoted strings, nothing trimmed.
    """
    pieces = [piece for piece in re.split(r"(\{\{.*?\}\})", template, flags=re.DOTALL) if piece]
    tree, rest = _block(iter(pieces))
    assert rest is None, "an end too many"
    told: list[str] = []
    _write(tree, {"messages": messages, "before": "", "dot": None}, told)
    return "".join(told)


def _block(pieces: Iterator[str]) -> tuple[list[Any], str | None]:
    nodes: list[Any] = []
    for piece in pieces:
        if not piece.startswith("{{"):
            nodes.append(("text", piece))
            continue
        words = piece[2:-2].strip()
        if words == "end" or words.startswith("else"):
            return nodes, words
        if words.startswith("range "):
            inside, closing = _block(pieces)
            assert closing == "end"
            nodes.append(("range", inside))
        elif words.startswith("if "):
            branches, condition = [], words[3:]
            while True:
                inside, closing = _block(pieces)
                branches.append((condition, inside))
                if closing == "end":
                    break
                condition = str(closing).removeprefix("else").strip().removeprefix("if").strip()
            nodes.append(("if", branches))
        else:
            nodes.append(("say", words))
    return nodes, None


def _write(nodes: list[Any], state: dict[str, Any], told: list[str]) -> None:
    for kind, what in nodes:
        if kind == "text":
            told.append(what)
        elif kind == "range":
            for message in state["messages"]:
                state["dot"] = message
                _write(what, state, told)
        elif kind == "if":
            for condition, inside in what:
                if not condition or _holds(condition, state):
                    _write(inside, state, told)
                    break
        elif what.startswith("$before"):
            state["before"] = state["dot"]["role"] if what.endswith(".Role") else ""
        elif what == ".Content":
            told.append(state["dot"]["content"])
        else:
            told.append(json.loads(what))


def _holds(condition: str, state: dict[str, Any]) -> bool:
    name, wanted = re.fullmatch(r'eq (\.Role|\$before) "(\w*)"', condition).groups()  # type: ignore[union-attr]
    return (state["dot"]["role"] if name == ".Role" else state["before"]) == wanted
