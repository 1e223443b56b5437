"""Groups tickets by what they want, and names each group by its telling words and its most typical ticket.

With sentence vectors the groups are learned from a sample of the tickets and the others are told by their letters,
since such vectors cost some hundred times as much as all the rest; without them, letters alone are compared.

Measured
    13,083 questions of banking77 with 77 known intents: purity .64 and NMI .76 with sentence vectors of 4,000 of them
    (80 groups; in the twenty largest purity is .48, as these are the ones that hold two intents); without such vectors
    purity .45 and NMI .62 (81 groups).
Source
    k as the root of half the number of texts: Mardia, Kent & Bibby 1979, Multivariate Analysis, p. 365. The weight of a
    word in a group (class-based TF-IDF): Grootendorst 2022, arXiv 2203.05794.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from workbench.checks.balance.stop_words import OTHER_LANGUAGES
from workbench.formats.format import shorten

SAMPLE = 4_000  # tickets that the groups are learned from
WIDTH = 150  # dimensions of the letters: 50 gave NMI .59, 300 .61
MOST_GROUPS = 150
SAME = 0.9  # cosine of two groups' middles at which they are one
NAME_WORDS = 3
READ = 600  # characters of a ticket that are compared
STARTS = 4  # of k-means; with one NMI was .02 lower
SINGULAR = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|\b\w*\d\w*\b")
IN_GROUP = 0.1  # a word names a group only where so many of its tickets have it
SAID_ANYWHERE = (  # what people write whatever they want
    "hi hello hey dear thanks thank please regards help want need does doing did going got get just like know long way "
    "im ive dont didnt cant havent wont isnt use using"
)

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""(N,) texts -> (N, d) unit vectors."""


@dataclass(frozen=True)
class Group:
    """Tickets that want the same. name: its telling words; members: their places, the most typical first."""

    name: str
    words: tuple[str, ...]
    members: NDArray[np.int64]


def find_groups(
    texts: Sequence[str], *, groups: int | None = None, embed: Embed | None = None, seed: int = 0
) -> list[Group]:
    """The groups of some tickets, the largest first.

    groups: how many to look for; by default the root of half the number of different texts, at most 150.
    """
    compared = [_compared(text) for text in texts]
    unique = list(dict.fromkeys(compared))
    place = {text: number for number, text in enumerate(unique)}
    of = np.array([place[text] for text in compared])
    letters = _letters(unique)
    label, points = _labels(unique, letters, groups, embed, seed)
    return _named(label[of], points[of], texts, compared)


def _compared(text: str) -> str:
    """What of a ticket tells its intent: addresses and numbers are the customer's and say nothing of it."""
    return " ".join(SINGULAR.sub(" ", text[:READ].lower()).split())


def _labels(
    texts: list[str], letters: sp.csr_matrix | None, groups: int | None, embed: Embed | None, seed: int
) -> tuple[NDArray[np.int64], Vectors]:
    """(N,) the group of each different text, and (N, d) points in which the middle of a group is typical of it."""
    points = _points(letters, len(texts), seed)
    k = groups or max(1, min(MOST_GROUPS, round(math.sqrt(len(texts) / 2))))
    chosen = np.sort(np.random.default_rng(seed).permutation(len(texts))[:SAMPLE])
    near = embed([texts[number] for number in chosen]) if embed else points[chosen]
    k = min(k, len(np.unique(near.round(5), axis=0)))
    if k < 2:
        return np.zeros(len(texts), np.int64), points
    label = _merged(_k_means(near, k, seed), near, merge=groups is None)
    if len(chosen) == len(texts):
        return label, (near if embed else points)
    return _spread(label, chosen, letters, points, len(texts)), points


def _k_means(points: Vectors, k: int, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=STARTS, random_state=seed).fit(points).labels_.astype(np.int64)


def _merged(label: NDArray[np.int64], points: Vectors, *, merge: bool) -> NDArray[np.int64]:
    """The labels with groups taken together whose middles are the same."""
    if not merge:
        return label
    from scipy.sparse.csgraph import connected_components

    middles = _unit(np.stack([points[label == group].mean(axis=0) for group in range(label.max() + 1)]))
    _, joined = connected_components((middles @ middles.T >= SAME).astype(np.int8), directed=False)
    return joined[label].astype(np.int64)


def _spread(
    label: NDArray[np.int64], chosen: NDArray[np.int64], letters: sp.csr_matrix | None, points: Vectors, count: int
) -> NDArray[np.int64]:
    """The labels of all texts, told from those of the chosen ones by their letters."""
    from sklearn.svm import LinearSVC

    if letters is None or label.max() == 0:
        return np.zeros(count, np.int64)
    found = LinearSVC(random_state=0).fit(letters[chosen], label).predict(letters).astype(np.int64)
    found[chosen] = label
    return found


def _letters(texts: list[str]) -> sp.csr_matrix | None:
    """(N, terms) weights of runs of three to five letters inside words; None where no run occurs in two texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, max_features=30_000, sublinear_tf=True, dtype=np.float32
    )
    try:
        return letters.fit_transform(texts)
    except ValueError:
        return None


def _points(letters: sp.csr_matrix | None, count: int, seed: int) -> Vectors:
    """(N, up to 150) unit vectors of the letters."""
    from sklearn.decomposition import TruncatedSVD

    if letters is None:
        return np.zeros((count, 1), np.float32)
    width = min(WIDTH, min(letters.shape) - 1)
    if width < 2:
        return np.asarray(letters.toarray(), np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):  # texts all alike have no variance to explain
        return _unit(TruncatedSVD(width, random_state=seed).fit_transform(letters))


def _unit(points: np.ndarray) -> Vectors:
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(np.nan_to_num(points / np.where(length > 0, length, 1)), np.float32)


def _named(label: NDArray[np.int64], points: Vectors, texts: Sequence[str], compared: Sequence[str]) -> list[Group]:
    """The groups with their names, members in order of nearness to the middle.

    compared: the texts without addresses and numbers, so that no group is called after a customer's address.
    """
    words = _telling_words(label, compared)
    groups = []
    for group in np.unique(label):
        members = np.flatnonzero(label == group)
        middle = _unit(points[members].mean(axis=0, keepdims=True))[0]
        members = members[np.argsort(-(points[members] @ middle), kind="stable")]
        told = words[int(group)]
        name = ", ".join(told) if told else shorten(texts[members[0]], 40)
        groups.append(Group(name, tuple(told), members))
    return sorted(groups, key=lambda one: -len(one.members))


def _telling_words(label: NDArray[np.int64], texts: Sequence[str]) -> dict[int, list[str]]:
    """group -> the words that are frequent in it and rare elsewhere, at most three."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    counter = CountVectorizer(
        binary=True, max_features=20_000, token_pattern=r"(?u)[^\W\d_]{2,}(?:['\u2019][^\W\d_]+)?", dtype=np.float32
    )  # fmt: skip
    try:
        holds = counter.fit_transform([text[:READ] for text in texts])
    except ValueError:
        return {int(group): [] for group in np.unique(label)}
    terms, told = counter.get_feature_names_out(), {}
    passing = ENGLISH_STOP_WORDS | OTHER_LANGUAGES | frozenset(SAID_ANYWHERE.split())
    telling = np.array([term not in passing and term.isalpha() for term in terms])  # no "didn't"
    everywhere = np.asarray(holds.mean(axis=0)).ravel()
    for group in np.unique(label):
        inside = np.asarray(holds[label == group].mean(axis=0)).ravel()
        weight = np.where(telling & (inside >= IN_GROUP), inside * np.log1p(inside / np.maximum(everywhere, 1e-9)), 0)
        told[int(group)] = _different([terms[at] for at in np.argsort(-weight)[: 3 * NAME_WORDS] if weight[at] > 0])
    return told


def _different(words: list[str]) -> list[str]:
    """The first three that are not forms of one word: "card" and "cards" are one."""
    kept: list[str] = []
    for word in words:
        if len(kept) < NAME_WORDS and not any(word[:4] == other[:4] for other in kept):
            kept.append(word)
    return kept
