"""Two versions, two runs, two evaluations side by side."""

from __future__ import annotations

import pytest

from workbench.actions.compare import compare
from workbench.errors import BadInput, NotFound
from workbench.store import evaluations, goldens, runs


def test_two_versions_tell_what_was_removed(store, evaluated):
    done = compare(store, "desk@1", "desk@2")
    assert done.kind == "versions"
    assert done.rows[0] == ("rows", "50", "40")
    assert done.notes == ("From desk@1 to desk@2: 0 rows added, 10 removed, 0 changed.",)


def test_two_runs_show_their_losses_and_that_no_knob_differs(store, evaluated):
    done = compare(store, "run:1", "run:1")
    assert ("lowest validation loss", "1.2", "1.2") in done.rows
    assert done.notes[0] == "Both runs had the same knobs."


def test_an_evaluation_against_itself_differs_by_nothing(store, evaluated):
    done = compare(store, "evaluation:1", "evaluation:1")
    assert done.rows[0][0].endswith(" *")
    assert all(line[3].startswith("0") for line in done.rows)
    assert "can't be told" in done.notes[-1]


def test_evaluations_on_different_golden_versions_are_not_set_side_by_side(store, evaluated):
    run, golden = runs.get(store, 1), goldens.by_id(store, evaluated.golden_id)
    with store.write() as connection:
        other = goldens.add(
            connection, dataset_id=golden.dataset_id, number=2, drawn_from=golden.drawn_from, digest="cd" * 32,
            size=golden.size, share=golden.share, seed=1, strata={}, groups=golden.groups, who="Ann",
        )  # fmt: skip
    second = evaluations.add(store, run.id, other, {}, "Ann")
    evaluations.finish(store, second.id, [], evaluated.summary)
    with pytest.raises(BadInput, match=r"desk golden 1 and evaluation 2 on desk golden 2.*Their rows differ"):
        compare(store, "evaluation:1", "evaluation:2")


def test_dev_and_sealed_rows_are_not_set_side_by_side(store, evaluated):
    second = evaluations.add(store, 1, evaluated.golden_id, {}, "Ann")
    evaluations.finish(store, second.id, [], {**evaluated.summary, "part": "sealed"})
    with pytest.raises(BadInput, match="they share no row"):
        compare(store, "evaluation:1", "evaluation:2")


def test_an_evaluation_without_answers_yet_is_told_as_such(store, evaluated):
    evaluations.add(store, 1, evaluated.golden_id, {}, "Ann")
    with pytest.raises(BadInput, match="Evaluation 2 is not finished"):
        compare(store, "evaluation:1", "evaluation:2")


def test_different_kinds_are_refused_with_the_way_out(store, evaluated):
    with pytest.raises(BadInput, match="different kinds of things"):
        compare(store, "run:1", "evaluation:1")


def test_what_is_not_there_is_told(store, evaluated):
    with pytest.raises(NotFound, match="no run 9"):
        compare(store, "run:1", "run:9")


def test_the_lines_are_a_table_and_its_notes(store, evaluated):
    lines = compare(store, "run:1", "run:1").lines
    assert lines[0].split() == ["run", "1", "run", "1"]
    assert set(lines[1]) == {"-", " "}
