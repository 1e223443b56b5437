"""Numbers that were not given

The reply states a number, price, date or share that stands nowhere in the text that it should rest on, and does not
follow from it. Nothing teaches a model to invent figures faster than replies that do.

Speaks only where the prompt or the system text gives facts to rest on: a named or pointed-at text, several statements,
or a system text full of facts. Questions out of the blue and open tasks (invent, advise, calculate, program) are left
alone.

Known limits
    A number that follows from the given ones is excused: said in words, rounded, summed, a difference, share, product
    or mean of two, another unit of time, a count up to twelve. So an invented number that happens to follow is not
    found, and the longer the given text, the more happens to follow. True knowledge of the world that the text does not
    hold is flagged: the check asks what was given, not what is true.
Measured
    Numbers changed by hand in real replies that rest on a text: about .7 found. It has an opinion on one real row in a
    hundred of mixed instructions, on six in a hundred of templated reading tasks, and alarms there mostly on tasks
    that ask for more than the text holds: hence a hint.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.given import given_text, rests_on_facts
from workbench.checks.grounding.numbers_given import Stated, follows, stated_numbers, values_of
from workbench.checks.safety.refusal_patterns import refusal_opening
from workbench.checks.text.prose import without_code
from workbench.rows import Rows, message

RECKONS = re.compile(r"\d\s*[+*×÷=/]\s*[$€£]?\d|\d\s+[-−x]\s+[$€£]?\d")
ROOM = "Facts: the room has two beds and costs 80 euros a night. Breakfast is served from 7 to 10. Parking is free."


@check(
    severity="info",
    flags=Rows.of(
        (f"{ROOM}\nAnswer the guest: what does the room cost?", "The room costs 95 euros a night."),
        (f"{ROOM}\nAnswer the guest: when is breakfast?", "Breakfast is served from 7 to 11:30."),
        [
            message("system", f"You answer for a hotel. {ROOM} Pets: 15 euros."),
            message("user", "Can I bring my dog?"),
            message("assistant", "Yes, for 25 euros a night."),
        ],
    ),
    passes=Rows.of(
        (
            f"{ROOM}\nAnswer the guest: what does the room cost?",
            "The room costs 80 euros, so two nights are 160 euros.",
        ),
        ("How high is Mont Blanc?", "Mont Blanc is 4,806 metres high."),
        (f"{ROOM}\nWrite a story about a guest.", "In 1923 a guest came to the inn."),
    ),
)
def unsupported_numbers(rows: Rows) -> Findings:
    """Measure: how many numbers of the final reply were not given; none where nothing was given to rest on."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    replies = rows.reply
    for row in pl.Series(replies, dtype=pl.String).str.contains("[0-9]").arg_true():
        if not rests_on_facts(rows, row) or RECKONS.search(replies[row]):
            continue
        new = stated_numbers(without_code(replies[row]))
        found = _unsupported(new, given_text(rows, row)) if new and not refusal_opening(replies[row]) else []
        last = len(rows.messages[row]) - 1
        measure[row] = float(len(found))
        spans[row] = tuple((last, one.start, one.end) for one in found)
        named = ", ".join(dict.fromkeys(one.text for one in found[:6]))
        notes[row] = f"stands in the reply and nowhere before it: {named}" if found else ""
    return above(measure, 0, notes, spans)


def _unsupported(numbers: list[Stated], given: str) -> list[Stated]:
    words, stated = values_of(given), stated_numbers(given)
    return [one for one in numbers if one.values and not follows(one, words, stated)]
