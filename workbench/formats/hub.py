"""The Hugging Face hub: hf:owner/name or hf:owner/name:split, fetched by the `datasets` library and only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from workbench.errors import BadInput
from workbench.formats.csv_table import JSON_COLUMNS
from workbench.formats.format import Record, Seen
from workbench.formats.parquet_table import BATCH, record_of
from workbench.formats.strict_json import Reader

START = "hf:"
NAME = re.compile(r"hf:(?P<name>(?:\w[\w.-]*/)?\w[\w.-]*)(?::(?P<split>[\w.-]+))?")

Load = Callable[..., Any]
"""`datasets.load_dataset`, or a stand-in that takes the same (name, split=...)."""


def is_hub_name(path: object) -> bool:
    return str(path).startswith(START)


def splits(given: str, load: Load | None = None) -> dict[str, Any]:
    """{split: its datasets.Dataset} of a name on the hub. Raises BadInput where it cannot be had, and says why."""
    found = NAME.fullmatch(given)
    if not found:
        raise BadInput(f'"{given[:100]}" is no name on the hub. Write hf:owner/name or hf:owner/name:split.')
    name, split = found["name"], found["split"]
    try:
        got = (load or _library())(name, split=split)
    except Exception as error:  # the library raises some twenty kinds, from four packages
        raise BadInput(_why_not(given, name, error)) from None
    return {str(split): got} if split else {str(key): value for key, value in got.items()}


def _library() -> Load:
    from datasets import load_dataset

    return load_dataset


def _why_not(given: str, name: str, error: Exception) -> str:
    kind = type(error).__name__
    said = " ".join(str(error).split())[:200]
    if "offline" in f"{kind} {said}".lower() or kind in ("ConnectionError", "ConnectTimeout", "ConnectError"):
        return (
            f"{given} could not be fetched: the hub cannot be reached from here (offline). "
            "Fetch it where there is a network, save it with save_to_disk, and import that folder."
        )
    if kind in ("DatasetNotFoundError", "RepositoryNotFoundError", "GatedRepoError", "FileNotFoundError"):
        return (
            f"{given} was not found: there is no data set {name} on the hub, or it asks for a login. "
            "Look at its name, or log in with: hf auth login"
        )
    return f"{given} could not be fetched ({kind}: {said})."


def records(dataset: Any, seen: Seen) -> Iterator[tuple[Record, float]]:
    """A Record a row of one split, and how far in it is (0 to 1)."""
    reader, number, total = Reader(), 0, max(1, len(dataset))
    json_at = [name for name in dataset.column_names if name in JSON_COLUMNS]
    for batch in dataset.with_format("arrow").iter(BATCH):
        for row in batch.to_pylist():
            number += 1
            yield record_of(row, number, json_at, reader, seen), number / total
