"""Small tokenizers whose chat templates have the control structure of several families

Written for these tests after the families' published formats: ChatML (Qwen, SmolLM), Llama 3 (headers, `eot`), Mistral
(`[INST]`, the system prompt put before the last question), Gemma (no system role, `model` for the assistant), Zephyr
(marks of plain text, a SentencePiece tokenizer), Qwen 3 (an empty thought before the last reply), Harmony (gpt-oss: a
channel before a reply, another end for the last one), Command R7B (two end tokens in a row), and plain text without
any end (`User:`, `Assistant:`).
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
ZEPHYR = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\n' + m['content'] + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
QWEN3 = (
    "{% for m in messages %}{% set said = m['content'] %}{% if m['role'] == 'assistant' %}"
    "{% set thought = said.split('</think>')[0].split('<think>')[-1].strip() if '</think>' in said else '' %}"
    "{% set said = said.split('</think>')[-1].lstrip() %}"
    "{% if loop.last %}{% set said = '<think>\n' + thought + '\n</think>\n\n' + said %}{% endif %}{% endif %}"
    "{{ '<|im_start|>' + m['role'] + '\n' + said + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
HARMONY = (
    "{% for m in messages %}{% set last = loop.last and not add_generation_prompt %}"
    "{% if m['role'] == 'assistant' %}{{ '<|start|>assistant<|channel|>final<|message|>' + m['content'] }}"
    "{{ '<|return|>' if last else '<|end|>' }}{% else %}"
    "{{ '<|start|>' + m['role'] + '<|message|>' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"
)
COMMAND = (
    "{{ bos_token }}{% for m in messages %}{{ '<|turn|>' + m['role'] + '<|text|>' }}"
    "{{ m['content'] + ('<|end_text|>' if m['role'] == 'assistant' else '') + '<|end_turn|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|turn|>assistant<|text|>' }}{% endif %}"
)
PLAIN = (
    "{% for m in messages %}{{ m['role'] | capitalize + ': ' + m['content'] + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
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
    "zephyr": (ZEPHYR, [], "<s>", "</s>"),
    "qwen3": (QWEN3, ["<|im_start|>", "<|im_end|>"], None, "<|im_end|>"),
    "harmony": (HARMONY, ["<|start|>", "<|message|>", "<|channel|>", "<|end|>", "<|return|>"], None, "<|return|>"),
    "command": (COMMAND, ["<|turn|>", "<|text|>", "<|end_text|>", "<|end_turn|>"], "<bos>", "<|end_turn|>"),
    "plain": (PLAIN, [], None, "<eos>"),
}
PIECES = ("zephyr",)  # whose tokenizer puts a blank before a text, as SentencePiece does


def tokenizer_of(
    family: str, *, template: Any = None, adds_begin: bool = False, added: tuple[str, ...] = (), **named: Any
) -> Any:
    """A tokenizer of a family; template: another chat template; adds_begin: it writes its BOS by itself.

    added: further tokens that are not special.
    """
    from tokenizers import AddedToken, processors
    from transformers import PreTrainedTokenizerFast

    own, specials, bos, eos = SPECIALS[family]
    inner = _pieces() if family in PIECES else _bytes()
    inner.add_special_tokens([one for one in dict.fromkeys([*specials, bos, eos]) if one])
    inner.add_tokens([AddedToken(one, special=False, normalized=False) for one in added])
    if adds_begin and bos:
        inner.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, inner.token_to_id(bos))]
        )
    given = {"bos_token": bos, "eos_token": eos, "pad_token": eos, **named}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, additional_special_tokens=specials, **given)
    tokenizer.chat_template = template or own
    return tokenizer


def _bytes() -> Any:
    """One token a byte, and a few merges, among them two line breaks in a row."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: place for place, letter in enumerate(letters)}
    merges = [("\u010a", "\u010a"), ("t", "h"), ("th", "e"), ("\u0120", "a")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    return inner


def _pieces() -> Any:
    """Pieces with a sign for the blank before them, one set before the text itself, and bytes for all else."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = [chr(one) for one in range(33, 127)] + ["\u2581"]
    merges = [("\u2581", "t"), ("\u2581t", "h"), ("d", "a"), ("da", "y")]
    known = ["<unk>", *(f"<0x{one:02X}>" for one in range(256)), *letters, *(left + right for left, right in merges)]
    vocabulary = {one: place for place, one in enumerate(known)}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=True, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    inner.decoder = decoders.Sequence(steps)
    return inner
