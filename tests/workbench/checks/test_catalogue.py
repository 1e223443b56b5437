"""Every check keeps its word: its examples are flagged and passed, its page is whole, its fix exists."""

import pytest

from workbench.checks.check import SEVERITIES, above, catalogue, with_knobs
from workbench.checks.run import run_catalogue
from workbench.errors import BadInput, NotRun
from workbench.fixes.fix import catalogue as fixes
from workbench.rows import Rows

CHECKS = list(catalogue().values())
named = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
WANTED = {
    "role_order",
    "empty_turn",
    "missing_reply",
    "exact_copy",
    "near_copy",
    "conflicting_replies",
    "refusal",
    "personal_data",
    "mojibake",
    "cut_off",
    "repetition",
    "too_long",
    "length_spread",
    "topic_skew",
}


def run(check, rows):
    try:
        return check.measured(rows, check.example)
    except NotRun as reason:
        pytest.skip(f"LOUD: {check.name} did NOT run here: {reason}")


@named
def test_its_spans_lie_inside_the_turns_they_name(check):
    rows = check.passes.plus(check.flags)
    findings = run(check, rows)
    for turns, spans in zip(rows.messages, findings.spans, strict=False):
        for turn, start, end in spans:
            assert 0 <= start < end <= len(turns[turn]["content"] or "")


def test_the_first_dozen_and_more_are_there():
    assert {check.name for check in CHECKS} >= WANTED


@named
def test_it_flags_what_it_says_it_flags(check):
    """Alone or, where a row is only wrong beside another one (copies), beside the rows that pass."""
    alone = run(check, check.flags).flagged
    if not alone.all():
        beside = run(check, check.passes.plus(check.flags)).flagged
        assert beside.to_list() == [False] * len(check.passes) + [True] * len(check.flags)
    assert len(check.flags) > 0 or check.family == "balance"  # judges a dataset, so no row is wrong by itself


@named
def test_it_passes_what_it_says_it_passes(check):
    assert run(check, check.passes).flagged.sum() == 0
    assert len(check.passes) > 0


@named
def test_every_flagged_example_has_a_plain_note(check):
    findings = run(check, check.passes.plus(check.flags))
    notes = [findings.note[row] for row in findings.flagged.arg_true()]
    assert all(note and "\n" not in note for note in notes)


@named
def test_its_page_has_a_title_and_says_where_it_fails(check):
    first = check.page.split("\n")[0]
    assert check.title == first
    assert 5 <= len(first) <= 60
    assert not first.endswith(".")
    sections = check.page.split("\n")
    assert "Known limits" in sections
    assert "Source" in sections or "Measured" in sections or check.name == "too_long"  # counts, and cites nobody


@named
def test_its_function_says_what_it_measures(check):
    assert (check.run.__doc__ or "").startswith("Measure: ")


@named
def test_it_stands_in_a_family_and_names_a_fix_that_exists(check):
    assert check.family in {"structure", "text", "duplicates", "safety", "balance", "grounding", "leakage"}
    assert check.severity in SEVERITIES
    assert not check.mend or check.name in fixes()[check.mend].mends
    assert check.scope in ("row", "set")


@named
def test_a_check_of_single_rows_says_the_same_of_a_row_alone_and_among_others(check):
    if check.scope == "set":
        return
    together = check.passes.plus(check.flags)
    alone = [run(check, Rows(together.frame[i : i + 1])).measure[0] for i in range(len(together))]
    assert run(check, together).measure.to_list() == alone


@named
def test_it_takes_rows_of_every_shape_and_none(check):
    lone = [[{"role": "user", "content": None}], [{"role": None, "content": "\u200b"}]]
    odd = Rows.of([], *lone, "", ("?", "\x00"), "x")
    for rows in (Rows.empty(), odd, Rows.of("One row.")):
        assert len(run(check, rows).measure) == len(rows)


@named
def test_raising_the_limit_measures_nothing_again(check):
    findings = run(check, check.flags)
    assert findings.at(1e300 if findings.side == "above" else -1e300).flagged.sum() == 0


@named
def test_every_knob_has_a_default_of_a_type_that_can_be_asked_for(check):
    assert {type(default) for default in check.knobs.values()} <= {bool, int, float, str}
    assert with_knobs(check, check.knobs) == check.knobs


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), "0.3", None, True])
def test_a_limit_that_is_no_finite_number_is_told_in_words(limit):
    with pytest.raises(BadInput, match="The limit must be a finite number, not "):
        above([0.1, 0.9], 0.5).at(limit)


def test_all_of_them_run_over_every_example():
    results = run_catalogue(Rows.of("One row.", "Another one."))
    assert [result.check.name for result in results] == [check.name for check in CHECKS]
    assert not [result.not_run for result in results if result.not_run.startswith("it broke")]
