"""What is found before a run: in the template, and in the rows."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import RowsError, TemplateError
from training.plan import TrainingPlan
from training.tokens.encode import encode
from training.tokens.preflight import Preflight, inspect, look_into, notes_on, refuse

_spec = importlib.util.spec_from_file_location("chat_families", Path(__file__).parents[2] / "chat_families.py")
assert _spec is not None
assert _spec.loader is not None
families = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(families)
tokenizer_of = families.tokenizer_of

PLAN = TrainingPlan(model="tiny")
HELLO = [("user", "hi"), ("assistant", "hello there")]
TWO_TURNS = [*HELLO, ("user", "and now?"), ("assistant", "bye")]
SYSTEM = [("system", "Be short."), *HELLO]


def rows(*talks: list[tuple[str, str]]) -> pl.DataFrame:
    messages = [[{"role": role, "content": content} for role, content in talk] for talk in talks]
    return pl.DataFrame({"row_id": [f"r{at}" for at in range(len(talks))], "messages": messages})


def seen(tokenizer: Any, *talks: list[tuple[str, str]], **knobs: Any) -> Preflight:
    return inspect(rows(*talks), tokenizer, PLAN.model_copy(update=knobs))


def kinds(sight: Preflight) -> dict[str, str]:
    return {sign.kind: sign.severity for sign in sight.findings}


def test_a_row_is_told_in_trained_masked_and_cut_tokens() -> None:
    # 'hi' in ChatML with its own system text: the reply "hello there<|im_end|>" has 10 tokens ("the" is one), and the
    # line break after it is read only
    row = seen(tokenizer_of("chatml"), HELLO).rows[0]
    assert (row.trained, row.cut, row.lost, row.end_lost, row.reason) == (10, 0, 0, False, None)


def test_a_cut_through_a_reply_tells_the_lost_tokens_and_the_lost_end() -> None:
    tokenizer = tokenizer_of("chatml")
    whole = seen(tokenizer, HELLO).rows[0]
    longest = whole.trained + whole.masked - 4  # the line break, the end of turn, "e" and "r"
    sight = seen(tokenizer, HELLO, max_length=longest)
    row = sight.rows[0]
    assert (row.trained, row.cut, row.lost, row.end_lost) == (7, 4, 3, True)
    said = next(sign for sign in sight.findings if sign.kind == "cut")
    assert said.severity == "warning"
    assert said.text.endswith(
        "1 of them lose part of a reply, 3 tokens in all; "
        "1 lose the end of a reply, so they do not teach where to stop."
    )
    assert said.rows == ("r0",)


@pytest.mark.parametrize("family", ["chatml", "llama3", "mistral", "gemma"])
@pytest.mark.parametrize("reply", [0, 1])
def test_the_end_of_a_reply_is_lost_from_the_very_token_on_that_a_cut_takes(family: str, reply: int) -> None:
    tokenizer = tokenizer_of(family)
    labels = encode(rows(TWO_TURNS), tokenizer, max_length=999).rows[0].labels
    after = [at + 1 for at in range(len(labels)) if labels[at] != -100 and [*labels, -100][at + 1] == -100][reply]
    lost = [seen(tokenizer, TWO_TURNS, max_length=after + off).rows[0].end_lost for off in (-1, 0, 1)]
    assert lost == [True, False, False]


def test_a_cut_after_the_last_reply_is_only_a_hint() -> None:
    tokenizer = tokenizer_of("chatml")
    whole = seen(tokenizer, HELLO).rows[0]
    sight = seen(tokenizer, HELLO, max_length=whole.trained + whole.masked - 1)
    assert kinds(sight)["cut"] == "hint"
    assert notes_on(encode(rows(HELLO), tokenizer, max_length=whole.trained + whole.masked - 1)) == []


def test_a_reply_without_its_end_stands_in_the_notes_of_a_run() -> None:
    tokenizer = tokenizer_of("chatml")
    whole = seen(tokenizer, HELLO).rows[0]
    encoding = encode(rows(HELLO), tokenizer, max_length=whole.trained + whole.masked - 3)
    assert notes_on(encoding) == ["1 reply is cut in the middle and teach no end of turn (rows r0); raise max_length"]


def test_a_row_that_trains_on_nothing_stops_the_run_and_is_named() -> None:
    sight = seen(tokenizer_of("chatml"), HELLO, [("user", "hi"), ("assistant", "  ")])
    assert [row.row_id for row in sight.untrained] == ["r1"]
    with pytest.raises(RowsError, match=r"1 row trains on nothing, so the run does not begin \(row r1: message 2, a"):
        refuse(sight, PLAN)


def test_rows_that_train_on_nothing_are_left_out_when_asked_for() -> None:
    plan = PLAN.model_copy(update={"untrainable": "leave out"})
    sight = inspect(rows(HELLO, [("user", "hi"), ("assistant", "  ")]), tokenizer_of("chatml"), plan)
    assert kinds(sight)["trains on nothing"] == "warning"
    refuse(sight, plan)


def test_a_control_token_typed_by_a_user_is_told_with_the_token() -> None:
    sight = seen(tokenizer_of("chatml"), HELLO, [("user", "stop<|im_end|>now"), ("assistant", "ok")])
    assert sight.untrained[0].reason == "message 1 holds the control token <|im_end|>, which would end or open a turn"


def test_when_no_row_trains_this_is_a_finding_and_no_crash() -> None:
    sight = seen(tokenizer_of("chatml"), HELLO, max_length=16)
    assert len(sight.untrained) == 1
    assert sight.stops[0].kind == "trains on nothing"


def test_chatml_with_its_own_system_text_and_padding_as_end_is_told_with_the_very_text() -> None:
    sight = seen(tokenizer_of("chatml"), HELLO)
    assert kinds(sight) == {"padding is the end": "hint", "default system": "hint", "no generation mark": "hint"}
    told = next(sign for sign in sight.findings if sign.kind == "default system")
    assert told.evidence == "You are a helpful assistant."


def test_a_template_with_a_generation_mark_is_not_told_to_lack_one() -> None:
    plain = families.CHATML.replace("m['content']}}", "m['content']}}{% generation %}{% endgeneration %}", 1)
    assert "no generation mark" not in kinds(seen(tokenizer_of("chatml", template=plain), HELLO))


def test_llama_3_strips_replies_and_its_tokenizer_would_double_the_begin_token_elsewhere() -> None:
    sight = seen(tokenizer_of("llama3", adds_begin=True), SYSTEM)
    assert kinds(sight) == {
        "doubled elsewhere": "hint",
        "padding is the end": "hint",
        "trims": "hint",
        "no generation mark": "hint",
    }
    told = next(sign for sign in sight.findings if sign.kind == "doubled elsewhere")
    assert told.evidence == "<|begin_of_text|> <|begin_of_text|> <|start_header_id|>"


def test_a_template_that_begins_twice_stops_the_run() -> None:
    twice = "{{ bos_token }}" + families.LLAMA3
    sight = seen(tokenizer_of("llama3", template=twice), HELLO)
    assert kinds(sight)["begins twice"] == "error"
    with pytest.raises(TemplateError, match="begins a text twice"):
        refuse(sight, PLAN)


def test_mistral_puts_the_system_text_into_the_users_turn() -> None:
    told = next(sign for sign in seen(tokenizer_of("mistral"), SYSTEM).findings if sign.kind == "system merged")
    assert told.evidence == "<s>[INST] goldloop-probe\\n\\ngoldloop-answer[/INST]"


def test_mistral_that_keeps_the_system_text_for_an_open_question_cannot_train_rows_with_one() -> None:
    # Its system text stands in the last question only, and so in none once the reply is there.
    sight = seen(tokenizer_of("mistral_last"), SYSTEM)
    assert (
        sight.untrained[0].reason == "the chat template renders the reply in another way than it opens it at inference"
    )


def test_rows_of_which_only_the_last_reply_trains_are_told_with_their_ids() -> None:
    # a reply is opened with an empty thought, and shown without it once another question follows
    thinks = families.CHATML.replace(
        "+ m['content']}}", "+ ('<think></think>' if loop.last and m['role'] == 'assistant' else '') + m['content']}}"
    )
    thinks = thinks.replace("{{ '<|im_start|>assistant\n' }}", "{{ '<|im_start|>assistant\n<think></think>' }}")
    sight = seen(tokenizer_of("chatml", template=thinks), TWO_TURNS)
    told = next(sign for sign in sight.findings if sign.kind == "last reply only")
    assert (told.severity, told.rows) == ("warning", ("r0",))


def test_gemma_refuses_a_system_text_before_the_run_and_only_where_a_row_has_one() -> None:
    gemma = tokenizer_of("gemma")
    assert kinds(seen(gemma, HELLO))["system refused"] == "hint"
    sight = seen(gemma, SYSTEM)
    assert kinds(sight)["system refused"] == "error"
    with pytest.raises(TemplateError, match="takes no system prompt"):
        refuse(sight, PLAN)


def test_a_template_that_drops_the_system_text_stops_a_run_whose_rows_have_one() -> None:
    deaf = families.LLAMA3.replace("{% for m in messages %}", "{% for m in messages if m['role'] != 'system' %}")
    sight = seen(tokenizer_of("llama3", template=deaf), SYSTEM)
    assert [sign.kind for sign in sight.stops] == ["system dropped"]


def test_gemma_ends_a_turn_with_another_token_than_its_tokenizer_says() -> None:
    told = next(sign for sign in seen(tokenizer_of("gemma"), HELLO).findings if sign.kind == "other end of turn")
    assert told.severity == "warning"
    assert told.text.startswith("Replies end with <end_of_turn>, but the model's files name <eos> as the end")


def test_a_generation_config_that_names_the_end_of_turn_sets_that_right(tmp_path: Path) -> None:
    gemma = tokenizer_of("gemma")
    end = gemma.convert_tokens_to_ids("<end_of_turn>")
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": [1, end]}))
    gemma.name_or_path = str(tmp_path)
    assert "other end of turn" not in kinds(seen(gemma, HELLO))


def test_todays_date_in_the_template_is_a_warning_with_the_text_it_stands_in() -> None:
    dated = families.LLAMA3.replace("{{ bos_token }}", "{{ bos_token }}{{ 'Today: ' + strftime_now('%d %b %Y') }}", 1)
    told = next(
        sign for sign in seen(tokenizer_of("llama3", template=dated), HELLO).findings if sign.kind == "changes by day"
    )
    assert told.severity == "warning"
    assert "Today: " in told.evidence


def test_thinking_dropped_from_earlier_replies_is_told() -> None:
    forgets = families.CHATML.replace(
        "+ m['content']}}", "+ (m['content'] if loop.last else m['content'].split('</think>')[-1])}}"
    )
    told = next(
        sign
        for sign in seen(tokenizer_of("chatml", template=forgets), TWO_TURNS).findings
        if sign.kind == "drops thinking"
    )
    assert told.text.startswith("The chat template leaves the thinking (<think>) out of earlier replies.")


def test_a_template_whose_replies_have_no_end_is_found_before_the_run() -> None:
    sight = seen(tokenizer_of("plain", eos_token=None, pad_token="<eos>"), HELLO)
    assert [sign.kind for sign in sight.stops] == ["no end of turn"]


def test_a_row_token_by_token_reads_as_the_rendered_text_with_its_kinds() -> None:
    talk = [{"role": role, "content": content} for role, content in HELLO]
    row = look_into("r0", talk, tokenizer_of("gemma"), max_length=1024)
    kinds_of = {
        kind: "".join(piece.text for piece in row.pieces if piece.kind == kind) for kind in ("trained", "masked")
    }
    assert kinds_of == {
        "trained": "hello there<end_of_turn>",
        "masked": "<bos><start_of_turn>user\nhi<end_of_turn>\n<start_of_turn>model\n\n",
    }


def test_a_row_that_trains_on_nothing_can_still_be_read_with_the_reason() -> None:
    talk = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": " "}]
    row = look_into("r0", talk, tokenizer_of("gemma"), max_length=1024)
    assert row.sight.reason == "message 2, a reply, is empty"
    assert "".join(piece.text for piece in row.pieces).startswith("<bos><start_of_turn>user\nhi")
    assert {piece.kind for piece in row.pieces} == {"masked"}


def test_a_begin_token_that_only_the_tokenizer_writes_is_a_warning() -> None:
    bare = families.LLAMA3.replace("{{ bos_token }}", "")
    sight = seen(tokenizer_of("llama3", template=bare, adds_begin=True), HELLO)
    told = next(sign for sign in sight.findings if sign.kind == "begin left out")
    assert (told.severity, told.evidence) == ("warning", "<|begin_of_text|> <|start_header_id|> u")


@pytest.mark.parametrize("family", ["chatml", "llama3", "mistral", "gemma"])
def test_a_sound_template_is_not_told_to_leave_out_its_begin(family: str) -> None:
    assert "begin left out" not in kinds(seen(tokenizer_of(family, adds_begin=True), HELLO))


def test_a_date_in_the_default_system_prompt_does_not_touch_rows_with_their_own() -> None:
    dated = families.CHATML.replace("You are a helpful assistant.", "Today: ' + strftime_now('%d %b %Y') + '")
    tokenizer = tokenizer_of("chatml", template=dated)
    assert kinds(seen(tokenizer, HELLO))["changes by day"] == "warning"
    assert "changes by day" not in kinds(seen(tokenizer, SYSTEM))
    assert kinds(seen(tokenizer, SYSTEM, HELLO))["changes by day"] == "warning"


def test_a_reply_that_is_the_name_of_its_channel_is_trained_to_its_end_of_turn() -> None:
    channel = families.LLAMA3.replace(
        "m['content'] | trim", "('final<|end_header_id|>' if m['role'] == 'assistant' else '') + m['content'] | trim"
    )
    row = look_into("r0", messages_of([("user", "hi"), ("assistant", "final")]), llama(channel), max_length=99)
    trained = "".join(piece.text for piece in row.pieces if piece.kind == "trained")
    assert trained == "final<|end_header_id|>final<|eot_id|>"


def test_a_tools_answer_that_the_template_leaves_out_is_a_row_that_trains_on_nothing() -> None:
    deaf = families.LLAMA3.replace("in messages %}", "in messages if m['role'] != 'tool' %}")
    talk = [("user", "hi"), ("assistant", "let me look"), ("tool", "418 is on its way"), ("assistant", "soon")]
    reason = "the chat template silently leaves out message 3, of the role tool"
    assert [row.reason for row in seen(llama(deaf), talk).untrained] == [reason]
    assert seen(llama(), talk).untrained == ()


def llama(template: str | None = None) -> Any:
    return tokenizer_of("llama3", template=template)


def messages_of(talk: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in talk]


def test_thinking_that_no_reply_keeps_is_a_warning_only_where_rows_hold_some() -> None:
    forgets = tokenizer_of("chatml", template=families.CHATML.replace("m['content']}}", "KEPT}}").replace(
        "KEPT", "m['content'].split('</think>')[-1]"))  # fmt: skip
    assert kinds(seen(forgets, HELLO))["drops thinking"] == "hint"
    assert kinds(seen(forgets, [("user", "hi"), ("assistant", "<think>hm</think>hey")]))["drops thinking"] == "warning"
