"""Advice on how many rows a task needs, and on what to mend first."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.checks.run import Result
from workbench.errors import BadInput
from workbench.rows import Rows

# Task: what it is called, fewest rows, and the most that help (None: more keeps helping). Rules of thumb for LoRA.
TASKS: dict[str, tuple[str, int, int | None]] = {
    "style": ("a tone or style", 50, 100),
    "automation": ("a simple automation", 100, 500),
    "knowledge": ("complex questions and answers or new knowledge", 500, 1_000),
}
QUALITY_FIRST = (
    "Quality before quantity: begin with few good rows, train, measure on the golden set, and add rows only where the "
    "measurement shows a gap."
)
WORTH_A_WORD = 0.05  # share of rows with errors or warnings from which mending comes before adding
DUBIOUS = 0.2


def count_advice(rows: Rows, task: str | None = None, results: Sequence[Result] = ()) -> list[str]:
    """Plain sentences: whether these are enough rows for each kind of task (or the one named), and what to mend first.

    task: one of `TASKS`; anything else is a BadInput. results: of `run_catalogue`, if the checks have run.
    """
    if task is not None and task not in TASKS:
        raise BadInput(f'There is no task "{task}"; the tasks are: {", ".join(TASKS)}.')
    usable = sum(bool(reply.strip()) for reply in rows.reply)
    said = [_standing(usable, *TASKS[name]) for name in ([task] if task else TASKS)]
    if usable < len(rows):
        without = f"{_rows(len(rows) - usable)} of {len(rows):,} without a reply"
        said.insert(0, f"{without}: they teach nothing and do not count.")
    return [*said, *_mend_first(rows, results), QUALITY_FIRST]


def _standing(have: int, kind: str, fewest: int, most: int | None) -> str:
    wanted = f"{fewest:,} to {most:,} rows" + (" and more" if fewest >= 500 else "")
    if have < fewest:
        return f"For {kind}, {wanted} are usual; you have {have:,}, {fewest - have:,} short of that."
    if most is not None and have > most and fewest < 500:
        return f"For {kind}, {wanted} are usual; you have {have:,}, so more rows will hardly help: better ones will."
    return f"For {kind}, {wanted} are usual; you have {have:,}, which is enough to begin with."


def _mend_first(rows: Rows, results: Sequence[Result]) -> list[str]:
    faulty: set[int] = set()
    worst: tuple[int, str] = (0, "")
    for result in results:
        if result.findings is not None and result.check.severity != "info":
            flagged = result.findings.flagged.arg_true().to_list()
            faulty.update(flagged)
            worst = max(worst, (len(flagged), result.check.title))
    share = len(faulty) / len(rows) if len(rows) else 0.0
    if share < WORTH_A_WORD:
        return []
    begin = f'begin with "{worst[1]}" ({_rows(worst[0])})'
    if share < DUBIOUS:
        return [f"{share:.0%} of the rows have findings: look at them before adding rows; {begin}."]
    return [f"{share:.0%} of the rows have findings: mend these before you add any row; {begin}."]


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
