"""What is kept of a check on a version beside the numbers per row: its sentences, and what it was measured in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.records import CheckRun, Version
from workbench.store.row_files import write_whole
from workbench.store.store import Store


@dataclass(frozen=True)
class Measured:
    """about: sentences on the dataset as a whole. basis: a digest of check, knobs and context, "" where not known."""

    about: tuple[str, ...] = ()
    basis: str = ""


def _path(store: Store, version: Version, check: str) -> Path:
    return store.root / "findings" / str(version.id) / f"{check}.json"


def save(store: Store, version: Version, measured: Mapping[str, Measured]) -> None:
    """Remembers this of each check, by name; after the findings themselves, see `forget`."""
    for check, one in measured.items():
        text = json.dumps({"about": one.about, "basis": one.basis}, ensure_ascii=False)
        write_whole(_path(store, version, check), lambda part, text=text: part.write_text(text, encoding="utf-8"))  # type: ignore[misc]


def forget(store: Store, version: Version, checks: Sequence[str]) -> None:
    """Before new findings are saved: should that fail half way, no old basis vouches for new numbers."""
    for check in checks:
        _path(store, version, check).unlink(missing_ok=True)


def of_check(store: Store, version: Version, check: str) -> Measured:
    """What is remembered of a check on a version; nothing where it did not run, or ran before this was kept."""
    try:
        said = json.loads(_path(store, version, check).read_text("utf-8"))
        return Measured(tuple(said["about"]), str(said["basis"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Measured()


def about(store: Store, version: Version, runs: Sequence[CheckRun]) -> dict[str, tuple[str, ...]]:
    """Check -> its sentences on the dataset as a whole, for those of the runs that have some."""
    found = {run.check: of_check(store, version, run.check).about for run in runs if not run.not_run}
    return {check: sentences for check, sentences in found.items() if sentences}
