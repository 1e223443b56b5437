"""Tags, by which rows are grouped and sampled, and the other keys that are kept aside with a row.

They are the record's "tags" (a list, or a text split at semicolons); without one, its "tag", "category" and "topic".
The record's own keys stay aside with the row unless `tags` says it all, so that an export gives back what came in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

CONVERSATIONS = ("messages", "conversations", "conversation", "chosen_messages")  # keys that tell the format of a file
NAMED = ("tag", "category", "topic")


def split_tags(record: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """(tags, the other keys to keep aside) of a record without its conversation."""
    named = [value.strip() for key in NAMED if isinstance(value := record.get(key), str) and value.strip()]
    own = record.get("tags")
    if isinstance(own, str):
        own = read_cell(own)
        if not own:
            return named, {key: value for key, value in record.items() if key != "tags"}
    if not isinstance(own, list) or not all(isinstance(tag, str) for tag in own):
        return named, record
    if own and own != named:
        return own, {key: value for key, value in record.items() if key != "tags"}
    return own, record


def with_others(record: dict[str, Any], row: Mapping[str, Any], reads: Collection[str] = ()) -> dict[str, Any]:
    """The record with a row's tags and the keys kept aside, as `split_tags` reads them back.

    A kept key that the record needs for itself, or that the format reads as part of the conversation, goes under
    "extra" ("extra_2" where the row has kept an "extra" of its own).
    """
    others: dict[str, Any] = json.loads(row["extra"]) if row["extra"] else {}
    tags = list(row["tags"] or [])
    if split_tags(others)[0] != tags:
        others = {"tags": tags} | {key: value for key, value in others.items() if key != "tags"}
    clashing = {key: value for key, value in others.items() if key in record or key in reads or key in CONVERSATIONS}
    if clashing:
        others = {key: value for key, value in others.items() if key not in clashing}
        others["extra" if "extra" not in others else "extra_2"] = clashing
    return record | others


def read_cell(text: str) -> list[str]:
    """The tags of a cell: 'cards; limits', or a JSON list."""
    if text.startswith("["):
        try:
            tags = json.loads(text)
        except (ValueError, RecursionError):
            tags = None
        if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
            return tags
    return [tag.strip() for tag in text.split(";") if tag.strip()]


def write_cell(tags: Sequence[str]) -> str:
    """Tags as a cell that `read_cell` reads back."""
    text = "; ".join(tags)
    return text if read_cell(text) == list(tags) else json.dumps(list(tags), ensure_ascii=False)
