"""What the leak guard found and what people said of it: searches, rulings, approved phrases, signed overrides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from workbench.errors import NotFound
from workbench.records import ApprovedPhrase, Golden, LeakRuling, LeakSearch, Override, Pair, Run, Version
from workbench.store.store import Store, inserted, now
from workbench.store.tables import (
    approved_phrases,
    datasets,
    goldens,
    leak_overrides,
    leak_rulings,
    leak_searches,
    versions,
)

RULINGS = select(leak_rulings, datasets.c.name).join(datasets, leak_rulings.c.dataset_id == datasets.c.id)
PHRASES = select(approved_phrases, datasets.c.name).join(datasets, approved_phrases.c.dataset_id == datasets.c.id)
SEARCHES = (
    select(leak_searches, datasets.c.name, versions.c.number, goldens.c.number.label("golden"))
    .join(versions, leak_searches.c.version_id == versions.c.id)
    .join(datasets, versions.c.dataset_id == datasets.c.id)
    .join(goldens, leak_searches.c.golden_id == goldens.c.id)
)
Texts = tuple[str, str]
"""Digests of a training and a golden text."""


def add_search(
    store: Store, version: Version, golden: Golden, basis: str, *, model: str, counts: Mapping[str, int],
    seconds: float, who: str,
) -> LeakSearch:  # fmt: skip
    """Remembers that the guard has searched a version; the first one of a basis keeps its time and name, since every
    other finds the same."""
    where = (
        (leak_searches.c.version_id == version.id)
        & (leak_searches.c.golden_id == golden.id)
        & (leak_searches.c.basis == basis)
    )
    values = {"model": model, "counts": dict(counts), "seconds": seconds}
    with store.write() as connection:
        if not connection.execute(update(leak_searches).where(where).values(**values)).rowcount:
            inserted(connection, leak_searches, version_id=version.id, golden_id=golden.id, basis=basis, who=who,
                     created=now(), **values)  # fmt: skip
    found = search_of(store, version.id, golden.id, basis)
    assert found is not None, "it was just written"
    return found


def search_of(
    store: Store, version_id: int, golden_id: int, basis: str | None = None, *, before: str | None = None
) -> LeakSearch | None:
    """The last search of a version against a golden set; with `basis` the one of that basis, with `before` the last one
    up to that time (ISO 8601, UTC). None without one."""
    query = SEARCHES.where(leak_searches.c.version_id == version_id, leak_searches.c.golden_id == golden_id)
    if basis is not None:
        query = query.where(leak_searches.c.basis == basis)
    if before is not None:
        query = query.where(leak_searches.c.created <= before)
    with store.read() as connection:
        line = connection.execute(query.order_by(leak_searches.c.created.desc(), leak_searches.c.id.desc())).first()
    if line is None:
        return None
    return LeakSearch(
        line.id,
        f"{line.name}@{line.number}",
        line.version_id,
        f"{line.name} golden {line.golden}",
        line.golden_id,
        line.model,
        line.counts,
        line.seconds,
        line.who,
        line.created,
    )


def _ruling(line: Row[Any]) -> LeakRuling:
    return LeakRuling(
        line.id,
        line.name,
        line.training_text,
        line.golden_text,
        line.training_id,
        line.leak,
        line.reason,
        line.how,
        line.measure,
        line.bulk,
        line.who,
        line.created,
    )


def add_rulings(connection: Connection, dataset_id: int, pairs: Sequence[Pair], *, leak: bool, reason: str,
                who: str) -> None:  # fmt: skip
    """Rules on pairs inside an open transaction; what was ruled on the same texts before ends."""
    when = now()
    texts = {(one.training_text, one.golden_text) for one in pairs}
    held = _standing_lines(connection, dataset_id, {training for training, _ in texts})
    for line in held:
        if (line.training_text, line.golden_text) in texts:
            connection.execute(update(leak_rulings).where(leak_rulings.c.id == line.id).values(taken_back=when))
    first = {(one.training_text, one.golden_text): one for one in reversed(pairs)}
    lines = [
        {
            "dataset_id": dataset_id,
            "training_text": one.training_text,
            "golden_text": one.golden_text,
            "training_id": one.training_id,
            "leak": leak,
            "reason": reason,
            "how": one.how,
            "measure": one.measure,
            "bulk": len(first),
            "who": who,
            "created": when,
        }
        for one in reversed(first.values())
    ]
    if lines:
        connection.execute(insert(leak_rulings), lines)


AT_ONCE = 500  # values in one IN list: older SQLite takes 999


def _standing_lines(connection: Connection, dataset_id: int, training: Collection[str]) -> list[Any]:
    wanted = sorted(training)
    found: list[Any] = []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        query = select(leak_rulings.c.id, leak_rulings.c.training_text, leak_rulings.c.golden_text).where(
            leak_rulings.c.dataset_id == dataset_id,
            leak_rulings.c.taken_back.is_(None),
            leak_rulings.c.training_text.in_(part),
        )
        found += connection.execute(query).all()
    return found


def rulings(store: Store, dataset: str, at: str | None = None) -> list[LeakRuling]:
    """The rulings that hold on a dataset, the last one first. at: those that held at that time (ISO 8601, UTC)."""
    query = RULINGS.where(datasets.c.name == dataset).order_by(leak_rulings.c.id.desc())
    if at is None:
        query = query.where(leak_rulings.c.taken_back.is_(None))
    else:
        ended = leak_rulings.c.taken_back
        query = query.where(leak_rulings.c.created <= at, ended.is_(None) | (ended > at))
    with store.read() as connection:
        return [_ruling(line) for line in connection.execute(query)]


def standing(store: Store, dataset: str, at: str | None = None) -> dict[Texts, LeakRuling]:
    """The ruling that holds on each pair of texts."""
    return {(one.training_text, one.golden_text): one for one in reversed(rulings(store, dataset, at))}


def ruling(store: Store, ruling_id: int) -> LeakRuling:
    """The ruling with that id, also one that has ended. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(RULINGS.where(leak_rulings.c.id == ruling_id)).first()
    if line is None:
        raise NotFound(f"There is no leak ruling {ruling_id}. List them: goldloop golden rule --list")
    return _ruling(line)


def take_back(store: Store, ruling_id: int, *, all_of_it: bool = False) -> int:
    """Ends a ruling, with `all_of_it` every one made in the same press; the lines stay. Gives how many ended."""
    one = ruling(store, ruling_id)
    where = leak_rulings.c.id == ruling_id
    if all_of_it:
        where = (leak_rulings.c.created == one.when) & (leak_rulings.c.who == one.who)
        where &= leak_rulings.c.reason == one.reason
    return _end(store, leak_rulings, where)


def _end(store: Store, table: Table, where: Any) -> int:
    with store.write() as connection:
        done = connection.execute(update(table).where(where, table.c.taken_back.is_(None)).values(taken_back=now()))
        return int(done.rowcount)


def approve(store: Store, dataset_id: int, phrase: str, reason: str, who: str) -> int:
    """Remembers a phrase that every reply may repeat; gives its id."""
    with store.write() as connection:
        return inserted(connection, approved_phrases, dataset_id=dataset_id, phrase=phrase, reason=reason, who=who,
                        created=now())  # fmt: skip


def phrases(store: Store, dataset: str, at: str | None = None) -> list[ApprovedPhrase]:
    """The phrases that are approved on a dataset, oldest first. at: those that were at that time (ISO 8601, UTC)."""
    ended = approved_phrases.c.taken_back
    query = PHRASES.where(datasets.c.name == dataset)
    query = query.where(ended.is_(None)) if at is None else query.where(
        approved_phrases.c.created <= at, ended.is_(None) | (ended > at)
    )  # fmt: skip
    with store.read() as connection:
        return [
            ApprovedPhrase(line.id, line.name, line.phrase, line.reason, line.who, line.created)
            for line in connection.execute(query.order_by(approved_phrases.c.id))
        ]


def disapprove(store: Store, phrase_id: int) -> bool:
    """Ends an approval; False when it had ended before or never was."""
    return bool(_end(store, approved_phrases, approved_phrases.c.id == phrase_id))


def _override(line: Row[Any]) -> Override:
    return Override(
        line.id,
        line.version_id,
        line.golden_id,
        line.reason,
        tuple(line.pairs),
        line.counts,
        line.who,
        line.created,
        line.taken_back,
    )


def sign(store: Store, version: Version, golden: Golden, pairs: Sequence[Pair], reason: str, who: str) -> Override:
    """Remembers that somebody lets training pass in spite of these pairs."""
    with store.write() as connection:
        key = inserted(
            connection,
            leak_overrides,
            version_id=version.id,
            golden_id=golden.id,
            reason=reason,
            pairs=[one.key for one in pairs],
            counts=dict(Counter(one.tier for one in pairs)),
            who=who,
            created=now(),
        )
    return next(one for one in overrides(store, version.id, golden.id) if one.id == key)


def overrides(store: Store, version_id: int, golden_id: int, at: str | None = None) -> list[Override]:
    """The signatures that hold on a version against a golden set, oldest first. at: those that held at that time."""
    query = select(leak_overrides).where(
        leak_overrides.c.version_id == version_id, leak_overrides.c.golden_id == golden_id
    )
    ended = leak_overrides.c.taken_back
    query = query.where(ended.is_(None)) if at is None else query.where(
        leak_overrides.c.created <= at, ended.is_(None) | (ended > at)
    )  # fmt: skip
    with store.read() as connection:
        return [_override(line) for line in connection.execute(query.order_by(leak_overrides.c.id))]


def take_back_override(store: Store, override_id: int) -> bool:
    """Ends a signature; False when it had ended before or never was."""
    return bool(_end(store, leak_overrides, leak_overrides.c.id == override_id))


def told(store: Store, run: Run) -> dict[str, Any] | None:
    """What a report must say of the leak guard on a run, JSON-ready, as things stood when the run began.

    None where the version was never searched (runs of older stores). Else {"version", "golden", "searched" (when),
    "by", "paraphrases": {"checked": bool, "model": str}, "counts": {"certain", "suspect", "look-alike": pairs},
    "ruled": [{"leak", "pairs", "reason", "who", "when"}] (what was ruled in one press is one entry; all rulings of the
    dataset that held), "overrides": [{"who", "when", "reason", "pairs", "counts"}], "approved": [{"phrase",
    "reason", "who", "when"}] (phrases that every reply may repeat), "sentence": one line for people}.
    """
    search = search_of(store, run.version_id, run.golden_id, before=run.when)
    search = search or search_of(store, run.version_id, run.golden_id)
    if search is None:
        return None
    presses: dict[tuple[bool, str, str, str], int] = Counter(
        (one.leak, one.reason, one.who, one.when) for one in reversed(rulings(store, run.dataset, run.when))
    )
    signed = overrides(store, run.version_id, run.golden_id, run.when)
    approved = phrases(store, run.dataset, run.when)
    ruled = [
        {"leak": leak, "pairs": pairs, "reason": reason, "who": who, "when": when}
        for (leak, reason, who, when), pairs in presses.items()
    ]
    return {
        "version": search.version,
        "golden": search.golden,
        "searched": search.when,
        "by": search.who,
        "paraphrases": {"checked": bool(search.model), "model": search.model},
        "counts": {tier: int(search.counts.get(tier, 0)) for tier in ("certain", "suspect", "look-alike")},
        "ruled": ruled,
        "overrides": [
            {
                "who": one.who,
                "when": one.when,
                "reason": one.reason,
                "pairs": len(one.pairs),
                "counts": dict(one.counts),
            }
            for one in signed
        ],
        "approved": [
            {"phrase": one.phrase, "reason": one.reason, "who": one.who, "when": one.when} for one in approved
        ],
        "sentence": _sentence(search, ruled, signed, len(approved)),
    }


def _sentence(search: LeakSearch, ruled: Sequence[Mapping[str, Any]], signed: Sequence[Override], approved: int) -> str:
    counts = search.counts
    parts = [
        f"The leak guard found {counts.get('certain', 0):,} certain and {counts.get('suspect', 0):,} suspect pairs "
        f"between {search.version} and {search.golden}."
    ]
    if no_leak := sum(one["pairs"] for one in ruled if not one["leak"]):
        parts.append(f"{no_leak:,} pairs of the dataset were ruled no leak.")
    if approved:
        parts.append(f"{approved} {'phrase is' if approved == 1 else 'phrases are'} approved, and may be repeated.")
    if not search.model:
        parts.append("Paraphrase check off: the embedding model was not there.")
    for one in signed:
        parts.append(f"{one.who} let it pass in spite of {len(one.pairs):,} open pairs: {one.reason}")
    return " ".join(parts)
