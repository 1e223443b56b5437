"""chat: {"messages": [{"role", "content"}, ...]}, as OpenAI and most trainers have it.

Kept with a turn: tool_calls, tool_call_id, name, weight, any other key; a reply of weight 0 (or train, loss false) is
read in training and not learned. Content given as a list of text parts becomes one text. Export writes content as a
text and gives all other keys back as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats.format import Conversation, Format, Seen
from workbench.formats.turns import read_turns, write_turn

KEY = "messages"


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    return Conversation(read_turns(record[KEY], KEY, seen), (KEY,))


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {KEY: [write_turn(turn) for turn in messages]}


FORMAT = Format("chat", f'"{KEY}"', lambda record: KEY in record, read, write)
