"""The golden set: drawn by group, locked, and out of training's reach for good."""

import pytest

from workbench import history
from workbench.actions.evaluate import samples_of
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.import_rows import import_rows
from workbench.actions.undo import undo
from workbench.errors import BadInput, Refused, StoreError
from workbench.rows import Rows, message
from workbench.store import Store, datasets, goldens
from workbench.training_side import prepare


@pytest.fixture
def desk(store: Store, fifty_rows: Rows) -> Store:
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    return store


def test_a_freeze_takes_the_golden_rows_out_and_locks_them(desk: Store, fifty_rows: Rows) -> None:
    done = freeze_golden(desk, share=0.2, seed=1)
    assert done.golden is not None
    assert done.version is not None
    kept = goldens.rows_of(desk, done.golden)
    left = datasets.rows_of(desk, done.version)
    assert (len(kept), len(left)) == (10, 40)
    assert set(kept.row_id) | set(left.row_id) == set(fifty_rows.row_id)
    assert done.golden.digest == kept.digest


def test_every_topic_is_in_the_golden_set(desk: Store) -> None:
    done = freeze_golden(desk, share=0.2)
    assert {tags[0] for tags in done.golden_rows.tags} == {
        "topic:return", "topic:repair", "topic:clean", "topic:order", "topic:wrap",
    }  # fmt: skip


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(desk: Store) -> None:
    first = freeze_golden(desk, seed=3, preview=True).golden_rows
    assert freeze_golden(desk, seed=3, preview=True).golden_rows == first
    assert freeze_golden(desk, seed=4, preview=True).golden_rows != first


def test_a_preview_freezes_nothing(desk: Store) -> None:
    assert freeze_golden(desk, preview=True).golden is None
    assert goldens.listed(desk) == []
    assert len(datasets.listed(desk)) == 1


@pytest.mark.parametrize("share", [0, 1, 0.99, 0.05, 0.21, -0.1, float("nan")])
def test_a_share_outside_ten_to_twenty_percent_is_refused(desk: Store, share: float) -> None:
    with pytest.raises(BadInput, match=r"between 0\.10 and 0\.20"):
        freeze_golden(desk, share=share)


def test_five_rows_are_too_few(store: Store) -> None:
    rows = Rows.of("Alpha one.", "Beta two.", "Gamma three.", "Delta four.", "Epsilon five.")
    history.commit(store, None, rows, dataset="tiny", verb="import", settings={})
    with pytest.raises(BadInput, match="at least 10"):
        freeze_golden(store)


def test_a_frozen_set_cannot_be_undone(desk: Store) -> None:
    freeze_golden(desk)
    with pytest.raises(Refused, match="a frozen set stays frozen"):
        undo(desk)


def test_a_second_freeze_keeps_every_golden_row_and_adds(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1).golden
    with pytest.raises(Refused, match="A frozen set stays"):
        freeze_golden(desk, share=0.1)
    second = freeze_golden(desk, share=0.2).golden
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert set(goldens.rows_of(desk, first).row_id) < set(goldens.rows_of(desk, second).row_id)
    assert goldens.rows_of(desk, first).digest == first.digest


def test_a_second_freeze_takes_unanswered_copies_out_of_training_but_not_into_golden(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1)
    assert first.version is not None
    asked = first.golden_rows.messages[0][:1]
    copy = Rows.from_records([{"row_id": "unanswered", "messages": asked}])
    rows = datasets.rows_of(desk, first.version).plus(copy)
    history.commit(desk, first.version, rows, verb="import", settings={})
    second = freeze_golden(desk, share=0.2)
    assert second.version is not None
    assert second.split.set_aside == ("unanswered",)
    assert "unanswered" not in second.golden_rows.row_id
    assert "unanswered" not in datasets.rows_of(desk, second.version).row_id
    assert len(second.golden_rows) == 10
    assert all(second.golden_rows.reply)


def test_a_second_freeze_holds_no_golden_row_twice(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1)
    assert first.version is not None
    copies = first.golden_rows.renamed([f"again-{n}" for n in range(len(first.golden_rows))])
    rows = datasets.rows_of(desk, first.version).plus(copies)
    history.commit(desk, first.version, rows, verb="import", settings={})
    second = freeze_golden(desk, share=0.2)
    assert second.version is not None
    assert second.split.set_aside == tuple(f"again-{n}" for n in range(5))
    assert len(set(second.golden_rows.text)) == len(second.golden_rows) == 10
    assert len(datasets.rows_of(desk, second.version)) == 40


def test_copies_of_one_another_never_stand_on_both_sides(store: Store, fifty_rows: Rows) -> None:
    copies = fifty_rows.keep([True] * 20 + [False] * 30).renamed([f"copy-{n}" for n in range(20)])
    history.commit(store, None, fifty_rows.plus(copies), dataset="desk", verb="import", settings={})
    done = freeze_golden(store, share=0.2)
    assert done.version is not None
    golden = set(done.golden_rows.reply)
    assert not golden & set(datasets.rows_of(store, done.version).reply)


def test_training_refuses_a_golden_row_that_came_back_and_shows_the_pair(desk: Store, tmp_path) -> None:
    golden = freeze_golden(desk).golden
    assert golden is not None
    rows = goldens.rows_of(desk, golden)
    asked, said = rows.prompt[0], rows.reply[0]
    import json

    again = tmp_path / "again.jsonl"
    again.write_text(json.dumps({"messages": [{"role": "user", "content": asked.upper()},
                                              {"role": "assistant", "content": said}]}))  # fmt: skip
    import_rows(desk, again, name="desk")
    with pytest.raises(Refused, match="Training is refused: 1 row of desk@3") as refusal:
        prepare(desk)
    assert [pair[1] for pair in refusal.value.pairs] == [rows.row_id[0]]
    assert asked[:30] in str(refusal.value)


def test_a_tampered_golden_file_stops_training(desk: Store) -> None:
    golden = freeze_golden(desk).golden
    assert golden is not None
    Rows.of("Easier question.").frame.write_parquet(desk.row_files.path(golden.digest))
    with pytest.raises(StoreError, match="no longer holds the rows"):
        prepare(desk)


def test_a_frozen_row_that_cannot_be_asked_is_no_sample(desk: Store) -> None:
    golden = freeze_golden(desk).golden
    assert golden is not None
    old = Rows.from_records(
        [
            {"row_id": "fine", "messages": [message("user", "Why?"), message("assistant", "So.")]},
            {"row_id": "greeting", "messages": [message("assistant", "Good day, this is the desk.")]},
            {"row_id": "blank", "messages": [message("user", " "), message("assistant", "Good day.")]},
        ]
    )
    assert [one.id for one in samples_of(old, golden)] == ["fine"]


def test_the_other_keys_of_a_turn_reach_the_model_that_is_asked(desk: Store) -> None:
    golden = freeze_golden(desk).golden
    assert golden is not None
    call = [{"type": "function", "function": {"name": "days", "arguments": {"item": "lamp"}}}]
    rows = Rows.from_records(
        [
            {
                "messages": [
                    message("user", "How long?", {"name": "Ann", "weight": None}),
                    message("assistant", None, {"tool_calls": call}),
                    message("tool", "12", {"tool_call_id": "c1"}),
                    message("assistant", "Twelve days."),
                ]
            }
        ]
    )
    assert samples_of(rows, golden)[0].prompt == (
        {"role": "user", "content": "How long?", "name": "Ann"},
        {"role": "assistant", "content": "", "tool_calls": call},
        {"role": "tool", "content": "12", "tool_call_id": "c1"},
    )
