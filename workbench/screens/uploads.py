"""A file that a person brought: taken out of the upload folder at once, looked at, and imported."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.formats.read import Read, read_file
from workbench.screens.escape import esc, plural, short, table
from workbench.store import Store

DIRECT_BYTES = 5_000_000  # a file up to this size is read while one waits (about a second), a larger one by a job
SHOWN_ROWS, SHOWN_REJECTS = 3, 20
SUFFIXES = [
    ".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt", ".ndjson", ".xlsx", ".arrow", ".gz", ".zst", ".zip",
]  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """A file in the store's uploads folder. read: what it holds, None where it is too large to read while one waits."""

    path: Path
    read: Read | None

    @property
    def direct(self) -> bool:
        return self.read is not None


def take(store: Store, given: Any) -> Upload:
    """Moves an uploaded file into the store and reads it if it is small. Raises BadInput for one without examples."""
    target = moved(store, given)
    return Upload(target, read_file(target) if target.stat().st_size <= DIRECT_BYTES else None)


def moved(store: Store, given: Any) -> Path:
    """Where an uploaded file lies in the store now. Raises BadInput for a path outside the upload folder (forged)."""
    source = Path(str(given)).resolve()
    folder = Path(os.environ["GRADIO_TEMP_DIR"]).resolve()
    if not source.is_relative_to(folder) or not source.is_file() or source.is_symlink():
        raise BadInput("That is not a file you uploaded here.")
    target = store.folder("uploads", secrets.token_hex(6)) / file_name(source.name)
    shutil.move(source, target)
    return target


def file_name(name: str) -> str:
    """A name that is safe in a folder of ours, with the person's own words kept."""
    kept = re.sub(r"[^\w .()+-]+", "_", name).strip(" .") or "upload"
    return kept[-120:]


def forget(upload: Upload) -> None:
    """Removes a file that was imported or given up; a version keeps its rows itself."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)


def seen_html(upload: Upload) -> str:
    """What a file holds, before it is imported: format, counts, first rows, and what cannot be read."""
    name = esc(upload.path.name)
    if upload.read is None:
        megabytes = upload.path.stat().st_size / 1e6
        return (
            f'<div class="card"><strong>{name}</strong> is {megabytes:.0f} MB; it will be read in the background.</div>'
        )
    read = upload.read
    notes = "".join(f"<li>{esc(line)}</li>" for line in read.notes)
    rows = zip(read.rows.prompt[:SHOWN_ROWS], read.rows.reply[:SHOWN_ROWS], strict=True)
    first = "".join(
        f'<div class="bubble user"><div class="words">{esc(short(prompt, 300))}</div></div>'
        f'<div class="bubble assistant"><div class="words">{esc(short(reply, 300))}</div></div>'
        for prompt, reply in rows
    )
    problems = plural(len(read.rejects), "record") + " could not be read" if read.rejects else "all could be read"
    return (
        f'<div class="card"><strong>{name}</strong>: {esc(plural(len(read.rows), "row"))} in the format '
        f"<strong>{esc(read.format)}</strong> ({esc(read.container)}), {esc(problems)}."
        f"{f'<ul>{notes}</ul>' if notes else ''}{rejects_html([(r.line, r.reason, r.raw) for r in read.rejects])}"
        f'<div class="quiet first">The first rows:</div><div class="peek">{first}</div></div>'
    )


def rejects_html(rejects: list[tuple[int, str, str]]) -> str:
    """The first records that could not be read, with line and reason; "" where there are none."""
    if not rejects:
        return ""
    lines = [
        (f'<span class="num">{line}</span>', esc(reason), f"<code>{esc(short(raw, 120))}</code>")
        for line, reason, raw in rejects[:SHOWN_REJECTS]
    ]
    rest = len(rejects) - len(lines)
    more = f'<p class="quiet">and {rest:,} more</p>' if rest > 0 else ""
    return table(("Line", "Why it could not be read", "What stands there"), lines) + more
