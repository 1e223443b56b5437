"""National identity, tax and health numbers: found by shape, check digits and, mostly, the word beside them.

A number whose digits agree by chance one time in ten or eleven counts only beside a word that says what it is; one with
a shape of its own and a stronger proof (Italian code, formatted CPF, AHV, French NIR ...) counts by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.checks.safety import check_digits


@dataclass(frozen=True)
class NationalId:
    """kind: what a note calls it. word: what must stand near it, if anything. agrees: takes it without separators."""

    kind: str
    shape: re.Pattern[str]
    agrees: Callable[[str], bool]
    word: re.Pattern[str] | None


def _id(kind: str, shape: str, agrees: Callable[[str], bool], word: str = "") -> NationalId:
    whole = re.compile(rf"(?<![\w.,-])(?:{shape})(?!\w|[-.,/]\d)")
    return NationalId(kind, whole, agrees, re.compile(rf"(?<![A-Za-z])(?:{word})", re.I) if word else None)


IDS = (
    _id("Italian tax code", r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", check_digits.italian),
    _id(
        "French social security number",
        r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d"
        r"|2[AB]) ?\d{3} ?\d{3} ?\d\d",
        check_digits.french,
    ),
    _id("Brazilian tax number", r"\d{3}\.\d{3}\.\d{3}-\d\d|\d\d\.\d{3}\.\d{3}/\d{4}-\d\d", check_digits.brazilian),
    _id("Brazilian tax number", r"\d{11}|\d{14}", check_digits.brazilian, r"cpf|cnpj|cadastro|receita"),
    _id("Swiss social security number", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d", check_digits.swiss),
    _id("Belgian national number", r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", check_digits.belgian),
    _id(
        "Belgian national number",
        r"\d{6}[ -]?\d{3}[ .-]?\d\d",
        check_digits.belgian,
        r"rijksregister|national number"
        r"|registre national"
        r"|num[eé]ro national"
        r"|nrn"
        r"|insz"
        r"|niss"
        r"|belgi",
    ),
    _id(
        "Finnish identity code",
        r"(?:0[1-9]|[12]\d|3[01])(?:0\d"
        r"|1[0-2])\d\d[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]",
        check_digits.finnish,
    ),
    _id(
        "Chinese identity number",
        r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d"
        r"|3[01])\d{3}[\dXx]",
        check_digits.chinese,
    ),
    _id(
        "German tax number",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        check_digits.german_tax,
        r"steuer|tax|idnr|identifikationsn"
        r"|tin\b"
        r"|finanzamt",
    ),
    _id(
        "Spanish identity number",
        r"(?:\d{8}|[XYZ]\d{7})[ -]?[A-HJ-NP-TV-Z]",
        check_digits.spanish,
        r"dni|nie\b|nif\b|documento|identidad"
        r"|identif\w+"
        r"|spanish"
        r"|español"
        r"|c[eé]dula"
        r"|ciudadan",
    ),
    _id(
        "Dutch citizen number",
        r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}"
        r"|\d{3}[. ]\d{3}[. ]\d{3}",
        check_digits.dutch,
        r"bsn|burgerservice\w*|sofi|citizen service",
    ),
    _id("NHS number", r"\d{3}[ -]?\d{3}[ -]?\d{4}", check_digits.british, r"nhs\b|national health"),
    _id("Polish PESEL", r"\d{11}", check_digits.polish, r"pesel"),
    _id("Aadhaar number", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", check_digits.verhoeff, r"aad?haa?r|uidai|uid\b|आधार"),
    _id(
        "Portuguese tax number",
        r"[1235-9]\d{2} ?\d{3} ?\d{3}",
        check_digits.portuguese,
        r"nif\b|contribuinte|n[uú]mero fiscal"
        r"|portug",
    ),
    _id(
        "Swedish personal number",
        r"(?:19|20)?\d{6}[-+ ]?\d{4}",
        check_digits.swedish,
        r"person(?:al)? ?(?:nummer|number|nr"
        r"|n[oº]\b"
        r"|id)"
        r"|samordningsnummer"
        r"|swedish",
    ),
    _id(
        "Norwegian birth number",
        r"\d{6} ?\d{5}",
        check_digits.norwegian,
        r"f[øo]dsels ?nummer|personnummer|fnr\b"
        r"|norwegian",
    ),
    _id(
        "Canadian social insurance number",
        r"[1-79]\d{2}[- ]?\d{3}[- ]?\d{3}",
        check_digits.canadian,
        r"sin\b|social insurance|nas\b"
        r"|assurance sociale",
    ),
)
# A part of every one of the shapes; most texts hold none, and are not looked through for each of them.
ANY = re.compile(r"\d(?:[ ./+-]?\d){8}|\d{7}[ -]?[A-Z]|\d{6}[-+A-FU-Y]\d{3}|2[AB] ?\d{3}|[A-Z]{6}\d\d[A-Z]")
BEFORE, AFTER = 60, 40  # characters in which the word must stand
SEPARATORS = re.compile(r"[ ./-]")


def find_national_ids(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each national number in the text."""
    for one in IDS if ANY.search(text) else ():
        if one.word and not one.word.search(text):
            continue
        for found in one.shape.finditer(text):
            if one.agrees(SEPARATORS.sub("", found.group())) and _beside(one.word, text, *found.span()):
                yield *found.span(), one.kind


def _beside(word: re.Pattern[str] | None, text: str, start: int, end: int) -> bool:
    return word is None or bool(word.search(text, max(0, start - BEFORE), start) or word.search(text, end, end + AFTER))
