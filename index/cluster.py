"""Reprints: near-identical passages found by MinHash, folded into one hit.

Each passage gets a signature when it is added: for 64 hash functions the minimum over its shingles, of
which the lowest byte is kept (b-bit minwise hashing, Li and König, WWW 2010). Two signatures agree in a share
J + (1 - J)/256 of their bytes, J being the Jaccard similarity of the trigram sets. Signatures are compared
among the candidates of one search only: no clusters have to be kept up to date when articles come and go.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

HASHES = 64
NEAR_IDENTICAL = 0.6  # Jaccard similarity of word trigrams above which a passage is a reprint

_random = np.random.default_rng(20261121)
_MULTIPLIERS = _random.integers(1, 1 << 32, size=(HASHES, 1), dtype=np.uint32) | np.uint32(1)
_OFFSETS = _random.integers(0, 1 << 32, size=(HASHES, 1), dtype=np.uint32)
_WINDOW = 16


def signature(terms: str) -> bytes:
    """Return the 64-byte signature of toneless terms joined by blanks; empty for a text without terms.

    A shingle is the 16 bytes from the beginning of a term on, about three syllables.
    """
    if not terms:
        return b""
    data = (" " + terms).encode() + b" " * _WINDOW
    starts = np.flatnonzero(np.frombuffer(data, np.uint8)[:-_WINDOW] == 32) + 1
    if len(starts) > 3:
        starts = starts[:-2]  # the last windows hold less than three terms
    eights: npt.NDArray[np.uint64] = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    with np.errstate(over="ignore"):
        mixed = eights[starts] * np.uint64(0x9E3779B97F4A7C15) + eights[starts + 8]
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xFF51AFD7ED558CCD)
        hashed = (mixed >> np.uint64(32)).astype(np.uint32)
        smallest = (hashed[None, :] * _MULTIPLIERS + _OFFSETS).min(axis=1)
        low = (smallest * np.uint32(0x9E3779B1) >> np.uint32(24)).astype(np.uint8)
    return bytes(low.tobytes())


def similarity(signatures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the (n, n) matrix of estimated Jaccard similarities of (n, 64) signatures, in [0, 1]."""
    agree = (signatures[:, None, :] == signatures[None, :, :]).mean(axis=2, dtype=np.float32)
    estimate: npt.NDArray[np.float32] = np.clip((agree - 1 / 256) / (1 - 1 / 256), 0.0, 1.0).astype(
        np.float32
    )
    return estimate


def fold(signatures: Sequence[bytes], *, threshold: float = NEAR_IDENTICAL) -> list[int]:
    """Return for each passage, best first, the index of the passage it repeats (its own if it is new).

    A passage is folded into the first better one that it is near-identical to and that stands for itself.
    """
    owner = list(range(len(signatures)))
    usable = [i for i, value in enumerate(signatures) if len(value) == HASHES]
    if len(usable) < 2:
        return owner
    matrix = np.frombuffer(b"".join(signatures[i] for i in usable), dtype=np.uint8).reshape(-1, HASHES)
    alike = similarity(matrix) >= threshold
    for row in range(1, len(usable)):
        for column in np.flatnonzero(alike[row, :row]):
            if owner[usable[column]] == usable[column]:
                owner[usable[row]] = usable[column]
                break
    return owner
