"""Let training pass in spite of open leak pairs, signed with name and reason; every report of the run says so."""

from __future__ import annotations

from workbench.errors import BadInput, Refused
from workbench.leak_search import search
from workbench.records import Override
from workbench.rows import storable
from workbench.settings import user_name
from workbench.store import Store, datasets, goldens
from workbench.store import suspects as kept


def override_leaks(store: Store, version: str | None = None, *, reason: str, who: str | None = None) -> Override:
    """Signs for every pair that stops training on a version now; what is found later needs a signature of its own.

    Raises BadInput without a reason, Refused when nothing stops training.
    """
    said = storable(reason).strip()[:2000]
    if not said:
        raise BadInput("Say in a few words why training may pass: the report prints it with your name.")
    of = datasets.version(store, version)
    golden = goldens.newest(store, of.dataset)
    found = search(store, of, golden)
    if not found.open:
        raise Refused(f"Nothing stops training on {of.label}: there is nothing to sign for.")
    return kept.sign(store, of, golden, found.open, said, who or user_name())


def take_back_override(store: Store, override_id: int) -> bool:
    """Ends a signature; False when it had ended before or never was. Runs trained under it keep it in their reports."""
    return kept.take_back_override(store, override_id)
