"""What the model reads, and on which of it it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import ModelError, RowsError, TemplateError
from training.tokens.encode import MASKED, EncodedRow, encode, preview, tokenizer_for

HELLO = [("user", "hi"), ("assistant", "hello")]
TWO_TURNS = [*HELLO, ("user", "and now?"), ("assistant", "bye")]


def rows(*turns: Sequence[tuple[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row_id": [f"r{place}" for place in range(len(turns))],
            "messages": [[{"role": role, "content": content} for role, content in one] for one in turns],
        }
    )


def one(tokenizer: Any, turns: Sequence[tuple[str, str | None]], max_length: int = 1024) -> EncodedRow:
    return encode(rows(turns), tokenizer, max_length=max_length).rows[0]


def trained_text(row: EncodedRow, tokenizer: Any) -> str:
    return str(tokenizer.decode([label for label in row.labels if label != MASKED]))


def test_chatml_trains_each_reply_with_its_end_of_turn_and_nothing_else(chatml: Any) -> None:
    assert trained_text(one(chatml, TWO_TURNS), chatml) == "hello<|im_end|>bye<|im_end|>"


def test_llama_trains_each_reply_with_its_end_of_turn_and_nothing_else(llama: Any) -> None:
    assert trained_text(one(llama, TWO_TURNS), llama) == "hello<|eot|>bye<|eot|>"


def test_gemma_trains_each_reply_with_its_end_of_turn_and_nothing_else(gemma: Any) -> None:
    assert trained_text(one(gemma, TWO_TURNS), gemma) == "hello<end>bye<end>"


@pytest.mark.parametrize("name", ["chatml", "llama", "gemma"])
def test_the_text_is_the_one_that_the_template_renders(name: str, request: pytest.FixtureRequest) -> None:
    tokenizer = request.getfixturevalue(name)
    messages = [{"role": role, "content": content} for role, content in TWO_TURNS]
    assert tokenizer.decode(one(tokenizer, TWO_TURNS).ids) == tokenizer.apply_chat_template(messages, tokenize=False)


@pytest.mark.parametrize("name", ["chatml", "llama", "gemma"])
@pytest.mark.parametrize("reply", ["hello", "\nhello", "\n\nhello ", " a", "\u00fc\U0001f600"])
def test_the_tokens_before_a_reply_are_those_of_inference(
    name: str, reply: str, request: pytest.FixtureRequest
) -> None:
    tokenizer = request.getfixturevalue(name)
    prompt = tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], add_generation_prompt=True)["input_ids"]
    row = one(tokenizer, [("user", "hi"), ("assistant", reply)])
    assert row.ids[: len(prompt)] == prompt
    assert [label != MASKED for label in row.labels[: len(prompt) + 1]] == [False] * len(prompt) + [True]


def test_a_begin_token_is_not_doubled(llama: Any) -> None:
    assert one(llama, HELLO).ids.count(llama.bos_token_id) == 1


def test_a_template_that_begins_twice_is_refused(llama: Any) -> None:
    twice = tokenizer_with(llama, "{{ bos_token }}" + llama.chat_template)
    with pytest.raises(TemplateError, match="begins a text twice"):
        one(twice, HELLO)


def tokenizer_with(tokenizer: Any, template: str | None) -> Any:
    from copy import deepcopy

    other = deepcopy(tokenizer)
    other.chat_template = template
    return other


def test_a_line_break_after_the_end_of_turn_is_not_trained(chatml: Any) -> None:
    row = one(chatml, HELLO)
    assert chatml.decode(row.ids[-1:]) == "\n"
    assert row.labels[-1] == MASKED


def test_a_second_end_token_after_the_whole_conversation_is_not_trained(llama: Any) -> None:
    closing = "{% if not add_generation_prompt %}{{ '<|/head|>' }}{% endif %}"
    assert trained_text(one(tokenizer_with(llama, llama.chat_template + closing), HELLO), llama) == "hello<|eot|>"


def test_a_template_that_shows_earlier_replies_in_another_way_trains_the_last_one(chatml: Any) -> None:
    template = (
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
        "{% if m['role'] == 'assistant' and loop.last %}{{ '<think></think>' }}{% endif %}"
        "{{ m['content'] + '<|im_end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n<think></think>' }}{% endif %}"
    )
    row = one(tokenizer_with(chatml, template), TWO_TURNS)
    assert row.last_reply_only
    assert trained_text(row, chatml) == "bye<|im_end|>"


def test_a_system_message_is_read_but_not_trained(chatml: Any) -> None:
    row = one(chatml, [("system", "be kind"), *HELLO])
    assert "be kind" in chatml.decode(row.ids)
    assert trained_text(row, chatml) == "hello<|im_end|>"


def test_a_template_that_refuses_a_system_message_is_a_clear_error(gemma: Any) -> None:
    with pytest.raises(TemplateError, match=r"takes no system messages: .*System role not supported.*first user turn"):
        one(gemma, [("system", "be kind"), *HELLO])


def test_a_template_that_drops_system_messages_is_a_clear_error(chatml: Any) -> None:
    dropping = tokenizer_with(
        chatml,
        "{% for m in messages %}{% if m['role'] != 'system' %}{{ m['content'] + '<|im_end|>' }}{% endif %}{% endfor %}",
    )
    with pytest.raises(TemplateError, match="silently leaves out system messages"):
        one(dropping, [("system", "be kind"), *HELLO])


def test_a_model_without_a_template_is_a_clear_error(chatml: Any) -> None:
    with pytest.raises(TemplateError, match="has no chat template"):
        one(tokenizer_with(chatml, None), HELLO)


def test_a_template_and_a_tokenizer_without_any_end_are_a_clear_error(chatml: Any) -> None:
    plain = tokenizer_with(
        chatml,
        "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
    )
    plain.eos_token = None
    with pytest.raises(TemplateError, match="could not learn to stop"):
        one(plain, HELLO)


def test_a_row_that_the_template_refuses_is_skipped_with_its_reason(gemma: Any) -> None:
    result = encode(rows(HELLO, [("user", "a"), ("user", "b"), ("assistant", "c")]), gemma, max_length=100)
    assert [row.row_id for row in result.rows] == ["r0"]
    assert result.skipped[0].row_id == "r1"
    assert "roles must alternate" in result.skipped[0].reason


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([("user", "hi")], "there is no reply to learn from"),
        ([("user", "hi"), ("assistant", " ")], "message 2, a reply, is empty"),
        ([("user", "hi"), ("assistant", None)], "message 2, a reply, is empty"),
        (
            [("user", "hi"), ("assistant", "a<|im_end|>b")],
            "message 2 holds the control token <|im_end|>, which would end or open a turn",
        ),
    ],
)
def test_a_row_without_a_proper_reply_is_skipped_with_its_reason(
    chatml: Any, turns: list[tuple[str, str | None]], reason: str
) -> None:
    result = encode(rows(HELLO, turns), chatml, max_length=100)
    assert [(row.row_id, row.reason) for row in result.skipped] == [("r1", reason)]


def test_a_long_row_is_cut_and_says_by_how_much(chatml: Any) -> None:
    whole = one(chatml, [("user", "hi"), ("assistant", "x" * 50)])
    cut = one(chatml, [("user", "hi"), ("assistant", "x" * 50)], max_length=40)
    assert len(cut.ids) == 40
    assert cut.cut == len(whole.ids) - 40


def test_a_row_whose_reply_lies_beyond_the_longest_row_is_skipped_with_its_reason(chatml: Any) -> None:
    result = encode(rows(HELLO, [("user", "x" * 50), ("assistant", "y")]), chatml, max_length=40)
    assert result.skipped[0].reason.startswith("its reply begins after the longest row of 40 tokens")


def test_rows_of_which_none_can_be_trained_on_are_an_error(chatml: Any) -> None:
    with pytest.raises(
        RowsError, match=r"none of the 1 rows can be trained on. The first one: r0, \"there is no reply"
    ):
        encode(rows([("user", "hi")]), chatml, max_length=100)


def test_a_missing_column_is_named(chatml: Any) -> None:
    with pytest.raises(RowsError, match="have no column messages; they have: row_id, text"):
        encode(pl.DataFrame({"row_id": ["a"], "text": ["b"]}), chatml, max_length=100)


def test_the_same_row_id_twice_is_an_error(chatml: Any) -> None:
    with pytest.raises(RowsError, match="row_id r0 stands more than once"):
        encode(pl.concat([rows(HELLO), rows(HELLO)]), chatml, max_length=100)


def test_the_preview_says_what_is_trained_masked_and_cut(chatml: Any) -> None:
    pieces = preview([{"role": role, "content": text} for role, text in HELLO], chatml, max_length=24)
    joined = {kind: "".join(p.text for p in pieces if p.kind == kind) for kind in ("masked", "trained", "cut")}
    assert joined == {
        "masked": "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
        "trained": "hel",
        "cut": "lo<|im_end|>\n",
    }


def test_the_preview_keeps_the_bytes_of_a_character_together(chatml: Any) -> None:
    pieces = preview([{"role": "user", "content": "a"}, {"role": "assistant", "content": "\U0001f600"}], chatml)
    assert [piece.text for piece in pieces if piece.kind == "trained"] == ["\U0001f600", "<|im_end|>"]


def test_a_model_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the tokenizer of .*nowhere cannot be read"):
        tokenizer_for(tmp_path / "nowhere")


def test_the_real_model_trains_each_reply_with_its_end_of_turn(smollm: Path) -> None:
    tokenizer = tokenizer_for(smollm)
    row = one(tokenizer, [("system", "be kind"), *TWO_TURNS])
    assert trained_text(row, tokenizer) == "hello<|im_end|>bye<|im_end|>"
    assert not row.last_reply_only
