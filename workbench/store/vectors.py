"""Vectors of texts, kept in the store's folder by text and model: what was read once is not read again.

The folder is free to delete. Two processes may read and write at once: every file is written whole under a name of its
own, and a file that went away in between only costs reading its texts again.
"""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.settings import Report, no_report
from workbench.store.row_files import write_whole
from workbench.store.store import Store

Vectors = NDArray[np.float32]

FOLDER = "vectors"
SAVE_EVERY = 1_024  # texts: what a stop can cost, some twenty seconds on two cores
MOST_FILES = 16  # before they are made one
KEY = "S16"  # half a SHA-256 in bytes: no two of 10^12 texts share one


class VectorCache:
    """Texts in, (N, d) float32 unit vectors out; `embed` is called for those that the folder does not know.

    The vectors are kept as 16-bit floats (a cosine moves by .001 at most), and given as they are kept, so that the
    first call and every later one say the same.
    """

    def __init__(self, store: Store, model: str, embed: Callable[[Sequence[str]], Vectors], width: int) -> None:
        self.folder = store.folder(FOLDER, model)
        self.embed, self.width = embed, width
        self.read_now = 0  # texts that the model had to read since this was made

    def missing(self, texts: Sequence[str]) -> int:
        """How many different texts the model would have to read."""
        known, _ = self._known()
        return int((~np.isin(np.unique(_keys(texts)), known)).sum())

    def __call__(self, texts: Sequence[str], report: Report = no_report) -> Vectors:
        """(N, d) vectors; saved while the work goes on, so that a stopped search loses little."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        keys = _keys(texts)
        known, vectors = self._known()
        wanted, first = np.unique(keys, return_index=True)
        fresh = first[~np.isin(wanted, known)]
        # like lengths together: the model pads a batch to its longest text
        fresh = fresh[np.argsort([len(texts[place]) for place in fresh.tolist()], kind="stable")]
        for start in range(0, len(fresh), SAVE_EVERY):
            places = fresh[start : start + SAVE_EVERY].tolist()
            report(start / len(fresh), f"Reading the meaning of texts: {start:,} of {len(fresh):,}")
            read = self.embed([texts[place] for place in places]).astype(np.float16)
            self._save(keys[places], read)
            self.read_now += len(places)
            known, vectors = np.concatenate([known, keys[places]]), np.concatenate([vectors, read])
        order = np.argsort(known, kind="stable")
        at = order[np.searchsorted(known, keys, sorter=order)]
        unit = vectors[at].astype(np.float32)
        length = np.linalg.norm(unit, axis=1, keepdims=True)
        return np.divide(unit, length, out=np.zeros_like(unit), where=length > 0)

    def _known(self) -> tuple[np.ndarray, np.ndarray]:
        """(K,) keys and (K, d) vectors of all files; one that cannot be read is passed over."""
        files = sorted(self.folder.glob("*.npz"))
        found = [part for file in files if (part := _loaded(file, self.width)) is not None]
        if not found:
            return np.zeros(0, KEY), np.zeros((0, self.width), np.float16)
        keys, vectors = np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])
        if len(files) > MOST_FILES:
            self._save(keys, vectors)
            for file in files:
                file.unlink(missing_ok=True)
        return keys, vectors

    def _save(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        def write(part: Path) -> None:
            with part.open("wb") as out:  # given a name, numpy would add its own ending to it
                np.savez(out, keys=keys, vectors=vectors)

        write_whole(self.folder / f"{uuid.uuid4().hex}.npz", write)


def _keys(texts: Sequence[str]) -> np.ndarray:
    """(N,) 16 bytes of each text's digest. The last byte is never 0, which numpy would cut off."""
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:15] + b"\1" for text in texts]
    return np.array(digests, dtype=KEY)


def _loaded(file: Path, width: int) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        with np.load(file, allow_pickle=False) as held:
            keys, vectors = held["keys"], held["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return (keys, vectors) if vectors.shape == (len(keys), width) else None
