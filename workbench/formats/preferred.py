"""Writes preference pairs as TRL's trainers take them: "prompt", "chosen" and "rejected" (DPO), or a "label" (KTO).

The reply of a row is the wanted one; the unwanted one is what an import kept aside as "rejected". Where every row is
one exchange of plain texts they are written as texts, else all as lists of turns. Under KTO a row gives its reply with
the label true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workbench.formats import trl
from workbench.formats.format import CannotHold, Seen, Unreadable
from workbench.formats.tags import with_others
from workbench.formats.turns import read_turn, read_turns, write_turn

REJECTED = ("rejected", "rejected_messages")
READS = (*trl.FORMAT.reads, "kto_tag")  # what an import takes for the conversation or its label


def is_plain(row: Mapping[str, Any]) -> bool:
    """Whether a row is one exchange of plain texts with an unwanted text; a file is all texts or all turns."""
    roles = [turn["role"] for turn in row["messages"]]
    plain = roles == ["user", "assistant"] and all(t["content"] is not None and not t["more"] for t in row["messages"])
    return plain and isinstance((json.loads(row["extra"]) if row["extra"] else {}).get("rejected"), str)


def preference_record(row: Mapping[str, Any], *, as_texts: bool) -> dict[str, Any]:
    """A row as a pair. Raises CannotHold where nothing was rejected."""
    extra = json.loads(row["extra"]) if row["extra"] else {}
    key = next((key for key in REJECTED if extra.get(key)), None)
    if key is None:
        raise CannotHold(
            'has no unwanted reply (nothing is kept aside as "rejected"), and preference pairs need one. '
            "Export with --format trl or chat."
        )
    prompt, chosen = trl.split(row["messages"], "preference")
    if not prompt:
        raise CannotHold("has a reply and no prompt before it. Export with --format chat.")
    rejected = extra.pop(key)
    if as_texts:
        record: dict[str, Any] = {"prompt": prompt[0]["content"], "chosen": chosen["content"], "rejected": rejected}
    else:
        record = {"prompt": prompt, "chosen": [chosen], "rejected": _turns(rejected, prompt)}
    return with_others(record, {**row, "extra": json.dumps(extra) if extra else None}, READS)


def _turns(rejected: Any, prompt: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The unwanted reply as turns, without the prompt where it stands before it."""
    seen: Seen = Seen()
    try:
        if isinstance(rejected, str):
            return [{"role": "assistant", "content": rejected}]
        if isinstance(rejected, dict):
            return [write_turn(read_turn(rejected, '"rejected"', seen))]
        turns = [write_turn(turn) for turn in read_turns(rejected, "rejected", seen)]
    except Unreadable as problem:
        raise CannotHold(f"{problem} Export with --format chat.") from None
    shared = len(prompt)
    same = [(turn["role"], turn["content"]) for turn in prompt] == [
        (turn["role"], turn["content"]) for turn in turns[:shared]
    ]
    return turns[shared:] if same and len(turns) > shared else turns


def kto_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its reply labelled as wanted; a label that the row has already is kept."""
    record: dict[str, Any] = trl.write(row["messages"])
    extra = json.loads(row["extra"]) if row["extra"] else {}
    if isinstance(extra.get("kto_tag"), bool):
        extra["label"] = extra.pop("kto_tag")
    label = extra.pop("label", True)
    if not isinstance(label, bool):
        raise CannotHold('has a "label" that is neither true nor false. Export with --format chat.')
    record["label"] = label
    return with_others(record, {**row, "extra": json.dumps(extra) if extra else None}, (*READS, "chosen"))
