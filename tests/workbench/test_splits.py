"""The golden split parts no copies, keeps the topics in proportion, and the gate finds what repeats a golden row."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.guard import leaks
from workbench.rows import Rows, message
from workbench.splits import askable, copy_groups, golden_split

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo" / "support.jsonl"
WORDS = ["lid", "water", "order", "refund", "my", "the", "is", "where", "14", "30", "late", "please", "not"]
SUBJECTS = [
    "ant",
    "bee",
    "cat",
    "dog",
    "eel",
    "fox",
    "gnu",
    "hen",
    "ibis",
    "jay",
    "kite",
    "lark",
    "mole",
    "newt",
    "owl",
    "pike",
    "quail",
    "rook",
    "seal",
    "toad",
]


def row(row_id: str, prompt: str, reply: str) -> dict:
    return {"row_id": row_id, "messages": [message("user", prompt), message("assistant", reply)]}


def distinct(count: int, tags: tuple[str, ...] = ()) -> Rows:
    """Rows of which no two are alike."""
    records = []
    for n in range(count):
        a, b = SUBJECTS[n % 20], SUBJECTS[n // 20 % 20]
        one = row(f"row-{n:03}", f"{a}{n} eats what {b}?", f"{b}{n} likes seven{n} {a}s at{n} dawn")
        records.append({**one, "tags": [tags[n % len(tags)]] if tags else []})
    return Rows.from_records(records)


def shuffled(rows: Rows, seed: int) -> Rows:
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    return Rows(rows.frame[order])


ASKED, SAID = "How long may I keep the loan loom?", "You may keep it for sixteen weeks."
OTHER, ANSWER = "Which wool do you post on Tuesdays?", "Only the grey wool from the dye room."


def talk(row_id: str, *turns: str) -> dict:
    """A conversation in which user and assistant take turns."""
    roles = ("user", "assistant")
    return {"row_id": row_id, "messages": [message(roles[n % 2], turn) for n, turn in enumerate(turns)]}


def found_between(training: dict, golden: dict) -> list[tuple[str, float]]:
    found = leaks(Rows.from_records([training]), Rows.from_records([golden]))
    return [(leak.how, leak.score) for leak in found]


def grouped(*records: dict) -> list[int]:
    return copy_groups(Rows.from_records(records)).tolist()


sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(sentence, st.just("") | sentence), min_size=1, max_size=25),
    st.floats(0.05, 0.6),
    st.integers(0, 5),
)
def test_after_a_split_nothing_leaks_between_the_sides(pairs, share, seed):
    rows = Rows.of(*[(prompt, reply) if reply else [message("user", prompt)] for prompt, reply in pairs])
    split = golden_split(rows, share, seed)
    golden, training = rows.having(split.golden_ids), rows.without(split.golden_ids)
    assert leaks(training, golden) == ()
    assert all(golden.reply)
    assert shuffle_gives_the_same(rows, share, seed) == split.golden_ids


turns = st.lists(sentence, min_size=2, max_size=7).map(lambda texts: talk("", *texts)["messages"])


@settings(max_examples=120, deadline=None)
@given(st.lists(turns, min_size=1, max_size=25), st.floats(0.05, 0.6), st.integers(0, 5))
def test_after_a_split_of_longer_conversations_nothing_leaks_either(conversations, share, seed):
    rows = Rows.of(*conversations)
    split = golden_split(rows, share, seed)
    assert leaks(rows.without(split.golden_ids), rows.having(split.golden_ids)) == ()
    assert shuffle_gives_the_same(rows, share, seed) == split.golden_ids


def shuffle_gives_the_same(rows: Rows, share: float, seed: int) -> tuple[str, ...]:
    return golden_split(shuffled(rows, 1), share, seed).golden_ids


@pytest.mark.skipif(not DEMO.exists(), reason="LOUD: data/demo is not here; its split was NOT tried")
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_demo_splits_without_a_leak_and_near_the_share(seed):
    rows = Rows.from_records(
        {"row_id": record["id"], "messages": record["messages"], "tags": record["tags"]}
        for record in map(json.loads, DEMO.read_text(encoding="utf-8").splitlines())
    )
    split = golden_split(rows, 0.15, seed)
    assert leaks(rows.without(split.golden_ids), rows.having(split.golden_ids)) == ()
    assert split.reached == pytest.approx(0.15, abs=0.01)
    assert all(sides["golden"] >= 2 for sides in split.strata.values())


def test_every_topic_gives_its_share():
    split = golden_split(distinct(100, ("topic:orders", "topic:returns")), 0.2, 0)
    assert split.strata == {"orders": {"golden": 10, "training": 40}, "returns": {"golden": 10, "training": 40}}
    assert split.reached == 0.2
    assert split.notes == ()


def test_the_first_topic_tag_counts_even_behind_another_tag():
    rows = Rows.from_records(
        {"messages": [message("user", f"{s} {s}s?"), message("assistant", f"{s}")], "tags": ["hard", "topic:birds"]}
        for s in SUBJECTS
    )
    assert list(golden_split(rows, 0.2, 0).strata) == ["birds"]


def test_rows_without_tags_are_spread_over_topics_of_their_prompts():
    halves = [(f"refund of money refund {s}?", f"{s}1 {s}2 {s}3 {s}4 {s}5") for s in SUBJECTS]
    halves += [(f"parcel delivery parcel {s}?", f"{s}6 {s}7 {s}8 {s}9 {s}0") for s in SUBJECTS]
    split = golden_split(Rows.of(*halves), 0.2, 0)
    assert len(split.strata) >= 2
    assert "topics guessed from the prompts" in split.notes[0]


def test_another_seed_draws_other_rows_and_the_same_seed_the_same():
    rows = distinct(60)
    assert golden_split(rows, 0.2, 7) == golden_split(shuffled(rows, 3), 0.2, 7)
    assert golden_split(rows, 0.2, 7).golden_ids != golden_split(rows, 0.2, 8).golden_ids


def test_copies_stay_on_one_side_and_are_named():
    rows = distinct(20).plus(
        Rows.from_records(
            [
                row("z-1", "How can I track my parcel?", "Under orders."),
                row("z-2", "how can I track my parcel", "Press track."),
            ]
        )
    )
    for seed in range(20):
        split = golden_split(rows, 0.2, seed)
        assert len({"z-1", "z-2"} & set(split.golden_ids)) in (0, 2)
        assert split.groups == (("z-1", "z-2"),)


def test_a_group_that_is_too_large_stays_in_training_and_the_note_says_so():
    copies = Rows.from_records(
        row(f"z-{n:02}", f"{s} and {s}?", "We answer only by post, sorry.") for n, s in enumerate(SUBJECTS)
    )
    split = golden_split(distinct(20).plus(copies), 0.25, 0)
    assert not [row_id for row_id in split.golden_ids if row_id.startswith("z")]
    assert len(split.golden_ids) == 10
    assert split.notes[-1] == (
        "20 of 40 rows are copies of one another in prompt or reply, or belong together by their tags (z-00, z-01, "
        "z-02, ...), and had to stay on one side."
    )


def test_rows_held_before_count_and_their_near_copies_follow_them():
    rows = distinct(40)
    held = rows.having(["row-003", "row-004"])
    question, reply = held.prompt[0], held.reply[0]
    again = Rows.from_records([row("z-1", f"Please tell me, {question}", reply)])
    split = golden_split(rows.without(held.row_id).plus(again), 0.2, 0, held=held)
    assert "z-1" in split.golden_ids
    assert len(split.golden_ids) == 6
    assert split.reached == pytest.approx(8 / 41)
    assert split.notes[-1] == "1 row repeats a row of an earlier golden set and went to golden with it."


def test_exact_copies_of_held_rows_are_set_aside_and_do_not_fill_the_share():
    rows = distinct(40, ("topic:a",))
    held = rows.having(["row-003", "row-004"])
    again = held.map_content(str.upper, [True, False]).renamed(["z-1", "z-2"])
    split = golden_split(rows.without(held.row_id).plus(again), 0.2, 0, held=held)
    assert split.set_aside == ("z-1", "z-2")
    assert len(split.golden_ids) == 6
    assert split.reached == 0.2
    assert split.notes == (
        "2 rows are exact copies of golden rows: they were taken out of training without becoming golden.",
    )


def test_a_held_row_that_came_back_itself_stays_golden():
    rows = distinct(40)
    held = rows.having(["row-003"])
    split = golden_split(rows, 0.2, 0, held=held)
    assert "row-003" in split.golden_ids
    assert split.set_aside == ()
    assert len(split.golden_ids) == 8


def test_a_copy_of_a_held_row_that_cannot_be_asked_is_set_aside():
    rows = distinct(40, ("topic:a",))
    held = rows.having(["row-003", "row-004"])
    unanswered = Rows.from_records([{"row_id": "z-1", "messages": [held.messages[0][0]], "tags": ["topic:a"]}])
    left = rows.without(held.row_id).plus(unanswered)
    split = golden_split(left, 0.2, 0, held=held)
    assert split.set_aside == ("z-1",)
    assert len(split.golden_ids) == 6
    assert split.reached == 0.2
    assert split.strata == {"a": {"golden": 6, "training": 32}}
    assert split.notes == (
        "1 row repeats a row of an earlier golden set and cannot be asked for want of a question or a reply: it was "
        "taken out of training without becoming golden.",
    )
    golden = held.plus(left.having(split.golden_ids))
    assert leaks(left.without((*split.golden_ids, *split.set_aside)), golden) == ()


def test_nothing_is_drawn_when_the_held_rows_are_enough():
    rows = distinct(40)
    held = rows.having([f"row-{n:03}" for n in range(8)])
    assert golden_split(rows.without(held.row_id), 0.2, 0, held=held).golden_ids == ()


def test_five_rows_give_one_and_none_give_none():
    assert len(golden_split(distinct(5), 0.15, 0).golden_ids) == 1
    assert golden_split(Rows.empty(), 0.15, 0).golden_ids == ()


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(BadInput):
        golden_split(distinct(5), share, 0)


@pytest.mark.parametrize(
    ("turns", "fine"),
    [
        ([message("user", "Why?"), message("assistant", "So.")], True),
        ([message("user", "Why?"), message("user", " "), message("assistant", "So.")], True),
        ([message("assistant", "Good day, this is the desk.")], False),
        ([message("system", "Be brief."), message("assistant", "Good day.")], False),
        ([message("user", " \n"), message("assistant", "Good day.")], False),
        ([message("user", None), message("assistant", "Good day.")], False),
        ([message("assistant", "Good day."), message("user", "Why?")], False),
        ([message("user", "Why?"), message("assistant", None)], False),
        ([], False),
    ],
)
def test_only_a_row_with_a_question_and_a_reply_can_be_asked(turns, fine):
    assert askable(Rows.from_records([{"messages": turns}])) == [fine]


def test_rows_that_cannot_be_asked_are_not_drawn_and_the_notes_say_why():
    greetings = [{"row_id": f"z-{n}", "messages": [message("assistant", f"{s} is here")]} for n, s in enumerate("abc")]
    silent = {"row_id": "z-9", "messages": [message("user", "Is anybody there at all?")]}
    split = golden_split(distinct(16, ("topic:a",)).plus(Rows.from_records([*greetings, silent])), 0.9, 0)
    assert split.golden_ids == tuple(f"row-{n:03}" for n in range(16))
    assert split.notes[:2] == (
        "3 of 20 rows have no question of a user before the reply and were not drawn.",
        "1 of 20 rows has no reply and was not drawn.",
    )


def test_groups_join_over_prompt_reply_and_whole_but_not_over_stock_replies():
    rows = Rows.of(
        ("How can I track my parcel?", "Open your orders and press track."),
        ("how can i track my parcel", "It stands in the letter that we sent."),
        ("Where is my order now?", "It stands in the letter that we sent!"),
        ("May I pay by card?", "Yes, of course."),
        ("Is the shop open today?", "Yes, of course."),
    )
    assert copy_groups(rows).tolist() == [0, 0, 0, 1, 2]


def test_the_gate_names_the_golden_row_and_what_is_repeated():
    golden = Rows.from_records(
        [
            row("g-1", "How can I track my parcel?", "Under orders."),
            row("g-2", "Do you mend pumps?", "We mend pumps in two weeks."),
        ]
    )
    training = Rows.of(
        ("How can I track my parcel now?", "Press track."),
        ("Can a pump be mended here?", "we mend pumps in two weeks"),
        ("When do you close?", "Under orders."),
    )
    found = leaks(training, golden)
    assert [(leak.training_id, leak.golden_id, leak.how) for leak in found] == [
        ("row-2", "g-2", "copy of the reply"),
        ("row-1", "g-1", "near copy of the prompt"),
    ]
    assert found[0].score == 1.0
    assert 0.9 <= found[1].score < 1


def test_a_golden_row_itself_in_training_is_a_leak_whatever_it_says_now():
    golden, training = Rows.of(("Old words here", "Yes.")), Rows.of(("Something quite different", "No."))
    assert [(leak.how, leak.score) for leak in leaks(training, golden)] == [("the same row", 1.0)]


@pytest.mark.parametrize(
    "longer",
    [
        talk("t", ASKED, SAID, OTHER, ANSWER),
        talk("t", OTHER, ANSWER, ASKED, SAID, "And the small one, then?", "That one for eight weeks only."),
        talk("t", "Good morning", "Hello!", ASKED.upper(), SAID, "Thanks!", "You're welcome!"),
    ],
)
def test_a_golden_pair_inside_a_longer_conversation_is_found_and_never_parted(longer):
    golden = talk("g", ASKED, SAID)
    assert found_between(longer, golden) == [("copy of the question and reply", 1.0)]
    assert grouped(golden, longer) == [0, 0]
    assert grouped(longer, golden) == [0, 0]


def test_equal_rows_are_all_grouped_with_the_conversation_that_holds_them():
    longer = talk("t", ASKED, SAID, OTHER, ANSWER)
    assert grouped(talk("a", ASKED, SAID), longer, talk("b", ASKED, SAID), talk("c", OTHER, ANSWER)) == [0, 0, 0, 0]


def test_a_golden_pair_with_a_short_reply_counts_by_question_and_reply_together():
    golden = talk("g", ASKED, "Sixteen weeks.")
    assert found_between(talk("t", ASKED, "Sixteen weeks.", OTHER, ANSWER), golden) == [
        ("copy of the question and reply", 1.0)
    ]
    assert found_between(talk("t", OTHER, "Sixteen weeks.", "Why is that so?", ANSWER), golden) == []


def test_an_earlier_reply_that_is_the_golden_reply_is_a_leak_whatever_was_asked():
    golden, longer = talk("g", ASKED, SAID), talk("t", "And how long?", SAID, OTHER, ANSWER)
    assert found_between(longer, golden) == [("copy of the reply, in an earlier turn", 1.0)]
    assert grouped(golden, longer) == [0, 0]


def test_an_earlier_exchange_of_a_golden_row_is_a_leak_too():
    golden = talk("g", ASKED, SAID, OTHER, ANSWER)
    assert found_between(talk("t", ASKED, SAID), golden) == [("copy of the question and reply", 1.0)]
    assert found_between(talk("t", ASKED, SAID, "Who told you that?", "The desk in the hall did."), golden) == [
        ("copy of the question and reply", 1.0)
    ]


def test_greetings_thanks_and_stock_questions_in_passing_are_no_leak():
    thanks, number = ("Thanks!", "You are welcome, have a nice day!"), "May I have your order number, please?"
    golden = talk("g", "Hello", "Hello! How may I help you today?", ASKED, number, *thanks, "It is for my aunt.", SAID)
    longer = talk("t", "Hello", "Hello! How may I help you today?", OTHER, number, *thanks, "Is grey all?", ANSWER)
    assert found_between(longer, golden) == []
    assert grouped(golden, longer) == [0, 1]


def test_rows_alike_in_meaning_stay_on_one_side_where_that_is_asked_for() -> None:
    rows = Rows.of(
        *[(f"asking number {n} of them in {way} words", f"said {n} {way}") for n in range(12) for way in "xy"]
    )

    def read(texts: Sequence[str]) -> np.ndarray:  # a toy: a text means its number
        return np.eye(12, dtype=np.float32)[[int(next(w for w in text.split() if w.isdecimal())) for text in texts]]

    split = golden_split(rows, 0.25, 0, together="meaning", read=read)
    golden = {asked.split()[2] for asked in rows.having(split.golden_ids).prompt}
    left = {asked.split()[2] for asked in rows.without(split.golden_ids).prompt}
    assert len(split.golden_ids) == 6
    assert golden & left == set()


def test_meaning_needs_a_reader() -> None:
    with pytest.raises(BadInput, match="goldloop models fetch"):
        golden_split(Rows.of("a", "b"), 0.2, 0, together="meaning")


def test_rows_of_one_conversation_and_rows_derived_from_one_another_stay_on_one_side():
    rows = distinct(40).tagged(
        {f"row-{n:03}": [f"conversation:{n // 2}"] for n in range(20)}
        | {f"row-{n:03}": [f"derived_from:row-{n - 1:03}"] for n in range(21, 40, 2)}
    )
    for seed in range(5):
        golden = set(golden_split(rows, 0.2, seed).golden_ids)
        assert golden
        assert all((f"row-{n:03}" in golden) == (f"row-{n + 1:03}" in golden) for n in range(0, 40, 2))


def test_customers_and_authors_that_chain_all_rows_together_leave_a_split():
    chained = distinct(60).tagged({f"row-{n:03}": [f"customer:{n // 2}", f"author:{(n + 1) // 2}"] for n in range(60)})
    assert len(golden_split(chained, 0.2, 0).golden_ids) in range(9, 14)


def test_a_later_draw_does_not_pull_in_all_that_the_author_of_a_held_row_wrote():
    rows = distinct(60).tagged({f"row-{n:03}": [f"author:{n // 15}"] for n in range(60)})
    held = rows.having(["row-000", "row-015", "row-030", "row-045"])
    assert len(golden_split(rows.without(held.row_id), 0.2, 0, held=held).golden_ids) == 8
