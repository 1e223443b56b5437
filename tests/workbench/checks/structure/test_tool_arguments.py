"""Arguments of calls against the schema that their row declares."""

import json

import pytest

from workbench.checks.structure.tool_arguments import tool_arguments
from workbench.rows import Rows, message


def note(arguments, properties=None, **schema):
    tool = {"name": "f", "parameters": {"type": "object", "properties": properties or {}, **schema}}
    call = {"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
    record = {"messages": [message("assistant", None, call)], "source": "t", "extra": json.dumps({"tools": [tool]})}
    return tool_arguments.run(Rows.from_records([record])).note[0]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"type": "number"}, 3),
        ({"type": "integer"}, 3.0),
        ({"type": ["string", "null"]}, None),
        ({"type": "str", "default": "x"}, None),
        ({"type": "array", "items": {"type": "string"}}, ["a"]),
        ({"type": "something new"}, 3),
        ({}, 3),
    ],
)
def test_a_value_of_the_declared_type_passes(declared, value):
    assert note(json.dumps({"x": value}), {"x": declared}) == ""


@pytest.mark.parametrize(
    ("declared", "value", "said"),
    [
        ({"type": "integer"}, "3", "is a text, not integer"),
        ({"type": "integer"}, True, "is true or false, not integer"),
        ({"type": "string", "enum": ["C", "F"]}, "K", 'is "K", which is not among its allowed values'),
        ({"type": "boolean"}, 1, "is a number, not boolean"),
        ({"type": ["string", "null"]}, 2, "is a number, not string or null"),
    ],
)
def test_a_value_of_another_type_is_named(declared, value, said):
    assert note(json.dumps({"x": value}), {"x": declared}) == f'turn 1: the argument "x" of f {said}'


def test_an_item_of_a_list_is_looked_at():
    assert "an item of the argument" in note('{"x": [1]}', {"x": {"type": "array", "items": {"type": "string"}}})


def test_an_unknown_argument_is_named_unless_the_schema_leaves_room():
    assert note('{"y": 1}', {"x": {}}) == 'turn 1: f has no argument "y"'
    assert note('{"y": 1}', {"x": {}}, additionalProperties=True) == ""
    assert note('{"y": 1}') == ""


def test_no_arguments_are_an_empty_object():
    assert note("") == note(None) == note({}) == ""
    assert note(None, {"x": {}}, required=["x"]) == 'turn 1: f lacks the required argument "x"'


def test_a_call_that_an_import_could_not_read():
    rows = Rows.of([message("user", "When?"), message("function_call", "{broken")])
    assert tool_arguments.run(rows).note == ["turn 2: the call is no JSON object with a name and arguments"]
