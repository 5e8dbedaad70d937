"""How large a place or a thing is: its people are those who live there, its length is its own.

News counts people all day ("61 công dân nhập ngũ", "khảo sát 1.500 người dân") and gives the length of what
stands beside ("cây cầu qua rạch Sen, bờ kè dài 5,2 km").
"""

from __future__ import annotations

import re

from qa.question import Question
from qa.words import Words, word_set

_CLAUSE = re.compile(r"[,;:.!?]\s")
_POPULATION = re.compile(r"(?<!\w)(?:dân số|số (?:người )?dân|số nhân khẩu)(?!\w)", re.I)
_PEOPLE_OF_PLACE = re.compile(
    r"\s*(?:triệu|nghìn|ngàn|vạn)?\s*(?:(?:người\s+)?dân(?!\s+(?:quân|tộc|công|cư|sự|phố))|nhân khẩu"
    r"|cư dân|khẩu)(?!\w)",
    re.I,
)
# "Khảo sát 1.500 người dân": some of those who live there.
_SOME_PEOPLE = re.compile(
    r"(?<!\w)(?:khảo sát|phỏng vấn|lấy ý kiến|ý kiến|tuyên truyền|vận động|hỗ trợ|phục vụ|tiếp|khám|tặng"
    r"|hướng dẫn|tham gia|thu hút)(?!\w)",
    re.I,
)
_BARE_PEOPLE = re.compile(r"\s*(?:triệu|nghìn|ngàn|vạn)?\s*người(?=\s*(?:[,;.)]|và\s|$))", re.I)
_AREA = re.compile(r"(?<!\w)(?:dân số|diện tích|rộng|km2|km²|ha)(?!\w)", re.I)
_DIMENSION = r"(?:dài|rộng|cao|sâu|dày|nặng)"
_DIMENSION_ASKED = re.compile(
    rf"(?<!\w)({_DIMENSION})\s+(?:khoảng |tới |đến |chừng )?(?:bao nhiêu|mấy)(?!\w)", re.I
)
# "bờ kè dài 5,2 km", from the beginning of its part of the sentence: not "có chiều dài 5,2 km".
_OF_THING = re.compile(
    rf"(?:^|[,;:(]\s?|(?<!\w)(?:và|cùng|gồm)\s)(\w+(?:\s\w+){{0,3}}?)\s({_DIMENSION})"
    r"\s(?:khoảng |hơn |gần |trên |chừng |tới |đến )?$",
    re.I,
)
_NO_THING = word_set("chiều bề tổng có với là được nó này đó dự án công trình tuyến mở nâng cải")


_RANKS = (
    ("khu phố", "ấp", "thôn", "khóm", "tổ dân phố"),
    ("phường", "xã", "thị trấn"),
    ("quận", "huyện"),
    ("thành phố", "tỉnh"),
)
_RANK_OF = {word: rank for rank, level in enumerate(_RANKS) for word in level}
_LEVEL = re.compile(rf"(?<!\w)({'|'.join(sorted(_RANK_OF, key=len, reverse=True))})(?!\w)(?! hội)", re.I)
_WHOLE_ASKED = re.compile(
    r"(?<!\w)(?:toàn|cả|toàn bộ)\s+(khu phố|phường|xã|quận|huyện|thành phố|tỉnh)(?!\w)", re.I
)
_CITY_ASKED = re.compile(r"^\s*(?:năm \d{4},?\s+)?(thành phố|tỉnh)\s+(?=[^\W\d_A-ZĐÀ-Ỹ])")


def level_factor(question: Question, words: Words, before: str) -> float:
    """Return nearly nothing where the whole city is asked about and the sentence speaks of a ward."""
    asked = _WHOLE_ASKED.search(question.text) or _CITY_ASKED.search(question.text.lower())
    if asked is None or question.toneless:
        return 1.0
    rank = _RANK_OF[asked[1].lower()]
    said = [_RANK_OF[found.lower()] for found in _LEVEL.findall(words.text)]
    if said:
        return 0.02 if max(said) < rank else 1.0
    nearest = [_RANK_OF[found.lower()] for found in _LEVEL.findall(before)][-1:]
    return 0.15 if nearest and nearest[0] < rank else 1.0


def size_factor(question: Question, words: Words, start: int, end: int) -> float:
    """Return in (0, 1] how far canonical [start, end) of a sentence may be the size asked for."""
    if asks_population(question):
        return _population(words, start, end)
    return _of_another_thing(question, words, start, end)


def asks_population(question: Question) -> bool:
    """Return whether the question asks how many people live somewhere."""
    unit = question.words.slice(*question.unit).lower()
    if question.toneless:
        return unit in ("dan", "nguoi dan", "nhan khau", "dan cu")
    return unit in ("dân", "người dân", "nhân khẩu", "dân cư") or (
        not unit and _POPULATION.search(question.text) is not None
    )


def _population(words: Words, start: int, end: int) -> float:
    said = words.text[start:end].lower()
    number = re.search(r"\d[\d.,]*", said)
    tail = said[number.end() :] if number else ""
    following = tail + words.text[end:].lower()
    if "%" in following[:3]:
        return 0.1
    clause = _CLAUSE.split(words.text[:start].lower())[-1]
    if re.search(r"(?<!\w)dân số(?!\w)[^\d]{0,40}$", clause):
        return 1.0
    if _SOME_PEOPLE.search(_CLAUSE.split(words.text[: start + (number.start() if number else 0)])[-1]):
        return 0.1
    if _PEOPLE_OF_PLACE.match(following):
        return 1.0
    if _BARE_PEOPLE.match(following) and _AREA.search(words.text):
        return 1.0
    return 0.1


def _of_another_thing(question: Question, words: Words, start: int, end: int) -> float:
    """Return little where the thing that the sentence says to be so long is not the one asked about."""
    asked = _DIMENSION_ASKED.search(question.text)
    digit = re.search(r"\d", words.text[start:end])
    if asked is None or digit is None or question.toneless:
        return 1.0
    thing = _OF_THING.search(words.text[: start + digit.start()])
    if thing is None or thing[2].lower() != asked[1].lower():
        return 1.0
    named = set(thing[1].lower().split())
    return 1.0 if named & (_NO_THING | {word.key for word in question.words.words}) else 0.1
