"""What earlier turns named (person, place, document, event), and the words that point back to it.

What was asked last is read first; the answers given serve for people and documents found there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalize import canonical
from qa.candidates import Type, candidates_in
from qa.names import Name, NameKind, names_in
from qa.prompt import REFUSAL_TEXT
from qa.question import Kind, Question, understand
from qa.subjects import PEOPLE, UNITS, names_behind_heads
from qa.words import capital, read_words

Turn = tuple[str, str]
"""An earlier (question, answer text)."""

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


def with_names(text: str, past: Sequence[Turn]) -> str:
    """Put names in place of the words that point back to them."""
    person = _last_person(past)
    if person:
        text = _PERSON_WORD.sub(lambda m: _cased(person, m.start()), text, count=1)
    both = last_places(past)
    if len(both) == 2 and _BOTH_WORD.search(text):
        text = _BOTH_WORD.sub(lambda m: _cased(f"{both[0]} và {both[1]}", m.start()), text, count=1)
    match = _PLACE_WORD.search(text)
    if match:
        head = (match["head"] or "").lower()
        place = last_place(
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


def points_to_somebody(text: str) -> bool:
    """Return whether a text has a word for a person named before: "ông ấy", "chị này"."""
    return _PERSON_WORD.search(text) is not None


def last_place(past: Sequence[Turn], head: str) -> str:
    """Return the place named last whose name starts with `head`; any place where that is empty."""
    for asked, answered in reversed(past):
        for text in (asked, bare(answered)):
            for place in reversed(_places(text)):
                if not head or place.lower().startswith(head):
                    return place
    return ""


def bare(answer: str) -> str:
    """Return an answer without its source numbers."""
    return re.sub(r"\s*\[\d+\]", "", answer)


def _last_person(past: Sequence[Turn]) -> str:
    for asked, answered in reversed(past):
        question = understand(asked)
        people = [
            name.text
            for name in question.names
            if (name.kind is NameKind.PERSON or _is_person(name, question))
            and not _called_after(name, question)
        ]
        found = _people(bare(answered))
        if question.item is Kind.PERSON and found:
            return found[0]
        if people:
            return people[-1]
        if found:
            return found[0]
    return ""


# What an institution or a thing is called by, in front of its name.
_HEADS = re.compile(
    r"(?<!\w)(?:trường|bệnh viện|trạm y tế|công ty|ngân hàng|đại học|học viện|trung tâm|nhà máy|chợ|đình|chùa"
    r"|cầu|đường|dự án|công trình|công viên|lễ hội|chi bộ|đảng bộ|hợp tác xã|câu lạc bộ)(?!\w)",
    re.I,
)


def person_asked(past: Sequence[Turn]) -> str:
    """Return the person that the last question asked for and got, or asked about; "" for none."""
    asked, answered = past[-1]
    question = understand(asked)
    if question.item is Kind.PERSON:
        known = {name.text for name in question.names}
        found = [] if answered.startswith(REFUSAL_TEXT) else _people(bare(answered))
        return found[0] if found and found[0] not in known else ""
    first = question.names[0] if question.names else None
    if first is None or first.start > 2 or first.end > question.slot[0]:
        return ""
    return first.text if first.kind is NameKind.PERSON else ""


def thing_asked(asked: str) -> str:
    """Return the institution, place or thing that a question names last, with its head; "" for none."""
    text = canonical(asked)
    named = [(at, head, name) for head, name, at in names_behind_heads(text) if head not in PEOPLE]
    if not named:
        return ""
    at, head, name = named[-1]
    return f"{head} {name}" if head in UNITS else text[at : at + len(head) + 1 + len(name)]


def headed(asked: str, start: int, new: str) -> int:
    """Return where a name at `start` of a question begins for one that comes with the same head.

    "Trường Mầm non Hoa Súng" stands in for all of "Trường Tiểu học Nguyễn Văn Khéo".
    """
    said = _HEADS.match(new)
    if said is None:
        return start
    heads = [one for one in _HEADS.finditer(asked[:start]) if one[0].lower() == said[0].lower()]
    near = heads and len(asked[heads[-1].end() : start].split()) <= 4
    return heads[0].start() if near else start


def _people(text: str) -> list[str]:
    """Return the names of people in a text; of rare family names those of three syllables."""
    read = read_words(text)
    names = names_in(read)
    sure = [name for name in names if name.kind is NameKind.PERSON]
    long = [
        name
        for name in names
        if name.kind is NameKind.OTHER
        and name.end - name.start in (3, 4)
        and not _HEADS.search(" ".join(read.text[: read.words[name.start].start].split()[-4:]))
    ]
    return [name.text for name in sure or long]


def _called_after(name: Name, question: Question) -> bool:
    """Return whether a name is that of an institution: "Trường Tiểu học Nguyễn Văn Khéo"."""
    before = question.text[: question.words.words[name.start].start]
    heads = list(_HEADS.finditer(before))
    return bool(heads) and len(before[heads[-1].end() :].split()) <= 3


def _is_person(name: Name, question: Question) -> bool:
    return question.kind is Kind.ROLE and name.kind is NameKind.OTHER and name.end - name.start >= 2


def _places(text: str) -> list[str]:
    read = understand(text)
    return [f"{name.head} {name.text}".strip() for name in read.names if name.kind is NameKind.PLACE]


def last_places(past: Sequence[Turn]) -> list[str]:
    """Return the two places asked about last, as far as there are two: of one question, else of all."""
    for asked, _ in reversed(past):
        places = list(dict.fromkeys(_places(asked)))
        if len(places) >= 2:
            return places[-2:]
    found: list[str] = []
    for asked, _ in past:
        found.extend(place for place in _places(asked) if place not in found)
    return found[-2:]


def _last_document(past: Sequence[Turn], head: str) -> str:
    for asked, answered in reversed(past):
        for text in (bare(answered), asked):
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
    return capital(text) if at == 0 else text
