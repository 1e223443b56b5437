"""Arguments of tool calls as a chat template takes them: mostly as an object, sometimes as JSON text

Training renders calls in the same way (`training.tokens.calls.rendered`); tests/test_same_tools.py holds both together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def with_arguments(render: Callable[[list[dict[str, Any]]], str], turns: Sequence[dict[str, Any]]) -> str:
    """A conversation's text, its calls' arguments as an object, or as text where the template wants that.

    Some templates join arguments to a text, which fails for an object (DeepSeek's), or print them as they are, which
    writes an object as Python does: with single quotes, no JSON. Raises what `render` raises for both.
    """
    given = [function["arguments"] for turn in turns for function in functions_of(turn)]
    if not given:
        return render(list(turns))
    as_text = [texted(turn) for turn in turns]
    try:
        text = render(list(turns))
    except Exception:
        try:
            return render(as_text)
        except Exception:  # then the fault lies elsewhere, and what the first try says is nearer to it
            return render(list(turns))
    written = any(str(one) in text and json.dumps(one, ensure_ascii=False) not in text for one in given)
    return render(as_text) if written else text


def functions_of(turn: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The functions that a turn calls with arguments that are an object and not empty."""
    listed = turn.get("tool_calls")
    calls = [one.get("function", one) for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    return [
        one for one in calls if isinstance(one, dict) and isinstance(one.get("arguments"), dict) and one["arguments"]
    ]


def texted(turn: dict[str, Any]) -> dict[str, Any]:
    """The turn with its calls' arguments as JSON text."""
    if not functions_of(turn):
        return turn

    def told(call: Any) -> Any:
        if isinstance(call, dict) and isinstance(call.get("function"), dict):
            return {**call, "function": told(call["function"])}
        if isinstance(call, dict) and isinstance(call.get("arguments"), dict):
            return {**call, "arguments": json.dumps(call["arguments"], ensure_ascii=False)}
        return call

    return {**turn, "tool_calls": [told(call) for call in turn["tool_calls"]]}
