"""Who stands at the head of a body, under the name that its office has in news.

Articles say "Chủ tịch HĐND phường", people also ask "Ai đứng đầu HĐND phường?". Only bodies whose head has
one office and no other are put so; who heads a ward (the secretary or the chairman?) stays as it was asked.
"""

from __future__ import annotations

import re

_LEVEL = r"(?:phường|xã|quận|huyện|tỉnh|thành phố)"
# In front of what is said of the body, first match wins: the office, and whether the body's word goes.
_OFFICES: tuple[tuple[str, str, bool], ...] = (
    (
        r"(?:HĐND|hội đồng nhân dân|UBND|ủy ban nhân dân|(?:ủy ban )?(?:MTTQ|mặt trận tổ quốc))",
        "Chủ tịch",
        False,
    ),
    (rf"chính quyền(?= {_LEVEL})", "Chủ tịch UBND", True),
    (rf"đảng bộ(?= {_LEVEL})", "Bí thư Đảng ủy", True),
    (
        r"(?:đảng ủy|thành ủy|tỉnh ủy|quận ủy|huyện ủy|chi bộ|đảng bộ|thành đoàn)",
        "Bí thư",
        False,
    ),
    (rf"đoàn(?= (?:{_LEVEL}|thanh niên|TNCS|trường|khối))", "Bí thư", False),
    (
        r"(?:hội(?! (?:đồng|nghị|thảo|thi|trường|trại|diễn|chợ))|liên đoàn|liên hiệp|hiệp hội)",
        "Chủ tịch",
        False,
    ),
    (r"(?:sở|trung tâm|bệnh viện)", "Giám đốc", False),
    (r"trường", "Hiệu trưởng", False),
    (r"(?:công an|khu phố|ấp|phòng)", "Trưởng", False),
)
_AT_HEAD = r"(?:đứng đầu|lãnh đạo cao nhất(?: của| ở| tại)?|thủ lĩnh)"
_WHO_HEADS = re.compile(
    rf"(?<!\w)(ai)\s+(?:(?:đang|hiện|hiện nay|hiện đang|là người)\s+)*{_AT_HEAD}\s+", re.I
)
_HEAD_OF = re.compile(rf"(?<!\w)(?:(?:người|vị)\s+{_AT_HEAD}|thủ lĩnh)\s+|^\s*{_AT_HEAD}\s+", re.I)


def with_office(text: str) -> str:
    """Return a question with "đứng đầu" of a body as the office that its head holds."""
    for pattern in (_WHO_HEADS, _HEAD_OF):
        found = pattern.search(text)
        if found is None:
            continue
        rest = text[found.end() :]
        for body, office, replaced in _OFFICES:
            named = re.match(rf"{body}(?!\w)", rest, re.I)
            if named is not None:
                opened = f"{found[1]} là " if pattern is _WHO_HEADS else ""
                kept = rest[named.end() :].lstrip() if replaced else rest
                return f"{text[: found.start()]}{opened}{office} {kept}"
        return text
    return text
