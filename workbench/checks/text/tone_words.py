"""Word against the tone

A reply holds a word or phrase of the list "Words against the tone" on the dataset's sheet: slang in a formal voice,
stiff words in a friendly one. A hint, because a word that is wrong in one sentence may be right in another.

Every reply of a conversation is looked at, not the questions. Whole words only: "guys" does not find "guysen";
"awesome*" also finds "awesomely". Capitals do not count, unless the word has one past its first letter. Code, web and
mail addresses are not looked at. An exclamation mark or an emoji may be declared as well.

Known limits
    Other forms of a word are found only with a star or when they are listed; the tone of a sentence without a listed
    word is not judged. In Chinese, Japanese and Thai a word is also found inside a longer one.
Measured
    Finds what is declared, as `banned_words` does, with the same code.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.text.declared_words import by_row, find_declared, keeps_case, quoted, spans_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet


@check(
    severity="info",
    flags=Rows.of("Hey guys, the kiln is hot.", "That’s totally awesome!", "No worries, it ships today."),
    passes=Rows.of("The guy wires are tight.", "It ships today.", "```\nguys = 3\n```"),
    example=Context(sheet=Sheet(tone=("guys", "awesome*", "no worries"))),
)
def tone_words(rows: Rows, context: Context) -> Findings:
    """Measure: number of words and phrases against the tone in the replies of the row."""
    words = {word: keeps_case(word) for word in context.sheet.tone if word.strip("* ")}
    if not words:
        raise NotRun(
            "No words against the tone are declared. Write them on the dataset's sheet, under "
            '"Words against the tone", one a line.'
        )
    found = by_row(find_declared(rows, words), len(rows))
    notes = [f"against the declared tone: {quoted(places)}" if places else "" for places in found]
    return above([float(len(places)) for places in found], 0, notes, [spans_of(places) for places in found])
