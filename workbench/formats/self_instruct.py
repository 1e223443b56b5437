"""self_instruct: {"instruction", "instances": [{"input", "output"}, ...]}; each instance becomes a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats import alpaca
from workbench.formats.format import Conversation, Format, Seen, Unreadable, kind_of, text_of
from workbench.formats.pairs import single_turn, without_system
from workbench.rows import message


def fits(record: Mapping[str, Any]) -> bool:
    return "instruction" in record and isinstance(record.get("instances"), list)


def read_all(record: Mapping[str, Any], seen: Seen) -> list[Conversation]:
    instances = record["instances"]
    if not instances:
        raise Unreadable('has no instances: its "instances" is an empty list.')
    found = []
    for number, instance in enumerate(instances, 1):
        if not isinstance(instance, dict) or "output" not in instance:
            held = "no output" if isinstance(instance, dict) else f"{kind_of(instance)}, not an object"
            raise Unreadable(f'has {held} as instance {number} of its "instances".')
        task = {"instruction": record["instruction"], "input": instance.get("input")}
        turns, _ = alpaca.prompt_turns(task)
        turns.append(message("assistant", text_of(instance, "output")))
        found.append(Conversation(turns, ("instruction", "instances")))
    seen["several rows", "instances"] += len(found) - 1
    return found


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    return read_all(record, seen)[0]


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    system, prompt, reply = single_turn(messages, "self_instruct")
    without_system(system, "self_instruct")
    return {"instruction": prompt, "instances": [{"input": None if prompt is None else "", "output": reply}]}


FORMAT = Format("self_instruct", '"instruction" and "instances"', fits, read, write, read_all)
