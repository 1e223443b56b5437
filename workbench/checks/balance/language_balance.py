"""A language with few rows beside another one

A model tuned mostly in one language answers in it when asked in another. The languages that are wanted are declared on
the sheet; without it those that are clearly there are compared with one another.

Known limits
    Told from a sample of 3,000 rows, spread evenly, by the first 300 characters of a reply of 40 letters and more; the
    other rows have no measure. A language counts from 20 rows of the sample on: with fewer it may be a mistake of the
    detector (on short texts one in ten). Close relatives (Danish and Norwegian) are mixed up.
Measured
    200 sentences in each of 20 languages: every language found, shares right within .01.
Source
    py3langid, a trained n-gram model; precision .98 on full sentences of 20 large languages.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from workbench.checks.check import Findings, below, check
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows

SAMPLE = 3_000  # rows read: a second's work, and shares within .02
READ = 300  # characters of a reply
FEWEST_LETTERS = 40
ESTABLISHED = 20  # rows of the sample from which a language is believed
SURE = 0.9  # probability under which the detector's word does not count

GERMAN = (
    "Wie gebe ich das Paket zurück?",
    "Bitte legen Sie den Rücksendeschein bei und bringen Sie das Paket zur Post.",
)
ENGLISH = ("How do I return the parcel?", "Please put the return slip into the parcel and take it to the post office.")


@check(severity="info", scope="set", flags=Rows.of(*[GERMAN] * 20), passes=Rows.of(*[ENGLISH] * 500))
def language_balance(rows: Rows, context: Context, *, least: float = 0.05) -> Findings:
    """Measure: the share of the reply's language among the replies of the sample, 0 to 1; none where it is not told.

    Raises NotRun where the detector is not installed.
    """
    told = _languages(rows.reply)
    counts = Counter(language for language in told.values())
    total = sum(counts.values())
    established = {language: n / total for language, n in counts.items() if n >= ESTABLISHED}
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    for row, language in told.items():
        if language in established:
            measure[row] = established[language]
            notes[row] = f'{established[language]:.1%} of the replies are in this language ("{language}")'
    return below(measure, least, notes, (), _about(established, counts, total, context.sheet.languages, least))


def _languages(replies: list[str]) -> dict[int, str]:
    """Row -> ISO 639-1 code, for the rows of the sample whose language is told with certainty."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        raise NotRun(
            "Languages are told apart by py3langid, which is not installed. Install it: pip install py3langid"
        ) from None
    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    long = [row for row, reply in enumerate(replies) if sum(map(str.isalpha, reply[:READ])) >= FEWEST_LETTERS]
    places = np.unique(np.linspace(0, max(len(long) - 1, 0), min(SAMPLE, len(long))).astype(int))
    found = {}
    for place in places.tolist():
        language, sure = detector.classify(replies[long[place]][:READ])
        if sure >= SURE:
            found[long[place]] = str(language)
    return found


def _about(
    established: dict[str, float], counts: Counter[str], total: int, declared: tuple[str, ...], least: float
) -> list[str]:
    if not total:
        return []
    said = []
    if len(established) > 1:
        spread = ", ".join(
            f"{language} {share:.1%}" for language, share in sorted(established.items(), key=lambda one: -one[1])
        )
        said.append(f"The replies are in several languages: {spread}.")
    for language in declared:
        share = counts[language] / total
        if share < least:
            said.append(
                f'"{language}" is declared, and {f"{share:.1%}" if share else "none"} of the replies are in it.'
            )
    if declared and (others := sorted(set(established) - set(declared))):
        said.append(f"Not declared, and there: {', '.join(others)}.")
    return said
