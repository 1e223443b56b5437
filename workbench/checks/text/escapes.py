r"""Finds escapes such as \n that stand in a text as two characters where a line break was meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.checks.text.prose import looks_like_code, without_code

ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*|r\\n|[nrt]|[\"'])")
SIMPLE = {"\\n": "\n", "\\t": "\t", "\\r\\n": "\n", "\\r": "\n", '\\"': '"', "\\'": "'"}
# Commands of TeX that begin like an escape: the longest are enough, as any of them may go on.
TEX = re.compile(
    r"\\(?:n(?:abla|e(?:q|g|w|arrow|xists)?|u|ot|i|mid|leq|geq|subset|orm|ode|pprox|olimits|onumber|ewline|ewcommand)"
    r"|t(?:ext|imes|heta|au|an|ilde|o|op|riangle|frac|binom|itle|able|hin|hick|herefore|ag|wo)"
    r"|r(?:ight|ho|angle|floor|ceil|m|ightarrow|ef|aise|brace|brack|e)|u(?:psilon|parrow|nder|psi|plus|sepackage))"
    r"(?![a-z]{6})"
)
MATHS = re.compile(
    r"\$[^$\n ]{0,60}\\[a-z]{2,}[^$\n]{0,100}\$|\\[\[(]"
    r"|\\begin\{|\\(?:frac|sqrt|sum|int|cdot|left|alpha|beta|pi|mathbb)\b"
)
# A drive, a share, folders. Behind "vertex C:\n" and between "bloom\nPink\nSpring" stand line breaks, and no names.
PATH = re.compile(r"\b[A-Za-z]:\\(?!n(?:\\n|[^a-z]))|(?<!\S)\\\\\w|\w\\(?![ntr](?:[A-Z]|\\)|x[0-9a-f]{2}\\x)\w{2,}\\\w")
CODE = re.compile(r"\bdef \w+\(|\bfor \w+ in range\(|\bconsole\.log|\bprintf?\(|\bSystem\.out|#include")
ABOUT_ESCAPES = re.compile(
    r"\b(?:escap\w+|newlines?|new line characters?|line ?breaks?|regex\w*|regular expression\w*|backslash\w*|json"
    r"|latex"
    r"|code|python|javascript|java|c\+\+|c#|php|sql|bash|shell|perl|ruby|string literal\w*|unicode|ascii|csv|tsv"
    r"|delimiter\w*|programming|strings?|html|css|printf?|tab[- ]separated|carriage)\b"
    r"|换行|转义|字符串|代码",
    re.I,
)
CERTAIN = 3  # line breaks, none of them a real one, that no talk of code explains
FEWEST_ALONE = 2  # of \t, \' and \": one alone may be meant


@dataclass(frozen=True)
class Escape:
    """One escape: characters `start` to `end`, the piece, and the character it stands for."""

    start: int
    end: int
    text: str
    instead: str


def find_escapes(text: str) -> list[Escape]:
    """The literal escapes in a text that is no code, formula, path or JSON, in order."""
    if "\\" not in text or text.lstrip()[:1] in ("{", "[") or MATHS.search(text) or PATH.search(text):
        return []
    if CODE.search(text):
        return []
    prose = without_code(text)
    found = [
        Escape(*hit.span(), hit.group(), _meant(hit.group()))
        for hit in ESCAPE.finditer(prose)
        if not TEX.match(prose, hit.start()) and not _quoted(prose, hit)
    ]
    sure = [
        one
        for one in found
        if one.text in ("\\n", "\\r\\n") or one.text.startswith(("\\u", "\\x")) or _apostrophe(prose, one)
    ]
    if (not sure and len(found) < FEWEST_ALONE) or looks_like_code(text):
        return []
    return found


def _apostrophe(text: str, one: Escape) -> bool:
    """An escaped apostrophe inside a word: It\\'s."""
    return one.text == "\\'" and text[one.start - 1 : one.start].isalpha() and text[one.end : one.end + 1].isalpha()


def _quoted(text: str, hit: re.Match[str]) -> bool:
    """Behind another backslash, or alone between quotation marks: split("\\n")."""
    before, after = text[max(0, hit.start() - 1) : hit.start()], text[hit.end() : hit.end() + 1]
    return before == "\\" or (before in ("'", '"') and before == after)


def speaks_of_escapes(conversation: str, text: str) -> bool:
    """Whether a conversation is about escapes or code, and this text of it is not plainly one long line of prose."""
    breaks = text.count("\\n")
    one_line = "\n" not in text.strip() and (breaks >= CERTAIN or "\\n\\n" in text) and "`" not in text
    if one_line and not looks_like_code(text.replace("\\n", "\n")):
        return False
    return bool(ABOUT_ESCAPES.search(conversation))


def _meant(piece: str) -> str:
    if piece[1] == "u":
        return chr(int(piece[2:], 16))
    if piece[1] == "x":  # bytes, as a program prints them: of UTF-8, or letters of Latin-1
        code = bytes.fromhex(piece.replace("\\x", ""))
        try:
            return code.decode("utf-8")
        except UnicodeDecodeError:
            return code.decode("latin-1")
    return SIMPLE[piece]


def unescaped(text: str) -> str:
    """The text with its literal escapes turned into what they stand for."""
    parts, place = [], 0
    for one in find_escapes(text):
        parts += [text[place : one.start], one.instead]
        place = one.end
    whole = "".join([*parts, text[place:]])
    # \\ud83d\\ude00 are the two halves of one character; a half without the other cannot be saved as text
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if place else whole
