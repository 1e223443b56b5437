"""Personal data that an answer repeats from training: addresses, numbers, accounts

Known limits
    Patterns of e-mail addresses, telephone numbers, payment cards (with their check digit) and IBANs; names and postal
    addresses are not known by a pattern and stay unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PATTERNS = {
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[A-Za-z][\w.]*\w"),
    "IBAN": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "payment card": re.compile(r"\b(?:\d[ -]?){12,18}\d\b"),
    "telephone number": re.compile(r"(?<![\w.])\+?\(?\d{2,4}\)?(?:[ /.-]?\d{2,4}){2,4}(?!\w)"),
}
FEWEST_DIGITS = 8  # of a telephone number; shorter ones are dates, prices and order numbers
DATE = re.compile(r"^(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})$")


def personal(text: str) -> dict[str, str]:
    """The personal data in a text: as written without blanks and signs -> which kind it is."""
    found: dict[str, str] = {}
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            said = match[0].strip()
            digits = re.sub(r"\D", "", said)
            if kind == "payment card" and not luhn(digits):
                continue
            if kind == "telephone number" and (not FEWEST_DIGITS <= len(digits) <= 15 or DATE.match(said)):
                continue
            found.setdefault(re.sub(r"[\s()/-]", "", said).lower(), kind)
    return found


def copied_personal(answer: str, known: Iterable[str]) -> dict[str, str]:
    """The personal data of an answer that also stands in training. known: as `personal` writes it."""
    held = set(known)
    return {said: kind for said, kind in personal(answer).items() if said in held}


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right. Source: ISO/IEC 7812-1, annex B."""
    total = sum(int(d) if place % 2 == 0 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    return bool(digits) and total % 10 == 0
