"""Answers that take more than one sentence: the cause beside its effect, the items of a list, the place.

A news article says "… nêu hai nguyên nhân." and gives them in the next sentences, names a hall in the
sentence after the one that names the congress, and puts a list under a line that ends with a colon.
`unit_of` returns the sentences that answer together, in the article's order; where even they hold no
answer is for `lacking`.
Rules on word forms only: this module knows no article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.normalize import canonical
from index.types import Article, Sentence
from qa.extract import Finding
from qa.question import Kind, Question
from qa.subjects import sentences_of

_COUNT = r"(?:hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|nhiều|các|những|một số|\d+)"
_ANNOUNCES = re.compile(
    rf"(?<!\w){_COUNT}\s+(?:\w+\s+)?(?:nguyên nhân|lý do|lí do|khó khăn|vướng mắc)(?!\w)", re.I
)
_THEREFORE = re.compile(
    r"^\W*(?:chính )?(?:(?:vì|bởi|do) (?:vậy|thế)|do đó|nhờ (?:vậy|đó|thế)|từ đó|vì lẽ đó)(?!\w)", re.I
)
_BECAUSE = re.compile(
    r"^\W*(?:(?:một trong )?(?:những )?(?:nguyên nhân|lý do|lí do)|sở dĩ|(?:đó|đây) là (?:do|vì|bởi))(?!\w)",
    re.I,
)
_CAUSE = re.compile(
    r"(?<!\w)(?:nguyên nhân|lý do|lí do|vì(?! sao)|bởi|nhờ|(?:là|chủ yếu|phần lớn|một phần) do"
    r"|do(?= (?:đang|đã|bị|chưa|không|thiếu|vướng|hết|mắc|phải|ảnh hưởng|mưa|bão|thời tiết|dịch|sạt)(?!\w))"
    r"|xuất phát từ|cho nên|khiến|dẫn (?:đến|tới)|nhằm|để)(?!\w)|,\s*nên(?!\w)",
    re.I,
)
_ORDINAL = re.compile(
    r"^\W*(?:thứ (?:nhất|hai|ba|tư|năm|sáu)|(?:một|hai|ba|bốn|năm) là|đầu tiên|ngoài ra)(?!\w)", re.I
)
_ITEM = re.compile(r"^\s*(?:[-–—•*+▪►✓]|\d{1,2}[.)]|[a-zđ][.)])\s")
PLACE = re.compile(
    r"(?<!\w)(?i:tại|ở|ngụ|trú|quê|trên|trong|số \d+[\w/]*)\s+(?:(?:[\w,]+\s+){0,6}?"
    r"(?i:đường|phố|hẻm|khu|ấp|thôn|nhà"
    r"|hội trường|sân|công viên|trường|trụ sở|trung tâm|chợ|cầu|phường|xã|quận|huyện|tỉnh|thành phố|tp\.?"
    r"|bảo tàng|đình|chùa|rạp|bến|ủy ban|quảng trường|khách sạn|bệnh viện|cảng|ga|sông|rạch|kênh|bãi|đảo"
    r"|vùng|nước)|(?:\w+\s+){0,2}[A-ZĐÂĂÊÔƠƯ]\w+)(?!\w)"
)
_SITUATED = re.compile(
    r"(?:đặt|nằm|tọa lạc|diễn ra|tổ chức|họp|xây dựng|khai mạc|đóng|mở)(?!\w)[^.;:]{0,70}?"
    r"(?<!\w)(?:tại|ở|trên)\s",
    re.I,
)
_REACH = 6
_UNSAID = 0.25
"""What the score of a sentence that says no cause (no place) counts where one is asked for."""
_LONGEST_LIST = 1200


def around(finding: Finding) -> tuple[Sequence[Sentence], int]:
    """Return the sentences of the finding's article and which is its own, -1 where it is not of the body."""
    listed = sentences_of(finding.article)
    place = next((i for i, one in enumerate(listed) if one.start == finding.sentence.start), -1)
    return listed, place


def unit_of(question: Question, finding: Finding) -> list[Sentence]:
    """Return the sentences that answer together with the finding's own, in order; usually that one alone."""
    listed, at = around(finding)
    if at < 0 or question.toneless:
        return [finding.sentence]
    if question.kind is Kind.REASON:
        return _cause(question, listed, at)
    if question.kind is Kind.PLACE:
        return _place(question, listed, at)
    if question.kind is Kind.YES_NO:
        return _decided(question, listed, at)
    if question.kind is Kind.LIST or question.many or canonical(listed[at].text).rstrip().endswith(":"):
        return _list(question, finding.article, listed, at)
    return [listed[at]]


def _cause(question: Question, listed: Sequence[Sentence], at: int) -> list[Sentence]:
    own = canonical(listed[at].text)
    following = [canonical(one.text) for one in listed[at + 1 : at + 6]]
    unit = [listed[at]]
    if at and _THEREFORE.match(own):
        unit.insert(0, listed[at - 1])
    elif at and (_BECAUSE.match(own) or _ORDINAL.match(own)):
        first = at - 1
        while first > 0 and at - first < 4 and _ORDINAL.match(canonical(listed[first].text)):
            first -= 1
        unit = list(listed[first : at + 1])
    if following and _BECAUSE.match(following[0]):
        unit.append(listed[at + 1])
    elif following and (_ANNOUNCES.search(own) or own.endswith(":") or _ORDINAL.match(own)):
        for number, text in enumerate(following, 1):
            if not (_ORDINAL.match(text) or _ITEM.match(listed[at + number].text)):
                break
            unit.append(listed[at + number])
    elif following and len(unit) == 1 and not _CAUSE.search(own):
        asked = {question.words.words[i].key for i in question.focus}
        cause = _CAUSE.search(following[0])
        if cause and asked & set(re.findall(r"\w+", following[0][: cause.start()].lower())):
            unit.append(listed[at + 1])
    return unit


def _subject(question: Question) -> str:
    """Return the words that a later sentence repeats for the subject: "Trung tâm" for the whole long name."""
    return " ".join(word.key for word in question.words.words[:2])


def _situated(text: str, subject: str) -> bool:
    """Return whether a sentence opens with the subject and says where it is."""
    text = canonical(text)
    at = text.lower().find(subject)
    return 0 <= at <= 60 and _SITUATED.search(text, at) is not None and PLACE.search(text, at) is not None


def _place(question: Question, listed: Sequence[Sentence], at: int) -> list[Sentence]:
    subject = _subject(question)
    if _situated(listed[at].text, subject):
        return [listed[at]]
    near = sorted(range(max(0, at - _REACH), min(len(listed), at + _REACH + 1)), key=lambda i: abs(i - at))
    for i in near:
        if i != at and _situated(listed[i].text, subject):
            named = subject in canonical(listed[at].text).lower()
            return sorted([listed[i], listed[at]], key=lambda one: one.start) if named else [listed[i]]
    return [listed[at]]


def _decided(question: Question, listed: Sequence[Sentence], at: int) -> list[Sentence]:
    """Return the shortest stretch here that says yes or no, else a near sentence about the same that does."""
    for first, last in ((at, at), (at - 1, at), (at, at + 1)):
        if first >= 0 and last < len(listed) and verdict(question, listed[first : last + 1]):
            return list(listed[first : last + 1])
    subject = _subject(question)
    for i in range(max(0, at - _REACH), min(len(listed), at + _REACH + 1)):
        if canonical(listed[i].text).lower().startswith(subject) and verdict(question, [listed[i]]):
            return sorted([listed[i], listed[at]], key=lambda one: one.start)
    return [listed[at]]


def _list(question: Question, article: Article, listed: Sequence[Sentence], at: int) -> list[Sentence]:
    """Return the announcing line joined with its items (one stretch of the article), or the next line too."""
    first = at
    while first > 0 and at - first < 12 and _ITEM.match(listed[first].text):
        first -= 1
    if first != at and not canonical(listed[first].text).rstrip().endswith(":"):
        first = at
    if canonical(listed[first].text).rstrip().endswith(":"):
        last = first
        while last + 1 < len(listed) and _ITEM.match(listed[last + 1].text):
            last += 1
        end = listed[last].end
        if last > first and end - listed[first].start <= _LONGEST_LIST:
            start = listed[first].start
            return [Sentence(article.text[start:end], start, end)]
    own = canonical(listed[at].text)
    if at + 1 < len(listed) and not re.search(r"[:;]|(?<!\w)gồm(?!\w)", own):
        following = canonical(listed[at + 1].text)
        asked = {question.words.words[i].key for i in question.focus}
        said = set(re.findall(r"\w+", following.partition(":")[0].lower()))
        if re.search(rf"(?<!\w){_COUNT}\s+\w+[^:]{{0,40}}:\s*\w", following, re.I) and asked & said:
            return [listed[at], listed[at + 1]]
    return [listed[at]]


_NOT = r"(?:không|chưa|chẳng)"
_EXEMPT = re.compile(r"^(?:phải )?(?:trả|nộp|đóng|mất) (?:tiền|phí)(?: phí)?\s*", re.I)


_TRUE = re.compile(r"(?:phải )?(?:là )?(?:sự )?(?:thật|đúng|chính xác)(?: sự thật)?")
_FALSE = re.compile(
    r"(?<!\w)(?:giả mạo|văn bản giả|thông báo giả|tin giả|bịa đặt|sai sự thật|không đúng|bác bỏ)(?!\w)"
)


def verdict(question: Question, sentences: Sequence[Sentence]) -> str:
    """Return "Có" or "Không" where the sentences say or deny the asked predicate plainly, else ""."""
    asked = re.fullmatch(
        r".*?\s(?:có|đã)\s(.+?)\s(?:không|chưa|hay không|hay chưa)\W*", question.text.strip(), re.I
    )
    if question.kind is not Kind.YES_NO or question.toneless or asked is None:
        return ""
    predicate = canonical(asked[1]).lower()
    text = " ".join(canonical(one.text) for one in sentences).lower()
    if _TRUE.fullmatch(predicate):  # of a notice that an article calls a fake
        return "Không" if _FALSE.search(text) else ""
    said = set(re.findall(r"\w+", text))
    exempt = _EXEMPT.match(predicate)
    if exempt and re.search(r"(?<!\w)(?:được miễn|miễn phí)(?!\w)", text):
        return "Không" if set(re.findall(r"\w+", predicate[exempt.end() :])) <= said else ""
    words = re.findall(r"\w+", predicate)
    if not set(words) <= said:
        return ""
    head = re.escape(" ".join(words[:2]))
    denied = re.search(rf"(?<!\w){_NOT}\s(?:\w+\s)?{head}(?!\w)", text)
    found = re.findall(rf"(?<!\w){head}(?!\w)", text)
    if denied:
        return "Không" if len(found) == 1 else ""
    doubt = (
        rf"(?<!\w)(?:{_NOT}|nếu|dự kiến|đề xuất|kiến nghị|phủ nhận|từ chối|hủy|ngừng|hứa|cam kết"
        rf"|mong|muốn|kỳ vọng|phấn đấu|mục tiêu|chỉ tiêu|yêu cầu|đề nghị|suýt|có thể"
        rf"|(?<!quyết )(?<!khẳng )(?<!xác )(?<!quy )(?<!nhất )định)"
        rf"(?:\s\w+){{0,3}}\s{head}"
    )
    doubtful = re.search(doubt, text)
    return "Có" if found and not doubtful else ""


def preferred(question: Question, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with those first whose sentences, taken together, say what is asked."""
    if question.toneless or not (question.asks_where or question.kind is Kind.REASON):
        return list(findings)
    held: dict[tuple[str, int], bool] = {}
    weighed: list[Finding] = []
    for one in findings:
        key = (one.article.id, one.sentence.start)
        if key not in held:
            held[key] = tells(question, one)
        weighed.append(one if held[key] else replace(one, score=one.score * _UNSAID))
    return sorted(weighed, key=lambda one: -one.score)


def tells(question: Question, finding: Finding) -> bool:
    """Return whether the sentences that answer together say a cause (a place) at all."""
    unit = unit_of(question, finding)
    if question.kind is Kind.REASON:
        own = canonical(finding.sentence.text)
        if len(unit) > 1 and (_BECAUSE.match(own) or _ORDINAL.match(own)):
            # "Nguyên nhân là …", "Thứ hai, …" is the cause of what stands before it: that must be asked.
            asked = {question.words.words[i].key for i in question.focus}
            effect_here = own.partition(" là ")[0]  # "Lý do di dời là …"
            said = f"{unit[0].text} {effect_here if _BECAUSE.match(own) else finding.article.title}"
            effect = set(re.findall(r"\w+", canonical(said).lower()))
            return 2 * len(asked & effect) >= len(asked)
        return len(unit) > 1 or any(_CAUSE.search(canonical(one.text)) for one in unit)
    return any(_situated(one.text, _subject(question)) for one in unit)
