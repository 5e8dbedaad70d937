"""Questions as people type them, as they would be written out."""

from __future__ import annotations

import pytest

from qa.conversation import complete
from qa.question import Kind, understand


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Phường An Lạc mình còn mấy hộ nghèo vậy?", "Phường An Lạc còn mấy hộ nghèo?"),
        ("Chợ họp ngày nào hả?", "Chợ họp ngày nào?"),
        ("Mỗi em được nhiêu tiền?", "Mỗi em được bao nhiêu tiền?"),
        ("Ông Lê Văn Hoài?", "Ông Lê Văn Hoài?"),
        ("phuong an lac co bao nhieu nha", "phuong an lac co bao nhieu nha"),
        ("Ai chủ trì buổi lễ đó?", "Ai chủ trì buổi lễ đó?"),
    ],
)
def test_particles_ask_nothing(typed: str, meant: str) -> None:
    assert understand(typed).text == meant


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Địa chỉ trung tâm hành chính công An Lạc?", Kind.PLACE),
        ("Dân số phường An Lạc?", Kind.NUMBER),
        ("Tổng số tiền học bổng Hội Khuyến học đã trao?", Kind.NUMBER),
        ("Chủ tịch UBND phường An Lạc", Kind.PERSON),
        ("Hạn chót nộp hồ sơ ở phường An Lạc?", Kind.DATE),
        ("Số điện thoại Công an phường An Lạc?", Kind.TEXT),
        ("Phường An Lạc có làm việc thứ Bảy không?", Kind.YES_NO),
    ],
)
def test_a_label_asks_for_what_it_names(label: str, kind: Kind) -> None:
    assert understand(complete(label, []).text).kind is kind
