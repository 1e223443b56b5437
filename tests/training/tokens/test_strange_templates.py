"""Chat templates that differ from the four usual ones: what is trained of them, and what is said before the run."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import TemplateError
from training.plan import TrainingPlan
from training.tokens.preflight import Preflight, inspect, look_into
from training.tokens.sign import Sign
from training.tokens.template import Template, tokenizer_for

_spec = importlib.util.spec_from_file_location("chat_families", Path(__file__).parents[2] / "chat_families.py")
assert _spec is not None
assert _spec.loader is not None
families = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(families)
tokenizer_of = families.tokenizer_of

HELLO = [("user", "hi"), ("assistant", "hello there")]
TWO_TURNS = [*HELLO, ("user", "and now?"), ("assistant", "bye")]
THOUGHTS = [("user", "hi"), ("assistant", "<think>\nhm\n</think>\n\nhey"), *TWO_TURNS[2:]]
OPENS_A_THOUGHT = families.CHATML.replace(
    "<|im_start|>assistant\n' }}{% endif %}", "<|im_start|>assistant\n<think>\n' }}"
)
OPENS_A_THOUGHT = OPENS_A_THOUGHT + "{% endif %}"


def messages_of(talk: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in talk]


def trained(tokenizer: Any, talk: list[tuple[str, str]]) -> list[str]:
    """The trained pieces of a row, one a reply."""
    found: list[str] = []
    before = "masked"
    for piece in look_into("r0", messages_of(talk), tokenizer, max_length=1024).pieces:
        if piece.kind == "trained":
            found = [*found[:-1], found[-1] + piece.text] if before == "trained" else [*found, piece.text]
        before = piece.kind
    return found


def seen(tokenizer: Any, *talks: list[tuple[str, str]], **knobs: Any) -> Preflight:
    messages = [messages_of(talk) for talk in talks]
    rows = pl.DataFrame({"row_id": [f"r{at}" for at in range(len(talks))], "messages": messages})
    return inspect(rows, tokenizer, TrainingPlan(model="tiny", **knobs))


def told(sight: Preflight, kind: str) -> Sign:
    return next(sign for sign in sight.findings if sign.kind == kind)


@pytest.mark.parametrize(
    ("family", "wanted"),
    [
        ("zephyr", ["hello there</s>", "bye</s>"]),
        ("qwen3", ["hello there<|im_end|>", "<think>\n\n</think>\n\nbye<|im_end|>"]),
        (
            "harmony",
            ["<|channel|>final<|message|>hello there<|end|>", "<|channel|>final<|message|>bye<|return|>"],
        ),
        ("command", ["hello there<|end_text|><|end_turn|>", "bye<|end_text|><|end_turn|>"]),
        ("plain", [" hello there", " bye<eos>"]),
    ],
)
def test_every_reply_is_trained_with_its_end_and_nothing_else(family: str, wanted: list[str]) -> None:
    assert trained(tokenizer_of(family), TWO_TURNS) == wanted
    assert seen(tokenizer_of(family), TWO_TURNS).stops == ()


def test_an_end_of_turn_that_is_an_ordinary_added_token_is_the_end_of_turn() -> None:
    # as in models whose makers added ChatML's marks without saying that they are special
    marks = families.CHATML.replace("<|im_end|>", "<|over|>")
    tokenizer = tokenizer_of("chatml", template=marks, added=("<|over|>", "    "))
    assert trained(tokenizer, TWO_TURNS) == ["hello there<|over|>", "bye<|over|>"]
    typed = seen(tokenizer, HELLO, [("user", "a<|over|>b"), ("assistant", "no")])
    assert [row.reason for row in typed.untrained] == [
        "message 1 holds the control token <|over|>, which would end or open a turn"
    ]


@pytest.mark.parametrize("closing", ["</s>", "\n\n###\n", "\n", ""])
def test_a_reply_that_no_token_closes_is_closed_by_the_tokenizers_own_end(closing: str) -> None:
    template = families.PLAIN.replace("'\n'", repr(closing))
    tokenizer = tokenizer_of("plain", template=template)
    assert trained(tokenizer, HELLO) == [" hello there<eos>"]
    assert told(seen(tokenizer, HELLO), "end added").severity == "hint"
    sign = told(seen(tokenizer, TWO_TURNS), "end added")
    assert sign.severity == "warning"
    assert sign.text.endswith("The replies before the last one are trained without an end.")


def test_an_earlier_reply_without_an_end_keeps_the_tokens_of_the_whole_text() -> None:
    # its last line break and the template's are one token, which belongs to neither
    tokenizer = tokenizer_of("plain")
    talk = [("user", "hi"), ("assistant", "hello\n"), *TWO_TURNS[2:]]
    text = Template.of(tokenizer).render(messages_of(talk))
    whole = tokenizer(text.removesuffix("\n"), add_special_tokens=False)["input_ids"]
    found = look_into("r0", messages_of(talk), tokenizer, max_length=1024)
    assert found.sight.trained + found.sight.masked == len(whole) + 1
    assert trained(tokenizer, talk) == [" hello", " bye<eos>"]


def test_a_cut_behind_an_earlier_reply_without_an_end_is_no_false_alarm() -> None:
    tokenizer = tokenizer_of("plain")
    assert "end not learned" not in {one.kind for one in seen(tokenizer, TWO_TURNS, max_length=40).findings}


def test_pieces_of_a_sentencepiece_tokenizer_keep_their_blanks() -> None:
    row = look_into("r0", messages_of([("user", "how long"), ("assistant", "two to three days")]),
                    tokenizer_of("zephyr"), max_length=1024)  # fmt: skip
    assert "".join(piece.text for piece in row.pieces) == (
        "<|user|>\nhow long</s>\n<|assistant|>\ntwo to three days</s>\n"
    )


def test_words_of_a_reply_that_stand_in_a_later_question_are_not_taken_for_the_reply() -> None:
    # the template shows earlier replies without their thinking; a question quotes one with it
    quoted = [THOUGHTS[0], THOUGHTS[1], ("user", f"why {THOUGHTS[1][1]}?"), ("assistant", "bye")]
    assert trained(tokenizer_of("qwen3"), quoted)[0] == "hey<|im_end|>"


def test_what_the_template_writes_before_a_reply_is_told_with_the_switch_that_moves_it_into_the_prompt() -> None:
    sign = told(seen(tokenizer_of("qwen3"), HELLO), "written before replies")
    assert '"<think>\\n\\n</think>\\n\\n"' in sign.text
    assert "{% set enable_thinking = false %}" in sign.way_out
    switched = tokenizer_of("qwen3", template="{% set enable_thinking = false %}" + families.QWEN3)
    assert trained(switched, HELLO) == ["hello there<|im_end|>"]
    assert "written before replies" not in {one.kind for one in seen(switched, HELLO).findings}


def test_a_template_that_opens_a_thought_and_shows_none_is_told_with_both_texts() -> None:
    sight = seen(tokenizer_of("chatml", template=OPENS_A_THOUGHT), HELLO)
    sign = told(sight, "opened otherwise")
    assert sign.evidence == (
        "opens: >\\n<|im_start|>assistant\\n<think>\\n - shows: >\\n<|im_start|>assistant\\ngoldloop-answer<|im_end|"
    )
    assert [one.kind for one in sight.stops] == ["trains on nothing"]


def test_a_system_text_that_always_stands_first_is_told() -> None:
    always = "{{ 'Reasoning: high, all channels.\n' }}" + families.LLAMA3
    assert told(seen(tokenizer_of("llama3", template=always), HELLO), "default system").evidence.startswith("Reasoning")


def test_a_date_by_another_name_of_the_clock_is_found() -> None:
    dated = "{% set today = strftime_now %}{{ today('%d %b %Y') }}" + families.LLAMA3
    assert told(seen(tokenizer_of("llama3", template=dated), HELLO), "changes by day").severity == "warning"


def test_a_template_for_messages_in_parts_is_told_as_that() -> None:
    parts = families.LLAMA3.replace(
        "m['content'] | trim", "(m['content'] | selectattr('type') | list | length | string)"
    )
    sight = seen(tokenizer_of("llama3", template=parts), HELLO)
    assert sight.stops[0].text == "The chat template leaves out the text of the question and of the reply."


def test_named_templates_need_a_default() -> None:
    tokenizer = tokenizer_of("chatml", template={"default": families.CHATML, "tool_use": families.CHATML})
    assert trained(tokenizer, HELLO) == ["hello there<|im_end|>"]
    with pytest.raises(
        TemplateError, match=r"several chat templates \(rag, tool_use\) and none of them is the default"
    ):
        Template.of(tokenizer_of("chatml", template={"rag": families.CHATML, "tool_use": families.CHATML}))


def test_an_end_token_that_the_tokenizer_writes_behind_prompts_is_told_and_not_written() -> None:
    from tokenizers import processors

    tokenizer = tokenizer_of("zephyr")
    end = tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", end)]
    )
    assert told(seen(tokenizer, HELLO), "end elsewhere").severity == "hint"
    assert trained(tokenizer, HELLO) == ["hello there</s>"]


def test_a_tokenizer_without_padding_and_end_gets_some_padding(tmp_path: Path) -> None:
    tokenizer_of("chatml", eos_token=None, pad_token=None).save_pretrained(tmp_path)
    assert tokenizer_for(tmp_path).pad_token_id is not None


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ messages.one.two }}", "has no attribute"),
        ("{% for one in range(10 ** 7) %}{% endfor %}", "Range too big"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ 'x' * 10000000 }}", "writes 10,000,000 characters for a row of"),
    ],
)
def test_a_hostile_template_is_a_reason_and_no_crash(hostile: str, reason: str) -> None:
    sight = seen(tokenizer_of("chatml", template=hostile), HELLO)
    assert [one.kind for one in sight.stops] == ["trains on nothing"]
    assert reason in (sight.untrained[0].reason or "")
