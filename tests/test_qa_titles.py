"""Articles that only their titles tell apart: whose figure, date or chairman it is, says the title."""

from __future__ import annotations

from pathlib import Path

from index import Library
from qa import Assistant
from qa.settings import Settings

#: A question, the whole text of two articles, their title, and the names in its place: asked for, other.
PAIRS = (
    (
        "Chợ Gò được xây khi nào?",
        "Chợ xây năm 1987, có 276 sạp. Tiểu thương mong sớm được sửa mái.",
        "Đối thoại với tiểu thương chợ {}",
        "Gò",
        "Bà Sáu",
    ),
    (
        "Ông Lê Văn Hòa sinh năm nào?",
        "Ông sinh năm 1965 tại Huế. Năm 20 tuổi, ông nhập ngũ.",
        "Tiểu sử ông {}",
        "Lê Văn Hòa",
        "Trần Minh Đức",
    ),
    (
        "Trường Gò Sen có bao nhiêu học sinh?",
        "Năm học này, nhà trường có 812 em. Thầy và trò dự lễ khai giảng sáng 5/9.",
        "Trường {} khai giảng",
        "Gò Sen",
        "Bến Mây",
    ),
    (
        "Phường Gò Sen có bao nhiêu đảng viên?",
        "Đảng bộ phường có 968 đảng viên. Hội nghị tổng kết diễn ra sáng 12/12.",
        "Phường {} tổng kết năm",
        "Gò Sen",
        "Bến Mây",
    ),
    (
        "Cầu Rạch Trúc dài bao nhiêu mét?",
        "Cầu dài 120 mét, rộng 9 mét. Công trình do quận làm chủ đầu tư.",
        "Thông xe cầu {}",
        "Rạch Trúc",
        "Phò Nam",
    ),
    (
        "Bệnh viện Hạ Lan có bao nhiêu giường bệnh?",
        "Bệnh viện có 350 giường bệnh. Mỗi ngày có hơn 800 lượt người đến khám.",
        "Bệnh viện {} mở rộng khoa cấp cứu",
        "Hạ Lan",
        "An Định",
    ),
    (
        "Ai chủ trì hội nghị của xã Suối Ngà?",
        "Ông Bùi Đức Lợi chủ trì hội nghị. Các đại biểu góp ý vào dự thảo.",
        "Xã {} họp bàn thu gom rác",
        "Suối Ngà",
        "Hòa Bắc",
    ),
    (
        "Lễ hội đình Bãi Dài diễn ra vào ngày nào?",
        "Lễ hội diễn ra ngày 16/3. Người dân rước kiệu qua ba khu phố.",
        "Lễ hội đình {}",
        "Bãi Dài",
        "Phú Mỹ",
    ),
    (
        "Công ty Hoa Mai tuyển bao nhiêu công nhân?",
        "Công ty tuyển 450 công nhân may. Mức lương từ 8 triệu đồng.",
        "Công ty {} tuyển lao động",
        "Hoa Mai",
        "Tân Tiến",
    ),
    (
        "Đội bóng Bến Mây thắng mấy trận?",
        "Đội thắng 7 trận, hòa 2 trận. Huấn luyện viên hài lòng với các cầu thủ trẻ.",
        "Đội bóng {} sau lượt đi",
        "Bến Mây",
        "Cầu Trúc",
    ),
    (
        "Dự án Khu dân cư Tân Khánh có vốn bao nhiêu?",
        "Dự án có vốn 320 tỉ đồng. Nhà thầu đã giải phóng xong mặt bằng.",
        "Khởi công Khu dân cư {}",
        "Tân Khánh",
        "Lộc Mỹ",
    ),
    (
        "Bà Nguyễn Thị Sen được tặng bằng khen vì sao?",
        "Bà được tặng bằng khen vì đã hiến 300 mét vuông đất làm đường. Gia đình bà sống ở ấp Ba.",
        "Gương người tốt: bà {}",
        "Nguyễn Thị Sen",
        "Phan Thị Mai",
    ),
)


def test_the_article_whose_title_names_the_subject_is_cited(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for number, (_, text, title, *names) in enumerate(PAIRS):
        for name in names:
            file = tmp_path / "articles" / f"{number} {name}.md"
            file.write_text(f"# {title.format(name)}\n\n{text}\n", encoding="utf-8")
    answered = 0
    with Library.open(tmp_path / "library", create=True) as library:
        library.add(tmp_path / "articles")
        with Assistant.open(library, settings=Settings()) as helper:
            for question, _, title, asked, _ in PAIRS:
                answer = helper.ask(question)
                cited = {citation.article.title for citation in answer.citations}
                assert cited <= {title.format(asked)}, (question, answer.text)
                answered += bool(cited)
    assert answered >= 8
