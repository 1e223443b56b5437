"""An offline rating pack: one HTML file to mail, rated without a server; its result comes back by `import_votes`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.blind.pack import MOST_CARDS, make_pack
from workbench.errors import BadInput
from workbench.store import Store

DAYS = 14.0  # that the cards of a pack wait for its rater


@dataclass(frozen=True)
class Packed:
    """Where a pack lies, how many cards it holds and how many bytes it has."""

    path: Path
    cards: int
    bytes: int
    rater: str


def rating_pack(
    store: Store, round_id: int, rater: str, path: str | Path | None = None, *, days: float = DAYS,
    most: int = MOST_CARDS,
) -> Packed:  # fmt: skip
    """Writes a pack for one rater with the cards of an open round that still need one.

    path: a file, or a folder to put it in; None is the store's folder of packs. For `days` its cards wait for this
    rater and are given to nobody else. most: cards at most, silent checks not counted. It names no arm. Raises
    Refused for a closed round or when nothing is left to rate.
    """
    made = make_pack(store, round_id, rater, days=days, most=most)
    target = Path(path) if path else store.folder("packs")
    if target.is_dir():
        target /= made.name
    data = made.html.encode("utf-8")
    try:
        target.write_bytes(data)
    except OSError as error:
        raise BadInput(f"{target} cannot be written ({error.strerror}).") from None
    return Packed(target, made.cards, len(data), made.pack.rater)
