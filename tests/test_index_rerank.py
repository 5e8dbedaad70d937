"""The second stage: what its features mean, on texts small enough to count by hand."""

from __future__ import annotations

import pytest

from index.query import understand
from index.rerank import EVIDENCE, evidence
from index.store import StoredArticle, StoredPassage
from index.types import Article, Passage, Sentence


def passage(*sentences: str) -> StoredPassage:
    text = " ".join(sentences)
    placed, at = [], 0
    for sentence in sentences:
        placed.append(Sentence(sentence, at, at + len(sentence)))
        at += len(sentence) + 1
    article = Article(id="a", title="Tin trong ngày", text=text)
    return StoredPassage(
        Passage(0, "a", 0, text, 0, len(text), tuple(placed)), StoredArticle(0, article, 0, 1, ""), b""
    )


def features(question: str, *passages: StoredPassage) -> list[dict[str, float]]:
    rows = evidence(understand(question), passages, lambda term: 1.0)
    assert rows.shape == (len(passages), len(EVIDENCE))
    assert ((rows >= 0) & (rows <= 1)).all()
    return [dict(zip(EVIDENCE, row.tolist(), strict=True)) for row in rows]


QUESTION = "Cầu Rạch Lá dài 240 mét?"


def test_the_whole_question_in_one_sentence_has_everything() -> None:
    (found,) = features(QUESTION, passage("Cầu Rạch Lá dài 240 mét."))
    for name in ("coverage", "sentence", "two", "pairs", "run", "rare", "numbers", "density"):
        assert found[name] == pytest.approx(1.0), name


def test_words_spread_over_sentences_count_less_than_together() -> None:
    together, neighbours, apart = features(
        QUESTION,
        passage("Cầu Rạch Lá dài 240 mét.", "Trời mưa.", "Đường trơn."),
        passage("Cầu Rạch Lá mới xây.", "Nó dài 240 mét.", "Đường trơn."),
        passage("Cầu Rạch Lá mới xây.", "Trời mưa.", "Nó dài 240 mét."),
    )
    assert together["coverage"] == neighbours["coverage"] == apart["coverage"] == pytest.approx(1.0)
    assert together["sentence"] > neighbours["sentence"] == apart["sentence"]
    assert neighbours["two"] == pytest.approx(1.0) and apart["two"] < 1.0
    assert together["run"] > apart["run"]


def test_order_counts() -> None:
    right, wrong = features(
        QUESTION, passage("Cầu Rạch Lá dài 240 mét."), passage("Mét 240 dài Lá Rạch Cầu.")
    )
    assert right["coverage"] == wrong["coverage"]
    assert wrong["pairs"] == 0.0 and wrong["run"] < right["run"]


def test_another_number_is_seen() -> None:
    right, wrong = features(QUESTION, passage("Cầu dài 240 mét."), passage("Cầu dài 260 mét."))
    assert (right["numbers"], wrong["numbers"]) == (1.0, 0.0)
    (none,) = features("Cầu Rạch Lá ở đâu?", passage("Cầu dài 260 mét."))
    assert none["numbers"] == 0.5


def test_numbers_match_however_they_are_written() -> None:
    (found,) = features("Chợ có 1.553 sạp?", passage("Chợ có 1553 sạp hàng."))
    assert found["numbers"] == 1.0


def test_a_question_without_marks_is_compared_without_marks() -> None:
    (found,) = features("cau rach la dai bao nhieu met", passage("Cầu Rạch Lá dài 240 mét."))
    assert found["coverage"] > 0.8


def test_nothing_in_common_and_no_sentences() -> None:
    nothing, empty = features(QUESTION, passage("Trời mưa."), passage())
    assert nothing["coverage"] == nothing["run"] == empty["coverage"] == 0.0
    assert evidence(understand(QUESTION), [], lambda term: 1.0).shape == (0, len(EVIDENCE))
