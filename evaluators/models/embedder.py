"""Texts as vectors whose dot product is their likeness

embed = embedder(minilm_folder, corpus=texts)
vectors = embed(texts)          # (N, d) float32, each of length 1; vectors @ vectors.T is the cosine
embed.name                      # which it is: a screen must say when only words are compared
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evaluators.errors import ModelUnusable
from evaluators.models import loading

Vectors = NDArray[np.float32]

MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained with; longer texts are cut
BATCH = 32
MOST_TERMS = 4096


class Embedder(Protocol):
    """Texts in, (N, d) unit vectors out; `name` is shown to people, `meaning` tells whether paraphrases are seen."""

    name: str
    meaning: bool

    def __call__(self, texts: Sequence[str]) -> Vectors: ...


def embedder(folder: Path | None, *, corpus: Sequence[str]) -> Embedder:
    """MiniLM where its folder exists, else TF-IDF fitted on the corpus; ask the result's `name` which it is."""
    if folder is not None and (Path(folder) / "config.json").is_file():
        return MiniLM(Path(folder))
    return TfIdf(corpus)


class MiniLM:
    """Sentence vectors of all-MiniLM-L6-v2, (N, 384): mean of the last layer over the tokens, scaled to length 1."""

    name = "MiniLM sentence vectors"
    meaning = True

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        loading.quiet_threads()
        import torch
        from transformers import AutoModel, AutoTokenizer

        source = loading.checked_model(self.folder)
        try:
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            with loading.no_bars():
                model = AutoModel.from_pretrained(
                    source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelUnusable(
                f"the embedding model {source} cannot be loaded: {loading.first_line(error)}"
            ) from error
        return tokenizer, model.to("cuda" if torch.cuda.is_available() else "cpu").eval()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """(N, 384) unit vectors, batches of like length."""
        import torch

        if not texts:
            return np.zeros((0, 384), np.float32)
        tokenizer, model = self._parts
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            batch = tokenizer(
                [texts[p] for p in places], padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
            ).to(model.device)
            with torch.inference_mode():
                hidden = model(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None].to(hidden.dtype)
            means = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
            unit = torch.nn.functional.normalize(means, dim=-1).cpu().numpy()
            found.update(zip(places, unit, strict=True))
        return np.stack([found[place] for place in range(len(texts))]).astype(np.float32)


class TfIdf:
    """Word vectors weighted by rarity, (N, up to 4096): texts are alike when they share rare words, not when they mean
    the same; a text without a known word is all zeros."""

    name = "TF-IDF word vectors (no embedding model here: paraphrases are not seen)"
    meaning = False

    def __init__(self, corpus: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._words = TfidfVectorizer(
            max_features=MOST_TERMS, sublinear_tf=True, dtype=np.float32, token_pattern=r"(?u)\b\w+\b"
        )
        texts = list(corpus)
        self._known = any(any(character.isalnum() for character in text) for text in texts)
        if self._known:
            self._words.fit(texts)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """(N, d) unit vectors over the corpus's words; dense, since the callers multiply them."""
        if not self._known:
            return np.zeros((len(texts), 1), np.float32)
        if not texts:
            return np.zeros((0, len(self._words.vocabulary_)), np.float32)
        return np.asarray(self._words.transform(list(texts)).toarray(), np.float32)
