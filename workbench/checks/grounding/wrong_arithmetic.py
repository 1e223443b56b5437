"""Wrong arithmetic

A sum in a reply that does not come out: "12 * 7 = 86", "15 % of 80 is 14", a GSM8K mark such as <<12*7=86>>; or a short
reply that gives another number than the mean, median, sum, product, percentage, square root, conversion of units or
plain sum that the prompt asks for. The model learns to reckon wrongly and to sound sure.

Known limits
    Speaks only when it is certain: sums with units, unknowns, ranges, ellipses, remainders, other number bases, code,
    talk of mistakes and puzzles are left out, a rounded result is right, and the steps of a word problem are not
    understood. A number such as 1.500 is read both ways.
Source
    Where Alpaca was cleaned by hand, 13 of 47 checkable mean, median and sum items were wrong; a solver found all 13.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.arithmetic import agrees, wrong_sums
from workbench.checks.grounding.asked_sums import answered_numbers, asked_result
from workbench.checks.safety.pieces import quoted
from workbench.checks.text.prose import without_code
from workbench.rows import Rows

SUM_LIKE = r"[0-9%)] ?= ?[-−–]?[$€£¥₹]?[0-9.]|[0-9] ?(?:%|percent) of [$€£]?[0-9]"
ASKED_LIKE = (
    r"(?i)\b(?:mean|average|median|sum|total|product|square root|percent|convert|how many|how much)\b"
    r"|[0-9%] ?[-+*/×÷x^] ?[0-9(]|[0-9] ?%"
)
ASKED_WITHIN = 600  # characters of a prompt that is nothing but a sum
BY_DESIGN = re.compile(
    r"\b(?:incorrect|wrong|mistake|error|false|puzzle|riddle|pattern|trick|true or false|debug|correct this|check)\b",
    re.I,
)


@check(
    severity="error",
    flags=Rows.of(
        "Together they have 12 * 7 = 86 apples.",
        "She pays 3*4=<<3*4=13>>13 dollars.",
        "15% of 80 is 14.",
        ("Find the median of 3, 9, 4, 1, 7.", "The median is 5."),
    ),
    passes=Rows.of(
        "Together they have 12 * 7 = 84 apples.",
        "That is 2 / 3 = 0.67 of the way, and 10 / 4 = 2.5.",
        "Solve x + 2 + 3 = 10, so x = 5.",
        "Grades 90 - 100 = 1 and 80-89 = 2.",
        ("Find the median of 3, 9, 4, 1, 7.", "The median is 4."),
        ("What is the average of 1, 2, ..., 10?", "5.5"),
    ),
)
def wrong_arithmetic(rows: Rows) -> Findings:
    """Measure: number of sums in the final reply that are certainly wrong; none where the reply holds no sum."""
    sums = pl.DataFrame({"prompt": rows.prompt, "reply": rows.reply}, schema={"prompt": pl.String, "reply": pl.String})
    prompt, reply = pl.col("prompt"), pl.col("reply")
    asked = (prompt.str.len_chars() <= ASKED_WITHIN) & prompt.str.contains(ASKED_LIKE) & reply.str.contains("[0-9]")
    likely = sums.with_row_index("row").filter(asked | reply.str.contains(SUM_LIKE))
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    for row, question, answer in likely.iter_rows():
        last = len(rows.messages[row]) - 1
        if BY_DESIGN.search(question):
            continue
        wrong = list(wrong_sums(without_code(answer)))
        found = [(w.start, w.end, f"{quoted(w.said)} should be {w.right:.12g}") for w in wrong] or _answered(
            question, answer
        )
        measure[row] = float(len(found))
        notes[row] = "; ".join(said for _, _, said in found[:3])
        spans[row] = tuple((last, start, end) for start, end, _ in found)
    return above(measure, 0, notes, spans)


def _answered(question: str, answer: str) -> list[tuple[int, int, str]]:
    """The number of a short reply where the prompt asks for one that it is not."""
    wanted = asked_result(question)
    given = answered_numbers(answer) if wanted else []
    if not wanted or not given:
        return []
    kind, right, slack = wanted
    if any(agrees(value, right, step) or abs(value - right) <= slack * abs(right) for value, step, _, _ in given):
        return []
    _, _, start, end = given[-1]
    return [(start, end, f"the {kind} asked for is {right:.12g}, and the reply gives {answer[start:end]}")]
