"""Fusion: linear and by ranks, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index.fuse import fuse, normalised
from index.lexical import Ranking


def ranking(**scores: float) -> Ranking:
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    ids = np.array([int(name[1:]) for name, _ in ordered], np.int64)
    return Ranking(ids, np.array([score for _, score in ordered], np.float32))


LEXICAL = ranking(p1=10.0, p2=6.0, p3=2.0)
DENSE = ranking(p3=0.9, p4=0.5, p2=0.1)


def test_linear_fusion_by_hand() -> None:
    fused, parts = fuse({"lexical": LEXICAL, "dense": DENSE}, {"lexical": 3.0, "dense": 1.0})
    scores = dict(zip(fused.ids.tolist(), fused.scores.tolist(), strict=True))
    assert scores == pytest.approx({1: 0.75, 2: 0.375, 3: 0.25, 4: 0.125})
    assert fused.ids.tolist() == [1, 2, 3, 4]
    assert parts["dense"].tolist() == pytest.approx([0.0, 0.0, 1.0, 0.5])


def test_reciprocal_ranks_by_hand() -> None:
    fused, _ = fuse({"lexical": LEXICAL, "dense": DENSE}, {}, method="rrf")
    scores = dict(zip(fused.ids.tolist(), fused.scores.tolist(), strict=True))
    expected = {1: 1.0, 2: 61 / 62 + 61 / 63, 3: 61 / 63 + 1.0, 4: 61 / 62}
    assert scores == pytest.approx({n: value / 2 for n, value in expected.items()}, rel=1e-5)


def test_one_leg_alone_keeps_its_order_and_nothing_gives_nothing() -> None:
    fused, _ = fuse({"lexical": LEXICAL}, {})
    assert fused.ids.tolist() == [1, 2, 3]
    assert len(fuse({"lexical": Ranking.nothing(), "dense": Ranking.nothing()}, {})[0].ids) == 0
    assert len(fuse({}, {})[0].ids) == 0


def test_equal_scores_count_fully() -> None:
    assert normalised(np.array([2.0, 2.0], np.float32)).tolist() == [1.0, 1.0]
