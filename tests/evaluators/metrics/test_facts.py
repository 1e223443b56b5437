import json
from pathlib import Path

import pytest

from evaluators.metrics.fact_recall import recall
from evaluators.metrics.facts import facts, stated
from evaluators.metrics.rouge_l import common_line

CHALLENGE = [json.loads(line) for line in (Path(__file__).parent / "challenge_items.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It costs $1,000.00 or 1000.", {"1000"}),
        ("1. Open it.\n2. Close it.", set()),
        ("Wait 30 minutes, until 9:30.", {"30", "9:30"}),
        (
            "Write to help@shop.example, or see https://shop.example/a?b=1.",
            {"help@shop.example", "https://shop.example/a?b=1"},
        ),
        ("Open Orders > Return item and wait.", {"orders > return"}),
        ("Open Settings › Account → Delete.", {"settings > account > delete"}),
        ("Error E04 on model KX-200.", {"e04", "kx-200"}),
        ("if a > b then <b>bold</b>", set()),
        ("We chat on Wednesdays, not on a Sunday in June.", {"wednesday", "sunday", "june"}),
        ("You may march on, said sun day.", set()),
        ("One of these.", set()),
        ("", set()),
    ],
)
def test_facts_of_a_text(text, found):
    assert facts(text) == found


def test_a_number_word_supports_a_number_but_is_no_fact_itself():
    assert "2" in stated("It ships in two days.")
    assert facts("It ships in two days.") == set()


def test_the_missing_facts_are_named():
    assert recall("In 90 days.", "In 30 days by help@shop.example.").note == "missing: 30, help@shop.example"


def test_fact_recall_prefers_honest_paraphrases_to_wrong_facts_and_never_the_other_way_round():
    scores = [
        (recall(item["paraphrase"], item["reference"]).value, recall(item["critical_error"], item["reference"]).value)
        for item in CHALLENGE
    ]
    judged = [(good, bad) for good, bad in scores if good is not None and bad is not None]
    higher, lower = sum(good > bad for good, bad in judged), sum(good < bad for good, bad in judged)
    assert (len(CHALLENGE), len(judged), higher, lower) == (16, 14, 8, 0)


def test_word_overlap_falls_for_the_wrong_fact_which_is_why_it_is_never_the_headline():
    assert all(
        common_line(item["critical_error"], item["reference"]) > common_line(item["paraphrase"], item["reference"])
        for item in CHALLENGE
    )
