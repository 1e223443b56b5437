"""Golden text in any message of a pair of replies: its system text, its turns, the chosen and the rejected reply.

Rows of training are compared by their exchanges, and no training learns to write a system text. A pair is less: a
judgement of two replies, often bought or written by a model, of which one more or less is no loss. So of pairs every
message is looked at, and a reply counts alone, whatever was asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.checks.duplicates.meaning import READ
from workbench.checks.similarity import near_pairs_between, words_of
from workbench.checks.text_hashes import BLANKLESS
from workbench.guard.answer_runs import FEWEST_RUNS, HALF, MOST_ROWS, Passages, contained, without_phrases
from workbench.guard.exchanges import FEWEST_REPLY_WORDS
from workbench.guard.meaning import BLANKLESS_SHARE, SUSPECT_BLANKLESS, Read, contradict, stock_clauses, without_stock
from workbench.rows import Rows

# Cosine of a text with a golden reply, whatever was asked. Of the 30 English items of benchmarks/leak_pairs.jsonl the
# rephrased reply has .65 and more in 57 %, the reply to a look-alike question in none, another item's .53 at most.
SUSPECT_REPLY = 0.65
SYSTEM, CHOSEN, REJECTED = "system text", "chosen reply", "rejected reply"
ROLES = {"user": "user turn", "assistant": "earlier reply", "tool": "tool result"}
_BLANKLESS = re.compile(f"[{BLANKLESS}]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")


@dataclass(frozen=True)
class Shown:
    """A message of a pair that shows a golden row. pair, golden: places; said: in which message and how."""

    pair: int
    golden: int
    measure: float
    said: str


@dataclass(frozen=True)
class _Part:
    """A text of some pairs. of: the pairs; where: in which message; whole: not a sentence of a longer text."""

    text: str
    where: str
    of: tuple[int, ...]
    whole: bool = True


def shown_in_messages(
    pairs: Rows, rejected: Sequence[str], golden: Rows, *, read: Read | None = None, approved: Sequence[str] = ()
) -> list[Shown]:
    """Every message of a pair that holds golden text, or says what a golden reply says; the likest first.

    pairs: ending in the chosen reply. rejected: (N,) the other one. read: None leaves meaning off. approved: phrases
    that anybody may repeat. A system text that golden rows have themselves shows nothing: the model is given it anyway.
    """
    parts = _parts(pairs, rejected, golden)
    found = [*_near(parts, golden, approved), *_passages(parts, golden, approved)]
    if read is not None:
        found += _meaning(parts, golden, read, approved)
    best: dict[tuple[int, int], Shown] = {}
    for one in found:
        known = best.get((one.pair, one.golden))
        if known is None or one.measure > known.measure:
            best[one.pair, one.golden] = one
    return sorted(best.values(), key=lambda one: (-one.measure, one.pair, one.golden))


def _parts(pairs: Rows, rejected: Sequence[str], golden: Rows) -> list[_Part]:
    """Every distinct text by message; long system texts, and what tools gave, also by their sentences."""
    given = {_plain(text) for text in golden.system}
    of: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for pair, (turns, other) in enumerate(zip(pairs.messages, rejected, strict=True)):
        for where, text in _messages(turns, other):
            if where == SYSTEM and _plain(text) in given:
                continue
            of[text, where, True].append(pair)
            if where in (SYSTEM, ROLES["tool"]):
                for sentence in {part.strip() for part in _SENTENCE.split(text)} - {"", text}:
                    of[sentence, where, False].append(pair)
    return [_Part(text, where, tuple(places), whole) for (text, where, whole), places in of.items()]


def _messages(turns: Sequence[dict[str, Any]], rejected: str) -> Iterator[tuple[str, str]]:
    for turn in turns[:-1]:
        if text := (turn["content"] or "").strip():
            yield (SYSTEM if turn["role"] in ("system", "developer") else ROLES.get(turn["role"], turn["role"])), text
    for where, text in ((CHOSEN, turns[-1]["content"] or ""), (REJECTED, rejected)):
        if text.strip():
            yield where, text.strip()


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _golden_texts(golden: Rows, approved: Sequence[str]) -> tuple[list[str], list[str]]:
    """(questions, replies), (N,) each: the user turn that is answered, and its reply; "" for what is too short."""
    asked = [next((turn["content"] or "" for turn in reversed(turns) if turn["role"] == "user"), "")
             for turns in golden.messages]  # fmt: skip
    replies = without_phrases(golden.reply, approved, "golden")
    return _long(asked), _long(replies)


def _long(texts: Sequence[str]) -> list[str]:
    return [text if len(words_of(text)) >= FEWEST_REPLY_WORDS else "" for text in texts]


def _each(part: _Part, golden: int, measure: float, said: str) -> Iterator[Shown]:
    for pair in part.of:
        yield Shown(pair, golden, measure, f"its {part.where} {said}")


def _near(parts: Sequence[_Part], golden: Rows, approved: Sequence[str]) -> Iterator[Shown]:
    for what, texts in zip(("question", "reply"), _golden_texts(golden, approved), strict=True):
        near = near_pairs_between(_long([one.text for one in parts]), texts)
        for a, b, score in zip(near.a.tolist(), near.b.tolist(), near.score.tolist(), strict=True):
            kind = "is" if parts[a].whole else "holds"
            how = "a copy" if score >= 1 else "nearly a copy"
            yield from _each(parts[a], b, score, f"{kind} {how} of a golden {what}")


def _passages(parts: Sequence[_Part], golden: Rows, approved: Sequence[str]) -> Iterator[Shown]:
    asked, replies = _golden_texts(golden, approved)
    rows = np.arange(len(golden))
    passages = Passages([*asked, *replies], np.r_[rows, rows], ["question"] * len(golden) + ["reply"] * len(golden))
    whole = [one for one in parts if one.whole]
    systems = [one for one in whole if one.where == SYSTEM]
    # a run that stands in many texts counts as a template's; system texts that differ in a date only would be that
    batches = [[one for one in whole if one.where != SYSTEM]]
    batches += [systems[start : start + MOST_ROWS] for start in range(0, len(systems), MOST_ROWS)]
    for batch in batches:
        for at, passage, part in contained([one.text for one in batch], passages, fewest=1):
            runs = len(words_of(passages.texts[passage].lower())) - 7
            if part >= 1 or (part >= HALF and runs >= FEWEST_RUNS):
                said = f"holds {min(part, 1):.0%} of the runs of eight words of a golden {passages.what[passage]}"
                yield from _each(batch[at], int(passages.of[passage]), min(part, 1.0), said)


def _meaning(parts: Sequence[_Part], golden: Rows, read: Read, approved: Sequence[str]) -> Iterator[Shown]:
    """Replies, and sentences of system texts, that say what a golden reply says."""
    telling = [one for one in parts if one.where != ROLES["user"]]
    replies = without_phrases(golden.reply, approved, "golden")
    stock = stock_clauses([*(one.text for one in telling if one.whole for _ in one.of), *replies])
    mine = [without_stock(one.text, stock)[:READ] for one in telling]
    theirs = [without_stock(reply, stock)[:READ] for reply in replies]
    left = [at for at, text in enumerate(mine) if len(words_of(text)) >= FEWEST_REPLY_WORDS]
    right = [at for at, text in enumerate(theirs) if len(words_of(text)) >= FEWEST_REPLY_WORDS]
    if not left or not right:
        return
    vectors = read([*(mine[at] for at in left), *(theirs[at] for at in right)])
    cosine = vectors[: len(left)] @ vectors[len(left) :].T
    for a, b in np.argwhere(cosine >= SUSPECT_REPLY).tolist():
        one, other, value = mine[left[a]], theirs[right[b]], float(cosine[a, b])
        if (_blankless(one + other) and value < SUSPECT_BLANKLESS) or contradict(one, other):
            continue
        part = telling[left[a]]
        kind = "says" if part.whole else "has a sentence that says"
        yield from _each(part, right[b], min(value, 1.0), f"{kind} in other words what a golden reply says")


def _blankless(text: str) -> bool:
    """Whether the text is in a script that the model does not know."""
    return len(_BLANKLESS.findall(text)) > BLANKLESS_SHARE * len(text)
