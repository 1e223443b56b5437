from evaluators.sample import Sample
from evaluators.slices import lengths_of, slices_of, worst_first


def row(name: str, question: str, *tags: str) -> Sample:
    return Sample(name, ({"role": "user", "content": question},), None, "yes", tags=tags)


def test_a_row_counts_in_the_slices_of_its_tags_topic_and_cases():
    found = slices_of(
        [row("1", "Can I send it back from  abroad?", "topic:returns", "must:30 days"), row("2", "Hello", "angry")],
        edge_cases=[("returns from abroad", ("from abroad", "customs"), ""), ("angry customer", (), "angry")],
        topics={"1": "parcel, refund"},
    )
    assert found == {
        "1": ("tag: topic:returns", "topic: parcel, refund", "case: returns from abroad"),
        "2": ("tag: angry", "case: angry customer"),
    }


def test_a_word_of_a_case_is_found_whole_only():
    cases = [("cats", ("cat",), "")]
    found = slices_of([row("1", "a catalogue"), row("2", "my CAT?"), row("3", "cat")], edge_cases=cases)
    assert [found[name] for name in "123"] == [(), ("case: cats",), ("case: cats",)]


def test_what_a_row_demands_of_its_answer_makes_no_slice_but_refuse_does():
    assert slices_of([row("1", "?", "must:a", "Must-not:b", "format:no markdown", "refuse")]) == {"1": ("tag: refuse",)}


def test_lengths_are_thirds_with_their_bounds_in_the_name():
    found = lengths_of({str(n): n for n in range(1, 31)})
    assert found["10"] == "length: short, up to 10 words"
    assert found["11"] == found["20"] == "length: medium, 11 to 20 words"
    assert found["21"] == "length: long, over 20 words"


def test_equal_lengths_and_few_rows_make_no_length_slice():
    assert lengths_of({str(n): 5 for n in range(60)}) == {}
    assert lengths_of({str(n): n for n in range(29)}) == {}


def test_languages_make_slices_where_there_are_two():
    german, english = "Wie lange kann ich die Ware zurückgeben?", "How long may I send the goods back to you?"
    assert slices_of([row("1", german), row("2", english)]) == {"1": ("language: de",), "2": ("language: en",)}
    assert slices_of([row("1", english), row("2", english)]) == {"1": (), "2": ()}


def test_the_last_question_of_a_conversation_is_the_one_that_is_sliced():
    turns = ({"role": "user", "content": "About customs"}, {"role": "assistant", "content": "Yes?"},
             {"role": "user", "content": "Never mind"})  # fmt: skip
    assert slices_of([Sample("1", turns, None, "ok")], edge_cases=[("c", ("customs",), "")]) == {"1": ()}


def test_slices_are_read_worst_first_and_small_ones_last():
    lines = [
        {"tag": "even", "n": 40, "small": False, "difference": {"value": 0.0}},
        {"tag": "tiny", "n": 3, "small": True, "difference": None},
        {"tag": "worse", "n": 12, "small": False, "difference": {"value": -0.2}},
        {"tag": "few", "n": 8, "small": True, "difference": None},
    ]
    assert [one["tag"] for one in worst_first(lines)] == ["worse", "even", "few", "tiny"]
