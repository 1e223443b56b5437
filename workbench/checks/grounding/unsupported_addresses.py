"""Addresses that were not given

The reply gives a web, e-mail, phone or postal address that stands nowhere in the text that it should rest on. Customers
will call the number that a model made up. Speaks only where the prompt or the system text gives facts to rest on;
questions out of the blue and open tasks are left alone.

Known limits
    An address that stands in the replies of three rows or more is taken for the house's own. Postal addresses are found
    in their English, German, French, Spanish and Italian order. Stand-ins such as example.com are left alone.
Measured
    27 flags in 75,000 rows of real text, all addresses that indeed stood nowhere before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.given import given_text, rests_on_facts
from workbench.checks.safety.personal_patterns import DATE, EMAIL, NOBODY, PHONE, PHONE_WORD
from workbench.checks.safety.pieces import quoted
from workbench.checks.text.prose import without_code
from workbench.rows import Rows

URL = re.compile(
    r"(?<![\w@.-])(?:https?://|www\.)[^\s<>()\[\]\"'`]{3,300}|(?<![\w@./-])(?:[a-z0-9-]{2,40}\.){1,3}(?:com|org"
    r"|net|io|info|shop|store|app|dev|eu|de|fr|es|it|nl|pl|ch|at|uk|us|gov|edu)(?![\w-])(?:/[^\s<>()\[\]\"'`]{0,200})?",
    re.I,
)
STAND_IN = re.compile(r"example\.|yourdomain|your-?(?:site|company|website|store)|domain\.|\.test\b|localhost", re.I)
POSTAL = re.compile(
    r"(?<![\w.])\d{1,5}[a-z]? (?:[NSEW]\.? )?(?:[A-Z][\w'’.-]+ ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln"
    r"|Drive|Dr|Boulevard|Blvd|Square|Court|Ct|Way|Terrace|Place|Highway|Parkway)\b"
    r"|(?<!\w)(?:[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer)"
    r"|(?:[A-ZÄÖÜ][\wäöüß-]+ )(?:Straße|Strasse|Str\.|Weg|Platz|Allee)) ?\d{1,4}[a-z]?(?!\w)"
    r"|(?<!\w)\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|quai|chemin|impasse) (?:d[eu]s? |de la "
    r"|de l')?[A-ZÉÈ][\w'’-]+"
    r"|(?<!\w)(?:calle|avenida|plaza|paseo|via|viale|piazza|corso) (?:d[ei]l? |de la "
    r"|della )?[A-ZÁÉÍ][\w'’-]+(?: [A-ZÁÉÍ][\w'’-]+)?,? (?:n[º°.] ?)?\d{1,4}(?!\w)"
)
WRITTEN = re.compile(r"\+|\(?0\d{1,4}\)?[ /-]\d{2,4}[ -]?\d{3}")  # a number written as phone numbers are
OWN = 3  # rows whose replies hold it: then it is the house's own
DIGITS = re.compile(r"\D")
LIKELY = (
    r"@|://|www\.|\.[a-z]{2,4}\b|[0-9](?:[^0-9A-Za-z\n]{0,3}[0-9]){6}|[0-9] [A-Z]|[a-zß.] ?[0-9]{1,4}"
    r"|[0-9],? (?:rue|avenue|boulevard|place|quai|chemin)"
)
HOTEL = (
    "Facts: the hotel stands by the lake. You reach us under 030 5551 7788 or desk@lakehotel.de. Parking is free "
    "for guests."
)


@check(
    severity="warning",
    scope="set",
    flags=Rows.of(
        (f"{HOTEL}\nAnswer the guest: how do I reach you?", "Call us at 030 5559 2211, please."),
        (f"{HOTEL}\nAnswer the guest: where can I write to?", "Write to info@lakeside-hotel.com, please."),
        (f"{HOTEL}\nAnswer the guest: where are you?", "You find us at 14 Harbour Road."),
    ),
    passes=Rows.of(
        (
            f"{HOTEL}\nAnswer the guest: how do I reach you?",
            "Call us at (030) 5551-7788 or write to desk@lakehotel.de.",
        ),
        ("Where can I read the news?", "On www.bbc.co.uk, for instance."),
    ),
)
def unsupported_addresses(rows: Rows) -> Findings:
    """Measure: how many addresses in the final reply were not given; none where nothing was given to rest on."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    replies = rows.reply
    may = pl.Series(replies, dtype=pl.String).str.contains(LIKELY).arg_true()
    held = {row: found for row in may if (found := list(_addresses(without_code(replies[row]))))}
    rows_with = Counter(key for found in held.values() for key in {key for _, _, _, key in found})
    for row in range(len(rows)):
        if row in held and rests_on_facts(rows, row):
            given = given_text(rows, row).lower()
            digits = DIGITS.sub("", given)
            new = [
                a
                for a in held[row]
                if rows_with[a[3]] < OWN and not (a[3] in digits if a[3].isdigit() else a[3] in given)
            ]
            last = len(rows.messages[row]) - 1
            measure[row] = float(len(new))
            spans[row] = tuple((last, start, end) for start, end, _, _ in new)
            said = ", ".join(f"{kind} {quoted(replies[row][start:end])}" for start, end, kind, _ in new[:3])
            notes[row] = f"stands in the reply and nowhere before it: {said}" if new else ""
    return above(measure, 0, notes, spans)


def _addresses(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, kind, what to look for in the given text) of each address."""
    for found in EMAIL.finditer(text) if "@" in text else ():
        if not NOBODY.search(found.group()) and not STAND_IN.search(found.group()):
            yield *found.span(), "e-mail address", found.group().lower()
    for found in URL.finditer(text) if "." in text else ():
        if not STAND_IN.search(found.group()):
            bare = found.group().rstrip(".,;:!?*_")
            key = re.sub(r"^(?:https?://)?(?:www\.)?", "", bare.lower()).rstrip("/")
            yield found.start(), found.start() + len(bare), "web address", key
    for found in PHONE.finditer(text):
        near = text[max(0, found.start() - 60) : found.end() + 30]
        key = DIGITS.sub("", re.split(r"\s?(?:x|ext)", found.group())[0])
        if not DATE.search(found.group()) and (PHONE_WORD.search(near) or WRITTEN.match(found.group())):
            yield *found.span(), "phone number", key.lstrip("0") or key
    for found in POSTAL.finditer(text):
        yield *found.span(), "postal address", found.group().lower()
