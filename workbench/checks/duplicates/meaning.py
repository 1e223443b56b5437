"""How alike two rows are in meaning: by their prompts and by their replies, and what tells them apart all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from evaluators.models.embedder import MiniLM

BOTH = 0.5  # cosine that the prompts and the replies must each have: alike in one alone is another matter
FEWEST_WORDS = 4  # of a reply; shorter ones ("Yes.", "True, False") are like many
READ = 2_000  # characters: more than the 256 tokens that the model reads, in any script
NUMBER = re.compile(r"\d+(?:\.\d+)?")
QUOTED = re.compile(r"(?<!\w)[\"'“‘«]([^\"'“”‘’«»\n]{2,60})[\"'”’»](?!\w)")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]{2,}")


@cache
def reader(folder: Path) -> MiniLM:
    """The model, loaded once a process."""
    return MiniLM(folder)


def vectors_of(texts: Sequence[str], folder: Path) -> np.ndarray:
    """(N, 384) vectors of length 1."""
    return reader(folder)([text[:READ] for text in texts])


def in_meaning(prompts: Any, replies: Any, *, only_prompts: Any) -> np.ndarray:
    """The mean cosine of prompts and replies, 0 where either is below `BOTH`; of the prompts alone where so marked.

    prompts, replies: cosines in any shape; only_prompts: bool of the same shape.
    """
    both = np.where(np.minimum(prompts, replies) >= BOTH, (np.asarray(prompts) + replies) / 2, 0.0)
    return np.where(only_prompts, prompts, both)


def told_apart(one: str, other: str) -> bool:
    """True where numbers, quoted words or names of the two texts contradict each other."""
    mine, theirs = NUMBER.findall(one.replace(",", "")), NUMBER.findall(other.replace(",", ""))
    if mine and theirs and set(mine) != set(theirs):
        return True
    for kind in (QUOTED, NAME):
        here, there = ({word.strip(" .,").lower() for word in kind.findall(text)} for text in (one, other))
        if here and there and not here & there:
            return True
    return False
