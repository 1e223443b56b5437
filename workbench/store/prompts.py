"""Saved prompts of a dataset, numbered and never changed; and climbs of the prompt ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from workbench.errors import NotFound
from workbench.records import Climb, Prompt, Version
from workbench.store.store import Store, inserted, now
from workbench.store.tables import climbs, datasets, prompts

PROMPTS = select(prompts, datasets.c.name.label("dataset")).join(datasets, prompts.c.dataset_id == datasets.c.id)
CLIMBS = select(climbs, datasets.c.name.label("dataset")).join(datasets, climbs.c.dataset_id == datasets.c.id)


def _prompt(line: Row[Any]) -> Prompt:
    return Prompt(
        line.id,
        line.dataset_id,
        line.dataset,
        line.number,
        line.name,
        line.system,
        line.examples_mode,
        line.k,
        line.seed,
        line.version_id,
        line.parent,
        line.origin,
        line.measured or {},
        line.who,
        line.created,
    )


def _climb(line: Row[Any]) -> Climb:
    return Climb(
        line.id, line.dataset, line.version_id, line.golden_id, line.settings, line.summary, line.who, line.created
    )


def add(
    store: Store,
    version: Version,
    *,
    name: str,
    system: str,
    examples_mode: str,
    k: int,
    seed: int,
    parent: int | None,
    origin: str,
    who: str,
) -> Prompt:
    """The saved prompt of exactly this kind: the one that is there already, else a new one with the next number."""
    wanted = {"name": name, "system": system, "examples_mode": examples_mode, "k": k, "seed": seed}
    with store.write() as connection:
        found = _same(connection, version, wanted)
        if found is None:
            last = connection.scalar(
                select(func.max(prompts.c.number)).where(prompts.c.dataset_id == version.dataset_id)
            )
            found = inserted(
                connection,
                prompts,
                dataset_id=version.dataset_id,
                number=(last or 0) + 1,
                version_id=version.id,
                parent=parent,
                origin=origin,
                measured={},
                who=who,
                created=now(),
                **wanted,
            )
        return _prompt(connection.execute(PROMPTS.where(prompts.c.id == found)).one())


def _same(connection: Connection, version: Version, wanted: Mapping[str, Any]) -> int | None:
    """The id of the prompt with these values; the version counts only where its rows are shown as examples."""
    query = select(prompts.c.id).where(prompts.c.dataset_id == version.dataset_id)
    for field, value in wanted.items():
        query = query.where(prompts.c[field] == value)
    if wanted["k"]:
        query = query.where(prompts.c.version_id == version.id)
    return connection.scalar(query.order_by(prompts.c.id).limit(1))


def note_measured(store: Store, prompt_id: int, measured: Mapping[str, Any]) -> None:
    """Writes down what a climb measured of a prompt, in place of what the one before measured."""
    with store.write() as connection:
        connection.execute(update(prompts).where(prompts.c.id == prompt_id).values(measured=dict(measured)))


def get(store: Store, dataset: str, number: int) -> Prompt:
    """The saved prompt of a dataset with that number. Raises NotFound."""
    query = PROMPTS.where(datasets.c.name == dataset, prompts.c.number == number)
    with store.read() as connection:
        line = connection.execute(query).first()
    if line is None:
        raise NotFound(f"{dataset} has no saved prompt {number}. See: goldloop prompts list {dataset}")
    return _prompt(line)


def listed(store: Store, dataset: str) -> list[Prompt]:
    """The saved prompts of a dataset, oldest first."""
    query = PROMPTS.where(datasets.c.name == dataset).order_by(prompts.c.number)
    with store.read() as connection:
        return [_prompt(line) for line in connection.execute(query)]


def add_climb(
    store: Store, version: Version, golden_id: int, settings: Mapping[str, Any], who: str, job_id: int | None
) -> Climb:
    """A new climb before its first answer; of a job that is resumed, the one that it began."""
    with store.write() as connection:
        if job_id is not None:
            line = connection.execute(CLIMBS.where(climbs.c.job_id == job_id)).first()
            if line is not None:
                return _climb(line)
        key = inserted(
            connection,
            climbs,
            dataset_id=version.dataset_id,
            version_id=version.id,
            golden_id=golden_id,
            job_id=job_id,
            settings=dict(settings),
            summary=None,
            who=who,
            created=now(),
        )
        return _climb(connection.execute(CLIMBS.where(climbs.c.id == key)).one())


def finish_climb(store: Store, climb_id: int, summary: Mapping[str, Any]) -> Climb:
    """Writes the summary of a climb down."""
    with store.write() as connection:
        connection.execute(update(climbs).where(climbs.c.id == climb_id).values(summary=dict(summary)))
    return climb(store, climb_id)


def climb(store: Store, climb_id: int) -> Climb:
    """The climb with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(CLIMBS.where(climbs.c.id == climb_id)).first()
    if line is None:
        raise NotFound(f"There is no climb {climb_id}. Make one with: goldloop prompts climb")
    return _climb(line)


def climbs_of(store: Store, dataset: str, *, finished: bool = True) -> list[Climb]:
    """The climbs of a dataset, newest first."""
    query = CLIMBS.where(datasets.c.name == dataset).order_by(climbs.c.id.desc())
    with store.read() as connection:
        found = [_climb(line) for line in connection.execute(query)]
    return [one for one in found if one.summary or not finished]


def told(store: Store, dataset: str) -> dict[str, Any] | None:
    """What a report says of the prompt ladder: the summary of the newest finished climb of a dataset, or None.

    Keys: climb, who, when; model, version, golden, part, rows, seed, primary {scorer, title, unit, reason}, embedder;
    rungs [{number, title, how, chosen, mean, low, high, n, not_judged, right, difference, p, p_holm, verdict, tokens
    {mean, p95, most, n}, worse_on}], the zero-shot one first; need {word, sentence, sentences, look_it_up, left,
    extra_tokens_per_1000, ...}; search {rows, tried [{number, title, parent, mean, rows, judged, heats, tokens}]} or
    None; budget {answers, minutes, ...} as planned; took_minutes. JSON-ready; holds no golden text.
    """
    found = climbs_of(store, dataset)
    if not found:
        return None
    return {"climb": found[0].id, "who": found[0].who, "when": found[0].when, **(found[0].summary or {})}
