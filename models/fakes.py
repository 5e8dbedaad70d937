"""Deterministic stand-ins that implement the public interfaces, for tests that are not about a model."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class HashEmbedder:
    """An embedder without weights: a text's vector is the sum of fixed random vectors of its words.

    Texts that share words are near each other, nothing else is known of meaning. `seed` makes another
    embedder with another fingerprint.
    """

    def __init__(self, dimension: int = 64, *, seed: int = 0) -> None:
        self._dimension = dimension
        self._seed = seed
        self._words: dict[str, NDArray[np.float32]] = {}

    @property
    def name(self) -> str:
        """What people call it."""
        return f"hash-{self._dimension}-{self._seed}"

    @property
    def fingerprint(self) -> str:
        """Changes with the dimension and the seed."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:24]

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(n, d) float32`, unit rows; zero rows for texts without a word."""
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for number, text in enumerate(texts):
            for word in text.lower().split():
                rows[number] += self._vector(word)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, 1e-9), np.float32)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(n, d) float32`, unit rows; the same as for passages."""
        return self.encode_passages(texts)

    def _vector(self, word: str) -> NDArray[np.float32]:
        if word not in self._words:
            random = np.random.default_rng([self._seed, zlib.crc32(word.encode())])
            self._words[word] = random.standard_normal(self._dimension).astype(np.float32)
        return self._words[word]
