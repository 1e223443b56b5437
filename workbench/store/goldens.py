"""Golden sets: locked by the hash of their rows; there is no way to change or to delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from workbench.errors import BadInput, NotFound, Refused
from workbench.records import LOOKS, PARTS, Golden, Look, Part
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, golden_looks, goldens

RENEWED = 0.2  # of the sealed rows must be new before looks at an earlier set no longer count; notes: retire 20 to 30 %
ALL = select(goldens, datasets.c.name).join(datasets, goldens.c.dataset_id == datasets.c.id)


def _golden(line: Row[Any]) -> Golden:
    return Golden(
        line.id,
        line.dataset_id,
        line.name,
        line.number,
        line.drawn_from,
        line.digest,
        line.size,
        line.share,
        line.seed,
        line.strata,
        line.groups,
        line.who,
        line.created,
        line.parts or {},
        line.budget,
        line.change or {},
    )


def add(
    connection: Connection,
    *,
    dataset_id: int,
    number: int,
    drawn_from: int,
    digest: str,
    size: int,
    share: float,
    seed: int,
    strata: Mapping[str, Any],
    groups: Mapping[str, int],
    who: str,
    parts: Mapping[str, Part] | None = None,
    budget: int = LOOKS,
    change: Mapping[str, Any] | None = None,
) -> int:
    """Remembers a golden set inside an open write transaction and returns its id."""
    key = inserted(
        connection,
        goldens,
        dataset_id=dataset_id,
        number=number,
        drawn_from=drawn_from,
        digest=digest,
        size=size,
        share=share,
        seed=seed,
        strata=dict(strata),
        groups=dict(groups),
        parts=dict(parts or {}),
        budget=budget,
        change=dict(change or {}),
        who=who,
        created=now(),
    )
    return key


def listed(store: Store, dataset: str | None = None) -> list[Golden]:
    """The golden sets of a dataset (of all where none is named), oldest first."""
    query = ALL.order_by(datasets.c.name, goldens.c.number)
    with store.read() as connection:
        return [
            _golden(line)
            for line in connection.execute(query if dataset is None else query.where(datasets.c.name == dataset))
        ]


def newest(store: Store, dataset: str) -> Golden:
    """The golden set in force. Raises NotFound with the way to one."""
    found = listed(store, dataset)
    if not found:
        raise NotFound(f"{dataset} has no golden set yet. Freeze one first: goldloop golden freeze")
    return found[-1]


def in_force(store: Store, reference: str | None = None) -> Golden:
    """The golden set in force of the dataset meant, by default of the one touched last; a version's name will do."""
    from workbench.store.datasets import version

    return newest(store, version(store, reference).dataset)


def newest_number(connection: Connection, dataset_id: int) -> int:
    """The number of a dataset's newest golden set as an open transaction sees it; 0 without one."""
    query = select(func.max(goldens.c.number)).where(goldens.c.dataset_id == dataset_id)
    return int(connection.scalar(query) or 0)


def by_id(store: Store, golden_id: int) -> Golden:
    """The golden set with that id."""
    with store.read() as connection:
        line = connection.execute(ALL.where(goldens.c.id == golden_id)).first()
    if line is None:
        raise NotFound(f"There is no golden set with the id {golden_id}.")
    return _golden(line)


def rows_of(store: Store, golden: Golden) -> Rows:
    """The rows of a golden set, hashed again: tampering raises StoreError."""
    return store.row_files.verified(golden.digest)


def rows_in(store: Store, golden: Golden, *parts: Part) -> Rows:
    """The rows of the parts named, in the order of the set; a set without parts is all "dev"."""
    rows = rows_of(store, golden)
    return rows.keep([golden.parts.get(row_id, "dev") in parts for row_id in rows.row_id])


def readable(store: Store, golden: Golden) -> Rows:
    """The rows that people may see: all but the sealed ones. Screens, exports and logs take golden rows from here."""
    return rows_in(store, golden, *(part for part in PARTS if part != "sealed"))


def unsealed(store: Store, dataset: str, rows: Rows) -> Rows:
    """Rows of some version without those that the dataset's newest golden set keeps sealed.

    Versions from before a freeze still hold such rows. Whoever sends rows of a version out of the store, or sets two
    versions side by side, asks this first.
    """
    found = listed(store, dataset)
    sealed = found[-1].ids("sealed") if found else ()
    return rows.without(sealed) if sealed else rows


def barred(store: Store, golden: Golden) -> Rows:
    """Every text that training must not hold: the rows of the set, and what those that were edited said before.

    A row id stands in it once a wording. Rows that were retired to training are not in it.
    """
    rows = rows_of(store, golden)
    for older in _chain(store, golden):
        if edited := [row_id for row_id in older.change.get("edited", ()) if row_id in golden.groups]:
            before = next(one for one in _chain(store, golden) if one.number == older.number - 1)
            rows = rows.plus(rows_of(store, before).having(edited))
    return rows


def with_errata(store: Store, golden: Golden) -> Golden:
    """The newest set that came from this one by edits alone: what a run made under this one may be evaluated on.

    A set that rows were added to or retired from is none for older runs: they may have trained on its rows.
    """
    for later in listed(store, golden.dataset):
        if later.number == golden.number + 1 and later.change.get("verb") == "edit":
            golden = later
    return golden


def _chain(store: Store, golden: Golden) -> list[Golden]:
    """The sets of the dataset up to this one, oldest first."""
    return [one for one in listed(store, golden.dataset) if one.number <= golden.number]


def _look(line: Row[Any]) -> Look:
    return Look(
        line.id, line.golden_id, line.evaluation_id, line.number, line.budget, line.over, line.why, line.who,
        line.created, line.primary, line.mean, line.per_row, line.improved, line.finished,
    )  # fmt: skip


def looks(store: Store, golden: Golden) -> list[Look]:
    """Every look that counts against this set's budget, oldest first.

    Looks at an earlier set count too until a fifth of the sealed rows are new: an erratum renews no budget. So do looks
    at a later set that holds most of these rows, since a run of this one may still be evaluated.
    """
    sealed = set(golden.ids("sealed"))
    same = [
        one.id
        for one in listed(store, golden.dataset)
        if one.id == golden.id or (sealed and len(sealed - set(one.ids("sealed"))) < RENEWED * len(sealed))
    ]
    query = select(golden_looks).where(golden_looks.c.golden_id.in_(same)).order_by(golden_looks.c.id)
    with store.read() as connection:
        return [_look(line) for line in connection.execute(query)]


def may_look(store: Store, golden: Golden, why: str = "") -> None:
    """Raises BadInput without sealed rows, and Refused once the budget of looks is spent and no reason is given.

    For the moment before an evaluation is started; `add_look` asks again when it counts.
    """
    if not golden.ids("sealed"):
        raise BadInput(
            f"{golden.label} has no sealed rows: all that it has may be read. Evaluate its dev part, or freeze more "
            "rows with a sealed share: goldloop golden freeze --sealed 0.5"
        )
    _refuse_over(golden, len(looks(store, golden)), why)


def add_look(store: Store, golden: Golden, evaluation_id: int, why: str = "") -> Look:
    """Counts a look at the sealed rows, before the first answer is asked; the same evaluation again counts once.

    why: what the look is for; past the budget it is the signed reason without which Refused is raised, and the look is
    marked `over`. Raises BadInput where the set has no sealed rows.
    """
    may = (golden_looks.c.golden_id == golden.id) & (golden_looks.c.evaluation_id == evaluation_id)
    before = looks(store, golden)
    with store.write() as connection:
        line = connection.execute(select(golden_looks).where(may)).first()
        if line is not None:
            return _look(line)
        # the write lock holds now: looks that were counted since the reading above are seen here
        newest = max((one.id for one in before), default=0)
        since = select(golden_looks.c.id).where(golden_looks.c.golden_id == golden.id, golden_looks.c.id > newest)
        number = len(before) + len(list(connection.execute(since))) + 1
        if not golden.ids("sealed"):
            may_look(store, golden)
        _refuse_over(golden, number - 1, why)
        key = inserted(
            connection,
            golden_looks,
            golden_id=golden.id,
            evaluation_id=evaluation_id,
            number=number,
            budget=golden.budget,
            over=number > golden.budget,
            why=why.strip(),
            who=user_name(),
            created=now(),
        )
        line = connection.execute(select(golden_looks).where(golden_looks.c.id == key)).one()
        return _look(line)


def finish_look(
    store: Store, look_id: int, primary: str, per_row: Mapping[str, float], mean: float, improved: bool
) -> Look:
    """Remembers what a look found: the deciding metric, a number per sealed row, their mean, and the Ladder's word."""
    values = {
        "primary": primary, "per_row": dict(per_row), "mean": mean, "improved": improved, "finished": now(),
    }  # fmt: skip
    with store.write() as connection:
        connection.execute(update(golden_looks).where(golden_looks.c.id == look_id).values(**values))
        line = connection.execute(select(golden_looks).where(golden_looks.c.id == look_id)).first()
    if line is None:
        raise NotFound(f"There is no look with the id {look_id}.")
    return _look(line)


def best_look(store: Store, golden: Golden, primary: str | None = None, *, but: int | None = None) -> Look | None:
    """The best so far on exactly this set: its newest look that improved, by the metric named (any where None).

    but: the id of a look that is left out, the one that is being judged.
    """
    for one in reversed(looks(store, golden)):
        if one.golden_id == golden.id and one.improved and primary in (None, one.primary) and one.id != but:
            return one
    return None


def _refuse_over(golden: Golden, spent: int, why: str) -> None:
    if spent >= golden.budget and not why.strip():
        raise Refused(
            f"The {golden.budget} looks at the sealed rows of {golden.label} are spent ({spent} were taken). What "
            "another finds may be luck. Refresh the set with: goldloop golden refresh; or sign a reason for one more "
            'look: --why "..."'
        )
