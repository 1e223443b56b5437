"""Counts the tokens of conversations in a model's own tokenizer, and only where the count can matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.remembered import remembered
from workbench.errors import NotRun
from workbench.rows import Message, Rows
from workbench.settings import DEFAULT_MODEL, models_folder

# <|im_start|> and, behind the role, a line break before the content; <|im_end|> and a line break after it.
TURN_MARKS = 4
LONGEST_ROLE = 10  # tokens: no template knows a role of more
BATCH = 2_000  # texts handed to the tokenizer at a time, so that 50,000 long rows need no great memory
MOST_WORDS = 2_000_000  # kept with their counts; beyond, the memory is worth more than the time
TRIED = 100
RUN = re.compile(r"\s ")
FIRST_BLANK = re.compile(r"(?<=\S) ")  # of a run of white space
# Behind these normalizers a text never has more bytes than before it, and so never more tokens than bytes.
NEVER_LONGER = ("NoneType", "NFC", "Lowercase", "Strip")


def tokenizer_file(model: str = "") -> Path:
    """Where the tokenizer of a model lies; NotRun with the way out when it is not there."""
    folder = Path(model).expanduser() if model else models_folder() / DEFAULT_MODEL
    path = folder if folder.name == "tokenizer.json" else folder / "tokenizer.json"
    if path.is_file():
        return path
    if model:
        raise NotRun(f'There is no tokenizer.json in "{folder}". Give the folder of the model as `model`.')
    raise NotRun(
        f'The tokenizer of the embedded model is not at "{folder}". Run "goldloop models fetch", or give the folder of '
        "the model to be trained as `model`."
    )


def tokenizer_of(model: str = "") -> Any:
    """The tokenizer of a model folder, or the embedded model's; raises NotRun when it is not there or unreadable."""
    return _tokenizer(str(tokenizer_file(model)))


@lru_cache(maxsize=2)
def _tokenizer(path: str) -> Any:
    from tokenizers import Tokenizer

    try:
        found = Tokenizer.from_file(path)
    except Exception as error:  # the library raises a bare Exception for any file that it cannot read
        raise NotRun(f'"{path}" cannot be read as a tokenizer ({error}).') from error
    found.no_truncation()  # a saved limit would hide just the rows that are looked for
    found.no_padding()
    return found


def bounded_by_bytes(tokenizer: Any) -> bool:
    """True where a text cannot have more tokens than bytes (UTF-8)."""
    return type(tokenizer.normalizer).__name__ in NEVER_LONGER


def most_tokens(rows: Rows) -> pl.Series:
    """(N,) an upper bound of each row's tokens, from bytes: each token of a text holds at least one of them."""
    turns = rows.turns.group_by("row").agg(
        most=pl.col("content").str.len_bytes().sum() + pl.len() * (TURN_MARKS + LONGEST_ROLE)
    )
    places = pl.DataFrame({"row": range(len(rows))}, schema={"row": pl.Int64})
    return places.join(turns, on="row", how="left", maintain_order="left")["most"].fill_null(0)


def most_bytes(turns: Sequence[Message]) -> int:
    """The same upper bound for some turns."""
    return sum(len((turn["content"] or "").encode("utf-8", "replace")) + TURN_MARKS + LONGEST_ROLE for turn in turns)


def row_tokens(rows: Rows, tokenizer: Any, wanted: Sequence[int]) -> list[list[int]]:
    """Tokens of each turn of the wanted rows, as `turn_tokens` counts them; a row of a table is counted once."""
    # the tokenizer is kept beside the counts, so that no other one gets its id
    known = remembered(rows, ("tokens", id(tokenizer)), lambda: (dict[int, list[int]](), dict[str, int](), tokenizer))
    by_row, words, _ = known
    fresh = [row for row in wanted if row not in by_row]
    by_row.update(zip(fresh, turn_tokens(tokenizer, [rows.messages[row] for row in fresh], words), strict=True))
    return [by_row[row] for row in wanted]


def turn_tokens(
    tokenizer: Any, conversations: Sequence[Sequence[Message]], words: dict[str, int] | None = None
) -> list[list[int]]:
    """Tokens of each turn, row by row: its content, its role and its four marks.

    Texts share most of their words, and byte-level tokenizers set a cut before every run of white space that begins
    with a blank, so a word is encoded once for all rows (50,000 rows: 2 s in place of 8). Whether that holds for this
    tokenizer is tried on some of the rows first; where one count differs, all texts are encoded as a whole.
    words: those that are known already, with their counts; fresh ones are put in.
    """
    contents = [turn["content"] or "" for turns in conversations for turn in turns]
    roles = [turn["role"] or "" for turns in conversations for turn in turns]
    cuts = _cuts_before_blanks(tokenizer, contents)
    counts = _by_words(tokenizer, contents, words) if cuts else _whole(tokenizer, contents)
    marks = {role: TURN_MARKS + len(tokenizer.encode(role, add_special_tokens=False).ids) for role in set(roles)}
    sizes = iter([count + marks[role] for count, role in zip(counts, roles, strict=True)])
    return [[next(sizes) for _ in turns] for turns in conversations]


def _whole(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    counts: list[int] = []
    for start in range(0, len(texts), BATCH):
        found = tokenizer.encode_batch_fast(texts[start : start + BATCH], add_special_tokens=False)
        counts += [len(one.ids) for one in found]
    return counts


def _by_words(tokenizer: Any, texts: Sequence[str], known: dict[str, int] | None = None) -> list[int]:
    known = {} if known is None else known
    counts: list[int] = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        counts += _batch_by_words(tokenizer, batch, known)
        if len(known) > MOST_WORDS:
            known.clear()
    return counts


def _batch_by_words(tokenizer: Any, texts: Sequence[str], known: dict[str, int]) -> list[int]:
    pieces = [_pieces(text) for text in texts]
    fresh = list({piece for words in pieces for piece in words} - known.keys())
    known.update(zip(fresh, _whole(tokenizer, fresh), strict=True))
    return [sum(map(known.__getitem__, words)) for words in pieces]


def _pieces(text: str) -> list[str]:
    """The text cut before each blank that follows no white space: behind white space it may be one token with it."""
    if "\0" in text:
        return [text]
    return (FIRST_BLANK.sub("\0 ", text) if RUN.search(text) else text.replace(" ", "\0 ")).split("\0")


def _cuts_before_blanks(tokenizer: Any, texts: Sequence[str]) -> bool:
    """True where counting by words gives what counting whole texts gives, on TRIED texts from all over the rows."""
    tried = texts[:: max(1, len(texts) // TRIED)]
    return _whole(tokenizer, tried) == _batch_by_words(tokenizer, tried, {})
