"""Word that the sheet bans

A reply holds a word or phrase of the list "Banned words" on the dataset's sheet. What stands in the replies, the
model will say.

Every reply of a conversation is looked at, not the questions. Whole words only: "cheap" finds "Cheap" and "cheap,",
but not "cheaper"; write "cheap*" to find every word that begins so, "*cheap" for every one that ends so. Capitals do
not count, unless the word has one past its first letter: "US" does not find "us". Curly and straight apostrophes are
the same, and a phrase may run over a line break. Code, web and mail addresses are not looked at.

Known limits
    Other forms of a word are found only with a star or when they are listed. A banned word that is quoted or denied
    ("we never say cheap") is found too. In Chinese, Japanese and Thai a word is also found inside a longer one.
Measured
    Finds what is declared, so its flags are right by definition; 8 common words declared over 22,446 real rows: each
    of 60 flags read held the word as a whole word.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.text.declared_words import by_row, find_declared, keeps_case, quoted, spans_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet


@check(
    severity="error",
    flags=Rows.of("Our Cheap mugs are back.", "We guaranteed it.", "That is out\nof the question."),
    passes=Rows.of(
        "Our cheaper mugs are back.", "Write to cheap@example.com.", "Tell us more.", ("Is it cheap?", "It is.")
    ),
    example=Context(sheet=Sheet(banned=("cheap", "guarant*", "out of the question", "US"))),
)
def banned_words(rows: Rows, context: Context) -> Findings:
    """Measure: number of banned words and phrases in the replies of the row."""
    words = {word: keeps_case(word) for word in context.sheet.banned if word.strip("* ")}
    if not words:
        raise NotRun(
            'No banned words are declared. Write them on the dataset\'s sheet under "Banned words", one a line.'
        )
    found = by_row(find_declared(rows, words), len(rows))
    notes = [f"the reply holds what the sheet bans: {quoted(places)}" if places else "" for places in found]
    return above([float(len(places)) for places in found], 0, notes, [spans_of(places) for places in found])
