"""Hold out a golden set that training can never touch, and lock it by its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench import history
from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.leak_search import reader
from workbench.parts import Drawn, draw_parts
from workbench.records import LOOKS, Golden, Part, Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.splits import Split, Together, golden_groups, golden_split
from workbench.store import Store, datasets, goldens

SMALLEST_SHARE, LARGEST_SHARE = 0.10, 0.20  # less proves nothing, more starves training
FEWEST_ROWS = 10  # below it a golden set would be a single row
MOST_LOOKS = 100  # each of more could spend hardly any error: .05 / 100


@dataclass(frozen=True)
class Frozen:
    """The split, the parts, and after a freeze the golden set and the version left for training (None for a preview).

    golden_rows holds the sealed rows too: nothing may show, log or export it; show `goldens.readable` instead.
    budget: the looks at sealed rows that the set allows.
    """

    split: Split
    golden_rows: Rows
    golden: Golden | None
    version: Version | None
    drawn: Drawn
    budget: int = LOOKS


def freeze_golden(
    store: Store,
    version: str | None = None,
    *,
    share: float = 0.15,
    seed: int = 0,
    sealed: float | None = None,
    calibration: float | None = None,
    looks: int | None = None,
    together: Together = "copies",
    preview: bool = False,
) -> Frozen:
    """Draws the golden rows, takes them out of the dataset as a new version, and locks them by content hash.

    sealed, calibration: shares of the golden rows that only aggregates are told of, and on which a judge is held
    against people; by default what suits their number (`parts.default_shares`). looks: how many evaluations of the
    sealed rows the set allows, by default five, or as many as the set in force. together: "meaning" also keeps rows
    that say the same in other words on one side (see `splits.golden_split`), which needs the embedding model. A later
    freeze makes the next golden version: it keeps every row of the one before in its part and adds to it; rows that
    only repeat it (`Split.set_aside`) leave the dataset as well. Raises BadInput for a share outside 10 to 20 %, parts
    that leave nothing to read, or too few rows,
    Refused when the golden set in force holds that share already, or for more looks than it allows once some were
    taken; Conflict when the dataset changed meanwhile.
    """
    if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
        raise BadInput(
            f"A golden share of {share:g} cannot be used: hold out between 0.10 and 0.20 of the rows. Less proves too "
            "little, more leaves too little to train on."
        )
    before = datasets.version(store, version)
    rows = datasets.rows_of(store, before)
    looks = _budget(store, before.dataset, looks)
    held, number, kept = _held(store, before.dataset)
    if len(rows) + len(held) < FEWEST_ROWS:
        raise BadInput(
            f"{before.label} has {len(rows)} rows; a golden set needs at least {FEWEST_ROWS} to be drawn from. "
            "Add examples first."
        )
    split = golden_split(
        rows, share, seed, held=held, together=together, read=reader(store) if together == "meaning" else None
    )
    fresh = rows.having(split.golden_ids)
    if len(fresh) == 0:
        raise _nothing_drawn(before, share, held)
    golden_rows = held.plus(fresh.without(held.row_id))
    groups = golden_groups(golden_rows)
    drawn = draw_parts(golden_rows, groups, sealed=sealed, calibration=calibration, seed=seed, kept=kept)
    if preview:
        return Frozen(split, golden_rows, None, None, drawn, looks)
    settings = {"golden": number, "share": share, "seed": seed, "rows": len(golden_rows), "looks": looks}
    golden_id, left = _lock(store, before, rows, golden_rows, split, groups, drawn, settings)
    return Frozen(split, golden_rows, goldens.by_id(store, golden_id), left, drawn, looks)


def _held(store: Store, dataset: str) -> tuple[Rows, int, Mapping[str, Part]]:
    """The rows of the golden set in force (none at first), the number of the next one, and the rows' parts."""
    try:
        newest = goldens.newest(store, dataset)
    except NotFound:
        return Rows.empty(), 1, {}
    return goldens.rows_of(store, newest), newest.number + 1, {one: newest.part_of(one) for one in newest.groups}


def _budget(store: Store, dataset: str, looks: int | None) -> int:
    """The looks that the next set allows.

    Each look spent its share of the 5 % level, one of so many as were allowed then; more looks at the same rows
    afterwards would spend more than all of it.
    """
    found = goldens.listed(store, dataset)
    if looks is None:
        return found[-1].budget if found else LOOKS
    if not 1 <= looks <= MOST_LOOKS:
        raise BadInput(f"{looks} looks cannot be the budget: allow 1 to {MOST_LOOKS}.")
    if found and looks > found[-1].budget and (taken := len(goldens.looks(store, found[-1]))):
        raise Refused(
            f"{found[-1].label} allows {found[-1].budget} looks and {taken} {'was' if taken == 1 else 'were'} taken: "
            f"{looks} would spend more than the 5 % level on the same rows. Refresh its sealed rows first: goldloop "
            "golden refresh --part sealed"
        )
    return looks


def _nothing_drawn(before: Version, share: float, held: Rows) -> BadInput | Refused:
    if len(held):
        return Refused(
            f"The golden set of {before.dataset} holds {len(held)} rows already, which is {share:.0%} or more. A "
            "frozen set stays; add rows to the dataset, or ask for a larger share."
        )
    return BadInput(f"{before.label} has no rows that could be golden: a golden row needs a question and a reply.")


def _lock(
    store: Store, before: Version, rows: Rows, golden_rows: Rows, split: Split, groups: Mapping[str, int],
    drawn: Drawn, settings: Mapping[str, Any],
) -> tuple[int, Version]:  # fmt: skip
    """Writes both row files, then the golden line and the new version in one transaction."""
    digest = store.row_files.save(golden_rows)
    left = rows.without((*split.golden_ids, *split.set_aside))
    aside = f", and took out {len(split.set_aside)} that repeat golden rows" if split.set_aside else ""
    number = settings["golden"]
    with store.write() as connection:
        if goldens.newest_number(connection, before.dataset_id) != number - 1:
            raise Conflict(f"{before.dataset} got another golden version meanwhile. Nothing was changed; look again.")
        golden_id = goldens.add(
            connection,
            dataset_id=before.dataset_id,
            number=number,
            drawn_from=before.number,
            digest=digest,
            size=len(golden_rows),
            share=settings["share"],
            seed=settings["seed"],
            strata=split.strata,
            groups=groups,
            who=user_name(),
            parts=drawn.parts,
            budget=settings["looks"],
            change={"verb": "freeze", "fresh": list(split.golden_ids)},
        )
        version, _ = history.commit(
            store,
            before,
            left,
            verb=history.FREEZE,
            connection=connection,
            settings={**settings, "digest": digest, "parts": drawn.sizes},
            why=f"held out {len(split.golden_ids)} rows for golden {number}{aside}",
        )
    return golden_id, version
