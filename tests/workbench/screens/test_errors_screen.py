"""Reading failures and the card of a gap, as HTML: escaped, counted, and without a golden text on the card."""

from __future__ import annotations

from dataclasses import replace

from workbench.actions.find_gaps import find_gaps, state_policy
from workbench.actions.follow_gaps import follow_gaps
from workbench.actions.note_failure import analysis, note_failure
from workbench.actions.open_round import open_round
from workbench.screens.address import Look
from workbench.screens.errors import _next, _screen, counts_html
from workbench.screens.gap_view import follow_html, gap_html
from workbench.store import evaluations, gaps, goldens

HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_counts_say_how_many_were_read_and_escape_what_people_wrote(store, evaluated):
    assert "None of 10 answers was noted on yet" in counts_html(analysis(store, evaluated.id))
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    note_failure(store, evaluated.id, row, "wrong", HOSTILE)
    html = counts_html(analysis(store, evaluated.id))
    assert "1 of 10 answers noted on" in html
    assert HOSTILE not in html
    assert "&lt;img src=x" in html


def test_the_next_row_to_read_is_the_next_without_a_note_of_ones_own(store, evaluated):
    from workbench.screens.evaluation_view import cases_of

    listed = [one.row_id for one in cases_of(store, evaluated)]
    note_failure(store, evaluated.id, listed[1], "wrong")
    assert _next(store, evaluated, listed[0]) == listed[2]
    assert _next(store, evaluated, listed[-1]) == listed[0]


def test_answers_to_sealed_rows_are_not_shown_for_reading(store, evaluated):
    said = evaluations.answers_of(store, evaluated.id)
    evaluations.finish(store, evaluated.id, said, {**evaluated.summary, "part": "sealed"})
    shown = _screen(store, Look({"evaluation": str(evaluated.id)}))
    assert "sealed rows" in shown[0]
    assert shown[2] is None
    assert shown[-1] == ""


def test_the_card_of_a_gap_names_diagnosis_and_copied_run_and_holds_no_golden_text(store, evaluated):
    gap = state_policy(store, find_gaps(store, evaluated.id)[0].id, HOSTILE)
    html = gap_html(store, gap)
    assert gap.diagnosis in html
    assert "Training rows nearest to the questions" in html
    golden = goldens.rows_of(store, goldens.by_id(store, evaluated.golden_id))
    assert not [text for text in (*golden.prompt, *golden.reply) if text in html]
    assert not [row_id for row_id in golden.row_id if f">{row_id}<" in html]


def test_what_became_of_gaps_is_told_gap_by_gap(store, evaluated):
    find_gaps(store, evaluated.id)
    second = evaluations.add(store, evaluated.run_id, evaluated.golden_id, evaluated.settings, "Ann")
    said = [
        replace(one, scores={**one.scores, "fact_recall": 1.0, "stopped": 1.0, "unsupported_facts": 0.0})
        for one in evaluations.answers_of(store, evaluated.id)
    ]
    evaluations.finish(store, second.id, said, evaluated.summary)
    html = follow_html(follow_gaps(store, evaluated.id, second.id))
    assert html.count("closed</span>") == len(gaps.listed(store, evaluated.id))
    assert "Nothing broke that was sound before." in html


def test_answers_that_people_rate_blind_are_shown_only_when_asked_for(store, evaluated):
    open_round(store, evaluated.id)
    asked = {"evaluation": str(evaluated.id)}
    hidden = _screen(store, Look(asked))
    assert "rating these answers blind" in hidden[0]
    assert hidden[2] is None
    assert "answers=shown" in hidden[0]
    assert len(_screen(store, Look({**asked, "answers": "shown"}))[2]["rows"]) == 10
