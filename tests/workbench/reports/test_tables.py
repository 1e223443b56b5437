"""Text tables for a terminal."""

from __future__ import annotations

from workbench.reports.tables import comparison_lines, interval, number, p_value, plain, table


def test_columns_line_up_and_numbers_stand_to_the_right():
    found = table(("name", "rows"), [("returns", 6), ("desk", 12)])
    assert found == "name     rows\n-------  ----\nreturns     6\ndesk       12"


def test_wide_characters_take_two_columns():
    lines = table(("a", "b"), [("日本", "x"), ("abcd", "y")]).split("\n")
    assert lines[2:] == ["日本  x", "abcd  y"]


def test_a_text_cannot_move_the_cursor_or_turn_its_direction():
    assert plain("safe\x1b[2Jtext\u202eevil\r\nnext") == "safe [2Jtext evil next"


def test_a_long_cell_is_cut():
    assert table(("x",), [("y" * 100,)]).split("\n")[2] == "y" * 59 + "…"


def test_figures_are_written_as_people_read_them():
    assert number(0.614, "share") == "61 %"
    assert number(None, "share") == "–"
    assert number(1.837, "nats") == "1.84"
    assert interval({"difference": 0.41, "low": 0.302, "high": 0.52, "unit": "share"}) == "+41 [+30, +52]"
    assert interval({"difference": {"value": -0.1, "low": None, "high": None}}, "share") == "−10"
    assert [p_value(p) for p in (0.0001, 0.0312, 0.5, None)] == ["<0.001", "0.031", "0.50", "–"]


def test_the_deciding_metric_stands_first_with_a_star(evaluated):
    lines = comparison_lines(evaluated.summary).split("\n")
    assert lines[0].split("  ")[0] == "metric"
    assert lines[2].startswith("Facts of the reference that the output states ↑ *")
    assert all(len(line) < 170 for line in lines)
