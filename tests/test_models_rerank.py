"""The optional cross-encoder, with a real tiny one."""

from __future__ import annotations

from pathlib import Path

import cross_encoder_builder
import numpy as np
import pytest

from models.errors import ModelDamaged, ModelNotFound
from models.rerank import load_reranker


def test_scores_follow_the_passages_and_lie_between_0_and_1(tmp_path: Path) -> None:
    folder = cross_encoder_builder.build(tmp_path / "tiny")
    reranker = load_reranker("tiny", models_folder=tmp_path)
    scores = reranker.scores("giá xăng", ["giá xăng", "mưa lũ", "giá xăng"])
    assert scores.dtype == np.float32 and scores.shape == (3,)
    assert ((scores > 0) & (scores < 1)).all()
    assert scores[0] == pytest.approx(scores[2], abs=1e-6) and scores[0] != scores[1]
    assert reranker.scores("giá xăng", []).shape == (0,)
    assert load_reranker(folder).name == "tiny"


def test_what_cannot_rerank_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="CrossEncoder"):
        load_reranker("absent", models_folder=tmp_path)
    with pytest.raises(ModelDamaged, match="2"):
        load_reranker(cross_encoder_builder.build(tmp_path / "two", labels=2)).scores("giá", ["xăng"])
