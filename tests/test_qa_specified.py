"""What a question specifies must be said of the figure: period, body, time, deed, quality."""

from __future__ import annotations

from datetime import date

import pytest
from test_qa_lacking import found, lacks

from index.sentences import split_sentences
from index.types import Article, Hit, Passage, Span
from qa.compare import find_parts
from qa.extract import Finding
from qa.question import Kind, understand
from qa.reading import reworded
from qa.scope import places_of


@pytest.mark.parametrize(
    ("question", "says", "says_not"),
    [
        (
            "Quý II xã Hòa Bắc thu bao nhiêu tỉ đồng?",
            "Quý II, xã Hòa Bắc thu 12 tỉ đồng.",
            "Quý III, xã Hòa Bắc thu 12 tỉ đồng.",
        ),
        (
            "Sáu tháng đầu năm xã Hòa Bắc tiếp nhận bao nhiêu hồ sơ?",
            "Xã Hòa Bắc tiếp nhận 900 hồ sơ trong 6 tháng đầu năm.",
            "Xã Hòa Bắc tiếp nhận 900 hồ sơ trong 6 tháng cuối năm.",
        ),
        (
            "Giám đốc Ban Quản lý rừng khu vực 3 là ai?",
            "Ông Lê Văn Tám, Giám đốc Ban Quản lý rừng khu vực 3 đến dự.",
            "Ông Lê Văn Tám, Giám đốc Ban Quản lý rừng khu vực 2 đến dự.",
        ),
        (
            "Lần lấy ý kiến thứ hai có bao nhiêu người đồng ý?",
            "Lần lấy ý kiến thứ hai, 90 người đồng ý.",
            "Khi lấy ý kiến, 78 người đồng ý.",
        ),
        (
            "Xã Hòa Bắc kết nạp bao nhiêu đảng viên?",
            "Xã Hòa Bắc kết nạp 12 đảng viên.",
            "Đảng bộ xã Hòa Bắc có 412 đảng viên.",
        ),
        (
            "Đến nay xã Hòa Bắc đã trồng bao nhiêu cây phi lao?",
            "Xã Hòa Bắc đã trồng 5.200 cây phi lao.",
            "Theo kế hoạch, xã Hòa Bắc sẽ trồng 5.200 cây phi lao.",
        ),
        (
            "Đại hội xã Hòa Bắc có bao nhiêu đại biểu là nữ?",
            "Đại hội xã Hòa Bắc có 185 đại biểu, trong đó 60 đại biểu là nữ.",
            "Đại hội xã Hòa Bắc có 185 đại biểu.",
        ),
        (
            "Xã Hòa Bắc có mấy đảng viên bị xếp loại không hoàn thành nhiệm vụ?",
            "Xã Hòa Bắc có 3 đảng viên bị xếp loại không hoàn thành nhiệm vụ.",
            "Xã Hòa Bắc có 84 đảng viên xếp loại hoàn thành tốt nhiệm vụ.",
        ),
        (
            "Ông Kha Vĩnh Lộc giữ chức vụ gì trong Đảng ủy xã Hòa Bắc?",
            "Ông Kha Vĩnh Lộc, Phó Bí thư Đảng ủy xã Hòa Bắc phát biểu.",
            "Ông Kha Vĩnh Lộc, Chủ tịch Ủy ban MTTQ xã Hòa Bắc phát biểu.",
        ),
        (
            "Cơ quan nào thanh tra dự án nước sạch?",
            "Thanh tra tỉnh thanh tra dự án nước sạch.",
            "UBND tỉnh họp nghe báo cáo dự án nước sạch.",
        ),
        (
            "Trạm y tế mở cửa mấy giờ?",
            "Trạm y tế mở cửa từ 7 giờ 30.",
            "Trạm y tế mở cửa từ ngày 5-3.",
        ),
        (
            "Chợ Hòa Bắc dời đi đâu?",
            "Chợ Hòa Bắc dời về khu đất trên đường Phò Nam.",
            "Chợ Hòa Bắc dời vì đã xuống cấp.",
        ),
        (
            "Hòa Bắc bán vé hôm nào?",
            "Hòa Bắc bán vé ngày 5-3.",
            "Hòa Bắc bán vé trên mạng cho khách quen.",
        ),
        (
            "Số điện thoại của trạm y tế xã Hòa Bắc?",
            "Trạm y tế xã Hòa Bắc có số điện thoại 0236 3838 113.",
            "Trạm y tế xã Hòa Bắc khám cho 1.200 người.",
        ),
        (
            "Bốn thôn của xã Hòa Bắc có nước máy là những thôn nào?",
            "Bốn thôn của xã Hòa Bắc có nước máy: thôn Phò Nam, thôn Nam Yên, thôn Lộc Mỹ và thôn An Định.",
            "Xã Hòa Bắc có 4 thôn có nước máy, tăng so với năm ngoái.",
        ),
        (
            "Tình trạng sức khỏe của người bị nạn ở Hòa Bắc ra sao?",
            "Tình trạng sức khỏe của người bị nạn ở Hòa Bắc đã ổn định, chưa rõ bao giờ xuất viện.",
            "Người bị nạn ở Hòa Bắc đã được đưa đi cấp cứu, nhưng chưa rõ tình trạng sức khỏe.",
        ),
        (
            "Vụ cháy chợ Hòa Bắc làm bao nhiêu người bị thương?",
            "Vụ cháy chợ Hòa Bắc làm 3 người bị thương, chưa rõ nguyên nhân vụ cháy.",
            "Vụ cháy chợ Hòa Bắc thiêu rụi 12 sạp, không rõ số người bị thương.",
        ),
        (
            "Hòa Bắc hiện còn những điểm đen rác thải nào?",
            "Hòa Bắc còn điểm đen rác thải ở thôn Phò Nam, thôn Nam Yên, không còn ở thôn Lộc Mỹ.",
            "Hòa Bắc đặt mục tiêu đến năm 2026 không còn điểm đen về rác thải.",
        ),
        (
            "Đường Hòa Bắc sẽ hoàn thành khi nào?",
            "Đường Hòa Bắc sẽ hoàn thành khi giải phóng xong mặt bằng.",
            "Đường Hòa Bắc khi hoàn thành sẽ rút ngắn quãng đường đến cảng.",
        ),
    ],
)
def test_what_is_specified_must_be_said(question: str, says: str, says_not: str) -> None:
    assert not lacks(question, says)
    assert lacks(question, says_not)


def test_a_sentence_with_another_year_speaks_of_that_year() -> None:
    text = "Năm 2024, xã Hòa Bắc có 90 đảng viên. Hội nghị tổng kết năm 2023 họp ở thôn Phò Nam."
    assert lacks("Năm 2023 xã Hòa Bắc có bao nhiêu đảng viên?", text, written=date(2025, 1, 2))


def test_a_range_of_years_holds_the_years_between_but_its_figure_is_that_of_all() -> None:
    text = "Giai đoạn 2021 - 2025, xã Hòa Bắc do ông Lê Văn Tám làm Bí thư, trồng 5.200 cây phi lao."
    assert not lacks("Năm 2023 ai là Bí thư xã Hòa Bắc?", text, written=None)
    assert lacks("Năm 2023 xã Hòa Bắc trồng bao nhiêu cây phi lao?", text, written=None)
    assert not lacks("Giai đoạn 2021 - 2025 xã Hòa Bắc trồng bao nhiêu cây phi lao?", text, written=None)


def test_a_school_year_is_not_the_next_one() -> None:
    text = "Năm học 2024 - 2025, hội đã trao 180 suất học bổng."
    assert not lacks("Năm học 2024 - 2025 hội trao bao nhiêu suất học bổng?", text, written=date(2025, 1, 2))
    assert lacks("Năm học 2023 - 2024 hội trao bao nhiêu suất học bổng?", text, written=date(2025, 1, 2))


def article_of(text: str) -> Article:
    return Article("a", "Tin", text, body=(Span(0, len(text)),), date=date(2025, 3, 1))


def test_places_are_known_from_the_articles() -> None:
    known = places_of([article_of("Xã Hòa Bắc và xã Bãi Dài họp. Phường Gò Sen vắng mặt.")], toneless=False)
    assert known[("hòa", "bắc")] == "xã" and known[("gò", "sen")] == "phường"
    asked = understand("tỉ lệ nộp hồ sơ trực tuyến của gò sen là bao nhiêu", known)
    assert [(name.head, name.core, name.bare) for name in asked.names] == [("phường", ("gò", "sen"), True)]
    after_it = understand(
        "Chợ Gò Sen mở cửa mấy giờ?", known
    )  # a market called after the ward is not the ward
    assert not any(name.head == "phường" for name in after_it.names)


def test_a_place_of_two_levels_is_not_guessed() -> None:
    known = places_of([article_of("Quận Bình Thạnh họp. Phường Bình Thạnh dự.")], toneless=False)
    assert ("bình", "thạnh") not in known


def test_one_figure_is_not_that_of_two_places() -> None:
    asked = understand("So sánh diện tích xã Hòa Bắc và xã Bãi Dài")
    only = found("Xã Hòa Bắc có diện tích bao nhiêu?", "Xã Hòa Bắc có diện tích 343 km2.")[0]

    def best(_: object) -> Finding:
        return only

    parts, lacking = find_parts(asked, best)
    assert [part.subject for part in parts] == ["xã Hòa Bắc"] and lacking == ["xã Bãi Dài"]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Tổ phó Tổ công tác số 4 tên gì?", Kind.PERSON),
        ("chồng của Lan Anh là ai", Kind.PERSON),
        ("Bí thư Đảng ủy các cơ quan Đảng là ai?", Kind.PERSON),
        ("Sao dân phải đi xa?", Kind.REASON),
        ("Nguyên nhân làm đường đội vốn?", Kind.REASON),
        ("Người đứng đầu Ủy ban Kiểm tra tên gì?", Kind.PERSON),
        ("Ông Lê Văn Tám nhận nhiệm vụ gì?", Kind.ROLE),
        ("Đơn vị nào lắp wifi ở các ấp?", Kind.ORGANISATION),
        ("14 doanh nghiệp nào ủng hộ học bổng?", Kind.LIST),
        ("Thành phố yêu cầu các xã làm bốn việc gì?", Kind.LIST),
        ("Cho xin tên 8 tập thể được khen", Kind.LIST),
        ("Chừng nào chợ dời?", Kind.DATE),
        ("Công văn chống dịch mang số bao nhiêu?", Kind.DOCUMENT),
        ("Có chuyện thì gọi số nào?", Kind.TEXT),
        ("Trung tâm dữ liệu của xã Hòa Bắc là gì?", Kind.DEFINITION),
        ("Xã Hòa Bắc còn hộ nghèo nào không?", Kind.YES_NO),
    ],
)
def test_ways_to_ask(question: str, kind: Kind) -> None:
    assert understand(question).kind is kind


def test_the_reader_is_asked_in_the_words_of_the_passage() -> None:
    asked = understand("Hạn chót nộp hồ sơ là chừng nào?")
    assert reworded(asked, [["Hồ sơ nộp trước ngày 5/3."]]) == "trước ngày nộp hồ sơ là khi nào?"
    assert reworded(asked, [["Hạn chót là 5/3."]]).startswith("Hạn chót")


def test_a_line_that_announces_is_quoted_with_its_items() -> None:
    text = "Xã Hòa Bắc yêu cầu các thôn làm bốn việc:\n- dọn rác;\n- trồng cây;\n- diệt muỗi;\n- báo ca bệnh."
    article = article_of(text)
    sentences = tuple(split_sentences(text, 0, len(text)))
    hit = Hit(Passage(1, "a", 0, text, 0, len(text), sentences), article, 1.0)
    assert hit.passage.sentences[0].text.endswith(":")
    assert not lacks("Xã Hòa Bắc yêu cầu các thôn làm bốn việc gì?", text)


def test_talk_of_an_event_is_not_the_event() -> None:
    asked = "Chừng nào chợ Hòa Bắc dời?"
    assert found(asked, "Ngày 27/8/2025, xã họp về việc di dời chợ Hòa Bắc.")[0].allowed < 0.2
    assert found(asked, "Chợ Hòa Bắc di dời vào quý II năm 2026.")[0].allowed > 0.5


def test_a_population_is_asked_for_as_the_passage_says_it() -> None:
    asked = understand("Dân số của xã Hòa Bắc là bao nhiêu?")
    assert reworded(asked, [["Xã có 9.850 dân."]]) == "Xã Hòa Bắc có bao nhiêu dân?"
    assert reworded(asked, [["Xã có dân số 9.850 người."]]) == asked.text


def test_a_sentence_that_breaks_off_behind_unknown_is_read() -> None:
    assert not lacks("Hòa Bắc có bao nhiêu hộ?", "Hòa Bắc có 84 hộ, không rõ _")
