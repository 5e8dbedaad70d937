"""Saying an answer: the question with its question words replaced by what was found, else the quote itself.

Vietnamese asks in place, so "Phường Tây Nam có bao nhiêu đảng viên?" with 900 becomes "Phường Tây Nam có 900
đảng viên". Where the replacement would read badly the sentence of the article is quoted whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from index.normalize import canonical
from index.toneless import restore
from qa.candidates import Type, candidates_in
from qa.extract import Finding
from qa.facts import DateFact, facts_in
from qa.figures import measure_signs
from qa.names import FUNCTION_WORDS
from qa.question import Kind, Question, understand
from qa.quoting import must_be_quoted, told_of_another
from qa.roles import role_of
from qa.support import is_cut
from qa.verify import neutralise
from qa.words import capital, phrases, read_words, word_set

_COUNTED = phrases(
    "đảng viên|nhân khẩu|người dân|dân|người|hộ dân|hộ|đồng chí|cán bộ|tuổi|tỷ đồng|triệu đồng|đồng|ha|km"
)
_POLITE = re.compile(
    r"^\s*(?:(?:xin|vui lòng|làm ơn)?\s*(?:hãy\s+)?(?:cho (?:tôi|mình|em) biết|cho biết|cho hỏi"
    r"|cho mình hỏi|hỏi)[,:]?\s*(?:rằng|là)?\s*)|(?:\s+(?:ạ|nhỉ|thế|vậy|hả|nhé|đấy|à))+\s*$",
    re.I,
)
# What ties a question to the talk before it is no part of an answer: "Còn phường Tân Hiệp có …".
_TIED = re.compile(
    r"^\s*(?:(?:thế|vậy)\s+(?:thì\s+|còn\s+)?|thì\s+|còn\s+|ngoài ra,?\s+)(?=\S)"
    r"|^\s*(?:hiện(?: nay| tại| giờ)?|bây giờ|lúc này)(?:,\s*|\s+|$)(?!nay|tại|giờ)",
    re.I,
)
_TITLED = re.compile(r"(?:đồng chí|ông|bà|anh|chị|cô|cụ|thầy)\s", re.I)
_BULLET = re.compile(r"^[-–—•*+▪►✓]\s+")
_ASKING = word_set("ai gì nào đâu mấy nhiêu sao")
_QUOTE_LIMIT = 320
_ANY_TIME = ("khi nào", "bao giờ", "lúc nào", "chừng nào", "hôm nào")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence to say, without marker; `quoted` where it is the article's own; `note` for a person."""

    text: str
    quoted: bool
    note: str = ""


def full_date(text: str, written: date | None) -> tuple[str, bool]:
    """Return a date of an article in full ("ngày 2/10/2025"), and whether the year was inferred."""
    found = facts_in(text).dates
    if not found:
        return text, False
    first: DateFact = found[0]
    if first.day and first.month and first.year is None and written is not None:
        year = written.year - (1 if first.month - written.month > 6 else 0)
        return f"ngày {first.day}/{first.month}/{year}", True
    return text, False


def say(question: Question, finding: Finding) -> Said:
    """Return the sentence that answers: in place of the question where that reads well, else the quote."""
    asked = _with_tones(question, finding) if question.toneless else question
    said = _in_place(asked, finding) if asked is not None else None
    if said is not None and question.toneless:
        said = replace(said, text=_recased(said.text, finding.article.text))
    return (
        said if said is not None else Said(quote(finding.sentence.text, (finding.start, finding.end)), True)
    )


def quote(sentence: str, mark: tuple[int, int] | None = None) -> str:
    """Return a sentence of an article as a quote on one line.

    A very long one is cut to the clauses around `mark` (characters of `sentence`), with "…" at the cuts.
    """
    text = _BULLET.sub("", neutralise(canonical(sentence)).strip(' “”"'))
    if mark is not None and len(text) > _QUOTE_LIMIT:
        answer = neutralise(canonical(sentence[mark[0] : mark[1]])).strip(' “”".,;:')
        text = _around(text, text.find(answer), len(answer))
    return f"“{text}”" if text.endswith("..") else f"“{text.removesuffix('.')}”"


def _around(text: str, at: int, length: int) -> str:
    """Return the clauses around [at, at + length) up to the limit; all of it where no fair cut is found."""
    cuts = [0, *(found.end() for found in re.finditer(r"[,;:]\s", text)), len(text)]
    if at < 0:
        return text
    first = max(i for i, cut in enumerate(cuts) if cut <= at)
    last = min(i for i, cut in enumerate(cuts) if cut >= at + length)
    while first > 0 or last < len(cuts) - 1:
        left = cuts[last] - cuts[first - 1] if first > 0 else 10**6
        right = cuts[last + 1] - cuts[first] if last < len(cuts) - 1 else 10**6
        if min(left, right) > _QUOTE_LIMIT:
            break
        if left <= _QUOTE_LIMIT:
            first -= 1
        else:
            last += 1
    piece = text[cuts[first] : cuts[last]].rstrip(" ,;:")
    if piece.count("“") != piece.count("”") or piece.count("(") != piece.count(")"):
        return text
    shown = ("… " if first > 0 else "") + piece + ("…" if last < len(cuts) - 1 else "")
    return shown if is_cut(shown, text) else text


def _with_tones(question: Question, finding: Finding) -> Question | None:
    """Return the toneless question with its marks, where every word of it stands in the article."""
    asked = understand(restore(question.text).text if question.toneless else question.text)
    if asked.toneless or asked.kind is not question.kind:
        return None
    held = {word.key for word in read_words(finding.article.text).words}
    held |= {word.key for word in read_words(finding.article.title).words}
    slot = set(range(*asked.slot))
    strange = [word.key for i, word in enumerate(asked.words.words) if i not in slot and word.key not in held]
    return None if set(strange) - FUNCTION_WORDS else asked


def _recased(text: str, article: str) -> str:
    """Return a sentence with the capitals that its pairs of words have in an article."""
    read = read_words(article)
    capital = {
        (a.key, b.key, place)
        for a, b in pairwise(read.words)
        for place, word in enumerate((a, b))
        if word.capital and not re.search(r"(?:^|[.!?:“\"\n-])\s*$", read.text[: word.start][-4:])
    }
    said = read_words(text)
    letters = list(said.text)
    for a, b in pairwise(said.words):
        for place, word in enumerate((a, b)):
            if (a.key, b.key, place) in capital:
                letters[word.start] = letters[word.start].upper()
    return "".join(letters)


_SHARE_ASKED = re.compile(r"%|(?<!\w)(?:phần trăm|tỷ lệ|tỉ lệ|phan tram|ty le|ti le)(?!\w)", re.I)


def _in_place(question: Question, finding: Finding) -> Said | None:
    if finding.type is None or finding.fit < 0.3 or finding.allowed < 0.7:
        return None
    span = canonical(finding.text).strip()
    words = question.words.words
    start, end = question.slot
    if start >= len(words) or must_be_quoted(question, finding):
        return None
    text = question.text
    if any(word.key in _ASKING for i, word in enumerate(words) if not start <= i < end):
        return None  # "ở đâu, ngày nào?": one of them would stay a question
    head = text[: words[start].start]
    tail = text[words[end - 1].end :].rstrip(" ?.!…")
    head = _POLITE.sub("", head)
    head = _TIED.sub("", head)
    tail = _POLITE.sub("", tail)
    kind = question.kind
    note = ""
    if kind is Kind.NUMBER and finding.type is Type.NUMBER:
        if told_of_another(question, finding):
            return None
        span = answer = figure(span)
        unit = question.words.slice(*question.unit).lower()
        if "%" in span and unit and not _SHARE_ASKED.search(question.text):
            return None  # "91,3%" counts no voters
        if unit and re.search(rf"\d\s*{re.escape(unit)}$", span.lower()):  # "bao nhiêu km" with "6,8 km"
            span = answer = span[: -len(unit)].rstrip()
        elif any(span.lower().endswith(sign) for sign in measure_signs(tuple(unit.split())) or ()):
            tail = tail.lstrip()[len(unit) :]  # "bao nhiêu cây số" with "6,8 km"
        if question.unit[1] == question.unit[0] and not re.search(r"[%a-zA-Z²]$", span):
            answer = f"{span}{_source_unit(finding)}"
        bare = question.unit[1] == question.unit[0] and re.fullmatch(r"[\d.,\s]+", answer)
        if bare or head.rstrip().lower().endswith(("khoảng", "hơn", "gần")):
            return None  # a figure of nobody knows what is quoted
    elif kind is Kind.DATE and finding.type is Type.DATE:
        full, inferred = full_date(span, finding.article.date)
        if inferred:
            note = f"Năm {full[-4:]} được suy ra từ ngày đăng của bài báo."
        answer = full
        asked = question.words.slice(start, end).lower()
        if head.rstrip().lower().endswith((" đến", " tới")) and tail.strip():
            return None  # "đến bao giờ mới xong"
        if not head.strip() or (tail.strip() and asked in _ANY_TIME):  # "… khi nào khởi công?"
            return Said(capital(f"{' '.join(f'{head}{tail}'.split())} {_on(full)}".strip()), False, note)
        if head.rstrip().lower().endswith(("vào", "trong", "từ", "đến", "tới", "lúc", "trước", "sau")):
            if full.split()[0].lower() in ("sáng", "chiều", "tối", "trưa", "vào", "lúc", "từ", "hôm"):
                return None
        else:
            answer = _on(full)
    elif kind is Kind.PERSON and finding.type is Type.PERSON:
        office = role_of(question.text)
        if office is not None and not (office.body or office.level or question.names):
            return None  # "Ai làm bí thư?": of what, the quote says
        span = answer = f"{_title_before(finding)}{span}"
        if not head.strip() and tail.strip().startswith("là "):
            return Said(capital(f"{tail.strip()[3:]} là {span}".strip()), False)
    elif kind is Kind.ROLE and finding.type is Type.ROLE:
        answer = span if question.words.slice(start, end).lower() == "ai" else f"chức vụ {span}"
    elif kind is Kind.DOCUMENT and finding.type is Type.DOCUMENT:
        slot = question.words.slice(start, end).split()
        if slot[0].lower() != span.split()[0].lower():
            return None
        answer = span if not head.strip() else span[0].lower() + span[1:]
    else:
        return None
    sentence = " ".join(f"{head}{answer}{tail}".split())
    return Said(capital(neutralise(sentence).strip()), False, note)


_TITLE = re.compile(r"(?<!\w)(đồng chí|ông|bà|anh|chị|cô|cụ|thầy|bác sĩ|linh mục|hòa thượng)\s+$", re.I)


def _title_before(finding: Finding) -> str:
    """Return how the article addresses a person ("đồng chí "), as far as it stands right before the name."""
    title = _TITLE.search(canonical(finding.sentence.text[: finding.start]))
    return f"{title[1].lower()} " if title and not _TITLED.match(canonical(finding.text)) else ""


def figure(text: str) -> str:
    """Return the number in a span that may hold its unit too."""
    numbers = [c for c in candidates_in(text) if c.type is Type.NUMBER]
    return numbers[0].text if numbers else text


def _on(full: str) -> str:
    low = full.split()[0].lower()
    if low in ("sáng", "chiều", "tối", "trưa", "vào", "lúc", "từ", "hôm", "khoảng", "cuối", "đầu", "giữa"):
        return full[0].lower() + full[1:]
    if full[:1].isdigit():
        return f"vào ngày {full}" if re.search(r"[-/]", full) else f"vào năm {full}"
    return f"vào {full[0].lower()}{full[1:]}"


def _source_unit(finding: Finding) -> str:
    """Return the unit that the article writes behind the number, where the question names none."""
    span = finding.sentence.text[finding.start : finding.end + 24]
    number = figure(canonical(finding.text))
    rest = canonical(span).partition(number)[2]
    following = canonical(rest).lower()
    for unit in _COUNTED:
        if re.match(rf"\s*{re.escape(unit)}(?!\w)", following):
            return (" " if following[:1] == " " else "") + unit
    return ""
