"""The leak guard's ways and tiers, on toys; the meaning is read by a toy whose vectors are written out."""

import numpy as np
import pytest

from workbench.guard import Suspect, leaks, suspects
from workbench.rows import Rows, message

QUESTION = "How many days do I have to send the blue lamp back if I live on an island?"
REPLY = "You have thirty days from the day of delivery, wherever you live in the country."
GOLDEN = Rows.of((QUESTION, REPLY)).renamed(["golden-1"])


def found(*rows: object, golden: Rows = GOLDEN, **options: object) -> list[Suspect]:
    return list(suspects(Rows.of(*rows), golden, **options))  # type: ignore[arg-type]


def ways(one: Suspect) -> dict[str, str]:
    return {way.name: way.tier for way in one.ways}


def test_a_golden_row_itself_is_certain() -> None:
    (one,) = suspects(GOLDEN, GOLDEN)
    assert (one.tier, one.how) == ("certain", "the same row")


def test_a_copy_but_for_case_and_blanks_is_certain() -> None:
    (one,) = found((QUESTION.upper(), REPLY.replace(" ", "  ")))
    assert (one.tier, one.how) == ("certain", "copy of the whole conversation")


def test_an_equal_question_with_another_reply_is_certain() -> None:
    (one,) = found((QUESTION, "Ask at the counter, please."))
    assert (one.tier, one.how) == ("certain", "copy of the prompt")


def test_an_equal_short_question_is_left_to_a_person() -> None:
    golden = Rows.of(("Where is it?", "The lamp stands in the third hall, behind the lifts."))
    (one,) = found(("Where is it?", "Your parcel left Hamburg this morning."), golden=golden.renamed(["golden-1"]))
    assert one.tier == "suspect"


def test_an_equal_reply_under_another_question_is_left_to_a_person() -> None:
    (one,) = found(("When must a toaster be here again?", REPLY))
    assert (one.tier, one.ways[0].name) == ("suspect", "copy")


def test_a_near_copy_is_left_to_a_person() -> None:
    (one,) = found((f"Hello, {QUESTION}", f"{REPLY} Thanks"))
    assert (one.tier, one.ways[0].name) == ("suspect", "near copy")


def test_a_golden_reply_inside_a_longer_one_is_found_by_its_runs_of_words() -> None:
    pasted = f"Our notes for new colleagues say this among many other things: {REPLY} More follows next week."
    (one,) = found(("What should I read first?", pasted))
    assert ways(one) == {"answer": "suspect"}


def test_an_approved_phrase_counts_for_nothing() -> None:
    pasted = f"Our notes for new colleagues say this among many other things: {REPLY} More follows next week."
    assert found(("What should I read first?", pasted), approved=[REPLY.lower()]) == []
    assert found(("When must a toaster be here again?", REPLY), approved=[REPLY]) == []


def test_unlike_rows_are_no_pair() -> None:
    assert found(("Do you sell bulbs?", "Yes, all of them with a small thread, in packs of three.")) == []


def test_a_row_derived_from_a_golden_row_is_certain_also_through_others() -> None:
    rows = Rows.of(("a b", "c"), ("d e", "f")).tagged(
        {"row-1": ["derived_from:golden-1"], "row-2": ["derived_from:row-1"]}
    )
    assert [(one.training_id, one.tier, one.how) for one in suspects(rows, GOLDEN)] == [
        ("row-1", "certain", "derived from the golden row"),
        ("row-2", "certain", "derived from the golden row"),
    ]


def test_a_parent_that_left_the_dataset_is_asked_for() -> None:
    rows = Rows.of(("d e", "f")).tagged({"row-1": ["derived_from:gone"]})
    assert suspects(rows, GOLDEN) == ()
    (one,) = suspects(rows, GOLDEN, older=lambda ids: {"gone": ("golden-1",)} if "gone" in ids else {})
    assert one.tier == "certain"


def test_a_chain_that_closes_on_itself_ends() -> None:
    rows = Rows.of(("a b", "c"), ("d e", "f")).tagged(
        {"row-1": ["derived_from:row-2"], "row-2": ["derived_from:row-1"]}
    )
    assert suspects(rows, GOLDEN, older=lambda ids: {}) == ()


def test_a_field_that_was_kept_names_the_parent_too() -> None:
    record = {"row_id": "x", "messages": [message("user", "d"), message("assistant", "f")],
              "extra": '{"derived_from": ["golden-1"]}'}  # fmt: skip
    (one,) = suspects(Rows.from_records([record]), GOLDEN)
    assert one.tier == "certain"


def test_the_same_conversation_is_a_suspect_and_a_large_group_is_only_shown() -> None:
    golden = GOLDEN.tagged({"golden-1": ["conversation:12", "author:kim"]})
    rows = Rows.of(*[(f"Question number {n}?", f"Answer number {n} of many.") for n in range(25)])
    rows = rows.tagged({row_id: ["author:kim"] for row_id in rows.row_id})
    rows = rows.tagged({"row-1": ["conversation:12"]})
    tiers = {one.training_id: one.tier for one in suspects(rows, golden)}
    assert tiers.pop("row-1") == "suspect"
    assert set(tiers.values()) == {"look-alike"}


VECTORS = {"lamp": (1.0, 0.0, 0.0), "days": (0.0, 1.0, 0.0), "toaster": (0.0, 0.0, 1.0)}


def read(texts: list[str]) -> np.ndarray:
    """A toy: a text is the sum of the three words it knows."""
    said = np.array([np.sum([v for word, v in VECTORS.items() if word in text.lower()] or [(0, 0, 0)], axis=0)
                     for text in texts], np.float32)  # fmt: skip
    return said / np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-9)


def test_other_words_of_like_meaning_are_a_suspect_where_the_model_is_there() -> None:
    row = ("Until when may that lamp of mine go home to you?", "Within a month of days after it came, from anywhere.")
    assert found(row) == []
    (one,) = found(row, read=read)
    assert ways(one) == {"meaning": "suspect"}


def test_contradicting_numbers_excuse_a_pair_alike_in_meaning() -> None:
    golden = Rows.of(("Which lamp is it for room 12, please?", "Take number 40 for as many days as you like."))
    row = ("What lamp will be right in 77 at home?", "Get some 31 that will hold for all days.")
    (one,) = found(row, golden=golden.renamed(["golden-1"]), read=read)
    assert one.tier == "look-alike"


def test_a_like_question_with_another_answer_is_only_shown() -> None:
    row = ("May that blue lamp of mine be switched off and on?", "A toaster may be, and so may all we sell here.")
    assert [one.tier for one in found(row, read=lambda texts: read(texts) * 0.8)] in ([], ["look-alike"])


def test_of_many_golden_rows_the_five_likest_are_named() -> None:
    golden = Rows.of(*[(QUESTION + " Please." * n, "Yes.") for n in range(9)])
    rows = Rows.of((QUESTION, "No.")).renamed(["training"])
    pairs = suspects(rows, golden.renamed([f"golden-{n}" for n in range(9)]), read=read)
    assert len(pairs) == 5
    assert pairs[0].golden_id == "golden-0"


@pytest.mark.parametrize("said", ["Yes.", "You're welcome!"])
def test_stock_replies_are_no_leak(said: str) -> None:
    assert leaks(Rows.of(("Is it open?", said)), Rows.of(("Do you sell lamps?", said)).renamed(["golden-1"])) == ()


def test_a_training_row_that_a_golden_row_was_made_from_is_left_to_a_person() -> None:
    rows = Rows.of(("When does the ship come?", "On Mondays.")).renamed(["seed"])
    golden = GOLDEN.tagged({"golden-1": ["derived_from:seed"]})
    assert [(one.tier, one.how) for one in suspects(rows, golden)] == [("suspect", "the golden row derives from it")]


def test_two_rows_made_from_the_same_third_one_are_left_to_a_person() -> None:
    rows = Rows.of(("When does the ship come?", "On Mondays.")).tagged({"row-1": ["derived_from:seed"]})
    golden = GOLDEN.tagged({"golden-1": ["derived_from:seed"]})
    (one,) = suspects(rows, golden)
    assert (one.tier, one.how) == ("suspect", "derived from the same row (seed)")
