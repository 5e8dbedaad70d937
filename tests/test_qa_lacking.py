"""What is refused whatever the score: another year, items only counted, no cause, no meaning, nobody."""

from __future__ import annotations

from datetime import date

import pytest

from index.sentences import split_sentences
from index.types import Article, Hit, Passage, Span
from qa.answer import possible_first
from qa.candidates import Type
from qa.context import preferred
from qa.extract import Finding, find_answers
from qa.lacking import lacking
from qa.people import person_factor
from qa.question import Kind, understand
from qa.refuse import impossible
from qa.words import read_words

NEWS = (
    "Năm 2024, xã Hòa Bắc trồng 5.200 cây phi lao. Xã có 4 trường học đạt chuẩn. "
    "Bến phà cũ phải đóng cửa từ tháng 3. Phà phục vụ 300 lượt khách mỗi ngày. "
    "Hội quán nông dân là nơi bà con trao đổi giống và kỹ thuật. Nhiều hội quán nông dân được lập năm ngoái. "
    "Bà Trần Thị Hoa giữ chức Chủ tịch UBND xã Hòa Bắc."
)


def found(question: str, text: str = NEWS, *, written: date | None = date(2025, 3, 1)) -> list[Finding]:
    article = Article("a", "Tin xã Hòa Bắc", text, body=(Span(0, len(text)),), date=written)
    sentences = tuple(split_sentences(text, 0, len(text)))
    hit = Hit(Passage(1, "a", 0, text, 0, len(text), sentences), article, 1.0)
    asked = understand(question)
    return possible_first(asked, preferred(asked, find_answers(asked, [hit])))


def lacks(question: str, text: str = NEWS, *, written: date | None = date(2025, 3, 1)) -> bool:
    best = found(question, text, written=written)[0]
    return lacking(understand(question), best)


def test_another_year_is_another_question() -> None:
    assert lacks("Năm 2021 xã Hòa Bắc trồng bao nhiêu cây phi lao?")
    assert not lacks("Năm 2024 xã Hòa Bắc trồng bao nhiêu cây phi lao?")
    assert not lacks("Năm 2025 xã Hòa Bắc trồng bao nhiêu cây?", "Xã Hòa Bắc trồng 900 cây.")


def test_a_year_that_is_only_compared_with_is_not_the_year_told() -> None:
    text = "Xã Hòa Bắc thu 12 tỉ đồng, tăng 8% so với cùng kỳ năm 2023."
    assert lacks("Năm 2023 xã Hòa Bắc thu bao nhiêu tỉ đồng?", text)


def test_items_that_are_only_counted_are_no_list() -> None:
    question = "Xã Hòa Bắc có những trường học nào đạt chuẩn?"
    assert lacks(question, "Toàn xã có 4 trường học đạt chuẩn.")
    assert not lacks(question, "Xã Hòa Bắc có 2 trường học đạt chuẩn: Hòa Bắc 1 và Hòa Bắc 2.")


def test_a_cause_must_be_said() -> None:
    assert lacks("Vì sao bến phà cũ phải đóng cửa?")
    assert not lacks("Vì sao bến phà cũ phải đóng cửa?", "Bến phà cũ phải đóng cửa vì bờ sông sạt lở.")


def test_a_meaning_must_be_said() -> None:
    assert not lacks("Hội quán nông dân là gì?")
    assert lacks("Hội quán nông dân là gì?", "Nhiều hội quán nông dân được lập năm ngoái ở xã Hòa Bắc.")


def test_what_is_counted_must_be_named() -> None:
    text = "Chi bộ thôn 9 có 42 đảng viên. Thôn trồng 300 cây phi lao."
    assert lacks("Chi bộ thôn 9 có bao nhiêu đảng viên nữ?", text)
    assert not lacks("Chi bộ thôn 9 có bao nhiêu đảng viên nữ?", text + " Trong đó 12 đảng viên là nữ.")
    assert not lacks("Chi bộ thôn 9 có bao nhiêu đảng viên?", text)


def test_a_street_must_be_named() -> None:
    question = "Trụ sở UBND xã Hòa Bắc nằm trên đường nào?"
    assert lacks(question, "Trụ sở UBND xã Hòa Bắc nằm ở thôn Phò Nam.")
    assert not lacks(question, "Trụ sở UBND xã Hòa Bắc nằm trên đường Phò Nam.")


def test_an_earlier_office_is_not_the_present_one() -> None:
    assert lacks("Trước khi làm Chủ tịch UBND xã, bà Trần Thị Hoa giữ chức vụ gì?")


@pytest.mark.parametrize("question", ["Xã Hòa Bắc có bán vé tháng không?", "Xã Hòa Bắc có thang máy không?"])
def test_yes_or_no_needs_its_predicate(question: str) -> None:
    assert lacks(question)


@pytest.mark.parametrize(
    ("question", "sentence", "name", "possible"),
    [
        ("Ai là chồng của Lan Anh?", "Ca sĩ Lan Anh hát ở Huế cùng Quang Dũng.", "Quang Dũng", False),
        ("Ai là chồng của Lan Anh?", "Ca sĩ Lan Anh kết hôn với Quang Dũng.", "Quang Dũng", True),
        ("Ai sáng lập công ty?", "Công ty được lập ở Việt Nam năm 1990.", "Việt Nam", False),
        ("Ai sáng lập công ty?", "Tập đoàn Sao Mai được lập năm 1990.", "Sao Mai", False),
        ("Ai sáng lập công ty?", "Công ty do Steve Wood lập năm 1990.", "Steve Wood", True),
    ],
)
def test_who_may_be_asked_for(question: str, sentence: str, name: str, *, possible: bool) -> None:
    start = sentence.index(name)
    factor = person_factor(understand(question), read_words(sentence), start, start + len(name), Type.NAME)
    assert (factor == 1.0) is possible


@pytest.mark.parametrize(
    "question", ["Nhạc sĩ nào viết bài Tiến quân ca?", "chồng của Lan Anh", "Tổng giám đốc công ty Sao Mai"]
)
def test_callings_offices_and_relations_ask_for_people(question: str) -> None:
    assert understand(question).kind is Kind.PERSON


def test_what_is_asked_to_have_happened_must_be_said_whole() -> None:
    question = "Cầu Hòa Bắc đã hoàn thành chưa?"
    assert lacks(question, "Cầu Hòa Bắc do Công ty Xây dựng thành phố làm chủ đầu tư.")
    assert not lacks(question, "Cầu Hòa Bắc đã hoàn thành từ tháng 2.")


def test_a_figure_of_one_compares_no_two() -> None:
    question = "Chợ cũ và chợ mới ở Hòa Bắc, chợ nào có nhiều sạp hơn?"
    one = "Chợ mới ở Hòa Bắc có 310 sạp, bãi xe 500 chỗ."
    both = "Chợ mới ở Hòa Bắc có 310 sạp, nhiều hơn chợ cũ 34 sạp."
    assert all(impossible(understand(question), finding) for finding in found(question, one))
    assert not all(impossible(understand(question), finding) for finding in found(question, both))


def test_another_court_or_round_is_another_question() -> None:
    text = "Ngày 14/5, tòa án Hòa Bắc mở phiên tòa sơ thẩm, tuyên phạt bị cáo Lê Văn Tám 7 năm tù."
    assert lacks("Phiên tòa phúc thẩm xử Lê Văn Tám mở ngày nào?", text)
    assert not lacks("Phiên tòa sơ thẩm xử Lê Văn Tám mở ngày nào?", text)
    assert not lacks("Phiên tòa xử Lê Văn Tám mở ngày nào?", text)
