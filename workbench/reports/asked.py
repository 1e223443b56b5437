"""What was said before a reply, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = {"user": "Person", "assistant": "Assistant"}


def asked(turns: Sequence[Mapping[str, Any]]) -> str:
    """The conversation before the final reply, without the system text; names only where there are several turns."""
    before = turns[:-1] if turns and turns[-1]["role"] == "assistant" else turns
    spoken = [turn for turn in before if turn["role"] != "system"]
    if len(spoken) == 1:
        return str(spoken[0]["content"] or "")
    return "\n\n".join(f"{NAMES.get(turn['role'], turn['role'])}: {turn['content'] or ''}" for turn in spoken)
