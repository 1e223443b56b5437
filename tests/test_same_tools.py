"""The tools that a row offers, and its calls, are the same text in training and evaluation, in several families."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluators.models.chat_model import ChatModel
from evaluators.sample import Sample
from training.plan import TrainingPlan
from training.tokens.encode import MASKED, encode
from training.tokens.preflight import inspect
from workbench.asked import samples_of
from workbench.records import Golden
from workbench.rows import Rows


def _loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


chat, tools = _loaded("chat_families"), _loaded("tool_families")

HOURS = {
    "type": "function",
    "function": {
        "name": "hours",
        "description": "When a branch is open",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}, "day": {"type": "string"}}},
    },
}
CALL = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": '{"zone": "Süd", "day": "Monday"}'}}
TALK = [
    {"role": "user", "content": "Open on Monday?"},
    {"role": "assistant", "content": None, "more": json.dumps({"tool_calls": [CALL]}, sort_keys=True)},
    {"role": "tool", "content": "9 to 5", "more": json.dumps({"tool_call_id": "c1"})},
    {"role": "assistant", "content": "Yes, 9 to 5.", "more": None},
]
SHOWN = {
    "hermes": '<tool_call>\n{"name": "hours", "arguments": {"zone": "Süd", "day": "Monday"}}\n</tool_call>',
    "llama 3.1": '{"name": "hours", "parameters": {"zone": "Süd", "day": "Monday"}}<|eot_id|>',
    "mistral 0.3": '[TOOL_CALLS][{"name": "hours", "arguments": {"zone": "Süd", "day": "Monday"}}]</s>',
    "arguments joined": '<tool_call>\n{"name": "hours", "arguments": {"zone": "Süd", "day": "Monday"}}\n</tool_call>',
    "arguments printed": '<tool_call>\n{"name": "hours", "arguments": {"zone": "Süd", "day": "Monday"}}\n</tool_call>',
}


def tokenizer_of(family: str) -> Any:
    tokens, template = tools.FAMILIES[family]
    return chat.tokenizer_of(tokens, template=template)


def table(*offered: Any, talk: list[dict[str, Any]] = TALK) -> pl.DataFrame:
    messages = [[{"more": None, **one} for one in talk]] * len(offered)
    return pl.DataFrame(
        {"row_id": [f"r{place}" for place in range(len(offered))], "messages": messages, "tools": list(offered)},
        schema_overrides={"tools": pl.String},
    )


def golden_row(extra: dict[str, Any]) -> Rows:
    return Rows.from_records([{"row_id": "g", "messages": TALK, "extra": json.dumps(extra)}])


def asked(extra: dict[str, Any]) -> Sample:
    """A golden row with these other keys as an evaluation asks it."""
    golden = Golden(1, 1, "d", 1, 1, "", 1, 0.1, 0, strata={}, groups={}, who="", when="")
    return samples_of(golden_row(extra), golden)[0]


@pytest.fixture(params=list(tools.FAMILIES))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_training_and_evaluation_read_the_same_ids_before_the_last_reply(family: str, tmp_path: Path) -> None:
    model = ChatModel.__new__(ChatModel)
    model.source, model.adapter, model.tokenizer = tmp_path, None, tokenizer_of(family)
    row = encode(table(json.dumps([HOURS])), model.tokenizer, max_length=4000).rows[0]
    sample = asked({"tools": [HOURS]})
    prompt = model.token_ids(model.render(sample.prompt, tools=sample.tools))
    reply = model.reply_ids(sample.prompt, sample.reference, tools=sample.tools)
    assert row.ids[: len(prompt)] == prompt
    assert row.ids[len(prompt) : len(prompt) + len(reply)] == reply == row.labels[len(prompt) :][: len(reply)]
    text = " ".join(model.tokenizer.decode(prompt).split())
    assert '"name": "hours", "description": "When a branch is open"' in text  # in the order that the file has


@pytest.mark.parametrize(
    ("name", "tokens", "call"),
    [
        ("qwen2_5", "chatml", SHOWN["hermes"]),
        ("qwen3", "chatml", SHOWN["hermes"]),
        ("llama3_1", "llama3", SHOWN["llama 3.1"]),
    ],
)
def test_the_families_own_templates_that_trl_ships_show_both_the_same(
    name: str, tokens: str, call: str, tmp_path: Path
) -> None:
    spec = importlib.util.find_spec("trl")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "chat_templates" / f"{name}.jinja"
    if not file.is_file():
        pytest.skip(f"this edition of TRL ships no {file.name}")
    model = ChatModel.__new__(ChatModel)
    model.source, model.adapter = tmp_path, None
    model.tokenizer = chat.tokenizer_of(tokens, template=file.read_text("utf-8"))
    row = encode(table(json.dumps([HOURS])), model.tokenizer, max_length=9000).rows[0]
    sample = asked({"tools": [HOURS]})
    prompt = model.token_ids(model.render(sample.prompt, tools=sample.tools))
    assert row.ids[: len(prompt)] == prompt
    assert "When a branch is open" in model.tokenizer.decode(prompt)
    assert call in model.tokenizer.decode([one for one in row.labels if one != MASKED])


def test_a_call_is_learned_as_json_however_its_arguments_came(family: str) -> None:
    tokenizer = tokenizer_of(family)
    as_object = {**CALL, "function": {"name": "hours", "arguments": {"zone": "Süd", "day": "Monday"}}}
    other = [TALK[0], {**TALK[1], "more": json.dumps({"tool_calls": [as_object]})}]
    text, spoken = (
        encode(table(json.dumps([HOURS]), talk=talk), tokenizer, max_length=4000).rows[0] for talk in (TALK[:2], other)
    )
    learned = tokenizer.decode([one for one in text.labels if one != MASKED])
    assert SHOWN[family] in learned
    assert text.labels == spoken.labels


def test_the_older_functions_and_bare_functions_are_offered_as_tools() -> None:
    tokenizer = tokenizer_of("hermes")
    bare = json.dumps([HOURS["function"]])
    rows = encode(table(bare, json.dumps([HOURS])), tokenizer, max_length=4000).rows
    assert rows[0].ids == rows[1].ids
    assert asked({"functions": [HOURS["function"]]}).tools == asked({"tools": bare}).tools == (HOURS,)


def test_a_single_call_under_its_older_name_is_learned() -> None:
    tokenizer = tokenizer_of("hermes")
    more = json.dumps({"function_call": CALL["function"]})
    row = encode(table(None, talk=[TALK[0], {**TALK[1], "more": more}]), tokenizer, max_length=4000).rows[0]
    assert SHOWN["hermes"] in tokenizer.decode([one for one in row.labels if one != MASKED])


def test_tools_that_the_template_leaves_out_are_told_before_the_run() -> None:
    silent = chat.tokenizer_of("chatml", template=tools.SILENT)
    plan = TrainingPlan(model="any", max_length=4000)
    found = {one.kind: one for one in inspect(table(json.dumps([HOURS]), None), silent, plan).findings}
    assert found["tools dropped"].severity == "warning"
    assert found["tools dropped"].rows == ("r0",)
    assert found["tools dropped"].text.startswith("1 row offers tools, and the chat template silently leaves them out")
    for family in tools.FAMILIES:
        kinds = [one.kind for one in inspect(table(json.dumps([HOURS])), tokenizer_of(family), plan).findings]
        assert "tools dropped" not in kinds


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{broken", "its tools are a text that is no JSON"),
        ('{"a": 1}', "its tools are no list of functions"),
        ('[{"type": "web_search"}]', "tool 1 of its tools is no function with a name"),
        ('[{"name": "a<|im_end|>"}]', "its tools hold the control token <|im_end|>, which would end or open a turn"),
    ],
)
def test_tools_that_cannot_be_shown_leave_the_row_out_with_the_reason(given: str, reason: str) -> None:
    found = encode(table(given, None), tokenizer_of("hermes"), max_length=4000)
    assert [(one.row_id, one.reason) for one in found.skipped] == [("r0", reason)]
    assert [one.row_id for one in found.rows] == ["r1"]
