"""When did it happen: the event that a date is asked of, and whether a sentence speaks of it.

Each rule gives 1 where it has nothing against a candidate, else a factor in (0, 1), as in `exclude`.
"""

from __future__ import annotations

import re

from qa.align import Matcher, keys_of
from qa.question import Question
from qa.words import Words, phrases, word_set

_FREQUENT = 2.5  # weight of a syllable (see `align.weight_of`)
_EVENT_MARKS = word_set("được bị sẽ đã duoc bi se da")
_NO_EVENT = word_set(
    "là vào từ đến trong lúc hồi ở tại làm giữ ra có đặt chốt phải trước sau mới rồi "
    "la vao tu den trong luc hoi o tai lam giu ra co ngày ngay năm nam tháng thang giờ gio cho và với"
)
_ANY_TIME = ("khi nào", "bao giờ", "lúc nào", "chừng nào")
_DOERS = word_set("ông bà đồng người ubnd phường quận tỉnh xã thành chính nhà các những")
# Verbs that may stand before what they are said of.
_MILESTONES = phrases(
    "khởi công|động thổ|hoàn thành|khánh thành|khai trương|khai mạc|bế mạc|bàn giao|thông xe|thành lập"
    "|sáp nhập"
)
_MILESTONE = re.compile(rf"(?<!\w)(?:{'|'.join(_MILESTONES)})(?!\w)")
_EVENT_VERBS = _MILESTONES + phrases(
    "tổ chức|ban hành|công bố|bầu cử|bổ nhiệm|di dời|dời|dọn|chuyển|bắt đầu|kết thúc|mở cửa|diễn ra"
    "|xây dựng|xây xong|đưa vào"
)
_ABOUT_EVENT = re.compile(
    r"(?:về|việc|kế hoạch|phương án|chủ trương|không(?:\s+\w+)?|chưa)\s+(?:việc\s+)?(?:di\s+)?$", re.I
)
_YEARLY = re.compile(
    r"(?<!\w)(?:nhiệm vụ|công tác|kế hoạch|chương trình|chủ đề|tổng kết|kết quả|chỉ tiêu|phương hướng)\s+$",
    re.I,
)


def year_of_noun(question: Question, words: Words, start: int, end: int) -> float:
    """Return less for the year of a task or a plan ("nhiệm vụ năm 2025") where an event's date is asked."""
    said = words.text[start:end].lower()
    return 0.25 if re.fullmatch(r"năm \d{4}", said) and _YEARLY.search(words.text[:start]) else 1.0


def event_of(question: Question) -> tuple[int, ...]:
    """Return the words (indices) of the event whose date is asked, at most two; empty where none is clear."""
    items = question.words.words
    slot = set(range(*question.slot))
    named = {i for name in question.names for i in range(name.start, name.end)}
    free = [
        i for i, word in enumerate(items) if i not in slot and i not in named and word.key not in _NO_EVENT
    ]
    # "… khánh thành đơn vị lọc máu ngày nào?": what is opened is not the event.
    stones = [
        at
        for at in free
        if f"{items[at].key} {next((one.key for one in items[at + 1 : at + 2]), '')}" in _MILESTONES
    ]
    if len(stones) == 1:
        return stones[0], stones[0] + 1
    for at in range(len(items) - 1, -1, -1):
        if items[at].key in _EVENT_MARKS:
            found = tuple(i for i in (at + 1, at + 2) if i in free and items[i].key not in _EVENT_MARKS)
            if found and not items[found[0]].capital and items[found[0]].key not in _DOERS:
                return found
    behind = tuple(i for i in free if i in question.focus and i >= question.slot[1])
    if question.slot[0] > 0 and 0 < len(behind) <= 3 and question.words.slice(*question.slot) in _ANY_TIME:
        return behind[:2]  # "nhà máy nước bao giờ xong"
    if question.slot[0] == 0:
        opening = question.words.slice(question.slot[1], len(items)).lower()
        verb = next((one for one in _EVENT_VERBS if opening.startswith(f"{one} ")), "")
        if verb:  # "Bao giờ hoàn thành nhà máy nước?"
            return tuple(range(question.slot[1], question.slot[1] + len(verb.split())))
        # "Khi nào đường ven sông mới xong?": it ends with the event.
        return tuple(i for i in free if i in question.focus)[-2:]
    # "… khởi công năm nào", "… khai trương ngày nào": the verb stands before the question words.
    last = question.slot[0] - 1
    found = tuple(i for i in (last - 1, last) if i in free and i in question.focus)
    return found if last in found and last >= 2 and not any(items[i].capital for i in found) else ()


def event_factor(match: Matcher, words: Words) -> float:
    """Return little where the event asked about is not in the sentence, or is but talked of."""
    event = event_of(match.question)
    if not event:
        return 1.0
    low = words.text.lower()
    phrase = " ".join(match.keys[i] for i in event)
    if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", low):
        return 0.15 if _talked_of(phrase, low) else 1.0
    keys = keys_of(words, toneless=False)
    found = match.matched(keys)
    if all(i in found and match.keys[i] not in keys for i in event if i in match.synonyms) and any(
        i in match.synonyms and i in found for i in event
    ):
        return 1.0  # in another word for it
    if phrase in _MILESTONES and _MILESTONE.search(low):
        return 0.15  # "khởi công" is not "khánh thành", whatever syllable they share
    # Without "được", "sẽ" the first of the two may be a noun's end: "nhà máy xây năm nào".
    marked = event[0] > 0 and match.keys[event[0] - 1] in _EVENT_MARKS
    # A frequent syllable alone ("thành" of "thành phố") is not the event.
    chosen = event[:1] if marked else event[-1:] if match.weights[event[-1]] > _FREQUENT else event
    rare = [i for i in chosen if match.weights[i] > _FREQUENT]
    held = [match.keys[i] for i in rare if match.keys[i] in keys]
    if not any(not _talked_of(word, low) for word in held):
        return 0.15
    # "Lễ giao, nhận quân" is the "giao quân" asked about sooner than "Hội trại tòng quân".
    return 0.8 if all(match.keys[i] in keys for i in event) else 0.4


# What happens, and other words for it; the date beside one is that of no other.
_HAPPENINGS = (
    "khởi công|động thổ|khởi động",
    "hoàn thành|hoàn tất|xong|về đích",
    "khánh thành|đưa vào sử dụng|đưa vào hoạt động|khai trương|thông xe",
    "khai mạc",
    "bế mạc|kết thúc",
    "ban hành|ký",
    "có hiệu lực",
    "thành lập",
    "giải thể",
    "sinh",
    "mất|qua đời|từ trần",
)
_HAPPENING = {word: number for number, group in enumerate(_HAPPENINGS) for word in group.split("|")}
_HAPPENS = "|".join(sorted(_HAPPENING, key=len, reverse=True))
_HAPPENED_ON = re.compile(
    rf"(?<!\w)({_HAPPENS})(?:\s+(?:vào|từ|trong|hồi|lúc|khoảng|sáng|chiều|đầu|giữa|cuối|mới|là))*\s+(?:ngày\s+|tháng\s+|năm\s+)?$",
    re.I,
)
_HAPPENING_ASKED = re.compile(rf"(?<!\w)({_HAPPENS})(?!\w)", re.I)


def happening_factor(question: Question, words: Words, start: int) -> float:
    """Return little for the date right behind another event: "khởi công ngày 28/7" is not when it is done."""
    asked = {_HAPPENING[one.lower()] for one in _HAPPENING_ASKED.findall(question.text)}
    digit = re.search(r"\d", words.text[start:])
    beside = _HAPPENED_ON.search(words.text[: start + (digit.start() if digit else 0)])
    return 0.1 if asked and beside and _HAPPENING[beside[1].lower()] not in asked else 1.0


def _talked_of(event: str, sentence: str) -> bool:
    """Return whether a sentence only talks of an event: "đối thoại về việc di dời chợ" tells no move."""
    places = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(event)}(?!\w)", sentence)]
    return all(_ABOUT_EVENT.search(sentence[:at]) for at in places)


_THINGS = phrases(
    "chợ|cầu|đường|trường|nhà máy|bệnh viện|trạm y tế|công viên|chùa|đình|hồ|sông|rạch|bến|cảng"
    "|sân vận động|sân bay|nhà văn hóa|trụ sở|thư viện|tượng đài|bảo tàng"
)
_THING = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_THINGS, key=len, reverse=True))})(?!\w)")


def thing_factor(question: Question, words: Words) -> float:
    """Return little where a sentence opens with a thing of another sort than the one asked about.

    "Chợ xây năm 1987" tells nothing of the age of a bridge that the sentence does not name.
    """
    low = words.text.lower()
    opening = _THING.search(low)
    if question.toneless or opening is None or re.match(r"\W*$", low[: opening.start()]) is None:
        return 1.0
    asked = {name.head for name in question.names if name.head in _THINGS}
    asked |= set(_THING.findall(question.text.lower()))
    return 0.15 if asked and not asked & set(_THING.findall(low)) else 1.0


_OCCASIONS = {
    "đại hội": "đại hội", "hội nghị": "họp", "cuộc họp": "họp", "buổi họp": "họp", "kỳ họp": "kỳ họp",
    "lễ": "lễ", "lễ hội": "lễ hội", "hội thi": "thi", "cuộc thi": "thi", "hội thao": "hội thao",
    "triển lãm": "triển lãm", "hội chợ": "hội chợ", "hội trại": "hội trại", "tọa đàm": "tọa đàm",
    "hội thảo": "hội thảo",
}  # fmt: skip
_OCCASION = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_OCCASIONS, key=len, reverse=True))})(?!\w)")


def occasion_factor(question: Question, words: Words) -> float:
    """Return little where a sentence tells of occasions and of none of those asked about.

    "Lễ giao quân diễn ra ngày 4/3" is not when the congress took place.
    """
    asked = {_OCCASIONS[one] for one in _OCCASION.findall(question.text.lower())}
    told = {_OCCASIONS[one] for one in _OCCASION.findall(words.text.lower())}
    return 0.15 if asked and told and not asked & told and not question.toneless else 1.0


_STAGE = re.compile(
    r"(?<!\w)(?:sơ thẩm|phúc thẩm|giám đốc thẩm|vòng loại|tứ kết|bán kết|chung kết|lượt đi|lượt về)(?!\w)"
)


def another_stage(asked: str, said: str) -> bool:
    """Return whether a text speaks of another court or round than the question: "phúc thẩm", "sơ thẩm"."""
    wanted, there = set(_STAGE.findall(asked.lower())), set(_STAGE.findall(said.lower()))
    return bool(wanted and there) and wanted.isdisjoint(there)
