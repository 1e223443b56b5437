"""Golden rows in three parts: groups whole, topics even, and stable over later freezes."""

from collections import Counter

import pytest

from workbench.errors import BadInput
from workbench.parts import default_shares, draw_parts
from workbench.rows import Rows

TOPICS = ("returns", "orders", "care", "warranty")


def some(count: int, tags: bool = True) -> Rows:
    return Rows.from_records(
        {
            "row_id": f"r{n:03}",
            "tags": [f"topic:{TOPICS[n % 4]}"] if tags else [],
            "messages": [
                {"role": "user", "content": f"Question {n}?"},
                {"role": "assistant", "content": f"Answer {n}."},
            ],
        }
        for n in range(count)
    )


def alone(rows: Rows) -> dict[str, int]:
    return {row_id: n for n, row_id in enumerate(rows.row_id)}


@pytest.mark.parametrize(
    ("size", "sealed", "calibration"), [(59, 0, 0), (60, 0.5, 0), (149, 0.5, 0), (150, 0.4, 0.2), (500, 0.45, 0.1)]
)
def test_the_usual_shares_follow_the_size(size: int, sealed: float, calibration: float) -> None:
    assert default_shares(size) == pytest.approx((sealed, calibration))


def test_a_small_set_stays_readable_and_says_why() -> None:
    drawn = draw_parts(some(54), alone(some(54)))
    assert drawn.sizes == {"dev": 54, "sealed": 0, "calibration": 0}
    assert "All 54 golden rows may be read" in drawn.notes[0]
    assert "half of them (27) could show only differences of 29 points and more" in drawn.notes[0]


def test_a_large_set_is_halved_after_forty_rows_for_judges() -> None:
    assert draw_parts(some(200), alone(some(200))).sizes == {"dev": 80, "sealed": 80, "calibration": 40}


def test_every_topic_has_about_its_share_in_each_part() -> None:
    rows = some(200)
    parts = draw_parts(rows, alone(rows)).parts
    counts = Counter((tags[0], parts[row_id]) for row_id, tags in zip(rows.row_id, rows.tags, strict=True))
    assert all(abs(counts[f"topic:{topic}", "sealed"] - 20) <= 2 for topic in TOPICS)


def test_the_rows_of_a_group_share_a_part() -> None:
    rows = some(100)
    groups = {row_id: n // 4 for n, row_id in enumerate(rows.row_id)}
    parts = draw_parts(rows, groups, sealed=0.5).parts
    assert all(len({parts[row_id] for row_id in rows.row_id if groups[row_id] == one}) == 1 for one in range(25))
    assert Counter(parts.values())["sealed"] == pytest.approx(50, abs=4)


def test_the_draw_does_not_depend_on_the_order_of_rows() -> None:
    rows = some(80)
    backwards = Rows(rows.frame.reverse())
    assert draw_parts(rows, alone(rows)).parts == draw_parts(backwards, alone(rows)).parts


def test_another_seed_draws_other_rows() -> None:
    assert draw_parts(some(80), alone(some(80)), seed=1).parts != draw_parts(some(80), alone(some(80)), seed=2).parts


def test_a_later_draw_keeps_the_part_of_every_row() -> None:
    first = draw_parts(some(80), alone(some(80))).parts
    later = draw_parts(some(200), alone(some(200)), kept=first)
    assert {row_id: later.parts[row_id] for row_id in first} == dict(first)
    assert later.sizes == {"dev": 80, "sealed": 80, "calibration": 40}


def test_a_new_row_joins_the_part_of_its_group() -> None:
    rows = some(62)
    groups = {**alone(rows), "r061": 0}
    first = {row_id: "sealed" if row_id == "r000" else "dev" for row_id in rows.row_id[:61]}
    assert draw_parts(rows, groups, kept=first).parts["r061"] == "sealed"


def test_shares_that_leave_nothing_to_read_are_refused() -> None:
    with pytest.raises(BadInput, match="leave too little to read"):
        draw_parts(some(80), alone(some(80)), sealed=0.6, calibration=0.4)


def test_a_share_that_is_no_share_is_refused() -> None:
    with pytest.raises(BadInput, match=r"sealed share of 1\.5"):
        draw_parts(some(80), alone(some(80)), sealed=1.5)


def test_a_handful_of_sealed_rows_is_told() -> None:
    assert "Only 4 rows are sealed" in " ".join(draw_parts(some(40), alone(some(40)), sealed=0.1).notes)
