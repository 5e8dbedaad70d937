"""How well a typed candidate fits a question, by rules: unit, closeness, granularity, neighbours.

The rules carry the news of local government, where one sentence holds several figures and the unit beside
each decides. Values are in [0, 1]; they are evidence for `extract`, not probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.align import Matcher, contains, keys_of, weight_of
from qa.candidates import Candidate, Type, candidates_in
from qa.names import NameKind
from qa.question import Kind, Question
from qa.roles import role_of, roles_agree
from qa.words import Words, phrases, read_words

_TYPES: dict[Kind, tuple[Type, ...]] = {
    Kind.NUMBER: (Type.NUMBER,),
    Kind.TOTAL: (Type.NUMBER,),
    Kind.COMPARISON: (Type.NUMBER,),
    Kind.DATE: (Type.DATE,),
    Kind.PERSON: (Type.PERSON, Type.NAME),
    Kind.ROLE: (Type.ROLE,),
    Kind.PLACE: (Type.PLACE, Type.NAME, Type.ORGANISATION),
    Kind.ORGANISATION: (Type.ORGANISATION, Type.NAME),
    Kind.DOCUMENT: (Type.DOCUMENT,),
    Kind.TEXT: (Type.QUOTED, Type.NAME, Type.LIST, Type.DOCUMENT, Type.ORGANISATION, Type.PLACE),
    Kind.LIST: (Type.LIST, Type.NAME, Type.PERSON),
}
_MEASURES: dict[str, tuple[str, ...]] = {
    "diện tích": ("ha", "km", "m2", "m²", "mét vuông", "héc"),
    "dân số": ("dân", "người", "nhân khẩu", "triệu dân", "triệu người"),
    "tỷ lệ": ("%", "phần trăm"),
    "tỉ lệ": ("%", "phần trăm"),
    "phần trăm": ("%",),
    "kinh phí": ("đồng", "usd", "đô la", "triệu", "tỷ"),
    "số tiền": ("đồng", "usd", "triệu", "tỷ"),
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
}
_CLAUSE_MARK = re.compile(r"[,;:.]\s|\s(?:và|với|có|trong đó)\s")
_REASON_CUES = re.compile(
    r"\b(?:do|vì|bởi vì|bởi|nhờ|nguyên nhân(?: chính)?(?: là)?|lý do(?: là)?|bắt nguồn từ|xuất"
    r" phát từ|nhằm|để)\s",
    re.IGNORECASE,
)
_REASON_STATED = re.compile(
    r"(?<!\w)(?:do|vì|bởi|nhờ|nguyên nhân|lý do|lí do|bắt nguồn|xuất phát|nhằm|để|khiến|dẫn đến"
    r"|thứ nhất)(?!\w)",
    re.I,
)
_PLACE_STATED = re.compile(
    r"(?<!\w)(?:tại|ở|ngụ|trú|nằm|trên đường|số \d+ đường|đặt|từ|đến|tới|sang|vào|trong|ngoài|quê"
    r"|thuộc)(?!\w)",
    re.I,
)
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
# Who is appointed gets an office that comes behind "giữ chức", not the one he is introduced with.
_APPOINTED = re.compile(
    r"(?<!\w)(?:bổ nhiệm|chỉ định|điều động|phân công|bầu|kiêm nhiệm|giới thiệu|tái cử|luân chuyển)(?!\w)",
    re.I,
)
_NEW_OFFICE = re.compile(
    r"(?:giữ chức(?: vụ)?|làm|kiêm(?: nhiệm)?|bổ nhiệm|vào chức|giữ cương vị)\s+(?:là\s+)?$", re.I
)
_PEOPLE = phrases("người|đồng chí|đại biểu|cán bộ|cá nhân|thành viên|đảng viên|dân")


def types_for(question: Question) -> tuple[Type, ...]:
    """Return the types that may answer; empty where only a stretch of text does."""
    found = _TYPES.get(question.kind, ())
    if question.kind is Kind.LIST and question.item in _TYPES:
        found = (Type.LIST, *_TYPES[question.item])
    return found


def fit(match: Matcher, words: Words, candidate: Candidate) -> float:
    """Return in [0, 1] how well a candidate in a sentence (read as `words`) answers by its type and place."""
    question = match.question
    first, last = words.word_range(candidate.start, candidate.end)
    keys = keys_of(words, toneless=question.toneless)
    if not keys or all(key in match.keys for key in keys[first:last]):
        return 0.0  # what the question says itself is no answer
    near = _closeness(match, keys, first, last)
    kind = question.item if question.kind in (Kind.TOTAL, Kind.COMPARISON, Kind.LIST) else question.kind
    if candidate.type is Type.NUMBER:
        unit = _unit_fit(match, words, keys, candidate)
        share, purity = _clause_shares(match, words, candidate)
        around = 0.45 + 0.15 * near + 0.2 * share + 0.2 * purity
        return unit * around * _order(match, words, candidate) + (1 - unit) * 0.1 * near
    if candidate.type is Type.DATE:
        return (0.3 + 0.7 * near) * _granularity(question, candidate.text)
    if kind is Kind.ROLE and candidate.type is Type.ROLE:
        if _APPOINTED.search(question.text) and _APPOINTED.search(words.text):
            return 0.95 if _NEW_OFFICE.search(words.text[: candidate.start]) else 0.2 * near
        return 0.3 * near + 0.7 * _beside_name(question, words, keys, candidate)
    if kind is Kind.PERSON and candidate.type in (Type.PERSON, Type.NAME):
        agree = _role_of_person(question, words, candidate)
        if agree is not None:
            return 0.05 + 0.95 * agree if candidate.type is Type.PERSON else 0.5 * agree
        return (0.4 if candidate.type is Type.NAME else 0.6) + 0.4 * near
    if kind in (Kind.DOCUMENT, Kind.PLACE, Kind.ORGANISATION):
        head = _slot_head(question)
        same = bool(head) and contains(keys[first:last], head)
        return (0.75 if same else 0.25 if head else 0.5) + 0.25 * near
    if kind is Kind.DEFINITION:
        return 0.9 + 0.1 * near if _defines(match, words, candidate) else 0.15 * near
    if kind is Kind.REASON:
        cue = _REASON_CUES.match(words.text, candidate.start)
        strong = cue is not None and cue.group().strip().lower() not in ("để", "nhằm", "do")
        return (0.7 if strong else 0.5) + 0.3 * near if cue else 0.2 * near
    if candidate.type is Type.LIST:
        return 0.3 + 0.5 * near
    return 0.25 + 0.5 * near


def sentence_sense(question: Question, sentence: str) -> float:
    """Return less than 1 where a sentence states no reason for a why, no place for a where."""
    slot = question.words.slice(*question.slot).lower()
    if question.kind is Kind.REASON:
        return 1.0 if _REASON_STATED.search(sentence) else 0.6
    if question.kind is Kind.PLACE and slot.endswith(("đâu", "dau", "nơi nào")):
        return 1.0 if _PLACE_STATED.search(sentence) else 0.6
    return 1.0


def stretches(match: Matcher, words: Words) -> Iterator[Candidate]:
    """Yield stretches of a sentence that may answer where no type does: reasons, definitions, gaps."""
    question = match.question
    text = words.text
    end = len(text.rstrip(" .!?…"))
    if question.kind is Kind.REASON:
        for cue in _REASON_CUES.finditer(text):
            yield Candidate(Type.QUOTED, text[cue.start() : end], cue.start(), end)
    keys = keys_of(words, toneless=question.toneless)
    positions = [i for i, key in enumerate(keys) if any(key == match.keys[t] for t in match.terms)]
    if positions:
        last = positions[-1] + 1
        if last < len(keys):
            start = words.words[last].start
            if keys[last] in ("là", "la", "gồm", "như") and last + 1 < len(keys):
                start = words.words[last + 1].start
            yield Candidate(Type.QUOTED, text[start:end], start, end)
        first = positions[0]
        if first > 0:
            stop = words.words[first - 1].end
            yield Candidate(Type.QUOTED, text[:stop], words.words[0].start, stop)


def _defines(match: Matcher, words: Words, candidate: Candidate) -> bool:
    """Return whether the sentence says "X là …" with all of X before, and the candidate after "là"."""
    before = read_words(words.text[: candidate.start])
    keys = keys_of(before, toneless=match.question.toneless)
    if not keys or keys[-1] not in ("là", "la"):
        return False
    term = [match.keys[i] for i in match.terms]
    return contains(keys, term) and keys.index(term[0]) <= 3 if term else False


def _closeness(match: Matcher, keys: Sequence[str], first: int, last: int) -> float:
    """Weight of the question's words near [first, last), each counted less with its distance."""
    total = sum(match.weights[i] for i in match.terms) or 1.0
    best: dict[str, float] = {}
    weights = {match.keys[i]: match.weights[i] for i in match.terms}
    for at, key in enumerate(keys):
        if key in weights and not first <= at < last:
            distance = first - at - 1 if at < first else at - last
            best[key] = max(best.get(key, 0.0), weights[key] / (1 + distance / 6))
    return min(1.0, sum(best.values()) / total)


def _clause(words: Words, candidate: Candidate) -> tuple[int, int]:
    """Return the characters of the clause around a candidate."""
    start = 0
    for mark in _CLAUSE_MARK.finditer(words.text, 0, max(candidate.start - 1, 0)):
        start = mark.end()
    after = _CLAUSE_MARK.search(words.text, candidate.end)
    return start, after.start() if after else len(words.text)


def _unit_fit(match: Matcher, words: Words, keys: Sequence[str], candidate: Candidate) -> float:
    question = match.question
    unit = tuple(match.keys[question.unit[0] : question.unit[1]])
    first, last = words.word_range(candidate.start, candidate.end)
    following = _unit_keys(words, keys, last)
    own = tuple(keys[first:last])
    signs = MEASURE_SIGNS.get(" ".join(unit))
    if signs is not None:
        beside = f"{candidate.text.lower()} {candidate.unit}"
        return 1.0 if any(_measured(beside, sign) for sign in signs) else 0.05
    begin, _ = _clause(words, candidate)
    clause_first, _ = words.word_range(begin, candidate.start) if begin < candidate.start else (first, first)
    preceding = tuple(keys[min(clause_first, first) : first])
    if unit:
        value = _follows(unit, following, own)
        for i in range(*question.unit):
            for other in match.synonyms.get(i, ()):
                value = max(value, 0.9 * float(_follows(other, following, own) == 1))
                if contains(preceding, other) and _STATES.search(words.text[begin : candidate.start]):
                    value = max(value, 0.7)
        if contains(preceding, unit):
            value = max(value, 0.85 if _STATES.search(words.text[begin : candidate.start]) else 0.25)
        if unit in (("người",), ("nguoi",)):
            value = max([value, *(0.6 for p in _PEOPLE if _follows(tuple(p.split()), following, own) == 1)])
        return value
    text = question.text.lower()
    expected = [m for attribute, units in _MEASURES.items() if attribute in text for m in units]
    beside = candidate.text.lower() + " " + candidate.unit
    fits = 0.0
    if expected:
        fits = 0.6 if any(_measured(beside, measure) for measure in expected) else -0.5
    focus = [match.keys[i] for i in match.focus]
    weight = sum(match.weights[i] for i in match.focus) or 1.0
    held = set(preceding) | set(following)
    share = sum(match.weights[i] for i in match.focus if match.keys[i] in held) / weight if focus else 0.5
    return max(0.0, min(1.0, fits + 0.8 * share))


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


def _role_of_person(question: Question, words: Words, person: Candidate) -> float | None:
    """Return how far the role beside a person is the asked one; None where the question asks for no role."""
    asked = role_of(question.text, toneless=question.toneless)
    if asked is None:
        return None
    best = 0.0
    stated = False
    roles = [role for role in candidates_in(words.original) if role.type is Type.ROLE]
    for role in roles:
        said, role_end = role.text, role.end
        if role.start < person.start < role.end:  # "Giám đốc Lê Văn Hùng": read on as the office's body
            if person.type is not Type.PERSON:
                continue  # "Chủ tịch Tập đoàn Đất Xanh" names the body
            said, role_end = words.text[role.start : person.start], person.start
        after = role.start >= person.end
        gap = words.text[person.end : role.start] if after else words.text[role_end : person.start]
        for other in roles if after else ():  # "ông A, Phó Trưởng ban B, làm Tổ trưởng"
            gap = gap.replace(other.text, "") if person.end <= other.start < role.start else gap
        if re.fullmatch(
            r"[\s,:–-]*(?:là|đồng chí|ông|bà|đ/c|giữ chức|làm|-)?[\s,:–-]*"
            if after
            else r"[\s:–-]*(?:là|đồng chí|ông|bà|đ/c)?[\s:–-]*",
            gap,
        ):
            stated = True
            best = max(best, roles_agree(asked, said, toneless=question.toneless))
    return best if stated else 0.15


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
        if words.words[stop].is_number or keys[stop] in ("và", "với", "trong", "va", "voi"):
            break
        stop += 1
    if (
        last
        and last < len(keys)
        and words.text[words.words[last - 1].end : words.words[last].start].strip(" )%")
    ):
        return ()
    return tuple(keys[last:stop])


def _follows(unit: Sequence[str], following: Sequence[str], own: Sequence[str]) -> float:
    """Return how much of the unit stands right after the number: 1 whole, less for a part or further on.

    "187 ca" counts as 187 ca sốt xuất huyết where nothing else follows; "35 chi bộ" is not "chi hội".
    """
    if tuple(following[: len(unit)]) == tuple(unit) or contains(own, unit):
        return 1.0
    if contains(following, unit):
        return 0.7
    same = 0
    while same < len(unit) and same < len(following) and unit[same] == following[same]:
        same += 1
    if same and same == len(following):
        return 0.8
    return 0.3 * same / len(unit)


def _granularity(question: Question, text: str) -> float:
    slot = question.words.slice(*question.slot).lower()
    low = text.lower()
    has_year = re.search(r"\d{4}", text) is not None
    has_day = re.search(r"ngày|\d{1,2}\s*[/-]\s*\d{1,2}", low) is not None
    if "nhiệm kỳ" in low:
        return 1.0 if "nhiệm kỳ" in slot else 0.2
    if "năm" in slot or slot == "nam nao":
        return 1.0 if has_year else 0.4
    if "thế k" in slot:
        return 1.0 if "thế k" in low else 0.5
    if "ngày" in slot or slot.startswith("ngay"):
        return 1.0 if has_day else 0.35
    if "tháng" in slot:
        return 1.0 if "tháng" in low or has_day else 0.5
    if "giờ" in slot:
        return 1.0 if "giờ" in low else 0.2
    return 1.0 if has_day else 0.85


def _beside_name(question: Question, words: Words, keys: Sequence[str], candidate: Candidate) -> float:
    """Return 1 where the role stands right beside the person asked about, less further away."""
    best = 0.0
    for name in question.names:
        if name.kind is NameKind.PLACE and name.head:
            continue
        core = name.plain if question.toneless else name.core
        for at in range(len(keys) - len(core) + 1):
            if tuple(keys[at : at + len(core)]) != tuple(core):
                continue
            start, end = words.words[at].start, words.words[at + len(core) - 1].end
            gap = (
                words.text[end : candidate.start]
                if candidate.start >= end
                else words.text[candidate.end : start]
            )
            bare = re.sub(r"[\s,–-]|đồng chí|ông|bà|đ/c", "", gap)
            best = max(best, 1.0 if not bare else 1 / (1 + len(bare) / 8))
    return best


def _slot_head(question: Question) -> tuple[str, ...]:
    """Return the noun of "nghị quyết nào", "phường nào"; empty for ở đâu and the like."""
    keys = [question.key(i) for i in range(*question.slot)]
    noun = tuple(
        key
        for key in keys
        if key not in ("nào", "nao", "gì", "gi", "số", "so", "mấy", "may", "bao", "nhiêu", "là")
    )
    return (
        ()
        if not noun or noun[-1] in ("đâu", "dau") or noun[0] in ("ở", "tại", "nơi", "o", "noi", "văn", "van")
        else noun
    )
