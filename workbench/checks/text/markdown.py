"""Finds markdown that is broken: marks without their partner, tables cut, links and pictures that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.checks.text.prose import looks_like_code, without_code

FENCE = re.compile(r"^[ \t]{0,8}(?:>[ \t]?)?(?:[-*\d.]{1,4}[ \t]+)?(```+|~~~+)", re.M)
BOLD = re.compile(r"(?<![*\\])\*\*(?![*/])")
POWER = re.compile(r"[\w)\]]\*\*[(\d]|\)\*\*\w")
RULE = re.compile(r"^[ \t]*(?:\*[ \t]*){3,}$", re.M)
IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,2000}\)")
LINK = re.compile(r"(?<!!)\[[^\[\]\n]{1,200}\]\([ \t]*(?:#|url|link|https?://)?[ \t]*\)", re.I)
OPEN_LINK = re.compile(r"(?<!!)\[[^\[\]\n]{1,200}\]\((?:https?:/?/?[^)\s]{0,500}|/[^)\s]{0,500})?\Z")
SEPARATOR = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$")
STUMP = re.compile(r"^[ \t]*\|?[ \t]*:?-+[ \t:|-]*$")  # the rule of a table, as far as it goes
BETWEEN_WORDS = re.compile(r"[^\W\d_]{3} \*\* [^\W\d_]{3}")
HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]*$", re.M)
ESCAPED = re.compile(r"\\\*\\\*|\\_\\_")
ABOUT_MARKDOWN = re.compile(r"\b(?:markdown|readme|kwargs|glob|exponent\w*|asterisks?|wildcard\w*|mdx?)\b", re.I)


@dataclass(frozen=True)
class Broken:
    """One broken place: characters `start` to `end`, and what is wrong in words."""

    start: int
    end: int
    what: str


def broken_markdown(text: str) -> list[Broken]:
    """The broken markdown of a reply, in order; what is whole is deliberate and is not among it."""
    found: list[Broken] = []
    fences = list(FENCE.finditer(text))
    if len(fences) % 2 and (text.count("```") + text.count("~~~")) % 2:  # one may close behind the last line of code
        found.append(Broken(*fences[-1].span(1), "a code fence without its partner"))
    prose = without_code(text)
    if "](" in prose:
        found += [Broken(*hit.span(), "a picture that the reply cannot hold") for hit in IMAGE.finditer(prose)]
        found += [Broken(*hit.span(), "a link that leads nowhere") for hit in LINK.finditer(prose)]
        found += [Broken(*hit.span(), "a link whose address is cut off") for hit in OPEN_LINK.finditer(prose)]
    if not looks_like_code(text):
        found += _open_bold(prose, text)
        found += [Broken(*hit.span(), "marks of bold that were escaped") for hit in ESCAPED.finditer(prose)]
        found += [Broken(*hit.span(), "a heading without a text") for hit in HEADING.finditer(prose)]
    if "--" in prose and "|" in prose:
        found += _broken_tables(prose)
    return sorted(found, key=lambda broken: broken.start)


def _open_bold(prose: str, text: str) -> Iterator[Broken]:
    """The last mark of bold in a paragraph that holds an odd number of them."""
    if "**" not in prose:
        return
    start = 0
    for paragraph in RULE.sub(lambda rule: " " * len(rule.group()), prose).split("\n\n"):
        marks = [hit for hit in BOLD.finditer(paragraph) if _is_mark(text, start + hit.start())]
        correction = len(marks) == 1 and not paragraph[marks[0].end() :].strip()  # "there** ", as chats have it
        if len(marks) % 2 and not correction and not POWER.search(paragraph):
            yield Broken(start + marks[-1].start(), start + marks[-1].end(), "a mark of bold (**) without its partner")
        start += len(paragraph) + 2


def _is_mark(text: str, at: int) -> bool:
    """Not a power (2**3), a masked word (f**k), a comment of code or stars between blanks, words on either side."""
    before, after = text[max(0, at - 1) : at] or "\n", text[at + 2 : at + 3] or "\n"
    if before.isspace() and after.isspace():
        return before == after == " " and "`**`" not in text and bool(BETWEEN_WORDS.match(text, max(0, at - 4), at + 6))
    if before == "/" and text[max(0, at - 2) : at - 1].strip() == "":
        return False
    return not (before.isalnum() and after.isalnum() and before.isascii() and after.isascii())


def _broken_tables(prose: str) -> Iterator[Broken]:
    """Tables whose head and separator differ, that have no row, or whose last row is cut at the end of the text."""
    lines, start, starts = prose.split("\n"), 0, []
    for line in lines:
        starts.append(start)
        start += len(line) + 1
    for place, line in enumerate(lines):
        if place == 0 or "|" not in lines[place - 1] or "|" not in line:
            continue
        if not SEPARATOR.match(line):
            if (
                STUMP.match(line)
                and not "".join(lines[place + 1 :]).strip()
                and _cells(line) < _cells(lines[place - 1])
            ):
                yield Broken(starts[place], starts[place] + len(line), "a table whose rule is cut off")
            continue
        width, end = _cells(line), place + 1
        while end < len(lines) and "|" in lines[end]:
            end += 1
        whole = (starts[place - 1], starts[place] + len(line))
        last = (starts[end - 1], starts[end - 1] + len(lines[end - 1]))
        nothing_behind = not "".join(lines[end:]).strip()
        if _cells(lines[place - 1]) != width:
            yield Broken(*whole, "a table whose head has another number of columns than its rule")
        elif end == place + 1:
            yield Broken(*whole, "a table without a row")
        elif nothing_behind and _cells(lines[end - 1]) < width:
            yield Broken(*last, "a table whose last row is cut off")


def _cells(line: str) -> int:
    return line.strip().strip("|").replace("\\|", "").count("|") + 1
