"""Rows of which training would keep no token: silent assistants, and replies behind the longest row."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from workbench.checks.structure.trains_on_nothing import trains_on_nothing
from workbench.errors import NotRun
from workbench.rows import Rows, message


@pytest.fixture
def model(tmp_path):
    toy = Tokenizer(models.WordLevel({"?": 0, "word": 1}, unk_token="?"))
    toy.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    toy.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path)


def test_a_reply_that_begins_behind_the_longest_row(model):
    rows = Rows.of(("word " * 15, "word"), ("word " * 14, "word"), ("word", "word " * 90))
    found = trains_on_nothing.measured(rows, limit=20, model=model)
    assert found.flagged.to_list() == [True, False, False]
    assert found.note[0] == "the first reply begins behind 20 tokens, and training stops at 20"


def test_a_later_reply_behind_the_longest_row_is_no_matter(model):
    turns = [message("user", "word"), message("assistant", "word"), message("user", "word " * 90)]
    rows = Rows.of([*turns, message("assistant", "word")])
    assert trains_on_nothing.measured(rows, limit=20, model=model).measure.to_list() == [0.0]


def test_an_empty_first_reply_does_not_hide_a_second_one_too_far_behind(model):
    turns = [message("user", "word"), message("assistant", " "), message("user", "word " * 90)]
    rows = Rows.of([*turns, message("assistant", "word")])
    assert trains_on_nothing.measured(rows, limit=20, model=model).measure.to_list() == [1.0]


def test_a_call_of_a_tool_is_something_to_learn_from():
    call = message("assistant", None, {"tool_calls": [{"function": {"name": "hours"}}]})
    assert trains_on_nothing.measured(Rows.of([message("user", "When?"), call])).measure.to_list() == [0.0]


def test_without_a_tokenizer_only_long_rows_stop_it(tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    assert trains_on_nothing.measured(Rows.of("word")).measure.to_list() == [0.0]
    with pytest.raises(NotRun, match="goldloop models fetch"):
        trains_on_nothing.measured(Rows.of(("word " * 5_000, "word")))
