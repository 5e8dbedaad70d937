"""What a finding does not say although the question needs it: the year, the items, the cause, the meaning.

A near miss has everything but that. Each check knows one kind of question and is sure: where it speaks,
the answer is refused whatever the score.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.normalize import canonical
from qa.align import contains, matcher
from qa.context import PLACE, around, tells, unit_of
from qa.extract import Finding
from qa.figures import MEASURE_SIGNS
from qa.question import Kind, Question
from qa.words import read_words, word_set

_BEFORE = re.compile(r"(?<!\w)trước khi (\w+ \w+)", re.I)
_YEAR = re.compile(r"(?<![\d.,/-])(1[5-9]\d\d|20\d\d)(?![\d.,]*\d)")
_ANY_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
# A year that another figure is compared with is not the year of this one.
_COMPARED = re.compile(
    r"(?<!\w)(?:so với|cùng kỳ|cùng thời điểm|hơn hẳn)\s[^.;]{0,40}?(?:1[5-9]|20)\d\d", re.I
)
_ITEMS = re.compile(r"[,;:]|(?<!\w)(?:và|gồm|như|lẫn|cùng|hay|hoặc)(?!\w)")
_MEANS = re.compile(
    r"^[”\"’)\s]*(?:\([^)]*\)\s*)?[”\"’,\s]*(?:(?:tức|nghĩa|đó|thực chất|cũng|chính|vốn|hay)\s+)*"
    r"(?:là|nghĩa là|tức là|được (?:hiểu|gọi|định nghĩa|xem|coi)|dùng để chỉ|chỉ|có nghĩa|gồm|bao gồm|:|–|-)",
    re.I,
)
_CALLED = re.compile(r"(?:là|tức|gọi là|gọi tắt là|hay|mang tên|có tên|nghĩa là)[\s“\"‘'(]*$", re.I)
_MARKS = frozenset(("có", "đã", "còn", "được", "bị", "phải"))
_FORMERLY = re.compile(r"(?<!\w)(?:nguyên|cựu|từng|trước khi|trước đây|trước đó|trước kia)(?!\w)", re.I)
_STREET = re.compile(r"(?<!\w)(?:đường|phố|quốc lộ|tỉnh lộ|đại lộ|hẻm|ngõ)(?!\w)", re.I)
_WHEN = word_set("đầu cuối giữa năm tháng quý kỳ nay này trước sau qua")
_TELLING = 2.5  # the least weight of a word that tells what is counted
_HEAVY = 4.0  # weight of a word (see `align.weight_of`) that a text about the matter would say


def lacking(question: Question, finding: Finding) -> bool:
    """Return whether the evidence of a finding cannot say what is asked, however near it comes."""
    if question.toneless:
        return _another_year(question, finding)
    return any(check(question, finding) for check in _CHECKS)


def years_of(text: str) -> frozenset[str]:
    """Return the years named in a text."""
    return frozenset(_ANY_YEAR.findall(text))


def _another_year(question: Question, finding: Finding) -> bool:
    """Return whether a year is asked about that neither the sentences around nor the article's date name."""
    asked = frozenset(_YEAR.findall(question.text))
    if not asked or question.kind is Kind.DOCUMENT:
        return False
    article = finding.article
    listed, at = around(finding)
    near = listed[max(0, at - 2) : at + 2] if at >= 0 else finding.hit.passage.sentences
    texts = [one.text for one in near] + [finding.sentence.text, article.title]
    said = years_of(_COMPARED.sub(" ", canonical(" ".join(texts))))
    if article.date is not None:
        said |= {str(article.date.year)}
    return not asked <= said and not asked & said


def _only_counted(question: Question, finding: Finding) -> bool:
    """Return whether the items asked for are only counted: "những trường nào" of "có 6 trường học"."""
    if question.kind is not Kind.LIST:
        return False
    items = question.words.words
    noun = next((w.key for w in items[question.slot[0] - 1 :: -1] if w.key not in ("nào", "gì")), "")
    opener = next((i for i, w in enumerate(items) if w.key in ("những", "các")), None)
    nouns = {noun} | ({items[opener + 1].key} if opener is not None and opener + 1 < len(items) else set())
    unit = unit_of(question, finding)
    text = " ".join(canonical(one.text) for one in unit)
    heads = "|".join(re.escape(one) for one in nouns if one)
    counted = bool(heads) and re.search(rf"(?<!\w)\d[\d.,]*\s+(?:{heads})(?!\w)", text.lower())
    return bool(counted) and len(unit) == 1 and not _ITEMS.search(text)


def _not_defined(question: Question, finding: Finding) -> bool:
    """Return whether the sentence names what is to be explained but says nowhere what it is."""
    if question.kind is not Kind.DEFINITION:
        return False
    match = matcher(question)
    term = [match.keys[i] for i in match.terms]
    for one in unit_of(question, finding):
        words = read_words(one.text)
        keys = [word.key for word in words.words]
        if not contains(keys, term):
            continue
        for at in range(len(keys) - len(term) + 1):
            if keys[at : at + len(term)] != term:
                continue
            start, end = words.words[at].start, words.words[at + len(term) - 1].end
            if _MEANS.match(words.text[end:]) or _CALLED.search(words.text[:start]):
                return False
        return True
    return False


def _no_cause(question: Question, finding: Finding) -> bool:
    return question.kind is Kind.REASON and not tells(question, finding)


def _unsaid_predicate(question: Question, finding: Finding) -> bool:
    """Return whether a yes or no is asked about a thing that the sentences around never mention."""
    if question.kind is not Kind.YES_NO:
        return False
    match = matcher(question)
    listed, at = around(finding)
    near = listed[max(0, at - 1) : at + 2] if at >= 0 else finding.hit.passage.sentences
    keys = [word.key for one in (*near, finding.sentence) for word in read_words(one.text).words]
    keys += [word.key for word in read_words(finding.article.title).words]
    found = match.matched(keys)
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
    listed, at = around(finding)
    near = listed[max(0, at - 2) : at + 2] if at >= 0 else finding.hit.passage.sentences
    texts = [one.text for one in near] + [finding.sentence.text, finding.article.title]
    found = match.matched([word.key for text in texts for word in read_words(text).words])
    words = question.words.words
    named = {i for name in question.names for i in name.places}
    unit = [words[i].key for i in range(*question.unit)]
    if " ".join(unit) in MEASURE_SIGNS:  # "phần trăm" is written "%"
        return False
    return any(
        match.weights[i] >= _TELLING and not words[i].is_number and words[i].key not in _WHEN
        for i in range(*question.unit)
        if i not in found and i not in named
    )


def _no_street(question: Question, finding: Finding) -> bool:
    """Return whether a street is asked for and the sentences name none."""
    if question.kind is not Kind.PLACE or "đường" not in question.words.slice(*question.slot).lower():
        return False
    return not any(_STREET.search(canonical(one.text)) for one in unit_of(question, finding))


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


def _no_place(question: Question, finding: Finding) -> bool:
    if question.kind is not Kind.PLACE or "đâu" not in question.words.slice(*question.slot):
        return False
    return not any(PLACE.search(canonical(one.text)) for one in unit_of(question, finding))


_CHECKS: tuple[Callable[[Question, Finding], bool], ...] = (
    _another_year,
    _only_counted,
    _not_defined,
    _no_cause,
    _unsaid_predicate,
    _unsaid_unit,
    _no_street,
    _former_office,
    _after_change,
    _no_place,
)
