"""The three parts of a golden set: what may be read, what stays sealed, and what calibrates a judge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluators.statistics.smallest_detectable import smallest_rate
from workbench.errors import BadInput
from workbench.records import PARTS, Part
from workbench.rows import Rows
from workbench.splits import FEWEST_ROWS_FOR_TOPICS, TOPIC

# Below it half a set shows only differences of 20 points and more (evaluation notes, table of detectable effects).
FEWEST_TO_SEAL = 60
FEWEST_TO_CALIBRATE = 150  # below it the 30 rows that a judge's card needs would starve the other two parts
CALIBRATION_ROWS = (30, 50)  # a judge's agreement with people needs 30 rows; beyond 50 it gains little
CALIBRATION_SHARE = 0.2
MOST_APART = 0.9  # of the rows; somebody must be able to read the rest
FEWEST_SEALED = 10  # below it an aggregate is nearly a row
TYPICAL_DISCORDANCE = 0.3  # of rows on which a tuned model and its base differ, for the words of a note


@dataclass(frozen=True)
class Drawn:
    """Row id -> part, and what the person should know, plain sentences."""

    parts: Mapping[str, Part]
    notes: tuple[str, ...]

    @property
    def sizes(self) -> dict[Part, int]:
        """Rows in each part, in the order of `PARTS`."""
        counts = Counter(self.parts.values())
        return {part: counts[part] for part in PARTS}


def strata_of(rows: Rows) -> list[str]:
    """(N,) the topic of each row: its first "topic:" tag, else its first tag; guessed from the prompts without tags."""
    if any(rows.tags):
        found = [next((tag for tag in tags if tag.startswith(TOPIC)), tags[0] if tags else "") for tags in rows.tags]
        return [tag.removeprefix(TOPIC) or "without a tag" for tag in found]
    if len(rows) < FEWEST_ROWS_FOR_TOPICS:
        return ["all rows"] * len(rows)
    from workbench.checks.balance.topics import find_topics

    topics = find_topics(rows.prompt)
    names = [*topics.names, "no clear topic"]  # label -1 is the last
    return [names[label] for label in topics.label.tolist()]


def draw_parts(
    rows: Rows,
    groups: Mapping[str, int],
    *,
    sealed: float | None = None,
    calibration: float | None = None,
    seed: int = 0,
    kept: Mapping[str, Part] | None = None,
) -> Drawn:
    """Puts every golden row into a part: topics spread evenly, the rows of a group together.

    rows: the golden rows; groups: row id -> group of copies. sealed, calibration: shares of all rows, 0 to 1; where
    None they follow the size (`default_shares`). kept: the parts of rows that were golden before, which stay; rows of
    their groups join them. The same rows, seed and shares give the same parts in any order of rows. Raises BadInput
    for shares that leave nothing to read.
    """
    kept = kept or {}
    shares, notes = _shares(len(rows), sealed, calibration, kept)
    order = np.argsort(rows.row_id, kind="stable").tolist()
    ids, topics = rows.row_id, strata_of(rows)
    members: dict[int, list[int]] = defaultdict(list)
    for place in order:
        members[groups.get(ids[place], -1 - place)].append(place)
    parts: dict[str, Part] = {}
    free = []
    for group in members.values():
        before = [kept[ids[place]] for place in group if ids[place] in kept]
        if before:
            joins = Counter(before).most_common(1)[0][0]
            parts |= {ids[place]: kept.get(ids[place], joins) for place in group}
        else:
            free.append(group)
    place_of = {row_id: place for place, row_id in enumerate(ids)}
    tally = _Tally(shares)
    for row_id, part in parts.items():
        tally.add(topics[place_of[row_id]], 1, part)
    for at in np.random.default_rng(seed).permutation(len(free)).tolist():
        group = free[at]
        topic = Counter(topics[place] for place in group).most_common(1)[0][0]
        part = tally.neediest(topic, len(group))
        tally.add(topic, len(group), part)
        parts |= {ids[place]: part for place in group}
    return Drawn(dict(sorted(parts.items())), (*notes, *_few(Counter(parts.values()))))


class _Tally:
    """How many rows each part has, in all and per topic, against what its share of the rows so far would be."""

    def __init__(self, shares: Mapping[Part, float]) -> None:
        self.shares = shares
        self.seen: Counter[str] = Counter()
        self.have: Counter[tuple[str, Part]] = Counter()

    def neediest(self, topic: str, size: int) -> Part:
        """The part that lacks most, in its topic and in all taken together, once `size` more rows are dealt."""

        def lack(part: Part) -> float:
            inside = self.shares[part] * (self.seen[topic] + size) - self.have[topic, part]
            everywhere = self.shares[part] * (self.seen.total() + size) - sum(
                count for (_, name), count in self.have.items() if name == part
            )
            return inside + everywhere

        return max((part for part in PARTS if self.shares[part] > 0), key=lack)

    def add(self, topic: str, size: int, part: Part) -> None:
        self.seen[topic] += size
        self.have[topic, part] += size


def default_shares(size: int) -> tuple[float, float]:
    """(sealed, calibration) shares that suit a golden set of that many rows.

    Under 60 rows all stay readable; from 60 on half are sealed; from 150 on 30 to 50 rows calibrate a judge, and the
    rest is halved.
    """
    if size < FEWEST_TO_SEAL:
        return 0.0, 0.0
    low, high = CALIBRATION_ROWS
    calibration = min(max(CALIBRATION_SHARE * size, low), high) / size if size >= FEWEST_TO_CALIBRATE else 0.0
    return (1 - calibration) / 2, calibration


def _shares(
    size: int, sealed: float | None, calibration: float | None, kept: Mapping[str, Part]
) -> tuple[dict[Part, float], list[str]]:
    own_sealed, own_calibration = default_shares(size)
    notes = []
    if sealed is None and size < FEWEST_TO_SEAL and "sealed" not in kept.values():
        notes.append(
            f"All {size} golden rows may be read (dev), none is sealed: {_half_shows(size)} Seal rows from some "
            f"{FEWEST_TO_SEAL} golden rows on."
        )
    if calibration is None and sealed is not None:
        own_calibration = min(own_calibration, max(0.0, MOST_APART - sealed))
    given = {
        "sealed": own_sealed if sealed is None else sealed,
        "calibration": own_calibration if calibration is None else calibration,
    }
    if sealed is None and calibration is not None and own_sealed:
        given["sealed"] = (1 - calibration) / 2
    for name, share in given.items():
        if not 0 <= share <= MOST_APART:
            raise BadInput(f"A {name} share of {share:g} cannot be used: give a number from 0 to {MOST_APART:g}.")
    if sum(given.values()) > MOST_APART + 1e-9:
        raise BadInput(
            f"Sealed {given['sealed']:g} and calibration {given['calibration']:g} leave too little to read: together "
            f"they may be at most {MOST_APART:g}."
        )
    dev = 1 - sum(given.values())
    return {"dev": dev, "sealed": given["sealed"], "calibration": given["calibration"]}, notes


def _half_shows(size: int) -> str:
    half = size // 2
    shown = smallest_rate(half, TYPICAL_DISCORDANCE)
    lead = f"half of them ({half}) could"
    if shown is None:
        return f"{lead} not show any difference of a pass rate where the arms differ on 30 % of the rows."
    return f"{lead} show only differences of {100 * shown:g} points and more."


def _few(sizes: Mapping[Part, int]) -> Sequence[str]:
    notes = []
    if 0 < sizes.get("sealed", 0) < FEWEST_SEALED:
        notes.append(
            f"Only {sizes['sealed']} rows are sealed; below {FEWEST_SEALED} even an average says much of single rows."
        )
    if 0 < sizes.get("calibration", 0) < CALIBRATION_ROWS[0]:
        notes.append(
            f"Only {sizes['calibration']} rows are for judge calibration; a judge's card needs "
            f"{CALIBRATION_ROWS[0]} rated rows."
        )
    return notes
