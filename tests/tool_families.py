"""Chat templates with tools in the style of several families, written for these tests after their published formats

Hermes and Qwen (tools in the system turn, calls in <tool_call>), Llama 3.1 (tools in the first question, `parameters`),
Mistral 0.3 (tools before the last question only, a call written as it is), DeepSeek (arguments joined as text), and one
that prints arguments as they are.
"""

from __future__ import annotations

HERMES = (
    "{% if tools %}{{ '<|im_start|>system\n' }}"
    "{{ messages[0]['content'] if messages[0]['role'] == 'system' else 'You are helpful.' }}"
    "{{ '\n\n# Tools\n<tools>' }}{% for tool in tools %}{{ '\n' }}{{ tool | tojson }}{% endfor %}"
    "{{ '\n</tools><|im_end|>\n' }}"
    "{% elif messages[0]['role'] == 'system' %}{{ '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}"
    "{% endif %}{% for m in messages %}{% if m['role'] == 'tool' %}"
    "{{ '<|im_start|>user\n<tool_response>\n' + m['content'] + '\n</tool_response><|im_end|>\n' }}"
    "{% elif not (loop.first and m['role'] == 'system') %}{{ '<|im_start|>' + m['role'] }}"
    "{% if m['content'] or not m['tool_calls'] %}{{ '\n' + m['content'] }}{% endif %}"
    "{% for call in m['tool_calls'] or [] %}"
    "{{ '\n<tool_call>\n' + '{\"name\": \"' + call.function.name + '\", \"arguments\": ' }}"
    "{{ call.function.arguments | tojson }}{{ '}\n</tool_call>' }}{% endfor %}{{ '<|im_end|>\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA31 = (
    "{% macro turn(role) %}{{ '<|start_header_id|>' + role + '<|end_header_id|>\n\n' }}{% endmacro %}{{ bos_token }}"
    "{% for m in messages %}{% if m['role'] == 'tool' %}{{ turn('ipython') + m['content'] | tojson + '<|eot_id|>' }}"
    "{% elif m['tool_calls'] %}{% if m['tool_calls'] | length != 1 %}"
    "{{ raise_exception('This model only supports single tool-calls at once!') }}{% endif %}"
    "{% set call = m['tool_calls'][0].function %}{{ turn('assistant') + '{\"name\": \"' + call.name + '\", ' }}"
    "{{ '\"parameters\": ' }}{{ call.arguments | tojson }}{{ '}<|eot_id|>' }}"
    "{% else %}{{ turn(m['role']) }}{% if tools and loop.first %}{{ 'Functions:\n\n' }}"
    "{% for tool in tools %}{{ tool | tojson(indent=4) }}{{ '\n\n' }}{% endfor %}{% endif %}"
    "{{ m['content'] | trim + '<|eot_id|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ turn('assistant') }}{% endif %}"
)
MISTRAL3 = (
    "{{ bos_token }}{% set place = namespace(last=0) %}{% for m in messages %}{% if m['role'] == 'user' %}"
    "{% set place.last = loop.index0 %}{% endif %}{% endfor %}{% for m in messages %}{% if m['role'] == 'user' %}"
    "{% if tools and loop.index0 == place.last %}{{ '[AVAILABLE_TOOLS]' }}{{ tools | tojson }}"
    "{{ '[/AVAILABLE_TOOLS]' }}{% endif %}{{ '[INST]' + m['content'] + '[/INST]' }}"
    "{% elif m['role'] == 'tool' %}{{ '[TOOL_RESULTS]' + m['content'] + '[/TOOL_RESULTS]' }}"
    "{% elif m['tool_calls'] %}{{ '[TOOL_CALLS][' }}{% for call in m['tool_calls'] %}{{ call.function | tojson }}"
    "{% endfor %}{{ ']' + eos_token }}{% else %}{{ ' ' + m['content'] | trim + eos_token }}{% endif %}{% endfor %}"
)
JOINED = HERMES.replace("{{ call.function.arguments | tojson }}", "{{ '' + call.function.arguments }}")  # DeepSeek
PRINTED = HERMES.replace("{{ call.function.arguments | tojson }}", "{{ call.function.arguments }}")
SILENT = HERMES.replace("{% if tools %}", "{% if false %}")

FAMILIES = {  # name: (the family of `chat_families` whose tokens it has, its template)
    "hermes": ("chatml", HERMES),
    "llama 3.1": ("llama3", LLAMA31),
    "mistral 0.3": ("mistral", MISTRAL3),
    "arguments joined": ("chatml", JOINED),
    "arguments printed": ("chatml", PRINTED),
}
