"""Bring a share down

Takes out rows of what comes too often until it is within its limit: marked refusals go (the check marks those beyond
the wanted share); of other marked rows as many as it takes for their label, opening or topic. The rows with the fewest
findings stay, of these those with the longest reply. For another share or another choice: `goldloop rebalance`.

Known limits
    Every row that goes may hold something that no other row says: look at the preview. Writing rows of what is rare
    helps more than taking out rows of what is common.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median

import polars as pl

from workbench.checks.balance.labels import find_labels
from workbench.checks.balance.topics import SCATTERED, find_topics
from workbench.checks.check import catalogue
from workbench.checks.run import run_catalogue
from workbench.checks.safety.refusal import refusal
from workbench.errors import BadInput
from workbench.fixes.fix import fix
from workbench.rows import Rows, word_list

FAULTS = ("structure", "text", "safety", "grounding")  # families that judge a row by itself
KINDS = ("label", "topic", "opening", "refusals")
CHOICES = ("quality", "diversity")
OPENING_WORDS = 4
LABEL_TIMES, SHARE = 5.0, 0.33  # the limits of label_balance, and of opening_words and topic_skew
DECLINES = "declines"


def groups_of(rows: Rows, kind: str) -> list[str]:
    """(N,) the label, topic or opening of each row, or "declines"; "" where a row has none. Raises BadInput."""
    if kind == "label":
        labels = find_labels(rows)
        if labels is None:
            raise BadInput("Neither the replies nor the tags of these rows look like labels, so none can be capped.")
        return labels.of
    if kind == "topic":
        topics = find_topics(rows.prompt)
        return ["" if label == SCATTERED else topics.names[label] for label in topics.label.tolist()]
    if kind == "opening":
        openings = [word_list(reply[:200])[:OPENING_WORDS] for reply in rows.reply]
        return [" ".join(words) if len(words) == OPENING_WORDS else "" for words in openings]
    if kind == "refusals":
        return [DECLINES if declined else "" for declined in refusal.measured(rows).flagged.to_list()]
    raise BadInput(f'Rows cannot be balanced by "{kind}", only by {", ".join(KINDS)}.')


def over_the_share(groups: Sequence[str], most: float) -> dict[str, int]:
    """Group -> how many of its rows must go for it to be at most that share of the rows that stay."""
    counts = Counter(group for group in groups if group)
    stay = {group: int(most * (len(groups) - n) / (1 - most) + 1e-9) for group, n in counts.items()}
    return {group: n - max(stay[group], 1) for group, n in counts.items() if n > max(stay[group], 1)}


def going(rows: Rows, groups: Sequence[str], too_many: dict[str, int], *, by: str = "quality") -> list[int]:
    """The rows to take out, so many of each group: last in rank by quality, or by diversity.

    quality: rows with the fewest findings stay, of these those with the longest reply. diversity: the rows that stay
    are taken from the topics of the group in turn, the best of each first. Raises BadInput for another choice.
    """
    if by not in CHOICES:
        raise BadInput(f'Rows are kept by {" or ".join(CHOICES)}, not by "{by}".')
    members = {group: [row for row, one in enumerate(groups) if one == group] for group in too_many}
    faults = _faults(rows, [row for of in members.values() for row in of])
    replies = rows.reply
    out: list[int] = []
    for group, of in members.items():
        best = sorted(of, key=lambda row: (faults[row], -len(replies[row]), row))
        ranked = best if by == "quality" else _in_turn(rows, best)
        out += ranked[len(ranked) - too_many[group] :]
    return sorted(out)


def _faults(rows: Rows, members: Sequence[int]) -> dict[int, int]:
    """How many findings of the checks that judge a row by itself each of the rows has."""
    names = [one.name for one in catalogue().values() if one.family in FAULTS and one.scope == "row" and not one.costly]
    counts = pl.zeros(len(members), pl.Int64, eager=True)
    for result in run_catalogue(Rows(rows.frame[list(members)]), only=names):
        if result.findings is not None and result.check.severity != "info":
            counts = counts + result.findings.flagged.cast(pl.Int64)
    return dict(zip(members, counts.to_list(), strict=True))


def _in_turn(rows: Rows, best: Sequence[int]) -> list[int]:
    """The rows taken from their topics in turn, in the order given within each."""
    topics = find_topics([rows.text[row] for row in best]).label.tolist()
    seen: dict[int, int] = defaultdict(int)
    ranked = []
    for place, (row, topic) in enumerate(zip(best, topics, strict=True)):
        ranked.append((seen[topic], place, row))
        seen[topic] += 1
    return [row for _, _, row in sorted(ranked)]


def _mails(**counts: int) -> list[tuple[str, str]]:
    return [(f"#{n}", label) for label, count in counts.items() for n in range(count)]


@fix(
    mends=("refusal_share", "label_balance", "opening_words", "topic_skew"),
    safe=False,
    before=Rows.of(*_mails(refund=30, delivery=300)),
    after=Rows.of(*_mails(refund=30, delivery=150)),
)
def rebalance(rows: Rows, where: pl.Series) -> Rows:
    """The rows without those that are too many, among the rows that `where` marks."""
    marked = set(where.arg_true().to_list())
    if not marked:
        return rows
    declines = refusal.measured(rows).flagged.to_list()
    out = {row for row in marked if declines[row]}
    labels = find_labels(rows)
    if labels is not None:
        counts = Counter(label for label in labels.of if label)
        usual = {one: median(n for other, n in counts.items() if other != one) for one in counts}
        kinds = [(labels.of, {one: n - int(LABEL_TIMES * usual[one]) for one, n in counts.items()})]
    else:
        kinds = [(groups := groups_of(rows, kind), over_the_share(groups, SHARE)) for kind in ("opening", "topic")]
    for groups, too_many in kinds:
        held = [group if row in marked and row not in out else "" for row, group in enumerate(groups)]
        counts = Counter(held)
        wanted = {group: min(n, counts[group]) for group, n in too_many.items() if n > 0 and counts[group]}
        out.update(going(rows, held, wanted))
    return rows.keep([row not in out for row in range(len(rows))])
