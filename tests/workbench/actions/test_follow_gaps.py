"""What became of gaps: by the rows that failed before and fail now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.actions.find_gaps import find_gaps
from workbench.actions.follow_gaps import earlier_with_gaps, follow_gaps, told
from workbench.actions.note_failure import note_failure
from workbench.errors import BadInput
from workbench.store import evaluations


def again(store, evaluated, change):
    """A second evaluation of the same run with some tuned scores changed; change: answer -> answer."""
    second = evaluations.add(store, evaluated.run_id, evaluated.golden_id, evaluated.settings, "Ann")
    said = [change(one) if one.arm == "tuned" else one for one in evaluations.answers_of(store, evaluated.id)]
    evaluations.finish(store, second.id, said, evaluated.summary)
    return evaluations.get(store, second.id)


def sound(one):
    return replace(one, scores={**one.scores, "fact_recall": 1.0, "stopped": 1.0, "refusal": 0.0,
                                "unsupported_facts": 0.0})  # fmt: skip


def broken(one):
    return replace(one, scores={**one.scores, "fact_recall": 0.0})


def test_gaps_close_when_none_of_their_rows_fails_any_more(store, evaluated):
    found = find_gaps(store, evaluated.id)
    after = follow_gaps(store, evaluated.id, again(store, evaluated, sound).id)
    assert [one.became for one in after.gaps] == ["closed"] * len(found)
    assert after.failing_after == 0
    assert after.mended == after.failing_before > 0
    assert after.broken == ()


def test_the_same_answers_leave_every_gap_as_before_and_no_row_changes_sides(store, evaluated):
    find_gaps(store, evaluated.id)
    after = follow_gaps(store, evaluated.id, again(store, evaluated, lambda one: one).id)
    assert {one.became for one in after.gaps} == {"as before"}
    assert after.p is None
    assert "no row changed sides" in after.sentence


def test_rows_that_were_sound_and_fail_now_are_told_by_slice_and_kind(store, evaluated):
    failing = {row for gap in find_gaps(store, evaluated.id) for row in gap.golden_rows}
    sound_row = next(
        one.row_id for one in evaluations.answers_of(store, evaluated.id, "tuned") if one.row_id not in failing
    )
    later = again(store, evaluated, lambda one: broken(one) if one.row_id == sound_row else one)
    after = follow_gaps(store, evaluated.id, later.id)
    assert [one.row_ids for one in after.broken] == [(sound_row,)]
    assert (after.broke, after.mended, after.p) == (1, 0, 1.0)


def test_a_gap_that_only_people_saw_has_to_be_read_again(store, evaluated):
    fine = again(store, evaluated, sound)
    row = evaluations.answers_of(store, fine.id, "tuned")[0].row_id
    note_failure(store, fine.id, row, "cold tone", "tone")
    find_gaps(store, fine.id)
    after = follow_gaps(store, fine.id, again(store, fine, lambda one: one).id)
    assert [one.became for one in after.gaps] == ["read again"]


def test_an_evaluation_without_gaps_cannot_be_followed(store, evaluated):
    with pytest.raises(BadInput, match="has no gaps"):
        follow_gaps(store, evaluated.id, again(store, evaluated, sound).id)


def test_the_report_is_told_of_the_last_evaluation_that_had_gaps(store, evaluated):
    find_gaps(store, evaluated.id)
    later = again(store, evaluated, sound)
    assert earlier_with_gaps(store, later.id).id == evaluated.id
    said = told(store, later.id)
    assert said["mended"] > 0
    assert {one["became"] for one in said["gaps"]} == {"closed"}
    assert told(store, evaluated.id) is None


def test_a_row_that_the_later_evaluation_could_not_judge_is_not_mended(store, evaluated):
    find_gaps(store, evaluated.id)
    later = again(store, evaluated, lambda one: replace(sound(one), scores={**sound(one).scores, "fact_recall": None}))
    after = follow_gaps(store, evaluated.id, later.id)
    assert {one.became for one in after.gaps} == {"read again"}
    assert (after.mended, after.rows) == (0, 0)
    assert "0 of " in after.sentence


def test_more_rows_broken_than_mended_are_told_as_worse():
    from workbench.told.follow_up import FollowUp

    found = FollowUp(1, 2, 40, 5, 17, 3, 15, 0.008, (), ())
    assert found.verdict == "worse"
    assert found.sentence == (
        "0 of 0 gaps closed; 5 of 40 rows failed before, 17 fail now: 3 mended, 15 broke, worse (exact McNemar p "
        "0.008)."
    )
