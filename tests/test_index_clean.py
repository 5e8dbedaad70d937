"""The cleaner: no sentence of an article is lost, and what is not the article stays out."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import Cleaned, clean
from index.lines import bare_byline, could_be_title, is_caption, is_furniture, lead_date, stated_date
from index.paragraphs import paragraphs
from index.types import Span

SHARED = Path(__file__).parents[2] / "shared" / "articles"

# Labelled by hand: every line of an article, as people's files have them.
# T title, D date line, B body, H heading (body), C caption, N byline, S source, F footer, P picture remains
LABELLED = """
T Phường An Phú Đông khánh thành cầu mới
D Thứ Năm, 02/10/2025 - 10:15 (GMT+7)
B Sáng 2-10, UBND phường An Phú Đông khánh thành cầu Rạch Gò.
P ![](cau.jpg)
C Cầu Rạch Gò nhìn từ bờ đông
B Cầu dài 120 m, rộng 9 m, vốn 45 tỉ đồng.
C Đồng chí Lê Văn Tám, Chủ tịch UBND phường phát biểu tại buổi lễ
H Giao thông thuận lợi hơn
B Đồng chí Lê Văn Tám phát biểu tại buổi lễ, cảm ơn bà con đã hiến 1.200 m2 đất.
C Các đại biểu cắt băng khánh thành (Ảnh: Q.M)
B Ông Tư Lành nói: “Nay đi chợ chỉ mất năm phút.”
B Danh sách hộ hiến đất nhiều nhất:
B - Hộ ông Trần Văn Lành, 300 m2;
B - Hộ bà Nguyễn Thị Sáu, 250 m2.
C Quang cảnh buổi lễ
C Ảnh: Quang Minh
C Lãnh đạo phường tặng quà cho các hộ hiến đất. Ảnh: Quang Minh
B Ảnh hưởng của công trình đến việc đi lại không đáng kể.
B Đồng chí Lê Văn Tám: Cầu mới mở ra cơ hội cho khu phố 3.
B Theo kế hoạch, phường sẽ làm thêm hai cầu nhỏ trong năm 2026
B Xem thêm cầu mới, nhiều người dân dừng xe chụp ảnh.
B Chia sẻ với phóng viên, bà Sáu cho biết con bà nay đi học gần hơn 2 km.
B Lãnh đạo phường An Phú Đông yêu cầu các khu phố giữ gìn vệ sinh, không buôn bán trên cầu.
C | Đồng chí Lê Văn Tám kiểm tra cầu. (Ảnh: QM) |
B | Hộ | Diện tích hiến |
B | Ông Lành | 300 m2 |
C ![Bà con khu phố 3 đi trên cầu mới](dan.jpg)
P ---
N QUANG MINH
S Theo Báo Người Bến Cảng
F Chia sẻ:
F Tags: cầu Rạch Gò, An Phú Đông
F Xem thêm: Phường An Phú Đông trồng 500 cây xanh
F Tin liên quan
F Phường Thới Hòa sửa chợ
F Nâng cấp hẻm 12 đường số 4
F Bình luận (3)
F Lượt xem: 1.204
""".strip()


def spans_text(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def labelled() -> tuple[str, list[tuple[str, str]]]:
    lines = [(line[0], line[2:]) for line in LABELLED.splitlines()]
    return "\n".join(line for _, line in lines), lines


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n", "\n \n"])
def test_every_line_of_a_labelled_article_goes_where_it_belongs(gap: str) -> None:
    text, lines = labelled()
    text = text.replace("\n", gap)
    found = clean(text)
    body = spans_text(text, found.body)
    assert body == [line for label, line in lines if label in "BH"]
    captions = [line for label, line in lines if label == "C"]
    captions[-2:] = ["Đồng chí Lê Văn Tám kiểm tra cầu. (Ảnh: QM)", "Bà con khu phố 3 đi trên cầu mới"]
    assert spans_text(text, found.captions) == captions
    assert found.title == "Phường An Phú Đông khánh thành cầu mới"
    assert (found.date, found.date_inferred) == (date(2025, 10, 2), False)
    assert found.byline == "QUANG MINH"
    assert found.source == "Báo Người Bến Cảng"


TERMINATED = '.!?…:;”"'


def check(text: str, found: Cleaned) -> None:
    spans = sorted([*found.body, *found.captions], key=lambda span: span.start)
    for before, after in pairwise(spans):
        assert before.end <= after.start
    assert list(found.body) == sorted(found.body, key=lambda span: span.start)
    taken = {at for span in [*spans, *found.left_out] for at in range(span.start, span.end)}
    assert all(at in taken for at, letter in enumerate(text) if letter.isalnum())


LINES = [line[2:] for line in LABELLED.splitlines()] + [
    "",
    " ",
    "date 2025-01-01 Tin",
    "|",
    "- ",
    "TIN",
    "x",
    "* * *",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=12).map("\n".join), st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_letter_is_body_caption_or_named_as_left_out(text: str, markdown: bool) -> None:
    check(text, clean(text, markdown=markdown))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the five real articles are not on this machine")
def test_no_sentence_of_the_real_articles_is_lost() -> None:
    """What lies outside of body and captions of the five articles is exactly what should."""
    outside: list[str] = []
    captions = 0
    for path in sorted(SHARED.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found = clean(text)
        check(text, found)
        outside += [" ".join(piece.split()) for piece in spans_text(text, found.left_out)]
        captions += len(found.captions)
    assert captions == 16
    titles = [piece for piece in outside if piece.startswith("THÀNH ỦY LONG XUYÊN")]
    furniture = [
        "ANH HOÀNG",
        "Không có nhận xét nào:",
        "Đăng nhận xét",
        "Cám ơn bạn đã quan tâm",
        "THU HƯỜNG",
    ]
    furniture += ["![]() |"] * 4 + ["date 2025-10-02", "date 2025-10-30", "date 2025-10-01"]
    assert len(titles) == 1
    assert sorted(outside) == sorted([*titles, *furniture])


def test_wrapped_lines_are_put_together() -> None:
    text = (
        "Sáng nay, Đảng ủy phường tổ chức hội nghị tổng kết công tác năm 2025 với sự\n"
        "tham dự của 120 đại biểu đến từ các chi bộ trực thuộc, các ban, ngành, đoàn\n"
        "thể của phường.\n"
        "Phát biểu tại hội nghị, đồng chí Bí thư biểu dương kết quả mà Đảng bộ và TP.\n"
        "Nguyệt Hải đạt được, nhất là trong xây dựng Đảng và chăm lo đời sống nhân\n"
        "dân.\n"
        "Gồm hai việc:\n"
        "- việc thứ nhất rất dài và còn được viết tiếp sang dòng bên dưới của trang\n"
        "giấy này;\n"
        "- việc thứ hai.\n"
    )
    blocks = [" ".join(text[span.start : span.end].split()) for span in paragraphs(text)]
    assert [block[:12] for block in blocks] == [
        "Sáng nay, Đả",
        "Phát biểu tạ",
        "Gồm hai việc",
        "- việc thứ n",
        "- việc thứ h",
    ]
    assert blocks[1].endswith("chăm lo đời sống nhân dân.")
    assert blocks[3].endswith("giấy này;")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Ngày 15/01/2025, Quận ủy tổ chức hội nghị.", date(2025, 1, 15)),
        ("Sáng 15-1-2025, Quận ủy tổ chức hội nghị.", date(2025, 1, 15)),
        ("Chiều ngày 3.4.2024, đoàn công tác làm việc.", date(2024, 4, 3)),
        ("Nguyệt Hải - Ngày 5 tháng 6 năm 2025, mưa lớn.", date(2025, 6, 5)),
        ("Hôm nay (9/9/2025), UBND thành phố họp.", date(2025, 9, 9)),
        ("Sáng nay, 9/9/2025, UBND thành phố họp.", date(2025, 9, 9)),
        ("Sáng ngày 3/4, Đoàn công tác làm việc về công tác năm 2024.", None),
        ("Thực hiện Nghị quyết số 11/NQ-HĐND ngày 14/3/2024, phường đã họp.", None),
        ("Ngày 31/02/2025, không có ngày này.", None),
        ("Trước ngày 30/6/2026, phường phải xong việc.", None),
        ("Từ ngày 1/7/2025, phường mới hoạt động.", None),
    ],
)
def test_the_date_of_the_lead_is_taken_only_where_it_opens_the_text(text: str, day: date | None) -> None:
    found = clean(text)
    assert (found.date, found.date_inferred) == (day, day is not None)
    assert lead_date(text, 0, len(text)) == day


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Thứ Năm, 02/10/2025 - 10:15 (GMT+7)", date(2025, 10, 2)),
        ("Ngày đăng: 2/10/2025", date(2025, 10, 2)),
        ("Cập nhật: 08:30, 02/10/2025", date(2025, 10, 2)),
        ("2025-10-02", date(2025, 10, 2)),
        ("Chủ nhật, ngày 5 tháng 10 năm 2025", date(2025, 10, 5)),
        ("Ngày 2/10/2025 phường họp", None),
        ("31/31/2025", None),
    ],
)
def test_date_lines(line: str, day: date | None) -> None:
    assert stated_date(line) == day


@pytest.mark.parametrize(
    ("line", "day", "source"),
    [
        ("Báo Bến Cảng, 25/5/2026", date(2026, 5, 25), "Báo Bến Cảng"),
        ("(Nguồn: Bến Cảng, ngày 25-5-2026)", date(2026, 5, 25), "Bến Cảng"),
        ("Bencang.vn | 25/5/2026", date(2026, 5, 25), "Bencang.vn"),
        ("Gò Sen, ngày 25 tháng 5 năm 2026", date(2026, 5, 25), ""),
    ],
)
def test_a_date_behind_a_name_above_the_text(line: str, day: date, source: str) -> None:
    text = f"Phường Gò Sen khánh thành cầu mới\n{line}\nSáng nay, phường khánh thành cầu Sen."
    found = clean(text)
    assert (found.title, found.date, found.source) == ("Phường Gò Sen khánh thành cầu mới", day, source)
    assert not found.date_inferred
    assert len(found.body) == 1


def test_a_headline_that_ends_with_a_date_stays_one() -> None:
    found = clean("Khai mạc lễ hội hoa, 25/5/2026\nSáng nay, lễ hội hoa đã khai mạc tại công viên.")
    assert (found.title, found.source) == ("Khai mạc lễ hội hoa, 25/5/2026", "")


def test_names_below_each_other_are_a_list_and_no_byline() -> None:
    text = "Những người được khen thưởng gồm:\nNguyễn Văn An\nTrần Thị Bình\nLê Văn Chính"
    found = clean("Sáng nay phường họp.\n" + text)
    assert found.byline == ""
    assert len(found.body) == 5
    assert bare_byline("UBND PHƯỜNG") == "" != bare_byline("THU HƯỜNG - Minh An")


def test_a_text_of_one_line_is_its_own_body() -> None:
    for line in (
        "TIN NGẮN KHÔNG CÓ THÂN BÀI",
        "Quang cảnh hội nghị",
        "Không có gì",
        "Đồng chí A phát biểu tại hội nghị",
    ):
        found = clean(line)
        assert spans_text(line, found.body) == [line]


def test_titles() -> None:
    text = "THÀNH ỦY LÀM VIỆC TẠI\nPHƯỜNG MỸ THỚI VÀ MỸ THẠNH\nSáng nay, đoàn làm việc."
    assert clean(text).title == "THÀNH ỦY LÀM VIỆC TẠI PHƯỜNG MỸ THỚI VÀ MỸ THẠNH"
    page = "Trang chủ\nChính trị\nPhường An Phú Đông có cầu mới\n2/10/2025 08:00\nSáng 2-10, phường họp."
    found = clean(page)
    assert found.title == "Phường An Phú Đông có cầu mới"
    assert (found.date, found.date_inferred) == (date(2025, 10, 2), False)
    known = clean("Tin mới.\nTin mới hôm nay có ba việc.", known_title="Tin  mới")
    assert known.title == "" and len(known.body) == 1
    assert not could_be_title("- một việc cần làm ngay")


def test_recognisers_need_evidence() -> None:
    assert is_caption("Quang cảnh hội nghị", terminated=False, after_picture=False)
    assert not is_caption("Định vị rõ vai trò lãnh đạo", terminated=False, after_picture=False)
    assert not is_caption(
        "Tiếp tục xây dựng đội ngũ cán bộ có tâm và tầm", terminated=False, after_picture=False
    )
    assert not is_caption("Đồng chí Nam phát biểu tại hội nghị.", terminated=True, after_picture=False)
    assert is_furniture("Đăng nhận xét") and is_furniture(">> Phường mới sau sáp nhập")
    assert not is_furniture("Bình luận về việc này, ông Nam cho rằng cần thêm thời gian.")


@pytest.mark.parametrize(
    ("text", "byline"),
    [
        ("Công an đang điều tra, xử lý theo quy định. Minh Tâm", "Minh Tâm"),
        ("Ông nói: “Xong rồi.” (Ngọc Uyên)", "Ngọc Uyên"),
        ("Người ký là ông TS. Nguyễn Văn An", ""),
        ("Vì sao? Không ai biết", ""),
        ("Phường có 900 đảng viên.", ""),
    ],
)
def test_a_name_behind_the_last_sentence_is_the_byline(text: str, byline: str) -> None:
    found = clean(text)
    assert found.byline == byline
    assert len(found.body) == 1
    end = text.rindex(" " + ("(" if "(" in text else "") + byline) if byline else len(text)
    assert found.body[0] == Span(0, end)


def test_long_files_take_linear_time() -> None:
    for line in (
        "12\n",
        "Ông A\n",
        "![]() |\n",
        "(Ảnh: A)\n",
        "- việc\n",
        "Tin liên quan\n",
        "THU HÀ\n",
        "Theo A\n",
    ):
        started = time.process_time()
        clean("Mở đầu bài viết.\n" + line * 6_000)
        assert time.process_time() - started < 3
