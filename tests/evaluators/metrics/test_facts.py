import json
from pathlib import Path
from time import process_time

import pytest

from evaluators.metrics.fact_recall import recall
from evaluators.metrics.facts import facts, missing, stated
from evaluators.metrics.rouge_l import common_line

TRIPLES = Path(__file__).parents[3] / "data" / "probes" / "metric_triples.jsonl"
CHALLENGE = [json.loads(line) for line in TRIPLES.read_text().splitlines()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It costs $1,000.00 or 1000.", {"1000 dollars", "1000"}),
        ("1. Open it.\n2. Close it.", set()),
        ("Wait 30 minutes, until 9:30.", {"30 minutes", "9:30"}),
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
        ("It takes 3 to 5 business days.", {"3 working days", "5 working days"}),
        ("Version 4.2.1 needs 2.5 GB and 16:9.", {"4.2.1", "2500 MB", "16:9"}),
        ("Es kostet 1.299,00 € und gilt ab dem 3. Mai 2024, 14.30 Uhr.", {"1299 euros", "2024-05-03", "14:30"}),
        ("Вернуть товар можно 14 дней, до 3 мая.", {"14 days", "05-03"}),
        ("请在三十天内退货，费用为15元，2024年5月3日前。", {"30 days", "15 yuan", "2024-05-03"}),
        ("Select the range and click Export CSV in Billing.", {"export csv", "billing"}),
        ("Please sign in. Then choose the parcel, I'm sure.", set()),
        ("Die Rechnung finden Sie im Bereich Bestellungen, und die Ware ist da.", set()),
    ],
)
def test_facts_of_a_text(text, found):
    assert facts(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("60 minutes", "one hour"),
        ("14 days", "two weeks"),
        ("24 months", "2 years"),
        ("$1,000", "1000 dollars"),
        ("3 May 2024", "May 3rd, 2024"),
        ("2024-05-03", "3.5.2024"),
        ("5 p.m.", "17:00"),
        ("drei Stunden", "3 Stunden"),
        ("5 %", "5 percent"),
        ("twenty-four hours", "1 day"),
    ],
)
def test_a_fact_in_two_spellings_is_one_fact(one, other):
    assert facts(one) == facts(other) != set()


@pytest.mark.parametrize(
    ("reference", "output", "lost"),
    [
        ("within 30 days", "you have thirty", []),
        ("within 30 days", "within 30 minutes", ["30 days"]),
        ("Open Orders > Return item", "Go to Orders and choose Return item", []),
        ("Open Orders > Return item", "Go to Orders and choose Cancel item", ["orders > return"]),
        ("It goes to Norway.", "norway is fine", []),
        ("on 2024-05-03", "on 03/05/2024", []),
        ("on 2024-05-03", "on May 3", ["2024-05-03"]),
        ("on May 3", "on 3 May 2024", []),
        ("It costs 12 dollars a month.", "12 dollars monthly", []),
        ("from Monday to Friday", "on weekdays", []),
    ],
)
def test_a_fact_may_be_stated_in_other_words(reference, output, lost):
    assert missing(facts(reference), output) == lost


def test_a_number_word_supports_a_number_but_alone_it_is_no_fact():
    assert "2" in stated("It ships in two days.")
    assert facts("It ships with two of them.") == set()


def test_the_missing_facts_are_named():
    assert recall("In 90 days.", "In 30 days by help@shop.example.").note == "missing: 30 days, help@shop.example"


def test_reading_facts_of_a_long_crafted_text_stays_quick():
    began = process_time()
    for text in ("1," * 2_000, "A" * 10_000, "9 - " * 1_000, "a > " * 1_000, '"' * 5_000, "A " * 2_000):
        facts(text)
    assert process_time() - began < 5


def test_fact_recall_prefers_honest_paraphrases_to_wrong_facts_and_never_the_other_way_round():
    scores = [
        (recall(item["paraphrase"], item["reference"]).value, recall(item["wrong_fact"], item["reference"]).value)
        for item in CHALLENGE
    ]
    judged = [(good, bad) for good, bad in scores if good is not None and bad is not None]
    higher, lower = sum(good > bad for good, bad in judged), sum(good < bad for good, bad in judged)
    assert (len(CHALLENGE), len(judged), higher, lower) == (48, 47, 41, 0)


def test_word_overlap_falls_for_the_wrong_fact_which_is_why_it_is_never_the_headline():
    assert all(
        common_line(item["wrong_fact"], item["reference"]) > common_line(item["paraphrase"], item["reference"])
        for item in CHALLENGE
    )
