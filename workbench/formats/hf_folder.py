"""A Hugging Face data set folder: Parquet under data/ and a card, README.md, that `datasets.load_dataset` reads.

Columns: messages (role, content, and `more` as a JSON text where a turn has other keys), tags, extra.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadInput
from workbench.formats import parquet_table
from workbench.formats.data_card import data_card
from workbench.rows import Rows

DATA = "train-00000-of-00001.parquet"


def write(target: Path, rows: Rows, replace: Callable[[Path, Callable[[IO[bytes]], Any]], None], ids: bool) -> None:
    """The folder `target`, whole or not at all. Raises BadInput where it holds something else already."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())) and not _is_ours(target):
        raise BadInput(f"{target} is there already and is no export of Goldloop's. Name another folder.")
    beside = target.with_name(f".{target.name[:100]}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        (beside / "data").mkdir(parents=True)
        replace(beside / "data" / DATA, lambda file: parquet_table.write(file, rows, ids=ids))
        replace(beside / "README.md", lambda file: file.write(data_card(rows, target.name).encode("utf-8")))
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
