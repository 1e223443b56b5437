"""Import a file, a folder, an archive or a data set of the hub as a dataset, or as more rows of one that is there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import history
from workbench.errors import Refused
from workbench.formats.hub import Load, is_hub_name
from workbench.formats.read import NothingRead, Read, Reject, read_file
from workbench.records import Version
from workbench.rows import Rows
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, goldens
from workbench.store.row_files import write_whole


@dataclass(frozen=True)
class Imported:
    """What came in. rejected: rows that could not be read; rejects_path: where they lie with line and reason."""

    version: Version
    format: str
    notes: tuple[str, ...]
    rejected: int
    rejects_path: Path | None


def import_rows(
    store: Store,
    path: str | Path,
    *,
    format: str | None = None,
    name: str | None = None,
    why: str = "",
    report: Report = no_report,
    load: Load | None = None,
) -> Imported:
    """Reads a file and remembers its rows; the dataset is called `name`, by default after the file.

    path: a file, a folder, a ZIP archive, or hf:owner/name[:split]; load stands in for `datasets.load_dataset`. A name
    that exists gets the rows as its next version. Raises BadInput when nothing can be read, and Refused when the very
    same file is in the dataset already. Rows that repeat golden ones do come in: it is training that refuses them.
    """
    given, path = path, Path(str(path).removeprefix("hf:").partition(":")[0] if is_hub_name(path) else path)
    try:
        read = read_file(given, format=format, report=report, load=load)
    except NothingRead as refused:
        _say_where(store, path, refused)
        raise
    dataset = datasets.check_name(name or _name_after(path))
    parent = datasets.version(store, dataset) if dataset in datasets.names(store) else None
    rows = read.rows
    if parent is not None:
        _refuse_the_same_file(store, parent, path, read)
        rows = _with_fresh_ids(store, dataset, datasets.rows_of(store, parent), read.rows)
    report(0.95, f"saving {len(read.rows):,} rows")
    rejects_path = _write_rejects(store, path, read.file_digest, read.rejects)
    settings = {
        "file": str(given) if is_hub_name(given) else path.name,
        "format": read.format,
        "file_digest": read.file_digest,
        "rejected": len(read.rejects),
        "notes": list(read.notes),
    }
    version, _ = history.commit(
        store, parent, rows, dataset=dataset, verb="import", settings=settings, why=why or f"imported {path.name}"
    )
    return Imported(version, read.format, tuple(read.notes), len(read.rejects), rejects_path)


def _name_after(path: Path) -> str:
    """A dataset's name from a file's: what cannot stand in a name becomes a dash."""
    stem = re.sub(r"[^\w .-]+", "-", path.name.split(".")[0]).strip(" .-_")[:80]
    return stem if stem and not stem.removeprefix("v").isdigit() else f"data-{stem}".rstrip("-")


def _refuse_the_same_file(store: Store, head: Version, path: Path, read: Read) -> None:
    for version in history.standing(store, head):
        if version.change.settings.get("file_digest") == read.file_digest:
            raise Refused(
                f"{path.name} is in {head.dataset} already: it came in as version {version.number}. To keep it apart, "
                "import it under another name with --name."
            )


def _with_fresh_ids(store: Store, dataset: str, old: Rows, new: Rows) -> Rows:
    """The old rows and the new ones; an id that is taken, also by a golden row, gets another ending."""
    taken = set(old.row_id)
    for golden in goldens.listed(store, dataset):
        taken |= set(goldens.rows_of(store, golden).row_id)
    fresh = []
    for row_id in new.row_id:
        ending, candidate = 1, row_id
        while candidate in taken:
            ending += 1
            candidate = f"{row_id}-{ending}"
        taken.add(candidate)
        fresh.append(candidate)
    return old.plus(new.renamed(fresh))


def _say_where(store: Store, path: Path, refused: NothingRead) -> None:
    """Adds to the refusal where each record stands with its own reason."""
    reasons = json.dumps([one.reason for one in refused.rejects], ensure_ascii=False)
    digest = hashlib.sha256(reasons.encode("utf-8", "replace")).hexdigest()
    if target := _write_rejects(store, path, digest, refused.rejects):
        refused.args = (f"{refused} Each of them, with line and reason: {target}",)


def _write_rejects(store: Store, path: Path, digest: str, rejects: Sequence[Reject]) -> Path | None:
    if not rejects:
        return None
    target = store.folder("rejects") / f"{path.stem[:80]}-{digest[:8]}.jsonl"
    lines = [
        json.dumps({"line": one.line, "reason": one.reason, "raw": one.raw}, ensure_ascii=False) for one in rejects
    ]
    text = "\n".join(lines) + "\n"
    write_whole(target, lambda part: part.write_text(text, encoding="utf-8", errors="backslashreplace"))
    return target
