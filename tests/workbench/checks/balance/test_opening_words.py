from workbench.checks.balance.opening_words import opening_words
from workbench.rows import Rows, message

PROMPTS = [f"{word} {n} is it?" for n in range(10) for word in ("Whose", "Which", "What", "Where")]


def test_replies_that_all_begin_alike_are_flagged_and_their_opening_is_marked():
    findings = opening_words.run(Rows.of(*[(p, f"Thank you for writing, {n} times!") for n, p in enumerate(PROMPTS)]))
    assert findings.flagged.all()
    assert findings.note[0] == '100% of the replies begin with "thank you for writing"'
    assert findings.spans[0] == [(1, 0, 21)]


def test_prompts_that_all_begin_alike_are_flagged_at_their_first_user_turn():
    talk = [
        [message("system", "s"), message("user", f"Write a poem on number {n}"), message("assistant", str(n))]
        for n in range(40)
    ]
    findings = opening_words.run(Rows.of(*talk))
    assert findings.note[0] == '100% of the prompts begin with "write a poem on"'
    assert findings.spans[0] == [(1, 0, 15)]


def test_under_thirty_rows_there_is_no_opinion():
    assert opening_words.run(Rows.of(*["Thank you for writing"] * 29)).measure.to_list() == [None] * 29
