"""Which calls and results pair, and what is said of those that do not."""

import json

import pytest

from workbench.checks.structure.tool_pairing import tool_pairing
from workbench.rows import Rows, message

ASKED, TOLD = message("user", "When?"), message("assistant", "At nine.")


def call(name, id=None):
    return {"type": "function", "function": {"name": name, "arguments": "{}"}, **({"id": id} if id else {})}


def calls(*made):
    return message("assistant", None, {"tool_calls": list(made)})


def result(**more):
    return message("tool", "9 to 5", more or None)


def note(*turns, extra=None):
    record = {"messages": list(turns), "source": "t", "extra": json.dumps(extra) if extra else None}
    return tool_pairing.run(Rows.from_records([record])).note[0]


@pytest.mark.parametrize(
    "turns",
    [
        (ASKED, calls(call("a", "1"), call("b", "2")), result(tool_call_id="2"), result(tool_call_id="1"), TOLD),
        (ASKED, calls(call("a")), result(name="a"), calls(call("a")), result(name="a"), TOLD),
        (ASKED, message("assistant", None, {"function_call": {"name": "a", "arguments": "{}"}}), result(), TOLD),
        (ASKED, calls(call("a"), call("b")), result(), TOLD),  # two results joined to one turn
        (ASKED, message("function_call", "hours()"), result(), TOLD),  # a call that could not be read is still one
        (ASKED, calls(call("a", "1"))),
    ],
)
def test_what_pairs_passes(turns):
    assert note(*turns) == ""


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ((ASKED, result(), TOLD), "turn 2 is a tool's result, but no call stands before it"),
        ((ASKED, TOLD, result(), TOLD), "turn 3 is a tool's result, but no call stands before it"),
        ((ASKED, calls(call("a")), ASKED, TOLD), 'turn 2 calls "a" and gets no result'),
        (
            (ASKED, calls(call("a", "1"), call("b", "2")), result(tool_call_id="1"), TOLD),
            'turn 2 calls "b" and gets no result',
        ),
        (
            (ASKED, calls(call("a", "1"), call("b", "2")), result(tool_call_id="1")),
            'turn 2 calls "b" and gets no result',
        ),
        (
            (ASKED, calls(call("a", "1")), result(tool_call_id="1"), result(tool_call_id="1"), TOLD),
            "turn 4 is result 2 of turn 2, which made fewer calls",
        ),
        (
            (ASKED, calls(call("a")), result(name="b"), TOLD),
            'turn 3 is a result of "b", which turn 2 did not call',
        ),
        (
            (ASKED, calls(call("a", "1"), call("b", "1")), result(), result(), TOLD),
            'turn 2 uses the id "1" for two calls',
        ),
    ],
)
def test_what_does_not_pair_is_named(turns, said):
    assert note(*turns) == said


def test_a_call_of_a_tool_that_the_row_does_not_offer():
    turns = (ASKED, calls(call("a")), result(), TOLD)
    offered = {"tools": json.dumps([{"name": "a"}])}
    other = {"functions": [{"name": "b"}]}
    assert note(*turns, extra=offered) == ""
    assert note(*turns, extra=other) == 'turn 2 calls "a", which is not among the row\'s tools (b)'
    assert note(*turns, extra={"tools": "not a list"}) == ""
