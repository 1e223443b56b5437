"""Rare word one letter from a common one

A word that stands in one or two rows only and differs by one letter from a word that this very dataset uses often:
"shippment" beside 40 times "shipment". Mostly a slip of the fingers, and the tuned model copies it. A hint for the
queue, since the rare word may be a word of its own.

No dictionary is used, so it works for a house's own terms and in any language with an alphabet. The common word must
have six letters or more, stand in at least 20 turns and 20 times as often as the rare one. Found are two neighbouring
letters swapped, a letter doubled or left out of a pair, one left out, one put in, and one vowel or neighbouring key
for another. Only replies are flagged; questions count for what is common.

Left alone: words that ever stand with a capital inside a sentence (names), words with digits, in code or in
addresses, changes in the first letter or the last three (endings), in accents alone, s for z and our for or (British
and American), and a reply in another language than most.

Known limits
    A slip in a rare word, in a short one, or one that many rows share is not found. Small datasets have few words
    that stand 20 times. A rare word that is right ("contort" beside "comfort") is flagged now and then.
Measured
    160 slips planted in words of seven letters and more that stand 25 times or more, a third of them of a kind that
    is not looked for: recall 0.57, precision 0.97. On real text: 86 flags in 1,130 chats by people, of which 9 in 10
    were right; 4 in 21,300 other rows, 1 right.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.declared_words import ADDRESS
from workbench.checks.text.majority import Tongue
from workbench.checks.text.prose import looks_like_code, without_code
from workbench.checks.text.replies import assistant_turns
from workbench.rows import Rows

FEWEST_LETTERS = 6
FEWEST_TURNS = 20  # in which the common word stands
TIMES_AS_OFTEN = 20
RAREST = 2  # rows
FEWEST_DIFFERENT = 4  # letters; "hahaha" is spelt as one likes
ENDING_SHARE = 0.006  # of the words: an ending that so many share belongs to the grammar
FEWEST_WITH_ENDING = 5  # words: in a small dataset two words make up such a share by chance
LONGEST_WORD = 24
ENDING = 3  # letters; a change there is mostly a form of the word
WORD = r"\p{L}+(?:['’]\p{L}+)*"
PLAIN = re.compile(r"[^\W\d_]+")
VOWELS = frozenset("aeiouyàáâäãåèéêëìíîïòóôöõùúûüаеёиоуыэюяіїєαεηιουω")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
ITEMS = ("mug", "bowl", "plate", "vase", "jug")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _neighbours() -> frozenset[tuple[str, str]]:
    """Pairs of letters that lie side by side on a keyboard."""
    beside = {(a, b) for row in KEYS for a, b in pairwise(row)}
    under = {(a, b) for upper, lower in pairwise(KEYS) for a, b in zip(upper, lower, strict=False)}
    pairs = beside | under
    return frozenset(pairs | {(b, a) for a, b in pairs})


NEIGHBOURS = _neighbours()


@check(
    severity="info",
    scope="set",
    flags=Rows.of("Your shippment with the mug leaves on Monday.", "The delviery of the mug comes on Sunday."),
    passes=Rows.of(
        *[f"Your shipment with the {item} leaves on {day}, the delivery comes later." for item in ITEMS for day in DAYS]
        * 2,
        "Your shipments leave on Monday.",
    ),
)
def spelling_outlier(rows: Rows, *, times: int = TIMES_AS_OFTEN) -> Findings:
    """Measure: number of rare words in the replies of the row that are one letter from a common word of the dataset."""
    slips = _slips(rows, times)
    counts, notes = [0.0] * len(rows), [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    if not slips:
        return above(counts, 0, notes, spans)
    replies = assistant_turns(rows)
    near = replies.filter(pl.col("content").str.to_lowercase().str.contains_any(list(slips)))
    tongue = Tongue(replies["content"].to_list())
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row, turn, content in near.iter_rows():
        prose = ADDRESS.sub(lambda hit: " " * len(hit.group()), without_code(content))
        if looks_like_code(content) or not tongue.speaks(prose):
            continue
        for hit in PLAIN.finditer(prose):
            usual = slips.get(hit.group().lower())
            if usual and not _named(prose, hit):
                spans[row].append((turn, *hit.span()))
                found[row][hit.group()] = usual
    for row, words in found.items():
        counts[row] = float(len(spans[row]))
        notes[row] = "; ".join(
            f'"{word}" may be "{usual}", as the other rows write' for word, usual in list(words.items())[:3]
        )
    return above(counts, 0, notes, spans)


def _named(prose: str, hit: re.Match[str]) -> bool:
    """True for a word with a capital that does not begin a sentence, and for one that is part of a longer token."""
    before, after = prose[max(0, hit.start() - 1) : hit.start()], prose[hit.end() : hit.end() + 1]
    joined = (before in tuple("'’-_/@.#\\0123456789") and before != "") or (
        after in tuple("-_/@\\0123456789(=") and after != ""
    )
    if joined or not hit.group()[0].isupper():
        return joined
    return bool(re.search(r"[^\W\d_,;:][\"'”’)]*\s+$|,\s+$", prose[max(0, hit.start() - 6) : hit.start()]))


def _slips(rows: Rows, times: int) -> dict[str, str]:
    """Rare words of the dataset -> the common word that each is one slip away from."""
    turns = rows.turns.select("row", words=pl.col("content").str.extract_all(WORD).list.unique())
    words = turns.explode("words", empty_as_null=False).drop_nulls().rename({"words": "word"})
    words = words.filter(pl.col("word").str.len_chars().is_between(FEWEST_LETTERS - 1, LONGEST_WORD))
    counted = words.group_by("word").agg(turns=pl.len(), rows=pl.col("row").n_unique())
    lower = counted.with_columns(low=pl.col("word").str.to_lowercase())
    lower = lower.with_columns(small=pl.when(pl.col("word") == pl.col("low")).then(pl.col("turns")).otherwise(0))
    total = lower.group_by("low").agg(pl.col("turns").sum(), pl.col("rows").sum(), pl.col("small").sum())
    common = total.filter(
        (pl.col("turns") >= FEWEST_TURNS)
        & (pl.col("small") * 2 > pl.col("turns"))
        & (pl.col("low").str.len_chars() >= FEWEST_LETTERS)
    )
    rare = total.filter((pl.col("rows") <= RAREST) & (pl.col("small") > 0))
    often = dict(zip(common["low"], common["turns"], strict=True))
    by_gap: dict[str, list[str]] = defaultdict(list)
    for word in often:
        for gap in _gaps(word):
            by_gap[gap].append(word)
    endings = _endings(total["low"])
    slips: dict[str, str] = {}
    for word, count in zip(rare["low"], rare["turns"], strict=True):
        near = {usual for gap in _gaps(word) for usual in by_gap.get(gap, ())}
        fitting = [usual for usual in near if often[usual] >= times * count and is_slip(word, usual, endings)]
        if fitting:
            slips[word] = max(fitting, key=lambda usual: often[usual])
    return slips


def _gaps(word: str) -> Iterable[str]:
    """The word and what is left of it without one of its letters: two words one slip apart share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _endings(words: pl.Series) -> frozenset[str]:
    """The last three letters that many words of the dataset share, such as "ing"."""
    counted = words.filter(words.str.len_chars() > 2 * ENDING).str.tail(ENDING).value_counts()
    often = (pl.col("count") > ENDING_SHARE * pl.col("count").sum()) & (pl.col("count") >= FEWEST_WITH_ENDING)
    return frozenset(counted.filter(often).to_series().to_list())


def is_slip(word: str, usual: str, endings: Collection[str] = ()) -> bool:
    """True where `word` is `usual` with one slip of the fingers inside it, and no form or other spelling of it.

    endings: common ones, which do not count as letters of the word: "leaning" is no slip of "learning".
    """
    if word == usual or word[0] != usual[0] or len(set(usual)) < FEWEST_DIFFERENT or _bare(word) == _bare(usual):
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, usual, strict=False)) if a != b), min(len(word), len(usual)))
    end = 0
    while end < min(len(word), len(usual)) - start and word[-1 - end] == usual[-1 - end]:
        end += 1
    was, now = usual[start : len(usual) - end], word[start : len(word) - end]
    doubled = (was == "" and now in (word[start - 1], word[start + 1 : start + 2])) or (
        now == "" and was in (usual[start - 1], usual[start + 1 : start + 2])
    )
    if len(was) == len(now) == 2 and was == now[::-1]:
        return end >= 1
    if end < (ENDING - 1 if doubled else ENDING):
        return False
    if doubled:
        return {was + now} != {"l"} and {was + now} != {"s"}
    letters = len(usual) - ENDING * (usual[-ENDING:] in endings)
    if len(was) + len(now) == 1:
        return (was + now) != "u" and letters > FEWEST_LETTERS
    if len(was) == len(now) == 1:
        alike = (was in VOWELS and now in VOWELS) or (was, now) in NEIGHBOURS or not (was + now).isascii()
        return alike and {was, now} != {"s", "z"} and letters > FEWEST_LETTERS
    return False


def _bare(word: str) -> str:
    """The word without its accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
