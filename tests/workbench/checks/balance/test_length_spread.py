from workbench.checks.balance.length_spread import length_spread
from workbench.rows import Rows

USUAL = [f"Drawer {n} holds {n * 3} screws, and they are all of the same size." for n in range(30)]


def test_one_absurdly_long_and_one_absurdly_short_reply_are_flagged():
    findings = length_spread.run(Rows.of(*USUAL, "screw " * 2000, "No"))
    assert [i for i, hit in enumerate(findings.flagged) if hit] == [30, 31]
    assert findings.note[30].startswith("11,999 characters, much longer than the rest")
    assert findings.note[31].startswith("2 characters, much shorter than the rest")


def test_a_set_of_one_word_labels_has_no_odd_length():
    assert not length_spread.run(Rows.of(*["positive", "negative", "neutral"] * 10)).flagged.any()


def test_under_twenty_replies_there_is_no_opinion():
    assert length_spread.run(Rows.of(*USUAL[:18], "x" * 9000)).measure.to_list() == [None] * 19


def test_rows_without_a_reply_are_left_out():
    findings = length_spread.run(Rows.of(*USUAL, [{"role": "user", "content": "?"}]))
    assert findings.measure.to_list()[-1] is None
