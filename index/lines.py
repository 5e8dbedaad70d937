"""What a single line of an article file is: title, date, caption, byline, page furniture, or text.

Recognisers only, one question each; `index.clean` asks them in order. All need positive evidence.
"""

from __future__ import annotations

import re
from datetime import date

_DAY = r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?!\d)"
_WRITTEN_DAY = r"(\d{1,2}) tháng (\d{1,2}),? năm (\d{4})"
_CLOCK = r"(?:\s*[-–,|]?\s*(?:lúc )?\d{1,2}\s*(?::|h|giờ)\s*\d{2}(?::\d{2})?)?"
_DATE_LINE = re.compile(
    r"(?:(?:ngày đăng|đăng ngày|cập nhật|xuất bản|đăng lúc|ngày)\s*:?\s*)?"
    r"(?:\d{1,2}[:h]\d{2}\s*[-–,|]?\s*)?"
    r"(?:(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|t[2-7]|cn)\s*,?\s*)?(?:ngày )?"
    rf"(?:{_DAY}|{_WRITTEN_DAY}|(\d{{4}})-(\d{{2}})-(\d{{2}})){_CLOCK}"
    r"(?:\s*\(?(?:gmt|utc)\s*\+\s*7\)?)?\.?\Z",
    re.IGNORECASE,
)
_PLACE_LINE = r"(?:\(?[^\s.:;,\d]{2,20}(?: [^\s.:;,\d]{2,20}){0,3}\)?\s*[-–:]\s*)?"
_DATED_NAME = re.compile(
    r"\(?(?P<label>nguồn\s*:\s*)?(?P<name>[^\W\d_][^\d,|:()]{1,50}?)\s*[,|–-]\s*(?P<day>\S.{5,60}?)\)?\Z",
    re.I,
)
_PRESS = re.compile(
    r"(?:báo|tạp chí|đài|cổng thông tin|trang (?:tin|thông tin)|bản tin|thông tấn xã|ttxvn)(?!\w)|\S+\.vn\Z",
    re.IGNORECASE,
)
_LEAD_DATE = re.compile(
    _PLACE_LINE + r"(?:vào\s+)?(?:(?:hôm nay|sáng|trưa|chiều|tối|đêm|cuối ngày|rạng sáng)\s*,?\s*)?"
    r"(?:(?:nay|qua)\s*,?\s*)?\(?(?:(?:trong |vào )?ngày\s+)?"
    rf"(?:{_DAY}|{_WRITTEN_DAY})",
    re.IGNORECASE,
)

_CREDIT = re.compile(
    r"(?:\(|\b)(?:ảnh|ảnh minh họa|nguồn ảnh|ảnh tư liệu|photo)\s*:|\(ảnh[^)]{0,30}\)", re.IGNORECASE
)
_SCENE = re.compile(
    r"(?:ảnh|hình)(?: minh họa| tư liệu)?(?:\s*\d+)?\s*[:.]|(?:quang|toàn|khung|phối) cảnh\b|một góc\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:(?:các )?(?:đồng chí|đại biểu|đại diện|lãnh đạo|ông|bà|vị|cán bộ|đảng viên|chiến sĩ|người dân|bà con"
    r"|học sinh|đoàn viên|thanh niên|hội viên|tiết mục|đoàn công tác|đoàn đại biểu|thí sinh|giáo viên|cô giáo"
    r"|thầy giáo|công nhân|lực lượng|nhân dân|chủ tọa|đoàn chủ tịch)|thường trực|ban thường vụ|nguyên"
    r"|(?:phó )?(?:bí thư|chủ tịch|trưởng|giám đốc|chủ nhiệm))\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:phát biểu|trao|tặng|chụp (?:hình|ảnh)|lưu niệm|báo cáo|chủ trì|điều hành|kết luận|tham luận"
    r"|tham dự|dự (?:hội nghị|buổi|lễ|đại hội|họp|chương)|biểu quyết|bỏ phiếu|cắt băng|thăm|kiểm tra"
    r"|khảo sát|dâng h"
    r"|tại (?:buổi|hội nghị|lễ|đại hội|cuộc họp|điểm|hội trường|chương trình|phiên|kỳ họp|trụ sở)|thắp hương"
    r"|ra quân|ký kết|biểu diễn|trong ảnh|bên trái|bên phải|đứng giữa|làm việc tại|tiếp thu|bế mạc|khai mạc"
    r"|hướng dẫn|trồng cây|nhận quà|nhận giấy khen|nghi thức|làm thủ tục|giao dịch|cam kết|dọn|diễu hành"
    r"|trải nghiệm|tìm hiểu|thu hoạch|chăm sóc|vui mừng|xếp hàng)",
    re.IGNORECASE,
)
_SYLLABLES_OF_CAPTION = 45

_FOOTER = re.compile(
    r"(?:không có nhận xét nào|đăng nhận xét|c[áả]m ơn bạn đã (?:quan tâm|đọc|theo dõi)|blogthis"
    r"|bài đăng (?:mới|cũ) hơn|bài (?:trước|tiếp|sau|kế tiếp)|(?:trở về )?trang chủ|gửi email bài đăng này"
    r"|đăng ký:? ?đăng nhận xét \(atom\)|có thể bạn quan tâm|đọc nhiều|xem nhiều|mời quý độc giả .{0,80}"
    r"|chia sẻ(?: bài viết)?(?: lên| qua| trên)?(?: facebook| zalo| twitter| x| pinterest| email)*"
    r"|(?:tin|bài|các tin|các bài|tin tức|bài viết)(?: viết)? (?:liên quan|khác|cùng chuyên mục|mới nhất"
    r"|đọc nhiều|nổi bật|cũ hơn|mới hơn)|ý kiến bạn đọc|(?:viết )?bình luận(?: \(\d+\))?"
    r"|gửi (?:bình luận|phản hồi|ý kiến)|quảng cáo|advertisement|adsbygoogle|in bài viết|in trang"
    r"|(?:số )?lượt (?:xem|truy cập).{0,20}|\d+ lượt xem|theo dõi .{0,40}trên google news|google news"
    r"|facebook|zalo|twitter|youtube|tiktok|share|tweet|like|copy link|sao chép liên kết|thích|in|print|email"
    r"|(?:về )?đầu trang|tải ứng dụng.{0,40})\s*[:.…»>|]*\Z",
    re.IGNORECASE,
)
_FOOTER_OPENS = re.compile(
    r"(?:không có nhận xét nào|đăng nhận xét|(?:tin|bài|các tin|các bài|bài viết) (?:liên quan|khác"
    r"|cùng chuyên mục)|có thể bạn quan tâm|đọc nhiều|xem nhiều|ý kiến bạn đọc|bình luận(?: \(\d+\))?)"
    r"\s*:?\Z",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(
    r"(?:>{1,3}|»|\*)?\s*(?:xem thêm|đọc thêm|mời (?:bạn|quý vị) (?:xem|đọc) thêm|tham khảo thêm"
    r"|từ kh[óo][áa]|tags?|chủ đề|hashtag)\s*:|(?:>{2,3}|»)\s*\S",
    re.IGNORECASE,
)

_BYLINE_LABEL = re.compile(
    r"(?:tác giả|(?:tin|bài)(?:,| và)? (?:bài(?:,| và)? )?ảnh|ảnh và bài|tin bài|bài|tin|thực hiện|người viết"
    r"|biên tập|pv|phóng viên)\s*:\s*(?P<name>\S.{1,60})\Z",
    re.IGNORECASE,
)
_SOURCE_LABEL = re.compile(r"\(?(?:nguồn(?: tin)?|theo)\s*:?\s+(?P<name>\S.{1,60}?)\)?\Z", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"\b(?:UBND|HĐND|MTTQ|ĐẢNG|ỦY|QUẬN|PHƯỜNG|XÃ|HUYỆN|TỈNH|THÀNH|TPHCM|BAN|HỘI|ĐẠI|CÔNG|NGHỊ|QUY|BÁO|PHẦN"
    r"|CHƯƠNG|MỤC|KẾT)\b"
)


def made_date(year: str, month: str, day: str) -> date | None:
    """The date, or None where there is no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def stated_date(line: str) -> date | None:
    """The date of a line that is nothing but a date ("Thứ Năm, 02/10/2025 - 10:15 (GMT+7)"), or None."""
    return _matched_date(_DATE_LINE.match(line.strip()))


def dated_source(line: str) -> tuple[date | None, str]:
    """The date of a line that is nothing but a name and a date, and the name if it is a newspaper's.

    "Báo Bến Cảng, 25/5/2026" gives both, "Gò Sen, ngày 25/5/2026" the date alone; (None, "") for others.
    """
    found = _DATED_NAME.match(line.strip())
    day = None if found is None else stated_date(found["day"])
    if found is None or day is None:
        return None, ""
    name = found["name"]
    if found["label"] or _PRESS.match(name):
        return day, name
    words = name.split()
    return (day, "") if len(words) < 5 and all(word[0].isupper() for word in words) else (None, "")


def lead_date(text: str, start: int, end: int) -> date | None:
    """The full date with which a paragraph opens ("Sáng 15/01/2025, …"), or None."""
    return _matched_date(_LEAD_DATE.match(text, start, end))


def _matched_date(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    groups = found.groups()
    for at in range(0, len(groups), 3):
        first, second, third = groups[at : at + 3]
        if first:
            return made_date(first, second, third) if len(first) == 4 else made_date(third, second, first)
    return None


def is_capitals(line: str) -> bool:
    """Is a line written in capitals, as headlines are?"""
    letters = [letter for letter in line if letter.isalpha()]
    return 8 <= len(letters) <= 300 and sum(map(str.isupper, letters)) >= 0.95 * len(letters)


def could_be_title(line: str) -> bool:
    """May a first line without an end mark be a headline in usual writing?"""
    if len(line) > 180 or line.count(" ") < 2 or line[-1] in ",|" or line[0] in "-–•*+>|!":
        return False
    if not (line[0].isupper() or line[0].isdigit() or line[0] in "“\"'"):
        return False
    if stated_date(line) is not None or dated_source(line)[0] is not None:
        return False
    return not _FOOTER.match(line) and lead_date(line, 0, len(line)) is None


def is_caption(line: str, *, terminated: bool, after_picture: bool) -> bool:
    """Is a line what stands under a picture? `terminated`: it has an end mark; else captions seldom do."""
    if line.count(" ") >= _SYLLABLES_OF_CAPTION or line[0] in "|-–•+" or ("\n" in line and len(line) > 250):
        return False
    if labelled_byline(line):
        return False
    bare = line.rstrip("| ")
    piped = line[-1] == "|" and line.count("|") == 1
    credited = _CREDIT.search(line) is not None
    scene = _SCENE.match(line) is not None
    if credited and (piped or after_picture or bare[-1:] == ")" or not terminated or scene):
        return True
    if piped or (after_picture and not terminated and line.count(" ") < 30):
        return True
    if terminated:
        return after_picture and scene and bare.endswith(".")
    if scene:
        return line.count(" ") < 30
    return _PEOPLE.match(line) is not None and _ACTION.search(line) is not None


def opens_footer(line: str) -> bool:
    """Does the rest of the page belong to comments and links from this line on?"""
    return len(line) < 60 and _FOOTER_OPENS.match(line) is not None


def is_furniture(line: str) -> bool:
    """A line of the page rather than of the article: share buttons, comments, links to other articles."""
    syllables = line.count(" ") + 1
    if syllables <= 14 and _FOOTER.match(line):
        return True
    return _SEE_ALSO.match(line) is not None and (not line.endswith((".", "!")) or syllables <= 25)


def labelled_byline(line: str) -> str:
    """The name in "Tác giả: …", "Bài, ảnh: …"; "" where there is no such label."""
    found = _BYLINE_LABEL.match(line) if len(line) <= 90 else None
    return "" if found is None else found["name"].strip(" *_")


def labelled_source(line: str) -> str:
    """The name in "Theo …" or "(Nguồn: …)" that stands alone; "" where there is none."""
    found = _SOURCE_LABEL.match(line) if len(line) <= 90 and line.count(" ") <= 8 else None
    return "" if found is None else found["name"]


def bare_byline(line: str) -> str:
    """The line itself if it is nothing but one to four names ("ANH HOÀNG", "Thu Hường – An"), else ""."""
    bare = line.strip("*_() ")
    if len(bare) > 70:
        return ""
    parts = [part.split() for part in re.split(r"\s+-\s+|\s*[–,;&/]\s*", bare)]
    if len(parts) > 4 or not all(1 <= len(part) <= 4 for part in parts) or max(map(len, parts)) < 2:
        return ""
    words = [word for part in parts for word in part]
    if not all(word[0].isupper() and word.replace(".", "").isalpha() for word in words):
        return ""
    if _NOT_A_NAME.search(bare.upper()) and "PV" not in words:
        return ""
    return bare
