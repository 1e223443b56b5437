from math import isclose

import numpy as np

from evaluators.beside import measure_beside
from evaluators.copied_spans import Copied, CopiedSpans, quoted
from evaluators.sample import Sample

TAUGHT = [
    ("a", "One two three four five six seven eight nine ten."),
    ("b", "Zero, one two three four five six seven eight nine ten eleven!"),
    ("c", "你好请问您什么时候可以把商品退回来"),
]


def row(output: str | None, reference: str = "Something else.") -> Sample:
    return Sample("r", ({"role": "user", "content": "?"},), output, reference)


def test_the_longest_copied_span_and_its_row_are_found():
    text = "Well: ZERO, one two three four five six seven eight nine, and so on"
    found = CopiedSpans(TAUGHT).of(text)
    assert found == Copied(3 / 7, 10, ("b",), "zero one two three four five six seven eight nine", 1, 14)
    assert quoted(text, found) == "ZERO, one two three four five six seven eight nine"


def test_every_row_that_holds_the_longest_span_is_named_once_in_order():
    twice = "one two three four five six seven eight, and one two three four five six seven eight"
    found = CopiedSpans([*TAUGHT, ("d", twice)]).of("one two three four five six seven eight")
    assert (found.words, found.row_ids) == (8, ("a", "b", "d"))


def test_a_span_is_quoted_in_folded_words_where_folding_splits_a_sign():
    text = "½ one two three four five six seven eight"
    assert quoted(text, CopiedSpans(TAUGHT).of(text)) == "one two three four five six seven eight"


def test_no_span_is_read_over_a_run_that_many_replies_share():
    greeting = "thank you for writing to us about your"
    spans = CopiedSpans([(str(n), f"{greeting} order {n} a b c d e f g h") for n in range(3)], shared_by=3)
    found = spans.of(f"{greeting} order 2 a b c d e f g h")
    assert (found.span, found.row_ids) == ("for writing to us about your order 2 a b c d e f g", ("2",))


def test_a_span_never_runs_over_into_the_next_reply():
    spans = CopiedSpans([("a", "a b c d e f g h"), ("b", "i j k l m n o p")])
    assert spans.of("a b c d e f g h i j k l m n o p").words == 8


def test_a_text_of_fewer_than_eight_words_is_not_judged_and_a_fresh_one_copies_nothing():
    spans = CopiedSpans(TAUGHT)
    assert spans.of("one two three four five six seven").share is None
    assert spans.of("nothing of this was ever taught to any model") == Copied(0.0, of=9)


def test_chinese_is_counted_by_characters():
    assert CopiedSpans(TAUGHT).of("请问您什么时候可以把商品寄出").words == 12


def test_an_index_of_no_replies_finds_nothing():
    assert CopiedSpans([]).of("one two three four five six seven eight") == Copied(0.0, of=8)


def test_what_the_reference_shares_with_training_is_not_held_against_an_answer():
    text = "one two three four five six seven eight nine ten"
    told = measure_beside({"tuned": [row(text, text), row(text)]}, taught=TAUGHT)["tuned"]
    assert [(s.measured["copied_share"], s.measured["copied_words"]) for s in told] == [(0.0, 0.0), (1.0, 10.0)]
    assert told[1].remarks["copied_words"].startswith("10 words as in training row a: one two")


def test_short_and_missing_outputs_and_an_untold_training_side_are_not_measured():
    found = measure_beside({"base": [row("too short"), row(None)]}, taught=TAUGHT)["base"]
    assert [dict(s.measured) for s in found] == [{"answer_words": 2.0}, {}]
    assert dict(measure_beside({"base": [row("one " * 9)]})["base"][0].measured) == {"answer_words": 9.0}


def test_likeness_is_the_cosine_and_every_text_is_embedded_once():
    asked: list[str] = []

    def embed(texts):
        asked.extend(texts)
        return np.array([[1.0, 0.0] if text == "yes" else [0.6, 0.8] for text in texts])

    arms = {"base": [row("yes", "no")], "tuned": [row("no", "no"), row("", "no")]}
    found = measure_beside(arms, embed=embed)
    assert isclose(found["base"][0].measured["similarity"], 0.6)
    assert isclose(found["tuned"][0].measured["similarity"], 1.0)
    assert "similarity" not in found["tuned"][1].measured
    assert sorted(asked) == ["no", "yes"]
