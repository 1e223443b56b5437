"""preference: a wanted and an unwanted reply, "chosen" and "rejected" (DPO), or a reply and a true/false "label" (KTO).

Goldloop trains on replies to imitate, so the chosen one becomes the reply and the rest stays aside with the row. A KTO
row whose label is false has no wanted reply and is not imported. `preferred.py` writes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats import alpaca, chat, pairs, sharegpt
from workbench.formats.format import Conversation, Format, Seen, Unreadable, text_of
from workbench.formats.turns import read_turn, read_turns
from workbench.rows import message

LABELS = ("label", "kto_tag")


def fits(record: Mapping[str, Any]) -> bool:
    if "chosen_messages" in record or ("chosen" in record and "rejected" in record):
        return True
    return _kto_label(record) is not None and _answered(record) is not None


def _answered(record: Mapping[str, Any]) -> Format | None:
    """The format of a KTO record's conversation: a list of turns, or TRL's "prompt" and "completion"."""
    if chat.FORMAT.fits(record):
        return chat.FORMAT
    if sharegpt.fits(record):
        return sharegpt.FORMAT
    return pairs.FORMAT if "prompt" in record and "completion" in record else None


def _kto_label(record: Mapping[str, Any]) -> str | None:
    return next((key for key in LABELS if isinstance(record.get(key), bool)), None)


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    label = _kto_label(record)
    if label and "chosen" not in record and "chosen_messages" not in record:
        if not record[label]:
            raise Unreadable(
                f"has the {label} false: its reply is marked as not wanted, and models learn from wanted replies here. "
                "To import it all the same, use --format chat or sharegpt."
            )
        seen["preference", "labelled true"] += 1
        form = _answered(record)
        assert form, "fits() said that a conversation is here"
        return form.read(record, seen)
    seen["preference", "chosen"] += 1
    if "chosen_messages" in record:
        return Conversation(read_turns(record["chosen_messages"], "chosen_messages", seen), ("chosen_messages",))
    turns, used = _asked(record, seen)
    chosen = record["chosen"]
    if isinstance(chosen, list):
        answered = read_turns(chosen, "chosen", seen)
        starts_over = len(answered) > 1  # TRL: without a prompt key, chosen is the whole conversation
        return Conversation(answered if starts_over else turns + answered, (*used, "chosen"))
    if isinstance(chosen, dict):
        return Conversation([*turns, read_turn(chosen, '"chosen"', seen)], (*used, "chosen"))
    return Conversation([*turns, message("assistant", text_of(record, "chosen"))], (*used, "chosen"))


def _asked(record: Mapping[str, Any], seen: Seen) -> tuple[list[dict[str, Any]], list[str]]:
    """The turns before the chosen reply and the keys they came from."""
    for key in ("messages", "conversations", "prompt", "question"):
        if key in record:
            value = record[key]
            told = text_of(record, "system") if "system" in record and key != "messages" else None
            system = [message("system", told)] if told else []
            turns = read_turns(value, key, seen) if isinstance(value, list) else [message("user", text_of(record, key))]
            return system + turns, [key, "system"] if system else [key]
    if "instruction" in record:
        return alpaca.prompt_turns(record)
    if isinstance(record["chosen"], list):
        return [], []
    raise Unreadable('has "chosen" and "rejected", but no "prompt" (or "conversations", or "instruction") before them.')


FORMAT = Format("preference", '"chosen" and "rejected"', fits, read)
