"""Preference pair without a preference

A pair of a wanted and an unwanted reply teaches by the difference. Where both are the same, or all but the same,
there is none, and where one of them is empty the model learns to prefer something to silence.

Known limits
    Looks at rows that keep an unwanted reply beside the conversation ("rejected", "rejected_messages"). Which of the
    two is the better one is not judged. All but the same are replies that differ in signs, capitals and slips of a
    letter or two, or in fewer than one word in a hundred; a word more or another number in a short reply may be the
    point, and passes.
Measured
    On 1,410 real pairs 9 flags, all right: six equal, three apart by a full stop or its like.
Source
    Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290) learns from the two replies' difference.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from workbench.checks.check import Findings, above, check
from workbench.checks.structure.empty_turn import INVISIBLE
from workbench.rows import Rows, message, word_list

KEYS = ("rejected", "rejected_messages", "rejected_response")
WORDS_APART = 0.01  # share of the words; one more ("Time is a damn thief") is a preference, in a short reply
SLIP_WORD, SLIPS = 4, 2  # letters of a word at least, and letters of it that are another
COMPARED = 4_000  # characters of each reply: enough to tell, and a text of megabytes does not hang it


def _pair(n: int, chosen: str, rejected: Any) -> dict[str, Any]:
    turns = [message("user", "When do you open?"), message("assistant", chosen)]
    extra = json.dumps({"rejected": rejected})
    return {"row_id": f"row-{n}", "messages": turns, "source": "example", "line": n, "extra": extra}


@check(
    severity="error",
    flags=Rows.from_records(
        [
            _pair(1, "We open at nine.", "We open at nine."),
            _pair(2, "We open at nine.", ""),
            _pair(3, " ", "No idea."),
            _pair(4, "We open at nine, from Monday to Friday, all year round.",
                  {"role": "assistant", "content": "We open at nine, from Monday to Friday, all year round"}),
        ]
    ),
    passes=Rows.from_records([_pair(1, "We open at nine.", "No idea."), _pair(2, "At nine.", None)]),
    mend="drop_rows",
)  # fmt: skip
def preference_pair(rows: Rows, *, most: float = 0.98) -> Findings:
    """Measure: likeness of the wanted and the unwanted reply, 0 to 1; 1 where either is empty, null without a pair."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    likely = rows.frame["extra"].str.contains('"rejected').fill_null(False).arg_true().to_list()
    for row in likely:
        rejected = unwanted_reply(rows.frame["extra"][row])
        if rejected is not None:
            measure[row], notes[row] = _compared(rows.reply[row].strip(), rejected.strip(), most)
    return above(measure, most, notes)


def unwanted_reply(extra: str | None) -> str | None:
    """The unwanted reply that a row keeps, "" where it is empty; None where it keeps none that is text."""
    record = None
    with suppress(ValueError, RecursionError, TypeError):
        record = json.loads(extra)  # type: ignore[arg-type]
    if not isinstance(record, dict):
        return None
    return next((_text(record[key]) for key in KEYS if record.get(key) is not None), None)


def _text(value: Any) -> str | None:
    """The text of a reply kept as a text, a message, a list of messages or a list of parts."""
    if isinstance(value, list) and value:
        if all(isinstance(part, dict) and "type" in part for part in value):
            texts = [part.get("text", part.get("value")) for part in value]
            return "\n".join(text for text in texts if isinstance(text, str))
        return _text(value[-1])
    if isinstance(value, dict):
        return _text(value.get("content", value.get("value", "")))
    return value if isinstance(value, str) else None if value is not None else ""


def _compared(chosen: str, rejected: str, most: float) -> tuple[float, str]:
    empty = [name for name, text in (("wanted", chosen), ("unwanted", rejected)) if not text.strip(INVISIBLE)]
    if empty:
        return 1.0, f"the {' and the '.join(empty)} reply {'is' if len(empty) == 1 else 'are'} empty"
    if chosen == rejected:
        return 1.0, "the wanted and the unwanted reply are the same"
    if _bare(chosen[:COMPARED]) == _bare(rejected[:COMPARED]) and len(chosen) < COMPARED > len(rejected):
        return 1.0, "the wanted and the unwanted reply differ in capitals and stops alone"
    likeness = fuzz.ratio(chosen[:COMPARED], rejected[:COMPARED]) / 100
    if max(len(chosen), len(rejected)) > COMPARED:
        likeness *= min(len(chosen), len(rejected)) / max(len(chosen), len(rejected))
    if likeness > most and _differ_by_a_word(chosen[:COMPARED], rejected[:COMPARED]):
        likeness = most
    return likeness, f"the wanted and the unwanted reply are {likeness:.1%} the same" if likeness > most else ""


def _bare(text: str) -> str:
    """The text without capitals, without the stops behind its words, its blanks as one."""
    return " ".join(word.rstrip(".,;:!?") for word in text.casefold().split())


def _differ_by_a_word(chosen: str, rejected: str) -> bool:
    """Whether more than a hundredth of the words stand in one reply only, slips of a letter or two aside."""
    left, right = Counter(word_list(chosen)), Counter(word_list(rejected))
    here, there = list((left - right).elements()), list((right - left).elements())
    for word in list(here):
        twin = next(
            (other for other in there if len(word) >= SLIP_WORD and Levenshtein.distance(word, other) <= SLIPS), ""
        )
        if twin:
            here.remove(word)
            there.remove(twin)
    return max(len(here), len(there)) > WORDS_APART * max(left.total(), right.total())
