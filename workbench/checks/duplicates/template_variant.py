"""Same template, other numbers or names

Rows that are equal but for their numbers and names each hold a fact of their own, so they are no copies. But a model
that sees hundreds of them learns the template, and a golden set that holds some of them tests little that is new.

Known limits
    What counts as a name is a word with a capital letter inside a sentence. Rows in which more than a third of the
    words are names and numbers, or which have fewer than six other words, are left alone; in German every noun is taken
    for a name. The first row of a template is not flagged.
Source
    How much numbers matter: bibdedupe, where guarding them lifts F1 from .57 to .87 on templated titles.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places
from workbench.rows import Rows

NUMBER = r"[+-]?\p{Nd}[\p{Nd}.,:/]*"
NAME = r"([\p{Ll},;]\s+)\p{Lu}[\p{L}\p{M}'’-]+(?:\s+\p{Lu}[\p{L}\p{M}'’-]+)*"
FEWEST_WORDS = 6  # besides numbers and names; below, "What is 5 + 3?" would be a template of arithmetic
MOST_FILLED = 1 / 3  # of the words that may be numbers and names


@check(
    severity="info",
    scope="set",
    # Beside the rows of `passes`, whose first one it varies.
    flags=Rows.of(("How long may I keep item 4711 before I send it back?", "You may keep item 4711 for 14 days.")),
    passes=Rows.of(
        ("How long may I keep item 1234 before I send it back?", "You may keep item 1234 for 30 days."),
        ("How do I send an item back?", "Print the label from your order and bring the parcel to any shop."),
    ),
)
def template_variant(rows: Rows, *, most: float = 0.0) -> Findings:
    """Measure: how many other rows are this one with other numbers or names; 0 for the first of them."""
    frame = pl.DataFrame({"text": pl.Series(rows.text, dtype=pl.String)}).with_columns(
        template=pl.col("text")
        .str.replace_all(NAME, "${1}\u0001")
        .str.replace_all(NUMBER, "\u0002")
        .str.to_lowercase(),
        exact=pl.col("text").str.to_lowercase(),
    )
    frame = frame.with_columns(
        filled=pl.col("template").str.count_matches("[\u0001\u0002]"),
        words=pl.col("template").str.count_matches(r"[\p{L}\p{N}_]+"),
    )
    fits = (frame["words"] >= FEWEST_WORDS) & (frame["filled"] <= MOST_FILLED * (frame["filled"] + frame["words"]))
    at = (fits & (frame["filled"] > 0)).arg_true()
    groups: dict[str, list[int]] = defaultdict(list)
    for row, template in zip(at.to_list(), frame["template"].gather(at).to_list(), strict=True):
        groups[template].append(row)
    exact = frame["exact"]
    place = places(rows)
    measure, notes = [0.0] * len(rows), [""] * len(rows)
    for members in groups.values():
        distinct = {exact[row] for row in members} if len(members) > 1 else set()
        if len(distinct) < 2:
            continue
        for row in members[1:]:
            if exact[row] != exact[members[0]]:
                measure[row] = float(len(distinct) - 1)
                notes[row] = f"{place[members[0]]} with other numbers or names; {len(members)} rows share the template"
    return above(measure, most, notes)
