"""A change that was made on an older version is done to the newest one, and nothing of anybody is lost."""

from workbench.carry import carry_over
from workbench.rows import Rows, message

BASE = Rows.of("One.", "Two.", "Three.")


def said(reply: str) -> list[dict]:
    return [message("user", "Question"), message("assistant", reply)]


def test_my_edit_lands_beside_the_edit_of_another_row() -> None:
    carried = carry_over(BASE, BASE.edit({"row-1": said("Mine.")}), BASE.edit({"row-2": said("Theirs.")}))
    assert carried.rows.reply == ["Mine.", "Theirs.", "Three."]
    assert carried.collisions == ()


def test_two_edits_of_one_row_collide_and_theirs_stays() -> None:
    carried = carry_over(BASE, BASE.edit({"row-1": said("Mine.")}), BASE.edit({"row-1": said("Theirs.")}))
    assert carried.rows.reply == ["Theirs.", "Two.", "Three."]
    (one,) = carried.collisions
    assert (one.row_id, one.mine[1]["content"], one.theirs[1]["content"]) == ("row-1", "Mine.", "Theirs.")
    assert one.base[1]["content"] == "One."


def test_the_same_edit_twice_is_no_collision() -> None:
    mine = BASE.edit({"row-1": said("Same.")})
    assert carry_over(BASE, mine, mine).collisions == ()


def test_my_text_and_their_tags_of_one_row_both_stay() -> None:
    carried = carry_over(BASE, BASE.edit({"row-1": said("Mine.")}), BASE.tagged({"row-1": ["seen"]}))
    assert carried.rows.reply[0] == "Mine."
    assert carried.rows.tags[0] == ["seen"]


def test_dropping_what_they_changed_collides_and_dropping_what_they_dropped_does_not() -> None:
    mine = BASE.without(["row-1"])
    changed = carry_over(BASE, mine, BASE.edit({"row-1": said("Theirs.")}))
    assert [one.mine for one in changed.collisions] == [None]
    assert len(changed.rows) == 3
    assert carry_over(BASE, mine, mine).rows == mine


def test_changing_what_they_dropped_collides() -> None:
    carried = carry_over(BASE, BASE.edit({"row-1": said("Mine.")}), BASE.without(["row-1"]))
    assert [one.theirs for one in carried.collisions] == [None]


def test_rows_that_both_added_all_stand_at_the_end() -> None:
    mine, theirs = (BASE.plus(Rows.of(word).renamed([word])) for word in ("mine", "theirs"))
    assert carry_over(BASE, mine, theirs).rows.row_id == ["row-1", "row-2", "row-3", "theirs", "mine"]
