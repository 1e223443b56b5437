# ruff: noqa: E501  (a mail and what is left of it read best on one line)
"""Raw tickets: the columns that are found, the mail that is taken off, the groups that come out."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from workbench.errors import BadInput
from workbench.formats.ticket_intents import find_groups
from workbench.formats.ticket_table import read_tickets
from workbench.formats.ticket_text import clean_subject, clean_ticket


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ("Hi there,\n\nmy card is lost.\n\nKind regards,\nAnn Berg\n+44 20 7946 0000", "My card is lost."),
        ("My card is lost.\n\nOn Mon, 3 Mar 2025 at 10:00, Desk <a@b.com> wrote:\n> How can we help?", "My card is lost."),
        ("Still lost.\n-----Original Message-----\nFrom: Desk\nSent: Monday\nOld text", "Still lost."),
        ("Still lost.\n\nFrom: Desk <a@b.com>\nSent: Monday, March 3\nTo: Ann\n\nOld text", "Still lost."),
        ("Good morning! Where is my parcel? Thanks in advance!", "Where is my parcel?"),
        ("Dear Sir or Madam, where is my parcel?\n-- \nAnn\nAcme Ltd", "Where is my parcel?"),
        ("<p>Hello team,</p><p>it broke &amp; burned.<br>Twice.</p><div>Sent from my iPhone</div>", "It broke & burned.\nTwice."),
        ("Sehr geehrte Damen und Herren,\nmeine Karte ist weg.\n\nMit freundlichen Grüßen\nAnn", "Meine Karte ist weg."),
        ("Bonjour,\nma carte est perdue.\n\nCordialement\nAnn", "Ma carte est perdue."),
        ("Hi can you help me find my card?", "Hi can you help me find my card?"),
        ("I want to thank Ann for her help. Thank you for the card, it works.", "I want to thank Ann for her help. Thank you for the card, it works."),
        ("> quoted only", "> quoted only"),
        ("Thanks", "Thanks"),
        ("Dear diary is the name of your app and it crashes.", "Dear diary is the name of your app and it crashes."),
    ],
)  # fmt: skip
def test_a_ticket_is_what_the_customer_said(mail: str, said: str) -> None:
    assert clean_ticket(mail) == said


def test_an_endless_ticket_does_not_hang() -> None:
    assert len(clean_ticket("<p>" + "Hi " * 200_000 + "On " * 50_000)) < 20_000


@pytest.mark.parametrize(
    "subject", ["Re: Fwd: Lost card", "AW: RE[2]: Lost card", "[Ticket 5521] Lost card", "#4412: Lost card"]
)
def test_a_subject_is_freed_of_what_mail_puts_before_it(subject: str) -> None:
    assert clean_subject(subject) == "Lost card"


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,subject,body,answer", {"subject": "subject", "body": "body", "answer": "answer"}),
        ("Ticket ID,Ticket Subject,Ticket Description,Resolution", {"subject": "Ticket Subject", "body": "Ticket Description", "answer": "Resolution"}),
        ("Nr,Betreff,Nachricht,Antwort", {"subject": "Betreff", "body": "Nachricht", "answer": "Antwort"}),
        ("created_at,customerMessage,firstReply,x", {"subject": "", "body": "customerMessage", "answer": "firstReply"}),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_names(header: str, columns: dict, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        f"{header}\n7,My card was lost today,It fell into the sea,We will send another one\n"
    )
    assert read_tickets(tmp_path / "t.csv").columns == columns


def test_without_a_telling_name_the_wordiest_column_is_the_text(tmp_path: Path) -> None:
    lines = "".join(f"{n},open,Case {n} of my card that is lost,b\n" for n in range(5))
    (tmp_path / "t.csv").write_text("a,b,c,d\n" + lines)
    assert read_tickets(tmp_path / "t.csv").columns["body"] == "c"


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match=r'has no column "text". It has "a" and "b"'):
        read_tickets(tmp_path / "t.csv", body="text")
    with pytest.raises(BadInput, match="looks like the text of a ticket"):
        read_tickets(tmp_path / "t.csv")


def test_tickets_come_from_a_workbook_with_a_title_above_its_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (
        ["Export of 3 March"],
        [],
        ["Subject", "Description"],
        ["Lost", "My card is lost somewhere"],
        ["Refund please", None],
    ):
        book.active.append(line)
    book.save(tmp_path / "t.xlsx")
    got = read_tickets(tmp_path / "t.xlsx")
    assert [(ticket.line, ticket.text) for ticket in got.tickets] == [
        (4, "My card is lost somewhere"),
        (5, "Refund please"),
    ]


def test_a_short_body_is_read_with_its_subject_and_an_empty_row_is_counted(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(
        '{"subject": "Lost card", "body": "see above"}\n{"subject": "", "body": ""}\n{bad\n'
    )
    got = read_tickets(tmp_path / "t.jsonl")
    assert [ticket.text for ticket in got.tickets] == ["Lost card\n\nsee above"]
    assert (got.skipped, got.unread) == (1, 1)


CARD = ["my card is lost", "i lost my bank card", "lost card, please block it", "the card got lost yesterday"]
REFUND = [
    "i want a refund for my order",
    "when will the refund come",
    "refund not received yet",
    "refund my last order",
]


def test_groups_hold_what_belongs_together_and_are_named_by_their_words() -> None:
    groups = find_groups((CARD * 3 + REFUND * 2), groups=2)
    assert [len(group.members) for group in groups] == [12, 8]
    assert {"card", "lost"} <= set(groups[0].words)
    assert "refund" in groups[1].words


def test_vectors_of_meaning_decide_where_there_are_some() -> None:
    texts = ["alpha", "beta", "gamma", "delta"]
    side = {"alpha": [1, 0], "gamma": [1, 0.1], "beta": [0, 1], "delta": [0.1, 1]}
    groups = find_groups(texts, groups=2, embed=lambda some: np.array([side[text] for text in some], np.float32))
    assert sorted(sorted(group.members.tolist()) for group in groups) == [[0, 2], [1, 3]]


@pytest.mark.parametrize("texts", [["one"], ["same"] * 9, ["?", "!", "…"], ["你好吗", "我的卡丢了", "退款"]])
def test_few_or_odd_tickets_still_come_out_whole(texts: list[str]) -> None:
    groups = find_groups(texts)
    assert sorted(place for group in groups for place in group.members.tolist()) == list(range(len(texts)))
    assert all(group.name for group in groups)


def test_no_group_is_called_after_a_customers_address() -> None:
    texts = ["Please refund the order, ann.smith@example.com"] * 3 + [
        "Please refund order 12 for ann.smith@example.com"
    ]
    (group,) = find_groups(texts, groups=1)
    assert sorted(group.words) == ["order", "refund"]
