"""Vectors are read once a text, and a damaged or missing file costs only reading again."""

from collections.abc import Sequence

import numpy as np
import pytest

from workbench.store import Store
from workbench.store.vectors import MOST_FILES, VectorCache


class Toy:
    """A text's vector is (its length, 1), of length 1; counts what it read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        found = np.array([(len(text), 1.0) for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def toy() -> Toy:
    return Toy()


def test_a_text_is_read_once_also_by_a_later_process(store: Store, toy: Toy) -> None:
    first = VectorCache(store, "toy", toy, 2)(["abc", "a", "abc"])
    again = VectorCache(store, "toy", toy, 2)
    assert np.array_equal(again(["a", "abc"]), first[[1, 0]])
    assert sorted(toy.read) == ["a", "abc"]
    assert (again.read_now, again.missing(["a", "new"])) == (0, 1)
    assert np.allclose(first[0], (3 / 10**0.5, 1 / 10**0.5), atol=1e-3)


def test_a_damaged_file_is_read_again(store: Store, toy: Toy) -> None:
    cache = VectorCache(store, "toy", toy, 2)
    cache(["abc"])
    (file,) = cache.folder.glob("*.npz")
    file.write_bytes(b"half a file")
    assert cache(["abc"]).shape == (1, 2)
    assert toy.read == ["abc", "abc"]


def test_many_small_files_become_one(store: Store, toy: Toy) -> None:
    cache = VectorCache(store, "toy", toy, 2)
    for n in range(MOST_FILES + 2):
        cache([f"text {n}"])
    cache(["text 0"])
    assert len(list(cache.folder.glob("*.npz"))) <= 2
    assert len(toy.read) == MOST_FILES + 2
