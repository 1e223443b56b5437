"""One reply under many prompts, passages in several replies, one text under two labels."""

from workbench.checks.duplicates.label_conflict import label_conflict
from workbench.checks.duplicates.one_reply_many_prompts import one_reply_many_prompts
from workbench.checks.duplicates.repeated_span import repeated_span
from workbench.rows import Rows

STOCK = "Thank you for writing, we will get back to you soon."
PASSAGE = " ".join(f"word{n}" for n in range(50))


def test_a_stock_reply_is_flagged_with_the_number_of_prompts_and_another_of_them():
    asked = ["How do I return a lamp?", "Do you ship abroad?", "My invoice is wrong."]
    findings = one_reply_many_prompts.run(Rows.of(*[(one, STOCK) for one in asked]))
    assert findings.measure.to_list() == [3.0, 3.0, 3.0]
    said = 'the same reply stands under 3 different prompts, also at line 2 under "Do you ship abroad?"'
    assert findings.note[0] == said


def test_an_option_picked_from_the_prompt_and_a_refusal_are_left_alone():
    options = "Pick one: none of the above choices here, or the first choice"
    picked = [(f"{n} {options} on {n * 7}", "none of the above choices here") for n in range(5)]
    declined = [(f"Do {n * 3} forbidden {n} thing", "I'm sorry, but I can't help with that.") for n in range(5)]
    assert one_reply_many_prompts.run(Rows.of(*picked, *declined)).measure.to_list() == [None] * 10


def test_a_passage_of_fifty_words_in_three_replies_is_marked_where_it_stands():
    rows = Rows.of(f"First. {PASSAGE}", f"{PASSAGE} and last.", f"Here: {PASSAGE}!", "Another reply.")
    findings = repeated_span.run(rows)
    assert findings.measure.to_list() == [50, 50, 50, 0]
    turn, start, end = findings.spans[0][0]
    assert rows.messages[0][turn]["content"][start:end] == PASSAGE
    assert findings.note[0] == "a passage of 50 words stands in 3 replies, also at line 2"


def test_a_passage_in_two_replies_or_one_of_49_words_is_left_alone():
    shorter = " ".join(PASSAGE.split()[:49])
    rows = Rows.of(f"First. {PASSAGE}", f"{PASSAGE} and last.", f"a {shorter} a", f"b {shorter} b", f"c {shorter} c")
    assert not repeated_span.run(rows).flagged.any()


def test_three_equal_replies_are_not_a_passage_shared_by_three():
    assert not repeated_span.run(Rows.of(PASSAGE, PASSAGE, PASSAGE)).flagged.any()


def test_a_label_written_in_two_ways_is_told_at_its_rarer_name():
    asked = [("Q", "refund_not_showing_up", 40), ("R", "delivery_of_the_card", 40), ("S", "Refund not showing up", 5)]
    rows = Rows.of(*[(f"{letter}{n} {'x' * n}", label) for letter, label, count in asked for n in range(count)])
    findings = label_conflict.run(rows)
    assert findings.flagged.to_list() == [False] * 80 + [True] * 5
    assert findings.about == (
        'The labels "Refund not showing up" and "refund_not_showing_up" are written nearly alike.',
    )


def test_a_word_of_content_may_part_two_labels():
    sound = [(f"Where is parcel {n} now?", "delivery") for n in range(30)] + [
        (f"Money back for order {n}", "refund") for n in range(30)
    ]
    asked = [("How do I obtain a virtual card?", "delivery"), ("How do I obtain a disposable virtual card?", "refund")]
    assert not label_conflict.run(Rows.of(*sound, *asked)).flagged.any()
