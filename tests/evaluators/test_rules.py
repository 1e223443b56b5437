from evaluators import rules_of


def test_a_row_without_demands_has_no_rules():
    assert rules_of(["topic:returns", "angry"]) == {}


def test_tags_say_what_the_answer_must_and_must_not_hold():
    assert rules_of(["must:30 days", "Must: a|b", "must-not:guarantee", "format:no markdown"]) == {
        "must": ("30 days", "a|b"),
        "must_not": ("guarantee",),
        "format": ("no markdown",),
    }


def test_refuse_and_answer_say_whether_to_refuse():
    assert rules_of(["refuse"]) == {"refuse": True}
    assert rules_of(["answer"]) == {"refuse": False}


def test_the_dataset_demands_the_same_of_every_row_and_a_row_may_add():
    dataset = {"must": ["Regards"], "must_not": ["as an AI"], "format": ["at most 80 words"]}
    assert rules_of(["must:30 days"], dataset) == {
        "must": ("Regards", "30 days"),
        "must_not": ("as an AI",),
        "format": ("at most 80 words",),
    }


def test_a_refusal_owes_no_required_phrase_format_or_json_but_no_forbidden_phrase_either():
    dataset = {"must": ["Regards"], "must_not": ["as an AI"], "format": ["at most 80 words"], "json_schema": {"a": 1}}
    assert rules_of(["refuse"], dataset) == {"must_not": ("as an AI",), "refuse": True}


def test_a_schema_demands_json_too_and_an_empty_one_demands_nothing():
    assert rules_of([], {"json_schema": {"type": "object"}}) == {"json_schema": {"type": "object"}, "json": True}
    assert rules_of([], {"json_schema": {}, "must": []}) == {}
    assert rules_of(["json"]) == {"json": True}
