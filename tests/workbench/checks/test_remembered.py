"""What several checks work out of one table is worked out once, and goes with the table."""

import gc
import weakref

from workbench.checks.remembered import remembered
from workbench.rows import Rows


def test_it_is_made_once_for_a_table_and_anew_for_another():
    made = []
    one, other = Rows.of("a"), Rows.of("a")
    for rows in (one, one, other):
        remembered(rows, "words", lambda rows=rows: made.append(rows) or len(made))
    assert [rows is one for rows in made] == [True, False]


def test_another_key_is_another_thing():
    rows = Rows.of("a")
    assert [remembered(rows, key, lambda key=key: key * 2) for key in ("a", "b", "a")] == ["aa", "bb", "aa"]


def test_it_goes_with_the_table():
    class Thing:
        pass

    rows = Rows.of("a")
    there = weakref.ref(remembered(rows, "thing", Thing))
    assert there() is not None
    del rows
    gc.collect()
    assert there() is None
