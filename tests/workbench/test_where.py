"""Which rows a filter means."""

import pytest

from workbench import history
from workbench.actions.run_checks import run_checks
from workbench.errors import BadInput
from workbench.rows import Rows, message
from workbench.store import Store, datasets
from workbench.where import rows_where

ROWS = Rows.of(
    ("When do you open?", "We open at nine."),
    ("Hello", ""),
    ("Who are you?", "I'm sorry, but I can't help with that."),
    [message("user", "Is it free?")],
)


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    run_checks(store, only=["empty_turn", "missing_reply", "refusal"])
    return store


def places(store: Store, where: str) -> list[int]:
    return rows_where(store, datasets.version(store), ROWS, where).arg_true().to_list()


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        ("flagged", [1, 2, 3]),
        ("severity=error", [1, 3]),
        ("severity=warning", [2]),
        ("severity=info", []),
        ("flagged,text~sorry", [2]),
        ("check=empty_turn", [1]),
        ("all", [0, 1, 2, 3]),
    ],
)
def test_a_filter_means_the_rows_that_every_term_of_it_names(desk: Store, where: str, meant: list[int]) -> None:
    assert places(desk, where) == meant


def test_a_severity_that_there_is_not_is_told(desk: Store) -> None:
    with pytest.raises(BadInput, match='"grave" is no severity'):
        places(desk, "severity=grave")
