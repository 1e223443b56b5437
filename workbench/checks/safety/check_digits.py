"""Check digits of national numbers: each function says whether the digits of one number agree among themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence


def weighted(digits: str, weights: Sequence[int]) -> int:
    """Sum of the digits times their weights, digit by digit from the left."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def german_tax(digits: str) -> bool:
    """Eleven digits, ISO 7064 MOD 11,10; of the first ten one stands twice or three times. Source: BZSt."""
    repeated = sorted((digits[:10].count(d) for d in set(digits[:10])), reverse=True)
    if digits[0] == "0" or repeated[0] not in (2, 3) or (len(repeated) > 1 and repeated[1] > 1):
        return False
    product = 10
    for digit in digits[:10]:
        rest = (int(digit) + product) % 10 or 10
        product = rest * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def spanish(number: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23. Source: Orden INT/2058/2008."""
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


# What a character at an odd place of a codice fiscale is worth.
ODD_DIGITS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
ODD_LETTERS = (*ODD_DIGITS, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (*ODD_DIGITS, *ODD_LETTERS), strict=True))


def italian(code: str) -> bool:
    """Codice fiscale. Source: D.M. 23 December 1976, art. 11."""
    even = {c: int(c) if c.isdigit() else ord(c) - 65 for c in ODD}
    return chr(65 + sum((even if place % 2 else ODD)[c] for place, c in enumerate(code[:15])) % 26) == code[15]


def dutch(digits: str) -> bool:
    """BSN, the eleven test. Source: Logisch Ontwerp BSN."""
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and len(set(digits)) > 1


def french(number: str) -> bool:
    """NIR: the last two digits are 97 less the rest modulo 97; 2A and 2B count as 19 and 18. Source: INSEE."""
    body = number[:13].upper().replace("2A", "19").replace("2B", "18")
    return body.isdigit() and 97 - int(body) % 97 == int(number[13:])


def british(digits: str) -> bool:
    """NHS number, modulo 11. Source: NHS Data Dictionary."""
    check = 11 - weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return check != 10 and check % 11 == int(digits[9]) and len(set(digits)) > 2


def polish(digits: str) -> bool:
    """PESEL, modulo 10; months are shifted by twenty a century. Source: Ustawa o ewidencji ludności."""
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day <= 31 and weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def brazilian(digits: str) -> bool:
    """CPF (11 digits) and CNPJ (14), two check digits modulo 11. Source: Receita Federal."""
    if len(set(digits)) == 1:
        return False
    for place in (len(digits) - 2, len(digits) - 1):
        cycle = range(2, place + 2) if len(digits) == 11 else [2 + n % 8 for n in range(place)]
        rest = sum(int(d) * w for d, w in zip(reversed(digits[:place]), cycle, strict=True)) % 11
        if (0 if rest < 2 else 11 - rest) != int(digits[place]):
            return False
    return True


TURN = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def verhoeff(digits: str) -> bool:
    """Aadhaar. Source: Verhoeff 1969; the group is that of the pentagon."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _pentagon(check, int(TURN[place % 8][int(digit)]))
    return check == 0


def _pentagon(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def swiss(digits: str) -> bool:
    """AHV number, check digit as in EAN-13. Source: BSV."""
    return weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def belgian(digits: str) -> bool:
    """National number, modulo 97; from 2000 on with a 2 in front. Source: Rijksregister."""
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def portuguese(digits: str) -> bool:
    """NIF, modulo 11. Source: Decreto-Lei 14/2013."""
    rest = weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return digits[0] in "12356789" and (0 if rest < 2 else 11 - rest) == int(digits[8])


def swedish(digits: str) -> bool:
    """Personnummer: a date, and Luhn over ten digits; co-ordination numbers add 60 to the day. Source: Skatteverket."""
    digits = digits[-10:]
    day = int(digits[4:6])
    return 1 <= int(digits[2:4]) <= 12 and 1 <= (day - 60 if day > 60 else day) <= 31 and luhn(digits)


def finnish(number: str) -> bool:
    """Henkilötunnus: the character is the nine digits modulo 31. Source: DVV."""
    digits = re.sub(r"\D", "", number[:-1])
    return len(digits) == 9 and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == number[-1].upper()


def norwegian(digits: str) -> bool:
    """Fødselsnummer, two check digits modulo 11. Source: Skatteetaten."""
    first = weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
    second = weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return first % 11 == 0 and second % 11 == 0 and len(set(digits)) > 2


def chinese(number: str) -> bool:
    """Resident identity number, ISO 7064 MOD 11-2. Source: GB 11643-1999."""
    total = weighted(number[:17], [pow(2, 17 - place, 11) for place in range(17)])
    return "10X98765432"[total % 11] == number[17].upper()


def canadian(digits: str) -> bool:
    """Social insurance number: Luhn, and no 0 or 8 in front. Source: ESDC."""
    return digits[0] not in "08" and luhn(digits) and len(set(digits)) > 2
