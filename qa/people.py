"""Who may answer "ai": a person, not a country, a company or a square; and the relation that was asked.

And whose date, office or figure it is where a person is asked about by name. Each rule gives 1 where it has
nothing against a candidate, else a factor in (0, 1), as in `exclude`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.candidates import CAPITAL, Type
from qa.events import event_of
from qa.names import COMMON, FAMILY, Name, NameKind, names_in
from qa.question import Kind, Question
from qa.roles import role_of
from qa.words import Words, phrases, read_words, word_set

# A name behind one of these is that of an organisation, a place or a work.
_NOT_OF_PEOPLE = phrases(
    "tập đoàn|công ty|tổng công ty|doanh nghiệp|dự án|khoa|viện|trường|đại học|học viện|bệnh viện|trung tâm"
    "|ngân hàng|liên đoàn|hiệp hội|hội|câu lạc bộ|đội|đội tuyển|ban|bộ|sở|cục|vụ|phòng|nhà hát|nhà xuất bản"
    "|báo|tạp chí|đài|giải|cúp|cuộc thi|chương trình|chiến dịch|trận|phim|bộ phim|bài hát|ca khúc|bài thơ"
    "|tác phẩm|cuốn|cuốn sách|tiểu thuyết|album|nước|quốc gia|đảo|quần đảo|núi|sông|hồ|biển|vịnh|thành phố"
    "|thị xã|thị trấn|tỉnh|huyện|quận|phường|xã|làng|thôn|ấp|phố|đường|tại|ở|đến|sang|thuộc|gốc|người"
    "|tiếng|miền|vùng|khu|chợ|cầu|sân vận động|công viên|quảng trường|đền|chùa|đình|nhà thờ"
)
_BEHIND = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_NOT_OF_PEOPLE, key=len, reverse=True))})\s+$", re.I)
_COUNTRIES = frozenset(
    phrases(
        "việt nam|trung quốc|hoa kỳ|nhật bản|hàn quốc|triều tiên|liên xô|campuchia|thái lan|đài loan"
        "|hồng kông|ấn độ|indonesia"
        "|malaysia|singapore|philippines|myanmar|đông dương|đông nam á|châu á|châu âu"
        "|châu phi|châu mỹ|liên hợp quốc|liên hiệp quốc|hà nội|sài gòn|hải phòng|đà nẵng|cần thơ|tphcm"
        "|bắc kinh|washington|paris|london|new york|tokyo|moscow|facebook|google|youtube|canada|australia"
    )
)
_BETWEEN = word_set("của trai gái đẻ ruột nuôi út cả ông bà")
# The relation asked for, and the words in which a sentence may state it, from either side.
_RELATIONS: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = tuple(
    (word_set(asked), re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.I))
    for asked, said in (
        ("vợ", "vợ|phu nhân|bà xã|chồng|kết hôn|cưới|hôn nhân|hoàng hậu|thành hôn"),
        ("chồng", "chồng|ông xã|phu quân|vợ|kết hôn|cưới|hôn nhân|thành hôn"),
        ("cha bố", "cha|bố|ba|thân phụ|phụ thân|con|con trai|con gái|ái nữ|quý tử"),
        ("mẹ", "mẹ|má|thân mẫu|con|con trai|con gái|ái nữ"),
        ("con", "con|trai|gái|cha|bố|mẹ|ái nữ|quý tử|thái tử|công chúa|hoàng tử|sinh"),
    )
)


def person_factor(question: Question, words: Words, start: int, end: int, kind: Type | None) -> float:
    """Return how far canonical [start, end) of a sentence may be the person asked for."""
    if question.kind is not Kind.PERSON or question.toneless:
        return 1.0
    factor = _is_person(words, start, end, kind) * _related(question, words, start, end)
    return factor * _named_already(question, words, start, end) * _speaker(question, words, end)


def _named_already(question: Question, words: Words, start: int, end: int) -> float:
    """Return nearly nothing for who is named in the question: "Ai làm chủ tịch trước bà Oanh?" is not she."""
    said = tuple(word.key for word in read_words(words.text[start:end]).words)
    asked = [name.core for name in question.names if name.kind is NameKind.PERSON]
    return 0.02 if any(said[-len(core) :] == core for core in asked) else 1.0


_SAYS = r"(?:cho biết|cho hay|chia sẻ|khẳng định|thông tin|nhấn mạnh|nói|phát biểu|bày tỏ)(?!\w)"
_SPEAKS = re.compile(rf"(?:,[^,.;“]{{2,80}},?)?\s+{_SAYS}", re.I)
_OF_SAYING = re.compile(rf"(?<!\w)(?:{_SAYS}|kể|hỏi|trả lời|báo cáo|giải thích|lý giải)", re.I)


def _speaker(question: Question, words: Words, end: int) -> float:
    """Return little for who only tells of it: "Anh Nhân cho biết kinh phí do các doanh nghiệp đóng góp"."""
    if role_of(question.text) is not None or _OF_SAYING.search(question.text):
        return 1.0
    return 0.2 if _SPEAKS.match(words.text, end) else 1.0


def _is_person(words: Words, start: int, end: int, kind: Type | None) -> float:
    if kind is not Type.NAME:
        return 1.0
    if words.text[start:end].lower() in _COUNTRIES or _BEHIND.search(words.text[:start]):
        return 0.15
    return 1.0


def asked_relation(question: Question) -> re.Pattern[str] | None:
    """Return what states the family relation that a question asks about, None where it asks about none.

    Only the word that governs a name counts: "cha của Nguyễn Văn A", "chồng Trần Thị B".
    """
    items = question.words.words
    for name in question.names:
        if name.kind is NameKind.PLACE:
            continue
        at = name.places.start - 1
        while at >= 0 and items[at].key in _BETWEEN:
            at -= 1
        for asked, said in _RELATIONS:
            if at >= 0 and items[at].key in asked:
                return said
    return None


# What may stand between a relation and the name it is about: "chồng cũ của X là doanh nhân Y".
_JOINING = word_set(
    "của là tên ông bà anh chị em cô chú cậu một người cũ mới cả út đầu lòng thứ hai ba nhất sắp cưới hiện "
    "tại duy và cùng với cháu trai gái ruột nuôi nam nữ ca sĩ diễn viên doanh nhân nghệ cầu thủ nhạc đạo "
    "diễn chồng vợ thật"
)


def _related(question: Question, words: Words, start: int, end: int) -> float:
    """Return little where the relation asked for is not said, or said of somebody else than the candidate."""
    said = asked_relation(question)
    if said is None:
        return 1.0
    own = {key for name in question.names for key in name.core} | _JOINING
    if {word.key for word in read_words(words.text[start:end]).words} <= own:
        return 0.1  # the name asked about is not the answer
    for relation in said.finditer(words.text):
        after = relation.start() >= end
        gap = words.text[end : relation.start()] if after else words.text[relation.end() : start]
        strange = [word for word in read_words(gap).words if word.key not in own]
        holds = not after and relation.end() > start  # "ông A, chồng bà B"
        if holds or len(strange) <= 1:
            return 1.0
    return 0.15


_SPOKEN_OF = re.compile(r"(?<!\w)(?i:ông|bà|anh|chị|cô|chú|cụ|em|thầy|bác|đồng chí|người)\s+(?=[^\W\d_])")
_ASKED_OF_SOMEBODY = (Kind.DATE, Kind.NUMBER, Kind.PLACE, Kind.ROLE, Kind.TEXT, Kind.ORGANISATION)


def owner_factor(question: Question, words: Words, start: int, told: str = "") -> float:
    """Return little where a sentence says of somebody else by name what is asked of a person.

    "Đồng chí Tăng Bảo Châu nghỉ hưu từ ngày 1/2" is not when Đặng Minh Quân retires. A sentence that says
    "ông" without a name, or names nobody before canonical position `start`, may go on about the one before.
    """
    asked = [name for name in question.names if name.kind is NameKind.PERSON and len(name.core) > 1]
    if not asked or question.toneless or question.item not in _ASKED_OF_SOMEBODY:
        return 1.0
    people = [name for name in names_in(words) if name.kind is NameKind.PERSON]
    if _opens_with_another(words, asked, told):
        return 0.1
    if question.kind is Kind.DATE and _does_another(question, words, people, asked):
        return 0.02
    others = [name for name in people if not any(_one_person(name, one) for one in asked)]
    if len(others) < len(people):
        return 1.0
    keys = [word.key for word in words.words]
    if any(keys[i : i + len(one.core)] == list(one.core) for one in asked for i in range(len(keys))):
        return 1.0
    named = {words.words[name.start].start for name in people}
    if any(found.end() not in named for found in _SPOKEN_OF.finditer(words.text)):
        return 1.0
    first = max(start, len(words.text) // 3)
    return 0.1 if any(words.words[name.start].start < first for name in others) else 1.0


def _opens_with_another(words: Words, asked: Sequence[Name], told: str) -> bool:
    """Return whether a sentence opens with the given name of somebody else: "Thuận bị bắt tạm giam …"."""
    if len(words.words) < 2 or not words.words[0].capital or words.words[1].capital:
        return False
    given = words.words[0].key
    if given in COMMON or any(name.core[-1] == given for name in asked):
        return False
    shown = words.text[: words.words[0].end]
    full = re.findall(rf"(?:{CAPITAL}[^\W\d_]*\s+){{2,3}}{re.escape(shown)}(?!\w)", told)
    full = [one for one in full if one.split()[0].lower() in FAMILY]
    return bool(full) and given not in {word for name in asked for word in name.core}


def _does_another(question: Question, words: Words, people: Sequence[Name], asked: Sequence[Name]) -> bool:
    """Return whether somebody else stands right before what is asked: "… thay ông Ngô Tấn nghỉ hưu từ …"."""
    event = [question.key(i) for i in event_of(question)]
    keys = [word.key for word in words.words]
    doers = [name for name in people if event and keys[name.end : name.end + len(event)] == event]
    return bool(doers) and not any(_one_person(name, one) for name in doers for one in asked)


def _one_person(said: Name, asked: Name) -> bool:
    """Return whether a name may be a short form of the asked one: "ông Quân", "Minh Quân"."""
    size = len(said.core)
    return (
        said.core == asked.core
        or asked.core[-size:] == said.core
        or said.core[-len(asked.core) :] == asked.core
    )
