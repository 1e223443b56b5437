"""The rows screen: filters, pages, flags that outlive an edit, and edits as they come from a browser."""

import pytest

from workbench.actions.edit_row import edit_row
from workbench.actions.run_checks import run_checks
from workbench.errors import BadInput, NotFound
from workbench.records import Gap
from workbench.rows import Rows
from workbench.screens import row_edit, row_task
from workbench.screens import rows as screen
from workbench.screens.address import Look
from workbench.screens.row_filters import ANY, NONE, Filters, choose, page_of, tags_of
from workbench.screens.row_view import detail_of
from workbench.store import datasets, evaluations, gaps, goldens, runs
from workbench.store.row_index import flags_of, rows_index

TWICE = "do it now " * 9


def add(store, rows, name="small"):
    return datasets.add_version(
        store, name, rows, parent=None, verb="import", settings={}, counts={"added": len(rows)}, who="test"
    )


def places(store, version, **filters):
    return choose(store, version, Filters(**filters)).places.to_list()


def test_a_search_is_literal_and_knows_no_case(store):
    version = add(store, Rows.of("100% Wool", "100 wool", "a.c"))
    assert places(store, version, text="100% wool") == [0]
    assert places(store, version, text="A.C") == [2]
    assert places(store, version, text=".*") == []


def test_a_tag_narrows_the_rows(store, fifty_rows):
    version = add(store, fifty_rows)
    assert len(places(store, version, tag="topic:repair")) == 10
    assert tags_of(rows_index(store, version))[0] == ("topic:clean", 10)


def test_rows_come_in_the_order_asked_for(store):
    rows = Rows.of(("Short?", "A long reply it is."), ("A longer question?", "Short."), ("Mid one?", "So so."))
    version = add(store, rows)
    assert places(store, version) == [0, 1, 2]
    assert places(store, version, order="reply-short") == [1, 2, 0]
    assert places(store, version, order="prompt-long") == [1, 2, 0]


def test_rows_with_any_finding_and_with_none_part_the_version(store):
    version = add(store, Rows.of("fine and short.", TWICE, "again " * 60))
    run_checks(store, version.label, only=["repetition"])
    assert places(store, version, check=ANY) == [1, 2]
    assert places(store, version, check="warnings") == [1, 2]
    assert places(store, version, check="errors") == []
    assert places(store, version, check=NONE) == [0]


def test_a_filter_reads_as_the_terms_of_a_fix():
    assert Filters(check="refusal", tag="topic:a", text="a.b").where == r"check=refusal,tag=topic:a,text~(?i)a\.b"
    assert Filters(check=ANY).where == "flagged"
    assert Filters(check="errors", tag="topic:a").where == "severity=error,tag=topic:a"
    assert Filters(check=NONE).where == ""
    assert Filters().where == ""


def test_a_page_holds_a_hundred_rows_and_moves_to_the_row_asked_for(store):
    rows = Rows.of(*[f"Reply number {n}" for n in range(230)])
    version = add(store, rows)
    chosen = choose(store, version, Filters())
    assert page_of(chosen, Filters(page=9))["range"] == "201 to 230 of 230"
    assert page_of(chosen, Filters(), "row-150")["page"] == 2
    assert len(page_of(chosen, Filters())["rows"]) == 100


def test_the_rows_of_a_check_come_worst_first(store):
    version = add(store, Rows.of("fine and short.", TWICE, "again " * 60))
    run_checks(store, version.label, only=["repetition"])
    chosen = choose(store, version, Filters(check="repetition"))
    assert set(chosen.places) == {1, 2}
    measures = [chosen.flags.at(place)[0]["measure"] for place in chosen.places]
    assert measures == sorted(measures, reverse=True)


def test_unchanged_rows_keep_their_findings_after_an_edit_and_the_edited_row_loses_them(store):
    version = add(store, Rows.of("fine and short.", TWICE, TWICE + "please"))
    run_checks(store, version.label, only=["repetition"])
    turns = [{"role": "user", "content": "Question 2"}, {"role": "assistant", "content": "Do it now."}]
    after = edit_row(store, "row-2", turns, version=version.label).after
    flags = flags_of(store, after)
    assert flags.of == version
    assert list(flags.checks_at([0, 1, 2])) == [2]
    assert flags.counts() == {"repetition": 1}


def test_rows_of_an_unchecked_dataset_have_no_findings(store):
    version = add(store, Rows.of(TWICE))
    assert flags_of(store, version).of is None


def event(version, **changes):
    turns = [{"role": "user", "content": "Question 1", "from": 0}, {"role": "assistant", "content": "New.", "from": 1}]
    return {"id": "row-1", "version": version.label, "turns": turns, **changes}


def test_a_saved_edit_is_a_new_version_with_its_reason(store):
    version = add(store, Rows.of("Old."))
    *_, said, address = screen.saved(store, Look({"dataset": "small", "version": "1"}), event(version, why="typo"))
    newest = datasets.version(store, "small")
    assert (newest.number, newest.change.why, datasets.rows_of(store, newest).reply) == (2, "typo", ["New."])
    assert "Saved as version 2" in said
    assert address == "/rows?dataset=small&row=row-1"


def test_an_edit_keeps_the_other_keys_of_a_turn_from_the_store(store):
    turns = [
        {"role": "user", "content": "Question 1", "more": '{"name": "anna"}'},
        {"role": "assistant", "content": "Old.", "more": None},
    ]
    version = add(store, Rows.from_records([{"row_id": "row-1", "messages": turns}]))
    sent = event(version)
    sent["turns"][0]["more"] = '{"name": "forged"}'
    screen.saved(store, Look({"dataset": "small"}), sent)
    assert datasets.rows_of(store, datasets.version(store, "small")).messages[0][0]["more"] == '{"name": "anna"}'


@pytest.mark.parametrize(
    "turns",
    [
        None,
        [],
        "x",
        [1],
        [{"role": "king", "content": "a"}],
        [{"role": "user", "content": 5}],
        [{"role": "user"}] * 201,
    ],
)
def test_an_edit_of_the_wrong_shape_is_refused_in_words(store, turns):
    version = add(store, Rows.of("Old."))
    with pytest.raises(BadInput):
        screen.saved(store, Look(), event(version, turns=turns))
    assert datasets.version(store, "small").number == 1


@pytest.mark.parametrize("sent", [{}, {"id": 5, "version": "small@1"}, {"id": "row-1", "version": None}])
def test_an_event_without_row_or_version_is_refused(store, sent):
    add(store, Rows.of("Old."))
    with pytest.raises(BadInput):
        screen.saved(store, Look(), sent)


def test_an_unknown_row_is_not_found(store):
    version = add(store, Rows.of("Old."))
    with pytest.raises(NotFound):
        screen.saved(store, Look(), event(version, id="row-77"))


def test_an_edit_of_a_row_that_somebody_changed_shows_both_texts_and_overwrites_nothing(store):
    version = add(store, Rows.of("Old."))
    screen.saved(store, Look(), event(version))
    mine = [{"role": "user", "content": "mine", "from": 0}]
    _, detail, said, _ = screen.saved(store, Look(), event(version, turns=mine))
    assert 'role="alert"' in said
    assert detail["version"] == "small@2"
    assert [turn["content"] for turn in detail["turns"]] == ["Question 1", "New."]
    assert detail["conflict"]["mine"] == [{"role": "user", "content": "mine"}]
    assert datasets.version(store, "small").number == 2


def test_a_dropped_row_is_gone_from_the_next_version(store):
    version = add(store, Rows.of("One.", "Two."))
    screen.dropped(store, Look({"dataset": "small"}), {"id": "row-1", "version": version.label})
    assert datasets.rows_of(store, datasets.version(store, "small")).row_id == ["row-2"]


def test_a_preview_marks_the_words_and_saves_nothing(store):
    version = add(store, Rows.of("Old."))
    shown = row_edit.preview(store)(event(version))
    assert shown["turns"][1]["parts"] == [["delete", "Old"], ["insert", "New"], ["equal", "."]]
    assert datasets.version(store, "small").number == 1


def test_a_preview_of_nonsense_answers_in_words(store):
    add(store, Rows.of("Old."))
    assert "error" in row_edit.preview(store)(["nonsense"])


def test_a_row_that_is_gone_is_told_as_such(store):
    version = add(store, Rows.of("Old."))
    assert "no such row" in detail_of(store, version, "row-9")["gone"]


@pytest.fixture
def gap(store):
    """An open gap near row-2 and row-3; run and evaluation behind it are written by hand."""
    version = add(store, Rows.of("One thing.", "Two things.", "Three things."))
    with store.write() as connection:
        golden = goldens.add(
            connection, dataset_id=version.dataset_id, number=1, drawn_from=1, digest=version.digest, size=1, share=0.1,
            seed=0, strata={}, groups={}, who="test",
        )  # fmt: skip
    run = runs.add(store, version, goldens.by_id(store, golden), {}, "test", None)
    evaluation = evaluations.add(store, run.id, golden, {}, "test")
    near = tuple({"row_id": row, "likeness": 0.9, "prompt": "?"} for row in ("row-3", "row-2"))
    found = Gap(0, evaluation.id, "topic:<b>", "made-up facts", "No row asks it.", "Write some.", ("g",), near, "open")
    return gaps.replace_open(store, evaluation.id, [found])[0]


def test_a_gap_narrows_the_rows_to_its_nearest_and_stands_above_them_as_a_task(store, gap):
    look = Look({"gap": str(gap.id)})
    chosen = choose(store, datasets.version(store, "small"), Filters.of(look))
    assert chosen.places.to_list() == [1, 2]
    banner = row_task.task(store, look)[0]["value"]
    assert "Write some." in banner
    assert "topic:&lt;b&gt;" in banner


def test_a_task_is_marked_as_done_with_a_word_and_opened_again(store, gap):
    look = Look({"gap": str(gap.id)})
    shown = row_task.settled(store, "done", look, "wrote five rows")
    assert (gaps.get(store, gap.id).state, gaps.get(store, gap.id).note) == ("done", "wrote five rows")
    assert "wrote five rows" in shown[0]["value"]
    row_task.settled(store, "open", look, "")
    assert gaps.get(store, gap.id).state == "open"


def test_without_a_gap_there_is_no_task_and_an_unknown_one_is_told(store):
    assert [part["visible"] for part in row_task.task(store, Look())] == [False] * 5
    with pytest.raises(NotFound, match="no gap 99"):
        row_task.task(store, Look({"gap": "99"}))
