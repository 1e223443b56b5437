"""Golden against other questions: real skews are told, noise is not."""

import numpy as np

from workbench.reports.representative import compared, length_of
from workbench.rows import Rows, message

SUBJECTS = {
    "refund": "Will the jacket money return, refund {}?",
    "parcel": "Where does my parcel wait, depot {}?",
    "membership": "Can I pause the club membership, card {}?",
    "repair": "Who mends the bicycle wheel, repair {}?",
}


def some(counts: tuple[int, ...], start: int = 0) -> Rows:
    records = []
    for (subject, asked), count in zip(SUBJECTS.items(), counts, strict=True):
        for n in range(count):
            number = start + len(records)
            records.append(
                {
                    "row_id": f"r{number}",
                    "tags": [f"topic:{subject}"],
                    "messages": [message("user", asked.format(number)), message("assistant", f"Say {n}.")],
                }
            )
    return Rows.from_records(records)


def test_two_draws_of_the_same_questions_are_not_called_skewed() -> None:
    found = compared(some((10, 11, 9, 10)), some((50, 48, 52, 50), start=1000))
    assert found.skewed == ()
    assert {one.name for one in found.aspects} == {"topic", "length", "language", "tag"}


def test_a_topic_that_golden_lacks_is_named_first() -> None:
    found = compared(some((20, 20, 0, 0)), some((50, 50, 50, 50), start=1000))
    tag = next(one for one in found.aspects if one.name == "tag")
    assert tag.skewed
    assert tag.distance == 0.5
    assert {one.name for one in tag.shares} == {"refund", "parcel", "membership", "repair"}
    assert [one.apart for one in tag.shares] == [-0.25, 0.25, 0.25, -0.25]


def test_topics_are_the_same_groups_on_both_sides() -> None:
    found = compared(some((40, 0, 0, 0)), some((0, 40, 40, 40), 1000))
    topic = next(one for one in found.aspects if one.name == "topic")
    assert topic.skewed
    assert topic.distance > 0.9


def test_copies_are_no_independent_evidence() -> None:
    golden, other = some((14, 6, 10, 10)), some((50, 50, 50, 50), start=1000)
    alone, copied = (
        next(one for one in compared(golden, other, apart=apart).aspects if one.name == "tag")
        for apart in ((40, 200), (10, 200))
    )
    assert copied.most > alone.most
    assert copied.distance == alone.distance


def test_no_difference_is_called_a_skew_in_at_most_one_of_twenty_comparisons() -> None:
    chance = np.random.default_rng(3)
    calls = 0
    for seed in range(40):
        golden = chance.multinomial(60, [0.25] * 4)
        other = chance.multinomial(200, [0.25] * 4)
        one = next(
            a for a in compared(some(tuple(golden)), some(tuple(other), 1000), seed=seed).aspects if a.name == "tag"
        )
        calls += one.skewed
    assert calls <= 4


def test_tags_are_left_out_where_the_other_side_has_none() -> None:
    bare = some((10, 10, 10, 10), 1000)
    found = compared(some((10, 10, 10, 10)), bare.tagged({row_id: [] for row_id in bare.row_id}))
    assert "tag" not in [one.name for one in found.aspects]
    assert "Tags were not compared" in found.notes[0]


def test_a_handful_of_rows_is_not_compared() -> None:
    found = compared(some((2, 1, 1, 1)), some((50, 50, 50, 50), 1000))
    assert found.aspects == ()
    assert "at least 10 of each" in found.notes[0]


def test_no_text_of_a_row_is_in_what_is_told() -> None:
    assert "pause the club" not in str(compared(some((10, 10, 10, 10)), some((10, 10, 10, 10), 1000)).as_json())


def test_lengths_fall_into_classes() -> None:
    assert [length_of("word " * n) for n in (1, 10, 11, 60, 151)] == [
        "up to 10 words", "up to 10 words", "11 to 25 words", "26 to 60 words", "over 150 words",
    ]  # fmt: skip
