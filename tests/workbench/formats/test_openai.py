# ruff: noqa: E501  (a case a line reads best)
"""The rules of OpenAI's fine-tuning files, row by row."""

import json
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.formats.openai import problems, record_of
from workbench.formats.write import CannotExport, write_file
from workbench.rows import Rows, message

TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
ASK, SAY = {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "3"}


def said(*messages: dict, **more: object) -> list[str]:
    return problems({"messages": list(messages), **more})


def test_a_plain_exchange_and_a_call_with_its_result_are_fine() -> None:
    assert said(ASK, SAY) == []
    assert said({"role": "system", "content": "s"}, ASK, CALLS, RESULT, SAY, tools=[TOOL]) == []
    assert said(ASK, SAY | {"weight": 0}, ASK, SAY | {"weight": 1, "name": "bot_1"}) == []


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([ASK], "does not end with a message of the assistant"),
        ([SAY], "has no message of the user"),
        ([ASK | {"role": "human"}, ASK, SAY], 'has the role "human", and known are developer, system, user, assistant, tool (message 1)'),
        ([ASK, SAY | {"content": " "}], "has an empty content (message 2)"),
        ([ASK | {"content": ""}, SAY], "has an empty content (message 1)"),
        ([ASK | {"weight": 1}, SAY], "has a weight, and only messages of the assistant may have one (message 1)"),
        ([ASK, SAY | {"weight": 0.5}], "has the weight 0.5, and only 0 and 1 are known (message 2)"),
        ([ASK, SAY | {"weight": True}], "has the weight true, and only 0 and 1 are known (message 2)"),
        ([ASK, SAY | {"weight": 0}], "has weight 0 on every message of the assistant, so nothing would be learned"),
        ([ASK | {"name": "Ann B"}, SAY], 'has the name "Ann B", which is not 1 to 64 letters, digits, _ or - (message 1)'),
        ([ASK, RESULT, SAY], "is a tool message for a call that was not made before it (message 2)"),
        ([ASK, {"role": "tool", "content": "3"}, SAY], "is a tool message without a tool_call_id (message 2)"),
        ([ASK | {"content": [{"type": "video"}]}, SAY], 'has a part of the type "video", which a message of user may not have (message 1)'),
    ],
)  # fmt: skip
def test_what_the_service_refuses_is_said(messages: list[dict], reason: str) -> None:
    assert said(*messages) == [reason]


@pytest.mark.parametrize(
    ("call", "tools", "reason"),
    [
        (CALL, None, 'calls "find", which is not among the row\'s "tools" (message 2)'),
        (CALL | {"id": ""}, [TOOL], "has a tool call without an id (message 2)"),
        (CALL | {"function": {"name": "find", "arguments": "{"}}, [TOOL], 'calls "find" with arguments that are no JSON object as a text (message 2)'),
        (CALL | {"function": {"name": "a b", "arguments": "{}"}}, [TOOL], 'calls "a b", which is no name of 1 to 64 letters, digits, _ or - (message 2)'),
        (CALL, [TOOL, {"type": "function", "function": {"name": "a b"}}], "has a tool without a name of 1 to 64 letters, digits, _ or - (tool 2)"),
        (CALL, [TOOL, {"type": "function", "function": {"name": "x", "parameters": {"type": "string"}}}], "has a tool whose parameters are no JSON schema of an object (tool 2)"),
    ],
)  # fmt: skip
def test_calls_and_tools_are_held_to_their_rules(call: dict, tools: list | None, reason: str) -> None:
    more = {} if tools is None else {"tools": tools}
    assert reason in said(ASK, {"role": "assistant", "tool_calls": [call]}, RESULT, SAY, **more)


def test_a_call_that_nobody_answered_is_said() -> None:
    assert said(ASK, CALLS, ASK, SAY, tools=[TOOL]) == ["follows a tool call that no tool message answers (message 3)"]


def test_a_row_may_end_in_the_calls_that_it_teaches() -> None:
    assert said(ASK, CALLS, tools=[TOOL]) == []


def test_parallel_tool_calls_are_true_or_false() -> None:
    assert said(ASK, SAY, parallel_tool_calls=False) == []
    assert said(ASK, SAY, parallel_tool_calls="yes") == ['has a "parallel_tool_calls" that is neither true nor false']


def test_tags_and_other_keys_stay_here_and_tools_that_are_a_text_become_tools() -> None:
    bare = json.dumps([{"name": "find", "parameters": {"type": "object"}}])
    rows = Rows.from_records(
        [{"messages": [message("user", "a"), message("assistant", "b", {"loss_weight": 1.0, "weight": 1})],
          "tags": ["x"], "extra": json.dumps({"tools": bare, "id": 7})}]
    )  # fmt: skip
    assert record_of(rows.frame.row(0, named=True)) == {
        "messages": [ASK, SAY | {"weight": 1}],
        "tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}],
    }


def test_calls_without_ids_get_some_and_so_do_their_results() -> None:
    call = {"type": "function", "function": {"name": "find", "arguments": "{}"}}
    talk = [message("user", "a"), message("assistant", None, {"tool_calls": [call, call]}), message("tool", "3")]
    rows = Rows.from_records([{"messages": [*talk, message("tool", "4"), message("assistant", "b")]}])
    made = record_of(rows.frame.row(0, named=True))["messages"]
    assert [one["id"] for one in made[1]["tool_calls"]] == ["call_1", "call_2"]
    assert [turn.get("tool_call_id") for turn in made] == [None, None, "call_1", "call_2", None]


def test_nine_rows_are_too_few_and_ten_are_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="OpenAI takes no fewer than 10 rows, and 9 would be written"):
        write_file(Rows.of(*["b"] * 9), "openai", tmp_path / "a.jsonl")
    assert write_file(Rows.of(*["b"] * 10), "openai", tmp_path / "a.jsonl").count == 10
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[9]) == {
        "messages": [{"role": "user", "content": "Question 10"}, {"role": "assistant", "content": "b"}]
    }


def test_every_fault_of_every_row_is_reported_and_the_rest_can_be_written(tmp_path: Path) -> None:
    rows = Rows.of(*["b"] * 10, "", [message("user", ""), message("user", "x")])
    with pytest.raises(CannotExport) as refused:
        write_file(rows, "openai", tmp_path / "a.jsonl")
    assert [(one.row_id, one.reason) for one in refused.value.rows] == [
        ("row-11", "has an empty content (message 2)."),
        ("row-12", "has an empty content (message 1); does not end with a message of the assistant."),
    ]
    assert not (tmp_path / "a.jsonl").exists()
    assert write_file(rows, "openai", tmp_path / "a.jsonl", skip=True).count == 10


def test_an_empty_list_of_calls_is_not_written() -> None:
    row = {"messages": [message("user", "q"), message("assistant", "a", {"tool_calls": []})], "extra": None}
    assert record_of(row)["messages"][1] == {"role": "assistant", "content": "a"}
