import pytest

from evaluators.errors import BadRequest
from evaluators.json_schema import check_schema, faults
from evaluators.metrics.json_read import read

ORDER = {
    "type": "object",
    "required": ["id", "items"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 2},
        "items": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1}},
        "state": {"enum": ["open", "closed"]},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"id": "ab", "items": [1, 2.0], "state": "open", "note": None}, []),
        ({"id": "a", "items": []}, ["id: is shorter than 2 characters", "items: has fewer than 1 entries"]),
        ({"id": "ab", "items": [0, True]}, ["items[1]: is under 1", "items[2]: is true or false, not a whole number"]),
        ({"items": [1], "more": 1}, ["id: is missing", "more: is not foreseen"]),
        ({"id": "ab", "items": [1], "state": "lost"}, ['state: "lost" is none of "open", "closed"']),
        ({"id": "ab", "items": [1], "note": 3}, ["note: fits none of the 2 forms allowed"]),
        ([], ["is a list, not an object"]),
    ],
)
def test_what_breaks_a_schema_is_told_in_words(value, told):
    assert faults(value, ORDER) == told


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"pattern": "a*"}, "pattern"),
        ({"properties": {"a": {"$ref": "#"}}}, "a: "),
        ({"type": "text"}, "no type"),
        ({"minimum": "1"}, "number"),
        ([], "object"),
    ],
)
def test_a_schema_that_is_not_understood_to_its_last_word_is_refused(schema, named):
    with pytest.raises(BadRequest, match=named):
        check_schema(schema)
    check_schema(ORDER)


def test_a_list_nested_without_end_is_told_and_not_followed():
    assert read("[" * 5_000)[0] is None


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": NaN}', '```json\n{"a": 1}\n```', "", "{'a': 1}"])
def test_what_a_strict_reader_stumbles_over_is_no_json(text):
    value, fault = read(text)
    assert value is None
    assert fault
