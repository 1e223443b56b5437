"""Small real things to train: tokenizers with the templates of three families, and a randomly initialised Llama."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

CHATML = (
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA = (
    "{{ bos_token }}{% for m in messages %}{{ '<|head|>' + m['role'] + '<|/head|>\n\n' }}"
    "{{ m['content'] | trim + '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\n\n' }}{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
    "{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
    "{{ '<start>' + role + '\n' + m['content'] | trim + '<end>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start>model\n' }}{% endif %}"
)
CALLING = (  # with control tokens around the calls, as several families have
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content']}}"
    "{% for call in m['tool_calls'] or [] %}"
    "{{'<|call|>' + call.function.name + ' ' + call.function.arguments | tojson + '<|/call|>'}}{% endfor %}"
    "{{'<|im_end|>\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

# What a child runs before its training: behind the metric line of the step HELD_AT it stands still until there is a
# file HELD_UNTIL, or its parent is gone. A signal meets it there, however busy the machine is.
STANDING_STILL = """
import os, time
from training.run import watch
write, parent = watch.append_metrics, os.getppid()
def held(out, line):
    write(out, line)
    while line["step"] == int(os.environ["HELD_AT"]) and not os.path.exists(os.environ["HELD_UNTIL"]):
        if os.getppid() != parent:
            os._exit(1)
        time.sleep(0.01)
watch.append_metrics = held
"""
FROM_THE_COMMAND_LINE = """
from training.__main__ import main, ranks
ranks.leave(main())
"""

MakeTokenizer = Callable[..., Any]


def bytes_tokenizer(
    template: str | None, specials: list[str], *, bos: str | None = None, eos: str | None = None
) -> Any:
    """A tokenizer with one token a byte, a few merges (among them two line breaks in a row), and these specials."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: place for place, letter in enumerate(letters)}
    merges = [("\u010a", "\u010a"), ("t", "h"), ("th", "e"), ("\u0120", "a")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=bos, eos_token=eos, pad_token=eos, additional_special_tokens=specials
    )
    tokenizer.chat_template = template
    return tokenizer


@pytest.fixture(scope="session")
def standing_still() -> str:
    """Python text to put before what a child runs: it stands still behind the line of the step HELD_AT."""
    return STANDING_STILL


@pytest.fixture(scope="session")
def held_training() -> list[str]:
    """`python -m training`, which stands still behind the line of the step HELD_AT until there is a file HELD_UNTIL."""
    return [sys.executable, "-c", STANDING_STILL + FROM_THE_COMMAND_LINE]


@pytest.fixture(scope="session")
def chatml() -> Any:
    return bytes_tokenizer(CHATML, ["<|im_start|>", "<|im_end|>"], eos="<|im_end|>")


@pytest.fixture(scope="session")
def calling() -> Any:
    return bytes_tokenizer(CALLING, ["<|im_start|>", "<|im_end|>", "<|call|>", "<|/call|>"], eos="<|im_end|>")


@pytest.fixture(scope="session")
def llama() -> Any:
    return bytes_tokenizer(LLAMA, ["<|head|>", "<|/head|>", "<|eot|>"], bos="<|begin|>", eos="<|eot|>")


@pytest.fixture(scope="session")
def gemma() -> Any:
    return bytes_tokenizer(GEMMA, ["<start>", "<end>"], bos="<bos>", eos="<eos>")


@pytest.fixture(scope="session")
def tiny_model(chatml: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a randomly initialised Llama of some 30 thousand parameters and the ChatML tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(chatml),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=chatml.eos_token_id,
        pad_token_id=chatml.pad_token_id,
        tie_word_embeddings=True,
    )
    folder = tmp_path_factory.mktemp("tiny-llama")
    LlamaForCausalLM(config).save_pretrained(folder)
    chatml.save_pretrained(folder)
    return folder


def conversations(*turns: list[tuple[str, str]], groups: list[str] | None = None) -> pl.DataFrame:
    """Rows "r0", "r1", ... from lists of (role, content)."""
    table: dict[str, Any] = {
        "row_id": [f"r{place}" for place in range(len(turns))],
        "messages": [[{"role": role, "content": content} for role, content in one] for one in turns],
    }
    if groups is not None:
        table["group"] = groups
    return pl.DataFrame(table)


@pytest.fixture(scope="session")
def few_rows() -> pl.DataFrame:
    """24 short conversations of different lengths, easy to learn by heart."""
    return conversations(
        *([("user", f"say {n}"), ("assistant", f"the number is {n}" + " and on" * (n % 5))] for n in range(24))
    )


@pytest.fixture(scope="session")
def smollm() -> Path:
    """The real embedded model, where GOLDLOOP_MODELS says; else the test is skipped, loudly."""
    folder = Path(os.environ.get("GOLDLOOP_MODELS", "")) / "smollm2-135m"
    if not (folder / "model.json").is_file():
        pytest.skip("NOT TESTED on the real model: GOLDLOOP_MODELS names no folder with smollm2-135m in it")
    return folder
