"""Make index/data/syllables.npz out of the counts of `count_syllables`.

    python -m models.training.build_restoration COUNTS.npz [OUTPUT.npz] [PAIRS_FROM] [TRIPLES_FROM]

Rare pairs and triples go, as do triples that say nothing beyond their pair, so that the table stays under
3 MB. Counts become bytes, keys the bytes of their differences, which compress well.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.syllable_model import FIRST_ID, LOG_SCALE, STRIDE

MINIMUM_UNIGRAM = 20


def _planes(keys: NDArray[np.int64]) -> NDArray[np.uint8]:
    deltas = np.diff(keys, prepend=0)
    size = max(1, (int(deltas.max()).bit_length() + 7) // 8)
    return np.stack([(deltas >> (8 * plane)) & 255 for plane in reversed(range(size))]).astype(np.uint8)


def _logarithms(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.clip(np.round(LOG_SCALE * np.log(np.maximum(counts, 1))), 0, 255).astype(np.uint8)


def main(source: Path, target: Path, pairs_from: int, triples_from: int) -> None:
    """Prune, renumber by frequency, and write."""
    data = np.load(source)
    unigrams, words = data["unigrams"], data["words"]
    order = np.argsort(-unigrams[FIRST_ID:], kind="stable")
    order = order[unigrams[FIRST_ID:][order] >= MINIMUM_UNIGRAM]
    renumber = np.full(STRIDE, -1, np.int64)
    renumber[:FIRST_ID] = range(FIRST_ID)
    renumber[order + FIRST_ID] = np.arange(len(order)) + FIRST_ID
    kept = np.concatenate([unigrams[:FIRST_ID], unigrams[FIRST_ID:][order]])

    first, second = np.divmod(data["pair_keys"], STRIDE)
    pair_counts = data["pair_counts"]
    use = (pair_counts >= pairs_from) & (renumber[first] >= 0) & (renumber[second] >= 0)
    pair_keys = renumber[first[use]] * STRIDE + renumber[second[use]]
    sort = np.argsort(pair_keys)
    pair_keys, pair_counts = pair_keys[sort], pair_counts[use][sort]

    rest, third = np.divmod(data["triple_keys"], STRIDE)
    first, second = np.divmod(rest, STRIDE)
    triple_counts = data["triple_counts"]
    use = triple_counts >= triples_from
    for ids in (first, second, third):
        use &= renumber[ids] >= 0
    first, second, third = (renumber[ids[use]] for ids in (first, second, third))
    triple_counts = triple_counts[use]
    at = np.searchsorted(pair_keys, second * STRIDE + third)
    at = np.minimum(at, len(pair_keys) - 1)
    pair = np.where(pair_keys[at] == second * STRIDE + third, pair_counts[at], 1)
    context_at = np.minimum(np.searchsorted(pair_keys, first * STRIDE + second), len(pair_keys) - 1)
    context = np.maximum(pair_counts[context_at], 1)
    surprise = np.abs(np.log((triple_counts / context) / (pair / kept[second])))
    telling = surprise * np.sqrt(triple_counts) > 3.0
    triple_keys = (first * STRIDE + second) * STRIDE + third
    triple_keys, triple_counts = triple_keys[telling], triple_counts[telling]
    sort = np.argsort(triple_keys)
    np.savez_compressed(
        target,
        words=np.frombuffer(" ".join(words[order]).encode(), np.uint8),
        unigrams=_logarithms(kept),
        pair_deltas=_planes(pair_keys),
        pair_counts=_logarithms(pair_counts),
        triple_deltas=_planes(triple_keys[sort]),
        triple_counts=_logarithms(triple_counts[sort]),
    )
    sys.stdout.write(
        f"{len(order)} words, {len(pair_keys)} pairs, {len(sort)} triples, {target.stat().st_size} bytes\n"
    )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    output = Path(__file__).parents[2] / "index" / "data" / "syllables.npz"
    main(
        Path(arguments[0]),
        Path(arguments[1]) if len(arguments) > 1 else output,
        int(arguments[2]) if len(arguments) > 2 else 20,
        int(arguments[3]) if len(arguments) > 3 else 60,
    )
