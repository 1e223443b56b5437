"""Personal data

E-mail addresses, payment cards, bank accounts (IBAN), phone and IP numbers and national identity, tax and health
numbers in any turn. A model can recite what it was trained on, so they should be masked before training.

National numbers count when their check digits agree: US social security number (no check digit, but a shape of its
own), Italian codice fiscale, French NIR, Brazilian CPF and CNPJ, Swiss AHV, Belgian, Finnish and Chinese identity
numbers; and, beside a word that says what they are, German tax number, Spanish DNI and NIE, Dutch BSN, UK NHS number,
Polish PESEL, Indian Aadhaar, Portuguese NIF, Swedish, Norwegian and Canadian (SIN) numbers.

Known limits
    Names, street addresses and the national numbers of other countries are not found. Phone and IP numbers count only
    beside a word that says what they are. Free-call numbers, private network addresses and stand-ins such as
    you@example.com are left alone: they belong to nobody.
Measured
    Presidio, 1,500 synthetic texts: precision 1.00 for every kind; recall 1.00 for e-mail, card, IBAN and social
    security numbers, 0.91 for IP and 0.79 for phone numbers. The context words were chosen with these texts in sight.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from workbench.checks.check import Findings, check
from workbench.checks.safety.personal_patterns import find_personal
from workbench.checks.safety.pieces import Piece, flag_pieces
from workbench.rows import Rows

# What every piece but an e-mail address holds, for the Rust regex crate: seven digits not far apart, or the like.
NUMBER_LOOSE = (
    r"[0-9](?:[^0-9A-Za-z\n]{0,3}[0-9]){6}|[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]{4}|[0-9]\.[0-9]{1,3}\.[0-9]"
    r"|[0-9A-Fa-f]:[0-9A-Fa-f:]{2}|[A-Z]{6}[0-9]{2}[A-Z]"
)


@check(
    severity="warning",
    edition=2,
    flags=Rows.of(
        "Write to maria.lopez@northmail.net and ask.",
        "Pay to DE89 3704 0044 0532 0130 00 by Friday.",
        "The card was 4111 1111 1111 1111.",
        "You can call her on +1 (212) 555-7890.",
    ),
    passes=Rows.of(
        "Write to help@example.com.",
        "Your order 4821 7730 1192 ships on 2024-05-17.",
        "Version 10.4.2.1 fixes this.",
        "Call our free line, 1-800-555-7890.",
    ),
    mend="mask_personal_data",
)
def personal_data(rows: Rows) -> Findings:
    """Measure: number of pieces of personal data in the row's turns."""
    content = pl.col("content")
    likely = rows.turns.filter(content.str.contains("@", literal=True) | content.str.contains(NUMBER_LOOSE))
    return flag_pieces(rows, likely, _pieces)


def _pieces(text: str) -> Iterator[Piece]:
    for span in find_personal(text):
        yield Piece(span.start, span.end, span.kind, span.masked)
