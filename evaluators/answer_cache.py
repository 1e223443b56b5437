"""What a model already answered, so that nothing is asked twice, not even after a kill"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = "answers.jsonl"
EDITION = 1  # raise when the meaning of a cached line changes


def key_of(**parts: Any) -> str:
    """SHA-256 over everything that decides an answer: model, adapter, rendered prompt, decoding."""
    told = json.dumps({"edition": EDITION, **parts}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


class AnswerCache:
    """Answers and likelihoods by key, in `answers.jsonl` of a folder; without a folder, in memory only.

    Lines are only ever appended and synced batch by batch. A line torn by a kill or a full disk is passed over when the
    file is read, and the next append starts on a fresh line.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else Path(folder) / FILE
        self._known: dict[str, dict[str, Any]] = {}
        if self._path is not None and self._path.is_file():
            for line in self._path.read_bytes().splitlines():
                self._remember(line)

    def get(self, key: str) -> dict[str, Any] | None:
        """What was stored under the key, or None."""
        return self._known.get(key)

    def add(self, found: Mapping[str, Mapping[str, Any]]) -> None:
        """Store a batch; returns once it is on the disk."""
        self._known.update({key: dict(value) for key, value in found.items()})
        if self._path is not None and found:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_synced(
                self._path, [json.dumps({"key": key, **value}, ensure_ascii=False) for key, value in found.items()]
            )

    def _remember(self, line: bytes) -> None:
        try:
            value = json.loads(line)
            self._known[value.pop("key")] = value
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # torn by a kill: that batch is asked again


def append_synced(path: Path, lines: Sequence[str]) -> None:
    """Append whole lines in one write and sync them; a torn last line is closed off first."""
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        torn = False
        if end:
            file.seek(end - 1)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + "".join(line + "\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
