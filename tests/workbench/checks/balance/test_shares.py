"""Refusals, labels, turns, languages and edge cases against what is wanted or usual."""

import pytest

from workbench.checks.balance.edge_case_coverage import edge_case_coverage
from workbench.checks.balance.label_balance import label_balance
from workbench.checks.balance.language_balance import language_balance
from workbench.checks.balance.refusal_share import refusal_share
from workbench.checks.balance.turn_balance import turn_balance
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows, message
from workbench.sheet import EdgeCase, Sheet

NO = "I'm sorry, but I can't help with that."
FIVE_IN_A_HUNDRED = Context(sheet=Sheet(refusal_share=0.05))


def test_of_sixty_refusals_in_a_hundred_those_beyond_five_are_flagged_and_the_numbers_told():
    rows = Rows.of(*[NO] * 60, *[f"Shelf {n} holds screws." for n in range(40)])
    findings = refusal_share.measured(rows, FIVE_IN_A_HUNDRED)
    assert findings.flagged.to_list() == [False] * 2 + [True] * 58 + [False] * 40  # 2 of 42 is 4.8 %
    assert findings.about == (
        "60.0% of the replies decline (60 of 100); 5.0% are wanted: take 58 of them out, or answer 55 of them.",
    )


def test_another_limit_needs_no_new_measurement():
    rows = Rows.of(*[NO] * 60, *[f"Shelf {n} holds screws." for n in range(40)])
    assert refusal_share.measured(rows, FIVE_IN_A_HUNDRED).at(0.2).flagged.sum() == 50  # 10 of 50 may stay


def test_a_wording_that_comes_once_stays_before_one_that_comes_often():
    rows = Rows.of(*[NO] * 30, "I'm sorry, but I can't discuss that.", *[f"Shelf {n}." for n in range(38)])
    flagged = refusal_share.measured(rows, FIVE_IN_A_HUNDRED).flagged.to_list()
    assert (flagged[0], flagged[1], flagged[30]) == (False, True, False)


def test_without_a_declared_share_the_check_says_the_share_and_what_to_declare():
    with pytest.raises(NotRun, match=r"where 50.0% of the replies decline \(1 of 2\)\. Declare the wanted share"):
        refusal_share.measured(Rows.of(NO, "Yes, we do."), Context())


def test_too_few_refusals_are_told_as_well():
    findings = refusal_share.measured(Rows.of(*[f"Shelf {n} holds screws." for n in range(95)]), FIVE_IN_A_HUNDRED)
    assert findings.about == (
        "0.0% of the replies decline (0 of 95); 5.0% are wanted: write 5 more of what should be declined.",
    )


def test_a_label_with_three_rows_is_named_for_the_dataset_as_a_whole():
    labels = ["refund"] * 40 + ["delivery"] * 40 + ["warranty"] * 3
    findings = label_balance.run(Rows.of(*[(f"Mail {n}", label) for n, label in enumerate(labels)]))
    assert not findings.flagged.any()
    assert findings.about == ('Few rows for these labels, where others usually have 40: "warranty" (3).',)


def test_replies_of_their_own_are_no_labels():
    findings = label_balance.run(Rows.of(*[f"Shelf {n} holds screws." for n in range(80)]))
    assert findings.measure.to_list() == [None] * 80


def test_a_handful_of_follow_ups_is_told_for_the_dataset_as_a_whole():
    single = [[message("user", "Hello?"), message("assistant", "Hello.")]] * 99
    longer = [message("user", "Hello?"), message("assistant", "Hello.")] * 2
    findings = turn_balance.run(Rows.of(*single, longer))
    assert not findings.flagged.any()
    assert findings.about[0].startswith("1 of 100 rows go on after the first reply")


def test_a_declared_language_that_no_reply_is_in_is_told():
    english = Rows.of(*["Please put the return slip into the parcel and take it to the post office."] * 40)
    findings = language_balance.measured(english, Context(sheet=Sheet(languages=("en", "de"))))
    assert findings.about == ('"de" is declared, and none of the replies are in it.',)


CASES = Context(
    sheet=Sheet(
        edge_cases=(
            EdgeCase(name="abroad", words=("from abroad",), fewest=2),
            EdgeCase(name="angry", tag="angry", fewest=1),
        )
    )
)


def test_a_case_that_nothing_covers_is_a_sentence_about_the_dataset():
    findings = edge_case_coverage.measured(Rows.of(("When do you open?", "At nine.")), CASES)
    assert not findings.flagged.any()
    assert findings.about == (
        '"abroad": nothing covers it; 2 are wanted, so write 2 more.',
        '"angry": nothing covers it; 1 are wanted, so write 1 more.',
    )


def test_the_rows_of_a_case_with_too_few_are_flagged_and_words_are_found_whole():
    rows = Rows.of(("A return FROM  abroad?", "Yes."), ("Is it far from abroadia?", "Yes."))
    findings = edge_case_coverage.measured(rows, CASES)
    assert findings.flagged.to_list() == [True, False]
    assert findings.note[0] == 'one of 1 rows on "abroad", of which 2 are wanted'
