"""dolly: {"instruction", "context", "response", "category"}, as in databricks-dolly-15k.

The instruction and a non-empty context become the prompt, with a blank line between them; the category becomes a tag.
Export writes the whole prompt as the instruction with an empty context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats.format import Conversation, Format, Seen, text_of
from workbench.formats.pairs import single_turn, without_system
from workbench.rows import message


def fits(record: Mapping[str, Any]) -> bool:
    return all(key in record for key in ("instruction", "context", "response"))


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    asked = [text_of(record, key) for key in ("instruction", "context")]
    said = "\n\n".join(part for part in asked if part)
    turns = [message("user", said if said or "" in asked else None), message("assistant", text_of(record, "response"))]
    return Conversation(turns, ("instruction", "context", "response"))


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    system, prompt, reply = single_turn(messages, "dolly")
    without_system(system, "dolly")
    return {"instruction": prompt, "context": None if prompt is None else "", "response": reply}


FORMAT = Format("dolly", '"instruction", "context" and "response"', fits, read, write)
