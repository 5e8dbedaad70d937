"""The lexical leg against BM25 by hand, and its filters."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from index.lexical import Filter, LexicalEntry, LexicalIndex, LexicalQuery, LexicalWriter
from models.errors import LibraryDamaged

TEXTS = ["a b c", "a a b d e f", "c d", "a c c c g h i j", "k"]


def entry(
    number: int, text: str, *, day: date | None = None, source: str = "", title: str = ""
) -> LexicalEntry:
    return LexicalEntry(number, number + 100, day, source, text, text, "", "", title, title)


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    writer = LexicalWriter(tmp_path)
    days = [date(2025, month, 1) for month in range(1, 5)] + [None]
    writer.add([entry(n, text, day=days[n], source=f"s{n % 2}", title="k") for n, text in enumerate(TEXTS)])
    writer.close()
    return LexicalIndex(tmp_path)


def bm25(text: str, weights: dict[str, float]) -> float:
    documents = [text.split() for text in TEXTS]
    average = sum(map(len, documents)) / len(documents)
    words = text.split()
    score = 0.0
    for term, weight in weights.items():
        frequency = sum(term in document for document in documents)
        idf = math.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
        often = words.count(term)
        score += weight * idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(words) / average))
    return score


def test_scores_are_weighted_bm25(index: LexicalIndex) -> None:
    weights = {"a": 1.0, "c": 0.5, "j": 2.0}
    found = index.search(LexicalQuery({"accented": weights}), k=10)
    expected = {n: bm25(text, weights) for n, text in enumerate(TEXTS) if bm25(text, weights) > 0}
    assert dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True)) == pytest.approx(
        expected, rel=1e-4
    )
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)


def test_fields_add_up(index: LexicalIndex) -> None:
    found = index.search(LexicalQuery({"accented": {"k": 1.0}, "title": {"k": 1.0}}), k=10)
    assert found.ids[0] == 4 and len(found.ids) == 5


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter(since=date(2025, 2, 1)), {1, 3}),
        (Filter(until=date(2025, 2, 1)), {0, 1}),
        (Filter(since=date(2025, 2, 1), until=date(2025, 3, 1)), {1}),
        (Filter(sources=frozenset({"s0"})), {0}),
        (Filter(sources=frozenset({"none"})), set()),
        (Filter(articles=frozenset({101, 103, 999})), {1, 3}),
        (Filter(articles=frozenset()), set()),
    ],
)
def test_filters_change_what_is_found_but_no_score(
    index: LexicalIndex, only: Filter, expected: set[int]
) -> None:
    query = LexicalQuery({"accented": {"a": 1.0}})
    every = index.search(query, k=10)
    scores = dict(zip(every.ids.tolist(), every.scores.tolist(), strict=True))
    found = index.search(query, k=10, only=only)
    assert set(found.ids.tolist()) == expected
    for number, score in zip(found.ids.tolist(), found.scores.tolist(), strict=True):
        assert score == pytest.approx(scores[number])


def test_removed_articles_are_not_found(tmp_path: Path, index: LexicalIndex) -> None:
    writer = LexicalWriter(tmp_path)
    writer.remove(101)
    writer.add([entry(9, "a")])
    writer.close()
    assert set(LexicalIndex(tmp_path).search(LexicalQuery({"accented": {"a": 1.0}}), k=10).ids.tolist()) == {
        0,
        3,
        9,
    }
    assert 1 in index.search(LexicalQuery({"accented": {"a": 1.0}}), k=10).ids  # opened before: sees what was


def test_nothing_asked_nothing_found(index: LexicalIndex) -> None:
    assert len(index.search(LexicalQuery({}), k=10).ids) == 0
    assert len(index.search(LexicalQuery({"accented": {"a": 0.0}}), k=10).ids) == 0
    assert len(index.search(LexicalQuery({"accented": {"a": 1.0}}), k=0).ids) == 0


def test_no_index_is_damage(tmp_path: Path) -> None:
    with pytest.raises(LibraryDamaged):
        LexicalIndex(tmp_path)


def test_the_commonest_terms_may_be_left_out_unless_all_are(tmp_path: Path) -> None:
    writer = LexicalWriter(tmp_path)
    writer.add([entry(n, "everywhere rare" if n == 7 else "everywhere") for n in range(1_500)])
    writer.close()
    index = LexicalIndex(tmp_path)
    both, one = {"everywhere": 1.0, "rare": 1.0}, {"everywhere": 1.0}
    assert index.search(LexicalQuery({"accented": both}), k=10, commonest={"accented": 0.5}).ids.tolist() == [
        7
    ]
    assert len(index.search(LexicalQuery({"accented": both}), k=10).ids) == 10
    assert len(index.search(LexicalQuery({"accented": one}), k=10, commonest={"accented": 0.5}).ids) == 10
