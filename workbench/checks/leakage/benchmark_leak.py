"""A row of your benchmark stands in the data

What the model is to be compared on must not be in what it learns from, or the comparison measures memory. The file of
questions is named on the dataset's sheet.

Known limits
    As for `golden_leak`: copies, near copies and passages; other words are for `rephrased_leak`.
Measured
    252 questions of self-instruct as the benchmark against 50,000 mixed rows that hold them: all 252 are found, and 2
    near copies. 175 seed tasks against 999 Alpaca rows: none is flagged.
Source
    LLM-Decontaminator, arXiv 2311.04850: 8 to 18 in 100 rows of HumanEval stand in common training sets.
"""

from __future__ import annotations

from workbench.checks.check import Findings, check
from workbench.checks.context import Context
from workbench.checks.leakage.held_out import repeats
from workbench.errors import NotRun
from workbench.rows import Rows

TRAIN = (
    "A train leaves the harbour at eight and needs three hours to the border, where it waits for forty minutes. "
    "When is it in the next town, which lies two hours behind the border?"
)


@check(
    severity="error",
    scope="set",  # what stands in many rows is a template's, and no leak
    example=Context(benchmark=Rows.of((TRAIN, "At 13:40.")).renamed(["asked-1"]), benchmark_name="trains.jsonl"),
    flags=Rows.of((TRAIN, "It arrives at 13:40."), (f"Solve this step by step, please. {TRAIN}", "At 13:40.")),
    passes=Rows.of(("When does the train leave the harbour?", "At eight."), ("How far is the border?", "Three hours.")),
)
def benchmark_leak(rows: Rows, context: Context) -> Findings:
    """Measure: how much of a benchmark row the row repeats, 0 to 1.

    Raises NotRun where no benchmark file is named, or where it could not be read.
    """
    if context.benchmark_problem:
        raise NotRun(context.benchmark_problem)
    if context.benchmark is None or not len(context.benchmark):
        raise NotRun("No benchmark file is named. Name the file of questions on the dataset's sheet, under benchmark.")
    return repeats(rows, context.benchmark, context.benchmark_name or "benchmark")
