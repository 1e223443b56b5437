"""The judges screen: what is asked before anything is sent, and what may be read of a judge."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.actions.add_judge import add_judge
from workbench.actions.judge import judge
from workbench.errors import BadInput
from workbench.judging.results import told
from workbench.records import Evaluation, Judge
from workbench.screens import judges as screen
from workbench.screens.address import Look
from workbench.screens.judges_view import told_html, without_results
from workbench.store import Store, ratings

HOSTILE = "kind: <script>window.__xss=1</script>?"


def words(store: Store, **look: str) -> str:
    return str(screen._screen(store, Look({"evaluation": "1", **look}))[3])


def test_a_used_judge_shows_its_corrected_win_rate(store: Store, proven: Judge) -> None:
    judge(store, 1, "honest", agreed=True)
    shown = words(store)
    assert "1 model judge was tried; 1 passed its card and is used." in shown
    assert "net win rate +" in shown
    assert "<details open><summary>Its card" in shown  # the only judge is the chosen one
    assert "<details><summary>Its card" in told_html(told(store, 1), "another@1")


def test_no_win_rate_is_shown_while_people_rate(store: Store, proven: Judge) -> None:
    judge(store, 1, "honest", agreed=True)
    ratings.open_round(store, 1, ("prompted", "tuned"), 3, "Ann")
    shown = words(store)
    assert "stay hidden here until their round is closed" in shown
    assert "net win rate" not in shown
    assert without_results(told(store, 1))["judges"][0]["results"] == []  # type: ignore[index]


def test_what_users_write_is_escaped(store: Store, proven: Judge, server: Any) -> None:
    found = told(store, 1)
    assert found is not None
    found["judges"][0] |= {"rubric": HOSTILE, "where": HOSTILE, "reason": HOSTILE}
    assert "<script>" not in told_html(found)
    assert "&lt;script&gt;" in told_html(found)


def test_without_a_judge_the_screen_says_what_to_do(store: Store, judged: Evaluation) -> None:
    assert "Add one above, then make its card" in words(store)


def test_a_judge_on_this_machine_is_known_by_its_model(store: Store, judged: Evaluation) -> None:
    add_judge(store, "own", model="some-folder")
    assert screen._screen(store, Look({"evaluation": "1"}))[2].choices == [("own@1 · pairs · some-folder", "own@1")]


@pytest.mark.parametrize(("typed", "cap"), [("", None), ("  ", None), ("2,50", 2.5), ("0", 0.0)])
def test_an_empty_cap_is_none_and_not_nothing(typed: str, cap: float | None) -> None:
    assert screen.cap_of(typed) == cap


@pytest.mark.parametrize("typed", ["-1", "much", "nan", "inf"])
def test_a_cap_that_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="no cost cap"):
        screen.cap_of(typed)
