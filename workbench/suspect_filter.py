"""Which suspect pairs somebody means: the filter that ruling, listing and the screen share."""

from __future__ import annotations

import re

from workbench.errors import BadInput
from workbench.guard import TIERS, WAYS
from workbench.leak_search import Found
from workbench.records import Pair
from workbench.store import Store, datasets, goldens

TERM = re.compile(
    r"(?P<key>tier|way|tag|same|row|golden|pair|state)=(?P<value>.+)|(?P<sign>above|below)=(?P<limit>[\d.]+)"
)
STATES = ("open", "ruled", "leak", "no leak")
HELP = (
    "tier=suspect, way=meaning, tag=topic:returns (of the training row), same=topic (both rows bear the same topic:... "
    "tag), above=0.5, below=0.8 (the likeness), row=ID, golden=ID, pair=KEY (several joined by +), state=open or all, "
    "joined by commas"
)


def pairs_where(store: Store, found: Found, where: str) -> tuple[Pair, ...]:
    """The pairs that `where` means: terms joined by commas, all of which must hold. Raises BadInput for any other.

    Of a sealed golden row the tags are compared and never told.
    """
    pairs = list(found.pairs)
    tags = _Tags(store, found)
    for term in filter(None, (part.strip() for part in where.split(","))):
        if term == "all":
            continue
        match = TERM.fullmatch(term)
        if match is None:
            raise BadInput(f'"{term}" is no filter of pairs. Use {HELP}.')
        pairs = [one for one in pairs if _holds(one, match, tags)]
    return tuple(pairs)


class _Tags:
    """The tags of both rows of a pair, read when first asked for."""

    def __init__(self, store: Store, found: Found) -> None:
        self.store, self.found = store, found
        self.known: tuple[dict[str, set[str]], dict[str, set[str]]] | None = None

    def of(self, pair: Pair) -> tuple[set[str], set[str]]:
        if self.known is None:
            version = datasets.by_id(self.store, self.found.search.version_id)
            training = datasets.rows_of(self.store, version)
            golden = goldens.barred(self.store, goldens.by_id(self.store, self.found.search.golden_id))
            self.known = (
                {row_id: set(tags) for row_id, tags in zip(training.row_id, training.tags, strict=True)},
                {text: set(tags) for text, tags in zip(golden.text_digests, golden.tags, strict=True)},
            )
        return self.known[0].get(pair.training_id, set()), self.known[1].get(pair.golden_text, set())


def _holds(pair: Pair, match: re.Match[str], tags: _Tags) -> bool:
    if match["sign"]:
        try:
            limit = float(match["limit"])
        except ValueError:
            raise BadInput(f'"{match["limit"]}" is no likeness: give a number between 0 and 1.') from None
        return pair.measure >= limit if match["sign"] == "above" else pair.measure < limit
    key, value = match["key"], match["value"].strip()
    if key == "tier":
        return pair.tier == _one_of(value, TIERS, "tier")
    if key == "way":
        return _one_of(value, tuple(WAYS), "way") in {way[0] for way in pair.ways}
    if key == "state":
        return _in_state(pair, _one_of(value, STATES, "state"))
    if key == "tag":
        return value in tags.of(pair)[0]
    if key == "same":
        mine, theirs = tags.of(pair)
        return any(tag.startswith(f"{value}:") for tag in mine & theirs)
    named = value.split("+")
    return {"row": pair.training_id, "golden": pair.golden_id, "pair": pair.key}[key] in named


def _in_state(pair: Pair, state: str) -> bool:
    if state == "open":
        return pair.stops and pair.ruling is None
    if state == "ruled":
        return pair.ruling is not None
    return pair.ruling is not None and pair.ruling.leak == (state == "leak")


def _one_of(value: str, known: tuple[str, ...], what: str) -> str:
    if value not in known:
        raise BadInput(f'"{value}" is no {what}. They are: {", ".join(known)}.')
    return value
