"""Finds personal data in a text by its shape, its check digits and the words beside it.

E-mail, payment card and IBAN carry their own proof (a shape that nothing else has, or check digits); phone numbers and
IP addresses look like many other numbers and count only beside a word such as "phone" or "server". Every pattern is
bounded, so the time grows with the length of the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from workbench.checks.safety.check_digits import luhn as luhn_agrees
from workbench.checks.safety.national_ids import find_national_ids

EMAIL = re.compile(r"(?<![\w.%+-])[\w%+-][\w.%+-]{0,63}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@-])")
# A stand-in at a domain set aside for examples (RFC 2606) belongs to nobody. A person's name at such a domain counts:
# whoever made the row put it in the place of a person, and masked rows should not teach names.
NOBODY = re.compile(
    r"^(?:help|info|support|contact|sales|service|admin|hello|mail|e?mail|me|you|your[\w.-]*|my[\w.-]*|user\d*"
    r"|name|someone"
    r"|somebody|test|example|noreply|no-reply|customer|first\.?last|username)"
    r"@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|test|invalid|localhost)$",
    re.I,
)
CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){11,18}(?![\w-])(?!\.\d)")
IBAN_HEAD = re.compile(r"(?<!\w)(?:[A-Z]{2}|[a-z]{2})\d{2}(?=[ -]?[A-Za-z0-9])")
SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
TWO_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")  # in every IPv6 address, and quicker to look for
PHONE = re.compile(
    r"(?<![\w.,$€£#/-])(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){6,14}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\w|-\d)(?![.,:/]\d)"
)

# What all kinds but e-mail need; most texts have none, and looking for it is quick.
NUMBER = re.compile(
    r"\d(?:[^\w\n]{0,3}\d){6}|[A-Z]{6}\d{2}[A-Z]\d{2}|[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]{4}|\d\.\d{1,3}\.\d"
    r"|[0-9A-Fa-f]:[0-9A-Fa-f:]{2}"
)

# Card ranges by issuer and their lengths (ISO/IEC 7812): Luhn alone passes one number in ten.
CARD_RANGES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|(?:1800|2131)\d{11}"
    r"|(?:50[0-9]\d|5[6-8]\d\d|6[0-9]\d\d)\d{8,15}"
)
# Characters of an IBAN by country (SWIFT IBAN registry).
IBAN_LENGTH = {
    code: int(length)
    for length, codes in {
        "15": "NO",
        "16": "BE",
        "18": "DK FO FI GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU XK",
        "21": "HR LV LI CH",
        "22": "BG BH CR GE IE ME RS GB DE VA",
        "23": "AE GI IL IQ TL OM SO",
        "24": "AD CZ MD PK RO SA SK ES SE TN VG",
        "25": "PT ST LY",
        "26": "IS TR",
        "27": "BI FR GR IT MC MR SM DJ",
        "28": "AL AZ BY CY DO GT HU LB PL SV NI",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for code in codes.split()
}

PHONE_WORD = re.compile(
    r"(?<!\w)(?:(?:tele|smart|cell)?phones?|telephone|tel|call|calling|answering|dial|mobile|cell|fax|whatsapp|sms"
    r"|text me|hotline|ring|reach (?:me|us|him|her)|contact|(?:my|his|her|your) number"
    r"|telefon\w*|tel[eé]fono|t[ée]l[ée]phone"
    r"|m[oó]vil|handy|mobil\w*|cellulare|telefone|celular|电话|手机|電話|전화|телефон|тел)(?!\w)",
    re.I,
)
IP_WORD = re.compile(
    r"(?<!\w)(?:ips?|ipv[46]|hosts?|server|address\w*|adresse|login|logged in|connect\w*|ping)(?!\w)", re.I
)
BEFORE, AFTER = 60, 30  # characters in which the context word must stand
# Free-call numbers are a company's, not a person's: masking a helpline does harm.
FREE_CALL = re.compile(r"^(?:\+?1)?8(?:00|33|44|55|66|77|88)\d{7}$|^(?:0|\+\d{2})?800\d{5,8}$")
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d)(?!\d)"
)


@dataclass(frozen=True, order=True)
class Span:
    """One piece of personal data: characters `start` to `end` of the text, what kind it is, and the piece itself."""

    start: int
    end: int
    kind: str
    text: str

    @property
    def masked(self) -> str:
        """The piece made unreadable, with just enough left to find it: "m…@….net", or the last two digits."""
        if self.kind == "e-mail address":
            return f"{self.text[0]}…@….{self.text.rsplit('.', 1)[-1]}"
        return f"…{self.text[-2:]}"


def find_personal(text: str) -> list[Span]:
    """The personal data in a text, in order and without overlaps: of two that overlap, the better proven one stays.

    Kinds: "e-mail address", "IBAN", "card number", "social security number", "IP address", "phone number", and those
    of `national_ids`.
    """
    finders = (_emails, _ibans, _nationals, _cards, _ssns, _ips, _phones) if NUMBER.search(text) else (_emails,)
    taken, found = bytearray(len(text)), []
    for finder in finders:
        for span in finder(text):
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
                found.append(span)
    return sorted(found)


def iban_agrees(iban: str) -> bool:
    """True where the two check digits of an IBAN fit the rest. Source: ISO 13616, ISO/IEC 7064 MOD 97-10."""
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for found in EMAIL.finditer(text):
            if not NOBODY.search(found.group()):
                yield Span(*found.span(), "e-mail address", found.group())


def _ibans(text: str) -> Iterator[Span]:
    for head in IBAN_HEAD.finditer(text):
        wanted = IBAN_LENGTH.get(head.group()[:2].upper())
        if wanted is None:
            continue
        end, letters = head.start(), ""
        while len(letters) < wanted and end < len(text):
            if text[end].isascii() and text[end].isalnum():
                letters += text[end]
            elif text[end] not in " -":
                break
            end += 1
        if len(letters) == wanted and not text[end : end + 1].isalnum() and iban_agrees(letters):
            yield Span(head.start(), end, "IBAN", text[head.start() : end])


def _cards(text: str) -> Iterator[Span]:
    for found in CARD.finditer(text):
        groups = re.split(r"[ -]", found.group())
        digits = "".join(groups)
        whole = len(groups) == 1 or min(map(len, groups)) >= 3  # "4 5 6 7 ..." is a row of numbers
        if whole and CARD_RANGES.fullmatch(digits) and luhn_agrees(digits):
            yield Span(*found.span(), "card number", found.group())


def _nationals(text: str) -> Iterator[Span]:
    for start, end, kind in find_national_ids(text):
        yield Span(start, end, kind, text[start:end])


def _ssns(text: str) -> Iterator[Span]:
    for found in SSN.finditer(text):
        yield Span(*found.span(), "social security number", found.group())


def _ips(text: str) -> Iterator[Span]:
    addresses = list(IPV4.finditer(text))
    if TWO_COLONS.search(text):
        addresses += IPV6.finditer(text)
    for found in addresses:
        try:
            public = ip_address(found.group()).is_global
        except ValueError:
            continue
        if public and _beside(IP_WORD, text, *found.span()):
            yield Span(*found.span(), "IP address", found.group())


def _phones(text: str) -> Iterator[Span]:
    for found in PHONE.finditer(text):
        number = found.group()
        digits = re.sub(r"[^\d+]", "", re.split(r"\s?(?:x|ext)", number)[0])
        bare = digits == number and len(digits) < 9  # seven or eight bare digits are mostly an order or a year range
        if bare or DATE.search(number) or FREE_CALL.match(digits) or len(set(digits)) < 3:
            continue
        if _beside(PHONE_WORD, text, *found.span()):
            yield Span(*found.span(), "phone number", number)


def _beside(word: re.Pattern[str], text: str, start: int, end: int) -> bool:
    return bool(word.search(text, max(0, start - BEFORE), start) or word.search(text, end, end + AFTER))
