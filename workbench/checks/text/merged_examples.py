"""Several examples merged into one reply

The reply goes on behind its end: "12. Instruction: ...", "### Instruction: ...", "Human: ... Assistant: ...". Two
examples were not parted, or a model that wrote the data did not stop. Trained on, the model asks itself the next
question.

Known limits
    Labels are known in English only, at the beginning of a line. Where the prompt asks for a dialogue, for examples,
    a quiz or data, such labels are what was asked for. Questions and answers ("Q:", "A:") count where the prompt
    has them, too, or where two of them stand behind a reply that has come to its end; "Input:" and "Output:" only
    there, and not where programs are spoken of. Looks at the replies, not at the prompts.
Measured
    A second example joined to 200 real replies in five ways: 194 found. On 92,079 rows of real text no flag. Numbered
    instructions inside a text: 0.11 % of the Alpaca replies, all of them repaired by the people who cleaned it.
Source
    The rule on merged instructions of the AlpacaDataCleaned project.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.merged import LABEL, merged_at
from workbench.rows import Rows

LIKELY = LABEL.pattern.replace("(?P<number>", "(?:").replace("(?P<hashes>", "(?:").replace("(?P<name>", "(?:")


@check(
    severity="warning",
    flags=Rows.of(
        "Paris.\n\n12. Instruction: Name the capital of Italy.\n12. Input:\n<noinput>\n12. Output:\nRome.",
        "Paris.\n\n### Instruction:\nName the capital of Italy.\n\n### Response:\nRome.",
        "Paris.\nHuman: And of Italy?\nAssistant: Rome.",
    ),
    passes=Rows.of(
        "Paris.",
        ("Write a dialogue.", "User: Hello\nAssistant: Welcome.\nUser: Bye."),
        "1. Input: water\n2. Heat it.",
        "Question: what is tea?\nAnswer: a drink.",
    ),
    mend="cut_merged_examples",
)
def merged_examples(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: number of labels of further examples or turns in the row's replies."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter((pl.col("role") == "assistant") & pl.col("content").str.contains(f"(?m){LIKELY}"))
    for row, turn, content in likely.select("row", "turn", "content").iter_rows():
        before = "\n".join(one["content"] or "" for one in rows.messages[row][:turn])
        found = merged_at(before, content)
        spans[row] += [(turn, start, end) for start, end in found]
        if found and not notes[row]:
            start, end = found[0]
            notes[row] = (
                f'behind character {start:,} of turn {turn + 1} another example begins: "{content[start:end].strip()}"'
            )
    return above([len(places) for places in spans], most, notes, spans)
