"""What questions mean by their times, and which days articles name."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import dates_in, resolve_time
from index.normalize import strip_tones

NOW = date(2025, 11, 21)  # a Friday


def d(text: str) -> date:
    return date.fromisoformat(text)


QUESTIONS = [
    ("Hôm qua có tin gì?", "2025-11-20", "2025-11-20", "filter"),
    ("Sáng nay ai họp?", "2025-11-21", "2025-11-21", "filter"),
    ("Tuần trước đoàn công tác làm gì?", "2025-11-10", "2025-11-16", "filter"),
    ("Tuần này có gì mới?", "2025-11-17", "2025-11-23", "filter"),
    ("3 ngày qua xảy ra chuyện gì?", "2025-11-18", "2025-11-21", "filter"),
    ("Tháng trước quận làm gì?", "2025-10-01", "2025-10-31", "boost"),
    ("Năm ngoái có bao nhiêu đảng viên?", "2024-01-01", "2024-12-31", "boost"),
    ("Tháng 10 có gì?", "2025-10-01", "2025-10-31", "boost"),
    ("Tháng 12 có gì?", "2024-12-01", "2024-12-31", "boost"),
    ("Tháng 10 năm 2024 có gì?", "2024-10-01", "2024-10-31", "boost"),
    ("Tháng 2/2024 có gì?", "2024-02-01", "2024-02-29", "boost"),
    ("Quý II thu ngân sách bao nhiêu?", "2025-04-01", "2025-06-30", "boost"),
    ("quý 3/2024", "2024-07-01", "2024-09-30", "boost"),
    ("quý IV năm ngoái", "2024-10-01", "2024-12-31", "boost"),
    ("Nhiệm vụ năm 2024 là gì?", "2024-01-01", "2024-12-31", "boost"),
    ("3 tháng đầu năm", "2025-01-01", "2025-03-31", "boost"),
    ("sáu tháng đầu năm 2024", "2024-01-01", "2024-06-30", "boost"),
    ("9 tháng năm 2025", "2025-01-01", "2025-09-30", "boost"),
    ("6 tháng cuối năm 2024", "2024-07-01", "2024-12-31", "boost"),
    ("Ngày 2-10 ai giám sát?", "2025-10-02", "2025-10-02", "boost"),
    ("Ngày 24/7/2025 có gì?", "2025-07-24", "2025-07-24", "boost"),
    ("Ngày 2 tháng 10 có gì?", "2025-10-02", "2025-10-02", "boost"),
    ("đầu năm có gì?", "2025-01-01", "2025-03-31", "boost"),
    ("cuối tháng 10 có gì?", "2025-10-20", "2025-10-31", "boost"),
    ("giữa tháng trước", "2025-10-10", "2025-10-20", "boost"),
    ("từ tháng 3 đến tháng 6 năm 2024", "2024-03-01", "2024-06-30", "boost"),
    ("từ ngày 1/10 đến ngày 5/10/2024", "2024-10-01", "2024-10-05", "boost"),
    ("từ 1 đến 5/10/2024", "2024-10-01", "2024-10-05", "boost"),
    ("giai đoạn 2021-2025", "2021-01-01", "2025-12-31", "boost"),
    ("nhiệm kỳ 2025 – 2030", "2025-01-01", "2030-12-31", "boost"),
    ("từ năm 2020 đến nay", "2020-01-01", "2025-11-21", "boost"),
]


@pytest.mark.parametrize(("question", "start", "end", "kind"), QUESTIONS)
@pytest.mark.parametrize("marks", [True, False])
def test_questions(question: str, start: str, end: str, kind: str, marks: bool) -> None:
    found = resolve_time(question if marks else strip_tones(question), now=NOW)
    assert found is not None
    assert (found.start, found.end, found.kind) == (d(start), d(end), kind)


def test_open_ranges() -> None:
    after = resolve_time("sau ngày 30/4/1975", now=NOW)
    assert after is not None and (after.start, after.end) == (d("1975-04-30"), None)
    before = resolve_time("trước năm 2020", now=NOW)
    assert before is not None and (before.start, before.end) == (None, d("2020-01-01"))


@pytest.mark.parametrize(
    "question", ["tin mới nhất về phường", "Hiện nay ai là bí thư?", "so lieu gan day nhat"]
)
def test_latest(question: str) -> None:
    found = resolve_time(question, now=NOW)
    assert found is not None and found.kind == "latest" and found.latest and found.end == NOW


def test_published_range_leaves_room_for_the_press() -> None:
    found = resolve_time("Hôm qua ai họp?", now=NOW)
    assert found is not None and found.published_from == d("2025-11-20")
    assert found.published_until is not None and found.published_until > d("2025-11-20")


@pytest.mark.parametrize(
    "question",
    ["", "Ai là bí thư?", "Tỉ lệ 16/76 là gì?", "hỗ trợ 24/7", "tôi qua đó", "Chỉ thị 05 là gì?", "35 Chi bộ",
     "😀", "ngày 31/2/2025", "Kế hoạch 249-KH/UBKTTW ngày 24-7-2025 nói gì?", "bắn tỉ số 2-1", "a" * 100_000],
)  # fmt: skip
def test_no_time(question: str) -> None:
    assert resolve_time(question, now=NOW) is None


ARTICLE = [
    ("Sáng 2-10, đồng chí giám sát.", "2-10", "2025-10-02", True),
    ("Ngày 1-10, Đảng ủy họp.", "1-10", "2025-10-01", True),
    ("Sáng ngày 3/4, Đoàn công tác", "3/4", "2025-04-03", True),
    ("kế hoạch số 249-KH/UBKTTW ngày 24-7-2025, của", "24-7-2025", "2025-07-24", False),
    ("Nghị quyết số 11/NQ-HĐND ngày 14/3/2024 của", "14/3/2024", "2024-03-14", False),
    ("vào ngày 24 tháng 7 năm 2025.", "24 tháng 7 năm 2025", "2025-07-24", False),
    ("ngày 20 tháng 12 đã khai mạc", "20 tháng 12", "2024-12-20", True),
    ("sẽ khai mạc ngày 20-12", "20-12", "2025-12-20", True),
    ("(15.01.2025)", "15.01.2025", "2025-01-15", False),
    ("Chiều nay (2-10), lãnh đạo", "2-10", "2025-10-02", True),
    ("Hôm qua, lãnh đạo", "Hôm qua", "2025-10-01", True),
]


@pytest.mark.parametrize(("text", "written", "first", "inferred"), ARTICLE)
def test_days_in_articles(text: str, written: str, first: str, inferred: bool) -> None:
    found = [
        item
        for item in dates_in(text, article_date=d("2025-10-02"))
        if text[item.start : item.end] == written
    ]
    assert [(item.first, item.last, item.year_inferred) for item in found] == [(d(first), d(first), inferred)]


@pytest.mark.parametrize(
    "text",
    ["có 16/76 chi, đảng bộ", "35 Chi bộ", "Chỉ thị 35-CT/ TW", "11/NQ-HĐND", "phục vụ 24/7", "thắng 2-1",
     "3/4 số dân", "72/462 chi bộ", "Chỉ thị 05", "tăng 2-3%", "số điện thoại 1900-2020",
     "Nghị định số 10/2024/NĐ-CP", ""],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert dates_in(text, article_date=d("2025-10-02")) == []


def test_without_article_date_the_year_stays_open() -> None:
    (found,) = dates_in("Sáng ngày 3/4, Đoàn", article_date=None)
    assert (found.first, found.month, found.day) == (None, 4, 3)


@settings(deadline=None)
@given(st.text(alphabet="0123456789/-. ngàytháămăqsuýIV()\n", max_size=60), st.dates())
def test_never_fails_and_spans_are_sound(text: str, day: date) -> None:
    items = dates_in(text, article_date=day)
    assert all(0 <= item.start < item.end <= len(text) for item in items)
    assert all(a.end <= b.start for a, b in pairwise(items))
    assert all(item.first <= item.last for item in items if item.first and item.last)
    resolve_time(text, now=day)
