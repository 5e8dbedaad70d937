"""Several places, several articles: comparisons, totals, the latest figure first, disagreement shown.

Figures are found one by one, each with its citation; sums, differences and who is ahead are computed here,
never by a model. A total is given only when all parts were found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from index.normalize import canonical
from index.types import Article
from qa.candidates import Type
from qa.extract import Finding
from qa.facts import facts_in
from qa.fit import has_left
from qa.names import Name, NameKind
from qa.question import Kind, Question, understand
from qa.roles import role_of
from qa.scope import Standing, governing
from qa.words import capital, phrases

_LESS = phrases("ít|thấp|nhỏ|kém|hẹp|it|thap|nho|hep")
_COMPARING = frozenset(
    "nhiều ít hơn hay hoặc so sánh giữa với nhất lớn cao thấp nhỏ kém và hai ba chênh lệch nơi"
    " bên tổng cộng cả số".split()
)
# Without tone marks "ca" may be cả or ca: both are left out, of "ca mac" enough stays.
_COMPARING_PLAIN = _COMPARING | frozenset(
    "nhieu it hon hoac lon cao thap nho kem va tong cong ca so nhat noi ben".split()
)
_ADJECTIVES = {"đông": "dân số", "đông dân": "dân số", "rộng": "diện tích", "rộng lớn": "diện tích"}
_ABOUT = phrases("hơn|gần|khoảng|trên|dưới|xấp xỉ|chừng|ít nhất|tối đa|không quá")

Best = Callable[[Question], Finding | None]
"""Answers one plain question with a finding that is good enough, or None."""


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of several: whose it is, the finding, its value, whether the article says it roughly."""

    subject: str
    finding: Finding
    value: Decimal
    rough: bool


def value_of_finding(finding: Finding) -> tuple[Decimal, bool] | None:
    """Return the value of a number found, and whether the article gives it roughly."""
    text = canonical(finding.text)
    numbers = facts_in(text).numbers
    if not numbers:
        return None
    return numbers[0].value, text.lower().startswith(_ABOUT)


def attribute_of(question: Question) -> str:
    """Return what is compared or summed ("đảng viên", "dân số"), as the question says it."""
    if question.unit[1] > question.unit[0]:
        return question.words.slice(*question.unit)
    left_out = _COMPARING_PLAIN if question.toneless else _COMPARING
    words = [question.words.words[i].key for i in question.focus]
    words = [word for word in words if word not in left_out]
    if re.search(r"(?<!\w)(?:dân số|số dân)(?!\w)", question.text, re.I):
        return "dân số"
    if len(words) > 1 and words[-1] in _ADJECTIVES and "dân" not in words:  # "diện tích … rộng hơn"
        words = words[:-1] if {"diện", "dân"} & set(words) else words[-1:]
    text = _NUMBER_OF.sub("", " ".join(words))
    return _ADJECTIVES.get(text, text)


# "Số đảng viên"; typed without marks it may have been read as "sở".
_NUMBER_OF = re.compile(r"^(?:số|sở|so)\s+(?:lượng\s+|luong\s+)?")
_TIME = re.compile(
    r"(?:trước|sau|năm|tháng|trong|đầu|cuối|hiện|đến|tính đến|truoc|sau|nam|thang)\s[^,]{2,40}(?=,)", re.I
)


def single_questions(question: Question) -> list[tuple[str, Question]]:
    """Return the plain question for each name of a comparison or total, with the name as shown."""
    attribute = attribute_of(question)
    said = _NUMBER_OF.pattern.lstrip("^") + re.escape(attribute)
    counted = question.unit[1] > question.unit[0] or re.search(said, question.text.lower()) is not None
    heads = [name.head for name in question.names if name.head]
    time = _TIME.match(question.text)
    when = f"{time[0]}, " if time and not any(n.text in time[0] for n in question.names) else ""
    found: list[tuple[str, Question]] = []
    for name in question.names:
        head = name.head or (heads[0] if heads and name.kind is not NameKind.PERSON else "")
        subject = f"{head} {name.text}".strip()
        text = (
            f"{capital(subject)} có bao nhiêu {attribute}?"
            if counted
            else (f"{capital(attribute)} của {subject} là bao nhiêu?")
        )
        if attribute == "dân số":
            text = f"{capital(subject)} có dân số bao nhiêu?"
        found.append((subject, understand(when + text[:1].lower() + text[1:] if when else text)))
    return found


def find_parts(question: Question, best: Best) -> tuple[list[Part], list[str]]:
    """Return the figures found for the names of the question, and the names without one."""
    parts: list[Part] = []
    lacking: list[str] = []
    for subject, single in single_questions(question):
        finding = best(single)
        value = value_of_finding(finding) if finding is not None else None
        if finding is None or value is None:
            lacking.append(subject)
        else:
            parts.append(Part(subject, finding, *value))
    for part in [one for one in parts if _shared(one, parts)]:
        if part.subject.split()[-1].lower() not in canonical(part.finding.sentence.text).lower():
            parts.remove(part)
            lacking.append(part.subject)
    return parts, lacking


def _shared(part: Part, parts: Sequence[Part]) -> bool:
    """Return whether one and the same figure was found for another subject too."""
    mine = part.finding
    return any(
        other is not part
        and (other.finding.article.id, other.finding.sentence.start, other.finding.start)
        == (mine.article.id, mine.sentence.start, mine.start)
        for other in parts
    )


def parts_of_everyone(question: Question, findings: Sequence[Finding]) -> list[Part]:
    """Return the figures of all places that the findings speak of, for a comparison that names none."""
    parts: dict[str, Part] = {}
    for finding in findings:
        if finding.fit < 0.6:
            continue
        name: Name | None = governing(
            finding.article,
            sentence=(finding.sentence.start, finding.sentence.end),
            at=finding.sentence.start + finding.start,
            head=_head_asked(question),
        )
        value = value_of_finding(finding)
        if name is None or value is None:
            continue
        subject = f"{name.head} {name.text}".strip()
        parts.setdefault(subject.lower(), Part(subject, finding, *value))
    return list(parts.values())


def _head_asked(question: Question) -> str:
    text = question.text.lower()
    return next((head for head in ("phường", "xã", "quận", "huyện", "tỉnh") if head in text), "phường")


def conclusion(question: Question, parts: Sequence[Part]) -> str:
    """Return what the figures say together, computed; "" where they are too rough to say."""
    if question.kind is Kind.TOTAL:
        total = sum((part.value for part in parts), Decimal(0))
        about = "hơn " if any(part.rough for part in parts) else ""
        return f"Tổng cộng là {about}{shown(total)} {attribute_of(question)}".rstrip()
    ordered = sorted(parts, key=lambda part: part.value, reverse=True)
    first, second = ordered[0], ordered[1]
    if first.value == second.value:
        if any(part.rough for part in parts):
            return ""
        return "Hai con số bằng nhau" if len(parts) == 2 else ""
    less = any(word in _LESS for word in (w.key for w in question.words.words))
    share = "%" in first.finding.text
    more = "cao" if share else "nhiều"
    counted = question.words.slice(*question.unit)
    unit = " điểm phần trăm" if share else f" {counted}" if counted else ""
    rough = first.rough or second.rough
    gap = "" if rough or len(parts) > 2 else f", chênh lệch {shown(first.value - second.value)}{unit}"
    if less:
        few = "thấp" if share else "ít"
        return (
            f"Như vậy, {ordered[-1].subject} {few} hơn{gap}"
            if len(parts) == 2
            else f"Như vậy, {ordered[-1].subject} {few} nhất"
        )
    return (
        f"Như vậy, {first.subject} {more} hơn{gap}"
        if len(parts) == 2
        else f"Như vậy, {first.subject} {more} nhất"
    )


def shown(value: Decimal) -> str:
    """Write a number the Vietnamese way: 11472.75 → "11.472,75"."""
    whole, _, rest = f"{value:f}".partition(".")
    digits = f"{int(whole):,}".replace(",", ".")
    rest = rest.rstrip("0")
    return f"{digits},{rest}" if rest else digits


def others_about(best: Finding, findings: Sequence[Finding]) -> list[Finding]:
    """Return findings of other articles that answer as well but otherwise, one for each other answer.

    Reprints of the best finding's article are the same source and count for nothing.
    """
    mine = value_of_finding(best)
    seen = {_bare(best)}
    same = {best.article.id, *best.hit.reprints}
    found: list[Finding] = []
    for finding in findings:
        text = _bare(finding)
        # "Chủ tịch UBND thành phố" is no other office than "Chủ tịch UBND thành phố Nguyệt Hải".
        shorter = best.type is Type.ROLE and any(text.startswith(one) or one.startswith(text) for one in seen)
        if finding.article.id in same or text in seen or shorter or finding.type is not best.type:
            continue
        if (
            finding.standing < min(best.standing, Standing.INHERITED)
            or finding.fit < 0.85 * best.fit
            or finding.alone
            < (0.85 if not _newer(finding, best) else 0.6 if _as_near(finding, best) else 0.8) * best.alone
            or finding.allowed < best.allowed
            or finding.context.words < 0.8 * best.context.words
        ):
            continue
        theirs = value_of_finding(finding)
        if mine is not None and theirs is not None and mine[0] == theirs[0]:
            continue
        if ("%" in best.text) != ("%" in finding.text):  # "100% đảng viên" is no newer count of them
            continue
        seen.add(text)
        same.add(finding.article.id)
        found.append(finding)
    return found


def still_in_office(question: Question, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those who, as a later article says, leave the office asked for.

    Nor those of a term that was over when the article was written.
    """
    if question.kind is not Kind.PERSON or question.toneless or role_of(question.text) is None:
        return list(findings)
    findings = [one for one in findings if not _of_a_past_term(question, one)]
    left = [
        (_bare(one), one.article.date or date.min)
        for one in findings
        if one.type is Type.PERSON and has_left(question, canonical(one.text), one.sentence.text)
    ]
    return [
        one
        for one in findings
        if not any(_bare(one) == name and (one.article.date or date.min) <= day for name, day in left)
    ]


_TERM = re.compile(r"^[^.;]{0,60}?nhiệm kỳ (\d{4})\s*[-–]\s*(\d{4})")
_TERM_ASKED = re.compile(r"nhiệm kỳ|(?<!\w)(?:nguyên|cựu|từng|trước|cũ)(?!\w)", re.I)


def _of_a_past_term(question: Question, finding: Finding) -> bool:
    """Return whether a person holds the office in a term that is over: "A, Bí thư nhiệm kỳ 2020-2022"."""
    if finding.type is not Type.PERSON or finding.article.date is None or _TERM_ASKED.search(question.text):
        return False
    term = _TERM.match(canonical(finding.sentence.text[finding.end :]))
    return term is not None and int(term[2]) < finding.article.date.year


def _bare(finding: Finding) -> str:
    """Return a finding's text for comparison: "Bà Lê An" is "Lê An"."""
    return re.sub(
        r"^(?:(?:các\s+)?đồng chí|đ/c|ông|bà|anh|chị)\s+", "", canonical(finding.text).lower()
    ).strip(" ,;:.")


def _newer(one: Finding, other: Finding) -> bool:
    return (
        one.article.date is not None
        and other.article.date is not None
        and one.article.date > other.article.date
    )


def _as_near(one: Finding, other: Finding) -> bool:
    """Return whether a finding with its title and what stands before it says as much of the question."""
    return one.context.words >= 0.95 * other.context.words


def by_date(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the latest article first; articles without a date come last."""
    return sorted(findings, key=lambda one: one.article.date or date.min, reverse=True)


def latest(findings: Sequence[Finding]) -> Finding:
    """Return the best finding, or that of the latest article that gives another figure as surely."""
    return by_date([findings[0], *others_about(findings[0], findings)])[0]


def dated(article: Article) -> str:
    """Return "ngày 2/10/2025" for an article, "" where its date is not known."""
    day = article.date
    return "" if day is None else f"ngày {day.day}/{day.month}/{day.year}"
