"""Groups texts by their words and names each group; a rough map of topics, not a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp

from workbench.checks.balance.stop_words import OTHER_LANGUAGES, TASK_WORDS

MOST_TERMS = 5_000
READ = 1_000  # characters of a text: what it is about stands there
DIMENSIONS = 50
# Two letters or more; Indic and Thai vowel signs and combining accents are parts of words, which \w does not know.
TOKEN = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff]){2,}"
ROWS_A_CLUSTER = 5  # more clusters than topics: near ones are taken together afterwards
MOST_CLUSTERS = 20
SAMPLE = 10_000  # rows that the clusters are learned from; all are then assigned
NAME_WORDS = 3
# k-means puts all that fits nowhere into one cluster; a topic has a word that most of its texts share. Clusters with
# the same such word are one topic.
SHARED_WORD = 0.5
SCATTERED = -1
# Or they are one where two words stand in nearly every text of both: k-means parts one subject by its lesser words.
IN_NEARLY_ALL = 0.8
WORDS_IN_COMMON = 2


@dataclass(frozen=True)
class Topics:
    """label: (N,) int, the topic of each text or -1 where it has none; names: the telling words of each topic."""

    label: np.ndarray
    names: tuple[str, ...]

    @property
    def share(self) -> np.ndarray:
        """(topics,) the part of all texts in each topic, 0 to 1."""
        inside = self.label[self.label != SCATTERED]
        return np.bincount(inside, minlength=len(self.names)) / max(1, len(self.label))


def find_topics(texts: Sequence[str], *, seed: int = 0) -> Topics:
    """The topics of some texts: TF-IDF, its first 50 dimensions, k-means, clusters that share a word taken together.

    k is a fifth of the number of texts, at most 20. A cluster without a word that half of its texts share is no topic.
    """
    from sklearn.cluster import KMeans

    weights, terms = _tf_idf(texts)
    if weights is None:
        return Topics(np.full(len(texts), SCATTERED), ())
    chosen = np.random.default_rng(seed).permutation(len(texts))[:SAMPLE]
    points = _points(weights, chosen, seed)
    k = int(np.clip(len(texts) // ROWS_A_CLUSTER, 2, MOST_CLUSTERS))
    k = min(k, len(np.unique(points[chosen].round(6), axis=0)))  # copies cannot make clusters of their own
    means = KMeans(k, n_init=1, random_state=seed).fit(points[chosen])
    return _named(means.predict(points), weights, terms)


def _tf_idf(texts: Sequence[str]) -> tuple[sp.csr_matrix | None, list[str]]:
    """(N, terms) word weights, rows of length 1, and the terms; None where no word occurs in two texts.

    tf is sublinear and idf smoothed, as in scikit-learn; Polars counts the words, six times as fast.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    silent = list(ENGLISH_STOP_WORDS | OTHER_LANGUAGES | TASK_WORDS)
    said = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index("row")
    words = said.select("row", word=pl.col("text").str.head(READ).str.to_lowercase().str.extract_all(TOKEN))
    counts = words.explode("word").drop_nulls().group_by("row", "word").len().filter(~pl.col("word").is_in(silent))
    terms = counts.group_by("word").agg(texts=pl.len(), times=pl.col("len").sum()).filter(pl.col("texts") > 1)
    terms = terms.sort(["times", "word"], descending=[True, False]).head(MOST_TERMS).sort("word").with_row_index("term")
    if terms.height == 0:
        return None, []
    found = counts.join(terms, on="word").sort("row", "term")
    rarity = np.log((1 + len(texts)) / (1 + found["texts"].to_numpy())) + 1
    values = ((1 + np.log(found["len"].to_numpy())) * rarity).astype(np.float32)
    places = (found["row"].to_numpy().astype(np.int64), found["term"].to_numpy().astype(np.int64))
    weights = sp.csr_matrix((values, places), shape=(len(texts), terms.height))
    length = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ weights), terms["word"].to_list()


def _points(weights: sp.csr_matrix, chosen: np.ndarray, seed: int) -> np.ndarray:
    """(N, up to 50) the texts in the main directions of the chosen ones, each of length 1."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    width = min(DIMENSIONS, min(weights[chosen].shape) - 1)
    if width < 2:
        return weights.toarray()
    with np.errstate(divide="ignore", invalid="ignore"):  # texts all alike have no variance to explain
        return normalize(TruncatedSVD(width, random_state=seed).fit(weights[chosen]).transform(weights))


def _named(cluster: np.ndarray, weights: sp.csr_matrix, terms: Sequence[str]) -> Topics:
    """The clusters as topics, those with the same commonest word taken together, named by their weightiest words."""
    holds = weights > 0
    holding = {int(n): np.asarray(holds[cluster == n].mean(axis=0)).ravel() for n in np.unique(cluster)}
    shared = _together({number: one for number, one in holding.items() if one.max() >= SHARED_WORD})
    label, names = np.full(len(cluster), SCATTERED), list[str]()
    for numbers in shared.values():
        inside = np.isin(cluster, numbers)
        label[inside] = len(names)
        mean = np.asarray(weights[inside].mean(axis=0)).ravel()
        names.append(", ".join(terms[place] for place in np.argsort(-mean)[:NAME_WORDS] if mean[place] > 0))
    return Topics(with_strays(label, list(shared), holds), tuple(names))


def _together(holding: dict[int, np.ndarray]) -> dict[int, list[int]]:
    """A word -> the clusters that are one topic by it. holding: cluster -> (terms,) share of texts with each word."""
    topics: list[tuple[int, list[int], set[int]]] = []
    for number, shares in holding.items():
        word, words = int(shares.argmax()), set(np.flatnonzero(shares >= IN_NEARLY_ALL).tolist())
        for place, (known, numbers, common) in enumerate(topics):
            if known == word or len(common & words) >= WORDS_IN_COMMON:
                kept = common & words if known != word else common
                topics[place] = (known if known == word or known in kept else min(kept), [*numbers, number], kept)
                break
        else:
            topics.append((word, [number], words))
    merged: dict[int, list[int]] = {}
    for word, numbers, _ in topics:
        merged.setdefault(word, []).extend(numbers)
    return merged


def with_strays(label: np.ndarray, words: Sequence[int], holds: sp.csr_matrix) -> np.ndarray:
    """The labels, where texts of no topic join the one whose own word they hold.

    A word is a topic's own when at least half of all texts that hold it are in the topic already.
    """
    fresh = label.copy()
    for topic, word in enumerate(words):
        holding = np.asarray(holds[:, [word]].todense()).ravel()
        if (label[holding] == topic).mean() >= SHARED_WORD:
            fresh[holding & (fresh == SCATTERED)] = topic
    return fresh
