"""Reply that repeats its prompt

The reply is the question once more, or begins with the whole of it before it answers: a model's raw output was saved
with its input, or nobody wrote an answer. The model learns to say back what it is told.

Known limits
    Prompts of fewer than five words are left alone, as people do greet with the same words. A text given with the
    task and returned unchanged counts from eight words on, unless the task may leave it so (copy, repeat, correct,
    pick out). A prompt repeated in other words is not seen, and neither is one in the middle of a reply, or one that
    the first sentence of the reply goes on from.
Measured
    The prompt put in the place of a reply, or before it, 400 times: 397 found. On 92,079 rows of real text no flag.
Source
    Output that echoes its input was one of the rules of the AlpacaDataCleaned project.
"""

from __future__ import annotations

import re

import polars as pl
from rapidfuzz import fuzz

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.prose import is_unspaced
from workbench.rows import Rows, word_list

FEWEST_WORDS = 5
FEWEST_LETTERS = 12  # of a prompt in a script without blanks
FEWEST_GIVEN = 8  # words of a text given with the task
COMPARED = 4_000  # characters
HEAD = 8  # letters and digits by which a row is worth a closer look
UNEQUAL = re.compile(r"[\W_]+")
STOP = re.compile(
    r"[^\w\s]{0,3}\s*\n|[^\w\s]{0,2}[.?!:。？！：][^\w\s]{0,3}(?:\s|$)|[。？！：]"
)  # the echo ends as a sentence or a line
# Tasks whose right answer may be the text itself.
MAY_STAY = re.compile(
    r"\b(?:repeat|copy|echo|verbatim|as is|unchanged|same|correct|proofread|fix|edit|errors?|mistakes?|grammar"
    r"|spelling"
    r"|punctuat\w+|capitali[sz]e|lower ?case|sort|order|arrange|format|translate|extract|quote|select|choose|pick"
    r"|which|find"
    r"|identify|type|say|read|remove|replace|complete|finish|continue|reverse|censor|normali[sz]e)\b",
    re.I,
)


@check(
    severity="warning",
    flags=Rows.of(
        ("When does the shop in Hill Street open?", "When does the shop in Hill Street open?"),
        ("When does the shop in Hill Street open?", "When does the shop in Hill Street open?\n\nIt opens at nine."),
        (
            "Sum up the text.\n\nThe shop opens at nine and has tea for all.",
            "The shop opens at nine and has tea for all.",
        ),
    ),
    passes=Rows.of(
        ("When does the shop in Hill Street open?", "The shop in Hill Street opens at nine."),
        ("How are you?", "How are you?"),
        (
            "Correct the text.\n\nThe shop opens at nine and has tea for all.",
            "The shop opens at nine and has tea for all.",
        ),
    ),
)
def echoed_prompt(rows: Rows, *, most: float = 0.95) -> Findings:
    """Measure: likeness, 0 to 1, of the prompt and of what the final reply begins with."""
    measure = [0.0] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, turn, prompt, reply in _likely(rows).iter_rows():
        likeness, end, what = _echo(prompt, reply, most)
        measure[row] = likeness
        if likeness > most:
            notes[row] = what
            spans[row] = [(turn, 0, end)]
    return above(measure, most, notes, spans)


def _likely(rows: Rows) -> pl.DataFrame:
    """row, turn of the reply, last prompt and reply, where the two (or the given text) begin alike."""
    turns = rows.turns.with_columns(
        prompt=pl.col("content").shift(1).over("row"), before=pl.col("role").shift(1).over("row")
    )
    last = turns.group_by("row", maintain_order=True).last()
    asked = last.filter((pl.col("role") == "assistant") & (pl.col("before") == "user"))
    head = lambda text: text.str.slice(0, 60).str.replace_all(r"[\W_]+", "").str.to_lowercase().str.slice(0, HEAD)  # noqa: E731
    given = pl.col("prompt").str.splitn("\n\n", 2).struct.field("field_1").fill_null("")
    begun = head(pl.col("content"))
    alike = ((head(pl.col("prompt")) == begun) | (head(given) == begun)) & (begun.str.len_chars() > 0)
    return asked.filter(alike).select("row", "turn", "prompt", "content")


def _echo(prompt: str, reply: str, most: float) -> tuple[float, int, str]:
    """(likeness, where the echo ends in the reply, words for it)."""
    prompt, reply = prompt[:COMPARED].strip(), reply[:COMPARED]
    if len(word_list(prompt)) >= FEWEST_WORDS or (is_unspaced(prompt) and len(prompt) >= FEWEST_LETTERS):
        if end := _end_of(prompt, reply):
            whole = not UNEQUAL.sub("", reply[end:])
            if not whole and not STOP.match(reply, end):
                return 0.0, 0, ""  # the sentence goes on: "To make tea, ..."
            return 1.0, end, "the reply is the prompt again" if whole else "the reply begins with the whole prompt"
        likeness = fuzz.ratio(prompt, reply.strip()) / 100
        if likeness > most and not MAY_STAY.search(prompt):
            return likeness, len(reply), f"the reply is {likeness:.0%} the prompt again"
    task, _, given = prompt.partition("\n\n")
    if len(word_list(given)) >= FEWEST_GIVEN and not MAY_STAY.search(task):
        end = _end_of(given, reply)
        if end and not UNEQUAL.sub("", reply[end:]):
            return 1.0, end, "the reply is the text given in the prompt, unchanged"
    return 0.0, 0, ""


def _end_of(wanted: str, reply: str) -> int:
    """Where in the reply the wanted text, but for case, blanks and signs, ends; 0 where it does not begin with it."""
    letters = UNEQUAL.sub("", wanted).lower()
    seen = 0
    for place, char in enumerate(reply):
        if char.isalnum():
            if letters[seen : seen + 1] != char.lower()[:1]:
                return 0
            seen += len(char.lower())
            if seen >= len(letters):
                return place + 1
    return 0
