"""Reply in a language that the dataset is not in

A few replies in another language than all the others, or than the dataset's sheet declares, teach the model to change
its language out of nothing.

Known limits
    Without languages on the sheet, the dataset's own counts: one that at least four in five replies are in, five of
    them at the least; a second language is taken as meant from one reply in ten, or from one in twenty and ten in
    all. Replies of fewer than five words, code, and replies to prompts that speak of a language or a translation
    pass; so do languages that are hard to tell apart in a sentence, such as Danish and Norwegian, where the expected
    one is the other.
Measured
    On 200 sentences in each of 20 languages: 2 of the 2,785 that script and small words decide are wrong; they leave
    three in ten open, of which py3langid decides half, 2 of them wrongly. Ten foreign sentences among 200: 169 of 200
    found, 1 of 4,001 flagged wrongly.
Source
    Small words by own lists; in doubt py3langid 0.4 (after Lui & Baldwin 2012).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.context import Context
from workbench.checks.text.language import (
    FEWEST_WORDS,
    MODEL_BACKED,
    MODEL_WORDS,
    STOP_WORDS,
    Guess,
    alike,
    by_model,
    guess,
    in_foreign_script,
    name_of,
)
from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.translation import asks_for_a_language
from workbench.rows import Rows

CLEAR = 0.8  # share of the decided replies
FEWEST = 5  # replies in the dataset's language
SECOND = 0.05  # share from which another language is meant, if it has as many as SECOND_ROWS replies ...
SECOND_ROWS = 10
FEWEST_BACKING = 2  # small words of the language that the model names
AHEAD_OF_OURS = 3  # times as many small words of another language as of an expected one: then the model is asked
SECOND_SURE = 0.1  # ... and the share from which it is meant in any case


@check(
    severity="warning",
    scope="set",
    flags=Rows.of(
        "Wir öffnen um neun Uhr und schließen um fünf.",
        "Nous ouvrons à neuf heures et nous fermons à cinq heures.",
    ),
    passes=Rows.of(
        *[f"We open at {hour} and close at five, and there is tea for all of you." for hour in range(20)],
        ("Say in French: we open at nine.", "Nous ouvrons à neuf heures et nous fermons à cinq heures."),
        "Bonjour!",
    ),
)  # fmt: skip
def wrong_language(rows: Rows, context: Context, *, clear: float = CLEAR) -> Findings:
    """Measure: 1 where the final reply is in a language that is not the dataset's, 0 where it is in one; else null."""
    guesses = [guess(reply) for reply in rows.reply]
    wanted = {code.lower() for code in context.sheet.languages} or languages_of(guesses, clear)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    if not wanted:
        return above(measure, 0.5, notes, spans)
    named = " or ".join(sorted(map(name_of, wanted)))
    declared = "the sheet declares" if context.sheet.languages else "the dataset is in"
    for row, (seen, reply) in enumerate(zip(guesses, rows.reply, strict=True)):
        language = decided(seen, reply, wanted)
        foreign = language is None and in_foreign_script(seen, wanted)
        if language is None and not foreign:
            continue
        measure[row] = float(foreign or not any(alike(str(language), one) for one in wanted))
        if measure[row] and (looks_like_code(reply) or asks_for_a_language(rows.prompt[row] + rows.system[row])):
            measure[row] = None
        elif measure[row]:
            what = f"in {seen.script} letters" if language is None else f"in {name_of(language)}"
            notes[row] = f"the reply is {what}; {declared} {named}"
            spans[row] = [(len(rows.messages[row]) - 1, 0, len(reply))]
    return above(measure, 0.5, notes, spans)


def languages_of(guesses: Sequence[Guess], clear: float = CLEAR) -> set[str]:
    """The clear majority's language and those that are too frequent to be a slip; empty where there is no majority."""
    counts = Counter(one.language for one in guesses if one.language)
    if not counts:
        return set()
    (usual, most), total = counts.most_common(1)[0], counts.total()
    if most < FEWEST or most < clear * total:
        return set()
    often = lambda count: count > SECOND_SURE * total or (count > SECOND * total and count >= SECOND_ROWS)  # noqa: E731
    return {usual} | {language for language, count in counts.items() if often(count)}


def decided(seen: Guess, text: str, expected: Collection[str]) -> str | None:
    """The language of a text; the model is asked only where hardly a small word of an expected language is in it."""
    if seen.language or seen.words < FEWEST_WORDS:
        return seen.language
    ours = max((seen.hits_of(one) for one in expected), default=0)
    if seen.words < MODEL_WORDS or (ours and AHEAD_OF_OURS * ours > max(seen.hits, default=0)):
        return None
    language = by_model(text, MODEL_BACKED)
    if language in STOP_WORDS and (seen.hits_of(language) < FEWEST_BACKING or seen.hits_of(language) < 2 * ours):
        return by_model(text) if not ours and seen.hits_of(language) else None
    return language if language in STOP_WORDS or not ours else None
