"""A judge's reply, read from its end and checked; what cannot be read is an error and never a verdict"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluators.judges.chat import Reply
from evaluators.judges.rubric import PASS_FAIL, Criterion

LONGEST_READ = 40_000  # characters from the end; a longer reply is a loop
MOST_TRIES = 400  # opening braces looked at, so that a reply of braces costs no time
LONGEST_WHY = 300  # characters of a reason kept for people

Slot = Literal["A", "B", "tie"]


class Unreadable(ValueError):
    """A reply that holds no verdict, with the reason."""


class Aspect(BaseModel):
    model_config = ConfigDict(strict=True)
    name: str
    why: str = ""
    better: Literal["A", "B", "equal"]


class PairReply(BaseModel):
    model_config = ConfigDict(strict=True)
    aspects: list[Aspect]
    verdict: Slot
    code: str


class Mark(BaseModel):
    model_config = ConfigDict(strict=True)
    name: str
    why: str = ""
    value: str | int | bool


class RubricReply(BaseModel):
    model_config = ConfigDict(strict=True)
    criteria: list[Mark]
    code: str


Kind = TypeVar("Kind", PairReply, RubricReply)


def read_pair(reply: Reply, criteria: Sequence[Criterion]) -> PairReply:
    """The verdict on a pair. Raises Unreadable."""
    found = _checked(PairReply, reply)
    _all_named([one.name for one in found.aspects], criteria)
    return found


def read_marks(reply: Reply, criteria: Sequence[Criterion]) -> dict[str, float]:
    """Criterion -> 0 to 1: fail 0, pass 1; points 1 to 5 as 0 to 1. Raises Unreadable."""
    found = _checked(RubricReply, reply)
    _all_named([one.name for one in found.criteria], criteria)
    given = {one.name.strip().casefold(): one.value for one in found.criteria}
    return {one.name: _value(one, given[one.name.casefold()]) for one in criteria}


def last_object(text: str) -> dict[str, Any]:
    """The JSON object that a text ends with. Raises Unreadable.

    Only the object that closes last counts: whatever an answer under judgement made the judge repeat stands before it.
    """
    text = text[-LONGEST_READ:]
    end = text.rfind("}")
    if end < 0:
        raise Unreadable("no JSON object")
    decoder = json.JSONDecoder(object_pairs_hook=_without_twins)
    start = end
    for _ in range(MOST_TRIES):
        start = text.rfind("{", 0, start)
        if start < 0:
            break
        try:
            found, stop = decoder.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            continue
        if stop == end + 1 and isinstance(found, dict):
            return found
    raise Unreadable("its last JSON object is broken")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a key stands twice in its JSON")
    return found


def _checked(kind: type[Kind], reply: Reply) -> Kind:
    if reply.cut:
        raise Unreadable("it was cut off at the longest reply allowed")
    try:
        found = kind.model_validate(last_object(reply.text))
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Unreadable(f"{'.'.join(str(part) for part in first['loc']) or 'reply'}: {first['msg']}") from None
    if not reply.code or found.code.strip() != reply.code:
        raise Unreadable("it does not carry the code of its call")
    return found


def _all_named(given: Sequence[str], criteria: Sequence[Criterion]) -> None:
    said, wanted = [name.strip().casefold() for name in given], [one.name.casefold() for one in criteria]
    if sorted(said) != sorted(wanted):
        raise Unreadable(f"it judges {len(set(said) & set(wanted))} of {len(wanted)} criteria by their names")


def _value(one: Criterion, given: str | int | bool) -> float:
    word = str(given).strip().casefold()
    if one.scale == PASS_FAIL:
        if word in ("pass", "true", "1"):
            return 1.0
        if word in ("fail", "false", "0"):
            return 0.0
    elif word in ("1", "2", "3", "4", "5"):
        return (int(word) - 1) / 4
    raise Unreadable(f'"{str(given)[:20]}" is no value of the criterion "{one.name}"')
