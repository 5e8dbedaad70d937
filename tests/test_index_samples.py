"""The sample articles are read without loss, and each gold question's quote is where it says."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from index.chunk import passages_of
from index.read import read_path
from index.types import Article

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "index" / "samples"
SHARED = ROOT.parent / "shared" / "articles"
KINDS = {
    *("number", "person", "role", "date", "place", "organisation"),
    *("document", "list", "reason", "definition", "yes/no", "comparison"),
}


def load_gold(name: str) -> list[dict[str, object]]:
    lines = (ROOT / "tests" / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts_of(folder: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for article in read_path(folder):
        assert isinstance(article, Article), article
        name = Path(article.path).name
        texts[name] = texts.get(name, "") + "\0" + article.text
    return texts


@pytest.fixture(scope="module")
def samples() -> list[Article]:
    articles = list(read_path(SAMPLES))
    assert all(isinstance(article, Article) for article in articles)
    return [article for article in articles if isinstance(article, Article)]


def test_every_sample_has_its_title_date_and_author(samples: list[Article]) -> None:
    assert 15 <= len(samples) <= 22
    assert all(article.date is not None for article in samples)
    assert len({article.id for article in samples}) == len(samples)
    without = [Path(article.path).name for article in samples if not article.byline]
    assert without == []
    by_name = {Path(article.path).name: article for article in samples}
    assert by_name["04-de-an-sap-xep-ben-may.txt"].date == date(2025, 4, 22)
    assert by_name["04-de-an-sap-xep-ben-may.txt"].date_inferred
    assert by_name["07-nuoc-sach-suoi-nga.txt"].title == "VÌ SAO NHÀ MÁY NƯỚC SUỐI NGÀ LẠI LỠ HẸN?"
    assert by_name["07-nuoc-sach-suoi-nga.txt"].byline == "Tấn Minh"
    assert by_name["03-go-sen-dai-hoi.md"].source == "Nguyệt Hải Ngày Mới"
    assert by_name["11-ngay-chu-nhat-xanh-dang-lai.html"].source == "Trang tin Thanh niên Nguyệt Hải"


def test_footers_and_headlines_of_other_articles_are_no_text(samples: list[Article]) -> None:
    text = "\n".join(passage.text for article in samples for passage in passages_of(article))
    for furniture in ("Không có nhận xét nào", "Cám ơn bạn", "![", "Trang chủ", "toàn quyền"):
        assert furniture not in text
    for headline in ("nâng chất đội ngũ", "Hội trại tòng quân 2026"):
        assert headline not in text


def test_the_reprint_tells_the_same_story(samples: list[Article]) -> None:
    first, second = (
        [passage.text for passage in passages_of(article) if "Chủ nhật xanh lần thứ 12" in passage.text]
        for article in samples
        if Path(article.path).name.startswith(("10-", "11-"))
    )
    assert first == second != []


@pytest.mark.parametrize("name", ["samples", "shared"])
def test_gold_quotes_are_verbatim(name: str) -> None:
    folder = SAMPLES if name == "samples" else SHARED
    if not folder.is_dir():
        pytest.skip("the five real articles are not on this machine")
    texts = texts_of(folder)
    for gold in load_gold(name):
        if not gold["answerable"]:
            assert not gold["quote"] and not gold["answers"]
            continue
        quote, answers = str(gold["quote"]), gold["answers"]
        assert isinstance(answers, list) and answers
        assert quote and quote in texts[str(gold["article"])], gold["id"]
        more = gold.get("more", [])
        assert isinstance(more, list)
        for part in more:
            assert part["quote"] in texts[part["article"]], gold["id"]
        present = [answer.lower() in quote.lower() for answer in answers]
        if gold["kind"] == "list":
            assert all(present), gold["id"]
        elif gold["kind"] not in ("yes/no", "comparison"):
            assert any(present), gold["id"]


def test_gold_questions_cover_all_kinds() -> None:
    gold = [*load_gold("samples"), *load_gold("shared")]
    assert len({question["id"] for question in gold}) == len(gold) >= 150
    kinds = Counter(question["kind"] for question in gold if question["answerable"])
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 10
    assert sum(not question["answerable"] for question in gold) >= 30
    assert sum(bool(question["history"]) for question in gold) >= 20
    assert sum(str(question["question"]).isascii() for question in gold) >= 5


def test_no_answer_to_an_unanswerable_question_is_given_elsewhere() -> None:
    """A question is either answerable or not: none is asked twice with different labels."""
    seen: dict[str, object] = {}
    for question in [*load_gold("samples"), *load_gold("shared")]:
        key = json.dumps([question["question"], question["history"]], ensure_ascii=False)
        assert seen.setdefault(key, question["answerable"]) == question["answerable"]
