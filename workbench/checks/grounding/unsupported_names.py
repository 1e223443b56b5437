"""Names that were not given

The reply names a person, firm, place or product that stands nowhere in the text that it should rest on. Speaks only
where the prompt or the system text gives facts to rest on; questions out of the blue and open tasks are left alone.

Known limits
    Names of two capitalised words or more, and single capitalised words in the middle of a sentence; not for German
    and other writing where nouns or all words are capitalised, nor for scripts without capitals. A name counts as given
    when any of its words stands before, in any form. True knowledge of the world that the text does not hold is
    flagged: the check asks what was given, not what is true.
Measured
    In 7,000 rows of mixed instructions 27 flags, most of them true names that the text did not hold: hence a hint.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.given import given_text, rests_on_facts
from workbench.checks.safety.pieces import quoted
from workbench.checks.safety.refusal_patterns import refusal_opening
from workbench.checks.text.prose import without_code
from workbench.rows import Rows

CAPITAL = r"(?:[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ'’]+|[A-Z]{2,6})(?:-[A-ZÀ-ÖØ-Þ][\wß-öø-ÿ]+)?"
NAME = re.compile(rf"(?<![\w'’])(?:{CAPITAL})(?: (?:(?:of|de|von|van|der|la) )?{CAPITAL}){{0,4}}(?![\w])")
TITLES = r"mr|mrs|ms|dr|prof|sir|lady|lord|dear|hello|hi"
ORDINARY = frozenset(
    [
        "i",
        "i'm",
        "i'll",
        "i've",
        "i'd",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sir",
        "dear",
        "hello",
        "hi",
        "hey",
        "thanks",
        "thank",
        "you",
        "yes",
        "no",
        "ok",
        "okay",
        "sincerely",
        "regards",
        "best",
        "kind",
        "yours",
        "please",
        "sorry",
        "note",
        "however",
        "also",
        "first",
        "second",
        "third",
        "finally",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "english",
        "german",
        "french",
        "spanish",
        "italian",
        "chinese",
        "japanese",
        "american",
        "british",
        "european",
        "ai",
        "us",
        "usa",
        "uk",
        "eu",
        "un",
        "am",
        "pm",
        "tv",
        "pc",
        "dna",
        "http",
        "www",
        "pdf",
        "faq",
        "id",
        "ceo",
        "vat",
        "usd",
        "eur",
        "gmt",
        "utc",
        "god",
        "earth",
        "internet",
        "christmas",
        "easter",
        "team",
        "customer",
        "service",
        "support",
        "summary",
        "answer",
        "question",
        "title",
        "subject",
        "the",
        "a",
        "an",
        "in",
        "on",
        "at",
        "if",
        "it",
        "this",
        "that",
        "these",
        "those",
        "we",
        "he",
        "she",
        "they",
        "there",
        "here",
        "when",
        "while",
        "what",
        "who",
        "why",
        "how",
        "and",
        "but",
        "or",
        "so",
        "as",
        "for",
        "with",
        "from",
        "to",
        "by",
        "my",
        "your",
        "our",
        "his",
        "her",
        "their",
        "is",
        "are",
        "was",
        "were",
        "not",
        "all",
        "one",
        "two",
        "three",
        "new",
        "step",
        "option",
        "part",
        "section",
        "both",
        "each",
        "every",
        "some",
        "any",
        "most",
        "more",
        "many",
        "much",
        "such",
        "other",
        "another",
        "only",
        "just",
        "very",
    ]
)
LINE = re.compile(r"[^\n]+")
GERMAN = re.compile(
    r"(?<!\w)(?:der|die|das|und|ist|den|nicht|ein|eine|für|mit)(?!\w)"
)  # writes all nouns with a capital
TITLE_SHARE = 0.5  # of a line's words capitalised from which it is a title
STEM = 4  # letters by which a word of the given text is the same word


@check(
    severity="info",
    flags=Rows.of(
        (
            "Context: The bakery on Mill Lane opened in spring. It sells bread and cakes, and two people work "
            "there every day.\n"
            "Based on the context, who owns the bakery?",
            "The bakery on Mill Lane is owned by Margaret Holloway.",
        ),
    ),
    passes=Rows.of(
        (
            "Context: The bakery on Mill Lane belongs to Margaret Holloway. It sells bread and cakes, and two "
            "people work there.\n"
            "Based on the context, who owns the bakery?",
            "It is owned by Mrs Holloway. On Monday it is closed.",
        ),
        ("Who wrote Faust?", "Faust was written by Johann Wolfgang von Goethe."),
    ),
)
def unsupported_names(rows: Rows) -> Findings:
    """Measure: how many names in the final reply were not given; none where nothing was given to rest on."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    replies = rows.reply
    named = pl.Series(replies, dtype=pl.String).str.contains(r"[a-z,;] ?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]|[A-Z][a-z]+ [A-Z][a-z]")
    for row in named.arg_true():
        if not rests_on_facts(rows, row):
            continue
        found = [] if refusal_opening(replies[row]) else _unsupported(replies[row], given_text(rows, row))
        last = len(rows.messages[row]) - 1
        measure[row] = float(len({name for _, _, name in found}))
        spans[row] = tuple((last, start, end) for start, end, _ in found)
        said = ", ".join(quoted(name) for name in list(dict.fromkeys(name for _, _, name in found))[:3])
        notes[row] = f"named in the reply and nowhere before it: {said}" if found else ""
    return above(measure, 0, notes, spans)


def _unsupported(reply: str, given: str) -> list[tuple[int, int, str]]:
    known = given.lower()
    found: list[tuple[int, int, str]] = []
    given_parts: dict[str, bool] = {}  # a name is looked for once
    if len(set(GERMAN.findall(reply))) > 1:
        return found
    plain = without_code(reply)
    lower = set(re.findall(r"(?<![\w'’])[a-zß-öø-ÿ]{3,}", plain))
    for line in LINE.finditer(plain):
        words = re.findall(r"[^\W\d_]+", line.group())
        capitals = sum(word[0].isupper() for word in words[1:])
        closed = line.group().rstrip().endswith((".", "!", "?"))
        if len(words) < 3 or (capitals > TITLE_SHARE * (len(words) - 1) and not closed):
            continue
        for name in NAME.finditer(line.group()):
            parts = _parts(name.group())
            opens = not re.search(r"[\w,;)]\s$", line.group()[max(0, name.start() - 2) : name.start()])
            if opens and len(parts) < 2:
                continue
            for part in parts:
                if part not in given_parts:
                    given_parts[part] = part in lower or _stands(part, known)
            if parts and not any(given_parts[part] for part in parts):
                found.append((line.start() + name.start(), line.start() + name.end(), name.group()))
    return found


def _parts(name: str) -> list[str]:
    words = [word.lower().strip("'’") for word in re.split(r"[ -]", name)]
    return [word.removesuffix("'s").removesuffix("’s") for word in words if word not in ORDINARY and len(word) > 2]


def _stands(word: str, known: str) -> bool:
    return word[: max(STEM, len(word) - 3)] in known
