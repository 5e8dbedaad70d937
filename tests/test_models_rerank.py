"""The optional cross-encoder, with a real tiny one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelDamaged, ModelNotFound
from models.rerank import load_reranker


def _write_cross_encoder(folder: Path, *, labels: int) -> Path:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "giá", "xăng", "mưa", "lũ"]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt"), strip_accents=False).save_pretrained(folder)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForSequenceClassification(
        BertConfig(vocab_size=len(words), num_labels=labels, **shape)
    ).save_pretrained(folder)
    return folder


def test_scores_follow_the_passages_and_lie_between_0_and_1(tmp_path: Path) -> None:
    folder = _write_cross_encoder(tmp_path / "tiny", labels=1)
    reranker = load_reranker("tiny", models_folder=tmp_path)
    scores = reranker.scores("giá xăng", ["giá xăng", "mưa lũ", "giá xăng"])
    assert scores.dtype == np.float32 and scores.shape == (3,)
    assert ((scores > 0) & (scores < 1)).all()
    assert scores[0] == pytest.approx(scores[2], abs=1e-6) and scores[0] != scores[1]
    assert reranker.scores("giá xăng", []).shape == (0,)
    assert load_reranker(folder).name == "tiny"


def test_what_cannot_rerank_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="hoibao models list"):
        load_reranker("absent", models_folder=tmp_path)
    with pytest.raises(ModelDamaged, match="2"):
        load_reranker(_write_cross_encoder(tmp_path / "two", labels=2)).scores("giá", ["xăng"])
