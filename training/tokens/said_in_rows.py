"""What rows say of themselves, and what becomes of it: replies that are read only, and tools that they offer"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.tokens.calls import unfolded
from training.tokens.learned import context_marks, ignored_mark
from training.tokens.sign import Sign, rows_said, shown
from training.tokens.template import PROBE, Message, Template, Unfit

A_TOOL = {
    "type": "function",
    "function": {
        "name": PROBE,
        "description": PROBE,
        "parameters": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
    },
}


def said_in_rows(talks: Mapping[str, Sequence[Any]], tools: Mapping[str, Any], template: Template) -> list[Sign]:
    """What is found in rows (id -> messages) and in the tools that they offer (id -> as a table has them)."""
    offering = tuple(row_id for row_id, given in tools.items() if given)
    looks = (tools_dropped(template, offering), *_marked(talks))
    return [sign for sign in looks if sign is not None]


def tools_dropped(template: Template, rows: Sequence[str]) -> Sign | None:
    """Tools that rows offer and the template leaves out: the text is the same with and without them."""
    if not rows:
        return None
    asked: list[Message] = [{"role": "user", "content": "goldloop-question"}]
    try:
        text = template.offering([A_TOOL]).render(asked, prompt=True)
    except Unfit:  # then the rows themselves are refused, or it takes tools of another shape
        return None
    if PROBE in text:
        return None
    noun = "1 row offers" if len(rows) == 1 else f"{len(rows):,} rows offer"
    said = (
        f"{noun} tools, and the chat template silently leaves them out: the model is trained, evaluated and served "
        "without reading what it may call."
    )
    way_out = (
        "Choose a base model whose template shows tools (Qwen 2.5 and 3, Llama 3.1, Mistral 0.3 and others), or write "
        "them into the system prompt. Nothing to do if the replies need none of them."
    )
    return Sign("tools dropped", "warning", said, shown(text), way_out, tuple(rows))


def marks_in(messages: Sequence[Mapping[str, Any]]) -> str:
    """Which of a row's replies are read only, in a sentence; "" where all are learned."""
    marks = context_marks(messages)
    if not marks:
        return ""
    replies = sum(message.get("role") == "assistant" for message in messages)
    verb = "is" if len(marks) == 1 else "are"
    return f"{len(marks)} of {replies} replies {verb} context only ({marks[0]}): read, not learned."


def _marked(talks: Mapping[str, Sequence[Any]]) -> tuple[Sign | None, Sign | None]:
    """Replies marked as context only, and marks that have no effect here."""
    marks: list[str] = []
    context: list[str] = []
    ignored: dict[str, str] = {}
    for row_id, messages in talks.items():
        known = [unfolded(message) for message in messages or ()]
        if found := context_marks(known):
            marks += found
            context.append(row_id)
        if other := next((mark for message in known if (mark := ignored_mark(message))), None):
            ignored[row_id] = other
    return context_only(marks, context), _ignored(ignored)


def context_only(marks: Sequence[str], rows: Sequence[str] = ()) -> Sign | None:
    """Replies that are read and not learned. marks: one a reply; rows: the ids of theirs, where they are known."""
    if not marks:
        return None
    one = len(marks) == 1
    said = f"{'1 reply is' if one else f'{len(marks):,} replies are'} read as context only and not learned, as "
    said += "its row says." if one else "their rows say."
    evidence = f"{', '.join(sorted(set(marks)))}: rows {rows_said(tuple(rows))}"
    return Sign("context only", "hint", said, evidence, "Nothing to do.", tuple(rows))


def _ignored(found: Mapping[str, str]) -> Sign | None:
    if not found:
        return None
    rows = "1 row has a mark" if len(found) == 1 else f"{len(found):,} rows have marks"
    said = (
        f"{rows} without effect here: a reply is learned whole (1, true) or read only (0, false), and what is no reply "
        "is never learned."
    )
    evidence = f"{', '.join(sorted(set(found.values()))[:3])}: rows {rows_said(tuple(found))}"
    return Sign("mark ignored", "warning", said, evidence, "Write weight 0 or 1 on replies.", tuple(found))
