"""Which rows are kept aside for validation."""

from __future__ import annotations

import polars as pl
import pytest

from training.errors import RowsError
from training.run.split import groups_of, kept_aside, validation_places


def test_a_group_never_stands_on_both_sides() -> None:
    groups = [f"g{n % 7}" for n in range(70)]
    chosen = set(validation_places(groups, share=0.3, seed=1))
    aside = {group for place, group in enumerate(groups) if place in chosen}
    rest = {group for place, group in enumerate(groups) if place not in chosen}
    assert len(aside) == 2
    assert aside.isdisjoint(rest)


def test_the_share_is_met_with_single_rows() -> None:
    assert len(validation_places([str(n) for n in range(200)], share=0.1, seed=0)) == 20


def test_the_split_depends_on_the_seed_and_not_on_the_order() -> None:
    groups = [str(n) for n in range(50)]
    chosen = {groups[place] for place in validation_places(groups, share=0.2, seed=3)}
    turned = groups[::-1]
    assert {turned[place] for place in validation_places(turned, share=0.2, seed=3)} == chosen
    assert {groups[place] for place in validation_places(groups, share=0.2, seed=4)} != chosen


def test_no_share_and_one_group_leave_nothing_aside() -> None:
    assert validation_places(["a", "b", "c"], share=0, seed=0) == []
    assert validation_places(["a", "a", "a"], share=0.5, seed=0) == []


def test_five_rows_keep_one_aside() -> None:
    assert len(validation_places(list("abcde"), share=0.1, seed=0)) == 1


def test_large_groups_leave_the_larger_side_to_training() -> None:
    assert validation_places(["a"] * 6 + ["b"] * 4, share=0.1, seed=0) == [6, 7, 8, 9]


def test_rows_without_a_group_are_grouped_by_their_reply() -> None:
    rows = pl.DataFrame(
        {
            "row_id": ["1", "2", "3"],
            "messages": [
                [{"role": "user", "content": "a"}, {"role": "assistant", "content": "same"}],
                [{"role": "user", "content": "b"}, {"role": "assistant", "content": "same"}],
                [{"role": "user", "content": "c"}, {"role": "assistant", "content": "other"}],
            ],
        }
    )
    first, second, third = groups_of(rows)
    assert first == second != third
    assert groups_of(rows.with_columns(group=pl.Series(["x", None, "x"]))) == ["group x", "reply same", "group x"]


def test_rows_that_are_all_marked_for_validation_are_refused() -> None:
    rows = pl.DataFrame({"row_id": ["a", "b"], "messages": [[], []], "validation": [True, True]})
    with pytest.raises(RowsError, match="all 2 rows are marked for validation, so none is left to train on"):
        kept_aside(rows, share=0.1, seed=0)
