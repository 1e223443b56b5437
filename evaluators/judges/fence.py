"""A fence around text under judgement, so that it can give the judge no orders

Every line of the text is quoted with "| ", so that no line of it can begin a role, a JSON object or a fence. The fence
lines carry a code drawn for this call alone, after the text was written: the text cannot close its own fence. Control
tokens of chat templates lose their brackets, and characters that nobody sees become visible.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

LONGEST = 6000  # characters of one text; about 1,500 tokens, so that four of them fit a context of 8,192
HEAD_SHARE = 2 / 3  # of a text that is too long: the beginning says what it is about, the end how it ends
CODE_BYTES = 6
LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
BRACKET_ROLE = re.compile(
    r"\[(/?)\s*(INST|SYS|SYSTEM|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\s*\]", re.I
)
UNSEEN = {
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
}  # Unicode: control, format (zero width, direction), private
JOINERS = "\u200c\u200d"  # needed to write Persian, Hindi and family emoji: kept beside letters, they spell no word
VARIATION = ("\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef")  # 256 selectors can carry a hidden message byte by byte
ORDERS = re.compile(
    r"(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|these|of|every|previous|prior|above|earlier)\s+){1,4}"
    r"(?:instructions?|rules?|criteria|rubric|prompts?|text|directions?)"
    r"|[\"']verdict[\"']\s*:|<\|?(?:im_start|im_end|system|assistant|start_header_id|eot_id|endoftext)\|?>"
    r"|\[/?INST\]|<</?SYS>>"
    r"|(?:you are|dear|note to|attention)\s+(?:the\s+|an?\s+)?(?:impartial\s+)?"
    r"(?:judge|grader|evaluator|examiner)\b.{0,80}"
    r"(?:choose|pick|prefer|say|answer|verdict|score|rate|vote|give)"
    r"|(?:rate|score|grade)\s+(?:me|this(?:\s+answer)?)\s+(?:a\s+)?(?:10|5|full|highest|pass)"
    r"|(?:say|choose|pick|prefer|select)\s+(?:answer\s+|response\s+)?[\"'(]?[AB][\"')]?(?:\s*[.!,]|\s*$)"
    r"|(?:correct|final|only)\s+verdict\s+(?:is|must be|should be)\s*:?\s*[\"']?(?:A|B|tie|pass|10)\b",
    re.I | re.S,
)


def draw_code(texts: Iterable[str] = ()) -> str:
    """A code for one call, 12 hexadecimal digits, which none of the texts holds."""
    known = list(texts)
    while True:
        code = secrets.token_hex(CODE_BYTES)
        if not any(code in text for text in known):
            return code


def fenced(label: str, text: str, code: str, *, most: int = LONGEST) -> str:
    """The text between two fence lines, each of its lines quoted.

    label: "TASK", "ANSWER A" ... . A text longer than `most` characters loses its middle, and says how much.
    """
    body = "\n".join(f"| {line}" for line in harmless(capped(text, most)).split("\n"))
    return f"=== {code} BEGIN {label} ===\n{body}\n=== {code} END {label} ==="


def capped(text: str, most: int = LONGEST) -> str:
    """The text with its middle left out where it is too long."""
    if len(text) <= most:
        return text
    head = int(most * HEAD_SHARE)
    return f"{text[:head]}\n[{len(text) - most:,} characters left out]\n{text[head - most :]}"


def harmless(text: str) -> str:
    """The text with one kind of line end, no control token of a chat template, and every unseen character visible."""
    lines = LINE_ENDS.sub("\n", text)
    seen = "".join(_visible(char, lines, place) for place, char in enumerate(lines))
    escaped = seen.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return BRACKET_ROLE.sub(lambda found: f"[ {found[1]}{found[2]} ]", escaped)


def gives_orders(text: str) -> str:
    """The words in a text that are meant for a judge rather than for the person who asked; "" where there are none.

    Such an answer gets no verdict from a model and goes to a person. Looks through unseen characters and full-width
    letters. A net and not a wall: the fence and the code are what keeps a verdict honest.
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in UNSEEN or c == "\n"
    )
    found = ORDERS.search(plain)
    return found[0] if found else ""


def _visible(char: str, text: str, place: int) -> str:
    if char in "\n\t":
        return char
    hidden = unicodedata.category(char) in UNSEEN
    if char in JOINERS:
        around = text[place - 1 : place] + text[place + 1 : place + 2]
        hidden = len(around) < 2 or any(one.isascii() or one in JOINERS for one in around)
    elif VARIATION[0] <= char <= VARIATION[1] or VARIATION[2] <= char <= VARIATION[3]:
        hidden = char != "\ufe0f" or text[place - 1 : place] in ("", "\ufe0f")  # one of them makes an emoji coloured
    return f"[U+{ord(char):04X}]" if hidden else char
