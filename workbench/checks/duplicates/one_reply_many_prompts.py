"""One reply under many different prompts

The same sentences under questions that have little in common: a stock answer that helps nobody, or a slip in the
spreadsheet. The model learns to give it whatever is asked.

Known limits
    The same words only (case, blanks and the ends do not count). Replies of fewer than six words, labels, replies that
    stand in their prompt (an option picked, a passage quoted) and refusals are left alone. Prompts that share
    seven in ten of their words count once. A greeting or a hand-over that is meant to be the same everywhere is
    flagged, and so is one answer to a task that templates word in several ways.
Measured
    No row of 8,600 clean ones and of 7,673 templated ones (toolformer) is flagged. Of t0's 55,185 rows, made with many
    templates from few items, 57 in 1,000 are.
Source
    The seed practice of this project: support replies pasted under whatever came in.
"""

from __future__ import annotations

from collections import defaultdict

from workbench.checks.balance.labels import find_labels
from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places, shortened
from workbench.checks.safety.refusal import refusal
from workbench.checks.similarity import exact_keys, words_of
from workbench.rows import Rows

FEWEST_WORDS = 6
ALIKE = 0.7  # Jaccard index of the words from which two prompts count as one: near copies (bibdedupe: precision .98)
MOST_KINDS = 50  # different prompts told apart for one reply
READ = 2_000  # characters of a prompt


@check(
    severity="info",
    scope="set",
    flags=Rows.of(
        ("How do I return a lamp?", "Thank you for writing, we will get back to you soon."),
        ("Do you ship abroad?", "Thank you for writing, we will get back to you soon."),
        ("My invoice is wrong.", "thank you for writing, we will get back to you soon"),
    ),
    passes=Rows.of(
        ("What is the refund window?", "You may return it within 30 days of delivery."),
        ("What's the refund window?", "You may return it within 30 days of delivery."),
        ("Is the lamp sold?", "Yes."),
        ("Is the door open?", "Yes."),
        ("Is the box full?", "Yes."),
    ),
)
def one_reply_many_prompts(rows: Rows, *, most: int = 2) -> Findings:
    """Measure: under how many different prompts the reply stands; none for a reply that is left alone."""
    if (labels := find_labels(rows)) is not None and labels.where == "reply":
        return above([None] * len(rows), most)
    groups = defaultdict(list)
    prompts, replies = exact_keys(rows.prompt), exact_keys(rows.reply)
    measure: list[float | None] = [None] * len(rows)
    for row, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
        if len(reply) > FEWEST_WORDS and prompt and reply not in prompt and len(words_of(reply)) >= FEWEST_WORDS:
            groups[reply].append(row)
            measure[row] = 1.0
    shared = [members for members in groups.values() if len({prompts[row] for row in members}) > most]
    place, notes = places(rows), [""] * len(rows)
    declines = _declines(rows, shared)
    for members in shared:
        kind = _kinds(prompts, members)
        differing = len(set(kind.values()))
        for row in members:
            if declines[members[0]]:
                measure[row] = None
                continue
            measure[row] = float(differing)
            other = next((one for one in members if kind[one] != kind[row]), None)
            if other is not None:
                said = f'also at {place[other]} under "{shortened(rows.prompt[other])}"'
                notes[row] = f"the same reply stands under {differing:,} different prompts, {said}"
    return above(measure, most, notes)


def _kinds(prompts: list[str], members: list[int]) -> dict[int, int]:
    """Row -> a number that it shares with those of the rows whose prompts have most words in common with its own.

    From the 50th kind on all others count as one, so that a reply that stands everywhere stays cheap.
    """
    leaders: list[frozenset[str]] = []
    by_prompt: dict[str, int] = {}
    for prompt in dict.fromkeys(prompts[row] for row in members):
        words = frozenset(words_of(prompt[:READ]))
        alike = (n for n, one in enumerate(leaders) if len(words & one) >= ALIKE * len(words | one))
        found = next(alike, None)
        if found is None and len(leaders) < MOST_KINDS:
            leaders.append(words)
        by_prompt[prompt] = len(leaders) - 1 if found is None else found
    return {row: by_prompt[prompts[row]] for row in members}


def _declines(rows: Rows, shared: list[list[int]]) -> dict[int, bool]:
    """Whether the reply of each group is a refusal, by the group's first row."""
    first = [members[0] for members in shared]
    if not first:
        return {}
    among = Rows(rows.frame[first])
    return dict(zip(first, refusal.measured(among).flagged.to_list(), strict=True))
