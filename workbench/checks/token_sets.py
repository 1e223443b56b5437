"""rapidfuzz's token_set_ratio for many pairs of the same texts, five to ten times as fast as pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from workbench.checks.text_hashes import THREADS, Ints, character_classes, encoded, folded, in_threads
from workbench.checks.words import words_of

Floats = np.ndarray

LONGEST = 4096  # bytes of a text up to which the kernel compares; its tables grow with the square of it


def token_set_ratios(texts: Sequence[str], a: Ints, b: Ints, needed: Floats) -> Floats:
    """(K,) the ratio, 0 to 1, of the words of texts a[k] and b[k]; one that is below `needed` may come as less."""
    from workbench.checks import token_set_kernels

    kernels: Any = token_set_kernels
    buffer, starts = encoded(texts)
    size = np.diff(starts)
    ratios = np.zeros(len(a))
    fits = (size[a] <= LONGEST) & (size[b] <= LONGEST)
    short = np.where(size <= LONGEST, size, 0)
    longest = int(short.max(initial=0))
    words = kernels.cut_all(buffer, starts, short, character_classes())
    one, other, least, found = a[fits], b[fits], needed[fits], np.zeros(int(fits.sum()))
    work = (buffer, *words, one, other, least, longest)
    in_threads(lambda p: kernels.token_set_ratios(*work, p, THREADS, found), range(THREADS))
    ratios[fits] = found
    for k in np.flatnonzero(~fits).tolist():
        left, right = (" ".join(words_of(folded(texts[i]))) for i in (a[k], b[k]))
        ratios[k] = fuzz.token_set_ratio(left, right) / 100
    return ratios
