"""The shipped probes: enough of them, no two alike, balanced, and each one answerable."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from evaluators.probes.instructions import RULES
from evaluators.probes.items import FOLDER, load

PROBES = load()


def test_there_are_six_tiers_of_at_least_25_questions_and_160_in_all():
    tiers = Counter(item.tier for item in PROBES.choices)
    assert list(tiers) == ["facts", "arithmetic", "commonsense", "language", "logic", "code and format"]
    assert min(tiers.values()) >= 25
    assert len(PROBES.choices) >= 160


def test_every_question_has_four_different_choices_and_one_answer_among_them():
    for item in PROBES.choices:
        assert len(set(item.choices)) == 4, item.id
        assert 0 <= item.answer < 4, item.id


def test_in_each_tier_the_right_answer_stands_at_each_place_equally_often():
    for tier in PROBES.tiers:
        places = Counter(item.answer for item in PROBES.choices if item.tier == tier)
        assert max(places.values()) - min(places.values()) <= 1, tier


def test_no_question_and_no_id_occurs_twice():
    ids = [x.id for part in (PROBES.choices, PROBES.instructions, PROBES.refusals, PROBES.off_domain) for x in part]
    asked = [item.question.casefold() for item in PROBES.choices]
    asked += [one.prompt.casefold() for one in PROBES.instructions]
    asked += [text.casefold() for pair in PROBES.refusals for text in (pair.refuse, pair.answer)]
    asked += [chat.messages[-1]["content"].casefold() for chat in PROBES.off_domain]
    assert len(ids) == len(set(ids))
    assert len(asked) == len(set(asked))


def test_the_right_answer_is_not_longer_than_the_others_by_habit():
    lengths = [(len(item.choices[item.answer]), max(map(len, item.choices))) for item in PROBES.choices]
    longest = sum(right == most for right, most in lengths) / len(lengths)
    assert longest < 0.55  # with ties; "pick the longest" must not pass the probe


def test_there_are_30_instructions_whose_rules_are_known():
    assert len(PROBES.instructions) >= 30
    for one in PROBES.instructions:
        assert one.checks, one.id
        assert {check["rule"] for check in one.checks} <= set(RULES), one.id


def test_there_are_20_pairs_to_refuse_and_to_answer_and_20_everyday_chats():
    assert len(PROBES.refusals) >= 20
    assert len(PROBES.off_domain) >= 20


@pytest.mark.parametrize("chat", PROBES.off_domain, ids=lambda chat: chat.id)
def test_an_everyday_chat_alternates_and_ends_with_the_user(chat):
    assert [turn["role"] for turn in chat.messages] == ["user", "assistant"] * (len(chat.messages) // 2) + ["user"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("choices.jsonl", {"id", "tier", "question", "choices", "answer"}),
        ("instructions.jsonl", {"id", "prompt", "checks"}),
        ("refusals.jsonl", {"id", "topic", "refuse", "answer"}),
        ("off_domain.jsonl", {"id", "messages"}),
    ],
)
def test_every_line_has_the_keys_that_the_readme_names(name, keys):
    lines = [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]
    assert all(set(line) == keys for line in lines)
    assert f"`{name}`" in (FOLDER / "README.md").read_text("utf-8")


def test_no_question_stands_in_the_demo_data():
    demo = Path(FOLDER.parent / "demo" / "support.jsonl").read_text("utf-8").casefold()
    assert not [item.question for item in PROBES.choices if item.question.casefold() in demo]
