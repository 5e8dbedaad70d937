"""Words without tone marks are noticed one by one and read as they were meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalize import canonical, strip_tones
from index.toneless import detect, is_toneless, restore

SENTENCES = [
    "Ai là bí thư Đảng ủy phường Tân Khánh?",
    "Giá xăng hôm nay tăng bao nhiêu?",
    "Thủ đô của Việt Nam là gì?",
    "Đảng bộ phường có bao nhiêu đảng viên?",
    "Hội nghị tổng kết công tác xây dựng Đảng năm 2024 diễn ra ở đâu?",
    "Đại hội đại biểu toàn quốc lần thứ mười ba khai mạc khi nào?",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_restored(sentence: str) -> None:
    restored = restore(strip_tones(sentence))
    wrong = sum(a != b for a, b in zip(restored.text.split(), sentence.split(), strict=True))
    assert wrong <= 1
    assert 0.5 < restored.confidence <= 1
    assert is_toneless(strip_tones(sentence))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_marked_questions_stay_as_they_are(sentence: str) -> None:
    restored = restore(sentence)
    assert (restored.text, restored.changes, restored.confidence) == (sentence, (), 1.0)
    assert not is_toneless(sentence)


def test_words_are_judged_one_by_one() -> None:
    words = {word.text: word for word in detect("Phường Tân Khánh có bao nhieu đảng viên trong năm?")}
    assert words["nhieu"].toneless and words["nhieu"].readings[0].text == "nhiêu"
    assert not words["trong"].toneless and not words["bao"].toneless and not words["Khánh"].toneless


def test_capitals_and_abbreviations_survive() -> None:
    restored = restore("CHU TICH UBND TPHCM la ai, Nguyen Van A?")
    assert restored.text == "CHỦ TỊCH UBND TPHCM là ai, Nguyễn Văn A?"


def test_readings_are_probabilities() -> None:
    for word in detect("co ay o dau"):
        assert 0 < sum(reading.probability for reading in word.readings) <= 1.0001
        assert [r.probability for r in word.readings] == sorted(
            (r.probability for r in word.readings), reverse=True
        )


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60) | st.text(alphabet="bao nhieudangvt Đáề ", max_size=60))
def test_restoring_keeps_the_letters(text: str) -> None:
    restored = restore(text)
    plain = canonical(text)
    assert len(restored.text) == len(plain)
    assert strip_tones(restored.text) == strip_tones(plain)
    for change in restored.changes:
        assert plain[change.start : change.end] == change.original
        assert restored.text[change.start : change.end] == change.restored


@pytest.mark.parametrize("text", ["", "😀", "\u0301", "a" * 100_000, "ba " * 30_000, "مرحبا", "12 34"])
def test_odd_input_is_survived(text: str) -> None:
    assert len(restore(text).text) <= 5000


@pytest.mark.parametrize("question", ["Bà Lý Hoa thay ai?", "Ai thay ông ấy?"])
def test_a_word_that_needs_no_marks_stays_in_a_question_with_marks(question: str) -> None:
    assert restore(question).text == question


def test_one_word_without_marks_is_read_where_no_other_reading_fits() -> None:
    assert restore("Phường An Lạc có bao nhieu đảng viên?").text == "Phường An Lạc có bao nhiêu đảng viên?"
    assert restore("Ai là bí thu đảng ủy phường?").text == "Ai là bí thư đảng ủy phường?"
