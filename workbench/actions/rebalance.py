"""Cap the share of a label, a topic, an opening or of refusals; and say of what to write more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from workbench import history
from workbench.diff import Diff, diff
from workbench.errors import BadInput, Refused
from workbench.fixes.rebalance import DECLINES, going, groups_of, over_the_share
from workbench.records import Version
from workbench.sheet import Sheet
from workbench.store import Store, datasets
from workbench.store.sheets import sheet_of

MOST = 1 / 3  # of the rows, where nobody says otherwise: the limit of topic_skew and opening_words
RARE = 0.5  # of the usual number of rows: so much less is worth writing more
MOST_PROPOSALS = 10
PLURAL = {"label": "labels", "topic": "topics", "opening": "openings"}


@dataclass(frozen=True)
class Share:
    """A group of rows: how many there were and are, and the part of all rows that they were and are, 0 to 1."""

    group: str
    before: int
    after: int
    share_before: float
    share_after: float


@dataclass(frozen=True)
class Rebalanced:
    """What was or would be taken out. after: the new version, None for a preview. proposals: what to write more of."""

    kind: str
    most: float
    before: Version
    after: Version | None
    difference: Diff
    shares: tuple[Share, ...]
    proposals: tuple[str, ...]


def rebalance(
    store: Store,
    kind: str,
    *,
    version: str | None = None,
    most: float | None = None,
    group: str = "",
    by: str = "quality",
    why: str = "",
    preview: bool = False,
) -> Rebalanced:
    """Takes rows out of what comes too often until no group is more than `most` of what stays, as a new version.

    kind: label, topic, opening or refusals. most: 0 to 1, both excluded; by default a third, and for refusals the
    share that the sheet declares. group: only this one. by: which rows stay, the best by "quality" (fewest findings,
    then the longest reply) or by "diversity" (from all of the group's topics in turn). Raises BadInput for another kind
    or share, and Refused when no group is over it.
    """
    before = datasets.version(store, version)
    rows, sheet = datasets.rows_of(store, before), sheet_of(store, before.dataset)
    cap = _cap(kind, most, sheet)
    groups = groups_of(rows, kind)
    if group and group not in groups:
        named = ", ".join(f'"{one}"' for one, _ in Counter(one for one in groups if one).most_common(MOST_PROPOSALS))
        raise BadInput(f'{before.label} has no {kind} "{group}". There are: {named or "none"}.')
    too_many = {one: n for one, n in over_the_share(groups, cap).items() if not group or one == group}
    out = set(going(rows, groups, too_many, by=by))
    kept = rows.keep([row not in out for row in range(len(rows))])
    stays = [one for row, one in enumerate(groups) if row not in out]
    shares = _shares(groups, stays)
    proposals = tuple(_proposals(kind, groups, cap, sheet))
    if preview:
        return Rebalanced(kind, cap, before, None, diff(rows, kept), shares, proposals)
    if not out:
        raise Refused(f"In {before.label} no {kind} is over {cap:.0%}: no new version was made.")
    settings = {"kind": kind, "most": cap, "group": group, "by": by}
    after, difference = history.commit(store, before, kept, verb=f"rebalance {kind}", settings=settings, why=why)
    return Rebalanced(kind, cap, before, after, difference, shares, proposals)


def _cap(kind: str, most: float | None, sheet: Sheet) -> float:
    if most is None and kind == "refusals" and sheet.refusal_share is None:
        raise BadInput(
            "No share of refusals is declared. Give one with --most, such as 0.05, or declare it on the sheet."
        )
    cap = most if most is not None else (sheet.refusal_share or 0.0) if kind == "refusals" else MOST
    if not 0 < cap < 1:
        raise BadInput(f"A share of {cap:g} cannot be kept to: give a number between 0 and 1, such as 0.2.")
    return cap


def _shares(before: Sequence[str], after: Sequence[str]) -> tuple[Share, ...]:
    had, has = Counter(one for one in before if one), Counter(one for one in after if one)
    return tuple(
        Share(one, n, has[one], n / max(len(before), 1), has[one] / max(len(after), 1)) for one, n in had.most_common()
    )


def _proposals(kind: str, groups: Sequence[str], cap: float, sheet: Sheet) -> list[str]:
    """Of what to write more, and how many rows; the rarest first."""
    counts = Counter(one for one in groups if one)
    if kind == "refusals":
        lacking = int(cap * (len(groups) - counts[DECLINES]) / (1 - cap)) - counts[DECLINES]
        wanted = sheet.refusal_share is not None and lacking > 0
        return [f"Write {lacking:,} more replies that decline what should be declined."] if wanted else []
    if len(counts) < 2 or kind == "opening":
        return []
    usual = median(counts.values())
    rare = sorted((n, one) for one, n in counts.items() if n < RARE * usual)
    said = [
        f'Write some {int(usual) - n:,} more rows on "{one}": it has {n:,}, {PLURAL[kind]} here usually {usual:,.0f}.'
        for n, one in rare[:MOST_PROPOSALS]
    ]
    return [*said, f"... and {len(rare) - MOST_PROPOSALS:,} more."] if len(rare) > MOST_PROPOSALS else said
