"""One thing that was found before a run, with the very text as evidence and the way out"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CONTEXT = 24  # characters of the rendered text shown on either side of what a finding is about


@dataclass(frozen=True)
class Sign:
    """One thing that the template, or the rows as it renders them, do: what, the very text as evidence, the way out.

    rows: the ids of the rows it is about; empty when it is about the template alone.
    """

    kind: str
    severity: Literal["error", "warning", "hint"]
    text: str
    evidence: str
    way_out: str
    rows: tuple[str, ...] = ()
    stops: bool = False


def shown(text: str) -> str:
    """A piece of rendered text on one line."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')


def around(text: str, word: str) -> str:
    """The rendered text around a word."""
    at = text.find(word)
    return shown(text[max(0, at - CONTEXT) : at + len(word) + CONTEXT])


def rows_said(rows: Sequence[str], most: int = 5) -> str:
    """Some row ids: "r1, r2 and 7 more"."""
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return ", ".join(rows[:most]) + more
