"""Finds leftovers of web pages in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.checks.text.prose import without_code

ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|rsquo|lsquo|rdquo|ldquo|ndash|mdash|hellip|copy|reg|pound|euro|cent"
    r"|[aeiouAEIOU](?:uml|acute|grave|circ)|szlig|#\d{2,5}|#x[0-9A-Fa-f]{2,4});"
)
# Only tags that a page body is full of; "<name>" or "<b" in prose is something else.
TAG = re.compile(
    r"</?(?:p|br|div|span|li|ul|ol|td|tr|th|table|tbody|font|strong|em|b|i|u|h[1-6]|hr|img|blockquote|sup|sub|a)"
    r"(?:\s+[a-zA-Z-]{1,30}\s*=\s*(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}'))*\s*/?>",
    re.I,
)


@dataclass(frozen=True, order=True)
class Leftover:
    """One leftover: characters `start` to `end`, "HTML entity" or "HTML tag", and the piece."""

    start: int
    end: int
    kind: str
    text: str


def find_markup(text: str) -> list[Leftover]:
    """The leftovers in a text outside its code blocks and inline code, in order."""
    if "<" not in text and "&" not in text:
        return []
    prose = without_code(text)
    return sorted(
        Leftover(*found.span(), kind, found.group())
        for kind, pattern in (("HTML entity", ENTITY), ("HTML tag", TAG))
        for found in pattern.finditer(prose)
    )
