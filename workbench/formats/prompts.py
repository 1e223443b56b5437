"""prompts: texts without replies, such as customers' questions; read when asked for, each as a row that waits for its
reply.

`prompts` finds the text by its key ("prompt", "question", "text", ...); `prompts:KEY` names it. Plain text files give
a prompt a line. The check missing_reply and the queue show such rows. Read only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats.format import Conversation, Format, Seen, Unreadable, text_of
from workbench.rows import message

KEYS = (
    "prompt", "question", "query", "instruction", "text", "sentence", "utterance", "message", "body", "description",
    "content", "input", "original", "full_text",
)  # fmt: skip


def _key(record: Mapping[str, Any]) -> str | None:
    lower = {key.lower(): key for key in record if isinstance(record[key], str)}
    return next((lower[key] for key in KEYS if key in lower), None)


def _read(record: Mapping[str, Any], key: str, seen: Seen) -> Conversation:
    if not (text := text_of(record, key)) or not text.strip():
        raise Unreadable(f'has nothing under "{key}".')
    seen["prompts without replies", key] += 1
    return Conversation([message("user", text)], (key,))


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    key = _key(record)
    assert key, "fits() said that a text is here"
    return _read(record, key, seen)


def named(key: str) -> Format:
    """prompts under a key of the user's own choice, as in `--format prompts:text`."""
    return Format("prompts", f'"{key}"', lambda record: key in record, lambda record, seen: _read(record, key, seen))


FORMAT = Format("prompts", "text to take as a prompt", lambda record: _key(record) is not None, read)
