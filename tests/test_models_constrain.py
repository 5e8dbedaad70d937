"""Constrained decoding on the real llama.cpp: whatever the model, quotes are verbatim and markers real."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import gguf_builder
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.constrain import QuoteConstraint
from models.llm import LlamaChat
from models.quotable import Sources
from models.training.copy_llama import draw_example

COPY = Path(__file__).parent / "data" / "copy.gguf"
TEXTS = (
    "Phường Lộc Bình có 1.553 đảng viên, tăng 7,2% so với năm 2025.",
    'Bà Nguyễn Thị Thu Hà nói: "Chúng tôi sẽ hoàn thành “đúng hẹn” trước ngày 30/6".',
    "Nghị quyết 42/NQ-CP nêu rõ: nhiệt độ -5 độ, H'Mông, KCN Tân Tạo (TP.HCM).",
    "Phường Lộc Bình có 42 chi bộ.",
)
QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"|«([^»]*)»|‘([^’]*)’|`([^`]*)`")


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def wild(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaChat]:
    """An untrained model drawn at high temperature: it tries everything."""
    path = gguf_builder.build(tmp_path_factory.mktemp("gguf") / "wild.gguf", kind=request.param)
    with LlamaChat(path=path, temperature=3.0, top_k=100000, top_p=1.0, max_tokens=150) as model:
        yield model


def quotes_in(text: str) -> list[str]:
    return ["".join(found) for found in QUOTED.findall(text)]


def is_whole(quote: str, text: str) -> bool:
    """Tell whether the quote stands in the text and cuts no word or number."""
    return bool(re.search(rf"(?<![^\s(\[\"'“«‘]){re.escape(quote)}(?![^\s.,;:!?…)\]\"'”»’])", text))


@pytest.mark.parametrize("seed", range(12))
def test_untrained_models_quote_verbatim(wild: LlamaChat, seed: int) -> None:
    answer = str(
        wild.invoke("Hỏi", seed=seed, constraint=lambda engine: QuoteConstraint(engine, TEXTS)).content
    )
    quotes = quotes_in(answer)
    assert all(any(is_whole(quote, text) for text in TEXTS) for quote in quotes), answer
    outside = QUOTED.sub("", answer)
    assert set(re.findall(r"\[([^\]]*)\]", outside)) <= {"1", "2", "3", "4"}, answer
    assert not re.search(r"[“”«»„‟‹›`]|(?<!\w)['‘’]", outside), answer


@pytest.mark.parametrize("seed", range(8))
def test_quote_only(wild: LlamaChat, seed: int) -> None:
    answer = str(
        wild.invoke(
            "Hỏi", seed=seed, constraint=lambda engine: QuoteConstraint(engine, TEXTS, quote_only=True)
        ).content
    )
    lines = answer.strip().split("\n")
    assert 1 <= len([line for line in lines if line.strip()]) <= 2
    for line in filter(str.strip, lines):
        found = re.fullmatch(r"\s*“(.+)” \[(\d)\]\s*", line)
        assert found, answer
        assert is_whole(found[1], TEXTS[int(found[2]) - 1])


@pytest.mark.parametrize("limit", [1, 2, 5, 9])
def test_limit_closes_the_quote(wild: LlamaChat, limit: int) -> None:
    answer = str(
        wild.invoke(
            "Hỏi",
            max_tokens=limit,
            constraint=lambda engine: QuoteConstraint(engine, TEXTS, quote_only=True, most_quotes=1),
        ).content
    )
    assert re.fullmatch(r"“(.+)” \[(\d)\]", answer.strip()), answer


def walk(wild: LlamaChat, constraint: QuoteConstraint, text: str) -> bool:
    """Spell `text` byte by byte and tell whether the constraint lets it pass."""
    engine = wild.engine
    by_piece = {piece: token for token, piece in enumerate(engine.pieces()) if len(piece) == 1}
    for byte in text.encode():
        logits = np.zeros(engine.vocabulary_size, dtype=np.float32)
        constraint.mask(logits, closing=False)
        token = by_piece[bytes([byte])]
        if logits[token] < 0:
            return False
        constraint.accept(token)
    return not constraint.must_continue()


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Có “1.553 đảng viên” [1].", True),
        ("Có “1.553 đảng viên” [4].", False),  # another sentence than the one quoted
        ("Có “1.553 đảng viên” theo báo [4].", True),
        ("Có “1.5” [1]", False),  # a number cut short
        ("Có “553 đảng viên” [1]", False),
        ("Tăng “7,2” [1]", False),
        ("Tăng “7,2%” [1]", True),
        ("Theo “42” [3]", False),
        ("Lạnh “5 độ” [3]", False),
        ("Lạnh “-5 độ” [3]", True),
        ("Ở “TP.HCM” [3]", True),
        ("Người H'Mông và H’Mông [3]", True),
        ("Có 'một nghìn' [1]", False),
        ("Có “1.554 đảng viên” [1]", False),
        ("Có “” [1]", False),
        ("Có “ 1.553 đảng viên” [1]", False),
        ("Có “1.553 đảng viên ” [1]", False),
        ("Nói “Chúng tôi sẽ hoàn thành” [2]", True),
        ('Nói “"Chúng tôi sẽ hoàn thành” [2]', True),
        ("Nói “hoàn thành “đúng hẹn” [2]", False),  # nobody could tell where this quote begins
        ('Nói "Chúng tôi sẽ hoàn thành “đúng hẹn”" [2]', True),
        ("Vậy” [1]", False),
        ("Có 42 chi bộ [5]", False),
        ("Có 42 chi bộ [0]", False),
        ("Có 42 chi bộ [a]", False),
        ("Có 42 chi bộ [4] [1]", True),
        ("“Phường Lộc Bình” [1] [4]", True),
        ("“Phường Lộc Bình có 42 chi bộ.” [1]", False),
        ("Chưa xong “Phường", False),
    ],
)
def test_what_passes(wild: LlamaChat, text: str, passes: bool) -> None:
    assert walk(wild, QuoteConstraint(wild.engine, TEXTS), text) is passes


def test_markers_with_gaps_and_two_digits(wild: LlamaChat) -> None:
    texts = [f"Câu số {number}." for number in range(3)]
    for marker, passes in (("[12]", True), ("[1]", False), ("[3]", True), ("[7]", True), ("[2]", False)):
        assert walk(wild, QuoteConstraint(wild.engine, texts, markers=(3, 7, 12)), "A " + marker) is passes


def test_without_texts_nothing_is_quoted(wild: LlamaChat) -> None:
    answer = str(wild.invoke("Hỏi", seed=3, constraint=lambda engine: QuoteConstraint(engine, ())).content)
    assert not quotes_in(answer) and "[" not in answer


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_sources_of_any_text(texts: list[str]) -> None:
    sources = Sources(texts)
    assert all(sources.data[end - 1] not in b" \n" for end in sources.ends)
    assert len(sources.owner) == len(sources.data)
    for start in sources.starts:
        stop = sources.data.index(b"\0", start)
        assert any(start < end <= stop for end in sources.ends)
        sources.data[start:stop].decode()


def test_copying_model_over_200_questions() -> None:
    """The same model, the same questions: free it invents figures, constrained it cannot."""
    draw = random.Random(2026)
    examples = [draw_example(draw, sentences=5) for _ in range(200)]
    free_false = constrained_quotes = right = free_right = 0
    with LlamaChat(path=COPY, max_tokens=60) as model:
        for example in examples:
            free = str(model.invoke(example.user).content)
            free_false += any(not any(quote in s for s in example.sentences) for quote in quotes_in(free))
            free_right += free == example.answer
            texts = example.sentences
            answer = str(
                model.invoke(
                    example.user, constraint=lambda engine, t=texts: QuoteConstraint(engine, t)
                ).content
            )
            quotes = quotes_in(answer)
            constrained_quotes += len(quotes)
            right += answer == example.answer
            assert all(any(is_whole(quote, text) for text in texts) for quote in quotes), answer
    assert constrained_quotes >= 200
    assert free_false >= 100
    assert right > free_right + 100


def test_it_costs_little() -> None:
    """Deciding about a token costs under a millisecond, where a laptop takes 90 for writing one."""
    draw = random.Random(5)
    example = draw_example(draw, sentences=6)
    with LlamaChat(path=COPY, max_tokens=60) as model:
        constraint = QuoteConstraint(model.engine, example.sentences)
        logits = np.zeros(model.engine.vocabulary_size, dtype=np.float32)
        tokens = model.engine.tokenize(example.answer, special=False)
        best = float("inf")
        for _ in range(5):
            constraint = QuoteConstraint(model.engine, example.sentences)
            started = time.process_time()
            for token in tokens:
                constraint.mask(logits, closing=False)
                constraint.accept(token)
            best = min(best, (time.process_time() - started) / len(tokens))
    assert best < 0.001
