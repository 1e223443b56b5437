# ruff: noqa: E501
"""From raw tickets to drafts: the commonest intents, real words masked, and nothing made by a preview."""

import csv
import json
import random
from pathlib import Path

import pytest

from workbench.actions.mine_tickets import mine_tickets, write_intents
from workbench.errors import BadInput
from workbench.store import Store, datasets

ASKED = {
    "card": ["my bank card is lost", "i lost my card on the bus", "card lost please block the card", "lost the bank card again"],
    "refund": ["when does my refund arrive", "refund for the order has not arrived", "i wait for the refund of an order"],
    "password": ["i forgot my password", "password reset mail never comes", "cannot reset the password"],
}  # fmt: skip
COUNTS = {"card": 60, "refund": 30, "password": 10}
SAID = {"card": "We blocked your card. A new one is on its way.", "refund": "Refunds take five days."}


@pytest.fixture
def desk(tmp_path: Path, no_models: None) -> Path:
    """A hundred messy tickets in three intents, with greetings, signatures, quoted mail and personal data."""
    chance = random.Random(0)
    lines = []
    for intent, count in COUNTS.items():
        for number in range(count):
            asked = f"{chance.choice(ASKED[intent])}, case {number}, write to ann.berg{number}@nordmail.se."
            mail = f"Hello team,\n\n{asked}\n\nKind regards,\nAnn Berg\n\nOn Mon, 3 Mar 2025, Desk wrote:\n> old words"
            lines.append((f"Re: [#{number}]", mail, f"Hi Ann,\n\n{SAID.get(intent, '')}" if SAID.get(intent) else ""))
    chance.shuffle(lines)
    path = tmp_path / "tickets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Ticket Subject", "Ticket Body", "Resolution"), *lines])
    return path


def test_the_commonest_intents_come_first_with_their_counts(store: Store, desk: Path) -> None:
    mined = mine_tickets(store, desk, groups=3, preview=True)
    assert [(intent.count, intent.share, intent.answered) for intent in mined.intents] == [
        (60, 0.6, 60), (30, 0.3, 30), (10, 0.1, 0)
    ]  # fmt: skip
    assert [next(word for word in COUNTS if word in intent.words) for intent in mined.intents] == list(COUNTS)
    assert (mined.tickets, mined.covered, mined.version) == (100, 1.0, None)
    assert mined.columns == {"subject": "Ticket Subject", "body": "Ticket Body", "answer": "Resolution"}
    assert datasets.names(store) == []


def test_drafts_are_real_tickets_and_real_answers_without_mail_or_personal_data(store: Store, desk: Path) -> None:
    mined = mine_tickets(store, desk, groups=3, name="drafts")
    assert mined.version is not None
    rows = datasets.rows_of(store, mined.version)
    assert rows.reply == [SAID["card"], SAID["refund"], ""]
    assert all(text.endswith("write to [EMAIL].") for text in rows.prompt)
    assert not any(word in text for text in rows.prompt for word in ("Hello", "regards", "old words", "nordmail"))
    assert [tags[0] for tags in rows.tags] == ["draft"] * 3
    assert rows.tags[0][1] == f"intent:{mined.intents[0].name}"
    assert json.loads(rows.frame["extra"][0]) == {"intent_tickets": 60, "intent_share": 0.6}
    source = list(csv.reader(desk.open(encoding="utf-8", newline="")))
    assert mined.masked == 3
    assert {tuple(line) for line in source[1:]}  # the file itself stays as it was


def test_masking_can_be_left_off_and_more_drafts_say_it_in_other_words(store: Store, desk: Path) -> None:
    mined = mine_tickets(store, desk, groups=3, drafts=3, mask=False, preview=True)
    prompts = [draft.prompt for draft in mined.intents[0].drafts]
    assert len(set(prompts)) == 3
    assert all("@nordmail.se" in prompt for prompt in prompts)


def test_the_same_file_gives_the_same_drafts(store: Store, desk: Path) -> None:
    assert mine_tickets(store, desk, preview=True).intents == mine_tickets(store, desk, preview=True).intents


def test_an_existing_dataset_is_not_written_into(store: Store, desk: Path) -> None:
    mine_tickets(store, desk, name="drafts")
    with pytest.raises(BadInput, match="There is a dataset drafts already"):
        mine_tickets(store, desk, name="drafts")


def test_the_intents_are_written_as_json_and_as_a_table(store: Store, desk: Path, tmp_path: Path) -> None:
    mined = mine_tickets(store, desk, groups=3, preview=True)
    said = json.loads(write_intents(mined, tmp_path / "a.json").read_text())
    assert (said["tickets"], [intent["count"] for intent in said["intents"]]) == (100, [60, 30, 10])
    table = list(csv.reader(write_intents(mined, tmp_path / "a.csv").open(newline="")))
    assert table[0] == ["intent", "tickets", "share", "answered", "typical ticket", "typical answer"]
    assert [line[1] for line in table[1:]] == ["60", "30", "10"]


def test_the_command_shows_the_intents_and_makes_the_drafts(store: Store, desk: Path) -> None:
    from click.testing import CliRunner

    from workbench.cli.tickets import tickets

    run = CliRunner().invoke(tickets, [str(desk), "--groups", "3", "--name", "drafts"], obj=str(store.root))
    assert run.exit_code == 0, run.output
    assert (
        "100 tickets (subject from 'Ticket Subject', body from 'Ticket Body', answer from 'Resolution')" in run.output
    )
    assert 'drafts@1: 3 rows, tagged "draft" for the queue.' in run.output
