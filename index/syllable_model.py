"""How likely Vietnamese syllables follow each other: a small trigram model, counted from news.

Knows ids and probabilities, no questions. The table is index/data/syllables.npz, made by
`models/training/build_restoration.py`; counts are stored as bytes, `round(LOG_SCALE * ln(count))`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.normalize import strip_tones

LOG_SCALE = 15.0
STRIDE = 1 << 14
BREAK, NUMBER = 0, 1
FIRST_ID = 2
MOST_CANDIDATES = 20

Ids = NDArray[np.int64]
Probabilities = NDArray[np.float64]

# Witten-Bell-like: how much of the mass goes to the shorter history; tuned on held-out titles.
_PAIR_SMOOTHING = 800.0
_TRIPLE_SMOOTHING = 8.0


def _counts(logarithms: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(np.exp(logarithms.astype(np.float32) / LOG_SCALE), np.float32)


def _keys(deltas: NDArray[np.uint8]) -> Ids:
    """Undo the byte planes of `build_restoration`: (bytes, n) differences → n ascending keys."""
    values = np.zeros(deltas.shape[1], np.int64)
    for plane in deltas:
        values = (values << 8) | plane
    return np.cumsum(values)


class SyllableModel:
    """Probabilities of the next syllable given two before it; ids as in the table."""

    def __init__(self, arrays: dict[str, NDArray[np.uint8]]) -> None:
        words = arrays["words"].tobytes().decode().split(" ")
        self.words = ["", "0", *words]
        self.ids = {word: number for number, word in enumerate(words, FIRST_ID)}
        self.unigrams = _counts(arrays["unigrams"]).astype(np.float64)
        self.total = float(self.unigrams.sum())
        self.pair_keys = _keys(arrays["pair_deltas"])
        self.pair_counts = _counts(arrays["pair_counts"])
        self.triple_keys = _keys(arrays["triple_deltas"])
        self.triple_counts = _counts(arrays["triple_counts"])
        grouped: dict[str, list[int]] = {}
        for word, number in self.ids.items():
            grouped.setdefault(strip_tones(word), []).append(number)
        self.candidates = {
            plain: np.array(sorted(ids, key=lambda i: -self.unigrams[i])[:MOST_CANDIDATES], np.int64)
            for plain, ids in grouped.items()
        }

    def next_probabilities(self, before: Ids, first: Ids, second: Ids) -> Probabilities:
        """Return P(second | before, first), shape (len(before), len(first), len(second)), float64."""
        unigram = (self.unigrams[second] + 0.5) / self.total
        pairs = first[:, None] * STRIDE + second[None, :]
        history = self.unigrams[first][:, None]
        pair_counts = _look_up(pairs, self.pair_keys, self.pair_counts)
        pair = (pair_counts + _PAIR_SMOOTHING * unigram[None, :]) / (history + _PAIR_SMOOTHING)
        contexts = before[:, None] * STRIDE + first[None, :]
        context_counts = _look_up(contexts, self.pair_keys, self.pair_counts)
        triples = contexts[:, :, None] * STRIDE + second[None, None, :]
        triple_counts = _look_up(triples, self.triple_keys, self.triple_counts)
        mixed = (triple_counts + _TRIPLE_SMOOTHING * pair[None, :, :]) / (
            context_counts[:, :, None] + _TRIPLE_SMOOTHING
        )
        # triples that say nothing beyond their pair were left out of the table
        return np.where(triple_counts > 0, mixed, pair[None, :, :])

    def attraction(self, first: str, second: str) -> float:
        """Return how many times likelier `second` is behind `first` than anywhere; 0 where either is unknown.

        Above 20 or so the two are syllables of one word ("điều dưỡng" 26, "có người" 2).
        """
        a, b = self.ids.get(first), self.ids.get(second)
        if a is None or b is None:
            return 0.0
        behind = self.next_probabilities(np.array([BREAK]), np.array([a]), np.array([b]))
        return float(behind[0, 0, 0] * self.total / (self.unigrams[b] + 0.5))


def _look_up(keys: Ids, table: Ids, counts: NDArray[np.float32]) -> Probabilities:
    places = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[places] == keys, counts[places], 0.0).astype(np.float64)


@lru_cache(maxsize=1)
def syllable_model() -> SyllableModel:
    """Load the packaged model once (about 0.1 s, 30 MB)."""
    with (files("index") / "data" / "syllables.npz").open("rb") as handle:
        archive = np.load(handle, allow_pickle=False)
        return SyllableModel({name: archive[name] for name in archive.files})
