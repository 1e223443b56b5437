"""What a format is: how it is recognised, read and written.

A format file makes one `FORMAT`; a container (JSON Lines, JSON, CSV, Parquet) finds the records that formats read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Seen = Counter[tuple[str, str]]
"""What was met on the way, as (what happened, to what) -> how often; `notes.sentences` puts it into words."""


class Unreadable(Exception):
    """A record that cannot become a row. Its text is what follows "line 418 of support.jsonl"."""


class CannotHold(Exception):
    """A row that does not fit the format asked for. Its text is what follows the row's name."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands in a file; `value` is None when `problem` kept it from being read."""

    line: int  # 1-based: the line it starts on, or its number in a file without lines
    value: dict[str, Any] | None
    raw: str | None = None  # its own text; None where the container has none (Parquet)
    problem: str = ""  # what follows "line 418 of support.jsonl"
    unit: str = "line"  # what `line` counts: "line", or "record" or "row" where there are no lines to count


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns a record holds, and which of its keys they came from; its other keys are kept aside."""

    messages: list[dict[str, Any]]
    used: Collection[str]


@dataclass(frozen=True)
class Format:
    """One way to write down a conversation.

    `needs` completes the sentence 'line 418 has no ...'. `read` raises Unreadable, `write` raises CannotHold.
    """

    name: str
    needs: str
    fits: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any], Seen], Conversation]
    write: Callable[[list[dict[str, Any]]], dict[str, Any]] | None = None
    read_all: Callable[[Mapping[str, Any], Seen], list[Conversation]] | None = None  # where a record holds several
    reads: Collection[str] = ()  # keys that `read` takes for the conversation where a record has them


def quoted(names: Collection[str], most: int = 6) -> str:
    """'"prompt" and "answer"': names as a person would list them, the surplus counted."""
    shown = [json.dumps(shorten(str(name), 40), ensure_ascii=False) for name in list(names)[:most]]
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1] if shown else "none"


def shorten(text: str, most: int) -> str:
    """The text on one line, cut to `most` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 3] + "..."


def kind_of(value: Any) -> str:
    """What a value is, in a person's words: "a number", "a list"."""
    if value is None:
        return "empty (null)"
    if isinstance(value, bool):
        return "true or false"
    for types, words in (((int, float), "a number"), (str, "a text"), (list, "a list"), (dict, "an object")):
        if isinstance(value, types):  # type: ignore[arg-type]
            return words
    return f"a {type(value).__name__}"


def text_of(record: Mapping[str, Any], key: str) -> str | None:
    """The text under a key, None for null; raises Unreadable for anything else."""
    value = record[key]
    if value is None or isinstance(value, str):
        return value
    raise Unreadable(f'has {kind_of(value)} under "{key}" where a text belongs.')
