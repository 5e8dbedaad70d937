"""When an answer must be the article's own sentence: where the question says more than the article does.

Put into the question's place, a figure would be given what the article says of another, only expects, or
takes back. Quoted, it is true.
"""

from __future__ import annotations

import re
from itertools import pairwise

from index.normalize import canonical
from qa.align import contains, keys_of, matcher
from qa.extract import Finding
from qa.names import FUNCTION_WORDS
from qa.question import Kind, Question
from qa.words import read_words

_EXPECTED = re.compile(
    r"(?<!\w)(?:sẽ|dự kiến|phấn đấu|có thể|theo kế hoạch|mục tiêu|chỉ tiêu|đề xuất|ước|nếu|dự tính"
    r"|dự báo)(?!\w)",
    re.I,
)
# What takes something away from the figure before it: "18 tháng tù, nhưng cho hưởng án treo".
_QUALIFIED = re.compile(
    r"^[^.;,(\d]{0,30}?[,(]?\s*(?<!\w)(?:nhưng|song|cho hưởng án treo|(?:không|chưa) (?:kể|tính|gồm|bao gồm)"
    r"|ngoại trừ|trừ|với điều kiện|nếu|tạm tính|ước tính)(?!\w)",
    re.I,
)
_INSTITUTION = re.compile(
    r"(?<!\w)(?:bệnh viện|trường|công ty|ngân hàng|đại học|học viện|trung tâm)(?!\w)", re.I
)
_OWNER = re.compile(r"(?:\s+[^\W\d_]+){0,2}\s+(?:của|thuộc)((?:\s+[^\W_]+){1,3})", re.I)
_TELLING = 3.0  # weight of a word (see `align.weight_of`) that says something


def must_be_quoted(question: Question, finding: Finding) -> bool:
    """Return whether the question cannot be repeated with the answer in its place."""
    return any(check(question, finding) for check in (_unsaid, _hedged, _another_institution, _of_another))


def _so_far(finding: Finding) -> str:
    """Return what the title and the passage say up to the end of the sentence that answers."""
    before = [one.text for one in finding.hit.passage.sentences if one.start < finding.sentence.start]
    return " . ".join((finding.article.title, *before, finding.sentence.text))


def _unsaid(question: Question, finding: Finding) -> bool:
    """Return whether the question says what the passage up to the answer does not: then it is quoted.

    "bao nhiêu đại biểu là nữ" must never become "185 đại biểu là nữ" where no woman is spoken of.
    """
    match = matcher(question)
    found = match.matched(keys_of(read_words(_so_far(finding)), toneless=question.toneless))
    unsaid = [i for i in question.focus if i not in found]
    pairs = (match.weights[i] + match.weights[i + 1] for i in unsaid if i + 1 in unsaid)  # "quốc gia"
    return any(match.weights[i] >= _TELLING for i in unsaid) or any(pair >= _TELLING for pair in pairs)


def _another_institution(question: Question, finding: Finding) -> bool:
    """Return whether an institution is named otherwise than the article does up to here: then it is quoted.

    "Bệnh viện Đa khoa tỉnh" must not be given the machines of "Bệnh viện Đa khoa khu vực Hòa Lạc".
    """
    head = _INSTITUTION.search(question.text)
    if head is None:
        return False
    slot = range(*question.slot)
    name: list[str] = []
    for i, word in enumerate(question.words.words):
        if word.start >= head.start():
            if i in slot or word.key in FUNCTION_WORDS:
                break
            name.append(word.key)
    return not contains([word.key for word in read_words(_so_far(finding)).words], name)


def _hedged(question: Question, finding: Finding) -> bool:
    """Return whether the article only expects what the question takes for done, or takes something from it.

    Then it is quoted.
    """
    clause = re.split(r"[;.]\s", canonical(finding.sentence.text[: finding.end]))[-1]
    if question.kind is Kind.DATE:  # "Năm 2026, phường phấn đấu hoàn thành chợ": the date comes first
        clause += re.split(r"[;.]\s", canonical(finding.sentence.text[finding.end :]))[0]
    if _EXPECTED.search(clause) is not None and _EXPECTED.search(question.text) is None:
        return True
    return _QUALIFIED.match(canonical(finding.sentence.text[finding.end :])) is not None


def _of_another(question: Question, finding: Finding) -> bool:
    """Return whether what is counted is said to be somebody else's: "học nhờ 8 phòng của nhà văn hóa"."""
    if question.kind is not Kind.NUMBER:
        return False
    own = _OWNER.match(canonical(finding.sentence.text[finding.end :]))
    asked = {word.key for word in question.words.words}
    return own is not None and not asked & {word.key for word in read_words(own[1]).words}


def told_of_another(question: Question, finding: Finding) -> bool:
    """Return whether what is asked of the figure stands beside another one of its sentence.

    "Qua khám tuyển 214 thanh niên, có 83 người đủ tiêu chuẩn": 214 are not "đủ tiêu chuẩn". Quoted, the
    sentence is true; put into the question's place, the figure would not be.
    """
    words = question.words.words
    behind = {words[i].key for i in question.focus if i >= max(question.slot[1], question.unit[1])}
    if not behind:
        return False
    text = finding.sentence.text
    cuts = [0, *(found.end() for found in re.finditer(r"[,;:]\s", text)), len(text)]
    told_here, told_there = False, False
    for start, end in pairwise(cuts):
        held = behind & {word.key for word in read_words(text[start:end]).words}
        if start <= finding.start < end:
            told_here = bool(held)
        elif any(character.isdigit() for character in text[start:end]):
            told_there = told_there or len(held) * 2 > len(behind)
    return told_there and not told_here
