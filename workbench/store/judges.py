"""Model judges by name and number, their remembered replies, their cards and their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import NotFound
from workbench.records import Judge, JudgeForm, JudgeRun, JudgeScore, JudgeWork
from workbench.store.store import Store, inserted, now
from workbench.store.tables import judge_replies, judge_runs, judge_scores, judges

REPLY = ("code", "text", "tokens_in", "tokens_out", "seconds", "cut", "cost")


def _judge(line: Row[Any]) -> Judge:
    return Judge(
        line.id, line.name, line.number, line.form, line.rubric, line.source, line.digest, line.who, line.created
    )


def _run(line: Row[Any]) -> JudgeRun:
    return JudgeRun(
        line.id, line.judge_id, line.evaluation_id, line.work, line.settings, line.summary, line.job_id, line.who,
        line.created,
    )  # fmt: skip


def add(
    store: Store, name: str, *, form: JudgeForm, rubric: str, source: Mapping[str, Any], digest: str, who: str
) -> Judge:
    """The next number of a judge's name; the one that stands already where nothing is different."""
    with store.write() as connection:
        own = list(connection.execute(select(judges).where(judges.c.name == name).order_by(judges.c.number)))
        for line in own:
            if (line.digest, line.rubric, dict(line.source)) == (digest, rubric, dict(source)):
                return _judge(line)
        key = inserted(
            connection, judges, name=name, number=(own[-1].number if own else 0) + 1, form=form, rubric=rubric,
            source=dict(source), digest=digest, who=who, created=now(),
        )  # fmt: skip
    return by_id(store, key)


def by_id(store: Store, judge_id: int) -> Judge:
    """The judge with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(judges).where(judges.c.id == judge_id)).first()
    if line is None:
        raise NotFound(f"There is no judge with the id {judge_id}.")
    return _judge(line)


def get(store: Store, label: str) -> Judge:
    """The judge of a label: "strict@2", or "strict" for its newest number. Raises NotFound and says what there is."""
    name, _, number = label.strip().partition("@")
    query = select(judges).where(judges.c.name == name).order_by(judges.c.number.desc())
    if number:
        query = query.where(judges.c.number == (int(number) if number.isdecimal() and len(number) < 10 else 0))
    with store.read() as connection:
        line = connection.execute(query).first()
    if line is None:
        known = ", ".join(one.label for one in listed(store)) or "none yet; add one: goldloop judges add NAME"
        raise NotFound(f'There is no judge "{label[:80]}". There are: {known}.')
    return _judge(line)


def listed(store: Store) -> list[Judge]:
    """Every judge, by name, newest number first."""
    with store.read() as connection:
        return [_judge(line) for line in connection.execute(select(judges).order_by(judges.c.name, judges.c.id.desc()))]


def reply(store: Store, key: str) -> dict[str, Any] | None:
    """What was replied to a question, as plain values, or None."""
    with store.read() as connection:
        line = connection.execute(select(judge_replies).where(judge_replies.c.key == key)).first()
    return None if line is None else {name: getattr(line, name) for name in REPLY}


def add_reply(store: Store, judge_id: int, key: str, values: Mapping[str, Any]) -> None:
    """Remembers a reply; one that is remembered already stays."""
    told = {name: values[name] for name in REPLY}
    try:
        with store.write() as connection:
            connection.execute(insert(judge_replies).values(key=key, judge_id=judge_id, created=now(), **told))
    except IntegrityError:
        return


def spent(store: Store, judge_id: int) -> float:
    """What all remembered replies of a judge cost."""
    query = select(func.sum(judge_replies.c.cost)).where(judge_replies.c.judge_id == judge_id)
    with store.read() as connection:
        return float(connection.scalar(query) or 0.0)


def add_run(
    store: Store, judge: Judge, evaluation_id: int, work: JudgeWork, settings: Mapping[str, Any], who: str,
    job_id: int | None = None,
) -> JudgeRun:  # fmt: skip
    """A new run before its first question; that of the same job where it goes on."""
    with store.write() as connection:
        if job_id is not None:
            line = connection.execute(select(judge_runs).where(judge_runs.c.job_id == job_id)).first()
            if line is not None:
                return _run(line)
        key = inserted(
            connection, judge_runs, judge_id=judge.id, evaluation_id=evaluation_id, job_id=job_id, work=work,
            settings=dict(settings), summary=None, who=who, created=now(),
        )  # fmt: skip
    return run(store, key)


def run(store: Store, run_id: int) -> JudgeRun:
    """The run with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(judge_runs).where(judge_runs.c.id == run_id)).first()
    if line is None:
        raise NotFound(f"There is no run {run_id} of a judge.")
    return _run(line)


def finish(store: Store, run_id: int, summary: Mapping[str, Any], said: Sequence[JudgeScore] = ()) -> None:
    """Writes the outcome of a run down with all its scores, in place of an earlier try's."""
    lines = [
        {"run_id": run_id, "row_id": one.row_id, "arm": one.arm, "against": one.against, "value": one.value,
         "note": one.note, "detail": dict(one.detail)}
        for one in said
    ]  # fmt: skip
    with store.write() as connection:
        connection.execute(delete(judge_scores).where(judge_scores.c.run_id == run_id))
        if lines:
            connection.execute(insert(judge_scores), lines)
        connection.execute(update(judge_runs).where(judge_runs.c.id == run_id).values(summary=dict(summary)))


def runs_of(
    store: Store, *, evaluation_id: int | None = None, judge_id: int | None = None, work: JudgeWork | None = None
) -> list[JudgeRun]:
    """The finished runs, newest first, of an evaluation, a judge or a kind of work where named."""
    query = select(judge_runs).where(judge_runs.c.summary.is_not(None)).order_by(judge_runs.c.id.desc())
    for column, wanted in (
        (judge_runs.c.evaluation_id, evaluation_id), (judge_runs.c.judge_id, judge_id), (judge_runs.c.work, work)
    ):  # fmt: skip
        if wanted is not None:
            query = query.where(column == wanted)
    with store.read() as connection:
        return [_run(line) for line in connection.execute(query)]


def scores_of(store: Store, run_id: int) -> list[JudgeScore]:
    """What a judge said in a run, row by row. Use `judging.scores` where its card must have passed."""
    query = select(judge_scores).where(judge_scores.c.run_id == run_id).order_by(judge_scores.c.id)
    with store.read() as connection:
        return [
            JudgeScore(line.row_id, line.arm, line.against, line.value, line.note, line.detail)
            for line in connection.execute(query)
        ]
