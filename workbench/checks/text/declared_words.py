"""Finds words that a sheet declares in the replies: whole words, with a rule for capitals and a star for endings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.checks.check import Span
from workbench.checks.text.prose import UNSPACED, without_code
from workbench.checks.text.replies import assistant_turns
from workbench.rows import Rows

# One character for one, so that places stay: people type the marks on the left, programs put those on the right.
SAME = str.maketrans("\u2019\u2018\u02bc\u2010\u2011\u00a0\u202f", "'''--  ")
ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|de|eu|html?|py|json)\b"
)


@dataclass(frozen=True)
class Place:
    """A declared word as it stands in a turn: `start` and `end` in its content, `found` as written, `word` as declared."""

    row: int
    turn: int
    start: int
    end: int
    found: str
    word: str


def keeps_case(word: str) -> bool:
    """True for words that are found only as written: "US" and "iPhone" are no "us" and no "iphone"."""
    return any(letter.isupper() for letter in word[1:])


def pattern_of(word: str, exact: bool) -> str:
    """The pattern of one declared word or phrase; a star at either end stands for any further letters."""
    before, after = word.startswith("*"), word.endswith("*")
    body = word.strip("*").translate(SAME).strip()
    inner = r"\s+".join(re.escape(part) for part in body.split())
    left = r"\w*" if before else r"(?<!\w)" if _has_edge(body[:1]) else ""
    right = r"\w*" if after else r"(?!\w)" if _has_edge(body[-1:]) else ""
    return left + (inner if exact else f"(?i:{inner})") + right


def _has_edge(letter: str) -> bool:
    """True for a letter of a script with blanks between words: there a word must not go on."""
    return (letter.isalnum() or letter == "_") and not UNSPACED.match(letter)


def find_declared(rows: Rows, words: Mapping[str, bool], spared: Iterable[str] = ()) -> list[Place]:
    """Where the words stand in the assistant turns, outside code and addresses, in order.

    words: as declared -> whether only as written (`keeps_case`). spared: terms inside which a hit is none, such as
    "Kiln Cloud" where "Kiln" is looked for.
    """
    usable = {word: exact for word, exact in words.items() if word.strip("* \t\n")}
    if not usable:
        return []
    anchors = sorted(
        {max(word.translate(SAME).strip("*").lower().split(), key=len).strip("*") for word in usable} - {""}
    )
    turns = assistant_turns(rows).with_columns(plain=straight(pl.col("content")))
    near = turns.filter(pl.col("plain").str.to_lowercase().str.contains_any(anchors))
    ordered = sorted(usable, key=len, reverse=True)
    wanted = re.compile("|".join(f"({pattern_of(word, usable[word])})" for word in ordered))
    sparing = [re.compile(pattern_of(form, True)) for term in spared if term.strip("* ") for form in _forms(term)]
    return [place for line in near.iter_rows(named=True) for place in _in_turn(line, wanted, ordered, sparing)]


def _forms(term: str) -> set[str]:
    """The right term as declared, and as it begins a sentence."""
    return {term, term[:1].upper() + term[1:]}


def straight(content: pl.Expr) -> pl.Expr:
    marks = "\u2019\u2018\u02bc\u2010\u2011\u00a0\u202f"
    return content.str.replace_many(list(marks), list("'''--  "))


def _in_turn(
    line: Mapping[str, object], wanted: re.Pattern[str], words: Sequence[str], sparing: Sequence[re.Pattern[str]]
) -> list[Place]:
    content = str(line["content"])
    text = without_code(str(line["plain"]))
    text = ADDRESS.sub(lambda found: " " * len(found.group()), text)
    spared = [found.span() for term in sparing for found in term.finditer(text)]
    places = []
    for found in wanted.finditer(text):
        start, end = found.span()
        if start < end and not any(s <= start and end <= e for s, e in spared):
            word = words[(found.lastindex or 1) - 1]
            places.append(Place(int(str(line["row"])), int(str(line["turn"])), start, end, content[start:end], word))
    return places


def by_row(places: Sequence[Place], count: int) -> list[list[Place]]:
    """(N,) the places of each row."""
    rows: list[list[Place]] = [[] for _ in range(count)]
    for place in places:
        rows[place.row].append(place)
    return rows


def spans_of(places: Sequence[Place]) -> list[Span]:
    return [(place.turn, place.start, place.end) for place in places]


def quoted(places: Sequence[Place], most: int = 3) -> str:
    """The words found as written, each once, for a note."""
    found = list(dict.fromkeys(" ".join(place.found.split()) for place in places))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(f'"{word}"' for word in found[:most]) + more
