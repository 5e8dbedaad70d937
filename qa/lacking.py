"""What a finding does not say although the question needs it: the year, the items, the cause, the meaning.

A near miss has everything but that. Each check knows one kind of question. How much it counts is learned
(`refuse`): people ask in other words than the articles', so that a check may miss what is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalize import canonical
from qa.align import contains, keys_of, matcher
from qa.candidates import CAPITAL, Candidate, Type, candidates_in
from qa.context import PLACE, tells, unit_of
from qa.extract import Finding
from qa.figures import measure_signs
from qa.question import Kind, Question
from qa.specified import CHECKS, Check, another_year, near_text
from qa.words import phrases, read_words, word_set

_BEFORE = re.compile(r"(?<!\w)trước khi (\w+ \w+)", re.I)
_ITEMS = re.compile(r"[,;:]|(?<!\w)(?:và|gồm|như|lẫn|cùng|hay|hoặc)(?!\w)")
_MEANS = re.compile(
    r"^[”\"’)\s]*(?:\([^)]*\)\s*)?[”\"’,\s]*(?:(?:tức|nghĩa|đó|thực chất|cũng|chính|vốn|hay)\s+)*"
    r"(?:là|nghĩa là|tức là|được (?:hiểu|gọi|định nghĩa|xem|coi)|dùng để chỉ|chỉ|có nghĩa|gồm|bao gồm|:|–|-)",
    re.I,
)
_CALLED = re.compile(r"(?:là|tức|gọi là|gọi tắt là|hay|mang tên|có tên|nghĩa là)[\s“\"‘'(]*$", re.I)
_NAME_ASKED = re.compile(r"(?<!\w)(?:tên (?:là )?gì|tên gọi (?:là )?gì|mang tên gì)(?!\w)", re.I)
_NAMES = (Type.NAME, Type.PLACE, Type.ORGANISATION, Type.QUOTED, Type.DOCUMENT)
_SPOTS = (Type.PLACE, Type.NAME, Type.ORGANISATION)
_TELEPHONE_ASKED = re.compile(
    r"(?<!\w)(?:số điện thoại|đường dây nóng|hotline|gọi số|bấm số|số máy)(?!\w)", re.I
)
_TELEPHONE = re.compile(r"(?<!\d)(?:0\d|1[89]00|11[2345])[\d .]*\d(?![\d,/-])")
_GOING = word_set("đi về đến sang ra tới lên xuống vào")
_TOWARDS = re.compile(
    r"(?<!\w)(?:đến|về|sang|ra|tới|lên|xuống|vào|tại|ở|trên)\s+(?:\w+\s+){0,4}?"
    rf"(?:{CAPITAL}|đường|khu|chợ|trụ sở|nhà|trung tâm)"
)
_ADMINISTRATIVE = phrases("phường|xã|quận|huyện|tỉnh|thành phố|thị xã|thị trấn|ấp|khu phố")
_MARKS = frozenset(("có", "đã", "còn", "được", "bị", "phải"))
_FORMERLY = re.compile(r"(?<!\w)(?:nguyên|cựu|từng|trước khi|trước đây|trước đó|trước kia)(?!\w)", re.I)
_STREET = re.compile(rf"(?<!\w)(?i:đường|phố|quốc lộ|tỉnh lộ|đại lộ|hẻm|ngõ)\s+(?:số\s)?(?:\d|{CAPITAL})")
_THIS_IS = re.compile(r"^\W*(?:đây|đó) là(?!\w)", re.I)
_OF_WHAT = word_set("của trong theo tại ở có về cho với nội dung tiếng")
_SPELLED = "một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|nhiều|các|những"
_COUNTS = word_set("những các hai ba bốn sáu bảy tám chín mười")
_TOLD = re.compile(r"[:;(]|(?<!\w)(?:gồm|như sau|cụ thể|đó là|là)(?!\w)|,[^,.]+,")
_UNCOUNTED = "nhiều|các|những"
_ASKING = word_set("nào gì ai những các là gồm có đâu ở")
_NAMING = {
    Kind.PERSON: (Type.PERSON, Type.NAME),
    Kind.PLACE: (Type.PLACE, Type.NAME),
    Kind.ORGANISATION: (Type.ORGANISATION, Type.NAME, Type.PLACE),
}
_TIME = re.compile(
    r"\d|(?<!\w)(?:hôm|sáng|trưa|chiều|tối|đêm|ngày|tuần|tháng|năm|quý|mùa|khi|lúc|sau|trước|đầu|cuối|giữa"
    r"|thế kỷ|thế kỉ|thời|triều|nay|dịp|tết)(?!\w)",
    re.I,
)
_WHEN_IT = re.compile(r"(?<!\w)(?:trước |sau |từ )?(?:khi|lúc)\s+(\w+ \w+)", re.I)
_NO_MOMENT = re.compile(
    r"thời gian|\d[\d.,]*\s*(?:phút|giây|km|mét|ha|tỷ|tỉ|triệu|nghìn|đồng|%|người|tuổi)(?!\w)", re.I
)
_CLOCK = re.compile(r"\d\s?(?:giờ|h|g)(?!\w)|\d{1,2}h\d\d", re.I)
_DAY = re.compile(
    r"(?<![\d/-])\d{1,2}\s?[/-]\s?\d{1,2}(?!\d)|ngày\s+\d|mùng\s+\d|(?<!\w)(?:hôm|sáng|trưa|chiều|tối|đêm|thứ"
    r"|chủ nhật|rằm)(?!\w)",
    re.I,
)
_WHEN = word_set("đầu cuối giữa năm tháng quý kỳ nay này trước sau qua")
_TELLING = 2.5  # the least weight of a word that tells what is counted
_HEAVY = 4.0  # weight of a word (see `align.weight_of`) that a text about the matter would say


def lacking(question: Question, finding: Finding) -> tuple[str, ...]:
    """Return the names of the checks (of `CHECK_NAMES`) that a finding fails."""
    checks = (another_year,) if question.toneless else _CHECKS
    return tuple(name_of(check) for check in checks if check(question, finding))


def _said(question: Question, finding: Finding) -> str:
    """Return the text of the sentences that answer together."""
    return " ".join(canonical(one.text) for one in unit_of(question, finding))


def _named_beyond(question: Question, text: str, types: Sequence[Type]) -> list[Candidate]:
    """Return the candidates of some types in a text that say more than words of the question."""
    asked = {word.key for word in question.words.words}
    return [
        one
        for one in candidates_in(text)
        if one.type in types and not {word.key for word in read_words(one.text).words} <= asked
    ]


def _only_counted(question: Question, finding: Finding) -> bool:
    """Return whether the items asked for are only counted: "những trường nào" of "có 6 trường học".

    People, places and bodies must be named, two at least where more than one is counted; other things must
    be told behind the count.
    """
    if question.kind is not Kind.LIST:
        return False
    items = question.words.words
    nouns = {
        items[i + 1].key
        for i, w in enumerate(items[:-1])
        if (w.is_number and len(w.key) < 4) or w.key in _COUNTS
    }
    nouns |= {question.key(i) for i in range(*question.slot)} | {items[max(0, question.slot[0] - 1)].key}
    heads = "|".join(re.escape(one) for one in nouns - _ASKING)
    text = _said(question, finding)
    counts = list(
        re.finditer(rf"(?<!\w)(?:\d+|{_SPELLED})\s+(?:\w+\s){{0,3}}?(?:{heads})(?!\w)", text.lower())
    )
    if not heads or not counts:
        return False
    if question.item in _NAMING:
        named = _named_beyond(question, text, _NAMING[question.item])
        head = question.key(question.slot[0])
        if head in _ADMINISTRATIVE:
            named = [c for c in named if c.type is Type.PLACE and _of_level(c.text, head)]
        if not any(re.match(_UNCOUNTED, count[0]) for count in counts):
            return len({c.text.lower() for c in named}) < 2
        if head in _ADMINISTRATIVE and not named:
            return True
    several = any(re.match(r"\d\d|[3-9]|ba|bốn|năm|sáu|bảy|tám|chín|mười", count[0]) for count in counts)
    told = _TOLD if several else _ITEMS
    return all(told.search(text[count.end() :]) is None for count in counts)


def _of_level(name: str, head: str) -> bool:
    """Return whether a place is one of `head`; "Khê Hạ" of "ba xã Vĩnh Sơn, Khê Hạ" has the head before."""
    low = name.lower()
    return low.startswith(head) or not (low.startswith(_ADMINISTRATIVE) or name.isupper())


def _not_defined(question: Question, finding: Finding) -> bool:
    """Return whether the sentence says nowhere what the thing is that is to be explained, named as asked."""
    if question.kind is not Kind.DEFINITION:
        return False
    match = matcher(question)
    terms = [i for i in match.terms if match.keys[i] not in ("nghĩa", "ý")]
    term = list(match.keys[terms[0] : terms[-1] + 1]) if terms else []
    if not term:
        return False
    plain = not question.names and not _OF_WHAT.intersection(match.keys[: question.slot[0]])
    named = False
    for one in unit_of(question, finding):
        words = read_words(one.text)
        keys = [word.key for word in words.words]
        for at in range(len(keys) - len(term) + 1):
            if keys[at : at + len(term)] != term:
                continue
            named = True
            start, end = words.words[at].start, words.words[at + len(term) - 1].end
            if _MEANS.match(words.text[end:]) or _CALLED.search(words.text[:start]):
                return False
    if not (plain or named):  # what is asked about it may be said in other words
        return False
    # "Đây là …" explains what stands before it.
    before = [word.key for word in read_words(near_text(finding, before=1)).words]
    return not (_THIS_IS.match(canonical(finding.sentence.text)) and contains(before, term))


def _no_cause(question: Question, finding: Finding) -> bool:
    return question.kind is Kind.REASON and not tells(question, finding)


def _unsaid_predicate(question: Question, finding: Finding) -> bool:
    """Return whether a yes or no is asked about a thing that the sentences around never mention."""
    if question.kind is not Kind.YES_NO:
        return False
    match = matcher(question)
    found = match.matched(keys_of(read_words(near_text(finding, before=1, after=1)), toneless=False))
    items = question.words.words
    verb = max((i for i, word in enumerate(items[: question.slot[0]]) if word.key in _MARKS), default=-1)
    asked = [i for i in match.focus if i > verb and not items[i].is_number]
    said: list[tuple[int, ...]] = [(i,) for i in asked]
    if question.words.slice(*question.slot).lower().endswith("chưa"):  # what happened must be said whole
        said += [(i, i + 1) for i in asked if i + 1 in asked]
    return any(sum(match.weights[i] for i in one) >= _HEAVY for one in said if not found.issuperset(one))


def _unsaid_unit(question: Question, finding: Finding) -> bool:
    """Return whether what is to be counted is never named: "đảng viên nữ" where women are not spoken of."""
    if question.kind is not Kind.NUMBER or question.unit[0] >= question.unit[1]:
        return False
    match = matcher(question)
    found = match.matched(keys_of(read_words(near_text(finding, before=2, after=1)), toneless=False))
    words = question.words.words
    named = {i for name in question.names for i in name.places}
    unit = [words[i].key for i in range(*question.unit)]
    if measure_signs(tuple(unit)):  # "phần trăm" is written "%"
        return False
    return any(
        match.weights[i] >= _TELLING and not words[i].is_number and words[i].key not in _WHEN
        for i in range(*question.unit)
        if i not in found and i not in named
    )


def _no_street(question: Question, finding: Finding) -> bool:
    """Return whether a street is asked for and the sentences name none."""
    slot = question.words.slice(*question.slot).lower()
    if question.item is not Kind.PLACE or not ("đường" in slot or "địa chỉ" in question.text.lower()):
        return False
    if question.slot[0] and question.key(question.slot[0] - 1) in ("qua", "bằng", "theo"):
        return False  # "lây qua đường nào"
    return _STREET.search(_said(question, finding)) is None


def _no_time(question: Question, finding: Finding) -> bool:
    """Return whether a date is asked for and the sentences say no time, or no day where a day is asked."""
    if question.kind is not Kind.DATE:
        return False
    slot = question.words.slice(*question.slot).lower().replace("bao giờ", "")
    pattern = _CLOCK if "giờ" in slot else _DAY if "ngày" in slot or "hôm" in slot else _TIME
    asked = {word.key for word in question.words.words}

    def other(when: re.Match[str]) -> str:
        return "" if set(when[1].lower().split()) <= asked else when[0]

    # "Tuyến đường khi hoàn thành sẽ rút ngắn thời gian đi lại còn 15 phút" does not say when it is completed.
    return pattern.search(_WHEN_IT.sub(other, _NO_MOMENT.sub("", _said(question, finding)))) is None


def _no_other_name(question: Question, finding: Finding) -> bool:
    """Return whether a ward or the like is asked for and the sentences name but those asked about."""
    slot = question.words.slice(*question.slot).lower()
    if question.item is not Kind.PLACE or not slot.startswith(_ADMINISTRATIVE):
        return False
    return not _named_beyond(question, _said(question, finding), (Type.PLACE, Type.NAME))


def _no_name(question: Question, finding: Finding) -> bool:
    """Return whether the name of a thing is asked ("tên là gì") and the sentences name no other."""
    if question.kind is not Kind.TEXT or not _NAME_ASKED.search(question.text):
        return False
    return not _named_beyond(question, _said(question, finding), _NAMES)


def _no_telephone(question: Question, finding: Finding) -> bool:
    """Return whether a telephone number is asked for and the sentences have none."""
    if not _TELEPHONE_ASKED.search(question.text) or question.kind not in (Kind.TEXT, Kind.NUMBER):
        return False
    return _TELEPHONE.search(_said(question, finding)) is None


def _former_office(question: Question, finding: Finding) -> bool:
    """Return whether an earlier office is asked for and the sentence speaks of none."""
    if question.kind is not Kind.ROLE or not _FORMERLY.search(question.text):
        return False
    return _FORMERLY.search(canonical(finding.sentence.text)) is None


def _after_change(question: Question, finding: Finding) -> bool:
    """Return whether the figure before a change is asked for and this is the one after it."""
    before = _BEFORE.search(question.words.text)
    if question.kind is not Kind.NUMBER or before is None:
        return False
    said = canonical(finding.sentence.text[: finding.start]).lower()
    change = rf"{re.escape(before[1].lower())}[^,;]{{0,20}}\s(?:lên|thành|còn|xuống)(?:\s\w+){{0,3}}\s*$"
    return re.search(change, said) is not None


def _no_destination(question: Question, finding: Finding) -> bool:
    """Return whether it is asked where something goes and the sentences name no place that it goes to."""
    items = question.words.words
    before = items[question.slot[0] - 1].key if question.slot[0] else ""
    if not question.asks_where or before not in _GOING:
        return False
    return _TOWARDS.search(_said(question, finding)) is None


def _unsaid_sort(question: Question, finding: Finding) -> bool:
    """Return whether one of a sort is asked for ("Thuốc nào …") of which no sentence near speaks."""
    at = question.slot[1] - 1
    if question.kind is not Kind.TEXT or question.key(at) != "nào" or _TELEPHONE_ASKED.search(question.text):
        return False
    named = {i for name in question.names for i in name.places}
    sort = [i for i in range(max(0, at - 3), at) if i in question.focus and i not in named]
    match = matcher(question)
    if not sort or max(match.weights[i] for i in sort) < _TELLING:
        return False
    near = keys_of(read_words(near_text(finding, before=1, after=1)), toneless=False)
    return not match.matched(near) & set(sort)


def _no_place(question: Question, finding: Finding) -> bool:
    if not question.asks_where:
        return False
    text = _said(question, finding)
    return PLACE.search(text) is None and not _named_beyond(question, text, _SPOTS)


_CHECKS: tuple[Check, ...] = (
    *CHECKS,
    _only_counted,
    _not_defined,
    _no_cause,
    _unsaid_predicate,
    _unsaid_unit,
    _no_street,
    _no_time,
    _no_other_name,
    _no_name,
    _no_telephone,
    _former_office,
    _after_change,
    _no_destination,
    _no_place,
    _unsaid_sort,
)


def name_of(check: Check) -> str:
    """Return what a check is called."""
    return check.__name__.strip("_")


CHECK_NAMES: tuple[str, ...] = tuple(name_of(check) for check in _CHECKS)
