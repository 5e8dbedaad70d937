"""Typed pieces of a sentence that may be an answer: numbers with units, dates, people, roles, documents.

Each candidate is found by shape alone; which of them answers a question is for `extract`. Ranges count
characters of the canonical sentence text. This module knows no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from qa.names import Name, NameKind, names_in
from qa.words import Words, read_words


class Type(StrEnum):
    """The shape of a candidate."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    ROLE = "role"
    PLACE = "place"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    QUOTED = "quoted"
    NAME = "name"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer: canonical characters [start, end); `unit_start` is where a number's unit begins."""

    type: Type
    text: str
    start: int
    end: int
    unit: str = ""


CAPITAL = (
    "["
    + "".join(
        chr(code)
        for code in range(0x41, 0x1EFA)
        if chr(code).isupper()
        and chr(code).isalpha()
        and (code < 0x180 or code in (0x1A0, 0x1AF) or code >= 0x1EA0)
    )
    + "]"
)
_NUMERAL = (
    r"(?:\d+(?:[.,]\d+)*(?:\s*/\s*\d+)?(?:\s*-\s*\d+(?:[.,]\d+)*)?|(?:một|hai|ba|bốn|năm"
    r"|sáu|bảy|tám|chín|mười)(?=\s))"
)
_ABOUT = (
    r"(?:hơn|gần|khoảng|trên|dưới|ít nhất|tối đa|tối thiểu|chừng|xấp xỉ|không quá|cả|đến|tới|tròn|đúng)\s+"
)
_SCALE = r"(?:\s*(?:nghìn tỷ|ngàn tỷ|triệu|tỷ|tỉ|nghìn|ngàn|vạn|trăm|chục))?"
_UNIT = (
    r"(?:\s*(?:%|‰|°C|phần trăm|ha|km2|km²|m2|m²|m3|m³|km/h|km|cm|mm|kg|tấn|tạ|lít"
    r"|đồng(?!\s+chí|\s+bào)|USD|m|usd|euro|đô la)"
    r"(?:\s?/\s?(?:ngày đêm|ngày|giờ|tháng|năm|người|hộ|lượt|suất|căn|chiếc|kg|tấn|ha|m2|m²|m3|m³)(?!\w))?)?"
)
_NUMBER = re.compile(
    rf"(?<![\w.,/-])({_ABOUT})?({_NUMERAL})({_SCALE})({_UNIT})(?![\d/-]*[A-ZĐ]{{2}})(?!\w)", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:(?:sáng|chiều|tối|trưa|đêm|rạng sáng|hôm|từ|vào|khoảng|cuối|đầu|giữa)\s+)*"
    r"(?:(?:lúc\s+)?\d{1,2}\s*(?:giờ|h)\s*\d{0,2}\s*(?:phút)?\s*,?\s*)?"
    r"(?:(?:sáng|chiều|tối|trưa)\s+)?"
    r"(?:ngày\s+(?:mùng\s+)?\d{1,2}\s*(?:tháng\s*\d{1,2}(?:\s*(?:,\s*)?năm\s*\d{4})?"
    r"|[/-]\s*\d{1,2}(?:\s*[/-]\s*\d{4})?)"
    r"|(?<![\d.,/])(?:0?[1-9]|[12]\d|3[01])[/-](?:0?[1-9]|1[0-2])(?:[/-]\d{4})?(?![\d/-]*[A-ZĐ])(?![\d/%.,]*\d)"
    r"|tháng\s+\d{1,2}(?:\s*(?:năm\s*|[/-]\s*)\d{4})?|quý\s+(?:I{1,3}V?|IV"
    r"|[1-4])(?:\s*[/-]?\s*(?:năm\s*)?\d{4})?"
    r"|(?:những\s+|các\s+)?năm\s+\d{3,4}(?:\s*[-–]\s*\d{4})?|\b(?:1[0-9]|20)\d{2}\b(?:\s*[-–]\s*\d{4})?"
    r"|thế kỷ\s+(?:thứ\s+)?[IVXLC\d]+|thập (?:niên|kỷ)\s+(?:19|20)?\d0"
    r"|nhiệm kỳ\s+\d{4}\s*[-–]\s*\d{4})"
    r"(?:\s*(?:trước|sau)\s+công nguyên|\s*TCN|\s*SCN)?",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"(?i:Nghị quyết|Chỉ thị|Quyết định|Kế hoạch|Thông tư|Nghị định|Kết luận|Quy định|Công văn"
    r"|Hướng dẫn|Thông báo"
    r"|Công điện|Pháp lệnh|Chương trình hành động|Tờ trình|Đề án|Báo cáo|Quy chế|Luật)"
    r"(?:\s+(?i:số\s+)?\d+(?:\s*[/-]\s*(?:\d{4}|[A-ZĐ][A-ZĐa-zđ]*))*(?:\s*[/-]\s*[A-ZĐ]+)*"
    r"|\s+[A-ZĐ][^\W\d_]*(?:\s+[A-ZĐ][^\W\d_]*)*)"
)
_DOCUMENT_NUMBER = re.compile(r"\d+(?:/\d{4})?\s?[/-]\s?[A-ZĐ]{1,}[A-ZĐa-z]*(?:\s?[-/]\s?[A-ZĐ]+\w*)*")
_QUOTED = re.compile(r"[“\"«']([^”\"»“]{2,160})[”\"»]")
_ROLE_HEAD = (
    r"(?:(?i:(?:(?:nguyên|cựu)\s+)?(?:phó\s+)?(?:tổng bí thư|bí thư|chủ tịch|tổng giám đốc|giám đốc|chủ nhiệm"
    r"|trưởng (?:phòng|ban|đoàn|khoa|trạm|đồn)|(?:bộ|thứ|hiệu|viện|cục|vụ|đội|trạm|đồn) trưởng"
    r"|chánh (?:án|văn phòng|thanh tra)|thủ tướng|tổng thống|thị trưởng|thống đốc|đại sứ|tổng thư ký"
    r"|tổng biên tập|tổng tư lệnh|tư lệnh|chính ủy|chính trị viên|tham mưu trưởng|kế toán trưởng"
    r"|người phát ngôn|phát ngôn viên|nhà sáng lập|huấn luyện viên|hlv|nghị sĩ|đại biểu quốc hội)(?!\w))"
    r"|(?:Phó\s+)?(?:Ủy viên|Tổ trưởng|Trưởng|Hoàng đế|Vua|Nữ hoàng|UVTV|Chỉ huy trưởng|Chỉ huy phó))"
)
_ROLE = re.compile(
    rf"{_ROLE_HEAD}(?:\s+(?!và\b|là\b|phát biểu\b|đã\b|cho\b|trao\b|biểu\b|báo cáo\b|ghi\b"
    r"|yêu cầu\b|đề nghị\b|làm\b"
    r"|khẳng định\b|nhấn mạnh\b|cùng\b|tặng\b|chủ trì\b|giám sát\b|có\b|được\b|tại\b|dự(?! án)\b|thăm\b"
    r"|lưu ý\b|đồng chí\b|đối thoại\b|trả lời\b|thông tin\b|chia sẻ\b|kiến nghị\b"
    r"|thừa nhận\b"
    r"|nêu\b|nói\b|nhận\b|thay\b|nghỉ\b"
    r"|kêu gọi\b|trình\b|ký\b|cảm ơn\b|tiếp\b|gặp\b|kết luận\b"
    r"|đánh giá\b|giải thích\b|hướng dẫn\b|chúc\b|hứa\b"
    r"|ông\b|bà\b|do\b|với\b|về\b|từ\b|kể\b)[^\W\d_]+|\s+\d{1,3}(?![\w/-]|[.,]\d)|(?:\s+và)(?=\s+[A-ZĐ][^\W\d_]*\s+(?:vận|giáo|vụ"
    r"|tác|nghệ|tư|trường|tạo|hội|lịch|thao|thông|triển)(?!\w)))*",
)
# Offices of the moment are written small: "do đồng chí … làm tổ trưởng".
_SMALL_ROLE = re.compile(
    r"(?<=làm )(?:phó )?(?:tổ trưởng|tổ phó|trưởng đoàn|trưởng ban|đội trưởng|chủ nhiệm"
    r"|chỉ huy trưởng|nhóm trưởng)(?!\w)"
)
_ROLE_CHAIN = re.compile(rf"{_ROLE.pattern}(?:,\s+{_ROLE.pattern})*")
_ORGANISATION = re.compile(
    r"(?:Ban|Bộ|Sở|Cục|Vụ|Ủy ban|UBND|HĐND|MTTQ|Đảng ủy|Đảng bộ|Thành ủy|Quận ủy|Huyện ủy|Tỉnh ủy"
    r"|Hội đồng|Hội|Công ty"
    r"|Tập đoàn|Trường|Đại học|Viện|Trung tâm|Tổ công tác|Đoàn công tác|Văn phòng|Liên đoàn|Chi"
    r" bộ|Đoàn|Công an|Tòa án"
    r"|Viện Kiểm sát|Ngân hàng|Bệnh viện|Tổng cục|Tổng công ty|Quốc hội|Chính phủ)"
    r"(?:\s+(?:"
    + CAPITAL
    + r"[^\W\d_]*|các|của|và|cơ quan|phường|quận|tỉnh|thành phố|nhân dân|ủy|số \d+|vụ|tra|giáo|vận"
    r"|kiểm|tác|chức|bộ|đảng|giám|đốc|hành|thường|ương))*"
)
_ITEM = r"[^,;:.()]{2,60}"


def _clean(start: int, end: int, text: str) -> tuple[int, int]:
    while start < end and text[start] in " ,;:.":
        start += 1
    while end > start and text[end - 1] in " ,;:":
        end -= 1
    return start, end


def _regex(kind: Type, pattern: re.Pattern[str], text: str, group: int = 0) -> Iterator[Candidate]:
    for match in pattern.finditer(text):
        start, end = _clean(match.start(group), match.end(group), text)
        if end > start:
            yield Candidate(kind, text[start:end], start, end)


def _unit_words(words: Words, end: int) -> str:
    """Return up to five words after a number, to the next mark or number: what it counts."""
    taken: list[str] = []
    at = end
    for word in words.words:
        if word.start < end:
            continue
        if words.text[at : word.start].strip() or word.is_number or len(taken) == 5:
            break
        taken.append(word.key)
        at = word.end
    return " ".join(taken)


def _numbers(words: Words, dates: list[Candidate]) -> Iterator[Candidate]:
    text = words.text
    for match in _NUMBER.finditer(text):
        about, numeral, scale, unit = match.groups()
        start, end = _clean(match.start(), match.end(), text)
        if about and about.strip() in ("đến", "tới", "cả", "trên", "dưới"):
            start = match.start(2) if about.strip() in ("đến", "tới", "cả") else start
        number_start = match.start(2)
        inside = any(d.start <= number_start < d.end for d in dates)
        spelled = not numeral[0].isdigit()
        if inside or (
            spelled and not unit.strip() and numeral.lower() in ("năm", "ba", "một") and not scale.strip()
        ):
            continue
        if (
            text[match.end() : match.end() + 1] in ("/", "-")
            and text[match.end() + 1 : match.end() + 2].isalpha()
        ):
            continue
        yield Candidate(Type.NUMBER, text[start:end], start, end, unit=_unit_words(words, match.end()))


def _named(words: Words, names: tuple[Name, ...]) -> Iterator[Candidate]:
    for name in names:
        start, end = words.words[name.start].start, words.words[name.end - 1].end
        if name.kind is NameKind.PERSON:
            yield Candidate(Type.PERSON, words.text[start:end], start, end)
        elif name.kind is NameKind.PLACE:
            head = words.words[max(0, name.start - len(name.head.split())) : name.start]
            if name.head and " ".join(word.key for word in head) == name.head:  # not "và Đại Phúc"
                start = head[0].start
            yield Candidate(Type.PLACE, words.text[start:end], start, end)
        else:
            yield Candidate(Type.NAME, words.text[start:end], start, end)


def _lists(text: str) -> Iterator[Candidate]:
    for match in re.finditer(rf"{_ITEM}(?:, {_ITEM})+(?:,? và {_ITEM})?", text):
        if match.group().count(",") >= 1:
            start, end = _clean(match.start(), match.end(), text)
            yield Candidate(Type.LIST, text[start:end], start, end)
    for match in re.finditer(r"(?:các đồng chí|gồm|như|là)\s*:?\s*([^.]{10,400}?)(?=\.|$)", text):
        if ";" in match.group(1) or "," in match.group(1):
            start, end = _clean(match.start(1), match.end(1), text)
            yield Candidate(Type.LIST, text[start:end], start, end)


# "chiều nay 28.8", "Quốc khánh 2.9": with a dot a date needs its word.
_DOTTED = re.compile(
    r"(?:(?:sáng|trưa|chiều|tối|đêm|ngày|hôm)\s+(?:nay\s+)?|(?<!\w)nay\s+|khánh\s+|lễ\s+)\d{1,2}\.\d{1,2}(?:\.\d{4})?"
    r"(?![\d.,]*\d)(?!\s*(?:%|tỷ|tỉ|triệu|nghìn|ngàn|đồng|ha|km|m|điểm))",
    re.I,
)


@lru_cache(maxsize=16384)
def candidates_in(sentence: str) -> tuple[Candidate, ...]:
    """Return the candidates of a sentence (original text), by type and then place."""
    words = read_words(sentence)
    text = words.text
    dates = [*_regex(Type.DATE, _DATE, text), *_regex(Type.DATE, _DOTTED, text)]
    found: list[Candidate] = [*dates, *_numbers(words, dates)]
    found.extend(_regex(Type.DOCUMENT, _DOCUMENT, text))
    found.extend(_regex(Type.DOCUMENT, _DOCUMENT_NUMBER, text))
    found.extend(_regex(Type.QUOTED, _QUOTED, text, 1))
    found.extend(_regex(Type.ROLE, _ROLE_CHAIN, text))
    found.extend(_regex(Type.ROLE, _SMALL_ROLE, text))
    found.extend(_regex(Type.ORGANISATION, _ORGANISATION, text))
    found.extend(_named(words, names_in(words)))
    found.extend(_lists(text))
    return tuple(dict.fromkeys(found))
