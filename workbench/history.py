"""Making versions: what changed is counted by comparing rows, never by what a verb says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.carry import Collision, carry_over
from workbench.diff import Diff, diff
from workbench.errors import Conflict, NotFound, Refused
from workbench.guard import leaks
from workbench.records import Branch, Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.store import Connection, Store, datasets, goldens

MOST_TRIES = 20  # to land a change among others who change the dataset at the same time
FREEZE, REFRESH = "freeze golden", "refresh golden"
FOR_GOLDEN = (FREEZE, REFRESH)  # the verbs that take rows for golden, which no undo takes back


def commit(
    store: Store,
    parent: Version | None,
    rows: Rows,
    *,
    verb: str,
    settings: Mapping[str, Any],
    dataset: str | None = None,
    why: str = "",
    restores: int | None = None,
    connection: Connection | None = None,
) -> tuple[Version, Diff]:
    """Remembers rows as the next version after `parent` (or as version 1 of `dataset`), with the counted difference.

    Raises Conflict when somebody else was quicker; see `store.datasets.add_version`.
    """
    name = parent.dataset if parent is not None else dataset
    assert name is not None, "a first version needs the name of its dataset"
    old = Rows.empty() if parent is None else datasets.rows_of(store, parent)
    difference = diff(old, rows)
    version = datasets.add_version(
        store,
        name,
        rows,
        parent=parent,
        verb=verb,
        settings=settings,
        counts=difference.counts,
        who=user_name(),
        why=why,
        restores=restores,
        connection=connection,
    )
    return version, difference


@dataclass(frozen=True)
class Landed:
    """Where a change came to stand. version: the new one; on: the version that it was made on.

    carried_over: `on` is not the version that the change was asked for, since others had made a newer one; by: the
    people who did.
    """

    on: Version
    version: Version
    difference: Diff
    by: tuple[str, ...] = ()

    @property
    def carried_over(self) -> bool:
        return bool(self.by)


def land(
    store: Store,
    asked: Version,
    before: Rows,
    after: Rows,
    *,
    verb: str,
    settings: Mapping[str, Any],
    why: str = "",
) -> Landed:
    """Remembers a change that was made on `asked`, on whatever is the newest version now.

    before, after: the rows of `asked` and what the change makes of them. Where others have made newer versions and left
    the rows concerned alone, the change is carried over and nothing of anybody is lost. Raises Conflict, with all three
    states of the row, when they changed the same rows, and Refused when they made the very same change.
    """
    by: tuple[str, ...] = ()
    for _ in range(MOST_TRIES):
        head = datasets.version(store, asked.dataset)
        if head.id == asked.id:
            rows = after
        else:
            by = _others(store, asked, head)
            rows = _carried(store, asked, head, before, after, by)
        try:
            version, difference = commit(store, head, rows, verb=verb, settings=settings, why=why)
        except Conflict:  # somebody was quicker between the look and the write: look again
            continue
        return Landed(head, version, difference, by)
    raise Conflict(f"Others are changing {asked.dataset} all the time just now. Nothing was changed; try again.")


def _carried(store: Store, asked: Version, head: Version, before: Rows, after: Rows, by: tuple[str, ...]) -> Rows:
    theirs = datasets.rows_of(store, head)
    carried = carry_over(before, after, theirs)
    if carried.collisions:
        raise conflict(asked, head, carried.collisions, by)
    if carried.rows.digest == theirs.digest:
        raise Refused(f"{' and '.join(by)} made the very same change meanwhile: {head.label} has it already.")
    return carried.rows


def conflict(asked: Version, head: Version, collisions: Sequence[Collision], by: Sequence[str]) -> Conflict:
    """The conflict over the first of some rows that two people changed, in words and with the three texts."""
    first, people = collisions[0], " and ".join(by)
    more = f" and {len(collisions) - 1:,} more" if len(collisions) > 1 else ""
    did = "took out" if first.theirs is None else "changed"
    return Conflict(
        f"{people} {did} row {first.row_id}{more} after {asked.label}. Nothing was overwritten: compare yours with "
        f"theirs in {head.label}, and decide there.",
        row_id=first.row_id,
        who=people,
        mine=first.mine,
        theirs=first.theirs,
        base=first.base,
        rows=tuple(one.row_id for one in collisions),
    )


def _others(store: Store, asked: Version, head: Version) -> tuple[str, ...]:
    """Who made the versions after `asked`, in the order in which they came."""
    between = [one for one in datasets.listed(store, head.dataset) if asked.number < one.number <= head.number]
    return tuple(dict.fromkeys(one.change.who for one in between))


def standing(store: Store, head: Version) -> list[Version]:
    """The changes whose effect is still in `head`, the last one first: what was undone is not among them."""
    known = {one.number: one for one in datasets.listed(store, head.dataset)}
    found, at = [], known.get(head.number)
    while at is not None:
        if at.change.restores is not None:
            at = known[at.change.restores]
            continue
        found.append(at)
        at = known.get(at.parent) if at.parent is not None else None
    return found


def before_last_change(store: Store, head: Version) -> tuple[Version, Version]:
    """The change that an undo would take back and the version that it would bring back.

    An undo is a version too; undoing again goes one change further back, never forth. Raises Refused at version 1, and
    at a freeze: what was taken out for a golden set stays out.
    """
    last = standing(store, head)[0]
    if last.parent is None:
        raise Refused(f"{head.label} holds what was first imported: there is nothing left to undo.")
    if last.change.verb in FOR_GOLDEN:
        did = "froze" if last.change.verb == FREEZE else "refreshed"
        raise Refused(
            f"The last change of {head.dataset} {did} its golden set, and a frozen set stays frozen: undoing it would "
            "put golden rows back where training can see them."
        )
    return last, datasets.version(store, f"{head.dataset}@{last.parent}")


def after_last_undo(store: Store, head: Version) -> Version:
    """The version that a redo would bring back: what the last undo took away that was not redone since.

    Raises Refused when the last change is neither an undo nor a redo: a new change ends what can be redone.
    """
    taken: list[int] = []
    steps = [one for one in datasets.listed(store, head.dataset) if one.number <= head.number]
    for one in steps:
        if one.change.verb == "undo":
            taken.append(int(one.change.settings["undoes"]))
        elif one.change.verb == "redo":
            taken.pop()
        else:
            taken.clear()
    if not taken:
        raise Refused(f"Nothing was undone since the last change of {head.dataset}: there is nothing to redo.")
    return next(one for one in steps if one.number == taken[-1])


def tree(store: Store, dataset: str) -> list[Branch]:
    """Every version of a dataset with what it came from and what came of it, oldest first, for drawing.

    An undo or a redo changed nothing of its own: it is given as the same as the version whose rows it brought back, and
    what was changed next hangs on that one.
    """
    known = {one.number: one for one in datasets.listed(store, dataset)}
    if not known:
        raise NotFound(f'There is no dataset "{dataset}" in this store.')
    stands = {one.number for one in standing(store, known[max(known)])}

    def origin(number: int) -> int:
        while (back := known[number].change.restores) is not None:
            number = back
        return number

    parents = {
        number: origin(one.change.restores if one.change.restores is not None else one.parent)
        if one.parent is not None
        else None
        for number, one in known.items()
    }
    children: dict[int, list[int]] = {number: [] for number in known}
    for number, parent in parents.items():
        if parent is not None and known[number].change.restores is None:
            children[parent].append(number)
    return [
        Branch(
            one,
            parents[number],
            tuple(children[number]),
            number in stands,
            None if one.change.restores is None else parents[number],
        )
        for number, one in known.items()
    ]


def taken_for_golden(store: Store, dataset: str) -> set[str]:
    """The ids of the rows that freezes took out of a dataset: golden rows, and rows that only repeat one.

    Rows that a later golden set retired to training are free again.
    """
    known = {one.number: one for one in datasets.listed(store, dataset)}
    taken: set[str] = set()
    for _, one in sorted(known.items()):
        if one.change.verb in FOR_GOLDEN and one.parent is not None:
            before, after = (set(datasets.rows_of(store, version).row_id) for version in (known[one.parent], one))
            taken = (taken | (before - after)) - (after - before)
    return taken


def like_golden(store: Store, dataset: str, rows: Rows) -> set[str]:
    """The ids of the rows that repeat, or nearly repeat, a golden row of a dataset, whatever ids they bear.

    What an edited golden row said before counts too; rows retired to training do not.
    """
    frozen = goldens.listed(store, dataset)
    if not frozen or not len(rows):
        return set()
    golden = goldens.barred(store, frozen[-1])
    apart = golden.renamed([f"golden {number}" for number in range(len(golden))])
    return {leak.training_id for leak in leaks(rows, apart)}
