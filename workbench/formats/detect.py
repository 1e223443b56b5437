"""Which container and which format a file has, by what stands in it; its suffix only breaks a tie."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from workbench.errors import BadInput
from workbench.formats import (
    alpaca,
    chat,
    dolly,
    openassistant,
    pairs,
    preference,
    prompts,
    self_instruct,
    sharegpt,
    squad,
    talk,
)
from workbench.formats.csv_table import DELIMITERS, KNOWN, LIST_COLUMNS
from workbench.formats.format import Format, Record, quoted
from workbench.formats.look import Look
from workbench.formats.packed import bare_name

FORMATS: dict[str, Format] = {  # the first that fits a record is its format
    module.FORMAT.name: module.FORMAT
    for module in (preference, chat, sharegpt, openassistant, squad, dolly, self_instruct, alpaca, pairs, talk)
}
ALIASES = {"openai": "chat", "trl": "pairs", "kto": "preference", "dpo": "preference", "oasst": "openassistant"}
CONTAINERS = ("jsonl", "json", "csv", "parquet", "arrow", "xlsx")
LABELS = ("label", "category", "class", "intent", "topic", "tag", "sentiment")
TEXTS = ("text", "sentence", "utterance", "question", "message", "content", "query", "input", "prompt")
TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
FIRST_ROWS = 20


def asked_for(name: str | None) -> tuple[Format | None, str | None]:
    """(format, container) that `--format` names; None for what it leaves open. Raises BadInput on an unknown name."""
    if name is None or name == "auto":
        return None, None
    kind, _, keys = name.partition(":")
    if kind == "prompts":
        return (prompts.named(keys.strip()) if keys.strip() else prompts.FORMAT), None
    if name == "openassistant:all":
        return openassistant.EVERY_PATH, None
    if name in ALIASES:
        return FORMATS[ALIASES[name]], None
    if name == "hf":  # what an export calls a folder; a folder is told by itself
        return None, None
    if kind == "pairs" and keys:
        named = [key.strip() for key in keys.split(",")]
        if len(named) != 2 or not all(named):
            raise BadInput(f"--format {name} needs two keys, as in pairs:question,answer.")
        return pairs.named_pair(*named), None
    if name in FORMATS:
        return FORMATS[name], None
    if name in CONTAINERS:
        return None, name
    raise BadInput(
        f"There is no format {name!r}. Known are {', '.join(sorted(FORMATS))}, csv, parquet, xlsx, prompts (texts "
        "without replies, also as prompts:KEY) and pairs:PROMPT,REPLY with key names of your own."
    )


def container_of(look: Look, wanted: str | None, *, lines: bool = False) -> str:
    """jsonl, json, csv, parquet, arrow, xlsx or lines. Raises BadInput where the file is none, or not what is wanted.

    lines: plain text may be read line by line, as prompts are.
    """
    found = look.binary or (wanted if wanted == "csv" else _text_container(look, lines))
    if wanted in ("csv", "parquet", "arrow", "xlsx") and found != wanted:
        raise BadInput(f"{look.name} is not {wanted}: it looks like {found}. Without --format it is told by itself.")
    return found


def _text_container(look: Look, lines_will_do: bool) -> str:
    head = look.head.lstrip("\ufeff \t\r\n\x00")
    lines = [line for line in head.replace("\r", "\n").split("\n") if line.strip()][:20]
    suffix = bare_name(look.name).lower()
    if head.startswith("["):
        return "json"
    if sum(line.startswith("{") and line.strip() != "{" for line in lines) * 2 >= len(lines):
        return "jsonl"
    if head.startswith("{"):
        return "json"
    if suffix.endswith((".jsonl", ".ndjson", ".json")):
        return "jsonl"
    only_column = lines[0].strip().strip('"').lower()
    if suffix.endswith(TABLE_SUFFIXES) or only_column in LIST_COLUMNS or _in_columns(head):
        return "csv"
    if lines_will_do:
        return "lines"
    raise BadInput(
        f"{look.name} is plain text without columns or keys, so nothing tells prompts from replies. "
        "Make it a CSV with the columns prompt and completion, or JSON Lines. To take each line as a prompt whose "
        "reply is still to be written, import it with --format prompts."
    )


def _in_columns(head: str) -> bool:
    """Whether a text stands in columns: most of its first rows have as many cells as the first, and that is several.

    Prose has commas too, but not the same number on every line.
    """
    for sign in DELIMITERS:
        try:
            found = list(csv.reader(islice(io.StringIO(head, newline=""), 200), delimiter=sign))
        except csv.Error:
            continue
        rows = [cells for cells in found[:FIRST_ROWS] if cells]
        if rows and len(rows[0]) > 1 and any(cell.strip().lower() in KNOWN for cell in rows[0]):
            return True
        same = sum(len(cells) == len(rows[0]) for cells in rows) if rows else 0
        if rows and len(rows[0]) > 1 and same * 2 > len(rows):
            return True
    return False


def format_of(sample: Iterable[Record], name: str, container: str) -> Format:
    """The format that most of the records have. Raises BadInput where none has any."""
    values = [record.value for record in sample if record.value is not None]
    votes = Counter(form.name for value in values if (form := fitting(value)))
    if votes:
        return FORMATS[votes.most_common(1)[0][0]]
    raise BadInput(_no_format(values[0], name, container))


def fitting(value: dict[str, Any]) -> Format | None:
    """The format that a record has by its keys, None for none."""
    return next((form for form in FORMATS.values() if form.fits(value)), None)


def _no_format(record: dict[str, Any], name: str, container: str) -> str:
    """What the file has instead of prompt and reply, and the likeliest way out."""
    keys = list(record)
    noun = "column" if container in ("csv", "parquet", "arrow", "xlsx") else "key"
    have = f"the {noun}{'s' if len(keys) != 1 else ''} {quoted(keys)}" if keys else f"no {noun}s"
    start = f"{name} has {have}, and no pair of prompt and reply that Goldloop knows."
    inner = next((key for key, value in record.items() if isinstance(value, list) and len(keys) < 4), None)
    if container == "json" and inner:
        return f'{start} Its "{inner}" holds a list of {len(record[inner])}: save that list as a file of its own.'
    if len(keys) < 2:
        return f'{start} Add a reply to every text, in {noun}s named "prompt" and "completion".{_as_prompts(record)}'
    label = next((key for key in keys if key.lower() in LABELS), None)
    text = next((key for key in keys if key.lower() in TEXTS), None)
    if label and text:
        return (
            f"{start} It looks like texts with a label. To train a model that answers with the label, "
            f"import it with --format pairs:{text},{label}. To write the replies here, import it with "
            f"--format prompts:{text}."
        )
    if container == "csv" and (any(len(key) > 40 for key in keys) or any(key.isdigit() for key in keys)):
        return f'{start} Its first line looks like an example, not a header: add a line such as "prompt,completion".'
    return (
        f"{start} Say which {noun}s hold them with --format pairs:PROMPT,REPLY, "
        f'or rename them to "prompt" and "completion".{_as_prompts(record)}'
    )


def _as_prompts(record: dict[str, Any]) -> str:
    """The way out for texts that have no reply yet, where a key is named like a text."""
    lower = {key.lower(): key for key, value in record.items() if isinstance(value, str) and "," not in key}
    text = next((lower[key] for key in prompts.KEYS if key in lower), None)
    return f" To write the replies here, import it with --format prompts:{text}." if text else ""
