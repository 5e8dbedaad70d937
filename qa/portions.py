"""Which part of what a sentence tells is asked for: some or all, a place won, the end of a period, for whom.

Each rule gives 1 where it has nothing against a candidate, else a factor in (0, 1), as in `exclude`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from qa.align import Matcher, contains, keys_of
from qa.names import NameKind
from qa.question import Kind, Question
from qa.question_words import EMPTY
from qa.words import Words, read_words, word_set

_LITTLE = 0.1
_SAID = 2.5  # weight of a word (see `align.weight_of`) that says something

# "43 trong tổng số 47 đảng viên".
_ROUGH = r"(?:hơn|gần|khoảng|trên)\s+"
_OUT_OF = re.compile(
    rf"(?<!\d)(?P<part>\d[\d.,]*)(?:\s+[^\W\d_]+){{0,4}}?\s+(?:trong|trên)\s+(?:tổng\s+số|tổng\s+cộng|tổng|số)\s+"
    rf"(?:{_ROUGH})?(?P<all>\d[\d.,]*)(?=\s+[^\W\d_])",
    re.I,
)
_ALL_ASKED = re.compile(r"(?<!\w)(?:tổng số|tổng cộng|tất cả|toàn bộ)(?!\w)", re.I)

_TIMES = word_set("năm tháng ngày quý tuần nay qua ngoái")
_TOTAL = re.compile(r"(?<!\w)(?:tổng|tất cả|toàn bộ)(?!\w)[^,;]*\d", re.I)

_PLACE_WON = re.compile(
    r"(?<!\w)(?:(?:giải|hạng|về|đoạt|đứng|xếp|vị trí|đội|suất)\s+(?:thứ\s+)?"
    r"(?P<place>nhất|nhì|ba|tư|khuyến khích|đặc biệt|[1-9](?![\d.,/%])|hai(?!\s+(?:bàn|điểm|người)))"
    r"|(?P<second>á quân)|(?P<first>vô địch|quán quân|thắng giải|thắng cuộc))(?!\w)",
    re.I,
)
_PLACES = {"nhất": "1", "nhì": "2", "hai": "2", "ba": "3", "tư": "4"}

_BEFORE = re.compile(r"(?<!\w)(?:năm|mùa|lần|kỳ) (?:ngoái|trước)(?!\w)", re.I)

_TO = re.compile(r"(?<!\w)(?:đến|tới|hết)(?:\s+(?:hết|cuối|ngày|khoảng|tận|lúc|tháng|năm))*\s*$", re.I)
_FROM = re.compile(r"(?<!\w)(?:từ|kể từ|bắt đầu)(?:\s+(?:ngày|khoảng|lúc|đầu|tháng|năm))*\s*$", re.I)
_CLAUSE = re.compile(r"[,;:]\s")
_FOR = ("cho", "với", "thay")


def total_behind(text: str, end: int) -> int | None:
    """Return the end of the total that a figure is told out of, which ends at `end`; None where of none."""
    found = next((one for one in _OUT_OF.finditer(text) if one.start("part") < end <= one.end("part")), None)
    return None if found is None else found.end("all")


def part_factor(match: Matcher, words: Words, start: int, end: int) -> float:
    """Return little for some where all are asked for, and for all where those of a deed are.

    "Dự đại hội có 43 trong tổng số 47 đảng viên": who asks for those at the congress means 43, who asks how
    many there are means 47.
    """
    found = next(
        (one for one in _OUT_OF.finditer(words.text) if one.start() < end and start < one.end()), None
    )
    if found is None:
        return 1.0
    digit = re.search(r"\d", words.text[start:end])
    if digit is None or (start <= found.start("part") and found.start("all") < end):
        return 1.0
    question = match.question
    begin = re.split(r"[,;:.]\s", words.text[: found.start()])[-1]
    deed = match.matched(keys_of(read_words(begin), toneless=False)) - set(range(*question.unit))
    named = {i for name in question.names for i in name.places}
    asked = any(match.weights[i] >= _SAID for i in deed - named) and not _ALL_ASKED.search(question.text)
    is_part = start + digit.start() < found.end("part")
    return 1.0 if is_part is asked else _LITTLE


def _places(text: str) -> set[str]:
    """Return the places won that a text names: "1", "2", "khuyến khích"."""
    return {
        "1"
        if one["first"]
        else "2"
        if one["second"]
        else _PLACES.get(one["place"].lower(), one["place"].lower())
        for one in _PLACE_WON.finditer(text)
    }


def place_won_factor(question: Question, words: Words, start: int) -> float:
    """Return little for what is said of the winner where who came second is asked about."""
    asked = _places(question.text)
    if not asked:
        return 1.0
    for mark in (r"[,;.]\s", r"[;.]\s", r"[.]\s"):
        cuts = [found.end() for found in re.finditer(mark, words.text)]
        begin = max((cut for cut in cuts if cut <= start), default=0)
        close = min((cut for cut in cuts if cut > start), default=len(words.text))
        said = _places(words.text[begin:close])
        if said:
            before = _BEFORE.search(words.text[begin:close]) and not _BEFORE.search(question.text)
            return 1.0 if asked & said and not before else _LITTLE
    return 1.0


def period_factor(question: Question, words: Words, start: int) -> float:
    """Return little for the beginning of a period where its end is asked for, and the other way round."""
    at = question.words.words[question.slot[0]].start if question.slot[1] > question.slot[0] else 0
    before = question.words.text[:at]
    to, since = _TO.search(before), _FROM.search(before)
    if to is None and since is None:
        return 1.0
    if to is not None and re.search(r"(?<!\w)từ\s+(?:ngày|tháng|năm|khi|bao|mấy)\s+\w+", before, re.I):
        return 1.0  # "từ ngày nào đến ngày nào"
    if since is not None and re.search(r"(?<!\w)(?:đến|tới)(?!\w)", question.words.text[at:], re.I):
        return 1.0
    wanted, other = (_TO, _FROM) if to is not None else (_FROM, _TO)
    # The words may stand inside the candidate: "từ ngày 5/6".
    digit = re.search(r"\d", words.text[start:])
    said = words.text[: start + (digit.start() if digit else 0)]
    if wanted.search(said):
        return 1.0
    told = any(wanted.search(words.text[: one.start()]) for one in re.finditer(r"\d{1,4}", words.text))
    return _LITTLE if told or other.search(said) else 1.0


def for_whom_factor(question: Question, words: Words) -> float:
    """Return little where the deed asked about is done for somebody else: "bào chữa cho bị cáo Hào"."""
    keys = [word.key for word in words.words]
    asked = [word.key for word in question.words.words]
    for name in question.names:
        at = name.places.start - 1
        while at > 1 and asked[at] not in _FOR and name.start - at < 4:
            at -= 1
        if name.kind is not NameKind.PERSON or at < 2 or asked[at] not in _FOR or contains(keys, name.core):
            continue
        deed = [*asked[at - 2 : at + 1]]
        for i in range(len(keys) - 3):
            if keys[i : i + 3] != deed:
                continue
            run = _capitals(words, i + 3)
            if run and run != name.core[-len(run) :]:
                return _LITTLE
    return 1.0


def _capitals(words: Words, at: int) -> tuple[str, ...]:
    """Return the first capital words at most three words behind `at`."""
    items = words.words
    first = next((i for i in range(at, min(at + 4, len(items))) if items[i].capital), None)
    if first is None:
        return ()
    last = first
    while last < len(items) and items[last].capital:
        last += 1
    return tuple(word.key for word in items[first:last])


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the clauses of a sentence begin and end."""
    return pairwise([0, *(found.end() for found in _CLAUSE.finditer(text)), len(text)])


def deed_factor(match: Matcher, words: Words, start: int) -> float:
    """Return less for a figure whose clause does not say what is asked of it, where another figure's does.

    "Bệnh viện hiện có 68 bác sĩ, còn thiếu 13 người": who asks how many are missing does not mean 68.
    """
    question = match.question
    named = {i for name in question.names for i in name.places}
    at = question.slot[0] - 1
    light = EMPTY | _TIMES
    while at >= 0 and (match.keys[at] in light or match.keys[at][0].isdigit() or match.weights[at] < 1.0):
        at -= 1
    if question.slot[0] == 0:  # "Bao nhiêu căn nhà ở Suối Trăng ngập nước?"
        behind = [i for i in question.focus if i >= question.unit[1] and i not in named]
        at = max(behind, key=lambda i: match.weights[i], default=-1)
    if at < 0 or at not in question.focus or at in named:
        return 1.0
    told_here, told_there = False, False
    total = _ALL_ASKED.search(question.text) is not None
    counted = question.words.slice(*question.unit).lower().split()
    for begin, close in _clauses(words.text):
        whole = words.text[begin:close].lower()
        if total and _TOTAL.search(whole) and (not counted or counted[0] in whole.split()):
            return 1.0 if begin <= start < close else 0.4
        said = at in match.matched(keys_of(read_words(words.text[begin:close]), toneless=False))
        if begin <= start < close:
            told_here = said
        elif re.search(r"\d", words.text[begin:close]):
            told_there = told_there or said
    return 0.4 if told_there and not told_here else 1.0


# "lớp một", "đoạn 2", "khu phố 4", "giai đoạn I".
NUMBERED = re.compile(
    r"(?<!\w)(lớp|khối|đoạn|giai đoạn|tầng|nhóm|gói|(?<!xếp )hạng|loại|khu phố|tổ|ấp|thôn|khóm|đợt|vòng"
    r"|học kỳ|quý)\s+(\d{1,2}(?![\d.,]\d)|i{1,3}|iv|v|vi{1,3}|một|hai|ba|bốn|tư"
    r"|năm(?!\s+(?:\d{4}|nào|nay|ngoái|trước|học|sau))|sáu|bảy|tám|chín"
    r"|mười(?:\s(?:một|hai))?)(?!\w)",
    re.I,
)
_SPELLED = {
    "một": "1", "i": "1", "hai": "2", "ii": "2", "ba": "3", "iii": "3", "bốn": "4", "tư": "4", "iv": "4",
    "năm": "5", "v": "5", "sáu": "6", "vi": "6", "bảy": "7", "vii": "7", "tám": "8", "viii": "8",
    "chín": "9", "mười": "10", "mười một": "11", "mười hai": "12",
}  # fmt: skip


_LEVEL = re.compile(
    r"(?<!\w)(?:cấp|di tích|hạng|giải|chuẩn)\s+(?:(?:lịch sử|văn hóa|kiến trúc|nghệ thuật|[-–,])\s+)*"
    r"(?:cấp\s+)?"
    r"(quốc gia|tỉnh|thành phố|huyện|quận|xã|phường|trung ương|toàn quốc|quốc tế|thế giới|khu vực)(?!\w)"
)


def _numbered(text: str) -> dict[str, set[str]]:
    """Return the numbers by the nouns that bear them: "lớp" → {"1"}."""
    found: dict[str, set[str]] = {}
    for one in NUMBERED.finditer(text):
        number = " ".join(one[2].lower().split())
        found.setdefault(one[1].lower(), set()).add(_SPELLED.get(number, number.lstrip("0")))
    return found


def number_borne_factor(question: Question, words: Words, start: int) -> float:
    """Return little for what a clause says of another form, floor, stretch: "vào lớp 6 là 329 em"."""
    asked, level = _numbered(question.text), set(_LEVEL.findall(question.text.lower()))
    there = set(_LEVEL.findall(words.text.lower()))
    if level and there and not level & there:
        return _LITTLE  # "di tích cấp tỉnh" is none "cấp quốc gia"
    if not asked:
        return 1.0
    own = next((words.text[a:b] for a, b in _clauses(words.text) if a <= start < b), "")
    said = _numbered(own)
    other = any(noun in said and not numbers & said[noun] for noun, numbers in asked.items())
    return _LITTLE if other else 1.0


def portion_factor(match: Matcher, words: Words, start: int, end: int) -> float:
    """Return the product of the rules that hold for the question's kind."""
    question = match.question
    factor = place_won_factor(question, words, start) * for_whom_factor(question, words)
    factor *= number_borne_factor(question, words, start)
    if question.kind in (Kind.NUMBER, Kind.TOTAL):
        factor *= part_factor(match, words, start, end) * deed_factor(match, words, start)
    if question.kind is Kind.DATE:
        factor *= period_factor(question, words, start)
    return factor
