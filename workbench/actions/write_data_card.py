"""Writes the card of a version of a dataset, as Hugging Face reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.adapters.model_card import one_line
from workbench.formats.data_card import DataText, data_card
from workbench.records import Version
from workbench.reports.safe_file import put
from workbench.reports.sources import licences_named
from workbench.rows import Rows
from workbench.sheet import Sheet
from workbench.store import Store, datasets, goldens, sheets


@dataclass(frozen=True)
class DataCard:
    """The card's text; path: where it was written, None where it was not."""

    text: str
    path: Path | None


def write_data_card(
    store: Store, version: str | None = None, path: str | Path | None = None, *, preview: bool = False
) -> DataCard:
    """The dataset card of a version (by default the newest), written to `path`; a folder gets a README.md.

    Says how the version came about, what was kept out and which licences are declared. Sealed golden rows of old
    versions are not counted in. With preview, or without a path, nothing is written.
    """
    of = datasets.version(store, version)
    rows = goldens.unsealed(store, of.dataset, datasets.rows_of(store, of))
    text = data_card(rows, of.dataset, about(store, of, rows))
    if preview or path is None:
        return DataCard(text, None)
    target = Path(path)
    target = target / "README.md" if target.is_dir() else target
    put(target, text)
    return DataCard(text, target)


def about(store: Store, of: Version, rows: Rows) -> DataText:
    """What the store knows of a version beyond its rows."""
    sheet = sheets.sheet_of(store, of.dataset)
    named = licences_named(rows)
    licence, note = _licence(named, sheet, len(rows))
    history = [one for one in datasets.listed(store, of.dataset) if one.number <= of.number]
    made = "\n".join(
        f"- {one.label}, {one.size:,} rows: {one.change.verb}"
        + (f", {one_line(one.change.why)}" if one.change.why else "")
        for one in history[-40:]
    )
    golden = [one for one in goldens.listed(store, of.dataset) if one.drawn_from < of.number]
    kept = ""
    if golden:
        newest = max(golden, key=lambda one: one.number)
        kept = (
            f"{newest.size:,} rows are held out as {newest.label} (lock `{newest.digest[:16]}`) to measure models by. "
            "They are not in this dataset and must not be added to it."
        )
    return DataText(sheet.languages, licence, note, made, kept)


def _licence(named: list[tuple[str, int]], sheet: Sheet, rows: int) -> tuple[str, str]:
    """(the licence for the head, "" where there is no single one; what is declared, in a sentence)."""
    if named:
        said = ", ".join(f"{one_line(name)} ({count:,} rows)" for name, count in named[:20])
        bare = rows - sum(count for _, count in named)
        said += f"; {bare:,} rows name none" if bare else ""
        single = named[0][0] if len(named) == 1 and not bare and named[0][0] != "not named" else ""
        return single, f"Named by the rows themselves: {said}."
    if sheet.licences:
        said = ", ".join(map(one_line, sheet.licences))
        return (sheet.licences[0] if len(sheet.licences) == 1 else ""), f"The dataset's owner declares: {said}."
    return (
        "",
        "Unknown: neither the rows nor the dataset's sheet name a licence. Its owner must say so first.",
    )
