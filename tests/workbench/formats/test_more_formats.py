"""Dolly, OpenAssistant, SQuAD, talks by speaker, instances, prompts without replies, and preference data."""

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


def node(text: str, role: str, *replies: dict, **more: object) -> dict:
    return {"text": text, "role": role, "replies": list(replies), **more}


TREE = node(
    "Q", "prompter",
    node("second", "assistant", node("thanks", "prompter", node("welcome", "assistant")), rank=1),
    node("best", "assistant", node("and?", "prompter"), rank=0),
    node("gone", "assistant", rank=-1, deleted=True),
)  # fmt: skip


def test_dolly_joins_instruction_and_context_and_tags_the_category(read) -> None:
    got = read({"instruction": "When?", "context": "In 1990.", "response": "1990", "category": "closed_qa"})
    assert (got.format, got.rows.tags) == ("dolly", [["closed_qa"]])
    assert turns(got) == [("user", "When?\n\nIn 1990."), ("assistant", "1990")]


def test_a_tree_gives_the_path_that_people_ranked_first_up_to_its_last_reply(read) -> None:
    got = read({"message_tree_id": "t", "prompt": TREE})
    assert got.format == "openassistant"
    assert [turns(got, row) for row in range(len(got.rows))] == [[("user", "Q"), ("assistant", "best")]]


def test_a_tree_gives_every_path_when_asked(read) -> None:
    got = read({"prompt": TREE}, format="openassistant:all")
    assert got.rows.reply == ["best", "welcome"]
    assert [len(messages) for messages in got.rows.messages] == [2, 4]
    assert len(set(got.rows.row_id)) == 2


def test_flat_messages_are_put_together_wherever_they_stand(read) -> None:
    def flat(key: str, parent: str | None, text: str, role: str, **more: object) -> dict:
        return {"message_id": key, "parent_id": parent, "text": text, "role": role, **more}

    got = read(
        flat("b", "a", "worse", "assistant", rank=1),
        flat("a", None, "Q", "prompter", lang="en"),
        flat("c", "a", "better", "assistant", rank=0),
        flat("d", "nowhere", "lost", "assistant"),
        flat("e", "f", "round", "assistant"),
        flat("f", "e", "round", "prompter"),
    )
    assert turns(got) == [("user", "Q"), ("assistant", "better")]
    assert got.rows.frame["line"].to_list() == [2]
    assert got.rows.frame["extra"].to_list() == ['{"lang": "en"}']
    assert [(reject.line, reject.reason.partition("jsonl ")[2]) for reject in got.rejects] == [
        (4, 'has the parent "nowhere", which is not here.'),
        (5, "hangs on a message that was left out, or on itself."),
        (6, "hangs on a message that was left out, or on itself."),
    ]


def test_a_tree_without_a_reply_is_rejected(read) -> None:
    got = read({"prompt": TREE}, {"prompt": node("Q", "prompter")})
    assert [reject.reason for reject in got.rejects] == ["line 2 of a.jsonl has no reply by the assistant in its tree."]


def test_squad_puts_the_question_behind_its_context(read) -> None:
    row = {
        "id": "1",
        "context": "Built in 1990.",
        "question": "When?",
        "answers": {"text": ["1990"], "answer_start": [9]},
    }
    got = read(row, row | {"answers": {"text": [], "answer_start": []}})
    assert got.format == "squad"
    assert turns(got) == [("user", "Built in 1990.\n\nWhen?"), ("assistant", "1990")]
    assert "cannot be answered" in got.rejects[0].reason


def test_a_talk_by_speakers_is_user_first_and_joins_what_one_says_in_a_row(read) -> None:
    said = [[{"text": "Hi", "sender": "x7"}, {"text": "you there?", "sender": "x7"}], [{"text": "Yes", "sender": "k2"}]]
    got = read({"turns": said, "prompt": "topic"})
    assert got.format == "talk"
    assert turns(got) == [("user", "Hi\nyou there?"), ("assistant", "Yes")]


def test_named_speakers_keep_their_parts_whoever_begins(read) -> None:
    got = read({"dialogue": [{"speaker": "Agent", "text": "Hello"}, {"speaker": "Customer", "text": "Hi"}]})
    assert turns(got) == [("assistant", "Hello"), ("user", "Hi")]


def test_three_unknown_speakers_are_no_conversation_to_learn_from(read) -> None:
    good = {"turns": [{"speaker": "a", "text": "1"}, {"speaker": "b", "text": "2"}]}
    got = read(good, {"turns": [{"speaker": name, "text": name} for name in "abc"]})
    assert got.rejects[0].reason.endswith("has 3 speakers, and a conversation to learn from has two.")


def test_test_questions_take_their_references_as_replies(read) -> None:
    got = read({"question_id": 1, "turns": ["a", "b"], "reference": ["A", "B"]}, {"question_id": 2, "turns": ["c"]})
    assert turns(got) == [("user", "a"), ("assistant", "A"), ("user", "b"), ("assistant", "B")]
    assert turns(got, 1) == [("user", "c")]


def test_each_instance_of_an_instruction_is_a_row_of_its_own(read) -> None:
    got = read({"instruction": "Add", "instances": [{"input": "1 1", "output": "2"}, {"input": "", "output": "?"}]})
    assert got.format == "self_instruct"
    assert (got.rows.prompt, got.rows.reply) == (["Add\n\n1 1", "Add"], ["2", "?"])
    assert len(set(got.rows.row_id)) == 2
    assert got.rows.frame["line"].to_list() == [1, 1]


def test_keys_named_like_a_prompt_and_a_reply_are_read_and_said(read) -> None:
    got = read({"userQuery": "a", "model_response": "x", "Final answer": "b", "answer_id": "7"})
    assert turns(got) == [("user", "a"), ("assistant", "b")]
    assert got.notes[0] == 'Read "userQuery" as the prompt and "Final answer" as the reply.'


def test_two_keys_that_could_be_the_reply_are_not_guessed(read) -> None:
    with pytest.raises(BadInput, match="--format pairs:PROMPT,REPLY"):
        read({"user_question": "a", "bot_answer": "b", "human_answer": "c"})


def test_texts_become_prompts_whose_reply_is_to_be_written_only_when_asked(read, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--format prompts:text"):
        read({"text": "Where is my card?", "category": "card"})
    got = read({"text": "Where is my card?", "category": "card"}, format="prompts")
    assert turns(got) == [("user", "Where is my card?")]
    assert got.rows.tags == [["card"]]
    (tmp_path / "lines.txt").write_text("One, two\n\nThree\n")
    assert read_file(tmp_path / "lines.txt", format="prompts").rows.prompt == ["One, two", "Three"]


@pytest.mark.parametrize("text", ["Well, here we are.\nNo comma\nAnd two, three, four\n", "Just a line\n"])
def test_prose_with_commas_is_not_taken_for_a_table(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(BadInput, match="is plain text without columns or keys"):
        read_file(tmp_path / "a.txt")


def test_a_trl_row_labelled_as_unwanted_is_not_learned(read) -> None:
    row = {"prompt": "a", "completion": "b"}
    got = read(row | {"label": True}, row | {"label": False})
    assert (got.format, got.rows.reply) == ("preference", ["b"])
    assert "has the label false" in got.rejects[0].reason


def test_kept_ids_come_back_and_a_copied_row_gets_one_of_its_own(read) -> None:
    row = {"prompt": "a", "completion": "b", "goldloop": {"row_id": "r1", "source": "desk.csv", "line": 7}}
    got = read(row, row, row | {"goldloop": {"row_id": "../x", "source": "s", "line": 1}})
    assert got.rows.row_id[:2] == ["r1", "r1-2"]
    assert got.rows.frame["source"].to_list() == ["desk.csv", "desk.csv", "a.jsonl"]
    assert got.rows.frame["line"].to_list() == [7, 7, 3]
