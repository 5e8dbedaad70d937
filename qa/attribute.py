"""The last question about another attribute of its subject: "Còn dân số?", "Còn chi bộ?", "Còn bí thư?".

What a follow-up names is counted, measured, an office or an event; each is asked in its own way.
"""

from __future__ import annotations

import re

from qa.names import Name
from qa.question import Kind, Question
from qa.roles import role_of
from qa.words import capital

_HAPPENS = re.compile(r"(?<!\w)(?:được tổ chức|tổ chức|diễn ra|khai mạc|bắt đầu|kết thúc)(?!\w)", re.I)
_BODY = re.compile(
    r"^\s+(?:đảng ủy|đảng bộ|thành ủy|tỉnh ủy|quận ủy|huyện ủy|ubnd|hđnd|ubmttq|mttq|ủy ban nhân dân"
    r"|hội đồng nhân dân|mặt trận tổ quốc)(?!\w)",
    re.IGNORECASE,
)
# What has a figure but is not counted: "Còn dân số?" after "… có bao nhiêu hộ?".
_MEASURED = re.compile(
    r"^(?:(?:dân|quân|nhân) số|diện tích|tổng|mức|giá|vốn|kinh phí|chi phí|ngân sách|doanh thu"
    r"|thu nhập|lợi nhuận|tỷ|tỉ|tốc độ|quy mô|công suất|sản lượng|năng suất|chiều|thời gian|thời hạn"
    r"|tuổi|điểm|mật độ)(?!\w)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^(?:đồng phạm|bị cáo|bị can|vợ|chồng|con (?:trai|gái)|cha|mẹ|nạn nhân)(?!\w)", re.IGNORECASE
)
# "Còn tay chân miệng?" after "bao nhiêu ca sốt xuất huyết": cases still, unless something counted is named.
_CASES = frozenset(("ca", "vụ", "cuộc", "lượt", "suất", "người"))
_COUNTED = re.compile(
    r"^(?:ca|vụ|cuộc|lượt|suất|người|hộ|ổ|nhà|căn|em|cháu|học sinh|đại biểu|đảng viên|đoàn viên|hội viên"
    r"|chi bộ|đơn vị|trường|phường|xã|khu|tổ|bệnh nhân|nạn nhân|xe|tàu|con|cây|tấn|bộ|gói|phần|trường hợp"
    r"|đối tượng)(?!\w)",
    re.IGNORECASE,
)


def about(new: str, asked: Question) -> str:
    """Ask for another attribute of the same subject: "Còn dân số?" after a question about a ward."""
    subjects = [asked.text[slice(*place_of(name, asked))] for name in asked.names if name.strong] or [
        name.text for name in asked.names
    ]
    subject = f" của {subjects[-1]}" if subjects and subjects[-1].lower() not in new.lower() else ""
    subject = (
        subject.replace("của Phường", "của phường")
        .replace("của Quận", "của quận")
        .replace("của Xã", "của xã")
    )
    new = re.sub(r"^(?:về|số|số lượng)\s+", "", new) if asked.kind is not Kind.NUMBER else new
    role = role_of(new)
    if asked.kind is Kind.PERSON or role is not None:
        old = role_of(asked.text) if asked.kind is Kind.PERSON else None
        if old is not None and role is not None:
            said = re.search(rf"(?:phó\s+)?{old.office}(?:\s+thường trực)?", asked.text, re.IGNORECASE)
            if said:
                rest = asked.text[said.end() :]
                if role.body:  # its own body takes the place of the one asked about before
                    rest = _BODY.sub("", rest)
                return asked.text[: said.start()] + new + rest
        return f"Ai là {new}{subject}?"
    counted = re.sub(r"^(?:về\s+)?(?:số\s+(?:lượng\s+)?)?", "", new)
    of_somebody = asked.names and _PERSON.match(counted)  # "Còn đồng phạm?" after "… bị phạt mấy năm tù?"
    if of_somebody and asked.slot[1] > asked.slot[0]:
        start, end = place_of(asked.names[0], asked)
        shown = f"{capital(counted) if start == 0 else counted} của {asked.text[start:end]}"
        return f"{asked.text[:start]}{shown}{asked.text[end:]}"
    if asked.kind is Kind.NUMBER and asked.unit[1] > asked.unit[0] and not _MEASURED.match(counted):
        words = asked.words.words  # "Còn chi bộ?" after "… có bao nhiêu đảng viên?": the same of another unit
        low, high = asked.unit
        kept = int(high - low > 1 and words[low].key in _CASES and not _COUNTED.match(counted))
        noun = _COUNTED.match(asked.words.slice(low, high).lower())
        if noun and len(noun[0].split()) == 2 and high - low > 2 and not _COUNTED.match(counted):
            kept = 2  # "Còn tiểu học?" after "bao nhiêu học sinh mầm non": pupils still
        head, tail = asked.text[: words[low + kept].start], asked.text[words[high - 1].end :]
        return f"{head}{counted}{tail}"
    if asked.kind in (Kind.NUMBER, Kind.TOTAL, Kind.COMPARISON):
        return f"{capital(new)}{subject} là bao nhiêu?"
    if asked.slot[1] > asked.slot[0]:
        slot = asked.words.slice(*asked.slot)
        happens = _HAPPENS.search(asked.text)
        if happens and asked.kind in (Kind.DATE, Kind.PLACE):
            return f"{capital(new)}{subject} {happens.group().lower()} {slot.lower()}?"
        return f"{capital(new)}{subject} là {slot.lower()}?"
    return f"{capital(new)}{subject}?"


def place_of(name: Name, asked: Question) -> tuple[int, int]:
    """Return where a name stands in the text of a question, with its head."""
    first = asked.words.words[name.start]
    start = first.start - len(name.head) - 1 if name.head else first.start
    return max(0, start), asked.words.words[name.end - 1].end
