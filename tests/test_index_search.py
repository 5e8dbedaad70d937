"""The order of hits: judged first, by rank after them; each asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from index import Library, SearchSettings
from index.query import understand
from index.types import Article, Span
from models.fakes import HashEmbedder

QUESTION = "Cầu Rạch Lá dài bao nhiêu mét?"
WORDS = "cầu rạch lá dài mét xã long hòa thông xe bến chợ sạp hàng".split()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("search")
    with Library.open(folder / "library", create=True, embedder=HashEmbedder()) as opened:
        texts = [
            "Hôm nay "
            + " ".join(WORDS[n % 5 :: 1 + n % 3])
            + f" rồi {' '.join(WORDS[: n % 7])} ở số {n} đây."
            for n in range(40)
        ]
        opened.add_articles(
            Article(id=f"a{n}", title=f"Bài {n}", text=text, body=(Span(0, len(text)),), content_hash=f"h{n}")
            for n, text in enumerate(texts)
        )
        yield opened


def found(library: Library, settings: SearchSettings) -> list[tuple[str, float]]:
    return [(hit.article.id, hit.score) for hit in library.search(QUESTION, k=30, settings=settings)]


def test_only_the_judged_hits_are_in_the_order_of_the_second_stage(library: Library) -> None:
    plain = SearchSettings(fold_reprints=False)
    everything = found(library, replace(plain, judged=1_000))
    first = found(library, replace(plain, judged=5))
    assert len(first) == 30
    assert first[:5] == everything[:5]
    assert [name for name, _ in first] != [name for name, _ in everything]
    assert all(one[1] >= other[1] for one, other in pairwise(first))


def test_passages_outside_the_second_stage_are_found_by_rank(library: Library) -> None:
    few = found(library, SearchSettings(fold_reprints=False, second_stage=5, judged=3))
    assert len({name for name, _ in few}) == len(few) == 30


def test_a_question_without_marks_is_looked_for_as_typed_and_as_meant() -> None:
    typed = understand("Cau Rach La dai bao nhieu met?")
    meant = understand(QUESTION)
    assert typed.restored and not meant.restored
    assert "cau" in typed.lexical.terms["toneless"] and "cầu" in typed.lexical.terms["accented"]
    assert "toneless" not in meant.lexical.terms
    assert set(typed.terms) >= {"cau", "rach", "la", "dai", "met"}


def test_a_place_is_looked_for_under_its_other_name_at_less_weight() -> None:
    terms = understand("Tỉnh Bình Dương có bao nhiêu khu công nghiệp?").lexical.terms
    assert 0 < terms["pairs"]["chí_minh"] < terms["pairs"]["bình_dương"]
