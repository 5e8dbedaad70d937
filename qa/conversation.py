"""Follow-up questions completed from what was asked before, by rules; only where they refer back.

Three ways to refer back: an ellipsis ("Còn phường Tân Hiệp?"), a word for what was named before ("ông ấy",
"phường này", "đơn vị trên"; see `history`) and a correction ("không, ý tôi là năm 2024"). A question that
stands alone is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.normalize import canonical
from qa.attribute import about, place_of
from qa.history import (
    Turn,
    bare,
    headed,
    last_place,
    last_places,
    person_asked,
    points_to_somebody,
    thing_asked,
    with_names,
)
from qa.names import Name, NameKind, names_in
from qa.plainly import spelled_out
from qa.portions import NUMBERED
from qa.question import Kind, Question, understand
from qa.roles import role_of
from qa.scope import same_level
from qa.words import capital, has_tones, read_words


@dataclass(frozen=True, slots=True)
class Completed:
    """A question that stands alone; `rewritten` where it did not before."""

    text: str
    rewritten: bool = False


_END = r"[\s?.!…]*$"
_CORRECTION = re.compile(
    r"^\s*(?:(?:à|ờ|ừ|không|khoan|nhầm|xin lỗi)[\s,.]+)*(?:không"
    r" phải\s+(?P<old>.+?)[\s,]+mà\s+(?:là\s+)?|(?:à|ờ)?\s*không[,.]\s*(?:là\s+)?"
    r"|(?:ý|ý của)\s*(?:tôi|mình|em|tui)\s*(?:là|muốn hỏi|muốn nói)\s*(?:về\s+)?|(?:tôi|mình"
    r"|em)\s*(?:muốn|định)\s*hỏi\s*(?:về\s+)?"
    r"|nhầm[,.]\s*(?:là\s+)?)(?P<new>.+?)(?:\s+(?:cơ|chứ|mà))?" + _END,
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^\s*(?:(?:thế|vậy|à)\s+)?(?:còn|thế|vậy)\s+(?P<new>.+?)(?:\s+(?:thì\s+)?(?:sao|thế nào|như"
    r" thế nào|ra sao|bao nhiêu|là bao nhiêu))?"
    r"(?:\s+(?:ạ|nhỉ|vậy|hả))?" + _END,
    re.IGNORECASE,
)
# "Thế THPT thì mấy em?": the question words of the one before are meant.
_COUNT_AGAIN = re.compile(
    r"^\s*(?:còn|thế|vậy)\s+(?P<new>.{2,40}?)\s+(?:thì\s+)?(?:có\s+)?(?:mấy|bao nhiêu)"
    r"(?:\s+(?:em|người|cái|ca|cháu|chiếc|suất|vụ))?" + _END,
    re.I,
)
_WHAT_OF = re.compile(r"^(?P<new>.+?)\s+thì\s+(?:sao|thế nào)(?:\s+(?:ạ|nhỉ|vậy|hả))?" + _END, re.I)
_STAGE = re.compile(r"^(?:trước|sau)(?:\s+khi)?\s+(?!đây|đó|này)\w+", re.I)
_WIDE = re.compile(
    r"^(?P<area>(?:phường|xã|quận|huyện|tỉnh|thành phố|thị trấn|đặc khu)\s.*?)\s+(?:có\s+)?rộng\s+"
    r"(?=(?:(?:khoảng|cỡ|chừng|tầm)\s+)?(?:bao nhiêu|mấy))(?!.*\smét(?!\s+vuông))",
    re.I,
)
_TIME = re.compile(
    r"(?:ngày\s+\d{1,2}(?:[/-]\d{1,2}(?:[/-]\d{4})?|\s+tháng\s+\d{1,2}(?:\s+năm\s+\d{4})?)"
    r"|tháng\s+\d{1,2}(?:[/-]\d{4}|\s+năm\s+\d{4})?"
    r"|quý\s+\w+(?:\s+năm\s+\d{4})?|năm\s+(?:\d{4}|nay|ngoái|trước|sau)|hôm\s+(?:nay|qua)"
    r"|tháng\s+(?:này|trước)|tuần\s+(?:này|trước))",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"(?:^|(?<=\s))(?:nó|họ|thì|điều đó|việc đó|việc này|điều này|đó|này)(?=\W|$)", re.IGNORECASE
)
_THEY = re.compile(r"^\s*(?:họ|nó)\s", re.IGNORECASE)
_OPENERS = frozenset(
    "Phường Xã Quận Huyện Tỉnh Đảng Ông Bà Đồng Nhà Dự Công Ban Hội Tổng Số Trung Tổ Ngày".split()
)
# Attributes that something has: alone at the head of a question they are those of what was spoken of.
_ATTRIBUTE = re.compile(
    r"^(?:dài|rộng|cao|sâu|chiều (?:dài|rộng|cao)|tổng vốn|vốn|tổng mức đầu tư|tổng kinh phí|kinh phí"
    r"|diện tích|dân số|công suất|khởi công|hoàn thành|khánh thành|nằm|địa chỉ"
    r"|số điện thoại|chủ đầu tư|nhà thầu)(?!\w)",
    re.IGNORECASE,
)
# A question that says what and when, but of nothing: "Đến bao giờ mới xong?", "Thiếu bao nhiêu người?".
_HAPPENS = "khởi công|hoàn thành|xong|khánh thành|khai trương|mở cửa|bắt đầu|kết thúc|diễn ra|thông xe"
_NO_SUBJECT = re.compile(
    rf"^(?:(?:được|bị|thiếu|thừa|sinh|quê|ngụ|giữ|mất|nhận|trị giá|tốn|hết|{_HAPPENS})(?=\s)"
    r"|đến (?:bao giờ|khi nào|ngày nào)"
    rf"|(?:bao giờ|khi nào|chừng nào|ở đâu)\s+(?:mới\s+|thì\s+)?(?:{_HAPPENS}))(?!\w)",
    re.IGNORECASE,
)
_SHORT, _VERY_SHORT = 8, 5  # words
_LONGEST_SUBJECT = 10
_OPEN_SUBJECT = re.compile(r"^(?:có|gồm|thuộc|nằm|rộng|được|do)\s", re.IGNORECASE)


def complete(question: str, history: Sequence[Turn]) -> Completed:
    """Return `question` made independent of `history` (oldest turn first)."""
    past: list[Turn] = []
    for asked, answered in history:
        past.append((_complete(asked, past).text, answered))
    completed = _complete(question, past)
    # How wide a ward is asks for its area; how wide a road is, for metres.
    text = _WIDE.sub(r"\g<area> có diện tích ", completed.text)
    read = understand(text)
    if has_tones(text) and read.slot[0] == read.slot[1]:
        text = spelled_out(text)
    return replace(completed, text=text)


def _complete(question: str, past: Sequence[Turn]) -> Completed:
    text = canonical(" ".join(question.split()))
    if not past or not text:
        return Completed(question)
    last = past[-1][0]
    correction = _CORRECTION.match(text)
    if correction:
        new = correction["new"].strip(" ,.?!")
        if understand(new).slot[0] < len(understand(new).words.words) and len(new.split()) > 4:
            return Completed(capital(new) + "?", True)
        return _replaced(new, last, old=correction["old"])
    ellipsis = _ELLIPSIS.match(text if has_tones(text) else re.sub(r"^(the )?con\s", "còn ", text))
    if ellipsis and len(ellipsis["new"].split()) <= 12 and not _asks(ellipsis["new"]):
        new = ellipsis["new"].strip(" ,.?!")
        return _replaced(new, _asked_alike(new, past))
    again = _COUNT_AGAIN.match(text)
    if again and understand(last).kind is Kind.NUMBER and not _asks(again["new"]):
        return _replaced(re.sub(r"\s+có$", "", again["new"]), last)
    stage = _other_stage(text, last)
    if stage:
        return Completed(stage, True)
    what_of = _WHAT_OF.match(text)
    if what_of and len(what_of["new"].split()) <= 6 and not _asks(what_of["new"]):
        return _replaced(what_of["new"], last)
    if len(text.split()) <= 7 and not _asks(text.rstrip(" ?.!")) and names_in(read_words(text)):
        return _replaced(text.strip(" ,.?!"), last)
    resolved = with_names(text, past)
    if resolved != text:
        return Completed(resolved, True)
    read = understand(text)
    if read.kind is Kind.COMPARISON and not read.names and "nhất" not in text.lower().split():
        places = last_places(past)
        if len(places) == 2:
            return Completed(f"{capital(places[0])} và {places[1]}, {text[:1].lower()}{text[1:]}", True)
    place = last_place(past, "")
    someone = person_asked(past)
    if someone and re.match(r"(?:được|do)\s", text, re.I) and not names_in(read_words(text)):
        return Completed(f"{capital(someone)} {text[:1].lower()}{text[1:]}", True)
    if place and _OPEN_SUBJECT.match(text) and not names_in(read_words(text)):
        return Completed(f"{capital(place)} {text[:1].lower()}{text[1:]}", True)
    if _ATTRIBUTE.match(text) and not read.names and read.slot[1] > read.slot[0]:
        subject = _subject_of(last)
        if subject:
            return Completed(f"{capital(subject)} {text[:1].lower()}{text[1:]}", True)
    office = role_of(text) if read.kind is Kind.PERSON and not read.names else None
    if office is not None and not office.body and not office.level:  # "Ai làm bí thư?": of what was spoken of
        asked = understand(last)
        where = thing_asked(last) or place
        where = where or next((name.text for name in asked.names if name.kind is not NameKind.PERSON), "")
        if where:
            who = re.sub(r"^(.+?)\s+là\s+ai$", r"Ai là \1", text.rstrip(" ?.!"), flags=re.I)
            return Completed(f"{who} của {where}?", True)
    if _NO_SUBJECT.match(text) and not read.names and read.focus and len(text.split()) <= _SHORT:
        subject = person_asked(past) or _subject_of(last) or thing_asked(last)
        if subject:
            return Completed(f"{capital(subject)} {text[:1].lower()}{text[1:]}", True)
        if len(text.split()) <= _VERY_SHORT:
            return Completed(_joined(text, past[-1]), True)
    if points_to_somebody(text):
        return Completed(question)  # to whom, nothing before says
    if _leans(read):
        return Completed(_joined(text, past[-1]), True)
    return Completed(question)


def _subject_of(asked: str) -> str:
    """Return what a question opens with, to the end of its first name: "Đường ven sông Ngà"; "" for none."""
    read = understand(asked)
    first = read.names[0] if read.names else None
    if first is None or first.kind is NameKind.PERSON or first.end > min(read.slot[0], _LONGEST_SUBJECT):
        return ""
    return read.words.slice(0, first.end)


def _asked_alike(new: str, past: Sequence[Turn]) -> str:
    """Return the earlier question that `new` belongs into: an office goes into the one about another."""
    if role_of(new) is not None:
        for asked, _ in reversed(past):
            if understand(asked).kind is Kind.PERSON:
                return asked
    return past[-1][0]


def _other_stage(text: str, last: str) -> str:
    """Return the last question with another stage: "Sau sắp xếp thì còn bao nhiêu?" after "Trước khi …?"."""
    read, asked = understand(text), understand(last)
    if not _STAGE.match(text) or Kind.NUMBER not in (read.kind, asked.kind) or asked.kind is not read.kind:
        return ""
    if read.names or read.unit[1] > read.unit[0] or asked.unit[1] == asked.unit[0]:
        return ""
    opening = text[: read.words.words[read.slot[0]].start]
    stage, verb = re.sub(r"(?<!\w)thì(?!\w)", " ", opening).split(), "có"
    while stage and stage[-1].lower() in ("có", "còn", "là", "được"):
        verb = stage.pop()
    subjects = [asked.text[slice(*place_of(name, asked))] for name in asked.names]
    unit = asked.words.slice(*asked.unit)
    return " ".join([*stage, *subjects[-1:], verb, "bao nhiêu", unit]) + "?"


def _leans(read: Question) -> bool:
    """Return whether a question says next to nothing of its own: "Vì sao?", "Theo quyết định số mấy?"."""
    if read.names or len(read.words.words) > 9 or read.slot[1] == read.slot[0]:
        return False
    return len(read.focus) <= 1 or bool(_BACK.search(read.text))


def _joined(text: str, last: Turn) -> str:
    """Return a question that leans on the last one with what that one was about."""
    leads = _THEY.match(text)
    text = _BACK.sub(" ", text).strip(" ?.!")
    answer = bare(last[1]).strip(" .")
    event = understand(last[0]).kind is Kind.YES_NO and understand(text).kind is Kind.REASON
    if answer and not event and "“" not in answer and len(answer.split()) <= 30 and "thư viện" not in answer:
        about = answer
    else:
        read = understand(last[0])
        words = read.words.words
        about = last[0].rstrip(" ?.!")
        if read.slot[0] < len(words):
            before = read.text[: words[read.slot[0]].start]
            after = read.text[words[read.slot[1] - 1].end :].strip(" ?.!")
            about = " ".join(f"{before} {after}".split())
        if read.kind is Kind.YES_NO:
            about = re.sub(r"\s(?:có|đã)\s", " ", about, count=1)
    if leads and about:  # "Họ được bố trí về đâu?"
        return f"{capital(about)} {text}?"
    return f"{text} {about[:1].lower() if about.split()[0] in _OPENERS else about[:1]}{about[1:]}?"


def _asks(text: str) -> bool:
    """Return whether a text holds question words of its own."""
    read = understand(text)
    return read.slot[1] > read.slot[0]


def _replaced(new: str, last: str, *, old: str | None = None) -> Completed:
    """Ask the last question again about something else."""
    if old:
        at = last.lower().find(old.lower().strip())
        if at >= 0:
            return Completed(last[:at] + new + last[at + len(old.strip()) :], True)
    borne = NUMBERED.fullmatch(new)
    same = borne and next(
        (one for one in NUMBERED.finditer(last) if one[1].lower() == borne[1].lower()), None
    )
    if same:  # "Còn lớp 6?" after "… vào lớp một"
        return Completed(f"{last[: same.start()]}{new}{last[same.end() :]}", True)
    asked = understand(last)
    if _STAGE.match(new) and asked.slot[1] > asked.slot[0]:
        at = asked.words.words[asked.slot[0]].start
        head = re.sub(r"\s+là\s*$", "", asked.text[:at])
        return Completed(f"{head.rstrip()} {new} là {asked.text[at:].rstrip(' ?.!')}?", True)
    time = _TIME.fullmatch(new)
    if time:
        before = _TIME.search(last)
        if before:
            return Completed(last[: before.start()] + new + last[before.end() :], True)
        return Completed(f"{last.rstrip(' ?.!')} {new}?", True)
    read = read_words(new)
    lowercase = not any(word.capital for word in read.words)
    names = names_in(read, lowercase=lowercase, toneless=not has_tones(new))
    if names:
        target = _same_sort(names[0], asked.names)
        if target is not None:
            start, end = place_of(target, asked)
            start = headed(last, start, new)
            shown = new if names[0].head or not target.head else f"{target.head} {new}"
            if start == 0:
                shown = capital(shown)
            return Completed(last[:start] + shown + last[end:], True)
    return Completed(about(new, asked), True)


def _same_sort(name: Name, among: Sequence[Name]) -> Name | None:
    """Return the name of the last question that a new one stands in for."""
    for other in reversed(among):
        if name.head and other.head and same_level(name.head, other.head):
            return other
    for other in reversed(among):
        if other.kind is name.kind or NameKind.OTHER in (other.kind, name.kind):
            return other
    return among[-1] if among and name.head else None
