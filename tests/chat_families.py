"""Small tokenizers whose chat templates have the control structure of four families

Written for these tests after the families' published formats: ChatML (Qwen, SmolLM), Llama 3 (headers, `eot`), Mistral
(`[INST]`, the system prompt put before the last question) and Gemma (no system role, `model` for the assistant).
"""

from __future__ import annotations

from typing import Any

CHATML = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + m['role']}}{% if m['content'] or not m['tool_calls'] %}{{ '\n' + m['content']}}{% endif %}"
    "{% if m['tool_calls'] is defined and m['tool_calls'] %}{% for call in m['tool_calls'] %}"
    "{{ '\n<tool_call>\n' + ({'name': call.function.name, 'arguments': call.function.arguments} | tojson)"
    " + '\n</tool_call>' }}{% endfor %}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA3 = (
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
MISTRAL = (
    "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
    "{% set talk = messages[1:] %}{% else %}{% set talk = messages %}{% endif %}"
    "{{ bos_token }}{% for m in talk %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if m['role'] == 'user' %}{% if loop.first and system is defined %}"
    "{{ '[INST] ' + system + '\n\n' + m['content'] + '[/INST]' }}"
    "{% else %}{{ '[INST] ' + m['content'] + '[/INST]' }}{% endif %}"
    "{% else %}{{ ' ' + m['content'] | trim + eos_token }}{% endif %}{% endfor %}"
)
MISTRAL_LAST = MISTRAL.replace("loop.first and system", "loop.last and system")
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + m['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
SPECIALS = {
    "chatml": (CHATML, ["<|im_start|>", "<|im_end|>"], None, "<|im_end|>"),
    "llama3": (
        LLAMA3,
        ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        "<|begin_of_text|>",
        "<|eot_id|>",
    ),
    "mistral": (MISTRAL, ["[INST]", "[/INST]"], "<s>", "</s>"),
    "mistral_last": (MISTRAL_LAST, ["[INST]", "[/INST]"], "<s>", "</s>"),
    "gemma": (GEMMA, ["<start_of_turn>", "<end_of_turn>"], "<bos>", "<eos>"),
}


def tokenizer_of(family: str, *, template: str | None = None, adds_begin: bool = False, **named: Any) -> Any:
    """A byte-level tokenizer of a family; template: another chat template; adds_begin: it writes its BOS by itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    own, specials, bos, eos = SPECIALS[family]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: place for place, letter in enumerate(letters)}
    merges = [("\u010a", "\u010a"), ("t", "h"), ("th", "e"), ("\u0120", "a")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([one for one in dict.fromkeys([*specials, bos, eos]) if one])
    if adds_begin and bos:
        inner.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, inner.token_to_id(bos))]
        )
    given = {"bos_token": bos, "eos_token": eos, "pad_token": eos, **named}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, additional_special_tokens=specials, **given)
    tokenizer.chat_template = template or own
    return tokenizer
