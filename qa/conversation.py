"""Follow-up questions completed from what was asked before, by rules; only where they refer back.

Three ways to refer back: an ellipsis ("Còn phường Tân Hiệp?"), a word for what was named before ("ông ấy",
"phường này", "đơn vị trên") and a correction ("không, ý tôi là năm 2024"). A question that stands alone is
left alone. What was asked last is read first; the answers given serve for people and documents found there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.normalize import canonical
from qa.candidates import Type, candidates_in
from qa.names import Name, NameKind, names_in
from qa.question import Kind, Question, understand
from qa.roles import role_of
from qa.scope import same_level
from qa.words import has_tones, read_words

Turn = tuple[str, str]
"""An earlier (question, answer text)."""


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
_WHAT_OF = re.compile(r"^(?P<new>.+?)\s+thì\s+(?:sao|thế nào)(?:\s+(?:ạ|nhỉ|vậy|hả))?" + _END, re.I)
_HAPPENS = re.compile(r"(?<!\w)(?:được tổ chức|tổ chức|diễn ra|khai mạc|bắt đầu|kết thúc)(?!\w)", re.I)
_STAGE = re.compile(r"^(?:trước|sau)(?:\s+khi)?\s+(?!đây|đó|này)\w+", re.I)
_WIDE = re.compile(
    r"^(?P<area>(?:phường|xã|quận|huyện|tỉnh|thành phố|thị trấn|đặc khu)\s.*?)\s+(?:có\s+)?rộng\s+"
    r"(?=(?:khoảng\s+)?bao nhiêu)(?!.*\smét(?!\s+vuông))",
    re.I,
)
_PERSON_WORD = re.compile(
    r"(?<!\w)(?:ông|bà|anh|chị|cô|người|đồng chí|vị|nhân vật|cán bộ)\s+(?:ấy|này|đó|kia|ta|nói"
    r" trên|trên)(?!\w)|(?<!\w)(?:ổng|bả)(?!\w)",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(
    r"(?<!\w)(?P<head>phường|xã|quận|huyện|tỉnh|thành phố|thị trấn|địa phương|nơi|đơn vị|địa bàn"
    r"|khu vực|chỗ)\s+"
    r"(?:này|đó|ấy|kia|nói trên|trên)(?!\w)|(?<!\w)(?:ở|tại)\s+(?P<there>đó|đấy|đây)(?!\w)",
    re.IGNORECASE,
)
_BOTH_WORD = re.compile(
    r"(?<!\w)(?:cả\s+)?(?:hai|2)\s+(?:phường|xã|quận|huyện|tỉnh|địa phương|nơi|đơn"
    r" vị)(?:\s+(?:này|đó|ấy|trên|nói trên))?(?!\w)",
    re.IGNORECASE,
)
_DOCUMENT_WORD = re.compile(
    r"(?<!\w)(?P<head>nghị quyết|chỉ thị|quyết định|kế hoạch|thông tư|nghị định|văn bản|công văn"
    r"|quy định|kết luận)\s+"
    r"(?:này|đó|ấy|trên|nói trên)(?!\w)",
    re.IGNORECASE,
)
_EVENT_WORD = re.compile(
    r"(?<!\w)(?P<head>hội nghị|cuộc họp|buổi làm việc|đoàn công tác|buổi lễ|sự kiện|dự án|đại hội"
    r"|chương trình|lễ|cuộc thi"
    r"|tổ công tác|đoàn|chuyến thăm)\s+(?:này|đó|ấy|trên|nói trên)(?!\w)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:ngày\s+\d{1,2}(?:[/-]\d{1,2}(?:[/-]\d{4})?|\s+tháng\s+\d{1,2}(?:\s+năm\s+\d{4})?)"
    r"|tháng\s+\d{1,2}(?:[/-]\d{4}|\s+năm\s+\d{4})?"
    r"|quý\s+\w+(?:\s+năm\s+\d{4})?|năm\s+(?:\d{4}|nay|ngoái|trước|sau)|hôm\s+(?:nay|qua)"
    r"|tháng\s+(?:này|trước)|tuần\s+(?:này|trước))",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"(?:^|(?<=\s))(?:nó|họ|thì|điều đó|việc đó|việc này|điều này|đó|này)(?=\s|$)", re.IGNORECASE
)
_OPENERS = frozenset(
    "Phường Xã Quận Huyện Tỉnh Đảng Ông Bà Đồng Nhà Dự Công Ban Hội Tổng Số Trung Tổ Ngày".split()
)
_OPEN_SUBJECT = re.compile(r"^(?:có|gồm|thuộc|nằm|rộng|được|do)\s", re.IGNORECASE)


def complete(question: str, history: Sequence[Turn]) -> Completed:
    """Return `question` made independent of `history` (oldest turn first)."""
    past: list[Turn] = []
    for asked, answered in history:
        past.append((_complete(asked, past).text, answered))
    completed = _complete(question, past)
    # How wide a ward is asks for its area; how wide a road is, for metres.
    return replace(completed, text=_WIDE.sub(r"\g<area> có diện tích ", completed.text))


def _complete(question: str, past: Sequence[Turn]) -> Completed:
    text = canonical(" ".join(question.split()))
    if not past or not text:
        return Completed(question)
    last = past[-1][0]
    correction = _CORRECTION.match(text)
    if correction:
        new = correction["new"].strip(" ,.?!")
        if understand(new).slot[0] < len(understand(new).words.words) and len(new.split()) > 4:
            return Completed(_capital(new) + "?", True)
        return _replaced(new, last, old=correction["old"])
    ellipsis = _ELLIPSIS.match(text if has_tones(text) else re.sub(r"^(the )?con\s", "còn ", text))
    if ellipsis and len(ellipsis["new"].split()) <= 12 and not _asks(ellipsis["new"]):
        return _replaced(ellipsis["new"].strip(" ,.?!"), last)
    stage = _other_stage(text, last)
    if stage:
        return Completed(stage, True)
    what_of = _WHAT_OF.match(text)
    if what_of and len(what_of["new"].split()) <= 6 and not _asks(what_of["new"]):
        return _replaced(what_of["new"], last)
    if len(text.split()) <= 7 and not _asks(text.rstrip(" ?.!")) and names_in(read_words(text)):
        return _replaced(text.strip(" ,.?!"), last)
    resolved = _resolved(text, past)
    if resolved != text:
        return Completed(resolved, True)
    place = _last_place(past, "")
    if place and _OPEN_SUBJECT.match(text) and not names_in(read_words(text)):
        return Completed(f"{_capital(place)} {text[:1].lower()}{text[1:]}", True)
    if _leans(text):
        return Completed(_joined(text, past[-1]), True)
    return Completed(question)


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
    subjects = [asked.text[slice(*_place_of(name, asked))] for name in asked.names]
    unit = asked.words.slice(*asked.unit)
    return " ".join([*stage, *subjects[-1:], verb, "bao nhiêu", unit]) + "?"


def _leans(text: str) -> bool:
    """Return whether a question says next to nothing of its own: "Vì sao?", "Theo quyết định số mấy?"."""
    read = understand(text)
    if read.names or len(read.words.words) > 9 or read.slot[1] == read.slot[0]:
        return False
    return len(read.focus) <= 1 or bool(_BACK.search(text))


def _joined(text: str, last: Turn) -> str:
    """Return a question that leans on the last one with what that one was about."""
    text = _BACK.sub(" ", text).strip(" ?.!")
    answer = _bare(last[1]).strip(" .")
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
            start, end = _place_of(target, asked)
            shown = new if names[0].head or not target.head else f"{target.head} {new}"
            if start == 0:
                shown = _capital(shown)
            return Completed(last[:start] + shown + last[end:], True)
    return Completed(_about(new, asked), True)


def _same_sort(name: Name, among: Sequence[Name]) -> Name | None:
    """Return the name of the last question that a new one stands in for."""
    for other in reversed(among):
        if name.head and other.head and same_level(name.head, other.head):
            return other
    for other in reversed(among):
        if other.kind is name.kind or NameKind.OTHER in (other.kind, name.kind):
            return other
    return among[-1] if among and name.head else None


def _place_of(name: Name, asked: Question) -> tuple[int, int]:
    first = asked.words.words[name.start]
    start = first.start - len(name.head) - 1 if name.head else first.start
    return max(0, start), asked.words.words[name.end - 1].end


def _about(new: str, asked: Question) -> str:
    """Ask for another attribute of the same subject: "Còn dân số?" after a question about a ward."""
    subjects = [asked.text[slice(*_place_of(name, asked))] for name in asked.names if name.strong] or [
        name.text for name in asked.names
    ]
    subject = f" của {subjects[-1]}" if subjects and subjects[-1].lower() not in new.lower() else ""
    subject = (
        subject.replace("của Phường", "của phường")
        .replace("của Quận", "của quận")
        .replace("của Xã", "của xã")
    )
    new = re.sub(r"^(?:về|số|số lượng)\s+", "", new) if asked.kind is not Kind.NUMBER else new
    if asked.kind is Kind.PERSON:
        old = role_of(asked.text)
        if old is not None and role_of(new) is not None:
            said = re.search(rf"(?:phó\s+)?{old.office}(?:\s+thường trực)?", asked.text, re.IGNORECASE)
            if said:
                return asked.text[: said.start()] + new + asked.text[said.end() :]
        return f"Ai là {new}{subject}?"
    if asked.kind in (Kind.NUMBER, Kind.TOTAL, Kind.COMPARISON):
        return f"{_capital(new)}{subject} là bao nhiêu?"
    if asked.slot[1] > asked.slot[0]:
        slot = asked.words.slice(*asked.slot)
        happens = _HAPPENS.search(asked.text)
        if happens and asked.kind in (Kind.DATE, Kind.PLACE):
            return f"{_capital(new)}{subject} {happens.group().lower()} {slot.lower()}?"
        return f"{_capital(new)}{subject} là {slot.lower()}?"
    return f"{_capital(new)}{subject}?"


def _resolved(text: str, past: Sequence[Turn]) -> str:
    """Put names in place of the words that point back to them."""
    person = _last_person(past)
    if person:
        text = _PERSON_WORD.sub(lambda m: _cased(person, m.start()), text, count=1)
    both = _last_places(past)
    if len(both) == 2 and _BOTH_WORD.search(text):
        text = _BOTH_WORD.sub(lambda m: _cased(f"{both[0]} và {both[1]}", m.start()), text, count=1)
    match = _PLACE_WORD.search(text)
    if match:
        head = (match["head"] or "").lower()
        place = _last_place(
            past, head if head not in ("địa phương", "nơi", "đơn vị", "địa bàn", "khu vực", "chỗ") else ""
        )
        if place:
            shown = f"tại {place}" if match["there"] else place
            text = text[: match.start()] + _cased(shown, match.start()) + text[match.end() :]
    document = _DOCUMENT_WORD.search(text)
    if document:
        shown = _last_document(past, document["head"].lower())
        if shown:
            text = text[: document.start()] + _cased(shown, document.start()) + text[document.end() :]
    event = _EVENT_WORD.search(text)
    if event:
        shown = _last_event(past, event["head"].lower())
        if shown:
            text = text[: event.start()] + _cased(shown, event.start()) + text[event.end() :]
    return text


def _bare(answer: str) -> str:
    return re.sub(r"\s*\[\d+\]", "", answer)


def _last_person(past: Sequence[Turn]) -> str:
    for asked, answered in reversed(past):
        question = understand(asked)
        people = [
            name.text for name in question.names if name.kind is NameKind.PERSON or _is_person(name, question)
        ]
        found = [name.text for name in names_in(read_words(_bare(answered))) if name.kind is NameKind.PERSON]
        if question.item is Kind.PERSON and found:
            return found[0]
        if people:
            return people[-1]
        if found:
            return found[0]
    return ""


def _is_person(name: Name, question: Question) -> bool:
    return question.kind is Kind.ROLE and name.kind is NameKind.OTHER and name.end - name.start >= 2


def _places(text: str) -> list[str]:
    read = understand(text)
    return [f"{name.head} {name.text}".strip() for name in read.names if name.kind is NameKind.PLACE]


def _last_places(past: Sequence[Turn]) -> list[str]:
    for asked, _ in reversed(past):
        places = list(dict.fromkeys(_places(asked)))
        if len(places) >= 2:
            return places[-2:]
    found: list[str] = []
    for asked, _ in past:
        found.extend(place for place in _places(asked) if place not in found)
    return found[-2:]


def _last_place(past: Sequence[Turn], head: str) -> str:
    for asked, answered in reversed(past):
        for text in (asked, _bare(answered)):
            for place in reversed(_places(text)):
                if not head or place.lower().startswith(head):
                    return place
    return ""


def _last_document(past: Sequence[Turn], head: str) -> str:
    for asked, answered in reversed(past):
        for text in (_bare(answered), asked):
            for candidate in candidates_in(text):
                if (
                    candidate.type is Type.DOCUMENT
                    and re.search(r"\d", candidate.text)
                    and (head == "văn bản" or candidate.text.lower().startswith(head))
                ):
                    return candidate.text
    return ""


def _last_event(past: Sequence[Turn], head: str) -> str:
    """Return the words of an earlier question that name the event, from its noun to the question words."""
    for asked, _ in reversed(past):
        read = understand(asked)
        at = asked.lower().find(head)
        if at < 0:
            continue
        stop = len(asked)
        if read.slot[0] < len(read.words.words) and read.words.words[read.slot[0]].start > at:
            stop = read.words.words[read.slot[0]].start
        phrase = asked[at:stop]
        cut = re.search(r"\s(?:được|là|có|vào|diễn ra|tổ chức|do|gồm|ở|tại|đã|làm|giám sát)(?:\s|$)", phrase)
        phrase = (phrase[: cut.start()] if cut else phrase).strip(" ?.!,")
        if len(phrase.split()) > len(head.split()):
            return phrase
    return ""


def _cased(text: str, at: int) -> str:
    return _capital(text) if at == 0 else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
