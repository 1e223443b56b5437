"""Rules on the form of an answer, one a line in plain words, and whether a text keeps them

    parse("at most 3 sentences").broken_by("One. Two. Three. Four.")   # -> "4 sentences"

A rule is data, not a pattern: nobody's regular expression is run against a model's answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from evaluators.errors import BadRequest
from evaluators.language import language_of
from evaluators.metrics.words import words

EXAMPLES = "starts with: Dear, ends with: Regards, at most 3 sentences, at least 20 words, bullet list, no markdown"
KINDS = (
    "starts with: TEXT, ends with: TEXT, at most N words (or sentences, lines, characters), at least N words (...), "
    "bullet list, numbered list, no list, one paragraph, no markdown, no emoji, no exclamation marks, language: de"
)
SHOWN = 40  # characters of an answer in a remark

BULLET = re.compile(r"^\s*[-*•–]\s+\S", re.MULTILINE)
NUMBERED = re.compile(r"^\s*\d{1,3}[.)]\s+\S", re.MULTILINE)
MARKDOWN = re.compile(
    r"^\s{0,3}#{1,6}\s|\*\*[^*\n]+\*\*|__[^_\n]+__|```|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)|^\s*\|.*\||^\s*[-*]\s+\S|^>\s",
    re.MULTILINE,
)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")
# A sentence ends at . ! ? followed by a blank, or at the full stop of Chinese, Japanese or Hindi. A short word with a
# stop ("Mr.", "z. B.", "No. 4") does not end one.
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？।]")
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|mr|mrs|ms|dr|prof|st|no|nr|vs|etc|approx|ca|bzw|usw|inkl|str|tel|e\.g|i\.e|z\.b|d\.h|u\.a)|^\s*\d{1,3})$",
    re.IGNORECASE | re.MULTILINE,
)
COUNTED = re.compile(r"(at most|at least|exactly)\s+(\d{1,6})\s+(word|sentence|line|character|bullet|paragraph)s?")
TEXT = re.compile(r"(starts with|begins with|ends with)\s*:\s*(\S.*)", re.IGNORECASE | re.DOTALL)
LANGUAGE = re.compile(r"(?:language\s*:\s*|in )([a-z]{2})")


@dataclass(frozen=True)
class FormatRule:
    """line: as written. broken_by: what breaks it in a text; "" where it is kept, None where it can't be told."""

    line: str
    broken_by: Callable[[str], str | None]


def parse(line: str) -> FormatRule:
    """The rule that a line states. Raises BadRequest naming the kinds of rules there are."""
    line = " ".join(line.split())
    low = line.casefold().rstrip(".")
    if found := TEXT.fullmatch(line):
        return FormatRule(line, _edge(found[1].casefold() == "ends with", found[2].strip()))
    if found := COUNTED.fullmatch(low):
        return FormatRule(line, _counted(found[1], int(found[2]), found[3]))
    if found := LANGUAGE.fullmatch(low):
        return FormatRule(line, _in_language(found[1]))
    if low in FIXED:
        return FormatRule(line, FIXED[low])
    raise BadRequest(f'the format rule "{line[:60]}" is not understood. There are: {KINDS}.')


def _edge(at_end: bool, wanted: str) -> Callable[[str], str | None]:
    def broken_by(text: str) -> str:
        said, want = " ".join(text.split()).casefold(), wanted.casefold()
        kept = said.endswith(want) if at_end else said.startswith(want)
        if at_end and not kept:  # "Regards" is kept by "Regards." too
            kept = said.rstrip(".!。！ ").endswith(want)
        if kept:
            return ""
        shown = " ".join(text.split())
        return f'ends with "{shown[-SHOWN:]}"' if at_end else f'starts with "{shown[:SHOWN]}"'

    return broken_by


def _counted(bound: str, wanted: int, what: str) -> Callable[[str], str | None]:
    def broken_by(text: str) -> str:
        count = COUNTS[what](text)
        kept = count <= wanted if bound == "at most" else count >= wanted if bound == "at least" else count == wanted
        return "" if kept else f"{count} {what}{'s' * (count != 1)}"

    return broken_by


def _in_language(code: str) -> Callable[[str], str | None]:
    def broken_by(text: str) -> str | None:
        seen = language_of(text)
        return None if seen is None else "" if seen == code else f"language {seen}"

    return broken_by


def sentences(text: str) -> int:
    """How many sentences a text has; a list item or a line without a full stop counts as one."""
    return sum(max(1, _ends(line)) for line in text.splitlines() if words(line))


def _ends(line: str) -> int:
    line = line.strip()
    ends = [
        end for end in SENTENCE_END.finditer(line) if not (end[0] == "." and ABBREVIATION.search(line[: end.start()]))
    ]
    rest = line[ends[-1].end() :] if ends else ""
    return len(ends) + bool(words(rest))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _paragraphs(text: str) -> int:
    return len([part for part in re.split(r"\n\s*\n", text) if part.strip()])


def _without(pattern: re.Pattern[str], what: str) -> Callable[[str], str | None]:
    def broken_by(text: str) -> str:
        found = pattern.search(text)
        return f'{what}: "{found[0].strip()[:SHOWN]}"' if found else ""

    return broken_by


def _with(pattern: re.Pattern[str], what: str) -> Callable[[str], str | None]:
    return lambda text: "" if len(pattern.findall(text)) > 1 or pattern.fullmatch(text.strip()) else f"no {what}"


COUNTS: dict[str, Callable[[str], int]] = {
    "word": lambda text: len(words(text)),
    "sentence": sentences,
    "line": lambda text: len(_lines(text)),
    "character": lambda text: len(text.strip()),
    "bullet": lambda text: len(BULLET.findall(text)) + len(NUMBERED.findall(text)),
    "paragraph": _paragraphs,
}
FIXED: dict[str, Callable[[str], str | None]] = {
    "bullet list": _with(BULLET, "bullet list"),
    "bulleted list": _with(BULLET, "bullet list"),
    "numbered list": _with(NUMBERED, "numbered list"),
    "no list": _without(re.compile(f"{BULLET.pattern}|{NUMBERED.pattern}", re.MULTILINE), "a list"),
    "no markdown": _without(MARKDOWN, "markdown"),
    "no emoji": _without(EMOJI, "an emoji"),
    "no exclamation marks": _without(re.compile("[!！]"), "an exclamation mark"),
    "one paragraph": _counted("exactly", 1, "paragraph"),
}
