"""The demo data keeps its word: shape, house style, facts, planted faults, and no near copies among clean rows."""

import json
import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz import fuzz

DEMO = Path(__file__).parents[2] / "data" / "demo"
OPENER, SIGN_OFF = "Bench note: ", " Even tension!"
# Measured on labelled pairs (bib-dedupe's ground truth): short texts by number agreement, longer ones by shingles.
SHORT_WORDS, SHORT_LIMIT, LONG_LIMIT = 30, 0.72, 0.70
KINDS = {
    "role_order", "empty_turn", "missing_reply", "exact_copy", "near_copy", "conflicting_replies", "refusal",
    "personal_data", "mojibake", "cut_off", "repetition", "too_long", "leftover_markup", "length_spread", "placeholder",
    "template_tokens",
}  # fmt: skip

Row = dict[str, Any]


@cache
def lines() -> list[Row]:
    return [json.loads(line) for line in (DEMO / "support.jsonl").read_text("utf-8").splitlines()]


@cache
def key() -> list[Row]:
    return json.loads((DEMO / "faults.json").read_text("utf-8"))


@cache
def facts() -> list[Row]:
    return json.loads((DEMO / "facts.json").read_text("utf-8"))


@cache
def policy() -> str:
    """The policy page on one line, without the marks around menu paths."""
    return re.sub(r"\s+", " ", (DEMO / "policy.md").read_text("utf-8").replace("`", ""))


def by_id() -> dict[str, Row]:
    return {row["id"]: row for row in lines()}


def clean() -> list[Row]:
    faulty = {fault["id"] for fault in key()}
    return [row for row in lines() if row["id"] not in faulty]


def said(row: Row, role: str) -> list[str]:
    return [message["content"] or "" for message in row["messages"] if message["role"] == role]


def prompt_of(row: Row) -> str:
    return " ".join(said(row, "user"))


def reply_of(row: Row) -> str:
    return said(row, "assistant")[-1]


def replies_of(row: Row) -> str:
    return " ".join(said(row, "assistant"))


def text_of(row: Row) -> str:
    return " ".join(message["content"] or "" for message in row["messages"] if message["role"] != "system")


def body_of(reply: str) -> str:
    """A clean reply without its opener and sign-off."""
    return reply.removeprefix(OPENER).removesuffix(SIGN_OFF)


def overlap(a: frozenset[str], b: frozenset[str], both_empty: float) -> float:
    return len(a & b) / len(a | b) if a or b else both_empty


@cache
def parts(text: str) -> tuple[str, list[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Plain text, words in order, then as sets: words, numbers, runs of three words."""
    text = text.lower()
    words = re.findall(r"\w+", text)
    runs = frozenset(" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2)))
    return re.sub(r"\W+", " ", text), words, frozenset(words), frozenset(re.findall(r"\d+", text)), runs


def number_agreement(a: str, b: str) -> float:
    """Mean of word overlap, token-set ratio and number overlap, 0 to 1."""
    plain_a, _, words_a, numbers_a, _ = parts(a)
    plain_b, _, words_b, numbers_b, _ = parts(b)
    tokens = fuzz.token_set_ratio(plain_a, plain_b) / 100
    return (overlap(words_a, words_b, 0.0) + tokens + overlap(numbers_a, numbers_b, 1.0)) / 3


def near_copies(a: str, b: str) -> bool:
    """Strict reading: the short rule applies as soon as one of the two is short, the run rule always."""
    short = min(len(parts(a)[1]), len(parts(b)[1])) < SHORT_WORDS
    return (short and number_agreement(a, b) >= SHORT_LIMIT) or overlap(parts(a)[4], parts(b)[4], 0.0) >= LONG_LIMIT


def test_there_are_261_conversations_of_which_41_are_faulty() -> None:
    assert (len(lines()), len(key()), len(clean())) == (261, 41, 220)


def test_ids_are_unique_and_count_the_lines() -> None:
    assert [row["id"] for row in lines()] == [f"th-{n:03d}" for n in range(1, 262)]


def test_every_row_has_one_topic_tag_and_eight_topics_are_about_even() -> None:
    assert all(len(row["tags"]) == 1 and row["tags"][0].startswith("topic:") for row in lines())
    sizes = Counter(row["tags"][0] for row in clean())
    assert len(sizes) == 8
    assert (min(sizes.values()), max(sizes.values())) == (24, 33)


def test_clean_rows_share_one_short_system_message() -> None:
    assert {tuple(said(row, "system")) for row in clean()} == {
        ("You are the Thrumhold desk. Answer in our house style, from our policy.",)
    }


def test_clean_rows_alternate_and_23_have_two_questions() -> None:
    shapes = Counter("".join(message["role"][0] for message in row["messages"]) for row in clean())
    assert shapes == {"sua": 197, "suaua": 23}


def test_every_clean_reply_keeps_the_house_style() -> None:
    for row in clean():
        for reply in said(row, "assistant"):
            assert reply.startswith(OPENER), row["id"]
            assert reply.endswith(SIGN_OFF), row["id"]
            assert len(re.findall(r"[.!?](?=\s|$)", body_of(reply))) <= 2, row["id"]
        assert 10 <= len(body_of(reply_of(row)).split()) <= 25, row["id"]


def test_clean_rows_hold_nothing_that_a_check_could_take_for_a_fault() -> None:
    for row in clean():
        text = text_of(row)
        assert text.isascii(), row["id"]
        assert not re.search(r"@|\d[\d .-]{8,}\d|<[a-z/|]|&\w+;|\[|\{|\bTBD\b|\bTODO\b", text), row["id"]


@pytest.mark.parametrize("view", [reply_of, replies_of, prompt_of, text_of])
def test_no_two_clean_rows_are_near_copies(view: Any) -> None:
    texts = [(row["id"], view(row)) for row in clean()]
    assert [(i, k) for (i, a), (k, b) in combinations(texts, 2) if near_copies(a, b)] == []


def test_every_fact_stands_in_the_policy() -> None:
    assert [(fact["fact"], needle) for fact in facts() for needle in fact["needles"] if needle not in policy()] == []


def given(fact: Row) -> list[tuple[str, str]]:
    """The (row, reply) pairs that give a fact: last replies of its rows, first replies of the earlier ones."""
    rows = by_id()
    return [(row, reply_of(rows[row])) for row in fact["rows"]] + [
        (row, said(rows[row], "assistant")[0]) for row in fact["earlier"]
    ]


def test_27_facts_with_one_needle_each_stand_in_eight_or_nine_clean_rows() -> None:
    assert [len(fact["needles"]) for fact in facts()] == [1] * 27
    assert Counter(len(fact["rows"]) for fact in facts()) == {8: 23, 9: 4}


def test_every_reply_gives_its_fact_in_the_first_sentence_and_no_other_figure_or_path() -> None:
    for fact in facts():
        for row, reply in given(fact):
            first, *_ = re.split(r"(?<=[.!?])\s", body_of(reply))
            assert fact["needles"][0] in first, row
            assert not re.search(r"[\d%>]", body_of(reply).replace(fact["needles"][0], "", 1)), row


def test_no_two_facts_have_the_same_needle() -> None:
    assert len({fact["needles"][0] for fact in facts()}) == 27


def test_every_clean_row_belongs_to_exactly_one_fact() -> None:
    owned = [row for fact in facts() for row in fact["rows"]]
    assert sorted(owned) == sorted(row["id"] for row in clean())
    assert sorted(row for fact in facts() for row in fact["earlier"]) == sorted(
        row["id"] for row in clean() if len(said(row, "user")) == 2
    )


def test_every_menu_path_in_a_clean_reply_is_in_the_policy() -> None:
    paths = re.findall(r"`([^`]+ > [^`]+)`", (DEMO / "policy.md").read_text("utf-8"))
    known = re.compile("|".join(re.escape(path) for path in paths))
    assert len(set(paths)) == 7
    assert [row["id"] for row in clean() if " > " in known.sub("", replies_of(row))] == []


def test_the_key_names_real_rows_and_known_kinds_each_at_most_five_times() -> None:
    assert [fault["id"] for fault in key()] == [lines()[fault["row"]]["id"] for fault in key()]
    kinds = Counter(fault["check"] for fault in key())
    assert set(kinds) == KINDS
    assert set(kinds.values()) <= {1, 2, 3, 4, 5}


def turns(row: Row) -> str:
    return "".join(message["role"][0] for message in row["messages"] if message["role"] != "system")


def faults(check: str) -> list[Row]:
    return [lines()[fault["row"]] for fault in key() if fault["check"] == check]


def pairs(check: str) -> list[tuple[Row, Row]]:
    return [(lines()[fault["row"]], by_id()[fault["of"]]) for fault in key() if fault["check"] == check]


def test_copies_and_contradictions_name_a_clean_original() -> None:
    good = {row["id"] for row in clean()}
    named = {fault["check"] for fault in key() if "of" in fault}
    assert named == {"exact_copy", "near_copy", "conflicting_replies"}
    assert all(fault["of"] in good for fault in key() if "of" in fault)


def test_exact_copies_differ_at_most_in_case_and_blanks() -> None:
    for copy, original in pairs("exact_copy"):
        assert text_of(copy).lower().split() == text_of(original).lower().split()


def test_near_copies_are_near_but_not_exact() -> None:
    for copy, original in pairs("near_copy"):
        assert text_of(copy).lower().split() != text_of(original).lower().split()
        assert near_copies(text_of(copy), text_of(original)), copy["id"]
        assert near_copies(reply_of(copy), reply_of(original)), copy["id"]


def test_contradictions_answer_the_same_question_with_other_figures() -> None:
    for other, original in pairs("conflicting_replies"):
        assert prompt_of(other) == prompt_of(original)
        assert not set(re.findall(r"\d+", reply_of(other))) & set(re.findall(r"\d+", reply_of(original)))
        assert not near_copies(reply_of(other), reply_of(original))


def test_the_only_near_copies_in_the_file_are_planted() -> None:
    planted = {frozenset((fault["id"], fault["of"])) for fault in key() if "of" in fault}
    rows = [(row["id"], text_of(row)) for row in lines()]
    found = {frozenset((i, k)) for (i, a), (k, b) in combinations(rows, 2) if near_copies(a, b)}
    assert found <= planted


def test_mojibake_rows_come_back_when_decoded_rightly() -> None:
    for row in faults("mojibake"):
        broken = [message["content"] for message in row["messages"] if not message["content"].isascii()]
        assert broken
        assert all(len(text.encode("cp1252").decode("utf-8")) < len(text) for text in broken), row["id"]


def test_a_planted_account_and_card_number_pass_their_own_check_digits() -> None:
    text = " ".join(text_of(row) for row in faults("personal_data"))
    iban = re.search(r"\b[A-Z]{2}\d{2}(?: [A-Z0-9]{2,4})+", text)
    card = re.search(r"\b(?:\d{4} ){3}\d{4}\b", text)
    assert iban
    assert card
    rotated = re.sub(" ", "", iban[0][4:] + iban[0][:4])
    assert int("".join(str(int(sign, 36)) for sign in rotated)) % 97 == 1
    digits = [int(sign) for sign in reversed(card[0].replace(" ", ""))]
    assert sum(digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)) % 10 == 0


def test_planted_shape_faults_have_the_shape_they_are_named_for() -> None:
    assert all(len(set(shape)) < len(shape) or shape[0] == "a" for shape in map(turns, faults("role_order")))
    assert all(
        any(not (message["content"] or "").strip() for message in row["messages"]) for row in faults("empty_turn")
    )
    assert all(row["messages"][-1]["role"] == "user" for row in faults("missing_reply"))


def test_pasted_logs_are_far_beyond_2048_tokens_and_nothing_else_is_near() -> None:
    # SmolLM2 splits numbers into single digits, and no token holds two words: this count cannot be too high.
    def at_least(row: Row) -> int:
        return len(re.findall(r"[A-Za-z]+|\d", text_of(row)))

    assert all(at_least(row) > 2048 for row in faults("too_long"))
    long = {row["id"] for row in faults("too_long")}
    assert all(len(text_of(row)) < 2048 for row in lines() if row["id"] not in long)


def test_the_better_prompt_is_short_and_true() -> None:
    prompt = (DEMO / "prompt.txt").read_text("utf-8")
    assert len(prompt.split()) <= 170
    assert set(re.findall(r"\d+(?:[.:]\d+)*", prompt)) <= set(re.findall(r"\d+(?:[.:]\d+)*", policy()))


def gap_rows() -> list[Row]:
    return [json.loads(line) for line in (DEMO / "gap_rows.jsonl").read_text("utf-8").splitlines()]


def test_the_rows_for_gaps_give_each_fact_three_times_in_the_house_style():
    by_fact = {fact["fact"]: fact for fact in facts()}
    assert Counter(row["fact"] for row in gap_rows()) == dict.fromkeys(by_fact, 3)
    for row in gap_rows():
        (reply,) = said(row, "assistant")
        assert reply.startswith(OPENER)
        assert reply.endswith(SIGN_OFF)
        assert row["tags"] == [f"topic:{by_fact[row['fact']]['topic']}"]
        told = {name for name, fact in by_fact.items() if any(needle in reply for needle in fact["needles"])}
        assert told == {row["fact"]}


def test_no_row_for_a_gap_asks_or_answers_in_the_words_of_a_row_that_is_there():
    known = {text for row in lines() for who in ("user", "assistant") for text in said(row, who)}
    assert not [text for row in gap_rows() for who in ("user", "assistant") for text in said(row, who) if text in known]
