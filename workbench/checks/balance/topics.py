"""Groups texts by their words and names each group; a rough map of topics, not a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.checks.balance.stop_words import OTHER_LANGUAGES, TASK_WORDS

MOST_TERMS = 5_000
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
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    weights, terms = _tf_idf(texts)
    if weights is None:
        return Topics(np.full(len(texts), SCATTERED), ())
    width = min(DIMENSIONS, min(weights.shape) - 1)
    if width < 2:
        points = weights.toarray()
    else:
        with np.errstate(divide="ignore", invalid="ignore"):  # texts all alike have no variance to explain
            points = normalize(TruncatedSVD(width, random_state=seed).fit_transform(weights))
    chosen = np.random.default_rng(seed).permutation(len(texts))[:SAMPLE]
    k = int(np.clip(len(texts) // ROWS_A_CLUSTER, 2, MOST_CLUSTERS))
    k = min(k, len(np.unique(points[chosen].round(6), axis=0)))  # copies cannot make clusters of their own
    means = KMeans(k, n_init=1, random_state=seed).fit(points[chosen])
    return _named(means.predict(points), weights, terms)


def _tf_idf(texts: Sequence[str]):  # type: ignore[no-untyped-def]  # scipy has no stubs here
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

    vectorizer = TfidfVectorizer(
        max_features=MOST_TERMS,
        min_df=2,
        sublinear_tf=True,
        dtype=np.float32,
        stop_words=list(ENGLISH_STOP_WORDS | OTHER_LANGUAGES | TASK_WORDS),
        token_pattern=TOKEN,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word occurs in two texts
        return None, None
    return weights, vectorizer.get_feature_names_out()


def _named(cluster: np.ndarray, weights, terms) -> Topics:  # type: ignore[no-untyped-def]
    """The clusters as topics, those with the same commonest word taken together, named by their weightiest words."""
    shared: dict[int, list[int]] = {}
    for number in np.unique(cluster):
        holding = np.asarray((weights[cluster == number] > 0).mean(axis=0)).ravel()
        if holding.max() >= SHARED_WORD:
            shared.setdefault(int(holding.argmax()), []).append(int(number))
    label, names = np.full(len(cluster), SCATTERED), list[str]()
    for numbers in shared.values():
        inside = np.isin(cluster, numbers)
        label[inside] = len(names)
        mean = np.asarray(weights[inside].mean(axis=0)).ravel()
        names.append(", ".join(terms[place] for place in np.argsort(-mean)[:NAME_WORDS] if mean[place] > 0))
    return Topics(label, tuple(names))
