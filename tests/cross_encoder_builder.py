"""Builds a tiny cross-encoder with random weights: real files, for tests of what uses one."""

from __future__ import annotations

from pathlib import Path

WORDS = ("giá", "xăng", "mưa", "lũ", "phường", "đại", "hội", "dịch", "bệnh", "sông", "đảng", "viên")


def build(folder: Path, *, labels: int = 1) -> Path:
    """Write the model into `folder`, which must not exist yet, and return it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt"), strip_accents=False).save_pretrained(folder)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    torch.manual_seed(1)
    config = BertConfig(vocab_size=len(words), num_labels=labels, initializer_range=1.0, **shape)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder
