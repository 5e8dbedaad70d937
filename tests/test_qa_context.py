"""Answers of several sentences: causes, list items, places, yes and no; and follow-ups that lead there."""

from __future__ import annotations

import pytest

from index.sentences import split_sentences
from index.types import Article, Hit, Passage, Sentence, Span
from qa.align import Overlap
from qa.context import preferred, unit_of, verdict
from qa.conversation import complete
from qa.extract import Finding, find_answers
from qa.lacking import lacking
from qa.question import understand

NEWS = (
    "Cầu Bà Hai ở phường An Lạc bị hoãn thông xe. Ông Lê Văn Tám nêu hai nguyên nhân hoãn thông xe.\n"
    "Thứ nhất, dầm cầu chưa về tới nơi. Thứ hai, mưa lớn kéo dài cả tháng.\n"
    "Đường dẫn bị ngập sâu. Vì vậy xe tải phải đi vòng qua xã bên.\n"
    "Thư viện phường An Lạc mở cửa từ tháng trước. Thư viện đặt tại số 7 đường Hoa Mai, không thu phí.\n"
    "Ba loại sách được mượn về nhà:\n- Sách thiếu nhi;\n- Sách kỹ thuật;\n- Truyện ngắn.\n"
    "Cư dân đề nghị mở thêm phòng đọc. UBND phường chấp thuận đề nghị này."
)


def findings(question: str) -> dict[str, Finding]:
    """Return the findings of the whole article by the first words of their sentence."""
    article = Article(id="a", title="Tin phường", text=NEWS, body=(Span(0, len(NEWS)),))
    sentences = tuple(split_sentences(NEWS))
    passage = Passage(1, "a", 0, NEWS, 0, len(NEWS), sentences)
    found = find_answers(understand(question), [Hit(passage, article, 0.9)], sentences=len(sentences))
    return {" ".join(one.sentence.text.split()[:3]): one for one in reversed(found)}


def unit(question: str, start: str) -> list[str]:
    return [one.text for one in unit_of(understand(question), findings(question)[start])]


def test_announced_causes_are_quoted_too() -> None:
    texts = unit("Vì sao cầu Bà Hai bị hoãn thông xe?", "Ông Lê Văn")
    assert [text.split(",")[0] for text in texts[1:]] == ["Thứ nhất", "Thứ hai"]


def test_the_cause_before_a_consequence() -> None:
    texts = unit("Tại sao xe tải phải đi vòng?", "Vì vậy xe")
    assert texts == ["Đường dẫn bị ngập sâu.", "Vì vậy xe tải phải đi vòng qua xã bên."]


def test_a_list_is_quoted_with_its_items() -> None:
    question = "Những loại sách nào được mượn về nhà?"
    (only,) = unit_of(understand(question), findings(question)["Ba loại sách"])
    assert "Sách thiếu nhi" in only.text and "Truyện ngắn" in only.text
    assert NEWS[only.start : only.end] == only.text


def test_the_place_in_the_sentence_beside() -> None:
    question = "Thư viện phường An Lạc ở đâu?"
    assert "đường Hoa Mai" in unit(question, "Thư viện phường")[-1]
    best = preferred(understand(question), list(findings(question).values()))[0]
    assert any("Hoa Mai" in one.text for one in unit_of(understand(question), best))


def test_no_quote_without_a_place_for_where() -> None:
    question = "Mưa lớn xảy ra ở đâu?"
    found = findings(question)
    assert lacking(understand(question), found["Thứ hai, mưa"])


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Thư viện có thu phí không?", "Thư viện mở cửa cả ngày, không thu phí.", "Không"),
        ("Thư viện có thu phí không?", "Thư viện thu phí từ tháng sau.", "Có"),
        ("Thư viện có thu phí không?", "Thư viện mở cửa từ tháng sau.", ""),
        ("Thư viện có thu phí không?", "UBND phường đề xuất thư viện thu phí.", ""),
        ("Học sinh có phải nộp tiền thẻ không?", "Học sinh được miễn phí thẻ.", "Không"),
        ("Thư viện thu phí bao nhiêu?", "Thư viện thu phí từ tháng sau.", ""),
    ],
)
def test_yes_and_no_only_where_said_plainly(question: str, sentence: str, expected: str) -> None:
    assert verdict(understand(question), [Sentence(sentence, 0, len(sentence))]) == expected


def test_yes_with_the_sentence_that_says_what() -> None:
    question = "UBND phường có chấp thuận đề nghị mở thêm phòng đọc không?"
    assert unit(question, "UBND phường chấp") == [
        "Cư dân đề nghị mở thêm phòng đọc.",
        "UBND phường chấp thuận đề nghị này.",
    ]


def test_the_figure_after_a_change_is_not_the_one_before() -> None:
    text = "Vốn đã được điều chỉnh lên 90 tỉ đồng."
    article = Article(id="a", title="", text=text, body=(Span(0, len(text)),))
    sentence = Sentence(text, 0, len(text))
    passage = Passage(1, "a", 0, text, 0, len(text), (sentence,))
    question = understand("Vốn trước khi điều chỉnh là bao nhiêu?")
    found = find_answers(question, [Hit(passage, article, 0.9)])
    assert isinstance(found[0].overlap, Overlap) and lacking(question, found[0])


@pytest.mark.parametrize(
    ("asked", "answered", "question", "expected"),
    [
        (
            "Trước khi nhập xã Tân An có bao nhiêu ấp?",
            "Xã Tân An có 9 ấp [1].",
            "Sau khi nhập thì còn bao nhiêu?",
            "Sau khi nhập xã Tân An còn bao nhiêu ấp?",
        ),
        (
            "Xã Tân An có bao nhiêu ấp?",
            "Xã Tân An có 9 ấp [1].",
            "Xã này rộng bao nhiêu?",
            "Xã Tân An có diện tích bao nhiêu?",
        ),
        (
            "Cầu Bà Hai có chậm tiến độ không?",
            "Có: “Cầu chậm hai tháng.” [1].",
            "Vì sao?",
            "Vì sao cầu Bà Hai chậm tiến độ?",
        ),
        (
            "Lễ khai giảng của phường An Lạc diễn ra khi nào?",
            "Ngày 5/9 [1].",
            "Hội thao thì sao?",
            "Hội thao của phường An Lạc diễn ra khi nào?",
        ),
        (
            "Vốn của cầu Bà Hai là bao nhiêu?",
            "90 tỉ đồng [1].",
            "Không, ý tôi là trước khi điều chỉnh.",
            "Vốn của cầu Bà Hai trước khi điều chỉnh là bao nhiêu?",
        ),
        (
            "phuong an lac co bao nhieu dang vien",
            "900 đảng viên [1].",
            "con phuong ben may",
            "phuong ben may co bao nhieu dang vien",
        ),
    ],
)
def test_follow_ups(asked: str, answered: str, question: str, expected: str) -> None:
    assert complete(question, [(asked, answered)]).text.lower() == expected.lower()
