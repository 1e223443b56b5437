"""Tags: the labels of a row, by which it is grouped and sampled.

They are the record's "tags" (a list, or a text split at semicolons); without one, its "tag", "category" and "topic". The
record's own keys stay aside with the row unless `tags` says it all, so that an export gives back what came in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

NAMED = ("tag", "category", "topic")


def split_tags(record: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """(tags, the other keys to keep aside) of a record without its conversation."""
    named = [value.strip() for key in NAMED if isinstance(value := record.get(key), str) and value.strip()]
    own = record.get("tags")
    if isinstance(own, str):
        own = read_cell(own)
    if not isinstance(own, list) or not all(isinstance(tag, str) for tag in own):
        return named, record
    if own and own != named:
        return own, {key: value for key, value in record.items() if key != "tags"}
    return own, record


def join_tags(tags: Sequence[str], extra: dict[str, Any]) -> dict[str, Any]:
    """`extra` with "tags" added where it does not tell these tags already; `split_tags` reads them back."""
    return extra if split_tags(extra)[0] == list(tags) else {"tags": list(tags)} | {
        key: value for key, value in extra.items() if key != "tags"
    }


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
