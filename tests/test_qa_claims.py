"""Questions that put a figure: asked as the question for it, and decided by what is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from index import Library
from index.types import Article, Span
from qa import Assistant
from qa.claims import claim_of
from qa.settings import Settings

TEXT = (
    "Đảng bộ phường Hòa Lạc có 968 đảng viên, sinh hoạt tại 34 chi bộ. "
    "Năm 2025, phường Hòa Lạc thu ngân sách hơn 186 tỷ đồng, đạt 104% dự toán. "
    "Phường Hòa Lạc có 41 tuyến đường được chiếu sáng. "
    "Phường Hòa Lạc có hơn 51.300 dân."
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Library.open(tmp_path_factory.mktemp("claims") / "library", create=True) as library:
        title = "Phường Hòa Lạc tổng kết năm 2025"
        library.add_articles(
            [Article(id="a", title=title, text=TEXT, date=date(2026, 1, 8), body=(Span(0, len(TEXT)),))]
        )
        with Assistant.open(library, settings=Settings()) as helper:
            yield helper


@pytest.mark.parametrize(
    ("question", "asked", "value"),
    [
        ("Phường A có 900 đảng viên phải không?", "Phường A có bao nhiêu đảng viên?", "900"),
        ("Có đúng là phường A có hơn 1.200 đảng viên không?", "Phường A có bao nhiêu đảng viên?", "1200"),
        ("Xã B đạt 12,5% kế hoạch, đúng không?", "Xã B đạt bao nhiêu phần trăm kế hoạch?", "12.5"),
        ("Dân số khu phố 3 là 450 người, có phải không?", "Dân số khu phố 3 là bao nhiêu người?", "450"),
    ],
)  # fmt: skip
def test_a_claimed_figure_is_asked_for(question: str, asked: str, value: str) -> None:
    claim = claim_of(question)
    assert claim is not None
    assert (claim.asked, claim.value) == (asked, Decimal(value))


@pytest.mark.parametrize(
    "question",
    [
        "Phường A có bao nhiêu đảng viên?",
        "Phường A có trạm y tế không?",
        "Phường A có 900 đảng viên và 12 chi bộ phải không?",
        "Đại hội diễn ra ngày 15/7/2025 phải không?",
        "Năm 2025 phường A có thu ngân sách tăng phải không?",
        "phuong A co 900 dang vien phai khong?",
        "",
    ],
)
def test_other_questions_are_left_alone(question: str) -> None:
    assert claim_of(question) is None


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Đảng bộ phường Hòa Lạc có 968 đảng viên phải không?", "Đúng: "),
        ("Đảng bộ phường Hòa Lạc có 900 đảng viên phải không?", "Không: "),
        ("Có đúng là Đảng bộ phường Hòa Lạc có khoảng 970 đảng viên không?", "Đúng: "),
    ],
)
def test_the_figure_found_decides(assistant: Assistant, question: str, begins: str) -> None:
    answer = assistant.ask(question)
    assert answer.text.startswith(begins) and "968" in answer.text
    assert [citation.quote for citation in answer.citations] == [TEXT.split(". ")[0] + "."]
    assert answer.rewritten and "bao nhiêu" in answer.question


def test_a_vague_figure_decides_only_what_is_far_from_it(assistant: Assistant) -> None:
    near = assistant.ask("Phường Hòa Lạc có 52.000 dân phải không?")
    assert "51.300" in near.text and not near.text.startswith(("Đúng", "Không"))
    far = assistant.ask("Phường Hòa Lạc có 80.000 dân phải không?")
    assert "51.300" in far.text and far.text.startswith("Không: ")


def test_a_claim_about_what_no_article_says_is_refused(assistant: Assistant) -> None:
    assert assistant.ask("Phường Hòa Lạc có 12 trường học phải không?").abstained
