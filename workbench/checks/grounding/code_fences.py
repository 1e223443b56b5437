"""The fenced code blocks of a text, as CommonMark closes them, and what is broken in them."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = re.compile(r"^(?P<indent> {0,8})(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.M)
LONGEST = 60_000  # characters of a block that are parsed


@dataclass(frozen=True)
class Block:
    """Characters `start` to `end` of the text lie inside the fence; `opening` is where the fence begins."""

    opening: int
    start: int
    end: int
    language: str
    closed: bool
    code: str


def fenced_blocks(text: str) -> Iterator[Block]:
    """The blocks in order. Source: CommonMark 0.31, section 4.5: closed by as many marks or more, and nothing else."""
    opened: re.Match[str] | None = None
    for fence in FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence["mark"].startswith(opened["mark"]) and not fence["info"].strip():
            yield _block(text, opened, fence.start(), closed=True)
            opened = None
    if opened is not None:
        yield _block(text, opened, len(text), closed=False)


def _block(text: str, opened: re.Match[str], end: int, *, closed: bool) -> Block:
    start = min(opened.end() + 1, len(text), end)
    language = (opened["info"].strip().split() or [""])[0].strip("{}.").lower()
    return Block(opened.start(), start, end, language, closed, text[start:end])


PYTHON = {"python", "py", "python3"}
SESSION = re.compile(r"^\s*(?:>>> |\.\.\. |\$ |% |In \[\d+\]:|!\w|%\w|%%|[+-]{3} |@@ )", re.M)
LEFT_OUT = re.compile(r"^\s*(?:\.{3,}|…)|\.\.\.\s*$|…|<[A-Za-z][\w ]*>|\[(?:your|insert|add)\b|#\s*\.\.\.", re.M | re.I)
DIFF = re.compile(r"^[+-][^-+\d\s]", re.M)
FRAGMENT = re.compile(r"^\s*(?:elif\b|else\s*:|except\b|finally\s*:|case\b)")
PRINT_2 = re.compile(
    r"^\s*(?:print(?!\s*\()\s*[\"'\w(%]|exec\s+[\"'\w]|raise \w+, |except [\w.]+, \w+:)|<>|\bxrange\(.*\bprint\s", re.M
)
EMPTY_BODY = re.compile(r":\s*(?:#[^\n]*)?\n(?:\s*#[^\n]*\n?)+\s*(?:$|\n)")


def python_fault(code: str) -> tuple[str, int] | None:
    """What keeps a block from being Python and the line (from 1), None where nothing does or where nobody can tell.

    Sessions, diffs, ellipses, stand-ins and fragments are left out. Python 2 is told as such, in brackets.
    """
    plain = textwrap.dedent(code.replace("\u00a0", " ")).strip("\n")
    if not plain.strip() or len(plain) > LONGEST or SESSION.search(plain) or FRAGMENT.match(plain):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(plain)
    except SyntaxError as error:
        said = error.msg or "not Python"
        if PRINT_2.search(plain):
            return "(written for Python 2)", error.lineno or 1
        if LEFT_OUT.search(plain) or DIFF.search(plain) or "f-string" in said or EMPTY_BODY.search(plain + "\n"):
            return None
        return said, min(error.lineno or 1, plain.count("\n") + 1)
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


JSON_LEFT_OUT = re.compile(r"\.\.\.|…|^\s*//|/\*|^\s*#|\s//\s|<[A-Za-z_][\w -]*>|\{\{|\$\{", re.M)


def json_fault(code: str) -> tuple[str, int] | None:
    """What keeps a block from being JSON and the line; comments, ellipses and several documents are left out."""
    plain = code.strip()
    if not plain or len(plain) > LONGEST or JSON_LEFT_OUT.search(plain) or plain[0] not in '[{"':
        return None
    try:
        json.loads(plain)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and _several(plain):
            return None
        leading = code[: len(code) - len(code.lstrip())].count("\n")
        return error.msg, error.lineno + leading
    except (RecursionError, ValueError):
        return None
    return None


def _several(text: str) -> bool:
    """True for JSON lines and for documents one after the other."""
    decoder, place = json.JSONDecoder(), 0
    try:
        while place < len(text):
            _, place = decoder.raw_decode(text, place)
            while place < len(text) and text[place] in " \t\r\n,":
                place += 1
    except (ValueError, RecursionError):
        return False
    return True
