"""Small GGUF files for tests: untrained, but loaded and run by the real llama.cpp."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from models.training.tiny_llama import (
    CHATML,
    TinyConfig,
    Vocabulary,
    bpe_vocabulary,
    piece_vocabulary,
    random_weights,
    write_gguf,
)

TEXTS = (
    "Phường Lộc Bình có 1.553 đảng viên, sinh hoạt ở 42 chi bộ trực thuộc.",
    "Ngày 12/3/2026, ông Trần Văn Hòa, Bí thư Đảng ủy phường, chủ trì hội nghị.",
    "Diện tích tự nhiên của phường An Thạnh là 11.472,75 ha, dân số 38.214 người.",
    'Bà Nguyễn Thị Thu Hà nói: "Chúng tôi sẽ hoàn thành trước ngày 30/6".',
    "Tổng thu ngân sách ước đạt 15,8 tỷ đồng, tăng 7,2% so với cùng kỳ năm trước.",
    "Chưa tìm thấy câu trả lời trong các bài đã có. Trích nguyên văn: “…” [1] [2]",
)


@cache
def vocabulary(kind: str = "gpt2") -> Vocabulary:
    return bpe_vocabulary(TEXTS * 3, size=500) if kind == "gpt2" else piece_vocabulary(TEXTS, size=500)


def build(
    path: Path,
    *,
    kind: str = "gpt2",
    chat_template: str | None = CHATML,
    config: TinyConfig | None = None,
    seed: int = 0,
) -> Path:
    """Write an untrained model of the given tokenizer kind to `path`."""
    words = vocabulary(kind)
    shape = config or TinyConfig()
    weights = random_weights(shape, len(words.tokens), seed=seed)
    return write_gguf(path, shape, words, weights, chat_template=chat_template)
