"""How well a typed candidate fits a question, by rules: closeness, granularity, neighbours; figures apart.

Values are in [0, 1]; they are evidence for `extract`, not probabilities. Numbers are for `figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.normalize import canonical
from qa.align import Matcher, contains, keys_of
from qa.candidates import Candidate, Type, candidates_in
from qa.figures import figure_fit
from qa.names import NameKind
from qa.question import Kind, Question
from qa.roles import role_of, roles_agree
from qa.words import Words, read_words

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
# Who is appointed gets an office that comes behind "giữ chức", not the one he is introduced with.
_APPOINTED = re.compile(
    r"(?<!\w)(?:bổ nhiệm|chỉ định|điều động|phân công|bầu|kiêm nhiệm|giới thiệu|tái cử|luân chuyển)(?!\w)",
    re.I,
)
_APPOINTS = re.compile(
    r"(?<!\w)được (?:[^,;.]{0,40}\s)?(?:điều động|bổ nhiệm|phân công|luân chuyển|chỉ định)(?!\w)[^;.]{0,40}?"
    r"(?<!\w)(?:giữ chức|làm|kiêm|giữ cương vị)(?!\w)",
    re.I,
)
_NEW_OFFICE = re.compile(
    r"(?:giữ chức(?: vụ)?|làm|kiêm(?: nhiệm)?|bổ nhiệm|vào chức|giữ cương vị)\s+(?:là\s+)?$", re.I
)

# What may stand between a person and his office, and between an office and its holder. "Bà A, 38 tuổi, giáo
# viên trường B, được bầu làm Bí thư": an apposition comes before the verb only.
_THEN_OFFICE = re.compile(
    r"(?:(?:\s*,(?:(?!(?<!\w)(?:ông|bà|anh|chị|cô|thầy|đồng chí)\s)[^,;.:]){2,70}){1,3}?"
    r"(?=\s*,?\s*(?:được|giữ|làm|trúng cử|đắc cử|tái)(?!\w)))?"
    r"(?:[\s,:–-]|(?:là|đồng chí|ông|bà|đ/c|giữ chức vụ|giữ chức|làm|được|phân công|chỉ định|bổ nhiệm"
    r"|điều động|luân chuyển|kiêm nhiệm|kiêm|nay|hiện|bầu|tái đắc cử|tái cử|đắc cử|trúng cử)(?!\w))*"
)
_THEN_PERSON = re.compile(r"[\s:–-]*(?:là|đồng chí|ông|bà|đ/c)?[\s:–-]*")

_ASKED_BEFORE = re.compile(r"(?<!\w)(?:nguyên|cựu|từng|trước|cũ|bổ nhiệm|điều động|luân chuyển)(?!\w)", re.I)


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
        return figure_fit(match, words, keys, candidate, near)
    if candidate.type is Type.DATE:
        return (0.3 + 0.7 * near) * _granularity(question, candidate.text)
    if kind is Kind.ROLE and candidate.type is Type.ROLE:
        if _APPOINTED.search(question.text) and _APPOINTED.search(words.text):
            return 0.95 if _NEW_OFFICE.search(words.text[: candidate.start]) else 0.2 * near
        if _APPOINTS.search(words.text):  # who is appointed leaves the office he is introduced with
            return 0.95 if _NEW_OFFICE.search(words.text[: candidate.start]) else 0.3 * near
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
    sentence = canonical(sentence)
    if question.kind is Kind.REASON:
        return 1.0 if _REASON_STATED.search(sentence) else 0.6
    if question.asks_where:
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


def _role_of_person(question: Question, words: Words, person: Candidate) -> float | None:
    """Return how far the role beside a person is the asked one; None where the question asks for no role."""
    asked = role_of(question.text, toneless=question.toneless)
    if asked is None:
        return None
    if _replaces(question, words, person):
        return 0.9
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
        if (_THEN_OFFICE if after else _THEN_PERSON).fullmatch(gap):
            stated = True
            former = (
                _FORMER.match(said) is not None
                or _APPOINTS.search(words.text, role.end if after else person.end) is not None
            )
            agree = roles_agree(asked, said, toneless=question.toneless)
            best = max(best, 0.1 * agree if former and not _ASKED_BEFORE.search(question.text) else agree)
    return best if stated else 0.15


_FORMER = re.compile(r"\s*(?:nguyên|cựu)\s", re.I)
_NEAR = 40  # characters between who leaves and who comes
_REPLACING = re.compile(r"(?<!\w)(?:thay|thế chỗ|kế nhiệm|thay thế)(?!\w)", re.I)


def _replaces(question: Question, words: Words, person: Candidate) -> bool:
    """Return whether a person takes the place of the one asked about: "Thay ông Tuấn … là bà Hà"."""
    if _REPLACING.search(question.text) is None:
        return False
    for name in question.names:
        given = re.escape(name.text.split()[-1])
        titled = rf"{_REPLACING.pattern}(?:\s+(?:cho|thế))?(?:\s+(?!là\s)[^\W\d_]+){{0,5}}?\s+{given}(?!\w)"
        said = re.search(titled, words.text, re.I)
        near = said is not None and said.end() <= person.start <= said.end() + _NEAR
        if near and name.kind is NameKind.PERSON:
            return True
    return False


def has_left(question: Question, finding_text: str, sentence: str) -> bool:
    """Return whether a sentence says that a person leaves the office asked about for another one.

    "Đồng chí Võ Hoàng Nam, Chủ tịch UBND phường Gò Sen được điều động, bổ nhiệm giữ chức Giám đốc Sở …".
    """
    asked, text = role_of(question.text), canonical(sentence)
    at = text.find(finding_text)
    appointed = _APPOINTS.search(text, at) if at >= 0 else None
    if asked is None or appointed is None or _ASKED_BEFORE.search(question.text):
        return False
    return roles_agree(asked, text[at + len(finding_text) : appointed.start()]) >= 0.7


def _granularity(question: Question, text: str) -> float:
    slot = question.words.slice(*question.slot).lower().replace("bao giờ", "khi nào")
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
            if ";" in gap:  # "ông A, Trưởng ban X; ông B, Phó ban Y": each has what stands on his side
                best = max(best, 0.1)
                continue
            bare = re.sub(r"[\s,–-]|đồng chí|ông|bà|đ/c", "", gap)
            best = max(best, 1.0 if not bare else 1 / (1 + len(bare) / 8))
    return best


def _slot_head(question: Question) -> tuple[str, ...]:
    """Return the noun of "nghị quyết nào", "phường nào"; empty for ở đâu and the like."""
    keys = [question.key(i) for i in range(*question.slot)]
    noun = tuple(
        key
        for key in keys
        if key not in ("nào", "nao", "gì", "gi", "số", "so", "mấy", "may", "bao", "nhiêu", "là", "cũ", "mới")
    )
    return (
        ()
        if not noun or noun[-1] in ("đâu", "dau") or noun[0] in ("ở", "tại", "nơi", "o", "noi", "văn", "van")
        else noun
    )
