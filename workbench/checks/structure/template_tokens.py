"""Template token inside the text

`<|im_end|>`, `[INST]` or `</s>` in a content are not text to the model: they end the turn where they stand, or open
one that nobody wrote. `### Response:` left from an instruction template is learned as something to write.

Known limits
    Code blocks and inline code are left out, and so are conversations that speak of chat templates or of special
    tokens. `</s>` that closes a struck-out passage of HTML is left alone. Headings such as `### Input:` count only
    beside `### Instruction:` or `### Response:`.
Source
    The special tokens of the ChatML, Llama 2 and 3, Mistral, Gemma, Phi and DeepSeek templates; the prompt templates
    of Alpaca and Vicuna.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.prose import without_code
from workbench.rows import Rows

TOKEN = re.compile(
    r"<\|[A-Za-z][\w ]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|</?(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>"
    r"|\[/?(?:AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|SYSTEM_PROMPT)\]|<(?:bos|eos|pad|unk)>|\A<s>"
    r"|<s>(?=\s*\[INST\])|</s>"
)
HEADING = re.compile(r"^#{2,3} ?(Response|Instruction|Input|Human|Assistant|User|System)s?:", re.M | re.I)
WEAK_HEADINGS = ("input", "user", "system", "instruction")  # one alone may head a section of an ordinary text
STRUCK_OUT = re.compile(r"<s>(?!\s*\[INST\])[^<\n]{1,200}</s>")
TEMPLATE_WORDS = (
    *(
        f"{kind}{gap}{what}"
        for kind in ("chat", "prompt", "instruction")
        for gap in " -"
        for what in ("template", "format")
    ),
    *("special token", "tokenizer", "tokeniser", "chatml"),
    *(f"end{gap}of{gap}{what}" for gap in " -" for what in ("turn", "text", "sequence", "sentence")),
)
LIKELY = (
    r"<\||<｜|_of_turn>|INST\]|SYS>>|(?:_TOOLS|_RESULTS|_CALLS|_PROMPT)\]|<(?:bos|eos|pad|unk|s|/s)>"
    r"|#{2,3} ?[A-Za-z]+:"
)


@check(
    severity="error",
    flags=Rows.of(
        "Good day.<|im_end|>",
        ("[INST] When do you open? [/INST]", "At nine."),
        "At nine.</s>",
        ("### Instruction:\nSay when we open.\n\n### Response:", "At nine."),
    ),
    passes=Rows.of(
        "Press [Enter] and wait.",
        "Write `</s>` at the end.",
        ("Which special tokens does Llama 2 have?", "It marks a turn by [INST] and [/INST]."),
        "It was <s>ten</s> nine euros.",
        "### Opening hours:\nNine to five.",
    ),
    mend="strip_markup",
)
def template_tokens(rows: Rows) -> Findings:
    """Measure: number of template tokens and headings in the row's turns."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter(pl.col("content").str.contains(LIKELY))
    for row, turn, role, content in likely.select("row", "turn", "role", "content").iter_rows():
        found = list(find_tokens(content))
        if not found or _speaks_of_templates(rows.text[row]):
            continue
        spans[row] += [(turn, start, end) for start, end in found]
        start, end = found[0]
        notes[row] = notes[row] or f'"{content[start:end]}" stands in turn {turn + 1} ({role or "no role"})'
    for row, places in enumerate(spans):
        if len(places) > 1:
            notes[row] += f", and {len(places) - 1} more"
    return above([len(places) for places in spans], 0, notes, spans)


def _speaks_of_templates(text: str) -> bool:
    """Whether a conversation is about chat templates and their tokens."""
    small = text.lower()
    return any(word in small for word in TEMPLATE_WORDS)


def find_tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where template tokens and headings stand in a text outside its code, in order."""
    prose = STRUCK_OUT.sub(lambda found: " " * len(found.group()), without_code(text))
    headings = list(HEADING.finditer(prose))
    names = {found.group(1).lower() for found in headings}
    strong = len(names) > 1 or bool(names - set(WEAK_HEADINGS))
    yield from sorted(found.span() for found in (*TOKEN.finditer(prose), *(headings if strong else ())))
