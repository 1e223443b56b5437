"""Each format's own shapes, and what becomes of tags, roles and other keys."""

import json
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.formats.read import Read, read_file


@pytest.fixture
def read(tmp_path: Path):
    def from_records(*records: dict, format: str | None = None) -> Read:
        path = tmp_path / "a.jsonl"
        path.write_text("\n".join(json.dumps(record) for record in records))
        return read_file(path, format=format)

    return from_records


def turns(got: Read, row: int = 0) -> list[tuple]:
    return [(turn["role"], turn["content"]) for turn in got.rows.messages[row]]


def chat(*pairs: tuple) -> dict:
    return {"messages": [{"role": role, "content": content} for role, content in pairs]}


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("prompt", "completion"),
        ("prompt", "response"),
        ("question", "answer"),
        ("input", "output"),
        ("instruction", "response"),
    ],
)
def test_known_pairs_of_keys_are_read_and_named(read, prompt: str, reply: str) -> None:
    got = read({prompt: "a", reply: "b", "system": "s"})
    assert got.format == "pairs"
    assert turns(got) == [("system", "s"), ("user", "a"), ("assistant", "b")]
    assert got.notes == (f'Read "{prompt}" as the prompt and "{reply}" as the reply.',)


def test_a_pair_of_turn_lists_is_one_conversation(read) -> None:
    got = read({"prompt": chat(("user", "a"))["messages"], "completion": chat(("assistant", "b"))["messages"]})
    assert turns(got) == [("user", "a"), ("assistant", "b")]


def test_alpaca_joins_instruction_and_input_and_unrolls_history(read) -> None:
    got = read({"instruction": "Translate", "input": "chat", "output": "cat", "history": [["a", "b"]], "system": "s"})
    assert got.format == "alpaca"
    assert turns(got) == [
        ("system", "s"),
        ("user", "a"),
        ("assistant", "b"),
        ("user", "Translate\n\nchat"),
        ("assistant", "cat"),
    ]


def test_alpaca_with_a_response_key_is_alpaca(read) -> None:
    assert read({"instruction": "a", "input": "b", "response": "c"}).format == "alpaca"


def test_sharegpt_roles_calls_and_observations_become_the_usual_ones(read) -> None:
    call = '{"name": "find", "arguments": {"q": "x"}}'
    said = [("human", "a"), ("function_call", call), ("observation", "o"), ("gpt", "b")]
    got = read({"conversations": [{"from": who, "value": text} for who, text in said]})
    assert got.format == "sharegpt"
    assert turns(got) == [("user", "a"), ("assistant", None), ("tool", "o"), ("assistant", "b")]
    assert json.loads(got.rows.messages[0][1]["more"]) == {
        "tool_calls": [{"type": "function", "function": {"name": "find", "arguments": '{"q": "x"}'}}]
    }


def test_unknown_roles_stay_and_are_noted(read) -> None:
    got = read(chat(("narrator", "a"), ("Bot", "b")))
    assert turns(got) == [("narrator", "a"), ("assistant", "b")]
    assert got.notes == (
        'Roles were read as their usual names: "Bot" as "assistant".',
        "Unknown roles were kept as they are: narrator; the check role_order shows the rows.",
    )


def test_an_empty_turn_is_kept_for_the_check_to_show(read) -> None:
    assert turns(read(chat(("user", "a"), ("assistant", None)))) == [("user", "a"), ("assistant", None)]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"messages": []}, 'has no turns: its "messages" is an empty list.'),
        ({"messages": "Hi"}, 'has a text under "messages" where a list of turns belongs.'),
        ({"messages": ["Hi"]}, 'has a text as turn 1 of "messages" where an object with role and content belongs.'),
        (chat(("user", "a"), ("assistant", 5)), 'has a number as the content of turn 2 of "messages", not a text.'),
        (chat((7, "a")), 'has a number as the role of turn 1 of "messages".'),
        (
            {"messages": "[{'role': 'user'}]"},
            'has a text under "messages" where a list of turns belongs '
            "(it looks like a printed Python list; save it as JSON).",
        ),
    ],
)
def test_a_conversation_that_is_none_says_why(read, record: dict, reason: str) -> None:
    got = read(chat(("user", "a"), ("assistant", "b")), record)
    assert [reject.reason for reject in got.rejects] == [f"line 2 of a.jsonl {reason}"]


def test_text_parts_become_one_text(read) -> None:
    got = read(chat(("user", [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), ("assistant", "c")))
    assert turns(got)[0] == ("user", "a\nb")
    assert got.notes == ("The content of 1 turns came in parts; their text was joined.",)


def test_parts_that_are_no_text_stay_aside(read) -> None:
    image = {"type": "image_url", "image_url": {"url": "x"}}
    got = read(chat(("user", [image, {"type": "text", "text": "a"}]), ("assistant", "c")))
    assert turns(got)[0] == ("user", "a")
    assert json.loads(got.rows.messages[0][0]["more"])["content_parts"][0] == image


def test_the_chosen_reply_is_learned_and_the_rejected_one_kept(read) -> None:
    got = read({"prompt": "a", "chosen": "good", "rejected": "bad"})
    assert got.format == "preference"
    assert turns(got) == [("user", "a"), ("assistant", "good")]
    assert got.rows.frame["extra"].to_list() == ['{"rejected": "bad"}']
    assert got.notes[0].startswith("1 rows hold a wanted and an unwanted reply: the chosen one became the reply")


def test_a_chosen_conversation_is_taken_whole(read) -> None:
    whole = chat(("user", "a"), ("assistant", "b"))["messages"]
    assert turns(read({"chosen": whole, "rejected": whole})) == [("user", "a"), ("assistant", "b")]


def test_a_reply_labelled_as_unwanted_is_not_learned(read) -> None:
    talk = chat(("user", "a"), ("assistant", "b"))
    got = read(talk | {"label": True}, talk | {"label": False})
    assert len(got.rows) == 1
    assert got.rejects[0].reason.startswith("line 2 of a.jsonl has the label false")
    assert len(read(talk | {"label": False}, format="chat").rows) == 1


def test_tags_come_from_tags_or_from_category_and_topic(read) -> None:
    pair = {"prompt": "a", "completion": "b"}
    got = read(pair | {"tags": ["x", "y"]}, pair | {"category": "c", "topic": "t"}, pair | {"tags": "x; y"}, pair)
    assert got.rows.tags == [["x", "y"], ["c", "t"], ["x", "y"], []]
    assert got.rows.frame["extra"].to_list() == [None, '{"category": "c", "topic": "t"}', None, None]


def test_most_records_decide_and_the_rest_say_so(read) -> None:
    pair, talk = {"prompt": "a", "completion": "b"}, chat(("user", "a"), ("assistant", "b"))
    got = read(pair, talk, talk)
    assert got.format == "chat"
    assert got.rejects[0].reason.endswith("Import it with --format pairs.")
    assert read(pair, talk, talk, format="pairs").rows.reply == ["b"]


def test_a_file_of_the_wrong_format_gives_the_reasons(read) -> None:
    with pytest.raises(BadInput, match=r'line 1 of a\.jsonl has no "messages"; .* Import it with --format pairs'):
        read({"prompt": "a", "completion": "b"}, format="chat")
