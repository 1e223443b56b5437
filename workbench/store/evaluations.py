"""Evaluations: what each arm answered to each golden row, and how that was scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from workbench.errors import NotFound
from workbench.records import Answer, Evaluation
from workbench.store.store import Store, inserted, now
from workbench.store.tables import answers, datasets, evaluations, goldens

ALL = (
    select(evaluations, datasets.c.name, goldens.c.number)
    .join(goldens, evaluations.c.golden_id == goldens.c.id)
    .join(datasets, goldens.c.dataset_id == datasets.c.id)
)


def _evaluation(line: Row[Any]) -> Evaluation:
    return Evaluation(
        line.id,
        line.run_id,
        line.golden_id,
        f"{line.name} golden {line.number}",
        line.settings,
        line.summary,
        line.who,
        line.created,
    )


def add(
    store: Store, run_id: int, golden_id: int, settings: Mapping[str, Any], who: str, job_id: int | None = None
) -> Evaluation:
    """A new evaluation, before its first answer."""
    with store.write() as connection:
        key = inserted(
            connection,
            evaluations,
            run_id=run_id,
            golden_id=golden_id,
            job_id=job_id,
            settings=dict(settings),
            who=who,
            created=now(),
        )
    return get(store, key)


def of_job(store: Store, job_id: int) -> Evaluation | None:
    """The evaluation that a job makes, or None before it has begun."""
    with store.read() as connection:
        line = connection.execute(ALL.where(evaluations.c.job_id == job_id)).first()
    return None if line is None else _evaluation(line)


def get(store: Store, evaluation_id: int) -> Evaluation:
    """The evaluation with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(ALL.where(evaluations.c.id == evaluation_id)).first()
    if line is None:
        raise NotFound(f"There is no evaluation {evaluation_id}. Make one first: goldloop evaluate RUN")
    return _evaluation(line)


def listed(store: Store, *, finished: bool = False) -> list[Evaluation]:
    """The newest evaluations first; with `finished` only those that have a summary."""
    with store.read() as connection:
        found = [_evaluation(line) for line in connection.execute(ALL.order_by(evaluations.c.id.desc()))]
    return [one for one in found if one.summary or not finished]


def finish(store: Store, evaluation_id: int, said: Sequence[Answer], summary: Mapping[str, Any]) -> None:
    """Writes all answers and the summary down, in one transaction, in place of an earlier try's."""
    lines = [
        {
            "evaluation_id": evaluation_id,
            "arm": one.arm,
            "row_id": one.row_id,
            "output": one.output,
            "measured": dict(one.measured),
            "scores": dict(one.scores),
            "notes": dict(one.notes),
        }
        for one in said
    ]
    with store.write() as connection:
        connection.execute(delete(answers).where(answers.c.evaluation_id == evaluation_id))
        if lines:
            connection.execute(insert(answers), lines)
        connection.execute(update(evaluations).where(evaluations.c.id == evaluation_id).values(summary=dict(summary)))


def answers_of(store: Store, evaluation_id: int, arm: str | None = None) -> list[Answer]:
    """The answers of an evaluation, in the order of golden rows; of one arm where it is named."""
    query = select(answers).where(answers.c.evaluation_id == evaluation_id).order_by(answers.c.id)
    if arm is not None:
        query = query.where(answers.c.arm == arm)
    with store.read() as connection:
        return [
            Answer(line.row_id, line.arm, line.output, line.measured, line.scores, line.notes)
            for line in connection.execute(query)
        ]


def count(store: Store) -> int:
    """How many evaluations there are."""
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(evaluations)) or 0)
