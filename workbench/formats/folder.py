"""Folders: every file of examples in them, and the folders that the `datasets` library saves, with their splits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInput
from workbench.formats.look import shown, shown_name
from workbench.formats.part import MOST_PARTS, Part, Skipped, is_aside

SHARD = re.compile(r"^([\w.+-]+?)-\d{5}-of-\d{5}(?:-\w+)?\.(?:parquet|arrow|jsonl?)$")  # as the hub names its files
SAVED_STATE = ("state.json", "dataset_infos.json", "dataset_dict.json")  # beside the data, and no examples


def parts(folder: Path) -> Iterator[Part | Skipped]:
    """The files of a folder and the folders in it, by name. Raises BadInput where there are too many.

    A folder of `Dataset.save_to_disk` gives its Arrow files; splits become the tag "split:NAME" where there are
    several. Links out of the folder are not followed.
    """
    if (folder / "dataset_dict.json").is_file():
        splits = _json(folder / "dataset_dict.json").get("splits")
        names = [name for name in splits if isinstance(name, str)] if isinstance(splits, list) else []
        for name in names:
            yield from _saved(folder / name, f"{name}/", (f"split:{name}",) if len(names) > 1 else ())
        return
    if (folder / "state.json").is_file() and any(folder.glob("*.arrow")):
        yield from _saved(folder, "", ())
        return
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(files) > MOST_PARTS:
        raise BadInput(f"{shown_name(folder)} holds {len(files):,} files; {MOST_PARTS:,} is the most that are read.")
    home, shown_as = folder.resolve(), {path: str(path.relative_to(folder)) for path in files}
    split = {path: found.group(1) for path in files if (found := SHARD.match(path.name))}
    several = len(set(split.values())) > 1
    for path, name in shown_as.items():
        if is_aside(name) or path.name in SAVED_STATE:
            continue
        known_as = shown(name)
        if not path.resolve().is_relative_to(home):
            yield Skipped(known_as, "is a link that leads out of the folder; it was not followed.")
        else:
            yield Part(known_as, path, (f"split:{split[path]}",) if several and path in split else ())


def _saved(folder: Path, before: str, tags: tuple[str, ...]) -> Iterator[Part]:
    """The Arrow files of one split, in the order that its state names."""
    files = _json(folder / "state.json").get("_data_files")
    listed = [one.get("filename") for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    for name in listed:
        if not isinstance(name, str) or Path(name).name != name:
            raise BadInput(f"{shown_name(folder)} names a data file that is not in it: {str(name)[:80]!r}.")
        if not (folder / name).is_file():
            raise BadInput(f"{shown_name(folder)} lacks its file {name}. Copy the folder again.")
        yield Part(before + name, folder / name, tags)


def _json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise BadInput(f"{path.parent.name}/{path.name} cannot be read. Copy the folder again.") from None
    return value if isinstance(value, dict) else {}
