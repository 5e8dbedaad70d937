"""Which parts of a text are the article: blocks, captions, bylines, footers; its title and date.

Nothing is cut out of the text. This module only says where things are, so that every quote stays verbatim.
The rule of thumb is: a line leaves the body only on positive evidence; an unknown line stays. Captions
are kept as spans of their own, since "Đồng chí … , Bí thư Đảng ủy phường … phát biểu" may say who holds an
office in no other place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.types import Span

TITLE_LENGTH = 100
"""Code points of a title made from the first sentence, at most."""

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_DATE_PREFIX = re.compile(r"\s*date (\d{4})-(\d{2})-(\d{2})(?=\s)")
_PICTURE = re.compile(
    r"\|?\s*!?\[(?P<alt>[^\]\n]*)\]\((?P<target>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)?\s*\|?\Z"
)
_RULE = re.compile(r"[-–—_*=~#|•.…\s]+\Z")
_HEADING = re.compile(r"#{1,6}\s+")

_MONTH_DATE = r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})"
_WRITTEN_DATE = r"(\d{1,2}) tháng (\d{1,2}),? năm (\d{4})"
_CLOCK = r"(?:\s*[-–,|]?\s*(?:lúc )?\d{1,2}\s*(?::|h|giờ)\s*\d{2}(?::\d{2})?)?"
_DATE_LINE = re.compile(
    rf"(?:(?:ngày đăng|đăng ngày|cập nhật|xuất bản|đăng lúc|ngày)\s*:?\s*)?(?:\d{{1,2}}[:h]\d{{2}}\s*[-–,|]?\s*)?"
    rf"(?:(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|t[2-7]|cn)\s*,?\s*)?(?:ngày )?"
    rf"(?:{_MONTH_DATE}|{_WRITTEN_DATE}|(\d{{4}})-(\d{{2}})-(\d{{2}})){_CLOCK}"
    rf"(?:\s*\(?(?:gmt|utc)\s*\+\s*7\)?)?\.?\Z",
    re.IGNORECASE,
)
_LEAD_DATE = re.compile(
    rf"(?:\(?[^\s.:;]{{2,20}}(?: [^\s.:;]{{2,20}}){{0,3}}\)?\s*[-–:,]\s*)?"
    rf"(?:(?:vào\s+)?(?:hôm nay|sáng|trưa|chiều|tối|đêm|cuối ngày|rạng sáng)\s*,?\s*)?(?:(?:nay|qua)\s*)?"
    rf"\(?(?:(?:trong |vào )?ngày\s+)?(?:{_MONTH_DATE}|{_WRITTEN_DATE})",
    re.IGNORECASE,
)

_SYLLABLES_OF_CAPTION = 45
_CREDIT = re.compile(
    r"(?:\(|\b)(?:ảnh|ảnh minh họa|nguồn ảnh|ảnh tư liệu|photo)\s*:|\(ảnh[^)]{0,30}\)", re.IGNORECASE
)
_SCENE = re.compile(
    r"(?:ảnh|hình)(?: minh họa| tư liệu)?(?:\s*\d+)?\s*[:.]|(?:quang|toàn|khung|phối) cảnh\b|một góc\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:(?:các )?(?:đồng chí|đại biểu|đại diện|lãnh đạo|ông|bà|vị|cán bộ|đảng viên|chiến sĩ|người dân|bà con|học sinh"
    r"|đoàn viên|thanh niên|hội viên|tiết mục|đoàn công tác|đoàn đại biểu|thí sinh|giáo viên|cô giáo|thầy giáo|công nhân"
    r"|lực lượng|nhân dân|chủ tọa|đoàn chủ tịch)|(?:phó )?(?:bí thư|chủ tịch|trưởng|giám đốc|chủ nhiệm)"
    r"|thường trực|ban thường vụ|bí thư|nguyên)\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:phát biểu|trao (?:quà|tặng|giấy|bằng|quyết định|học bổng|cờ|huy hiệu|đổi|hoa|kỷ niệm|nhà|bảng)|tặng (?:hoa|quà|giấy)"
    r"|trao|chụp (?:hình|ảnh)|lưu niệm|báo cáo|chủ trì|điều hành|kết luận|tham luận|dự (?:hội nghị|buổi|lễ|đại hội|họp|chương)"
    r"|tham dự|tại (?:buổi|hội nghị|lễ|đại hội|cuộc họp|điểm|hội trường|chương trình|phiên|kỳ họp|trụ sở)|biểu quyết|bỏ phiếu"
    r"|cắt băng|thăm|kiểm tra|khảo sát|dâng h|thắp hương|ra quân|tặng|ký kết|biểu diễn|trong ảnh|bên trái|bên phải|đứng giữa"
    r"|làm việc tại|tiếp thu|bế mạc|khai mạc|hướng dẫn|trồng cây|nhận quà|nhận giấy khen)",
    re.IGNORECASE,
)

_FOOTER = re.compile(
    r"(?:không có nhận xét nào|đăng nhận xét|c[áả]m ơn bạn đã quan tâm|cảm ơn bạn đã (?:đọc|theo dõi)"
    r"|bài đăng (?:mới|cũ) hơn|bài (?:trước|tiếp|sau|kế tiếp)|trang chủ|trở về trang chủ|đăng ký:? ?đăng nhận xét \(atom\)"
    r"|gửi email bài đăng này|blogthis|chia sẻ(?: lên| qua| trên)?(?: facebook| zalo| twitter| x| pinterest| email)*"
    r"|(?:tin|bài|các tin|các bài|tin tức|bài viết)(?: viết)? (?:liên quan|khác|cùng chuyên mục|mới nhất|đọc nhiều|nổi bật|cũ hơn|mới hơn)"
    r"|có thể bạn quan tâm|đọc nhiều|xem nhiều|mời quý độc giả .{0,80}|ý kiến bạn đọc|bình luận(?: \(\d+\))?"
    r"|gửi (?:bình luận|phản hồi|ý kiến)|viết bình luận|quảng cáo|advertisement|adsbygoogle|in bài viết|in trang|lượt (?:xem|truy cập).{0,20}"
    r"|số lượt xem.{0,20}|\d+ lượt xem|theo dõi .{0,40}trên google news|google news|facebook|zalo|twitter|youtube|tiktok|share|tweet|like|copy link"
    r"|thích|in|print|email|đầu trang|về đầu trang|tải ứng dụng.{0,40}|chia sẻ bài viết|sao chép liên kết)\s*[:.…»>|]*\Z",
    re.IGNORECASE,
)
_FOOTER_OPENS = re.compile(
    r"(?:không có nhận xét nào|đăng nhận xét|(?:tin|bài|các tin|các bài|bài viết) (?:liên quan|khác|cùng chuyên mục)"
    r"|có thể bạn quan tâm|đọc nhiều|xem nhiều|ý kiến bạn đọc|bình luận)",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(
    r"(?:>{1,3}|»|\*)?\s*(?:xem thêm|đọc thêm|mời (?:bạn|quý vị) (?:xem|đọc) thêm|tham khảo thêm|từ khóa|từ khoá|tags?|chủ đề|hashtag)\s*:",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(r"(?:>{2,3}|»)\s*\S")
_BYLINE_LABEL = re.compile(
    r"(?:tác giả|bài,? ?(?:và )?ảnh|tin,? ?(?:và )?(?:bài,? ?)?ảnh|bài|tin|thực hiện|người viết|biên tập|pv|phóng viên|ảnh và bài|tin bài)"
    r"\s*[:：]\s*(?P<name>\S.{1,60})\Z",
    re.IGNORECASE,
)
_SOURCE_LABEL = re.compile(r"\(?(?:nguồn(?: tin)?|theo)\s*:?\s+(?P<name>\S.{1,60}?)\)?\Z", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"\b(?:UBND|HĐND|MTTQ|ĐẢNG|ỦY|QUẬN|PHƯỜNG|XÃ|HUYỆN|TỈNH|THÀNH|TPHCM|BAN|HỘI|ĐẠI|CÔNG|NGHỊ|QUY|BÁO|PHẦN|CHƯƠNG|MỤC|KẾT)\b"
)

_TERMINATED = (".", "!", "?", "…", ":", ";", '."', ".”", '!"', "!”", '?"', "?”", "…”", ".)", "./")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a text is made of. Spans count code points of the text that was given.

    `title` is "" and `date` is None where the text states none; `date_inferred` is true where the date was
    read out of the lead. `left_out` are spans of neither body nor captions, for review.
    """

    body: tuple[Span, ...]
    captions: tuple[Span, ...]
    title: str
    date: date | None
    date_inferred: bool
    byline: str
    source: str
    left_out: tuple[Span, ...]


def clean(text: str, *, start: int = 0, known_title: str = "", markdown: bool = False) -> Cleaned:
    """Find the parts of the article in `text[start:]`.

    `known_title`: a title stated elsewhere; a first line that only repeats it is left out of the body.
    `markdown`: lines that begin with `#` are headings, the first one the title.
    """
    return _Cleaner(text, known_title=known_title, markdown=markdown).run(start)


def title_from(text: str, begin: int, end: int) -> str:
    """A verbatim prefix of `text[begin:end]`, at most `TITLE_LENGTH` long, cut between words."""
    piece = text[begin:end]
    if len(piece) > TITLE_LENGTH:
        cut = piece.rfind(" ", 0, TITLE_LENGTH + 1)
        piece = piece[: cut if cut > 0 else TITLE_LENGTH]
        comma = max(piece.rfind(", "), piece.rfind("; "), piece.rfind(" – "))
        if comma >= TITLE_LENGTH // 2:
            piece = piece[:comma]
    return " ".join(piece.split()).rstrip(" ,;:–-.")


def made_date(year: str, month: str, day: str) -> date | None:
    """The date, or None where there is no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def stated_date(line: str) -> date | None:
    """The date of a line that is nothing but a date ("Thứ Năm, 02/10/2025 - 10:15 (GMT+7)"), or None."""
    return _matched_date(_DATE_LINE.match(line.strip()))


def _matched_date(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    groups = found.groups()
    for at in range(0, len(groups), 3):
        first, second, third = groups[at : at + 3]
        if first:
            return made_date(first, second, third) if len(first) == 4 else made_date(third, second, first)
    return None


class _Cleaner:
    def __init__(self, text: str, *, known_title: str, markdown: bool) -> None:
        self.text = text
        self.known_title = " ".join(known_title.split())
        self.markdown = markdown
        self.body: list[Span] = []
        self.captions: list[Span] = []
        self.left_out: list[Span] = []
        self.title = ""
        self.date: date | None = None
        self.inferred = False
        self.byline = ""
        self.source = ""

    def run(self, start: int) -> Cleaned:
        text = self.text
        prefix = _DATE_PREFIX.match(text, start)
        if prefix is not None:
            self.date = made_date(*prefix.groups())
            self.left_out.append(Span(prefix.start(), prefix.end()))
            start = prefix.end()
        blocks = _blocks(text, start)
        footer = False
        picture = False
        for number, block in enumerate(blocks):
            line = text[block.start : block.end]
            if len(line) < 400 or picture:
                footer = footer or (_FOOTER_OPENS.match(line) is not None and len(line) < 60)
                picture = self._take(block, line, number, len(blocks), footer, picture)
            else:
                self.body.append(block)
        if not self.body and self.captions:  # a text of nothing but captions is no picture page but a note
            self.body, self.captions = self.captions, []
        self._take_byline()
        if self.date is None and self.body:
            self._infer_date()
        return Cleaned(
            tuple(self.body),
            tuple(self.captions),
            self.title,
            self.date,
            self.inferred,
            self.byline,
            self.source,
            tuple(self.left_out),
        )

    def _take(self, block: Span, line: str, number: int, count: int, footer: bool, picture: bool) -> bool:
        """Put a block where it belongs; return whether it is the remains of a picture."""
        if (
            (line[0] in "!|[" or line[-1] == "|")
            and (found := _PICTURE.match(line)) is not None
            and line[0] != "["
        ):
            self.left_out.append(block)
            if len(found["alt"].split()) > 3:
                begin = block.start + found.start("alt")
                self.captions.append(Span(begin, begin + len(found["alt"])))
                return False
            return True
        if _RULE.match(line):
            self.left_out.append(block)
            return picture
        terminated = line.endswith(_TERMINATED)
        if self._is_title(block, line, number, count, terminated):
            self.left_out.append(block)
            return False
        if (
            number < 6
            and self.date is None
            and any(map(str.isdigit, line))
            and (day := stated_date(line)) is not None
        ):
            self.date = day
            self.left_out.append(block)
            return False
        syllables = line.count(" ") + 1
        if _is_furniture(line, syllables, footer and not terminated):
            self.left_out.append(block)
            return False
        if self.markdown and (mark := _HEADING.match(line)) is not None:
            self.body.append(Span(block.start + mark.end(), block.end))
            return False
        if (self.body or picture) and self._is_caption(line, syllables, terminated, picture):
            end = block.start + len(line.rstrip("| \t"))
            self.captions.append(Span(block.start, end))
            return False
        self.body.append(block)
        return False

    def _is_title(self, block: Span, line: str, number: int, count: int, terminated: bool) -> bool:
        if self.body or self.captions or number > 3:
            return False
        if self.markdown and not self.title and (mark := _HEADING.match(line)) is not None:
            self.title = line[mark.end() :].strip(" #*")
            return True
        if self.known_title:
            return " ".join(line.split()).rstrip(".").lower() == self.known_title.rstrip(".").lower()
        letters = [letter for letter in line if letter.isalpha()]
        capitals = sum(map(str.isupper, letters))
        if len(letters) >= 8 and capitals >= 0.95 * len(letters) and len(line) <= 300 and count > 1:
            self.title = f"{self.title} {line}".strip()
            return True
        if self.title or number or terminated or count < 2 or len(line) > 180 or line.count(" ") < 2:
            return False
        if (
            line[-1] in ",|"
            or line[0] in "-–•*+>|!"
            or not (line[0].isupper() or line[0].isdigit() or line[0] in "“\"'")
        ):
            return False
        if stated_date(line) is not None or _FOOTER.match(line) or _LEAD_DATE.match(line):
            return False
        self.title = " ".join(line.split())
        return True

    def _is_caption(self, line: str, syllables: int, terminated: bool, picture: bool) -> bool:
        if syllables > _SYLLABLES_OF_CAPTION or line[0] in "|-–•+" or ("\n" in line and len(line) > 250):
            return False
        bare = line.rstrip("| ")
        piped = line[-1] == "|" and line.count("|") == 1
        if _CREDIT.search(line) and (
            piped or picture or bare[-1:] == ")" or not terminated or _SCENE.match(line)
        ):
            return True
        if piped or (picture and not terminated and syllables <= 30):
            return True
        if terminated and not (picture and bare.endswith(".") and _SCENE.match(line)):
            return False
        if _SCENE.match(line):
            return syllables <= 30
        return _PEOPLE.match(line) is not None and _ACTION.search(line) is not None

    def _take_byline(self) -> None:
        """Move names and sources that stand alone at the end (or top) of the body out of it."""
        while len(self.body) > 1:
            last = self.body[-1]
            line = self.text[last.start : last.end]
            if not self._byline_of(line, at_end=True):
                break
            self.left_out.append(self.body.pop())
        if len(self.body) > 1:
            first = self.body[0]
            if self._byline_of(self.text[first.start : first.end], at_end=False):
                self.left_out.append(self.body.pop(0))

    def _byline_of(self, line: str, *, at_end: bool) -> bool:
        if len(line) > 90 or line.endswith((".", "!", "?", ":", ";", "…")):
            return False
        if (found := _BYLINE_LABEL.match(line)) is not None:
            self.byline = self.byline or found["name"].strip(" *_")
            return True
        if not at_end:
            return False
        if (found := _SOURCE_LABEL.match(line)) is not None and line.count(" ") <= 8:
            self.source = self.source or found["name"]
            return True
        bare = line.strip("*_() ")
        parts = [part.split() for part in re.split(r"\s+-\s+|\s*[–,;&/]\s*", bare)]
        named = (
            all(1 <= len(part) <= 4 for part in parts)
            and len(parts) <= 4
            and any(len(part) > 1 for part in parts)
        )
        shaped = all(
            word[:1].isupper() and word.replace(".", "").isalpha() for part in parts for word in part
        )
        if named and shaped and (not _NOT_A_NAME.search(bare.upper()) or "PV" in bare.split()):
            self.byline = self.byline or bare
            return True
        return False

    def _infer_date(self) -> None:
        for block in self.body[:2]:
            day = _matched_date(_LEAD_DATE.match(self.text, block.start, block.end))
            if day is not None:
                self.date, self.inferred = day, True
                return


def _is_furniture(line: str, syllables: int, below_footer: bool) -> bool:
    """A line of the page rather than of the article: share buttons, comments, links to other articles."""
    if syllables <= 14 and _FOOTER.match(line):
        return True
    if _SEE_ALSO.match(line) or _NAVIGATION.match(line):
        return not line.endswith((".", "!")) or syllables <= 25
    return below_footer


def _blocks(text: str, start: int) -> list[Span]:
    """Paragraphs: lines, put together again where a line was only wrapped."""
    lines = [found.span() for found in _LINE.finditer(text, start)]
    spans: list[Span] = []
    for begin, end in lines:
        piece = text[begin:end]
        stripped = piece.strip(" \t\u00a0\u200b\ufeff")
        if stripped:
            begin += piece.find(stripped)
            spans.append(Span(begin, begin + len(stripped)))
    if len(spans) < 2:
        return spans
    width = _wrap_width(text, spans)
    blocks = [spans[0]]
    last = spans[0]
    for span in spans[1:]:
        if _continues(text, last, span, width):
            blocks[-1] = Span(blocks[-1].start, span.end)
        else:
            blocks.append(span)
        last = span
    return blocks


def _wrap_width(text: str, lines: list[Span]) -> int:
    """The width at which the lines of a text were wrapped, or 0 where each line is a paragraph."""
    if len(lines) < 4:
        return 0
    broken = pairs = 0
    for line, following in zip(lines, lines[1:], strict=False):
        if text.count("\n", line.end, following.start) == 1:
            pairs += 1
            broken += text[following.start].islower() and text[line.end - 1] not in '.!?…:;”"|'
    if broken < 2 or broken < 0.2 * pairs:
        return 0
    lengths = sorted(line.end - line.start for line in lines)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths[-1] <= 250 else 0


def _continues(text: str, line: Span, following: Span, width: int) -> bool:
    if text.count("\n", line.end, following.start) > 1:
        return False
    first, last = text[following.start], text[line.end - 1]
    if first in "-–—•*+|!#>" or last == "|":
        return False
    if first.islower() and last not in '.!?…:;”")':
        return text[following.start + 1 : following.start + 2] not in (")", ".")
    length = line.end - line.start
    return (
        width > 0 and length >= 0.8 * width and not (last in ".!?" and first.isupper() and length < width - 8)
    )
