"""Rules that a program can check."""

import pytest

from evaluators.errors import BadRequest
from evaluators.probes.instructions import follows

CASES = [
    ("bullets", 3, "Fruit:\n- apple\n* pear\n• plum", "- apple\n- pear"),
    ("numbered", 2, "1. cat\n2) dog", "1. cat\n3. dog"),
    ("json", ["name", "age"], '```json\n{"name": "Rosa", "age": 34}\n```', 'Here: {"name": "Rosa", "age": 34}'),
    ("json", ["city"], '{"city": "Madrid"}', '{"city": "Madrid", "land": "Spain"}'),
    ("lines", 2, "Snow falls.\n\nIt is cold.", "Snow falls. It is cold."),
    ("without", ",", "The sea is wide.", "The sea, it is wide."),
    ("contains", "oven", "Bread comes from the OVEN.", "Bread is for lovers: ovenware."),
    ("starts_with", "Dear reader,", "Dear reader, books are good.", "dear reader, books are good."),
    ("ends_with", "END", "A green place. END", "END is near."),
    ("at_most_words", 3, "It is - wet.", "It is very wet."),
    ("one_of", ["yes", "no"], "Yes.", "Yes, it is."),
    ("lower_case", None, "snow is white.", "Snow is white."),
    ("upper_case", None, "HELLO!", "HELLO there"),
]


@pytest.mark.parametrize(("rule", "value", "kept", "broken"), CASES)
def test_a_rule_tells_an_answer_that_keeps_it_from_one_that_breaks_it(rule, value, kept, broken):
    check = [{"rule": rule, "value": value}]
    assert follows(kept, check)
    assert not follows(broken, check)


def test_an_empty_answer_keeps_no_rule_not_even_that_of_few_words():
    assert not follows("  ", [{"rule": "at_most_words", "value": 5}])


def test_all_rules_of_an_instruction_must_hold():
    both = [{"rule": "contains", "value": "river"}, {"rule": "contains", "value": "stone"}]
    assert follows("A stone lay in the river.", both)
    assert not follows("A stone lay there.", both)


def test_an_unknown_rule_is_named_and_the_known_ones_are_listed():
    with pytest.raises(BadRequest, match='no rule "haiku"; the rules are: bullets'):
        follows("text", [{"rule": "haiku"}])
