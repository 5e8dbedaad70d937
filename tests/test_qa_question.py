"""Understanding questions: what is asked for, about whom, with and without tone marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.conversation import complete
from qa.names import names_in
from qa.question import Kind, understand
from qa.words import read_words


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Phường Tây Nam có bao nhiêu đảng viên?", Kind.NUMBER),
        ("phuong tay nam co bao nhieu dang vien", Kind.NUMBER),
        ("Ai là Bí thư Đảng ủy phường?", Kind.PERSON),
        ("Bí thư Quận ủy Bình Thạnh là ai?", Kind.PERSON),
        ("Dương Trọng Hiếu là ai?", Kind.ROLE),
        ("Ông Lê Trần Kiên giữ chức vụ gì?", Kind.ROLE),
        ("Hội nghị diễn ra khi nào?", Kind.DATE),
        ("Đại hội họp ngày nào?", Kind.DATE),
        ("Chợ mới nằm ở đâu?", Kind.PLACE),
        ("Cơ quan nào ban hành kế hoạch?", Kind.ORGANISATION),
        ("Việc sắp xếp theo nghị quyết nào?", Kind.DOCUMENT),
        ("Vì sao dự án chậm tiến độ?", Kind.REASON),
        ("Những ai dự hội nghị?", Kind.LIST),
        ("Mã OTP là gì?", Kind.DEFINITION),
        ("Phường đã thu đủ ngân sách chưa?", Kind.YES_NO),
        ("Phường Tân Khánh hay phường Tân Hiệp có nhiều đảng viên hơn?", Kind.COMPARISON),
        ("Phường Tân Khánh và phường Tân Hiệp có tổng cộng bao nhiêu đảng viên?", Kind.TOTAL),
        ("Người dân phản ứng như thế nào?", Kind.MANNER),
    ],
)
def test_kind(question: str, kind: Kind) -> None:
    assert understand(question).kind is kind


def test_unit_and_name() -> None:
    read = understand("Phường Tây Nam có bao nhiêu đảng viên?")
    assert read.words.slice(*read.unit) == "đảng viên"
    assert [(name.head, name.text) for name in read.names] == [("phường", "Tây Nam")]
    assert [read.words.words[i].key for i in read.focus] == ["đảng", "viên"]


def test_coordinated_names_share_their_head() -> None:
    names = understand("Đảng ủy phường Mỹ Thới và Mỹ Thạnh do ai đứng đầu?").names
    assert [(name.head, name.text) for name in names] == [("phường", "Mỹ Thới"), ("phường", "Mỹ Thạnh")]


@given(st.text(max_size=80))
def test_any_text_is_understood(text: str) -> None:
    read = understand(text)
    assert 0 <= read.slot[0] <= read.slot[1] <= len(read.words.words)
    assert read == understand(text)


FIRST = [("Phường Tây Nam có bao nhiêu đảng viên?", "Phường Tây Nam có 900 đảng viên [1].")]


@pytest.mark.parametrize(
    ("question", "completed"),
    [
        ("Còn phường Tân Hiệp?", "Phường Tân Hiệp có bao nhiêu đảng viên?"),
        ("Thế còn phường Tân Hiệp thì sao?", "Phường Tân Hiệp có bao nhiêu đảng viên?"),
        ("Không, ý tôi là phường Tân Khánh.", "Phường Tân Khánh có bao nhiêu đảng viên?"),
        ("Còn dân số?", "Dân số của phường Tây Nam là bao nhiêu?"),
        ("Diện tích phường này là bao nhiêu?", "Diện tích phường Tây Nam là bao nhiêu?"),
        ("Có bao nhiêu chi bộ trực thuộc?", "Phường Tây Nam có bao nhiêu chi bộ trực thuộc?"),
    ],
)
def test_follow_up(question: str, completed: str) -> None:
    result = complete(question, FIRST)
    assert result.text == completed
    assert result.rewritten


@pytest.mark.parametrize(
    "question",
    [
        "Giá vàng hôm nay bao nhiêu?",
        "Phường Tân Hiệp có bao nhiêu chi bộ?",
        "Ai là Bí thư Quận ủy Bình Thạnh?",
    ],
)
def test_a_question_that_stands_alone_stays(question: str) -> None:
    result = complete(question, FIRST)
    assert result.text == question
    assert not result.rewritten


def test_pronoun_for_the_person_found() -> None:
    history = [("Ai là Bí thư Quận ủy?", "Bí thư Quận ủy là Vũ Ngọc Tuất [1].")]
    assert complete("Ông ấy phát biểu những gì?", history).text == "Vũ Ngọc Tuất phát biểu những gì?"


def test_another_office_belongs_to_the_question_about_the_first() -> None:
    history = [
        ("Ai là Bí thư Đảng ủy phường Tân Khánh?", "Bí thư Đảng ủy phường Tân Khánh là Lê An [1]."),
        ("Ông ấy còn giữ chức gì?", "Lê An là Bí thư Đảng ủy, Chủ tịch HĐND [1]."),
    ]
    assert complete("Còn Chủ tịch UBND?", history).text == "Ai là Chủ tịch UBND phường Tân Khánh?"
    assert complete("Còn bí thư?", FIRST).text == "Ai là bí thư của phường Tây Nam?"


@pytest.mark.parametrize(
    ("asked", "then", "completed"),
    [
        ("Bệnh viện An Lạc có bao nhiêu giường?", "Còn bác sĩ?", "Bệnh viện An Lạc có bao nhiêu bác sĩ?"),
        (
            "Phường An Lạc có bao nhiêu hộ nghèo?",
            "Còn số hộ cận nghèo?",
            "Phường An Lạc có bao nhiêu hộ cận nghèo?",
        ),
        (
            "Phường An Lạc có bao nhiêu ca sởi?",
            "Còn tay chân miệng?",
            "Phường An Lạc có bao nhiêu ca tay chân miệng?",
        ),
        ("Phường An Lạc có bao nhiêu ca sởi?", "Còn ổ dịch?", "Phường An Lạc có bao nhiêu ổ dịch?"),
        ("Phường An Lạc có bao nhiêu hộ nghèo?", "Còn dân số?", "Dân số của phường An Lạc là bao nhiêu?"),
    ],
)
def test_another_thing_counted_takes_the_place_of_the_first(asked: str, then: str, completed: str) -> None:
    assert complete(then, [(asked, "")]).text == completed


def test_a_comparison_without_names_is_of_the_places_spoken_of() -> None:
    history = [*FIRST, ("Còn phường Tân Hiệp?", "Phường Tân Hiệp có 871 đảng viên [1].")]
    assert complete("Nơi nào có nhiều đảng viên hơn?", history).text == (
        "Phường Tây Nam và phường Tân Hiệp, nơi nào có nhiều đảng viên hơn?"
    )
    assert not complete("Phường nào có nhiều đảng viên nhất?", history).rewritten


def test_an_attribute_alone_is_that_of_what_was_spoken_of() -> None:
    history = [("Đường ven sông Ngà khi nào khởi công?", "Đường ven sông Ngà khởi công sáng 19/8/2025 [1].")]
    assert complete("Dài bao nhiêu?", history).text == "Đường ven sông Ngà dài bao nhiêu?"
    assert not complete("Giá vàng hôm nay bao nhiêu?", history).rewritten


def test_they_stand_where_they_were_asked_about() -> None:
    history = [("Bao nhiêu hộ phải tái định cư?", "38 hộ [1].")]
    assert complete("Họ được bố trí về đâu?", history).text == "38 hộ được bố trí về đâu?"


def test_an_office_alone_is_that_of_the_place_spoken_of() -> None:
    assert complete("Ai làm bí thư?", FIRST).text == "Ai làm bí thư của phường Tây Nam?"
    assert not complete("Ai làm bí thư Đảng ủy phường Tân Hiệp?", FIRST).rewritten


PERSON = ("Ai được bầu làm Bí thư Chi bộ Cây Me?", "Bà Phan Lệ Quyên được bầu làm Bí thư Chi bộ Cây Me [1].")
SCHOOL = ("Trường Tiểu học Nguyễn Văn Khéo có bao nhiêu phòng học?", "Trường … có 30 phòng học [1].")
ROAD = ("Đường Lê Thị Hạnh khởi công ngày nào?", "Đường Lê Thị Hạnh khởi công vào ngày 28/7/2025 [1].")
HOSPITAL = ("Bệnh viện Đa khoa khu vực Hòa Lạc có bao nhiêu bác sĩ?", "Không tìm thấy.")
PUPILS = ("Bao nhiêu em vào lớp một ở xã Phú Lạc?", "341 em vào lớp một ở xã Phú Lạc [1].")
PRISON = ("Trần Văn Hiệp bị phạt mấy năm tù?", "“Hiệp lĩnh 7 năm tù” [1].")


@pytest.mark.parametrize(
    ("before", "then", "completed"),
    [
        (PERSON, "Được mấy phiếu?", "Phan Lệ Quyên được mấy phiếu?"),
        (PERSON, "Sinh năm nào?", "Phan Lệ Quyên sinh năm nào?"),
        (ROAD, "Đến bao giờ mới xong?", "Đường Lê Thị Hạnh đến bao giờ mới xong?"),
        (SCHOOL, "Còn Trường THCS Thuận Hưng?", "Trường THCS Thuận Hưng có bao nhiêu phòng học?"),
        (HOSPITAL, "Thiếu bao nhiêu người?", "Bệnh viện Đa khoa khu vực Hòa Lạc thiếu bao nhiêu người?"),
        (HOSPITAL, "Giám đốc là ai?", "Ai là Giám đốc của Bệnh viện Đa khoa khu vực Hòa Lạc?"),
        (PUPILS, "Còn lớp 6?", "Bao nhiêu em vào lớp 6 ở xã Phú Lạc?"),
        (PRISON, "Còn đồng phạm?", "Đồng phạm của Trần Văn Hiệp bị phạt mấy năm tù?"),
    ],
)
def test_a_question_without_a_subject_keeps_the_last_one(
    before: tuple[str, str], then: str, completed: str
) -> None:
    assert complete(then, [before]).text == completed


def test_another_unit_is_not_the_last_one() -> None:
    history = [("Phường Bến Mây có bao nhiêu đảng viên?", "Phường Bến Mây có 1.284 đảng viên [1].")]
    assert "hộ" in complete("Còn phường Tân Hiệp có bao nhiêu hộ?", history).text


def test_a_question_with_a_subject_of_its_own_is_left_alone() -> None:
    for text in ("Khi nào chợ mới mở cửa?", "Bán hàng rong bị phạt bao nhiêu?", "Học phí lớp 10 bao nhiêu?"):
        assert complete(text, [SCHOOL]).text == text


def test_he_of_whom_nobody_knows_stays_he() -> None:
    history = [("Xã Phú Lạc có bao nhiêu thôn?", "Không tìm thấy.")]
    assert not complete("Sau đó ông ấy đi đâu?", history).rewritten


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Trường có bao nhiêu học sinh giỏi?", "học sinh giỏi"),
        ("Trường tuyển mấy giáo viên năm ngoái?", "giáo viên"),
        ("Có bao nhiêu đại biểu về dự đại hội?", "đại biểu"),
        ("Làm đường hết bao nhiêu tiền tất cả?", "tiền"),
    ],
)
def test_what_is_counted(question: str, unit: str) -> None:
    asked = understand(question)
    assert asked.words.slice(*asked.unit) == unit


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Chủ tịch UBND xã Đinh Công Trứ cho biết", [("", "Đinh Công Trứ")]),
        ("Chủ tịch UBND phường Bình Lạc Lại Thế Vinh", [("phường", "Bình Lạc"), ("", "Lại Thế Vinh")]),
        ("Chủ tịch UBND phường Nguyễn Thái Bình là ai?", [("phường", "Nguyễn Thái Bình")]),
        ("Công an phường Lý Thường Kiệt bắt ba người", [("phường", "Lý Thường Kiệt")]),
    ],
)
def test_who_holds_an_office_is_no_place(text: str, names: list[tuple[str, str]]) -> None:
    assert [(one.head, one.text) for one in names_in(read_words(text))] == names


def test_corrected_year() -> None:
    history = [("Quận có bao nhiêu đảng viên năm 2023?", "")]
    assert complete("không, ý tôi là năm 2024", history).text == "Quận có bao nhiêu đảng viên năm 2024?"


def test_follow_up_of_a_follow_up() -> None:
    history = [*FIRST, ("Còn phường Tân Hiệp?", "Phường Tân Hiệp có 871 đảng viên [1].")]
    assert complete("Phường này có bao nhiêu dân?", history).text == "Phường Tân Hiệp có bao nhiêu dân?"


@given(st.text(max_size=60))
def test_completing_never_fails(text: str) -> None:
    assert isinstance(complete(text, FIRST).text, str)


def test_a_count_inside_of_a_name_asks_for_no_list() -> None:
    assert understand("Chính quyền địa phương hai cấp là gì?").kind is Kind.DEFINITION
    assert understand("Mô hình chính quyền 2 cấp là gì?").kind is Kind.DEFINITION
    assert understand("Bốn việc gì được giao?").kind is Kind.LIST
