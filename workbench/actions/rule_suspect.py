"""Rule that a suspect pair is a leak or is none; kept with name and reason, and for every version of the two texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import BadInput, NotFound, Refused
from workbench.leak_search import Found, search
from workbench.records import LeakRuling, Pair
from workbench.rows import storable
from workbench.settings import user_name
from workbench.store import Store, datasets, goldens
from workbench.store import suspects as kept
from workbench.suspect_filter import pairs_where

MOST_LETTERS = 2_000  # of a reason


@dataclass(frozen=True)
class Ruled:
    """What was ruled on, and what is found now. left: pairs that still stop training and that nobody signed for.

    certain: pairs that the filter meant too, on which "no leak" is no matter of opinion; they were left as they are.
    """

    pairs: tuple[Pair, ...]
    found: Found
    certain: int = 0

    @property
    def left(self) -> int:
        return len(self.found.open)


def rule_suspect(
    store: Store,
    keys: Sequence[str] = (),
    *,
    leak: bool,
    reason: str,
    where: str = "",
    version: str | None = None,
    who: str | None = None,
    preview: bool = False,
) -> Ruled:
    """Rules on pairs by their keys, or on all that a filter means (see `suspect_filter.pairs_where`).

    A ruling is bound to the digests of the two texts: it holds in every version and ends with a change of either text.
    "Leak" stops training until the row is dropped (`drop_leaks`); "no leak" lets the pair pass. Raises BadInput without
    a reason or pairs, NotFound for a key that is none, Refused for "no leak" on a certain pair, which no ruling helps.
    """
    said = _reason(reason, preview)
    of = datasets.version(store, version)
    found = search(store, of, goldens.newest(store, of.dataset))
    pairs, certain = _meant(store, found, keys, where), []
    if not leak:
        certain = [one for one in pairs if one.tier == "certain"]
        if certain and not where:
            raise Refused(
                f"Pair {certain[0].key} is no matter of opinion: {certain[0].how}. Drop the training row, or sign for "
                "all of it: goldloop golden override --reason WHY"
            )
        pairs = tuple(one for one in pairs if one.tier != "certain")
    if certain and not pairs:
        raise Refused(
            f'All {len(certain)} pairs that "{where}" means are certain: drop the training rows with goldloop golden '
            "suspects --drop, or sign for all of it with goldloop golden override --reason WHY"
        )
    if not pairs:
        raise BadInput(f'No pair of {of.label} is meant by "{where}": nothing was ruled.')
    if preview:
        return Ruled(pairs, found, len(certain))
    with store.write() as connection:
        kept.add_rulings(connection, of.dataset_id, pairs, leak=leak, reason=said, who=who or user_name())
    return Ruled(pairs, search(store, of, goldens.newest(store, of.dataset)), len(certain))


def take_back_leak_ruling(store: Store, ruling_id: int, *, all_of_it: bool = False) -> tuple[LeakRuling, int]:
    """Ends a ruling (all_of_it: every one made with it in one press), so that the pair counts again; and how many."""
    return kept.ruling(store, ruling_id), kept.take_back(store, ruling_id, all_of_it=all_of_it)


def _reason(reason: str, preview: bool) -> str:
    said = storable(reason).strip()[:MOST_LETTERS]
    if not said and not preview:
        raise BadInput("Say in a few words why: whoever reads the report will ask.")
    return said


def _meant(store: Store, found: Found, keys: Sequence[str], where: str) -> tuple[Pair, ...]:
    if where and keys:
        raise BadInput("Name pairs or give a filter, not both.")
    if where:
        return pairs_where(store, found, where)
    if not keys:
        raise BadInput("No pair was named. List them: goldloop golden suspects")
    known = {one.key: one for one in found.pairs}
    if unknown := [key for key in keys if key not in known]:
        raise NotFound(
            f"{found.search.version} has no pair {', '.join(unknown[:5])}. List them: goldloop golden suspects"
        )
    return tuple(dict.fromkeys(known[key] for key in keys))
