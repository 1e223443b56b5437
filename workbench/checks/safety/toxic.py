"""Toxic or unsafe language

Threats, incitement to self-harm, hatred of a group and slurs, gross abuse, and sexual content about minors, in any
turn. A model answers in the voice of its replies, and a person who reads the rows should be warned of them.

Set phrases rather than single rude words: "go to hell", "damn" and the names of body parts are not flagged. A phrase
that is quoted, explained, translated, moderated or told in a story measures 0.5 and is not flagged at the default
limit; set the limit below 0.5 to see those as well.

Known limits
    English, and the commonest phrases of German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese
    and Japanese (Turkish: three). A list finds what it holds: polite cruelty, irony, misspellings and instructions for
    doing harm are not found. Quoting is guessed from quotation marks and the words beside it.
Source
    The list is this project's own.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, check
from workbench.checks.safety.pieces import flag_pieces, likely_turns
from workbench.checks.safety.toxic_patterns import LIKELY, LOOSE, find_toxic
from workbench.rows import Rows


@check(
    severity="warning",
    flags=Rows.of(
        "Stop asking or I will hurt you.",
        "Nobody would miss you, go and hang yourself.",
        ("Wo ist mein Paket?", "Frag nicht so blöd, du Arschloch."),
        "All immigrants are vermin.",
    ),
    passes=Rows.of(
        "To stop the program, kill the process with its number.",
        'The message "I will hurt you" is a threat: tell the police.',
        "The assassin wanted to kill the king.",
        "Rats and cockroaches are vermin.",
        "Damn, that was a hell of a game!",
    ),
)
def toxic(rows: Rows) -> Findings:
    """Measure: 1 where a turn says something toxic, 0.5 where one only quotes or speaks of it, else 0."""
    likely = likely_turns(rows, LIKELY)
    plain = likely["content"].str.replace_all("\u2019", "'").str.to_lowercase()
    kinds: dict[str, list[str]] = {}
    for kind, pattern in LOOSE.items():
        for text in likely["content"].filter(plain.str.contains(pattern)).unique():
            kinds.setdefault(text, []).append(kind)
    likely = likely.filter(pl.col("content").is_in(list(kinds)))
    return flag_pieces(rows, likely, lambda text: find_toxic(text, kinds[text]), limit=0.75, most=True)
