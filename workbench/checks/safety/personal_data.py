"""Personal data

E-mail addresses, payment cards, bank accounts, social security, phone and IP numbers in any turn. A model can recite
what it was trained on, so they should be masked before training.

Known limits
    Names, street addresses and national numbers other than the US one are not found. Phone and IP numbers count only
    beside a word that says what they are. Free-call numbers, private network addresses and stand-ins such as
    you@example.com are left alone: they belong to nobody.
Measured
    Presidio, 1,500 synthetic texts: precision 1.00 for every kind; recall 1.00 for e-mail, card, IBAN and social
    security numbers, 0.91 for IP and 0.79 for phone numbers. The context words were chosen with these texts in sight.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.safety.personal_patterns import find_personal
from workbench.rows import Rows

SHOWN = 3  # findings named in a note; the rest is counted


@check(
    severity="warning",
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
    counts, notes = [], []
    for turns in rows.messages:
        found = [(turn["role"] or "unnamed", span) for turn in turns for span in find_personal(turn["content"] or "")]
        named = [f"{span.kind} {span.masked} in the {role} turn at character {span.start + 1}" for role, span in found]
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        counts.append(float(len(found)))
        notes.append("; ".join(named[:SHOWN]) + more)
    return above(counts, 0, notes)
