"""Sentences: where Vietnamese news ends one, and where it does not; offsets are exact."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import MAX_SENTENCE, split_sentences

# "¦" marks the ends of sentences; it is taken out before splitting.
CASES = [
    "Ông sống ở TP. Hồ Chí Minh.¦ Sau đó ông về TP.HCM.¦ Bà ở lại.",
    "ThS. Nguyễn Văn An và PGS.TS. Lê Bình và Th.S Chi, BS.CKII Triệu Cường đến dự.¦ Hội nghị kết thúc.",
    "Phường ở Q.1, P.5, P. Tân Định và Q. Bình Thạnh.¦ Tại đây có chợ.",
    "Đ/c. Nam và đ/c Hà phát biểu.¦ Các đại biểu vỗ tay.",
    "Có cam, quýt, bưởi, v.v. được bán.¦ Giá không tăng.",
    "Nguyễn V. A. bị bắt.¦ Trần Thị B. (35 tuổi) khai nhận.¦ Nguyễn Văn C.¦ Nhận được tin, công an đến.",
    "Tổng thống J. Biden và Donald J. Trump gặp nhau.¦ Nước giàu vitamin C.¦ Nên ăn cam.",
    "Đảng bộ có 1.553 đảng viên, rộng 11.472,75ha.¦ 9 tháng đầu năm 2025, thu 2.000 tỉ đồng.",
    "Họp ngày 3.4.2024 và ngày 15/01/2025.¦ Kết thúc lúc 17.30.",
    "Bà nói: “Tốt lắm.”¦ Ông cười.¦ “Thế à?” ông hỏi.¦ “Đi thôi!” - bà đáp.",
    "Hộ có hoàn cảnh khó khăn… đến nay đã thoát nghèo.¦ Cơ sở vật chất làm việc…¦ Nhưng chưa đủ.",
    "Xây dựng Đảng bộ ngày càng vững mạnh./.¦ Tin khác.",
    "Quận có 89 khu phố; sau sắp xếp có 271 khu phố; 15 phường.",
    "Gồm ba việc:\n¦- Khai sinh;\n¦- Khai tử;\n¦- Kết hôn.",
    "Các bước: 1. Nộp đơn.¦ 2. Chờ.¦ 3. Nhận kết quả.",
    "1. Tổng vệ sinh.\n¦2. Phun thuốc.\n¦3. Kiểm tra.",
    "Dân số 61.822 nhân khẩu.¦Đảng bộ có 35 chi bộ.",
    "Nghị quyết số 18-NQ/TW.¦ Nghị quyết số 19/NQ-HĐND.",
    "Tăng 3,5%.¦ Giảm 2.5%!¦ Vì sao?¦ Không ai biết.",
    "Mức phạt 5 tr. đồng.¦ Xem tr. 15 và Vol. 3.",
    "Hội nghị có mặt Mr. John, Dr. Anna.¦ Họ đến từ Mỹ.",
    "Anh hùng lao động (1985).¦ (Ảnh: AH)",
    "Ông làm việc tại UBND TP. Theo ông, việc này đúng.".replace("TP. ", "TP.¦ "),
    "Trang vnexpress.net đưa tin.¦ Email: a.b@c.vn.",
    "Dòng này được ngắt ở giữa câu, vì trang giấy chỉ rộng chừng ấy\nchữ thôi.¦ Câu sau.",
    "Định vị rõ vai trò lãnh đạo\n¦Phát biểu chỉ đạo hội nghị, ông biểu dương.",
    "Đoạn một không có dấu chấm cuối\n\n¦đoạn hai viết thường.",
    "a) Mục tiêu chung.\n¦b) Mục tiêu cụ thể.",
    "Phần I. Mục tiêu.¦ Phần này dài.",
    "Cháu Trần Thị Th. (3 tuổi) và anh Ngh. ở nhà.¦ Bé Lê Thị Ng. Sau đó khóc.".replace("Ng. ", "Ng.¦ "),
    "Hiệp nợ bà Th. 300.000 đồng và tát N. 230 cái.¦ Trang http://partner.Rikvip.club bị khóa.",
    "Đi xe của ông.¦ Đến Hồ Sen.¦ Năm 2002, bà Sen.¦ Tôi về.",
    "Đợt 1 (\n4-5/7) dành cho khối A.¦ Đợt 2 sau.",
    "Bà hỏi: “Chợ mới xa quá, ai chịu?”¦ Ông Nam trả lời.",
]


@pytest.mark.parametrize("case", CASES)
def test_ends_of_sentences(case: str) -> None:
    text = case.replace("¦", "")
    assert [sentence.text for sentence in split_sentences(text)] == [part.strip() for part in case.split("¦")]


@pytest.mark.parametrize("case", CASES)
def test_decomposed_letters_change_nothing(case: str) -> None:
    text = unicodedata.normalize("NFD", case.replace("¦", ""))
    wanted = [unicodedata.normalize("NFD", part.strip()) for part in case.split("¦")]
    assert [sentence.text for sentence in split_sentences(text)] == wanted


PIECES = st.sampled_from(
    [
        *(" ", "\n", "\n\n", ". ", ".", "… ", "! ", "? ", "; ", "./. ", "TP. ", "ThS. ", "A. ", "1. ", "- "),
        *("Đảng ủy", "phường", "1.553", "15/01/2025", "Ông", "và", "…", "\r\n", "\t", "v.v.", "à", "\u00a0"),
        *("|", "”", "“", "(", ")"),
    ]
)


@given(
    st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80), st.integers(0, 20), st.integers(0, 20)
)
@settings(max_examples=400, deadline=None)
def test_spans_point_at_their_text_and_lose_nothing(text: str, skip: int, drop: int) -> None:
    end = max(skip, len(text) - drop)
    sentences = split_sentences(text, skip, end)
    covered = set()
    last = skip
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        assert last <= sentence.start < sentence.end <= end
        last = sentence.end
        covered.update(range(sentence.start, sentence.end))
    assert all(at in covered for at in range(skip, min(end, len(text))) if text[at].isalnum())


def test_splitting_a_range_equals_splitting_its_text() -> None:
    text = "Bỏ qua. Phường có 900 đảng viên. TP. Huế đẹp. Hết."
    inner = text[8:-5]
    assert [s.text for s in split_sentences(text, 8, len(text) - 5)] == [
        s.text for s in split_sentences(inner)
    ]


def test_a_run_without_end_is_cut_and_kept() -> None:
    text = "số liệu 12, " * 2_000
    sentences = split_sentences(text)
    assert all(len(sentence.text) <= MAX_SENTENCE for sentence in sentences)
    assert "".join("".join(s.text.split()) for s in sentences) == "".join(text.split())
    unbroken = "x" * 10_000
    assert sum(len(sentence.text) for sentence in split_sentences(unbroken)) == 10_000


@pytest.mark.parametrize(
    "text",
    [
        "." * 200_000,
        "a. " * 70_000,
        "1." * 100_000,
        "\n" * 200_000,
        "“”" * 100_000,
        "A.B" * 70_000,
        "www" + "abc.Abc" * 50_000,
    ],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    started = time.process_time()
    split_sentences(text)
    assert time.process_time() - started < 5
