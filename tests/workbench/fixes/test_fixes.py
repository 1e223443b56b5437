"""Every fix turns its `before` into its `after`, and leaves alone what it was not asked to touch."""

import json
from pathlib import Path

import polars as pl
import pytest

from workbench.checks.check import catalogue as checks
from workbench.checks.context import Context
from workbench.checks.run import flagged_by, run_catalogue
from workbench.diff import diff
from workbench.fixes.fix import catalogue, fix_named
from workbench.fixes.strip_markup import stripped_all
from workbench.rows import Rows, message
from workbench.sheet import Sheet

FIXES = list(catalogue().values())
named = pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.name)
REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


def everywhere(rows: Rows) -> pl.Series:
    return pl.Series([True] * len(rows))


def fixed(name: str, rows: Rows) -> Rows:
    return fix_named(name).run(rows, everywhere(rows))


def test_the_first_fixes_are_there():
    assert {fix.name for fix in FIXES} >= {
        "drop_rows",
        "keep_best_copy",
        "mask_personal_data",
        "repair_mojibake",
        "strip_markup",
    }


def flagged_for(fix, rows: Rows) -> pl.Series:
    """(N,) True where one of the checks that the fix mends flags the row, in the fix's example context."""
    mask = pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
    for result in run_catalogue(rows, only=fix.mends, context=fix.example):
        mask = mask | result.findings.flagged if result.findings else mask
    return mask


@named
def test_on_the_rows_that_its_checks_flag_it_does_what_it_shows(fix):
    assert fix.mended(fix.before, flagged_for(fix, fix.before), fix.example) == fix.after


@named
def test_what_it_mended_is_no_longer_flagged(fix):
    assert flagged_for(fix, fix.before).any()
    assert not flagged_for(fix, fix.after).any()


@named
def test_where_nothing_is_marked_it_changes_nothing(fix):
    assert fix.run(fix.before, pl.Series([False] * len(fix.before), dtype=pl.Boolean)) == fix.before
    assert fix.run(Rows.empty(), pl.Series([], dtype=pl.Boolean)) == Rows.empty()


@named
def test_it_mends_checks_that_exist_and_has_a_page(fix):
    assert set(fix.mends) <= set(checks())
    assert 5 <= len(fix.title) <= 60
    assert len(fix.page.split("\n")) > 2


def test_dropping_without_a_word_which_takes_only_rows_of_a_broken_shape():
    rows = Rows.of(
        ("Do you open on Sundays?", "Sorry, I can't help with that."),
        ("And on Mondays?", "We open at nine and"),
        ("And on Tuesdays?", ""),
    )
    assert flagged_by(rows, ["refusal", "cut_off"]).to_list() == [True, True, False]
    drop = fix_named("drop_rows")
    assert drop.run(rows, flagged_by(rows, drop.mends)).row_id == ["row-1", "row-2"]


def test_of_copies_the_one_without_faults_stays_before_the_longest_before_the_first():
    ask = "How can I track my parcel?"
    short = "Open your orders, choose parcel and press track."
    long = "Open your orders, choose the parcel and press track."
    broken = "Open your orders, choose the parcel and then press trackÃ©."
    assert fixed("keep_best_copy", Rows.of((ask, broken), (ask, short), (ask, long), (ask, long))).row_id == ["row-3"]


def test_copies_of_which_none_is_marked_stay():
    rows = Rows.of(("A?", "Yes."), ("A?", "Yes."), ("B?", "No."), ("B?", "No."))
    kept = fix_named("keep_best_copy").run(rows, pl.Series([False, True, False, False]))
    assert kept.row_id == ["row-1", "row-3", "row-4"]


def test_after_keeping_the_best_no_copy_is_left():
    base = "open the lid pour the water wait a while and drink the tea with milk"
    rows = Rows.of(*(("How do I brew tea?", base + " please" * (n % 3) + "!" * n) for n in range(12)))
    kept = fixed("keep_best_copy", rows)
    assert not flagged_by(kept, ["exact_copy", "near_copy"]).any()
    assert len(kept) >= 1


def test_several_pieces_of_personal_data_are_masked_in_place():
    rows = Rows.of(("Hi", "Write to anna.berg@nordmail.se or call me at +46 8 123 456 78, thanks."))
    assert fixed("mask_personal_data", rows).reply == ["Write to [EMAIL] or call me at [PHONE], thanks."]


def test_personal_data_in_the_arguments_of_a_tool_call_is_masked_too():
    call = {"tool_calls": [{"function": {"name": "send", "arguments": '{"to": "anna.berg@nordmail.se", "n": 4}'}}]}
    rows = Rows.of([message("user", "Send it"), message("assistant", None, call)])
    more = json.loads(fixed("mask_personal_data", rows).messages[0][1]["more"])
    assert more["tool_calls"][0]["function"]["arguments"] == '{"to": "[EMAIL]", "n": 4}'


@pytest.mark.parametrize(
    "text",
    [
        "Use a < b and c > d, or x<y>z.",
        "Run `<br>` and\n```html\n<p>Hi &amp; bye</p>\n```\nthen wait.",
        "AT&T & Co; R&D; see a&b;",
        "[INSTALL] the pump <soon>.",
        "for (i=0; i<n; i++) <- here",
    ],
)
def test_plain_text_code_and_comparisons_stay(text):
    assert stripped_all(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<|im_start|>assistant\nGood day.<|im_end|>", "Good day."),
        ("<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>", "Hello"),
        ("<s>[INST] Hello [/INST] Good day.</s>", "Hello  Good day."),
        ("### Response:\nGood day.", "Good day."),
        ("It costs &pound;9&nbsp;today &#8211; only.", "It costs £9 today – only."),
        ('A <b>bold</b> <a href="x.html">link</a>.', "A bold link."),
        ("10<sup>3</sup> is a thousand, the 1<sup>st</sup> of many.", "10^3 is a thousand, the 1st of many."),
        ("One<br>two<br/><br />three", "One\ntwo\n\nthree"),
        ("<div><p>One.</p>\n\n<p>Two.</p></div>", "One.\n\nTwo."),
        ("Keep `&amp;` but not &amp;.", "Keep `&amp;` but not &."),
    ],
)
def test_leftovers_go_and_the_text_stays(text, plain):
    assert stripped_all(text) == plain


def test_tags_stay_in_a_conversation_about_html_but_template_tokens_go():
    rows = Rows.of(("How do I make text bold in HTML?", "Put it between <b> and </b>.<|im_end|>"))
    assert fixed("strip_markup", rows).reply == ["Put it between <b> and </b>."]


def test_a_long_text_full_of_tags_is_quick():
    assert stripped_all("<p>word</p>\n" * 20_000).count("word") == 20_000


@pytest.mark.skipif(not REAL.exists(), reason="LOUD: ../shared/data is not here; texts that must stay were NOT tried")
def test_texts_that_ftfy_leaves_alone_stay_as_they_are():
    cases = json.loads((REAL / "ftfy_mojibake" / "negative.json").read_text(encoding="utf-8"))
    sound = [case["original"] for case in cases if "\x85" not in case["original"]]  # that one is broken, and repaired
    assert len(sound) == 30
    rows = Rows.of(*sound)
    assert diff(rows, fixed("repair_mojibake", rows)).changed == ()


def test_right_terms_keep_the_capital_of_a_sentence_and_leave_addresses_and_questions_alone():
    known = Context(sheet=Sheet(terms={"e-mail": ("email",)}))
    rows = Rows.of(("My email?", "Email a@email.com by email."))
    mended = fix_named("use_right_terms").mended(rows, everywhere(rows), known)
    assert (mended.prompt, mended.reply) == (["My email?"], ["E-mail a@email.com by e-mail."])


def test_without_declared_terms_nothing_is_put_right():
    rows = Rows.of("Email us.")
    assert fix_named("use_right_terms").mended(rows, everywhere(rows)) == rows
