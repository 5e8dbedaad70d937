"""MinHash signatures estimate similarity, and reprints are folded into the best of them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from index.cluster import HASHES, fold, signature, similarity


def words(seed: int, count: int = 120) -> list[str]:
    generator = random.Random(seed)
    return [
        f"{generator.choice('bcdghklmnt')}{generator.choice('aeiou')}{generator.randrange(90)}"
        for _ in range(count)
    ]


def estimate(first: str, second: str) -> float:
    both = np.frombuffer(signature(first) + signature(second), np.uint8).reshape(2, HASHES)
    return float(similarity(both)[0, 1])


def test_the_same_text_is_alike_and_another_is_not() -> None:
    text = " ".join(words(1))
    assert estimate(text, text) == 1.0
    assert estimate(text, " ".join(words(2))) < 0.1


@pytest.mark.parametrize("kept", [0.95, 0.8, 0.5])
def test_similarity_follows_the_share_of_text_in_common(kept: float) -> None:
    total, expected = 0.0, kept / (2 - kept)  # Jaccard similarity of two texts that share the first part
    for seed in range(30):
        one, other = words(seed, 200), words(seed + 1000, 200)
        cut = int(200 * kept)
        total += estimate(" ".join(one), " ".join(one[:cut] + other[cut:]))
    assert total / 30 == pytest.approx(expected, abs=0.06)


def test_reprints_fold_into_the_best_one() -> None:
    story, other = words(1), words(2)
    texts = [story, other, [*story[:115], "khac", "nhau"], story, words(3)]
    assert fold([signature(" ".join(text)) for text in texts]) == [0, 1, 0, 0, 4]


def test_passages_without_words_stay_alone() -> None:
    assert fold([signature(""), signature(""), signature("mot"), signature("mot")]) == [0, 1, 2, 2]
    assert fold([]) == []


def test_signatures_are_stable() -> None:
    """They are stored: the same text must give the same bytes in every version and process."""
    assert signature("uy ban nhan dan phuong tay nam").hex()[:16] == "aaf8798253e2b4ca"
