"""Sentences that go on about what was named before: the name they leave out is read with them."""

from __future__ import annotations

from index.normalize import canonical
from index.types import Article
from qa.subjects import Completion, going_on, sentences_of


def read(title: str, text: str) -> list[str]:
    """Return the completed sentences of an article, only those that go on about something."""
    article = Article("a", title, text)
    completions = going_on(article)
    return [
        completions[one.start].of(canonical(one.text))
        for one in sentences_of(article)
        if one.start in completions
    ]


def test_a_head_alone_is_what_the_title_names() -> None:
    text = "Người đi lễ đông. Đình dựng năm 1871. Hiện đình có ba gian. Ông từ giữ đình đã già."
    assert read("Về thăm đình Phú Lạc", text) == [
        "Đình Phú Lạc dựng năm 1871.",
        "Hiện đình Phú Lạc có ba gian.",
    ]


def test_after_another_ward_no_ward_is_meant() -> None:
    text = "Đoàn phường Tân Phú thăm phường Hòa Bình. Phường Hòa Bình mới thành lập. Phường có 12 khu phố."
    assert read("Phường Tân Phú học tập mô hình mới", text) == []


def test_merged_units_are_not_meant() -> None:
    text = "Xã được lập khi sáp nhập ba xã Vĩnh Sơn, Khê Hạ và Đại Phúc. Sau sắp xếp, xã có 19 thôn."
    assert read("Xã Vĩnh Khê họp", text)[-1] == "Sau sắp xếp, xã Vĩnh Khê có 19 thôn."


def test_second_syllables_of_other_words_are_no_heads() -> None:
    assert read("Gia đình Nguyễn Văn Bảy hiến đất", "Đình dựng năm 1868.") == []


def test_names_with_small_words_are_taken_whole() -> None:
    text = "Người bệnh phải lên Bệnh viện Chợ Gò. Bệnh viện có 68 bác sĩ."
    title = "Bệnh viện Đa khoa khu vực Hòa Lạc mở khoa nhi"
    assert read(title, text) == ["Bệnh viện Đa khoa khu vực Hòa Lạc có 68 bác sĩ."]


def test_of_two_things_none_is_meant() -> None:
    text = "Trường Hoa Mai và Trường Hoa Lan cùng khai giảng. Trường có 264 trẻ."
    assert read("Ngày khai trường", text) == []


def test_a_person_is_the_one_named_last_with_that_title() -> None:
    text = "Bà Sáu Lượm bán rau ở chợ. Bà bán ở đây 31 năm. Ông Tư Đờn ngồi cạnh. Ông nói ít lời."
    assert read("Chợ quê", text) == ["Bà Sáu Lượm bán ở đây 31 năm.", "Ông Tư Đờn nói ít lời."]


def test_a_sort_of_thing_is_not_the_thing() -> None:
    text = "Trường mầm non tư thục mọc lên nhiều. Xã hội thay đổi. Trường học nào cũng thiếu phòng."
    assert read("Trường Hoa Mai có phòng mới", text) == []


def test_places_lead_back_to_the_sentence() -> None:
    completion = Completion(4, " Phú Lạc")
    whole = completion.of("Đình dựng năm 1871.")
    start = whole.index("năm 1871")
    assert completion.back(start, start + 8) == (10, 18)
    assert completion.back(0, 4) == (0, 4)
    inside = whole.index("Lạc")
    first, last = completion.back(inside, inside + 3)
    assert first == last
