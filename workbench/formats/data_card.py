"""The card of a dataset: what a hub and a reader want to know of its rows before they use them

The head is YAML as Hugging Face reads it; what nobody declared is said to be unknown and left out of the head.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.adapters.model_card import licence_lines, one_line, quoted
from workbench.rows import Rows

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
MOST_NAMED = 10  # sources and tags on the card
UNKNOWN = "The licence, the languages and who may use this are for its owner to write here."


@dataclass(frozen=True)
class DataText:
    """What is known of a dataset beyond its rows; every part may be empty. made, kept_out: Markdown."""

    languages: Sequence[str] = ()
    licence: str = ""
    """The one licence that all rows have, as far as anybody declared."""
    licence_note: str = ""
    made: str = ""
    kept_out: str = ""


def data_card(rows: Rows, name: str, text: DataText | None = None) -> str:
    """README.md: the YAML head that the hub reads, and what a reader should know. No text of a row is in it."""
    told = text or DataText()
    size = next((words for most, words in SIZES if len(rows) < most), "1M<n<10M")
    tags = Counter(tag for tags in rows.tags for tag in tags)
    sources = Counter(rows.frame["source"].to_list())
    turns = Counter(len(messages) for messages in rows.messages)
    head = "\n".join((
        "---", f"pretty_name: {quoted(name)}", *licence_lines(told.licence),
        *(["language:", *(f"- {quoted(one)}" for one in told.languages)] if told.languages else []),
        "task_categories:", "- text-generation", "tags:", "- goldloop", "- conversational", "size_categories:",
        f"- {size}", "configs:", "- config_name: default", "  data_files:", "  - split: train",
        "    path: data/train-*.parquet", "---",
    ))  # fmt: skip
    made = f"## How it was made\n\n{told.made}\n\n" if told.made else ""
    kept_out = f"## What was kept out\n\n{told.kept_out}\n\n" if told.kept_out else ""
    return f"""{head}

# {one_line(name)}

{len(rows):,} conversations for fine-tuning a language model, exported by Goldloop.

| column | holds |
|---|---|
| `messages` | the turns, each with `role` and `content`; `more`, where it is there, is a turn's other keys as JSON |
| `tags` | what the row was tagged with |
| `extra` | the other keys that came with the row, as JSON; only there where a row has some |

- Turns a conversation: {_listed(turns)}
- Sources: {_listed(sources)}
- Tags: {_listed(tags)}
- Digest of the rows: `{rows.digest}`

Load it with `datasets.load_dataset("path/to/this/folder", split="train")`.

{made}{kept_out}## Licence and use

{told.licence_note or UNKNOWN}
"""


def _listed(counts: Counter[Any]) -> str:
    shown = [f"{one_line(str(name))} ({count:,})" for name, count in counts.most_common(MOST_NAMED)]
    more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
    return ", ".join(shown) + more if shown else "none"
