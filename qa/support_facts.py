"""Does the evidence carry the facts of a sentence: document numbers, dates, numbers, names, places, offices?

Every check returns None where all is well, else the reason in Vietnamese, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.normalize import canonical
from qa.align import contains
from qa.facts import Facts, Number, facts_in, spelled_value
from qa.names import FUNCTION_WORDS, NameKind, looks_vietnamese, names_in
from qa.roles import role_of, roles_agree
from qa.scope import Standing, standing
from qa.types import Evidence
from qa.words import Words, read_words, word_set

Check = Callable[[Words, Sequence[Evidence]], str | None]

ABBREVIATIONS = {
    "tphcm": "thành phố hồ chí minh",
    "ubnd": "ủy ban nhân dân",
    "hđnd": "hội đồng nhân dân",
    "mttq": "mặt trận tổ quốc",
    "uvtv": "ủy viên thường vụ",
    "tp": "thành phố",
    "đ/c": "đồng chí",
    "bch": "ban chấp hành",
    "btv": "ban thường vụ",
    "ubkt": "ủy ban kiểm tra",
    "tw": "trung ương",
    "cp": "chính phủ",
}
# Words that claim nothing by themselves.
FREE = FUNCTION_WORDS | word_set(
    "một người đồng chí ông bà rằng cũng thì đều nên đó này việc sự theo bài báo nguồn câu trả lời "
    "thông tin cho biết ngày tháng năm hiện tại số là tổng cộng gồm bao thuộc giữ chức vụ vào lúc "
    "khoảng cả và còn"
)
_WINDOW = 6


def expanded(words: Words) -> list[str]:
    """Return the lower-case words with common abbreviations written out."""
    found: list[str] = []
    for word in words.words:
        found.extend(ABBREVIATIONS.get(word.key, word.key).split())
    return found


def passage_words(cited: Sequence[Evidence]) -> list[list[str]]:
    """Return the words of each source's title, passage and sentence, as `expanded` has them."""
    return [
        expanded(read_words(f"{item.article.title} . {item.hit.passage.text} . {item.sentence.text}"))
        for item in cited
    ]


def _facts(cited: Sequence[Evidence]) -> list[tuple[Evidence, Facts]]:
    return [(item, facts_in(item.sentence.text)) for item in cited]


def _document(words: Words, cited: Sequence[Evidence]) -> str | None:
    for number in facts_in(words.text).documents:
        if not any(number in facts.documents for _, facts in _facts(cited)):
            return f"số hiệu {number} không có trong câu nguồn"
    return None


def _date(words: Words, cited: Sequence[Evidence]) -> str | None:
    for claimed in facts_in(words.text).dates:
        held = any(
            found.supports(claimed, written=item.article.date)
            or (claimed.day is None and claimed.month is None and found.year == claimed.year)
            for item, facts in _facts(cited)
            for found in facts.dates
        ) or any(
            claimed.day is None and claimed.month is None and number.value == claimed.year
            for _, facts in _facts(cited)
            for number in facts.numbers
        )
        written = [item.article.date for item in cited if item.article.date is not None]
        held = held or any(
            (claimed.day, claimed.month, claimed.year) == (d.day, d.month, d.year) for d in written
        )
        if not held:
            return f"ngày tháng “{claimed.text}” không có trong câu nguồn"
    return None


def _number(words: Words, cited: Sequence[Evidence]) -> str | None:
    sources = _facts(cited)
    claimed = facts_in(words.text)
    for number in claimed.numbers:
        same = [
            (item, found)
            for item, facts in sources
            for found in facts.numbers
            if found.value == number.value and found.percent == number.percent
        ]
        years = [
            d for _, facts in sources for d in facts.dates if d.year is not None and number.value == d.year
        ]
        if not same and not years:
            return f"số {number.text} không có trong câu nguồn"
        if same and not any(_same_unit(words, number, item, found) for item, found in same):
            return f"số {number.text} trong câu nguồn nói về điều khác"
    for phrase in claimed.spelled:
        value = spelled_value(phrase)
        held = any(
            contains([w.key for w in read_words(item.sentence.text).words], phrase.split())
            or any(number.value == value for number in facts.numbers)
            for item, facts in sources
        )
        if not held:
            return f"số “{phrase}” không có trong câu nguồn"
    return None


def _content_after(words: Words, end: int) -> list[str]:
    """Return the words that say what a number counts: up to three after it, to the next mark."""
    found: list[str] = []
    at = end
    for word in words.words:
        if word.start < end:
            continue
        if re.search(r"[,;:.()\[\]]", words.text[at : word.start]) or word.is_number or len(found) == 3:
            break
        at = word.end
        if word.key in FREE:
            if found:
                break
            continue
        found.append(word.key)
    return found


def _same_unit(words: Words, number: Number, item: Evidence, found: Number) -> bool:
    """Return whether the number counts the same there: its unit stands behind it or before it."""
    unit = _content_after(words, number.end)
    if not unit:
        before = [w.key for w in words.words if w.end <= number.start and w.key not in FREE]
        unit = before[-2:]
        if not unit:
            return True
    source = read_words(item.sentence.text)
    behind = [w.key for w in source.words if w.start >= found.end][:_WINDOW]
    numbers_after = [i for i, key in enumerate(behind) if key[:1].isdigit()]
    behind = behind[: numbers_after[0]] if numbers_after else behind
    clause = max(
        (m.end() for m in re.finditer(r"[,;:]\s|\s(?:với|và|có)\s", source.text[: found.start])), default=0
    )
    ahead = [w.key for w in source.words if clause <= w.start and w.end <= found.start]
    other = next((w for w in behind if w not in FREE), None)
    if unit[0] in behind[:4]:
        return True
    sentence_start = [w.key for w in source.words if w.end <= found.start]
    if other is None or other in ("đồng", "người", "nhân", "dân"):
        return any(word in sentence_start for word in unit)
    return unit[0] in ahead and (len(unit) < 2 or unit[1] in ahead)


def _name(words: Words, cited: Sequence[Evidence]) -> str | None:
    passages = passage_words(cited)
    items = words.words
    i = 0
    while i < len(items):
        if not items[i].capital:
            i += 1
            continue
        end = i + 1
        while (
            end < len(items)
            and items[end].capital
            and words.text[items[end - 1].end : items[end].start] in (" ", "-")
        ):
            end += 1
        run = [part for w in items[i:end] for part in ABBREVIATIONS.get(w.key, w.key).split()]
        first = i == 0 or words.text[items[i - 1].end : items[i].start].strip()[-1:] in (
            ".",
            "!",
            "?",
            ":",
            "“",
        )
        ordinary = end - i == 1 and first and looks_vietnamese(items[i].plain)
        held = any(contains(keys, run) for keys in passages)
        if not held and first and len(run) > 1:  # "Theo Nguyễn Văn A": the first word is only a beginning
            held = items[i].key in FREE and any(contains(keys, run[1:]) for keys in passages)
        if not held and not ordinary:
            return f"tên “{words.slice(i, end)}” không có trong đoạn nguồn"
        i = end
    return None


def _place(words: Words, cited: Sequence[Evidence]) -> str | None:
    """The place named must be the one that the source's sentence speaks of."""
    facts = facts_in(words.text)
    for name in names_in(words):
        if name.kind is not NameKind.PLACE or not name.head:
            continue
        best = Standing.ABSENT
        for item in cited:
            start, end = item.sentence.start, item.sentence.end
            places = [
                found.start
                for found in facts_in(item.sentence.text).numbers
                if any(found.value == number.value for number in facts.numbers)
            ] or [len(canonical(item.sentence.text)) - 1]
            source = read_words(item.sentence.text)
            for place in places:
                at = start + source.original_span(min(place, len(source.text)), len(source.text))[0]
                best = max(best, standing(name, article=item.article, sentence=(start, end), at=at))
        if best < Standing.ARTICLE:
            return f"câu nguồn không nói về {name.head} {name.text}"
    return None


def _role(words: Words, cited: Sequence[Evidence]) -> str | None:
    asked = role_of(words.text)
    if asked is None:
        return None
    people = [name for name in names_in(words) if name.kind is NameKind.PERSON]
    best = 0.0
    for item in cited:
        for sentence in (item.sentence, *item.hit.passage.sentences):
            text = canonical(sentence.text)
            if people and not any(contains([w.key for w in read_words(text).words], p.core) for p in people):
                continue
            for part in re.split(r"[;.]", text) if people else [text]:
                near = not people or any(
                    contains([w.key for w in read_words(part).words], p.core) for p in people
                )
                if near:
                    best = max(best, roles_agree(asked, part))
    if best < 0.5:
        return "chức vụ không có trong đoạn nguồn" + (f" ({people[0].text})" if people else "")
    return None


FACT_CHECKS: tuple[Check, ...] = (_document, _date, _number, _name, _place, _role)
