"""A part of what is imported: one file of a folder or an archive, with the name that its rows will have as source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """name: as a person knows it, such as "train/a.jsonl"; tags: what the folder says of all of its rows."""

    name: str
    path: Path
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A part that is not read, and why: what follows its name."""

    name: str
    reason: str


def is_aside(name: str) -> bool:
    """True for files that lie beside data and are none: notes, licences, hidden files."""
    parts = name.replace("\\", "/").split("/")
    stem = parts[-1].lower()
    return (
        any(part.startswith((".", "__MACOSX")) for part in parts)
        or stem.split(".")[0] in ASIDE
        or stem.endswith((".md", ".rst", ".lock", ".yaml", ".yml", ".py", ".html"))
    )


ASIDE = {"readme", "license", "licence", "notice", "changelog", "thumbs", "desktop", "citation", "authors"}
MOST_PARTS = 10_000
