"""What a question specifies and the evidence of a finding contradicts or never says.

The period, the number of a body, the ordinal of an event, the deed that is counted, whether it has happened.

Each check returns whether the finding fails it; none looks at scores. They are used by `lacking`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.normalize import canonical
from qa.align import contains, keys_of, matcher, weight_of
from qa.context import around
from qa.events import another_stage
from qa.extract import Finding
from qa.question import Kind, Question
from qa.question_words import EMPTY
from qa.roles import ORGANS, organs_in, role_of, role_words
from qa.words import phrases, read_words, word_set
from qa.years import COMPARED, DATED_YEAR, YEAR, years_said

Check = Callable[[Question, Finding], bool]

_FIGURES = (Kind.NUMBER, Kind.TOTAL, Kind.YES_NO)
_SMALL = {"một": 1, "nhất": 1, "đầu": 1, "hai": 2, "nhì": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6,
          "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6,
          "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12, "xiii": 13, "xiv": 14}  # fmt: skip
_NUMERAL = r"(\d+|[ivx]+(?!\w)|một|nhất|hai|nhì|ba|bốn|tư|năm|sáu|bảy|tám|chín|mười)(?!\w)"

# Periods shorter than a year, by sort; two of a sort are not the same time.
_QUARTER = re.compile(r"(?<!\w)quý\s+(i{1,3}|iv|[1-4]|một|hai|ba|bốn|tư)(?!\w)", re.I)
_PART = re.compile(r"(?<!\w)(\d+|ba|sáu|chín|mười)\s+tháng(?:\s+(đầu|cuối))?(?:\s+năm)?(?!\w)", re.I)
_QUARTERS = {"1": "3 đầu", "4": "3 cuối"}
_HALF = re.compile(r"(?<!\w)nửa\s+(đầu|cuối)\s+năm(?!\w)", re.I)
_MONTH = re.compile(
    r"(?<!\w)(?<!\d )tháng\s+(\d{1,2}|giêng|chạp)(?![\w/])|(?<![\d/-])\d{1,2}[/-](\d{1,2})(?![\d%])", re.I
)

_RANGE = re.compile(r"(1[5-9]\d\d|20\d\d)\s*[-–]\s*(1[5-9]\d\d|20\d\d)")
_BODY = re.compile(
    r"(?<!\w)(khu vực|khu phố|tổ công tác số|tổ công tác|tổ dân phố|tổ|ấp|thôn|khóm|đội|cụm|hẻm|đợt|vòng"
    r"|chuyên đề|cơ sở|cụm thi đua số|khối)\s+(?:số\s+)?(\d{1,3})(?![\w/.,])",
    re.I,
)
_ORDINAL = re.compile(
    rf"(?<!\w)(?:(lần)(?:\s+\w+){{0,4}}?|(khóa|đợt|kỳ họp|vòng|phiên))\s+thứ\s+{_NUMERAL}", re.I
)
_PLAIN_ORDINAL = rf"(?<!\w){{noun}}\s+(?:thứ\s+)?{_NUMERAL}"

_DONE = re.compile(r"(?<!\w)(?:đã|đến nay|tính đến nay|tới nay|đến giờ|rồi)(?!\w)", re.I)
_NOT_YET = re.compile(
    r"(?<!\w)(?:kiến nghị|đề xuất|đề nghị|xin|sẽ|dự kiến|phấn đấu|chỉ tiêu|kế hoạch|mục tiêu|định"
    r"|tới đây)(?!\w)",
    re.I,
)
_PLANNED = re.compile(
    r"(?<!\w)(?:sẽ|dự kiến|phấn đấu|theo kế hoạch|mục tiêu là|kiến nghị|đề xuất|xin|đề nghị)(?!\w)", re.I
)

# "chưa rõ nguyên nhân", "không tiết lộ giá": what follows is not told, at least not here.
_UNKNOWN = re.compile(
    r"(?<!\w)(?:(?:chưa|không|chẳng) (?:ai )?(?:được |bị |thể )?(?:rõ|biết|xác định|tiết lộ|công bố|nêu rõ"
    r"|nói rõ|thống kê|làm rõ)(?: được)?|từ chối (?:tiết lộ|công bố|bình luận)|giấu)"
    r"(?: (?:rõ|về|cụ thể|chính xác|số|số lượng|thông tin))* ([^\W\d][^,;.:()]*)",
    re.I,
)
_NONE_OF = re.compile(r"(?<!\w)(?:không|chưa) (?:còn|có)(?: (?:các|những|bất kỳ))? ([^\W\d][^,;.:()]*)", re.I)
_UNTOLD = {
    Kind.REASON: word_set("nguyên_nhân lý_do vì_sao động_cơ"),
    Kind.DATE: word_set("thời_gian thời_điểm khi_nào bao_giờ ngày"),
    Kind.PERSON: word_set("danh_tính ai"),
}

_MOST_ASKED = re.compile(r"(?<!\w)(?:nào|ai|gì|đâu)(?!\w).{0,60}(?<!ít )(?<!thứ )nhất\W*$", re.I)
_MOST = re.compile(
    r"(?<!ít )(?<!thứ )(?<!\w)(?:nhất|dẫn đầu|đứng đầu|hàng đầu|hơn cả|kỷ lục|vô địch|quán quân"
    r"|đầu tiên)(?!\w)",
    re.I,
)
_BESIDE = 10  # characters between a year and its figure
_HEAVY = 4.0
_TELLING = 3.0
_SAID = 2.5
_LIGHT_VERBS = word_set(
    "có được là gồm đạt chiếm làm cần phải lên tới còn thì cho bị ra số tổng tất cả khoảng hơn người"
)
_ONE_WORD_DEEDS = word_set("thiếu thừa dư chết hỏng cháy trượt đỗ vay nợ lỗ lãi thắng thua")
_BEFORE_VERB = word_set("phải đang đã sẽ được bị là cần có người")
_QUALIFYING = word_set("là bị được chưa không đã dưới trên thuộc")
_WHO = phrases("ai|người|người nào")


def near_text(finding: Finding, *, before: int, after: int = 0) -> str:
    """Return the finding's sentence with so many before and after it, and the title.

    A caption has no neighbours in the body, and stands alone.
    """
    listed, at = around(finding)
    near = listed[max(0, at - before) : at + 1 + after] if at >= 0 else (finding.sentence,)
    return canonical(" . ".join((finding.article.title, *(one.text for one in near))))


def _value(text: str) -> int:
    text = text.lower()
    return int(text) if text.isdigit() else _SMALL.get(text, 0)


def _periods(text: str) -> dict[str, set[str]]:
    """Return the parts of a year that a text names, by sort."""
    found: dict[str, set[str]] = {"quarter": set(), "part": set(), "month": set()}
    for match in _QUARTER.finditer(text):
        found["quarter"].add(str(_value(match[1])))
    for match in _PART.finditer(text):
        if match[2] or "năm" in match[0]:
            found["part"].add(f"{_value(match[1])} {(match[2] or 'đầu').lower()}")
    for match in _HALF.finditer(text):
        found["part"].add(f"6 {match[1].lower()}")
    for quarter, part in _QUARTERS.items():  # "ba tháng đầu năm" is the first quarter
        if quarter in found["quarter"]:
            found["part"].add(part)
        elif part in found["part"]:
            found["quarter"].add(quarter)
    for match in _MONTH.finditer(text):
        found["month"].add((match[1] or match[2]).lstrip("0"))
    return found


def _another_period(question: Question, finding: Finding) -> bool:
    """Return whether another quarter, half or month of the year is said of the figure than is asked."""
    if question.kind not in _FIGURES:
        return False
    asked = _periods(question.text)
    if not any(asked.values()):
        return False
    own, near = _periods(near_text(finding, before=0)), _periods(near_text(finding, before=2, after=1))
    for sort, wanted in asked.items():
        if wanted and not wanted & near[sort] and (own[sort] or sort != "month"):
            return True
        if wanted and own[sort] and not wanted & own[sort]:
            return True
    return False


def another_year(question: Question, finding: Finding) -> bool:
    """Return whether a year is asked about that neither the sentences around nor the article's date name.

    A sentence that names only other years speaks of those.
    """
    asked = set(YEAR.findall(question.text))
    if not asked or question.kind is Kind.DOCUMENT:
        return False
    text = canonical(finding.sentence.text)
    own = years_said(_RANGE.sub(" ", text))
    spans = {(int(a), int(b)) for a, b in _RANGE.findall(text)}
    wanted = {(int(a), int(b)) for a, b in _RANGE.findall(question.text)}
    if wanted and spans and not wanted & spans:
        return True  # "năm học 2023 - 2024" is not the one after it
    ranged = any(low <= int(year) <= high for low, high in spans for year in asked)
    if question.kind in _FIGURES and (own or spans) and not own & asked and not wanted & spans:
        return True  # a figure of five years is none of one of them
    said = years_said(near_text(finding, before=2))
    if finding.article.date is not None:
        said.add(str(finding.article.date.year))
    return not asked & said and not ranged


def _another_body(question: Question, finding: Finding) -> bool:
    """Return whether a numbered body is asked about ("khu vực 3") that the article nowhere names."""
    asked = {(noun.lower().replace(" số", ""), int(number)) for noun, number in _BODY.findall(question.text)}
    if not asked:
        return False
    text = near_text(finding, before=3, after=1)
    said = {(noun.lower().replace(" số", ""), int(number)) for noun, number in _BODY.findall(text)}
    return not asked <= said


def _another_turn(question: Question, finding: Finding) -> bool:
    """Return whether another time, court or round is asked about than the sentences near speak of."""
    if another_stage(question.text, near_text(finding, before=1)):
        return True
    for turn, noun, number in _ORDINAL.findall(question.text):
        pattern = re.compile(_PLAIN_ORDINAL.format(noun=re.escape(turn or noun)), re.I)
        text = near_text(finding, before=1)
        said = {_value(found) for found in pattern.findall(text)}
        said |= {_value(found) for *_, found in _ORDINAL.findall(text)}
        if _value(number) not in said:
            return True
    return False


def _unsaid_deed(question: Question, finding: Finding) -> bool:
    """Return whether the deed that is counted, or whose doer is asked, is said nowhere near the finding.

    "kết nạp bao nhiêu đảng viên" is not how many there are; "người ký" is not whoever is named beside.
    """
    items = question.words.words
    named = {i for name in question.names for i in name.places}
    if question.kind is Kind.NUMBER and question.slot[0] == 0:
        behind = range(question.slot[1] + 2, question.slot[1] + 4)  # "Bao nhiêu tiểu thương đồng ý …"
        deed = [i for i in behind if i in question.focus and i not in named]
        found = matcher(question).matched(keys_of(read_words(near_text(finding, before=0)), toneless=False))
        return len(deed) == 2 and not found & set(deed)
    if question.kind is Kind.NUMBER:
        at = question.slot[0] - 1
        while at >= 0 and items[at].key in EMPTY | _LIGHT_VERBS and items[at].key not in ("nhiều", "ít"):
            at -= 1
        deed = [i for i in (at - 1, at) if i in question.focus and i not in named and not items[i].is_number]
        if deed and len(deed) < 2 and question.slot[0] - at == 1 and items[at].key in _ONE_WORD_DEEDS:
            found = matcher(question).matched(
                keys_of(read_words(near_text(finding, before=0)), toneless=False)
            )
            return at not in found
        if len(deed) < 2 or question.slot[0] - at > 3:
            return False
    elif question.kind is Kind.ORGANISATION and question.slot[0] == 0:
        deed = [i for i in (question.slot[1], question.slot[1] + 1) if i in question.focus and i not in named]
        if len(deed) < 2:
            return False
    elif question.kind is Kind.PERSON and role_of(question.text) is None:
        first = next((i for i, word in enumerate(items) if word.key in _WHO and i not in named), -1)
        verb = next((i for i in range(first + 1, len(items)) if items[i].key not in _BEFORE_VERB), first)
        deed = [i for i in (verb, verb + 1) if i in question.focus and i not in named]
        if first > 1 or first < 0 or not deed:
            return False
    else:
        return False
    telling = _HEAVY if question.kind is Kind.NUMBER else _TELLING if len(deed) == 1 else _SAID
    match = matcher(question)
    found = match.matched(keys_of(read_words(near_text(finding, before=1)), toneless=False))
    if question.kind is Kind.PERSON and deed[0] not in found and match.weights[deed[0]] >= _TELLING:
        return True  # "Ai ký Quyết định …": that a decision is spoken of does not tell who signed it
    return not found & set(deed) and max(match.weights[i] for i in deed) >= telling


def compared_year(question: Question, finding: Finding) -> bool:
    """Return whether a figure of a year is asked with which the sentence only compares another one's.

    "Năm 2025 có 1.876 ca, tăng 24% so với cùng kỳ năm 2024" gives no figure of 2024.
    """
    asked = set(YEAR.findall(question.text))
    if not asked or question.kind not in _FIGURES or COMPARED.search(question.text):
        return False
    text = canonical(finding.sentence.text)
    found = list(COMPARED.finditer(text))
    if any(0 <= finding.start - one.end() <= _BESIDE for one in found):
        return False  # "so với năm 2024 (158,6 tỷ đồng)" gives that year's figure
    compared = {year for one in found for year in DATED_YEAR.findall(one[0])}
    return asked <= compared and not asked & years_said(text)


def _another_office(question: Question, finding: Finding) -> bool:
    """Return whether an office of a body is asked about that nothing near the finding names.

    "Bí thư Đảng ủy các cơ quan Đảng" is not the secretary of whichever Đảng ủy.
    """
    asked = role_of(question.text)
    if question.kind is not Kind.PERSON or asked is None:
        return False
    said = set(role_words(near_text(finding, before=4, after=1)))
    named = {key for name in question.names for key in name.core}  # whose it is, its standing tells
    return any(
        weight_of(word) >= _HEAVY and word not in said
        for word in asked.body - ORGANS - named
        if word.isalpha()
    )


def _unsaid_quality(question: Question, finding: Finding) -> bool:
    """Return whether only some of what is counted are asked for and nothing near says that they are.

    "đại biểu là nữ", "đảng viên bị kỷ luật", "không hoàn thành": the last must be denied just there.
    """
    if question.kind is not Kind.NUMBER or question.unit[0] >= question.unit[1]:
        return False
    items = question.words.words
    match = matcher(question)
    found = match.matched(keys_of(read_words(near_text(finding, before=1)), toneless=False))
    at = question.unit[1]
    if at >= len(items) or items[at].key not in _QUALIFYING:
        return False
    quality = [i for i in range(at, min(at + 5, len(items))) if i in question.focus]
    if any(match.weights[i] >= _TELLING and i not in found and not items[i].is_number for i in quality):
        return True
    denied = any(word.key in ("không", "chưa") for word in items[at : at + 5])
    clauses = re.split(r"[,;.]\s", canonical(finding.sentence.text))
    own = next((one for one in clauses if canonical(finding.text).strip(" ,;.") in one), "")
    return denied and bool(own) and re.search(r"(?<!\w)(?:không|chưa|chẳng)(?!\w)", own) is None


def _another_organ(question: Question, finding: Finding) -> bool:
    """Return whether an office in one body is asked for and the office found is in others only."""
    if question.kind is not Kind.ROLE:
        return False
    asked = organs_in(question.text)
    return bool(asked) and not asked & organs_in(canonical(finding.text))


def _not_done_yet(question: Question, finding: Finding) -> bool:
    """Return whether what has been done is asked and the clause of the finding only plans it."""
    if question.kind not in (Kind.NUMBER, Kind.DATE, Kind.YES_NO) or not _DONE.search(question.text):
        return False
    if _NOT_YET.search(question.text):
        return False
    text = canonical(finding.sentence.text)
    clause = re.split(r"[;.]\s", text[: finding.end])[-1]
    return _PLANNED.search(clause) is not None and re.search(r"(?<!\w)đã(?!\w)", clause) is None


def _said_unknown(question: Question, finding: Finding) -> bool:
    """Return whether the sentence says that what is asked for is not known or not told, or that none is left.

    It must stand right behind "chưa rõ", "không tiết lộ": "chưa rõ nguyên nhân vụ cháy" does not keep one
    from telling how many died in the fire.
    """
    if question.kind is Kind.YES_NO:
        return False
    asked = [word.key for word in question.words.words]
    untold = _UNTOLD.get(question.kind, frozenset())
    text = canonical(finding.sentence.text)
    told = [[word.key for word in read_words(match[1]).words][:3] for match in _UNKNOWN.finditer(text)]
    if question.kind in (Kind.LIST, Kind.TEXT):
        told += [[word.key for word in read_words(match[1]).words][:2] for match in _NONE_OF.finditer(text)]
    for keys in filter(None, told):  # "không rõ _" has no word behind it
        sure = len(keys) > 2 or sum(map(weight_of, keys)) >= _HEAVY
        if untold.intersection((keys[0], "_".join(keys[:2]))) or (sure and contains(asked, keys)):
            return True
    return False


def _unsaid_most(question: Question, finding: Finding) -> bool:
    """Return whether the most of several is asked for and the sentence says of none that it is the most."""
    if question.kind is Kind.COMPARISON or not _MOST_ASKED.search(question.text):
        return False
    return _MOST.search(canonical(finding.sentence.text)) is None


CHECKS: tuple[Check, ...] = (
    another_year,
    _another_period,
    _another_body,
    _another_turn,
    _unsaid_deed,
    _unsaid_quality,
    _another_office,
    _another_organ,
    _not_done_yet,
    _said_unknown,
    _unsaid_most,
)
