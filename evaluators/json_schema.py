"""Whether a value fits a JSON schema: the words of it that people use for a model's answers

    check_schema(schema)                    # raises BadRequest for a word that is not known here
    faults({"amount": "ten"}, schema)       # -> ["amount: is text, not a number"]

Known: type, properties, required, additionalProperties (true or false), items, enum, const, minimum, maximum,
exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems, uniqueItems, anyOf, oneOf, allOf. Words
that only describe (title, description, default, examples ...) are passed over. `pattern` and `$ref` are refused: a
pattern can hang on a crafted answer, and a rule that is silently not checked would be taken for kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from evaluators.errors import BadRequest

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
NAMED = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number",
         type(None): "null"}  # fmt: skip
WANTED = {"object": "an object", "array": "a list", "string": "text", "number": "a number", "integer": "a whole number",
          "boolean": "true or false", "null": "null"}  # fmt: skip
DESCRIBING = {"title", "description", "default", "examples", "$schema", "$id", "$comment", "format", "deprecated"}
LIMITS = {  # word -> (what is measured, whether it keeps the limit, how a fault reads)
    "minimum": (lambda v: v, lambda a, b: a >= b, "is under {}"),
    "maximum": (lambda v: v, lambda a, b: a <= b, "is over {}"),
    "exclusiveMinimum": (lambda v: v, lambda a, b: a > b, "is not over {}"),
    "exclusiveMaximum": (lambda v: v, lambda a, b: a < b, "is not under {}"),
    "minLength": (len, lambda a, b: a >= b, "is shorter than {} characters"),
    "maxLength": (len, lambda a, b: a <= b, "is longer than {} characters"),
    "minItems": (len, lambda a, b: a >= b, "has fewer than {} entries"),
    "maxItems": (len, lambda a, b: a <= b, "has more than {} entries"),
}
MEASURES = {"minLength": str, "maxLength": str, "minItems": list, "maxItems": list}  # what a limit applies to
NESTED, LISTED = ("items",), ("anyOf", "oneOf", "allOf")
KNOWN = {
    "type", "properties", "required", "additionalProperties", "enum", "const", "uniqueItems",
    *LIMITS, *NESTED, *LISTED,
}  # fmt: skip
DEEPEST = 40  # levels of a schema or a value that are followed
MOST_FAULTS = 20


def check_schema(schema: Any, where: str = "the schema", depth: int = 0) -> None:
    """Raises BadRequest for a schema that is not understood to its last word."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        raise BadRequest(f"{where} is no JSON schema: it must be an object.")
    for word, value in schema.items():
        if word not in KNOWN | DESCRIBING:
            raise BadRequest(f'{where}: "{word}" is not understood. Known are: {", ".join(sorted(KNOWN))}.')
        _check_word(word, value, where, depth)


def _check_word(word: str, value: Any, where: str, depth: int) -> None:
    kinds = value if isinstance(value, list) else [value]
    if word == "type" and not (kinds and all(isinstance(kind, str) and kind in TYPES for kind in kinds)):
        raise BadRequest(f'{where}: there is no type "{value}". The types are: {", ".join(TYPES)}.')
    if word == "properties":
        if not isinstance(value, Mapping):
            raise BadRequest(f'{where}: "properties" must be an object.')
        for name, one in value.items():
            check_schema(one, f"{where} > {name}", depth + 1)
    if word in NESTED:
        check_schema(value, f"{where} > {word}", depth + 1)
    if word in LISTED or word in ("enum", "required"):
        if not isinstance(value, list) or (word == "required" and not all(isinstance(one, str) for one in value)):
            raise BadRequest(f'{where}: "{word}" must be a list.')
        for one in value if word in LISTED else ():
            check_schema(one, f"{where} > {word}", depth + 1)
    if word in LIMITS and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadRequest(f'{where}: "{word}" must be a number.')
    if word in ("additionalProperties", "uniqueItems") and not isinstance(value, bool):
        raise BadRequest(f'{where}: "{word}" must be true or false.')


def faults(value: Any, schema: Mapping[str, Any], where: str = "", depth: int = 0) -> list[str]:
    """What in a value breaks the schema, in words, outermost first; [] where it fits. At most 20 are told."""
    if depth > DEEPEST:
        return [f"{where or 'it'}: is nested too deep"]
    at = f"{where}: " if where else ""
    kinds = schema.get("type", list(TYPES))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not any(_is(value, kind) for kind in kinds):
        wanted = " or ".join(WANTED[kind] for kind in kinds)
        return [f"{at}is {NAMED.get(type(value), 'something else')}, not {wanted}"]
    found = []
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        found.append(f"{at}{_shown(value)} is none of {', '.join(map(_shown, schema['enum']))}")
    if "const" in schema and not _same(value, schema["const"]):
        found.append(f"{at}is not {_shown(schema['const'])}")
    for word, (measure, keeps, told) in LIMITS.items():
        of = MEASURES.get(word)
        applies = isinstance(value, of) if of else _is(value, "number")
        if word in schema and applies and not keeps(measure(value), schema[word]):
            found.append(at + told.format(schema[word]))
    if isinstance(value, dict):
        found += _in_object(value, schema, where, depth)
    if isinstance(value, list):
        if schema.get("uniqueItems") and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
            found.append(f"{at}has an entry twice")
        for number, one in enumerate(value if "items" in schema else ()):
            found += faults(one, schema["items"], f"{where}[{number + 1}]", depth + 1)
    found += _of_several(value, schema, where, depth)
    return found[:MOST_FAULTS]


def _in_object(value: dict[str, Any], schema: Mapping[str, Any], where: str, depth: int) -> list[str]:
    inner = schema.get("properties", {})
    path = f"{where}.{{}}" if where else "{}"
    found = [f"{path.format(name)}: is missing" for name in schema.get("required", ()) if name not in value]
    if schema.get("additionalProperties") is False:
        found += [f"{path.format(name)}: is not foreseen" for name in value if name not in inner]
    for name, one in inner.items():
        if name in value:
            found += faults(value[name], one, path.format(name), depth + 1)
    return found


def _of_several(value: Any, schema: Mapping[str, Any], where: str, depth: int) -> list[str]:
    at = f"{where}: " if where else ""
    found = [told for one in schema.get("allOf", ()) for told in faults(value, one, where, depth + 1)]
    for word in ("anyOf", "oneOf"):
        if word in schema:
            fitting = sum(not faults(value, one, where, depth + 1) for one in schema[word])
            if not fitting:
                found.append(f"{at}fits none of the {len(schema[word])} forms allowed")
            elif word == "oneOf" and fitting > 1:
                found.append(f"{at}fits {fitting} forms where one is allowed")
    return found


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, TYPES[kind])


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]
