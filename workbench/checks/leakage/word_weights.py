"""The likest of some held-out texts to each text, by the weights of their words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy.sparse as sp

READ = 2_000  # characters of a text
COMMON = 0.05  # of all texts: a word in more of them adds work to the product and next to nothing to a likeness
BLOCK = 2_000  # texts whose likeness to all held-out texts is in memory at once
NEIGHBOURS = 6  # the likest and the five next ones
ENOUGH = 200  # texts from which "common" means something


def likest(texts: Sequence[str], held: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N,) cosine with the likest held-out text, (N,) which it is, and (H,) what each held-out text usually has in
    common with those that are like it: the mean over its second to sixth likest text.

    Source: TF-IDF with sublinear tf and smoothed idf; the mean as in CSLS, Conneau et al. 2018.
    """
    weights, held_weights = _weights(texts, held)
    best, cosine = np.zeros(len(texts), np.int64), np.zeros(len(texts))
    top = np.zeros((NEIGHBOURS, len(held)), np.float32)
    turned = sp.csc_matrix(held_weights.T)
    for start in range(0, len(texts), BLOCK):
        block = (weights[start : start + BLOCK] @ turned).toarray()
        best[start : start + BLOCK], cosine[start : start + BLOCK] = block.argmax(axis=1), block.max(axis=1)
        top = -np.partition(-np.vstack([top, block]), NEIGHBOURS - 1, axis=0)[:NEIGHBOURS]
    return cosine, best, np.sort(top, axis=0)[:-1].mean(axis=0)


def _weights(texts: Sequence[str], held: Sequence[str]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """(N, words) and (H, words); rows of length 1, then without words that are too common or on one side only."""
    said = pl.DataFrame({"text": [*texts, *held]}, schema={"text": pl.String}).with_row_index("row")
    words = said.select("row", word=pl.col("text").str.head(READ).str.to_lowercase().str.extract_all(r"\w+"))
    counts = words.explode("word").drop_nulls().group_by("row", "word").len()
    known = counts.group_by("word").agg(
        texts=pl.len(), left=(pl.col("row") < len(texts)).any(), right=(pl.col("row") >= len(texts)).any()
    )
    rarity = (np.log((1 + said.height) / (1 + known["texts"].to_numpy())) + 1).astype(np.float32)
    known = known.with_columns(rarity=pl.Series(rarity))
    weighed = counts.join(known, on="word").with_columns(weight=(1 + pl.col("len").log()) * pl.col("rarity"))
    length = weighed.group_by("row").agg(length=(pl.col("weight") ** 2).sum().sqrt())
    most = max(COMMON * said.height, ENOUGH)
    kept = weighed.filter(pl.col("left") & pl.col("right") & (pl.col("texts") <= most)).join(length, on="row")
    terms = kept.select("word").unique().sort("word").with_row_index("term")
    kept = kept.join(terms, on="word").sort("row", "term")
    places = (kept["row"].to_numpy().astype(np.int64), kept["term"].to_numpy().astype(np.int64))
    values = (kept["weight"] / kept["length"]).to_numpy().astype(np.float32)
    matrix = sp.csr_matrix((values, places), shape=(said.height, max(terms.height, 1)))
    return matrix[: len(texts)], matrix[len(texts) :]
