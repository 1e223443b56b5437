"""Asks many questions: nothing twice, nothing past the cost cap, nothing lost when it is stopped"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from evaluators.errors import EvaluationError
from evaluators.judges.chat import Ask, Reply
from evaluators.models.endpoint import CallFailed

Report = Callable[[float, str], None]
FAILED_IN_A_ROW = 5  # then the server is down, and asking on only costs time


class Model(Protocol):
    """Something that can be asked."""

    def __call__(self, ask: Ask) -> Reply: ...

    def most_cost(self, ask: Ask) -> float: ...

    def stop(self) -> None: ...


class Memory(Protocol):
    """What was replied before, by key."""

    def get(self, key: str) -> Reply | None: ...

    def add(self, key: str, reply: Reply) -> None: ...


@dataclass
class Asked:
    """Replies by key. failed: key -> why there is none. spent: in this run; remembered: replies of earlier runs.

    stopped: why the run ended before the last question, "" when it did not.
    """

    replies: dict[str, Reply] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    spent: float = 0.0
    calls: int = 0
    remembered: int = 0
    stopped: str = ""

    def of(self, asks: Sequence[Ask]) -> list[Reply | str]:
        """Each question's reply, or why there is none."""
        return [self.replies.get(ask.key) or self.failed.get(ask.key, "it was not asked") for ask in asks]

    def whole(self, asks: Sequence[Ask]) -> bool:
        """Whether each question was put, whatever came of it."""
        return all(ask.key in self.replies or ask.key in self.failed for ask in asks)


def ask_all(
    model: Model, asks: Sequence[Ask], memory: Memory, *, cap: float | None = None, at_once: int = 1, report: Report
) -> Asked:
    """Puts every question that is not remembered, up to `at_once` at a time, and remembers each reply at once.

    cap: the most that this run may cost; a question that might pass it is not put, and neither is any after it. Raises
    what the model raises for good (wrong key), and EvaluationError when it failed five times in a row. Whatever was
    answered before that is remembered, so that the same call goes on where it ended.
    """
    found = Asked()
    todo: dict[str, Ask] = {}
    for ask in asks:
        known = memory.get(ask.key)
        if known is None:
            todo.setdefault(ask.key, ask)
        elif ask.key not in found.replies:
            found.replies[ask.key] = known
            found.remembered += 1
    waiting, total, in_a_row = list(todo.values())[::-1], len(todo), 0
    running: dict[Future[Reply], tuple[Ask, float]] = {}
    with ThreadPoolExecutor(max(1, at_once), thread_name_prefix="judge") as pool:
        try:
            while waiting or running:
                while waiting and len(running) < max(1, at_once):
                    most = model.most_cost(waiting[-1])
                    if cap is not None and found.spent + sum(held for _, held in running.values()) + most > cap:
                        if running:
                            break  # what runs now may cost less than was set aside for it
                        found.stopped = (
                            f"the next call might pass the cap of {cap:g}: {found.spent:.4f} spent, {len(waiting)} "
                            f"of {total} calls not made"
                        )
                        return found
                    ask = waiting.pop()
                    running[pool.submit(model, ask)] = (ask, most)
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    in_a_row = _take(future, running, found, memory, in_a_row)
                report((total - len(waiting) - len(running)) / max(1, total), _line(found, total))
        except BaseException:
            model.stop()
            wait(running)
            for future in list(running):  # what is on its way was paid for
                if not future.cancelled() and future.exception() is None:
                    _take(future, running, found, memory, 0)
            raise
    return found


def _take(
    future: Future[Reply], running: dict[Future[Reply], tuple[Ask, float]], found: Asked, memory: Memory, in_a_row: int
) -> int:
    """Keeps what a call brought; gives how many calls have now failed in a row."""
    ask, most = running.pop(future)
    found.calls += 1
    try:
        reply = future.result()
    except CallFailed as problem:
        found.failed[ask.key] = str(problem)
        found.spent += most if problem.billed else 0.0
        if in_a_row + 1 >= FAILED_IN_A_ROW:
            raise EvaluationError(
                f"the judge failed {FAILED_IN_A_ROW} times in a row, the last time: {problem} What was answered is "
                "kept; start the same again when the server answers."
            ) from None
        return in_a_row + 1
    found.replies[ask.key] = reply
    found.spent += reply.cost
    memory.add(ask.key, reply)
    return 0


def _line(found: Asked, total: int) -> str:
    cost = f", {found.spent:.4f} spent" if found.spent else ""
    failed = f", {len(found.failed)} failed" if found.failed else ""
    before = f" ({found.remembered} known from before)" if found.remembered else ""
    return f"{found.calls} of {total} calls{cost}{failed}{before}"
