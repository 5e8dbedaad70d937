"""Which part of what a sentence tells is asked for: some or all, the place won, the end of a period."""

from __future__ import annotations

import pytest

from qa.align import matcher
from qa.portions import portion_factor
from qa.question import understand
from qa.words import read_words

CONGRESS = "Dự đại hội có 43 trong tổng số 47 đảng viên của chi bộ, bốn người vắng đều đang điều trị bệnh."
RACE = "Đội Cồn Giữa thắng giải đua, nhận 8 triệu đồng; đội Vàm Lở về nhì, nhận 5 triệu đồng."
CLOSED = "Trường đóng cửa 10 ngày, từ ngày 24/3 đến hết ngày 2/4."
HOSPITAL = "Trạm hiện có 68 bác sĩ, còn thiếu 13 người, nhất là ở khoa nhi."
PUPILS = "Số em vào lớp 1 là 341 em, vào lớp 6 là 329 em."
FLOOD = "Lũ làm 417 nhà bị ngập, 6 nhà sập hoàn toàn, 38 nhà tốc mái."
TEMPLE = "Năm 1994, đình được xếp hạng di tích lịch sử cấp tỉnh."
LAWYER = "Luật sư Ngô Thu Hà bào chữa cho bị cáo Hiệp đề nghị mức án nhẹ hơn."


@pytest.mark.parametrize(
    ("question", "sentence", "candidate", "fits"),
    [
        ("Chi bộ Cây Me có bao nhiêu đảng viên?", CONGRESS, "47 đảng viên", True),
        ("Chi bộ Cây Me có bao nhiêu đảng viên?", CONGRESS, "43", False),
        ("Có bao nhiêu đảng viên dự đại hội chi bộ Cây Me?", CONGRESS, "43", True),
        ("Có bao nhiêu đảng viên dự đại hội chi bộ Cây Me?", CONGRESS, "47 đảng viên", False),
        ("Đội về nhì được thưởng bao nhiêu tiền?", RACE, "5 triệu đồng", True),
        ("Đội về nhì được thưởng bao nhiêu tiền?", RACE, "8 triệu đồng", False),
        ("Đội vô địch được thưởng bao nhiêu tiền?", RACE, "8 triệu đồng", True),
        ("Trường đóng cửa đến ngày nào?", CLOSED, "ngày 2/4", True),
        ("Trường đóng cửa đến ngày nào?", CLOSED, "ngày 24/3", False),
        ("Trường đóng cửa từ ngày nào?", CLOSED, "ngày 24/3", True),
        ("Trường đóng cửa từ ngày nào?", CLOSED, "ngày 2/4", False),
        ("Trường đóng cửa từ ngày nào đến ngày nào?", CLOSED, "ngày 2/4", True),
        ("Trạm y tế Gò Me còn thiếu bao nhiêu bác sĩ?", HOSPITAL, "13 người", True),
        ("Trạm y tế Gò Me còn thiếu bao nhiêu bác sĩ?", HOSPITAL, "68 bác sĩ", False),
        ("Trạm y tế Gò Me có bao nhiêu bác sĩ?", HOSPITAL, "68 bác sĩ", True),
        ("Bao nhiêu em vào lớp một?", PUPILS, "341 em", True),
        ("Bao nhiêu em vào lớp một?", PUPILS, "329 em", False),
        ("Bao nhiêu căn nhà ở xã Phú Lạc ngập nước?", FLOOD, "417 nhà", True),
        ("Bao nhiêu căn nhà ở xã Phú Lạc ngập nước?", FLOOD, "6 nhà", False),
        ("Đình được công nhận di tích cấp quốc gia năm nào?", TEMPLE, "1994", False),
        ("Đình được công nhận di tích cấp tỉnh năm nào?", TEMPLE, "1994", True),
        ("Ai bào chữa cho Lê Thị Cầm?", LAWYER, "Ngô Thu Hà", False),
        ("Ai bào chữa cho Trần Văn Hiệp?", LAWYER, "Ngô Thu Hà", True),
    ],
)
def test_the_part_asked_for(question: str, sentence: str, candidate: str, fits: bool) -> None:
    words = read_words(sentence)
    start = words.text.index(candidate)
    left = portion_factor(matcher(understand(question)), words, start, start + len(candidate))
    assert (left == 1.0) is fits


def test_last_year_s_winner_is_not_this_year_s() -> None:
    words = read_words("Đội Vàm Lở thắng giải đua; đội Rạch Giữa, vô địch năm ngoái, đứng thứ ba.")
    match = matcher(understand("Đội nào vô địch giải đua?"))
    first, third = words.text.index("đua;"), words.text.index("Rạch Giữa, vô địch") + len("Rạch Giữa, ")
    assert portion_factor(match, words, 0, first) == 1.0
    assert portion_factor(match, words, third, third + 4) < 0.2
