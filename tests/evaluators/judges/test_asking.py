"""Many questions: nothing twice, nothing past the cap, nothing lost."""

from __future__ import annotations

import threading

import pytest

from evaluators.errors import EvaluationError
from evaluators.judges.asking import ask_all
from evaluators.judges.chat import Ask, Reply
from evaluators.models.endpoint import CallFailed

QUIET = lambda done, line: None  # noqa: E731


class Toy:
    """A model whose every reply costs 1 and may cost 1.5."""

    def __init__(self, fails: int = 0, cost: float = 1.0) -> None:
        self.asked: list[str] = []
        self.fails, self.cost, self.lock, self.ended = fails, cost, threading.Lock(), False

    def __call__(self, ask: Ask) -> Reply:
        with self.lock:
            self.asked.append(ask.key)
            if len(self.asked) <= self.fails:
                raise CallFailed("down")
        return Reply("said", ask.code, cost=self.cost)

    def most_cost(self, ask: Ask) -> float:
        return 1.5

    def stop(self) -> None:
        self.ended = True


class Kept(dict[str, Reply]):
    def add(self, key: str, reply: Reply) -> None:
        self[key] = reply


def asks(count: int) -> list[Ask]:
    return [Ask(f"k{n}", "c", (), {}) for n in range(count)]


def test_what_is_remembered_is_not_asked_again() -> None:
    model, memory = Toy(), Kept()
    ask_all(model, asks(3), memory, report=QUIET)
    found = ask_all(model, asks(5), memory, report=QUIET)
    assert model.asked == ["k0", "k1", "k2", "k3", "k4"]
    assert (found.remembered, found.calls, found.spent) == (3, 2, 2.0)


def test_the_same_question_twice_is_asked_once() -> None:
    model = Toy()
    found = ask_all(model, [*asks(2), *asks(2)], Kept(), report=QUIET)
    assert model.asked == ["k0", "k1"]
    assert found.of(asks(1)) == [Reply("said", "c", cost=1.0)]


@pytest.mark.parametrize("at_once", [1, 4])
def test_the_cap_is_never_passed_and_what_is_left_is_told(at_once: int) -> None:
    model = Toy()
    found = ask_all(model, asks(10), Kept(), cap=4.2, at_once=at_once, report=QUIET)
    assert found.spent == 3.0
    assert "might pass the cap of 4.2: 3.0000 spent, 7 of 10 calls not made" in found.stopped
    assert not found.whole(asks(10))


def test_a_failed_call_is_an_error_of_its_question_alone() -> None:
    found = ask_all(Toy(fails=2), asks(4), Kept(), report=QUIET)
    assert found.of(asks(4))[:2] == ["down", "down"]
    assert len(found.replies) == 2


def test_five_failures_in_a_row_end_the_run_and_keep_what_came_before() -> None:
    model, memory = Toy(), Kept()
    ask_all(model, asks(2), memory, report=QUIET)
    with pytest.raises(EvaluationError, match="5 times in a row"):
        ask_all(Toy(fails=99), asks(9), memory, report=QUIET)
    assert sorted(memory) == ["k0", "k1"]


def test_a_stop_keeps_every_reply_that_was_paid_for() -> None:
    model, memory = Toy(), Kept()

    def report(done: float, line: str) -> None:
        if done >= 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_all(model, asks(30), memory, at_once=4, report=report)
    assert model.ended
    assert sorted(memory) == sorted(model.asked)
    assert len(memory) < 30
