"""A difference for the eye: escaped, bounded, what went before what came."""

from workbench.diff import diff
from workbench.rows import Rows
from workbench.screens.differences import difference_html, marked, turn_changes


def test_marked_text_is_escaped():
    assert marked("a <b>", "a <i>") == "a &lt;<del>b</del><ins>i</ins>&gt;"


def test_a_long_unchanged_stretch_is_cut():
    shown = marked("x " * 1000 + "old", "x " * 1000 + "new")
    assert len(shown) < 600
    assert "<del>old</del><ins>new</ins>" in shown


def test_a_difference_shows_at_most_so_many_rows_and_counts_the_rest():
    shown = difference_html(diff(Rows.of(*"abcdefgh"), Rows.empty()), most=3)
    assert shown.count('class="row-diff removed"') == 3
    assert "8 rows removed" in shown
    assert "and 5 more rows" in shown


def test_a_script_in_a_changed_row_stays_text():
    shown = difference_html(diff(Rows.of("<script>1</script>"), Rows.of("<script>2</script>")))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_equal_versions_differ_in_nothing():
    assert "Nothing differs" in difference_html(diff(Rows.of("a"), Rows.of("a")))


def test_a_removed_turn_is_told_beside_the_changed_ones():
    old = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    shown = turn_changes(old, [{"role": "user", "content": "a"}], [0])
    assert shown == [{"parts": [["equal", "a"]]}, {"gone": True, "parts": [["delete", "b"]]}]
