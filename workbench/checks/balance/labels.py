"""Which replies, or else which tags, are labels: a small set of short answers that come again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from workbench.rows import Rows

FEWEST_ROWS = 50  # with fewer, a label that comes twice says nothing about a vocabulary
LONGEST = 60  # characters of a label: "Refund_not_showing_up" has 21
SHORT = 0.9  # part of the replies that must be as short as labels
SHARED = 0.95  # part of those that must share their label with another row
ROWS_A_LABEL = 5  # on average; banking77 has 130, the open questions of Alpaca 1.0


@dataclass(frozen=True)
class Labels:
    """of: (N,) the label of each row as written, "" for none; where: "reply" or "tag"."""

    of: list[str]
    where: str


def find_labels(rows: Rows) -> Labels | None:
    """The labels of the rows, or None where neither replies nor first tags look like a label vocabulary."""
    for where, texts in (("reply", rows.reply), ("tag", [tags[0] if tags else "" for tags in rows.tags])):
        found = _as_labels(texts)
        if found is not None:
            return Labels(found, where)
    return None


def _as_labels(texts: list[str]) -> list[str] | None:
    there = [text.strip() for text in texts if text and text.strip()]
    if len(there) < FEWEST_ROWS:
        return None
    short = Counter(text for text in there if len(text) <= LONGEST and "\n" not in text)
    total = sum(short.values())
    shared = sum(count for count in short.values() if count > 1)
    if total < SHORT * len(there) or shared < SHARED * total or not 2 <= len(short) <= total / ROWS_A_LABEL:
        return None
    return [text.strip() if text.strip() in short else "" for text in texts]
