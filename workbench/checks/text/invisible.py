"""Finds characters that nobody sees, and letters that look like those of another script."""

from __future__ import annotations

import re
from dataclasses import dataclass

# In both engines, Python's and that of Polars: controls but tab and line ends, zero width, marks of direction, tags.
SUSPECT = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
MIXED = "[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]"
FOUND = re.compile(SUSPECT)
WORD = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]+")
TERMINAL = re.compile("\x1b\\[[0-9;?]{0,20}[A-Za-z]")  # a colour or a cursor move of a terminal, in one piece

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")  # Hebrew, Arabic, Syriac and their kin
JOINED = re.compile("[\u0600-\u08ff\u0900-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefe]")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff]")
FLAG = "\U0001f3f4"  # followed by tags it is the flag of a region, such as Scotland
BROKEN_BYTE = re.compile("[\u00c2-\u00f4\u0080-\u00bf]")  # beside one of these a C1 control is broken encoding

NAMES = {
    "\u00ad": "a soft hyphen",
    "\u200b": "a zero-width space",
    "\u200c": "a zero-width non-joiner",
    "\u200d": "a zero-width joiner",
    "\u2060": "a word joiner",
    "\ufeff": "a byte order mark",
    **dict.fromkeys("\u202d\u202e", "a direction override"),
    **dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069", "a mark of direction"),
}

# A command of TeX whose backslash and first letter were read as one control character: \frac, \beta, \vec, \alpha.
LOST_TEX = {
    "\x0c": ("f", r"rac|orall|lat"),
    "\x08": ("b", r"eta|egin|ar\b|inom|oldsymbol|mod|ig"),
    "\x0b": ("v", r"ec|ee\b|artheta|dots"),
    "\x07": ("a", r"lpha|pprox|ngle"),
}

# Letters of Cyrillic and Greek that print as Latin ones.
CYRILLIC = dict(zip("аеорсухіјѕԁһԛԝАВЕЅІЈКМНОРСТХУ", "aeopcyxijsdhqwABESIJKMHOPCTXY", strict=True))
GREEK = dict(zip("οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oABEZHIKMNOPTYX", strict=True))
TO_LATIN = {**CYRILLIC, **GREEK}
TO_CYRILLIC = {latin: cyrillic for cyrillic, latin in CYRILLIC.items()}
FEWEST_LETTERS = 4  # of a word: "Tο" may be chance, and formulas are short


@dataclass(frozen=True)
class Hidden:
    """One place: characters `start` to `end`, what it is in words, and what should stand there."""

    start: int
    end: int
    what: str
    instead: str


def find_hidden(text: str) -> list[Hidden]:
    """The invisible characters and the words of mixed script in a text, in order; those that belong there are not."""
    found: list[Hidden] = []
    end = 0
    for hit in FOUND.finditer(text):
        if hit.start() < end or _belongs(text, hit.start()):
            continue
        escape = TERMINAL.match(text, hit.start())
        end = escape.end() if escape else hit.end()
        found.append(Hidden(hit.start(), end, _name(hit.group()), _meant(text, hit)))
    if re.search(MIXED, text):
        found += [hidden for word in WORD.finditer(text) if (hidden := _lookalike(word))]
    return sorted(found, key=lambda hidden: hidden.start)


def _meant(text: str, hit: re.Match[str]) -> str:
    """What should stand in the place of an invisible character: mostly nothing."""
    char = hit.group()
    letter, rest = LOST_TEX.get(char, ("", ""))
    if rest and re.match(rest, text[hit.end() : hit.end() + 12]):
        return "\\" + letter
    if "\x80" <= char <= "\x9f":  # Windows-1252 read as Latin-1: \x92 was an apostrophe
        return char.encode("latin-1").decode("cp1252", "ignore")
    return "\n" if char in "\x0b\x0c" else ""


def _name(char: str) -> str:
    code = f"U+{ord(char):04X}"
    if char < " " or "\x7f" <= char <= "\x9f":
        return f"a control character ({code})"
    return f"{NAMES.get(char, 'an invisible character')} ({code})"


def _belongs(text: str, at: int) -> bool:
    """Whether the character at this place does its proper work in the writing around it."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in "\u200c\u200d":
        joins = JOINED.match(before) and (JOINED.match(after) or not after.strip())
        return bool(joins or (EMOJI.match(before) and EMOJI.match(after)))
    if char == "\u200b":
        return bool(UNSPACED.match(before) or UNSPACED.match(after))
    if char in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return bool(RTL.search(text))
    if char in "\u115f\u1160\u3164\uffa0":
        return bool(HANGUL.match(before) or HANGUL.match(after))
    if "\U000e0020" <= char <= "\U000e007f":
        return FLAG in text[max(0, at - 8) : at]
    if char == "\u00ad" or "\x80" <= char <= "\x9f":  # left to `mojibake`, which can say what it was
        return bool(BROKEN_BYTE.match(before) or (char != "\u00ad" and BROKEN_BYTE.match(after)))
    return char in "\u17b4\u17b5\u034f" and bool(JOINED.match(before) or RTL.search(text))


def _lookalike(word: re.Match[str]) -> Hidden | None:
    """A word in which the letters of one script stand only to look like those of another."""
    letters = word.group()
    if len(letters) < FEWEST_LETTERS or letters.isascii():
        return None
    latin = [letter for letter in letters if letter < "\u0250"]
    other = [letter for letter in letters if letter >= "\u0370"]
    if not latin or not other:
        return None
    if len(other) <= len(latin) and all(letter in TO_LATIN for letter in other):
        fresh = "".join(TO_LATIN.get(letter, letter) for letter in letters)
    elif min(other) >= "\u0400" and all(letter in TO_CYRILLIC for letter in latin):
        fresh = "".join(TO_CYRILLIC.get(letter, letter) for letter in letters)
    else:
        return None
    scripts = "Latin and Greek" if max(other) < "\u0400" else "Latin and Cyrillic"
    return Hidden(*word.span(), f'the word "{letters}", of {scripts} letters that look alike', fresh)


def without_hidden(text: str) -> str:
    """The text with its invisible characters taken out and its words in one script."""
    parts, place = [], 0
    for hidden in find_hidden(text):
        parts += [text[place : hidden.start], hidden.instead]
        place = max(place, hidden.end)
    return "".join([*parts, text[place:]])
