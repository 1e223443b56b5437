"""A reply's tool calls are trained as the template writes them, or the row is left out: never half of it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from training.errors import RowsError, TemplateError
from training.tokens.calls import unfolded
from training.tokens.encode import MASKED, Encoding, encode, preview

Turn = tuple[str, str | None, dict[str, Any] | None]

CALL = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": '{"day": "Monday"}'}}
ASKED: list[Turn] = [
    ("user", "Open on Monday?", None),
    ("assistant", None, {"tool_calls": [CALL]}),
    ("tool", "9 to 5", {"tool_call_id": "c1"}),
    ("assistant", "Yes, 9 to 5.", None),
]
PLAIN: list[Turn] = [("user", "hi", None), ("assistant", "hello", None)]
TRAINED = '<|call|>hours {"day": "Monday"}<|/call|><|im_end|>'


def rows(*conversations: list[Turn]) -> pl.DataFrame:
    """Rows as a version's table holds them: what is not role or content stands in `more`, as JSON text."""
    turn = pl.Struct({"role": pl.String, "content": pl.String, "more": pl.String})
    messages = [
        [
            {"role": role, "content": content, "more": None if more is None else json.dumps(more)}
            for role, content, more in one
        ]
        for one in conversations
    ]
    return pl.DataFrame(
        {"row_id": [f"r{place}" for place in range(len(messages))], "messages": messages},
        schema_overrides={"messages": pl.List(turn)},
    )


def trained(found: Encoding, tokenizer: Any, place: int = 0) -> str:
    return str(tokenizer.decode([one for one in found.rows[place].labels if one != MASKED]))


def skipped(found: Encoding) -> list[tuple[str, str]]:
    return [(one.row_id, one.reason) for one in found.skipped]


def test_a_call_without_text_is_trained_whole_with_its_end_of_turn(calling: Any) -> None:
    found = encode(rows(ASKED), calling, max_length=500)
    assert skipped(found) == []
    assert trained(found, calling) == TRAINED + "Yes, 9 to 5.<|im_end|>"


def test_a_call_at_the_end_and_one_beside_text_are_trained(calling: Any) -> None:
    beside: list[Turn] = [("user", "hi", None), ("assistant", "Let me look.", {"tool_calls": [CALL, CALL]})]
    found = encode(rows(ASKED[:2], beside), calling, max_length=500)
    assert trained(found, calling) == TRAINED
    call = TRAINED.removesuffix("<|im_end|>")
    assert trained(found, calling, 1) == f"Let me look.{call}{call}<|im_end|>"


def test_the_tokens_before_a_call_are_those_of_inference(calling: Any) -> None:
    asked = [{"role": "user", "content": "Open on Monday?"}]
    prompt = calling.apply_chat_template(asked, add_generation_prompt=True)["input_ids"]
    row = encode(rows(ASKED[:2]), calling, max_length=500).rows[0]
    assert row.ids[: len(prompt)] == prompt
    assert [one != MASKED for one in row.labels[: len(prompt) + 1]] == [False] * len(prompt) + [True]


@pytest.mark.parametrize("content", [None, "Let me look."])
@pytest.mark.parametrize("key", ["tool_calls", "function_call"])
def test_a_template_without_a_place_for_calls_leaves_the_row_out(chatml: Any, content: str | None, key: str) -> None:
    call = [CALL] if key == "tool_calls" else CALL["function"]
    found = encode(rows(PLAIN, [ASKED[0], ("assistant", content, {key: call})]), chatml, max_length=500)
    assert skipped(found) == [
        ("r1", "the model's chat template has no place for tool calls: those of message 2 would be lost")
    ]
    assert trained(found, chatml) == "hello<|im_end|>"


def test_the_preview_says_why_a_call_cannot_be_trained(chatml: Any) -> None:
    messages = rows(ASKED)["messages"].to_list()[0]
    with pytest.raises(TemplateError, match="no place for tool calls"):
        preview(messages, chatml)


def test_no_calls_and_no_text_is_still_an_empty_reply(calling: Any) -> None:
    found = encode(rows(PLAIN, [ASKED[0], ("assistant", None, {"tool_calls": []})]), calling, max_length=500)
    assert skipped(found) == [("r1", "message 2, a reply, is empty")]


def test_a_control_token_in_a_calls_arguments_is_refused(calling: Any) -> None:
    call = {"function": {"name": "say", "arguments": {"text": "a<|im_end|>b"}}}
    found = encode(rows(PLAIN, [ASKED[0], ("assistant", None, {"tool_calls": [call]})]), calling, max_length=500)
    assert skipped(found) == [("r1", "message 2 holds the control token <|im_end|>, which would end or open a turn")]


def test_a_template_that_closes_calls_with_another_token_leaves_the_row_out(calling: Any) -> None:
    from copy import deepcopy

    other = deepcopy(calling)
    closing = "{{'<|im_end|>\n'}}"
    other.chat_template = calling.chat_template.replace(closing, "{{ '\n' if m['tool_calls'] else '<|im_end|>\n' }}")
    assert other.chat_template != calling.chat_template
    found = encode(rows(PLAIN, ASKED), other, max_length=500)
    assert skipped(found) == [
        ("r1", "the chat template closes message 2, a reply with tool calls, unlike any other reply")
    ]


def test_a_message_is_unfolded_as_the_file_said_it() -> None:
    more = json.dumps({"tool_calls": [CALL], "name": "desk"})
    assert unfolded({"role": "assistant", "content": None, "more": more}) == {
        "role": "assistant",
        "content": "",
        "name": "desk",
        "tool_calls": [{**CALL, "function": {"name": "hours", "arguments": {"day": "Monday"}}}],
    }
    assert unfolded({"role": "user", "content": "hi", "more": None}) == {"role": "user", "content": "hi"}


@pytest.mark.parametrize("arguments", ["not JSON", "[1]", {"day": "Monday"}])
def test_arguments_that_are_not_the_text_of_an_object_stay_as_they_are(arguments: object) -> None:
    more = json.dumps({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]})
    found = unfolded({"role": "assistant", "more": more})
    assert found["tool_calls"][0]["function"]["arguments"] == arguments


@pytest.mark.parametrize("more", ["[1]", "{broken"])
def test_a_column_more_that_is_no_object_is_a_clear_error(more: str) -> None:
    with pytest.raises(RowsError, match="holds no JSON object"):
        unfolded({"role": "user", "content": "hi", "more": more})
