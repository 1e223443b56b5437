"""Raw support tickets: a table with a column for what customers wrote, and often a subject and an answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from workbench.errors import BadInput
from workbench.formats.format import quoted
from workbench.formats.read import raw_records
from workbench.formats.ticket_text import clean_subject, clean_ticket

SAMPLE = 500  # tickets that decide on the columns
SHORT_BODY = 4  # words: with fewer the subject says what the ticket is about
WORDS_OF_A_NAME = re.compile(r"[A-Z]?[a-zà-ÿß]+|[A-Z]+(?![a-z])")

# What columns are called, the surest names first.
BODY = (
    "body", "description", "beschreibung", "message", "nachricht", "text", "content", "question", "query", "request",
    "comment", "details", "issue", "problem", "inquiry", "enquiry", "complaint", "ticket", "utterance", "prompt",
    "frage", "anfrage", "anliegen", "descripcion", "mensaje", "consulta", "corps", "demande",
)  # fmt: skip
SUBJECT = ("subject", "title", "betreff", "titel", "titre", "sujet", "objet", "asunto", "titulo", "oggetto", "summary")
ANSWER = (
    "answer", "resolution", "response", "reply", "solution", "antwort", "loesung", "lösung", "reponse", "réponse",
    "respuesta", "solucion", "risposta", "completion", "chatgpt_response",
)  # fmt: skip
ABOUT = {
    "id",
    "type",
    "time",
    "date",
    "status",
    "code",
    "count",
    "number",
    "score",
    "rating",
    "url",
    "hours",
    "minutes",
}


@dataclass(frozen=True)
class Ticket:
    """One ticket: where it stands, what the customer wanted, and what was answered ("" where nothing was)."""

    line: int
    text: str
    answer: str


@dataclass(frozen=True)
class Tickets:
    """The tickets of a file, and which columns they were read from ("" for none); skipped: rows without a text."""

    name: str
    digest: str
    tickets: tuple[Ticket, ...]
    columns: dict[str, str]
    skipped: int
    unread: int


def read_tickets(path: str | Path, *, subject: str = "", body: str = "", answer: str = "") -> Tickets:
    """The tickets of a CSV, Excel, JSON or Parquet file, their columns found by name and by what stands in them.

    subject, body, answer: the columns to read, where they are not found rightly by themselves. Raises BadInput where a
    named column is not there or nothing looks like a ticket's text.
    """
    look, found = raw_records(path, lambda record: bool(_named(record, BODY) or _named(record, SUBJECT)))
    sample = list(islice(found, SAMPLE))
    values = [record.value for record in sample if record.value is not None]
    if not values:
        raise BadInput(f"No tickets found in {look.name}.")
    columns = _columns(values, {"subject": subject, "body": body, "answer": answer}, look.name)
    tickets, skipped, unread = [], 0, 0
    for records in (sample, found):
        for record in records:
            if record.value is None:
                unread += 1
            elif text := _text(record.value, columns):
                said = _cell(record.value, columns["answer"])
                tickets.append(Ticket(record.line, text, clean_ticket(said) if said else ""))
            else:
                skipped += 1
    if not tickets:
        raise BadInput(
            f'No tickets found in {look.name}: "{columns["body"] or columns["subject"]}" is empty throughout.'
        )
    return Tickets(look.name, look.digest, tuple(tickets), columns, skipped, unread)


def _text(value: Mapping[str, Any], columns: Mapping[str, str]) -> str:
    """What the customer wrote; the subject too where the body says next to nothing."""
    body, subject = clean_ticket(_cell(value, columns["body"])), clean_subject(_cell(value, columns["subject"]))
    if len(body.split()) >= SHORT_BODY or not subject:
        return body
    return subject if not body or body.lower() in subject.lower() else f"{subject}\n\n{body}"


def _cell(value: Mapping[str, Any], column: str) -> str:
    cell = value.get(column) if column else None
    return cell.strip() if isinstance(cell, str) else ""


def _columns(values: Sequence[Mapping[str, Any]], wanted: Mapping[str, str], name: str) -> dict[str, str]:
    """{"subject", "body", "answer"} -> column; "" where there is none."""
    there = list(dict.fromkeys(key for value in values for key in value))
    for column in wanted.values():
        if column and column not in there:
            raise BadInput(f'{name} has no column "{column}". It has {quoted(there, 12)}.')
    texts = {key: [value[key] for value in values if isinstance(value.get(key), str)] for key in there}
    filled: dict[str, Any] = {key: cells for key, cells in texts.items() if any(cell.strip() for cell in cells)}
    chosen = dict(wanted)
    for part, names in (("answer", ANSWER), ("subject", SUBJECT), ("body", BODY)):
        free = {key: filled[key] for key in filled if key not in chosen.values()}
        chosen[part] = chosen[part] or _named(free, names)
    if not chosen["body"] and not wanted["subject"]:
        chosen["body"] = _wordiest({key: cells for key, cells in filled.items() if key not in chosen.values()})
    if not chosen["body"] and not chosen["subject"]:
        raise BadInput(
            f"Nothing in {name} looks like the text of a ticket. It has {quoted(there, 12)}; say which with --body."
        )
    return chosen


def _named(record: Iterable[str], names: Sequence[str]) -> str:
    """The column that is called by the surest of the names; "" for none."""
    words = {key: {word.lower() for word in WORDS_OF_A_NAME.findall(key)} for key in record}
    for name in names:
        exact = [key for key in words if key.strip().lower() == name]
        holding = [key for key, parts in words.items() if name in parts and not parts & ABOUT]
        if exact or holding:
            return (exact or sorted(holding, key=len))[0]
    return ""


def _wordiest(columns: Mapping[str, Sequence[str]]) -> str:
    """The column with the longest texts that are mostly different; "" where none reads like sentences."""
    best, most = "", float(SHORT_BODY)
    for key, cells in columns.items():
        length = median(len(cell.split()) for cell in cells)
        different = len(Counter(cells)) / len(cells)
        if length >= most and different > 0.5:
            best, most = key, length + 0.5
    return best
