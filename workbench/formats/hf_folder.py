"""A Hugging Face data set folder: Parquet under data/ and a card, README.md, that `datasets.load_dataset` reads.

Columns: messages (role, content, and `more` as a JSON text where a turn has other keys), tags, extra.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadInput
from workbench.formats import parquet_table
from workbench.rows import Rows

DATA = "train-00000-of-00001.parquet"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
MOST_NAMED = 10  # sources and tags on the card


def write(target: Path, rows: Rows, replace: Callable[[Path, Callable[[IO[bytes]], Any]], None], ids: bool) -> None:
    """The folder `target`, whole or not at all. Raises BadInput where it holds something else already."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())) and not _is_ours(target):
        raise BadInput(f"{target} is there already and is no export of Goldloop's. Name another folder.")
    beside = target.with_name(f".{target.name[:100]}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        (beside / "data").mkdir(parents=True)
        replace(beside / "data" / DATA, lambda file: parquet_table.write(file, rows, ids=ids))
        replace(beside / "README.md", lambda file: file.write(card(rows, target.name).encode("utf-8")))
        if target.exists():
            old = target.with_name(f".{target.name[:100]}.old")
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
            beside.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            beside.rename(target)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror or error}. Nothing was changed there.") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _is_ours(target: Path) -> bool:
    """A folder with nothing in it but what this file writes."""
    if not target.is_dir() or target.is_symlink():
        return False
    held = {str(Path(folder, name).relative_to(target)) for folder, _, names in os.walk(target) for name in names}
    return held == {"README.md", str(Path("data", DATA))}


def card(rows: Rows, name: str) -> str:
    """README.md: the YAML head that the hub reads, and what a reader should know."""
    size = next((words for most, words in SIZES if len(rows) < most), "1M<n<10M")
    tags = Counter(tag for tags in rows.tags for tag in tags)
    sources = Counter(rows.frame["source"].to_list())
    turns = Counter(len(messages) for messages in rows.messages)
    head = "\n".join((
        "---", f"pretty_name: {_quoted(name)}", "task_categories:", "- text-generation", "tags:", "- goldloop",
        "- conversational", "size_categories:", f"- {size}", "configs:", "- config_name: default", "  data_files:",
        "  - split: train", "    path: data/train-*.parquet", "---",
    ))  # fmt: skip
    return f"""{head}

# {_line(name)}

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

The licence, the languages and who may use this are for its owner to write here.
"""


def _listed(counts: Counter[Any]) -> str:
    shown = [f"{_line(str(name))} ({count:,})" for name, count in counts.most_common(MOST_NAMED)]
    more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
    return ", ".join(shown) + more if shown else "none"


def _line(text: str) -> str:
    """A name on one line of Markdown, with nothing in it that Markdown would act on."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text)[:100]
    return "".join("\\" + sign if sign in "\\`*_[]<>|#!" else sign for sign in kept)


def _quoted(text: str) -> str:
    """A text in YAML's double quotes."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text)[:100]
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'
