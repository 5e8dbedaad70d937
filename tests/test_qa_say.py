"""How answers and refusals are worded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_qa_lacking import found

from index import Library
from index.types import Article, Span
from qa import Assistant
from qa.candidates import Type, candidates_in
from qa.missing import missing_phrases
from qa.question import understand
from qa.roles import role_of, roles_agree
from qa.say import quote, say
from qa.settings import Settings
from qa.support import is_cut

LONG = (
    "Tham dự buổi lễ có các đồng chí lãnh đạo thành phố, đại diện các sở, ngành, đoàn thể và đông đảo "
    "bà con khu phố 3; đồng chí Lê Thị An, Bí thư Đảng ủy phường, phát biểu khai mạc; các đơn vị trao "
    "120 suất quà cho gia đình chính sách, tặng xe đạp cho học sinh nghèo vượt khó; kết thúc buổi lễ, "
    "đại biểu cùng bà con trồng cây xanh dọc tuyến đường mới mở, dọn vệ sinh khu chợ cũ và thăm hỏi các "
    "hộ có hoàn cảnh khó khăn."
)


def test_a_long_quote_is_cut_to_the_clauses_around_the_mark() -> None:
    start = LONG.index("120 suất")
    shown = quote(LONG, (start, start + 12))
    assert len(shown) < 330 and "120 suất quà" in shown and "…" in shown
    assert is_cut(shown.strip("“”"), LONG)
    assert quote(LONG) == f"“{LONG[:-1]}”"


def test_a_cut_that_turns_the_sentence_round_is_no_cut() -> None:
    source = "Không có chuyện như tin đồn, phường An Lạc có 905 đảng viên, ông An nói."
    assert not is_cut("… phường An Lạc có 905 đảng viên…", source)
    assert is_cut("… phường An Lạc có 905 đảng viên…", source.replace("Không có chuyện như", "Theo"))
    assert not is_cut("… có 905 đảng viên, ông An nói", "Phường An Lạc có 905 đảng viên, ông An nói.")


def test_missing_words_are_shown_as_they_were_asked() -> None:
    question = understand("Phường An Lạc có bao nhiêu trường học?")
    said = Article("a", "Tin", "Trường nào cũng vui.", body=(Span(0, 20),))
    assert missing_phrases(question, [said]) == ("trường học",)
    assert missing_phrases(question, [replace(said, text="Học sinh đến trường.")]) == ()
    nurses = understand("Khoa có bao nhiêu điều dưỡng?")
    assert missing_phrases(nurses, [replace(said, text="Khoa có 5 bác sĩ.")]) == ("điều dưỡng",)
    long = understand("Phường An Lạc trao tặng học bổng khuyến học bao nhiêu suất?")
    assert missing_phrases(long, [said]) == ("suất",)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    text = (
        "Phường An Lạc rộng 3,2 km2, có hơn 41.200 dân. Đồng chí Lê Thị Hoa, Bí thư Đảng ủy phường An Lạc, "
        "phát biểu tại hội nghị."
    )
    with Library.open(tmp_path / "library", create=True) as library:
        library.add_articles(
            [Article("x1", "Phường An Lạc ra mắt", text, (Span(0, len(text)),), date=date(2025, 7, 2))]
        )
        with Assistant.open(library, settings=Settings()) as helper:
            yield helper


@pytest.mark.parametrize("lead", ["Còn ", "Vậy ", "Thế còn ", "Hiện nay, "])
def test_what_ties_a_question_to_the_talk_is_not_said(assistant: Assistant, lead: str) -> None:
    answer = assistant.ask(f"{lead}phường An Lạc có bao nhiêu dân?")
    assert answer.text.startswith("Phường An Lạc có hơn 41.200 dân")


def test_a_toneless_question_is_answered_with_tones(assistant: Assistant) -> None:
    answer = assistant.ask("ai la bi thu dang uy phuong an lac?")
    assert answer.text == "Bí thư Đảng ủy phường An Lạc là đồng chí Lê Thị Hoa [1]."


def test_a_unit_is_said_once(tmp_path: Path) -> None:
    text = "Đường An Lạc dài 6,8 km, rộng 24 m."
    with Library.open(tmp_path / "roads", create=True) as library:
        library.add_articles([Article("r1", "Đường An Lạc", text, (Span(0, len(text)),))])
        with Assistant.open(library, settings=Settings()) as helper:
            assert helper.ask("Đường An Lạc dài bao nhiêu km?").text == "Đường An Lạc dài 6,8 km [1]."


def test_a_figure_is_not_given_what_another_one_is_told_of(tmp_path: Path) -> None:
    text = "Qua khám tuyển 214 thanh niên phường An Lạc, có 83 người đủ tiêu chuẩn sức khỏe."
    with Library.open(tmp_path / "recruits", create=True) as library:
        library.add_articles([Article("r1", "Khám tuyển ở phường An Lạc", text, (Span(0, len(text)),))])
        with Assistant.open(library, settings=Settings()) as helper:
            answer = helper.ask("Có bao nhiêu thanh niên phường An Lạc đủ tiêu chuẩn sức khỏe?")
    assert "214 thanh niên phường An Lạc đủ" not in answer.text
    assert answer.abstained or "83 người đủ tiêu chuẩn sức khỏe" in answer.text


def said(question: str, text: str) -> str:
    return say(understand(question), found(question, text)[0]).text


def test_what_the_passage_does_not_say_is_not_said() -> None:
    text = "Đại hội xã Hòa Bắc có 185 đại biểu."
    assert said("Đại hội xã Hòa Bắc có bao nhiêu đại biểu?", text) == "Đại hội xã Hòa Bắc có 185 đại biểu"
    assert said("Đại hội xã Hòa Bắc có bao nhiêu đại biểu là nữ?", text) == f"“{text.removesuffix('.')}”"


def test_a_date_asked_in_the_middle_comes_last() -> None:
    text = "Sáng 5/3/2025, cầu Hòa Bắc khởi công."
    assert said("Cầu Hòa Bắc khi nào khởi công?", text) == "Cầu Hòa Bắc khởi công sáng 5/3/2025"


def test_an_office_of_nothing_is_quoted_with_its_body() -> None:
    text = "Đồng chí Lê Văn Tám, Bí thư Chi bộ thôn 9 phát biểu."
    assert said("Ai làm bí thư?", text).startswith("“")


@pytest.mark.parametrize(
    ("asked", "chain", "agrees"),
    [
        ("Bí thư phường Bến Mây", "Bí thư Đảng ủy, Chủ tịch HĐND phường Bến Mây", True),
        ("Bí thư phường Bến Mây", "Bí thư Đoàn phường Bến Mây", False),
        ("Chủ tịch phường Bến Mây", "Chủ tịch UBND phường Bến Mây", True),
        ("Chủ tịch phường Bến Mây", "Chủ tịch HĐND phường Bến Mây", False),
        ("Trưởng đoàn đi giám sát", "Trưởng đoàn công tác", True),
    ],
)
def test_offices_as_people_call_them(asked: str, chain: str, *, agrees: bool) -> None:
    role = role_of(asked)
    assert role is not None and (roles_agree(role, chain) >= 0.5) is agrees


def test_who_is_appointed_leaves_the_office_he_had() -> None:
    text = (
        "Ông Lê Văn Tám, Chủ tịch UBND xã Hòa Bắc được điều động, bổ nhiệm giữ chức Giám đốc Sở Nông nghiệp "
        "và Môi trường từ ngày 5/3."
    )
    answer = said("Ông Lê Văn Tám giữ chức vụ gì?", text)
    assert answer == "Ông Lê Văn Tám giữ chức vụ Giám đốc Sở Nông nghiệp và Môi trường"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "Nguyễn Văn Bảy bị phạt bao nhiêu tháng tù?",
            "Nguyễn Văn Bảy bị phạt 18 tháng tù nhưng cho hưởng án treo.",
        ),
        ("Chợ Gò Sen có bao nhiêu sạp?", "Chợ Gò Sen có 209 sạp, chưa kể các hộ bán ngoài nhà lồng."),
    ],
)
def test_a_figure_from_which_something_is_taken_is_quoted(question: str, text: str) -> None:
    assert said(question, text) == f"“{text[:-1]}”"
    plain = text.split(" nhưng")[0].split(", chưa")[0]
    assert said(question, f"{plain}.").strip("“”") == plain


def test_an_institution_is_not_given_the_figure_of_another() -> None:
    text = "Bệnh viện Đa khoa khu vực Hòa Lạc có 16 máy lọc máu."
    own = "Bệnh viện Đa khoa khu vực Hòa Lạc có bao nhiêu máy lọc máu?"
    assert said(own, text) == text.removesuffix(".")
    assert said("Bệnh viện Đa khoa tỉnh có bao nhiêu máy lọc máu?", text) == f"“{text.removesuffix('.')}”"


def test_what_is_only_expected_is_quoted() -> None:
    text = "Cầu Hòa Bắc dự kiến khai thác từ năm 2026."
    assert said("Cầu Hòa Bắc khi nào khai thác?", text) == f"“{text.rstrip('.')}”"


@pytest.mark.parametrize(
    ("text", "kind", "found_there"),
    [
        ("Giá xăng tăng từ chiều nay 28.8.", Type.DATE, "chiều nay 28.8"),
        ("Thu 28.8 tỉ đồng.", Type.NUMBER, "28.8 tỉ đồng"),
        ("Tham dự có ông Đặng Minh Thông - phó bí thư Thành ủy.", Type.ROLE, "phó bí thư Thành ủy"),
        ("Ông Kim Sang-sik là huấn luyện viên.", Type.PERSON, "Kim Sang-sik"),
    ],
)
def test_candidates_as_papers_write_them(text: str, kind: Type, found_there: str) -> None:
    assert found_there in [one.text for one in candidates_in(text) if one.type is kind]
