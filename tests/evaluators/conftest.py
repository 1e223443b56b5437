"""A tiny Llama with random weights and a tiny tokenizer, made on the spot: no network, a second in all."""

import os
from pathlib import Path

import pytest

TEMPLATE = (
    "{% for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\n' + turn['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """A model folder: 2 layers, 300 byte-level tokens, a ChatML template, and a BOS that the tokenizer would add."""
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate([*SPECIAL, *letters])}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(SPECIAL)
    core.post_processor = processors.TemplateProcessing(
        single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<|endoftext|>", eos_token="<|im_end|>", pad_token="<|im_end|>"
    )
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            bos_token_id=0,
            eos_token_id=2,
            pad_token_id=2,
            initializer_range=0.3,
        )
    )
    folder = tmp_path_factory.mktemp("models") / "tiny"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_adapter(tiny_model, tmp_path_factory) -> Path:
    """A LoRA adapter for the tiny model that changes what it says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """The cache folder of the fetched embedded models, named by GOLDLOOP_MODELS."""
    folder = os.environ.get("GOLDLOOP_MODELS")
    if not folder:
        pytest.skip(
            "GOLDLOOP_MODELS is not set: the REAL embedded models are not tried (fetch them and name their folder)"
        )
    return Path(folder)


@pytest.fixture(scope="session")
def real_chat_model(embedded_models) -> Path:
    if not (embedded_models / "smollm2-135m" / "model.safetensors").is_file():
        pytest.skip(f"no smollm2-135m in {embedded_models}: the REAL chat model is not tried")
    return embedded_models / "smollm2-135m"


@pytest.fixture(scope="session")
def real_minilm(embedded_models) -> Path:
    if not (embedded_models / "minilm" / "model.safetensors").is_file():
        pytest.skip(f"no minilm in {embedded_models}: the REAL sentence vectors are not tried")
    return embedded_models / "minilm"
