"""Licence and source marks

Marks that a text was taken from somewhere: copyright lines, "All rights reserved", SPDX identifiers, names of picture
agencies beside a credit, Creative Commons and other licences, "Source: https://...", "Originally published on ...".
Such a text may not be yours to train on, and the model learns to write the mark. Where the owner declared licences on
the sheet, a row whose own licence (a tag, or a field named licence) is not among them is flagged as well.

Known limits
    A conversation that asks about copyright or licences is left alone, and so are references that were asked for. A
    text taken without its mark is not found. English marks, and the commonest of German, French and Spanish.
Source
    SPDX licence list for the identifiers; the patterns are this project's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from workbench.checks.check import Findings, check
from workbench.checks.context import Context
from workbench.checks.safety.pieces import Piece, flag_pieces, likely_turns, quoted
from workbench.rows import Rows, message
from workbench.sheet import Sheet

YEAR = r"(?:19|20)\d\d"
MARKS = {
    "copyright line": (
        rf"(?:(?<!Ã)©|\(c\)|copyright|&copy;)[ ,:]{{0,3}}(?:©"
        rf"|\(c\))?[ ,]{{0,2}}(?:by [\w .&-]{{2,40}},? )?{YEAR}(?:[-–,] ?{YEAR})?"
        r"|(?:(?<!Ã)© |copyright ©|copyright \(c\)) ?(?:by )?(?-i:[A-Z][a-z\w.&'-]+(?: [A-Z][\w.&'-]+){0,4})"
    ),
    "rights reserved": r"all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados",
    "SPDX identifier": r"SPDX-License-Identifier: ?[\w.+-]{2,40}",
    "picture credit": (
        r"(?:photo(?:graph)?|image|picture|credit|foto|bild)[\w ]{0,12}(?:by|:|credit|courtesy of|©)[^\n.]{0,60}?"
        r"(?:getty(?: images)?|shutterstock|istock(?:photo)?|adobe ?stock|alamy|unsplash|reuters|dpa|afp)"
        r"|(?:shutterstock|istockphoto|gettyimages|alamy|depositphotos|dreamstime|123rf)\.com ?[·|/:#–-] ?#?\d{5,12}\b"
        r"|(?-i:\b(?:Reuters|REUTERS|AFP|AP Photo|dpa|EPA|Getty Images|Magnum) ?/ ?[A-Z][\w.'’-]+ [A-Z][\w'’-]+)"
        r"|[\w .]{2,40}/ ?(?:getty images|shutterstock|istockphoto|alamy|afp)|via (?:getty images|shutterstock|alamy)"
    ),
    "licence": (
        r"\bCC[ -](?:BY|0)(?:[ -](?:NC|SA|ND)){0,2}(?:[ -]\d\.\d)?\b|creativecommons\.org/licenses/[\w./-]{2,30}"
        r"|licen[sc]ed under (?:the |a )?(?:terms of (?:the )?)?[\w .-]{2,60}?licen[sc]e"
        r"|GNU (?:Lesser |Affero )?General Public License|subject to the terms of the (?:Mozilla|Apache"
        r"|MIT)[\w ]{2,30}licen[sc]e"
    ),
    "source": (
        r"(?:^|\n|[.(\[] ?)(?:source|quelle|fuente|fonte|retrieved from|via|taken from"
        r"|cited from)s?: ?(?:\[[^\]\n]{1,60}\]\()?"
        r"(?:https?://|www\.)[^\s)\]]{4,200}|retrieved (?:\w+ \d{1,2},? \d{4},? )?from https?://[^\s)\]]{4,200}"
        r"|(?:read|see|find|view) (?:the )?(?:original|full|whole) (?:article|story|post|text|report) (?:here"
        r"|at|on)\b[^\n.]{0,20}?(?:https?://|www\.)[^\s)\]]{4,200}"
        r"|this (?:article|post|story|text|piece|essay) (?:was |is |has )?(?:been )?(?:originally "
        r"|first )?(?:published|appeared) (?:on|at|in|by) [^\n.]{2,60}"
        r"|(?:^|\n|[(*_] ?)originally (?:published|appeared|posted) (?:on|at|in|by) [^\n.]{2,60}"
        r"|re(?:printed|produced|published) (?:here )?(?:with|by) (?:kind )?permission|zuerst erschienen (?:in"
        r"|auf|bei) [A-Z][^\n.]{2,40}"
    ),
}
KINDS = list(MARKS)
# One of which, in small letters, stands in every mark of the kind: a text is read for the kinds that it may have.
HELD = {
    "copyright line": ("©", "(c)", "copyright", "&copy;"),
    "rights reserved": ("rights reserved", "rechte vorbehalten", "droits réserv", "derechos reserv"),
    "SPDX identifier": ("spdx-",),
    "picture credit": (
        *("getty", "shutterstock", "istock", "adobe", "alamy", "unsplash", "reuters", "dpa", "afp", "depositphotos"),
        *("dreamstime", "123rf", "ap photo", "epa /", "epa/", "magnum"),
    ),
    "licence": (
        *("cc by", "cc-by", "cc 0", "cc-0", "creativecommons", "licensed under", "licenced under", "public license"),
        "terms of the",
    ),
    "source": ("http", "www.", "published", "appeared", "posted", "permission", "erschienen"),
}
LIKELY = (
    *(
        "©",
        "(c)",
        "copyright",
        "&copy;",
        "rights reserved",
        "rechte vorbehalten",
        "droits réserv",
        "derechos reserv",
        "spdx-",
    ),
    *(
        "getty",
        "shutterstock",
        "istock",
        "adobe stock",
        "adobestock",
        "alamy",
        "unsplash",
        "reuters",
        "cc by",
        "cc-by",
        "cc0",
    ),
    *(
        "cc-0",
        "cc 0",
        "creativecommons",
        "licensed under",
        "licenced under",
        "public license",
        "terms of the",
        "retrieved",
    ),
    *(
        "source: ",
        "source:h",
        "sources: ",
        "quelle: ",
        "fuente: ",
        "fonte: ",
        "via: http",
        "taken from: ",
        "cited from: ",
    ),
    *(
        "published on",
        "published in",
        "published by",
        "published at",
        "appeared in",
        "appeared on",
        "permission",
        "erschienen",
    ),
    *("/afp", "/ afp", "afp/", "ap photo", "dpa/", "epa/", "magnum", "depositphotos", "dreamstime", "123rf"),
    *("original article", "original story", "original post", "full article", "full story", "full report", "full text"),
)
ASKED_ABOUT = re.compile(
    r"copyright|licen[sc]|\bcc[ -]by|trademark|intellectual property|creative commons|open[- ]source|footer"
    r"|urheber|lizenz|derechos de autor"
    r"|droits? d'auteur|\bcit(?:e|ation|ations)\b|references?\b|bibliograph|\bsources?\b|stock photo|\bapa\b|\bmla\b",
    re.I,
)
NAMED = re.compile(r"licen[sc]e", re.I)
SAMPLE = [message("user", "Describe the lake."), message("assistant", "A lake of 12 km in a valley of firs.")]


@check(
    severity="warning",
    flags=Rows.of(
        "The lake is 12 km long. © 2019 Alpine Press. All rights reserved.",
        "A sunset over the bay (Photo by J. Doe/Getty Images).",
        "The lake is 12 km long.\nSource: https://www.alpine-press.com/lakes",
    ).plus(Rows.from_records([{"row_id": "own", "messages": SAMPLE, "tags": ["licence:CC-BY-NC-4.0"]}])),
    passes=Rows.of(
        "The lake is 12 km long, and its source is a glacier.",
        ("What does CC BY-NC mean?", "CC BY-NC allows use that is not commercial."),
        "(a) open the lid, (b) pour the water, (c) close the lid",
    ).plus(Rows.from_records([{"row_id": "own", "messages": SAMPLE, "tags": ["licence:CC-BY-4.0"]}])),
    example=Context(sheet=Sheet(licences=("CC-BY-4.0", "Apache-2.0"))),
)
def licence_marks(rows: Rows, context: Context) -> Findings:
    """Measure: number of marks in the row's turns, and 1 more where its own licence is not on the sheet."""
    likely = likely_turns(rows, LIKELY)
    asks_about = cache(lambda row: bool(ASKED_ABOUT.search(rows.prompt[row])))
    found = flag_pieces(
        rows, likely, _marks, excused=lambda row, piece: piece.kind != "SPDX identifier" and asks_about(row)
    )
    allowed = {_plain(licence) for licence in context.sheet.licences}
    if not allowed:
        return found
    measure, note = found.measure.to_list(), list(found.note)
    for row, (tags, extra) in enumerate(rows.frame.select("tags", "extra").iter_rows()):
        if foreign := [own for own in _own_licences(tags or [], extra) if _plain(own) not in allowed]:
            said = f"the row's own licence {quoted(foreign[0])} is not among those on the sheet"
            measure[row], note[row] = (measure[row] or 0.0) + 1, "; ".join(filter(None, [said, note[row]]))
    return Findings(type(found.measure)("measure", measure, dtype=found.measure.dtype), 0, "above", note, found.spans)


@cache
def _pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<k{KINDS.index(kind)}>{MARKS[kind]})" for kind in kinds), re.I)


def _marks(text: str) -> Iterator[Piece]:
    small = text.lower()
    kinds = tuple(kind for kind, words in HELD.items() if any(word in small for word in words))
    for found in _pattern(kinds).finditer(text) if kinds else ():
        start = found.end() - len(found.group().lstrip("\n.([ "))
        yield Piece(start, found.end(), KINDS[int((found.lastgroup or "k0")[1:])], quoted(text[start : found.end()]))


def _own_licences(tags: list[str], extra: str | None) -> Iterator[str]:
    """The licences that a row states of itself, in tags such as "licence:mit" and in fields such as "license"."""
    for tag in tags:
        name, _, value = (tag or "").partition(":")
        if value and NAMED.search(name):
            yield value.strip()
    if extra and NAMED.search(extra):
        try:
            fields = json.loads(extra)
        except ValueError:
            return
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if NAMED.search(name) and isinstance(value, str) and value.strip():
                yield value.strip()


def _plain(licence: str) -> str:
    """Letters and digits alone, so that "CC BY 4.0" is "cc-by-4.0"."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"licen[sc]e", "", licence.lower()))
