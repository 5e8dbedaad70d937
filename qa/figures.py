"""How well a figure fits a question: the unit beside it, and the clause it stands in.

One sentence of the news of local government holds several figures; which one is meant, the unit decides and
then the words around it. Values are in [0, 1].
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.align import Matcher, contains, keys_of, weight_of
from qa.candidates import Candidate
from qa.portions import total_behind
from qa.words import Words, phrases, word_set

_MONEY = ("đồng", "usd", "đô la", "triệu", "tỷ", "tỉ", "nghìn", "euro")
_MEASURES: dict[str, tuple[str, ...]] = {
    "diện tích": ("ha", "km", "m2", "m²", "mét vuông", "héc"),
    "dân số": ("dân", "người", "nhân khẩu", "triệu dân", "triệu người"),
    "tỷ lệ": ("%", "phần trăm"),
    "tỉ lệ": ("%", "phần trăm"),
    "phần trăm": ("%",),
    **dict.fromkeys(
        phrases(
            "kinh phí|số tiền|tổng mức đầu tư|vốn|chi phí|mức lương|doanh thu|giá trị|ngân sách|thu nhập"
            "|lợi nhuận|học phí|tiền lương|lương|thiệt hại|quỹ|học bổng|tiền thưởng"
        ),
        _MONEY,
    ),
    "công suất": ("m3", "m³", "kw", "mw", "kwh", "tấn", "lít", "mã lực"),
    "tốc độ": ("km", "m", "hải lý", "dặm"),
    "cân nặng": ("kg", "g", "gam", "gram", "tấn", "tạ", "ký"),
    "trọng lượng": ("kg", "g", "gam", "gram", "tấn", "tạ", "ký"),
    "độ sâu": ("m", "mét", "km", "cm"),
    "dài": ("km", "m", "mét", "cây số"),
    "cao": ("m", "mét", "km"),
    "nhiệt độ": ("°", "độ"),
    "bao lâu": ("năm", "tháng", "ngày", "giờ", "phút", "tuần", "thế kỷ"),
    "bao xa": ("km", "m", "mét", "dặm"),
    "tuổi": ("tuổi",),
}
# A measure spelled out in the question, and how figures carry it.
MEASURE_SIGNS: dict[str, tuple[str, ...]] = {
    "phần trăm": ("%", "phần trăm"),
    "phan tram": ("%", "phần trăm"),
    "mét": ("m", "mét"),
    "ki lô mét": ("km", "cây số", "kilômét"),
    "kilomet": ("km", "cây số"),
    "kilômét": ("km", "cây số"),
    "km": ("km", "cây số"),
    "cây số": ("km", "cây số"),
    "mét vuông": ("m2", "m²", "mét vuông"),
    "mét khối": ("m3", "m³", "mét khối"),
    "héc ta": ("ha", "héc"),
    "hecta": ("ha", "héc"),
    "ha": ("ha", "héc"),
    "tỷ đồng": ("tỷ đồng", "tỉ đồng"),
    "tỉ đồng": ("tỷ đồng", "tỉ đồng"),
    "đất": ("ha", "m2", "m²", "mét vuông", "héc"),
    "tiền": ("đồng", "usd", "đô la", "triệu", "tỷ", "tỉ", "nghìn"),
}
_CLAUSE_MARK = re.compile(r"[,;:.]\s|\s(?:và|với|có|trong đó)\s")
_ENDS_UNIT = word_set("và với trong cho của tại ở từ để do va voi")
_STATES = re.compile(
    r"(?:(?<!\w)(?:là|đạt|gồm|lên|tới|đến|còn|có|bằng|chiếm|tăng|giảm|chỉ)|:)\s*(?:hơn|gần|khoảng"
    r"|trên|dưới|tới|đến)?\s*$",
    re.IGNORECASE,
)
_ORDER = (
    ("trước", "sau"),
    ("tăng", "giảm"),
    ("nam", "nữ"),
    ("xuất khẩu", "nhập khẩu"),
    ("thấp nhất", "cao nhất"),
    ("đầu năm", "cuối năm"),
    ("ít nhất", "nhiều nhất"),
)
_PEOPLE = phrases(
    "người|đồng chí|đại biểu|cán bộ|cá nhân|thành viên|đảng viên|dân|ứng viên|nạn nhân|bệnh nhân|hành khách"
    "|khách|học sinh|sinh viên|thí sinh|cử tri|hội viên|đoàn viên|chiến sĩ|công nhân|phóng viên|cầu thủ"
    "|vận động viên|thanh niên|phụ nữ|công dân|em|cháu"
)
_ONES = (("người",), ("em",), ("cháu",), ("bé",), ("hộ",), ("đồng",))
# "mấy chiếc ôtô" is answered by "5 ôtô", "mấy ngôi nhà" by "500 căn nhà".
_CLASSIFIERS = word_set("chiếc cái con đứa ngôi căn món tấm bức quyển cuốn vị tòa hòn cây")


def figure_fit(match: Matcher, words: Words, keys: Sequence[str], candidate: Candidate, near: float) -> float:
    """Return in [0, 1] how well a number among the `keys` of a sentence is the one asked for.

    `near` in [0, 1] is how close the words of the question stand.
    """
    unit = _unit_fit(match, words, keys, candidate)
    share, purity = _clause_shares(match, words, candidate)
    around = 0.45 + 0.15 * near + 0.2 * share + 0.2 * purity
    return unit * around * _order(match, words, candidate) + (1 - unit) * 0.1 * near


def measure_signs(unit: Sequence[str]) -> tuple[str, ...] | None:
    """Return how figures carry a measure that a question spells out; None where the unit is no measure."""
    thing = unit[0] if unit[:1] in (("tiền",), ("đất",)) else " ".join(unit)
    return MEASURE_SIGNS.get(thing)


def _unit_fit(match: Matcher, words: Words, keys: Sequence[str], candidate: Candidate) -> float:
    question = match.question
    unit = tuple(match.keys[question.unit[0] : question.unit[1]])
    first, last = words.word_range(candidate.start, candidate.end)
    total = total_behind(words.text, candidate.end)  # "43 trong tổng số 47 đảng viên"
    following = _unit_keys(words, keys, last if total is None else words.word_range(0, total)[1])
    own = tuple(keys[first:last])
    signs = measure_signs(unit)
    if signs is not None:
        beside = f"{candidate.text.lower()} {candidate.unit}"
        return 1.0 if any(_measured(beside, sign) for sign in signs) else 0.05
    begin, _ = _clause(words, candidate)
    clause_first, _ = words.word_range(begin, candidate.start) if begin < candidate.start else (first, first)
    preceding = tuple(keys[min(clause_first, first) : first])
    if unit:
        value = _follows(unit, following, own)
        bare, counted = _unclassified(unit), _unclassified(following)
        if (bare, counted) != (unit, following):
            value = max(value, 0.9 * _follows(bare, counted, own))
        for i in range(*question.unit):
            for other in match.synonyms.get(i, ()):
                value = max(value, 0.9 * float(_follows(other, following, own) == 1))
                if contains(preceding, other) and _STATES.search(words.text[begin : candidate.start]):
                    value = max(value, 0.7)
        if contains(preceding, unit):
            value = max(value, 0.85 if _STATES.search(words.text[begin : candidate.start]) else 0.25)
        if following[:1] in (("người",), ("nguoi",)) and len(unit) > 1 and contains(keys[:first], unit):
            value = max(value, 0.7)  # "từ 112 cán bộ …, nay còn 74 người"
        if len(unit) > 2 and following[:1] in _ONES and contains(preceding, unit[2:]):
            value = max(value, 0.75)  # "bậc mầm non 1.082 cháu" of "học sinh mầm non"
        if unit in (("người",), ("nguoi",)):
            value = max([value, *(0.6 for p in _PEOPLE if _follows(tuple(p.split()), following, own) == 1)])
        return value
    asked = f" {' '.join(word.key for word in question.words.words)} "
    expected = [m for attribute, units in _MEASURES.items() if f" {attribute} " in asked for m in units]
    beside = candidate.text.lower() + " " + candidate.unit
    fits = 0.0
    if expected:
        fits = 0.6 if any(_measured(beside, measure) for measure in expected) else -0.5
    focus = [match.keys[i] for i in match.focus]
    weight = sum(match.weights[i] for i in match.focus) or 1.0
    held = set(preceding) | set(following)
    share = sum(match.weights[i] for i in match.focus if match.keys[i] in held) / weight if focus else 0.5
    return max(0.0, min(1.0, fits + 0.8 * share))


def _measured(beside: str, measure: str) -> bool:
    """Return whether a number with what follows ("hơn 152.000 dân số") is measured in `measure`."""
    return (
        re.search(rf"\d\s*(?:(?:triệu|nghìn|ngàn|tỷ|tỉ|vạn)\s*)*{re.escape(measure)}(?![^\W\d_])", beside)
        is not None
    )


def _unit_keys(words: Words, keys: Sequence[str], last: int) -> tuple[str, ...]:
    """Return up to six words behind a number, to the next mark, number or conjunction: its unit."""
    stop = last
    while stop < len(keys) and stop - last < 6:
        if stop > last and words.text[words.words[stop - 1].end : words.words[stop].start].strip():
            break
        if words.words[stop].is_number or keys[stop] in _ENDS_UNIT:
            break
        stop += 1
    if (
        last
        and last < len(keys)
        and words.text[words.words[last - 1].end : words.words[last].start].strip(" )%")
    ):
        return ()
    return tuple(keys[last:stop])


def _unclassified(unit: tuple[str, ...]) -> tuple[str, ...]:
    return unit[1:] if len(unit) > 1 and unit[0] in _CLASSIFIERS else unit


def _follows(unit: Sequence[str], following: Sequence[str], own: Sequence[str]) -> float:
    """Return how much of the unit stands right after the number: 1 whole, less for a part or further on.

    "187 ca" counts as 187 ca sốt xuất huyết where nothing else follows; "35 chi bộ" is not "chi hội".
    """
    if tuple(following[: len(unit)]) == tuple(unit) or contains(own, unit):
        return 1.0
    if contains(following, unit):
        return 0.7 if len(unit) > 1 else 0.35  # "48 lượt người bệnh" are not 48 people
    same = 0
    while same < len(unit) and same < len(following) and unit[same] == following[same]:
        same += 1
    if same and same == len(following):
        return 0.8
    held = sum(key in following for key in unit)
    if same and len(unit) > 3 and held >= 0.7 * len(unit):  # "người làm không chuyên trách"
        return 0.8
    if same and len(unit) > 2 and held >= 2:  # "vụ tự té" of "vụ té xe"
        return 0.6
    return 0.3 * same / len(unit)


def _clause(words: Words, candidate: Candidate) -> tuple[int, int]:
    """Return the characters of the clause around a candidate."""
    start = 0
    for mark in _CLAUSE_MARK.finditer(words.text, 0, max(candidate.start - 1, 0)):
        start = mark.end()
    after = _CLAUSE_MARK.search(words.text, candidate.end)
    return start, after.start() if after else len(words.text)


def _clause_shares(match: Matcher, words: Words, candidate: Candidate) -> tuple[float, float]:
    """Return how much of what is asked the candidate's clause holds, and how much of the clause was asked.

    "kết nạp 63 đảng viên mới" holds đảng viên too, but says something else of them than "có".
    """
    begin, end = _clause(words, candidate)
    first, last = words.word_range(begin, end)
    keys = keys_of(words, toneless=match.question.toneless)[first:last]
    focus = match.overlap(keys).focus
    own = set(range(*(i - first for i in words.word_range(candidate.start, candidate.end))))
    said = [
        (key, weight_of(key, toneless=match.question.toneless)) for i, key in enumerate(keys) if i not in own
    ]
    said = [(key, weight) for key, weight in said if weight > 2.5 and not key[:1].isdigit()]
    asked = set(match.keys)
    total = sum(weight for _, weight in said)
    return focus, sum(weight for key, weight in said if key in asked) / total if total else 1.0


def _order(match: Matcher, words: Words, candidate: Candidate) -> float:
    """Return 0.5 where the clause says "trước" and the question "sau", or the like; else 1."""
    if match.question.toneless:
        return 1.0
    begin, end = _clause(words, candidate)
    clause = f" {words.text[begin:end].lower()} "
    asked = f" {match.question.text.lower()} "
    for one, other in _ORDER:
        for mine, theirs in ((one, other), (other, one)):
            if f" {mine} " in asked and f" {theirs} " in clause and f" {mine} " not in clause:
                return 0.5
    return 1.0
