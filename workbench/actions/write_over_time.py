"""Writes how a dataset's evaluations went over time: one HTML file with charts, and its JSON twin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench import __version__
from workbench.errors import BadInput
from workbench.reports.over_time import OverTime, as_html, as_json, series_of
from workbench.reports.safe_file import put
from workbench.settings import user_name
from workbench.store import Store, datasets, evaluations, runs
from workbench.store.store import now


@dataclass(frozen=True)
class WrittenOverTime:
    """Where it lies, and what it tells."""

    html: Path
    json: Path
    found: OverTime


def write_over_time(store: Store, dataset: str | None = None, path: str | Path | None = None) -> WrittenOverTime:
    """Writes the evaluations of a dataset (by default the only one) to `path`, by default into the store's folder.

    Points are joined within one golden version and one part only. Raises NotFound for an unknown dataset, BadInput for
    a path that does not end in .html.
    """
    name = datasets.version(store, dataset).dataset
    found = over_time(store, name)
    html = Path(path) if path is not None else store.root / "reports" / f"over-time-{_slug(name)}.html"
    if path is None:
        html.parent.mkdir(parents=True, exist_ok=True)
    elif html.is_dir():
        html = html / "over-time.html"
    if html.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"{html.name} should end in .html; the JSON twin gets the same name with .json.")
    stamp = now()
    put(html, as_html(found, stamp, user_name(), __version__))
    put(html.with_suffix(".json"), as_json(found, stamp))
    return WrittenOverTime(html, html.with_suffix(".json"), found)


def over_time(store: Store, dataset: str) -> OverTime:
    """The finished evaluations of a dataset, by golden version and part."""
    trained = {one.id: one for one in runs.listed(store) if one.dataset == dataset}
    found = [one for one in evaluations.listed(store, finished=True) if one.run_id in trained]
    return series_of(dataset, [(one, trained[one.run_id].version) for one in found])


def _slug(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[:60] or "data"
