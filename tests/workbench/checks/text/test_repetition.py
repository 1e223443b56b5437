import pytest

from workbench.checks.text.repetition import most_repeated, repeated_share, repetition
from workbench.rows import Rows


def test_the_share_counts_the_runs_that_came_before():
    assert repeated_share(list("ababab"), 2) == pytest.approx(3 / 5)  # ab ba ab ba ab


def test_the_note_names_the_phrase_and_how_often_it_stands_there():
    assert repetition.run(Rows.of("do it now " * 9)).note == ['repeats "do it now" 9 times']


def test_the_most_repeated_phrase_is_as_long_as_its_loop():
    loop = ["one", "two", "three", "four", "five", "six"]
    assert most_repeated(loop * 3, 4) == (loop, 3)


def test_a_loop_at_the_end_of_a_long_sound_reply_is_found():
    sound = " ".join(f"word{n}" for n in range(900))
    assert repetition.run(Rows.of(f"{sound} {'and so on we go ' * 30}")).flagged.to_list() == [True]


def test_a_line_that_comes_back_four_times_is_found_in_any_length():
    lines = [f"Line number {n} says something quite different from the others here." for n in range(4)]
    again = ["Please wait here."] * 8
    findings = repetition.run(Rows.of("\n".join(again + lines)))
    assert findings.flagged.to_list() == [True]
    assert findings.note == ['the line "Please wait here." stands there 8 times']


def test_a_loop_in_a_script_without_blanks_is_found():
    rows = Rows.of("请稍等片刻。" * 15, "北京是中国的首都，上海是最大的城市，广州在南方。")
    assert repetition.run(rows).flagged.to_list() == [True, False]


def test_short_replies_and_code_give_no_opinion():
    code = "```\n" + "x = x + 1\n" * 30 + "```"
    assert repetition.run(Rows.of("no no no no no", code)).measure.to_list() == [None, None]
