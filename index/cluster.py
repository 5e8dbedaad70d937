"""Reprints: near-identical passages found by MinHash, folded into one hit.

Each passage gets a signature when it is added: for 64 hash functions the minimum over its word trigrams, of
which the lowest byte is kept (b-bit minwise hashing, Li and König, WWW 2010). Two signatures agree in a share
J + (1 - J)/256 of their bytes, J being the Jaccard similarity of the trigram sets. Signatures are compared
among the candidates of one search only: no clusters have to be kept up to date when articles come and go.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

HASHES = 64
NEAR_IDENTICAL = 0.6  # Jaccard similarity of word trigrams above which a passage is a reprint

_random = np.random.default_rng(20261121)
_MULTIPLIERS = _random.integers(1, 1 << 63, size=(HASHES, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _random.integers(0, 1 << 63, size=(HASHES, 1), dtype=np.uint64)


def signature(words: Sequence[str]) -> bytes:
    """Return the 64-byte signature of a passage's words; empty for a passage without words."""
    if not words:
        return b""
    crc = zlib.crc32
    base = np.fromiter((crc(word.encode()) for word in words), dtype=np.uint64, count=len(words))
    shingles = base.copy()
    if len(base) > 2:
        golden = np.uint64(0x9E3779B97F4A7C15)
        with np.errstate(over="ignore"):
            shingles = (base[:-2] * golden + base[1:-1]) * golden + base[2:]
    with np.errstate(over="ignore"):
        hashed = shingles[None, :] * _MULTIPLIERS + _OFFSETS
    # the high bits of a multiplicative hash are the mixed ones: take the minimum over them
    smallest = (hashed >> np.uint64(24)).min(axis=1)
    low: npt.NDArray[np.uint8] = ((smallest * np.uint64(0xFF51AFD7ED558CCD)) >> np.uint64(56)).astype(
        np.uint8
    )
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
