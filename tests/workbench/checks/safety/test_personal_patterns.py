import time

import pytest

from workbench.checks.safety.personal_patterns import Span, find_personal, iban_agrees, luhn_agrees


def kinds(text: str) -> list[str]:
    return [span.kind for span in find_personal(text)]


def test_a_span_says_where_it_stands_and_what_it_is():
    assert find_personal("Ask ann@mill.org now") == [Span(4, 16, "e-mail address", "ann@mill.org")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("GB82 WEST 1234 5698 7654 32", "IBAN"),
        ("gb82west12345698765432", "IBAN"),
        ("378282246310005", "card number"),
        ("write to jane.doe@example.com", "e-mail address"),
        ("5555-5555-5555-4444", "card number"),
        ("078-05-1120", "social security number"),
        ("my phone: (030) 1234 5678", "phone number"),
        ("Ruf mich auf dem Handy an: 0171 2345678", "phone number"),
        ("call +44 20 7946 0958 ext. 12", "phone number"),
        ("logged in from 81.2.69.142", "IP address"),
        ("the server is 2a00:1450:4001:81b::200e", "IP address"),
    ],
)
def test_each_kind_is_found(text, kind):
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "help@example.com and me@test.example.org",
        "4111 1111 1111 1112",  # Luhn fails
        "GB82 WEST 1234 5698 7654 33",  # mod-97 fails
        "000-12-3456",
        "The years 1990-2000 and order 12345678.",
        "call 2024-05-17 10:00",
        "Call our free line 1-800-273-8255.",
        "version 81.2.69.142",  # no word that says it is an address
        "the server is 192.168.0.1",
        "0.4111111111111111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "at 12:30:45 the host said hello",
        "5 @ 3.50 each, follow @ann.mill",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert kinds(text) == []


def test_of_two_that_overlap_the_better_proven_one_stays():
    assert kinds("call 4111 1111 1111 1111") == ["card number"]


def test_several_are_found_in_the_order_of_the_text():
    assert kinds("phone 0171 2345678, mail a@mill.org, card 4111111111111111") == [
        "phone number",
        "e-mail address",
        "card number",
    ]


def test_masked_pieces_cannot_be_read_back():
    masked = [span.masked for span in find_personal("mail ann@mill.org, card 4111111111111111")]
    assert masked == ["a…@….org", "…11"]


def test_check_digits():
    assert luhn_agrees("79927398713")
    assert not luhn_agrees("79927398714")
    assert iban_agrees("DE89370400440532013000")
    assert not iban_agrees("DE88370400440532013000")


HOSTILE = ("a", "1 ", "a@", "a.", "1.", "(1", "DE12 ", "ab:", "+1-", "a@b.", "call 030 1234567 ", "a@b.co ")


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_takes_no_longer_than_its_length(piece):
    start = time.process_time()
    find_personal(piece * (100_000 // len(piece)))
    assert time.process_time() - start < 3
