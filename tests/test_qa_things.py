"""Another hospital, market or contest than the one asked about."""

from __future__ import annotations

import pytest

from qa.question import understand
from qa.things import thing_named_factor
from qa.words import read_words

OPENED = "Sáng 4/2, Bệnh viện Đa khoa khu vực Hòa Lạc khánh thành khoa lọc máu với 16 máy."


@pytest.mark.parametrize(
    ("question", "sentence", "fits"),
    [
        ("Bệnh viện Đa khoa tỉnh có bao nhiêu máy lọc máu?", OPENED, False),
        ("Bệnh viện Hòa Lạc có bao nhiêu máy lọc máu?", OPENED, True),
        ("Khoa lọc máu có bao nhiêu máy?", OPENED, True),
        ("Bệnh viện Hòa Lạc gửi mấy bác sĩ đi học?", "Có 4 bác sĩ đi học ở Bệnh viện Chợ Gò.", True),
        ("Bác sĩ của Bệnh viện Hòa Lạc học ở đâu?", "Họ học Bệnh viện Chợ Gò sáu tháng.", True),
        ("Trường Tiểu học Hoa Mai có bao nhiêu em?", "Trường TH Hoa Mai có 820 học sinh.", True),
        ("Chợ Gò cũ có bao nhiêu sạp?", "Chợ mới rộng 8.200 m2, có 236 sạp.", False),
        ("Chợ Gò mới có bao nhiêu sạp?", "Chợ mới rộng 8.200 m2, có 236 sạp.", True),
        ("Chợ Gò cũ có bao nhiêu sạp?", "Chợ mới có 236 sạp, chợ cũ chỉ có 198 sạp.", True),
        ("Đội nào vô địch giải kéo co?", "Đội Cồn Giữa thắng giải đua xuồng.", False),
        ("Đội nào vô địch giải đua xuồng?", "Đội Cồn Giữa thắng giải đua xuồng.", True),
        ("Ai đoạt giải nhất?", "Em Lan đoạt giải nhì môn chạy bền.", True),
    ],
)
def test_the_thing_asked_about(question: str, sentence: str, fits: bool) -> None:
    assert (thing_named_factor(understand(question), read_words(sentence)) == 1.0) is fits
