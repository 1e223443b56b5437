"""What rows say of themselves (weight 0, tools), from their file to the tokens that a run, a look and losses read."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.actions import measure_losses as losses
from workbench.actions.import_rows import import_rows
from workbench.actions.see import see, see_row
from workbench.cli.sight import _show_row
from workbench.formats.read import read_file
from workbench.rows import Rows
from workbench.screens.sight import sight_html, tokens_html
from workbench.store import Store, datasets
from workbench.training_side import _usable, trainable

TESTS = Path(__file__).parents[2]


def loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


families, tools = loaded("chat_families"), loaded("tool_families")
TOOL = {"type": "function", "function": {"name": "hours", "description": "When a branch is open", "parameters": {}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": '{"day": "Monday"}'}}
ASKED = {"role": "user", "content": "Open on Monday?"}
RECORDS = [
    {
        "messages": [
            ASKED,
            {"role": "assistant", "content": "No idea.", "weight": 0},
            {"role": "user", "content": "Look again."},
            {"role": "assistant", "content": "From nine to five.", "weight": 1},
        ],
        "tools": [TOOL],
        "parallel_tool_calls": False,
    },
    {"messages": [ASKED, {"role": "assistant", "tool_calls": [CALL]}], "functions": [TOOL["function"]]},
    {"messages": [ASKED, {"role": "assistant", "content": "Closed.", "weight": 0}]},
    {"messages": [ASKED, {"role": "assistant", "content": "From ten.", "weight": 0.5}]},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in RECORDS))
    return path


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A folder that is a model to whoever reads its tokenizer only; its template shows tools as Hermes' does."""
    folder = tmp_path / "tiny"
    families.tokenizer_of("chatml", template=tools.HERMES).save_pretrained(folder)
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "model.safetensors").write_bytes(b"")
    return str(folder)


@pytest.fixture
def rows(store: Store, file: Path) -> Rows:
    import_rows(store, file, name="desk")
    return datasets.rows_of(store, datasets.version(store, "desk"))


def test_the_import_says_what_training_will_make_of_the_marks(file: Path) -> None:
    notes = read_file(file).notes
    assert "2 replies are marked as context only (weight 0): training reads them and does not learn them." in notes
    assert "1 messages have a mark without effect (weight 0.5): replies are learned whole or not at all." in notes
    kept = next(note for note in notes if note.startswith("Kept aside"))
    assert kept.endswith('A model whose template shows tools reads "tools" and "functions", too.')


def test_a_run_gets_the_tools_of_the_rows_that_offer_some(rows: Rows) -> None:
    table = trainable(rows)
    assert table.columns == ["row_id", "messages", "tools"]
    assert table["tools"].to_list() == [json.dumps([TOOL]), json.dumps([TOOL["function"]]), None, None]
    assert trainable(rows.keep([False, False, True, True])).columns == ["row_id", "messages"]


@pytest.mark.parametrize("other", ["hammer, saw", ["hammer"], "[broken", {}, 7, None, []], ids=str)
def test_a_key_of_that_name_that_lists_no_tools_is_another_matter(other: Any) -> None:
    extra = json.dumps({"tools": other})
    assert Rows.from_records([{"messages": [ASKED], "extra": extra}]).tools == [None]


def test_a_row_that_ends_in_a_call_is_trained_on(rows: Rows) -> None:
    usable, left_out = _usable(rows)
    assert usable.row_id == rows.row_id
    assert left_out == ()


def test_the_look_shows_tools_and_says_which_reply_is_read_only(
    store: Store, rows: Rows, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = see_row(store, "desk", rows.row_id[0], model=model, settings=["max_length=4000"])
    text = "".join(piece.text for piece in seen.pieces)
    assert '"name": "hours", "description": "When a branch is open"' in text
    assert "".join(piece.text for piece in seen.pieces if piece.kind == "trained") == "From nine to five.<|im_end|>"
    said = "1 of 2 replies is context only (weight 0): read, not learned."
    assert said in tokens_html(seen)
    _show_row(seen)
    assert said in capsys.readouterr().out


def test_a_row_of_which_nothing_is_learned_is_named_before_the_run(store: Store, rows: Rows, model: str) -> None:
    seen = see(store, "desk", model=model, settings=["max_length=4000"])
    reasons = {one.row_id: one.reason for one in seen.preflight.untrained}
    assert reasons == {rows.row_id[2]: "every reply of it is marked as context only (weight 0)"}
    assert "2 replies are read as context only and not learned, as their rows say." in sight_html(seen)


def test_a_loss_is_read_with_the_rows_tools_and_not_of_a_reply_that_is_read_only(rows: Rows, model: str) -> None:
    from evaluators.models.chat_model import ChatModel

    chat = ChatModel.__new__(ChatModel)
    chat.source, chat.adapter, chat.longest = Path(model), None, None  # type: ignore[misc]
    chat.tokenizer = families.tokenizer_of("chatml", template=tools.HERMES)
    asked, left_out = losses._asked(chat, rows, set())
    assert left_out == {"a reply that is marked as context only": 1}
    shown = [(chat.tokenizer.decode(one.prompt), chat.tokenizer.decode(one.reply)) for one in asked]
    assert [reply for _, reply in shown] == [
        "From nine to five.<|im_end|>",
        '<tool_call>\n{"name": "hours", "arguments": {"day": "Monday"}}\n</tool_call><|im_end|>',
        "From ten.<|im_end|>",
    ]
    assert ["When a branch is open" in prompt for prompt, _ in shown] == [True, True, False]
