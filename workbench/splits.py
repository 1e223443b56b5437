"""The golden split: rows held out so that no copy of them is left to train on; and the gate that checks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.checks.balance.topics import find_topics
from workbench.checks.similarity import Ints, components, exact_keys, near_pairs
from workbench.errors import BadInput
from workbench.guard.exchanges import compared_fields, exchanges, turn_pairs
from workbench.guard.lineage import family_pairs
from workbench.guard.meaning import Read, alike_rows
from workbench.rows import Rows

TOPIC = "topic:"
FEWEST_ROWS_FOR_TOPICS = 20  # with fewer rows without tags, topics would be of one or two rows
NAMED = 3  # groups spelled out in a note
LARGEST_FAMILY = 0.5  # of the golden rows: by customer and author at once, a whole dataset can hang together
LARGEST_GROUP = 0.25  # of the golden rows: likeness goes from row to row until half a dataset is one group

Together = Literal["copies", "meaning"]


@dataclass(frozen=True)
class Split:
    """Which rows are held out, and how the draw came out.

    golden_ids: sorted row ids out of the rows given. set_aside: sorted ids of rows that repeat held rows and are of no
    use as golden rows; they leave the training side as well, and do not count towards the share. groups: sorted row ids
    of the rows that were kept on one side because they are copies, a tuple a group. strata: rows per topic as
    {"golden": n, "training": n}. asked/reached: shares of all rows, those held before included. notes: what the person
    should know, plain sentences.
    """

    golden_ids: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    strata: Mapping[str, Mapping[str, int]]
    seed: int
    asked: float
    reached: float
    notes: tuple[str, ...]
    set_aside: tuple[str, ...] = ()


def askable(rows: Rows) -> list[bool]:
    """(N,) whether a row can be golden: it ends in a reply with words, after a user turn that asks something."""
    return [
        bool(reply.strip()) and any(turn["role"] == "user" and (turn["content"] or "").strip() for turn in turns[:-1])
        for reply, turns in zip(rows.reply, rows.messages, strict=True)
    ]


def copy_groups(rows: Rows) -> Ints:
    """(N,) labels: rows that are exact or near copies in prompt, in reply or as a whole share one, also through others.

    So do rows of which one holds an exchange of the other, or its final reply, within a longer conversation. Labels
    count up by first member. Replies of fewer than five words do not count.
    """
    pairs = [near_pairs(texts) for texts in compared_fields(rows).values()]
    found = exchanges(rows)
    if longer := [one for one in found if not one.alone]:
        # What is alone is compared above. It comes first here because of equal texts only the first is named.
        pairs += turn_pairs(longer, sorted(found, key=lambda one: not one.alone)).values()
    first: dict[str, int] = {}
    same_id = [first.setdefault(row_id, i) for i, row_id in enumerate(rows.row_id)]
    a = np.concatenate([np.array(same_id, np.int64), *(found.a for found in pairs)])
    b = np.concatenate([np.arange(len(rows)), *(found.b for found in pairs)])
    return components(len(rows), a, b)


def meaning_groups(rows: Rows, labels: Ints, read: Read, most: int) -> Ints:
    """(N,) labels: the given groups, joined where their rows are alike in meaning, likest first, up to `most` rows."""
    return _joined(labels, [(a, b) for a, b, _ in alike_rows(rows, read)], most)


def family_groups(rows: Rows, labels: Ints, most: int, fixed: Collection[int] = ()) -> Ints:
    """(N,) labels: the given groups, joined where rows are of one conversation, customer, template or author, as far as
    tags or kept fields say so, or derived from one another; up to `most` rows. fixed: labels that nothing joins."""
    return _joined(labels, family_pairs(rows), most, fixed)


def golden_groups(golden: Rows) -> dict[str, int]:
    """Row id -> group, of golden rows: copies of one another, and rows of one conversation, customer and so on."""
    labels = family_groups(golden, copy_groups(golden), max(2, round(LARGEST_FAMILY * len(golden))))
    return dict(zip(golden.row_id, (int(label) for label in labels), strict=True))


def _joined(labels: Ints, pairs: Sequence[tuple[int, int]], most: int, fixed: Collection[int] = ()) -> Ints:
    """(N,) labels from 0 on: the groups joined by pairs of rows in their order, where a group stays within `most`."""
    group: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels.tolist()):
        group[label].append(place)
    of = labels.copy()
    for a, b in pairs:
        one, other = sorted((int(of[a]), int(of[b])))
        if one in fixed or other in fixed:
            continue
        if one != other and len(group[one]) + len(group[other]) <= most:
            of[group[other]] = one
            group[one] += group.pop(other)
    return np.unique(of, return_inverse=True)[1]


def golden_split(
    rows: Rows,
    share: float,
    seed: int,
    held: Rows | None = None,
    *,
    together: Together = "copies",
    read: Read | None = None,
) -> Split:
    """Draws rows to hold out: about `share` of them from every topic, copies always together.

    Rows of one conversation, customer, template or author, where tags or kept fields say so, and rows derived from one
    another stay on one side too, in groups of up to half of the golden rows; groups of more than 20 rows do not count.

    together: with "meaning", rows that say the same in other words stay on one side as well, as far as groups of a
    quarter of the golden rows go; the leak guard then has next to nothing to ask. read gives their vectors. Keep
    "copies" where the rows teach facts that stand nowhere else, each in several wordings: held out as a whole, a fact
    cannot be learned, and the golden set would measure nothing.

    share: 0 to 1, both excluded, of all rows and `held` together. held: rows of earlier golden sets; they count towards
    the share, and rows that are or nearly copy them are held out too; their exact copies are set aside. Topics are the
    first "topic:" tag of a row, else its first tag, else clusters of the prompts. A group with a row that cannot be
    asked (`askable`) stays in training, but beside a held row it is set aside. The draw depends on the row ids, the
    texts and the seed, not on the order of the rows. Raises BadInput for another share, and for "meaning" without
    `read`.
    """
    if not 0 < share < 1:
        raise BadInput(f"A share of {share:g} cannot be held out: give a number between 0 and 1.")
    if together == "meaning" and read is None:
        raise BadInput(
            "Rows cannot be grouped by meaning without the embedding model. Fetch it: goldloop models fetch minilm"
        )
    held = Rows.empty() if held is None else held
    rows = Rows(rows.frame.sort("row_id"))
    gone = held.without(rows.row_id)  # held rows that a golden set took out of the dataset before, as it should be
    everything = rows.plus(gone)
    labels, once_held = copy_groups(everything), set(held.row_id)
    bound = {label for label, row_id in zip(labels.tolist(), everything.row_id, strict=True) if row_id in once_held}
    # what is golden already draws in its copies, but not all that its author ever wrote
    labels = family_groups(everything, labels, max(2, round(LARGEST_FAMILY * share * len(everything))), bound)
    if together == "meaning" and read is not None:
        labels = meaning_groups(everything, labels, read, max(2, round(LARGEST_GROUP * share * len(everything))))
    members: dict[int, list[int]] = defaultdict(list)
    for i, label in enumerate(labels[: len(rows)].tolist()):
        members[label].append(i)
    strata, notes = strata_of(rows)
    bound = {label for label, row_id in zip(labels.tolist(), everything.row_id, strict=True) if row_id in once_held}
    usable, ids = askable(rows), rows.row_id
    forced = [i for label in members if label in bound for i in members[label]]
    held_texts, keys = set(exact_keys(held.text)), exact_keys(rows.text)
    joining = [i for i in forced if ids[i] in once_held or (usable[i] and keys[i] not in held_texts)]
    aside = set(forced) - set(joining)
    free = [label for label in members if label not in bound and all(usable[i] for i in members[label])]
    total = len(everything) - len(aside)
    wanted = max(1, round(share * total)) - len(gone) - len(joining)
    drawn = _draw({label: members[label] for label in free}, strata, wanted, len(rows), seed)
    golden = sorted([*joining, *(i for label in drawn for i in members[label])])
    reached = (len(golden) + len(gone)) / total if total else 0.0
    groups = sorted((tuple(ids[i] for i in group) for group in members.values() if len(group) > 1), key=lambda g: g[0])
    return Split(
        golden_ids=tuple(ids[i] for i in golden),
        groups=tuple(groups),
        strata=_sides(strata, set(golden), aside),
        seed=seed,
        asked=share,
        reached=reached,
        notes=(
            *notes,
            *_not_drawn(rows.without(ids[i] for i in aside)),
            *_followed(len(joining), sum(keys[i] in held_texts for i in aside), len(aside)),
            *_notes(len(rows), groups, share, reached),
        ),
        set_aside=tuple(ids[i] for i in sorted(aside)),
    )


def _draw(members: Mapping[int, Sequence[int]], strata: Sequence[str], wanted: int, rows: int, seed: int) -> list[int]:
    """Groups for the golden side: from each stratum its part of `wanted` rows, then from any until it is reached."""
    if wanted <= 0 or not members:
        return []
    order = [list(members)[i] for i in np.random.default_rng(seed).permutation(len(members))]
    home = {label: _commonest([strata[i] for i in group]) for label, group in members.items()}
    sizes = Counter(strata)
    room = {name: wanted * size / rows for name, size in sizes.items()}
    drawn: list[int] = []
    # First what fits whole into its stratum's part; then what fits best into what is left, fullest need first.
    for label in order:
        if len(members[label]) <= room[home[label]] + 0.5 and len(members[label]) <= wanted:
            drawn.append(label)
            room[home[label]] -= len(members[label])
            wanted -= len(members[label])
    place = {label: i for i, label in enumerate(order)}
    rest = set(order) - set(drawn)
    while wanted > 0 and (fits := [label for label in rest if len(members[label]) <= wanted]):
        label = max(fits, key=lambda label: (room[home[label]], len(members[label]), -place[label]))
        drawn.append(label)
        rest.remove(label)
        room[home[label]] -= len(members[label])
        wanted -= len(members[label])
    if not drawn and len(order) > 1:  # every group is larger than the share: the smallest is the least wrong
        drawn.append(min(order, key=lambda label: (len(members[label]), place[label])))
    return drawn


def strata_of(rows: Rows) -> tuple[list[str], list[str]]:
    """(N,) the topic of each row, and a note where the topics had to be guessed."""
    if any(rows.tags):
        topical = [next((tag for tag in tags if tag.startswith(TOPIC)), tags[0] if tags else "") for tags in rows.tags]
        return [tag.removeprefix(TOPIC) or "without a tag" for tag in topical], []
    if len(rows) < FEWEST_ROWS_FOR_TOPICS:
        return ["all rows"] * len(rows), []
    topics = find_topics(rows.prompt)
    if not topics.names:
        return ["all rows"] * len(rows), []
    names = [*topics.names, "no clear topic"]  # label -1 is the last
    note = "No row has a tag, so the golden rows were spread over topics guessed from the prompts."
    return [names[label] for label in topics.label.tolist()], [note]


def _commonest(names: Sequence[str]) -> str:
    counts = Counter(names)
    return min(counts, key=lambda name: (-counts[name], name))


def _sides(strata: Sequence[str], golden: set[int], aside: set[int]) -> dict[str, dict[str, int]]:
    counts = {name: {"golden": 0, "training": 0} for name in sorted(set(strata))}
    for i, name in enumerate(strata):
        if i not in aside:
            counts[name]["golden" if i in golden else "training"] += 1
    return counts


def _not_drawn(rows: Rows) -> list[str]:
    """Why rows could not be drawn, a sentence a reason."""
    why = Counter(
        "no question of a user before the reply" if reply.strip() else "no reply"
        for reply, fine in zip(rows.reply, askable(rows), strict=True)
        if not fine
    )
    return [
        f"{count:,} of {len(rows):,} rows {'has' if count == 1 else 'have'} {lack} and {_was(count)} not drawn."
        for lack, count in sorted(why.items())
    ]


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _followed(joining: int, exact: int, aside: int) -> list[str]:
    """What became of the rows that repeat an earlier golden set; `exact` of those aside are exact copies."""
    out = "taken out of training without becoming golden."
    notes = []
    if joining:
        notes.append(f"{_repeats(joining)} of an earlier golden set and went to golden with it.")
    if exact:
        noun = "row is an exact copy" if exact == 1 else "rows are exact copies"
        notes.append(f"{exact:,} {noun} of golden rows: {'it was' if exact == 1 else 'they were'} {out}")
    if unaskable := aside - exact:
        notes.append(
            f"{_repeats(unaskable)} of an earlier golden set and cannot be asked for want of a question or a reply: "
            f"{'it was' if unaskable == 1 else 'they were'} {out}"
        )
    return notes


def _repeats(count: int) -> str:
    return "1 row repeats a row" if count == 1 else f"{count:,} rows repeat rows"


def _notes(rows: int, groups: Sequence[tuple[str, ...]], share: float, reached: float) -> list[str]:
    notes = []
    largest = max((len(group) for group in groups), default=0)
    if rows and largest > share * rows:
        group = next(group for group in groups if len(group) == largest)
        named = ", ".join(group[:NAMED])
        notes.append(
            f"{largest:,} of {rows:,} rows are copies of one another in prompt or reply, or belong together by their "
            f"tags ({named}, ...), and had to stay on one side."
        )
    if abs(reached - share) > 0.02:
        notes.append(f"{share:.1%} of the rows were asked for, {reached:.1%} reached: copies cannot be parted.")
    return notes
