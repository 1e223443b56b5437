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

# One character for one, so that places stay: what programs put on the left, people type as on the right.
SAME = str.maketrans("\u2019\u2018\u02bc\u2010\u2011\u00a0\u202f", "'''--  ")
ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,4}\.(?:com|net|org|io|de|eu|html?|py|json)\b"
)


@dataclass(frozen=True)
class Place:
    """A declared word in a turn: `start` and `end` in its content, `found` as written there, `word` as declared."""

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
    looked = [_Looked(w, _anchor(w), re.compile(pattern_of(w, exact))) for w, exact in words.items() if _anchor(w)]
    if not looked:
        return []
    lower = pl.col("plain").str.to_lowercase()
    turns = assistant_turns(rows).with_columns(plain=straight(pl.col("content"))).with_columns(lower=lower)
    near = turns.filter(pl.col("lower").str.contains_any(sorted({one.anchor for one in looked})))
    sparing = [re.compile(pattern_of(form, True)) for term in spared if term.strip("* ") for form in _forms(term)]
    places = []
    for row, turn, content, plain, low in near.iter_rows():
        here = [one for one in looked if one.anchor in low]
        places += [Place(row, turn, *span, content[slice(*span)], word) for word, span in _hits(plain, here, sparing)]
    return places


@dataclass(frozen=True)
class _Looked:
    word: str
    anchor: str  # in lower case: what a text must hold for the word to be in it
    pattern: re.Pattern[str]


def _anchor(word: str) -> str:
    """The longest part of a declared word or phrase, "" where it says nothing."""
    parts = word.translate(SAME).strip("*").lower().split()
    return max(parts, key=len).strip("*") if parts else ""


def _forms(term: str) -> set[str]:
    """The right term as declared, and as it begins a sentence."""
    return {term, term[:1].upper() + term[1:]}


def straight(content: pl.Expr) -> pl.Expr:
    marks = "\u2019\u2018\u02bc\u2010\u2011\u00a0\u202f"
    return content.str.replace_many(list(marks), list("'''--  "))


def _hits(plain: str, here: Sequence[_Looked], sparing: Sequence[re.Pattern[str]]) -> list[tuple[str, tuple[int, int]]]:
    """Each word found and where, in order; of two that overlap the longer one."""
    text = ADDRESS.sub(lambda found: " " * len(found.group()), without_code(plain))
    spans = [(one.word, found.span()) for one in here for found in one.pattern.finditer(text) if found.group()]
    spared = [found.span() for term in sparing for found in term.finditer(text)] if spans else []
    hits: list[tuple[str, tuple[int, int]]] = []
    for word, (start, end) in sorted(spans, key=lambda hit: (hit[1][0], -hit[1][1])):
        inside = any(first <= start and end <= last for first, last in spared)
        if not inside and (not hits or start >= hits[-1][1][1]):
            hits.append((word, (start, end)))
    return hits


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
