"""Training rows that say in other words what a golden row says, as a sentence model reads question and reply.

Of two questions of one kind ("How long may I keep the jacket?", "How long does the refund take?") the words are alike
and the answers are not; of one question asked twice it is the answers that agree. So the reply weighs twice as much as
the question. Where there is no reply to speak of, the questions alone must be very near.

What a house style puts into every reply ("Bench note: ... Even tension!") makes any two of them alike, so clauses that
stand in many replies are cut out first. The limits were chosen and measured by `benchmarks/leak_guard.py`; see
docs/leakage.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.checks.duplicates.meaning import NAME, NUMBER, QUOTED, READ
from workbench.checks.text_hashes import BLANKLESS
from workbench.checks.words import words_of
from workbench.guard.exchanges import exchanges
from workbench.rows import Rows

Vectors = NDArray[np.float32]
Read = Callable[[Sequence[str]], Vectors]
"""Texts in, (N, d) unit vectors out: a model, or a model behind a cache."""

REPLY_WEIGHT = 2 / 3
SUSPECT = 0.55  # likeness from which a person must look
LOOKALIKE = 0.50  # likeness from which a pair is shown
LEAST_REPLY, LEAST_QUESTION = 0.45, 0.30  # cosines below which the other one proves nothing
SUSPECT_QUESTION, LOOKALIKE_QUESTION = 0.75, 0.65  # where a reply is too short to compare, or differs
SUSPECT_SAME_QUESTION = 0.90  # the same question with another reply
FEWEST_WORDS = 4  # of a text that is compared
# MiniLM learned English. Chinese, Japanese and Thai questions of one kind all look alike to it, replies less so.
SUSPECT_BLANKLESS, BLANKLESS_SHARE = 0.72, 0.3  # cosine of the replies alone; share of such characters in a text
# Where one of these words stands, a capital within a sentence makes a noun and no name.
GERMAN = frozenset(
    (
        "der",
        "die",
        "das",
        "den",
        "dem",
        "ein",
        "eine",
        "einen",
        "ich",
        "und",
        "nicht",
        "ist",
        "sind",
        "wie",
        "im",
        "zum",
    )
)
STOCK_SHARE, STOCK_ROWS = 0.05, 5  # of all replies, or so many if that is more: a clause in more of them is stock
BLOCK = 1_000  # training exchanges compared with all golden ones at once

_CLAUSE = re.compile(r"(?<=[.!?:])\s+|(?<=[\u3002\uff01\uff1f\uff1a])|\n+")
_BLANKLESS = re.compile(f"[{BLANKLESS}]")


@dataclass(frozen=True)
class Near:
    """A training and a golden row alike in meaning. question, reply: cosines; reply None where it was not compared."""

    training: int
    golden: int
    likeness: float
    question: float
    reply: float | None
    suspect: bool

    @property
    def how(self) -> str:
        replies = "replies not compared" if self.reply is None else f"replies {self.reply:.2f}"
        return f"alike in meaning (questions {self.question:.2f}, {replies})"


@dataclass(frozen=True)
class _Units:
    """Question and reply pairs of one side with their vectors. row: (U,); blankless, short: (U,) bool."""

    row: np.ndarray
    questions: list[str]
    replies: list[str]
    asked: Vectors
    said: Vectors
    blankless: np.ndarray
    short_question: np.ndarray
    short_reply: np.ndarray


@dataclass(frozen=True)
class _Taught:
    """Every exchange of a side. row: the place of its row."""

    row: list[int]
    questions: list[str]
    replies: list[str]


def _taught(rows: Rows, *, final: bool) -> _Taught:
    """final: only the exchanges that a conversation ends with.

    Where the nearest user turn is too short to say what is asked ("And there?"), the whole prompt stands for it.
    """
    found = [one for one in exchanges(rows) if one.final or not final]
    prompts = rows.prompt
    asked = [one.question if len(words_of(one.question)) >= FEWEST_WORDS else prompts[one.row] for one in found]
    return _Taught([one.row for one in found], asked, [one.reply for one in found])


def stock_clauses(replies: Sequence[str]) -> frozenset[str]:
    """The clauses that stand in so many of the replies that they say nothing of any."""
    count = Counter(clause for reply in replies for clause in {part.strip() for part in _CLAUSE.split(reply)})
    most = max(STOCK_ROWS, STOCK_SHARE * len(replies))
    return frozenset(clause for clause, number in count.items() if number > most)


def without_stock(reply: str, stock: Collection[str]) -> str:
    """A reply without its stock clauses."""
    if not stock:
        return reply
    return " ".join(part for part in map(str.strip, _CLAUSE.split(reply)) if part and part not in stock)


def texts_read(training: Rows, golden: Rows) -> list[str]:
    """Every text whose vector `near_in_meaning` will ask for."""
    mine, theirs = _taught(training, final=False), _taught(golden, final=True)
    stock = stock_clauses([*mine.replies, *theirs.replies])
    return [text for side in (mine, theirs) for part in _texts(side, stock) for text in part]


def _texts(side: _Taught, stock: Collection[str]) -> tuple[list[str], list[str]]:
    return [text[:READ] for text in side.questions], [without_stock(text, stock)[:READ] for text in side.replies]


def near_in_meaning(training: Rows, golden: Rows, read: Read) -> Iterator[Near]:
    """Every pair of rows with an exchange of like meaning, likest exchange first where there are several."""
    left, right = _taught(training, final=False), _taught(golden, final=True)
    stock = stock_clauses([*left.replies, *right.replies])
    mine, theirs = _units(left, stock, read), _units(right, stock, read)
    best: dict[tuple[int, int], Near] = {}
    for a, b, one in _pairs(mine, theirs):
        key = int(mine.row[a]), int(theirs.row[b])
        held = best.get(key)
        if held is None or (one.suspect, one.likeness) > (held.suspect, held.likeness):
            best[key] = one
    yield from best.values()


def alike_rows(rows: Rows, read: Read, least: float = SUSPECT) -> list[tuple[int, int, float]]:
    """(row, later row, likeness) of the rows of one table that are alike in meaning from `least` on, likest first."""
    taught = _taught(rows, final=False)
    units = _units(taught, stock_clauses(taught.replies), read)
    best: dict[tuple[int, int], float] = {}
    for _, _, one in _pairs(units, units):
        if one.training < one.golden and one.suspect and one.likeness >= least:
            key = one.training, one.golden
            best[key] = max(best.get(key, 0.0), one.likeness)
    return sorted(((a, b, likeness) for (a, b), likeness in best.items()), key=lambda pair: (-pair[2], pair))


def _units(taught: _Taught, stock: Collection[str], read: Read) -> _Units:
    questions, replies = _texts(taught, stock)
    vectors = read([*questions, *replies])
    blankless = [
        len(_BLANKLESS.findall(question + reply)) > BLANKLESS_SHARE * len(question + reply)
        for question, reply in zip(questions, replies, strict=True)
    ]
    few = [[len(words_of(text)) < FEWEST_WORDS for text in side] for side in (questions, replies)]
    return _Units(
        np.array(taught.row, np.int64), questions, replies, vectors[: len(questions)], vectors[len(questions) :],
        np.array(blankless, bool), np.array(few[0], bool), np.array(few[1], bool),
    )  # fmt: skip


def _pairs(mine: _Units, theirs: _Units) -> Iterator[tuple[int, int, Near]]:
    """Exchanges (a, b) whose meaning is near enough to be shown, and what of it stops training."""
    for start in range(0, len(mine.row), BLOCK):
        part = slice(start, start + BLOCK)
        question, reply = mine.asked[part] @ theirs.asked.T, mine.said[part] @ theirs.said.T
        brief = np.logical_or.outer(mine.short_reply[part], theirs.short_reply)
        wordless = np.logical_or.outer(mine.short_question[part], theirs.short_question)
        blankless = np.logical_or.outer(mine.blankless[part], theirs.blankless)
        likeness, suspect, shown = judged(question, reply, brief=brief, wordless=wordless, blankless=blankless)
        for a, b in np.argwhere(shown | suspect).tolist():
            alone = bool(brief[a, b])
            stops = bool(suspect[a, b]) and not _excused(mine, theirs, start + a, b, alone)
            yield start + a, b, Near(
                int(mine.row[start + a]), int(theirs.row[b]), float(likeness[a, b]), float(question[a, b]),
                None if alone else float(reply[a, b]), stops,
            )  # fmt: skip


def judged(
    question: np.ndarray, reply: np.ndarray, *, brief: np.ndarray, wordless: np.ndarray, blankless: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Likeness, whether a person must look, and whether it is shown, for cosines of questions and replies of any shape.

    brief: a reply is too short to compare; wordless: a question is; blankless: a script that the model does not know.
    """
    both = (1 - REPLY_WEIGHT) * question + REPLY_WEIGHT * reply
    likeness = np.where(blankless, reply, both)
    limit = np.where(blankless, SUSPECT_BLANKLESS, SUSPECT)
    enough = (reply >= LEAST_REPLY) & (question >= LEAST_QUESTION)
    by_both = ~brief & enough & (likeness >= limit)
    asked = np.where(wordless | blankless, 0.0, question)
    by_question = (brief & (asked >= SUSPECT_QUESTION)) | (asked >= SUSPECT_SAME_QUESTION)
    shown = ~brief & enough & (likeness >= limit - (SUSPECT - LOOKALIKE)) | (asked >= LOOKALIKE_QUESTION)
    value = np.where(brief | (by_question & ~by_both), asked, likeness)
    return value.clip(0.0, 1.0), by_both | by_question, shown


def _excused(mine: _Units, theirs: _Units, a: int, b: int, alone: bool) -> bool:
    return contradict(mine.questions[a], theirs.questions[b]) or (
        not alone and contradict(mine.replies[a], theirs.replies[b])
    )


def contradict(one: str, other: str) -> bool:
    """True where numbers, quoted words or names of the two texts contradict each other.

    Numbers do when each text has one that the other lacks: who says "4 g" leaves out the "24 hours" of another one.
    """
    mine, theirs = (set(NUMBER.findall(text.replace(",", ""))) for text in (one, other))
    if mine - theirs and theirs - mine:
        return True
    for kind in (QUOTED, NAME):
        here, there = ({word.strip(" .,").lower() for word in kind.findall(text)} for text in (one, other))
        if kind is NAME and any(not GERMAN.isdisjoint(text.lower().split()) for text in (one, other)):
            continue
        if here and there and not here & there:
            return True
    return False
