"""Unknown roles, system prompts, template tokens and preference pairs: what their examples do not show."""

import json

import pytest

from workbench.checks.structure.preference_pair import preference_pair
from workbench.checks.structure.system_varies import system_varies
from workbench.checks.structure.template_tokens import template_tokens
from workbench.checks.structure.unknown_role import unknown_role
from workbench.rows import Rows, message

USUAL = "You are the assistant of a tea shop. Answer briefly."


def conversation(system, reply="At nine."):
    start = [message("system", system)] if system is not None else []
    return [*start, message("user", "When?"), message("assistant", reply)]


def test_three_unknown_roles_are_named_and_all_are_counted():
    found = unknown_role.run(Rows.of([message(role, "x") for role in ("bot?", "a", None, "b")]))
    assert found.measure.to_list() == [4.0]
    assert found.note == ['turn 1 has the unknown role "bot?"; turn 2 has the unknown role "a"; turn 3 has no role']


@pytest.mark.parametrize(
    ("other", "flagged"),
    [
        ("You are the assistant of a tea shop. Answer  briefly!", True),
        ("You're the assistent of the tea shop. Answer briefly.", True),
        ("You are the assistant of a Tea shop. Answer briefly.", True),
        (None, True),
        ("", True),
        ("You translate German product texts into English.", False),
    ],
)
def test_a_text_that_slips_from_the_one_of_nearly_all_rows(other, flagged):
    rows = Rows.of(*[conversation(USUAL)] * 19, conversation(other))
    assert system_varies.run(rows).flagged.to_list() == [False] * 19 + [flagged]


def test_texts_that_differ_in_a_number_or_a_name_are_a_template():
    texts = [f"You are the assistant of {name} today, day {n}." for n, name in enumerate(("Anna", "Bo", "Anna", "Bo"))]
    rows = Rows.of(*[conversation(texts[0])] * 9, *map(conversation, texts[1:]))
    assert not system_varies.run(rows).flagged.any()


def test_two_texts_that_are_both_common_are_meant():
    rows = Rows.of(*[conversation(USUAL)] * 9, *[conversation(USUAL + " Be kind.")] * 6)
    assert not system_varies.run(rows).flagged.any()


def test_the_variant_is_marked_where_it_differs_and_the_usual_text_named():
    rows = Rows.of(*[conversation(USUAL)] * 9, conversation(USUAL.replace("briefly", "breifly")))
    found = system_varies.run(rows)
    _, start, end = found.spans[9][0]
    assert USUAL.replace("briefly", "breifly")[start:end] == "ei"
    assert f'9 rows have nearly the same: "{USUAL}"' in found.note[9]


@pytest.mark.parametrize(
    "text",
    [
        "<|eot_id|>", "<|start_header_id|>user", "<<SYS>>", "a [/INST] b", "<start_of_turn>user", "<｜User｜>Hello",
        "### Response: Hello", "<s>[INST] Hello", "Hello</s>", "### Human: Hello", "<eos>",
    ],
)  # fmt: skip
def test_template_tokens_are_found(text):
    found = template_tokens.run(Rows.of(f"Good day.\n{text}"))
    assert found.flagged.to_list() == [True]
    _, start, end = found.spans[0][0]
    assert f"Good day.\n{text}"[start:end] in text


@pytest.mark.parametrize(
    "text",
    [
        "a <| b |> c in F#", "[INSTALL] it", "### Input:\nTwo numbers.", "<s>old</s> new", "# Response: x", "a <b> c",
        "```\n<|im_end|>\n```", "The tokenizer ends a turn by <|im_end|>.",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_template_token_passes(text):
    assert template_tokens.run(Rows.of(f"Good day.\n{text}")).measure.to_list() == [0.0]


def likeness(chosen, extra):
    record = {"messages": conversation(None, chosen), "source": "t", "extra": json.dumps(extra) if extra else None}
    return preference_pair.run(Rows.from_records([record])).measure.to_list()[0]


@pytest.mark.parametrize(
    ("extra", "measure"),
    [
        ({"rejected": "At nine."}, 1.0),
        ({"rejected_messages": [{"role": "assistant", "content": [{"type": "text", "value": "At nine."}]}]}, 1.0),
        ({"rejected": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "At nine."}]}, 1.0),
        ({"rejected": {"from": "gpt", "value": " "}}, 1.0),
        ({"rejected": "qqqq"}, 0.0),
        ({"rejected": None}, None),
        ({"rejected_at": "noon"}, None),
        (None, None),
    ],
)
def test_the_unwanted_reply_is_read_in_every_shape_that_files_keep_it_in(extra, measure):
    assert likeness("At nine.", extra) == measure


def test_a_long_reply_and_its_beginning_are_not_the_same():
    assert likeness("word " * 2_000, {"rejected": "word " * 900}) == pytest.approx(0.45, abs=0.001)


def test_replies_that_differ_in_capitals_and_stops_alone_are_no_preference_and_signs_of_a_sum_are():
    pairs = [("We open at Nine.", "we open at nine"), ("It is 3 + 4.", "It is 3 - 4."), ("1.5 litres", "15 litres")]
    rows = Rows.from_records(
        [
            {
                "row_id": f"row-{n}",
                "messages": [message("user", "When?"), message("assistant", chosen)],
                "source": "test",
                "line": n,
                "extra": json.dumps({"rejected": rejected}),
            }
            for n, (chosen, rejected) in enumerate(pairs)
        ]
    )
    assert preference_pair.run(rows).flagged.to_list() == [True, False, False]
