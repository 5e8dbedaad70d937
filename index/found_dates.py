"""Which days a Vietnamese text names, resolved against the article's own date.

Takes any text, with or without tone marks; offsets are into the given text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.normalize import canonical_with_offsets, strip_tones
from index.periods import (
    Period,
    complete_day,
    complete_month,
    day_period,
    months_period,
    quarter_period,
    years_period,
)
from index.time_words import MONTHS_OF_YEAR, RELATIVE_TIMES, Resolver, has_time_words, year_of

Precision = Literal["day", "month", "quarter", "year", "period"]


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date named by `text[start:end]`: the days `first` to `last`, both included.

    `first` and `last` are None where the text leaves the year out and nothing tells it; `month` and `day`
    are what was written (0 if not). `year_inferred` is true where the year came from the article's date.
    """

    start: int
    end: int
    precision: Precision
    first: date | None
    last: date | None
    month: int = 0
    day: int = 0
    year_inferred: bool = False


_YEAR = r"(?P<year>(?:18|19|20)\d\d)(?![\d/]|-[a-zđ])"
_OF_YEAR = rf"(?:(?:,?\s+nam\s+|\s?[-/]\s?|\s+){_YEAR}|\s+nam\s+(?P<said>nay|ngoai|truoc)(?!\w))?"
_NOT_INSIDE = r"(?<![\w/.,-])"
_TRIGGER = (
    r"(?:sang|trua|chieu|toi|dem|khuya|hom|ngay|mung|mong|tu|den|truoc|sau|va|thu \w+|chu nhat|nay|qua|vao)"
)
_SHAPES: tuple[tuple[Precision, str], ...] = (
    # 24-7-2025, 14/3/2024, 15.01.2025
    ("day", rf"{_NOT_INSIDE}(?P<day>\d{{1,2}})(?P<s>\s?[-/.]\s?)(?P<month>\d{{1,2}})(?P=s){_YEAR}"),
    # 24 tháng 7 (năm 2025)
    (
        "day",
        rf"{_NOT_INSIDE}(?P<day>\d{{1,2}})\s+thang\s+(?P<month>\d{{1,2}})(?![\d.,]*\d){_OF_YEAR}",
    ),
    # Sáng 2-10, ngày 3/4, chiều nay (2-10)
    (
        "day",
        rf"\b{_TRIGGER},?\s+\(?(?:ngay\s+)?(?P<day>\d{{1,2}})(?P<s>[-/])(?P<month>\d{{1,2}})(?![\d/]|[-.,]\d|\s?%|-[a-z])",
    ),
    # tháng 10/2025, tháng 10 năm 2025, tháng 10
    (
        "month",
        rf"\bthang\s+(?P<month>\d{{1,2}})(?![\d.,]*\d){_OF_YEAR}",
    ),
    ("quarter", rf"\bquy\s+(?P<quarter>iv|i{{1,3}}|[1-4])\b{_OF_YEAR}"),
    # nhiệm kỳ 2020 - 2025, giai đoạn 2023-2030
    (
        "period",
        rf"{_NOT_INSIDE}(?P<from>(?!1900)(?:19|20)\d\d)\s?[-–]\s?{_YEAR}",
    ),
    ("year", rf"\bnam\s+{_YEAR}"),
)
_PATTERNS = tuple((precision, re.compile(shape)) for precision, shape in _SHAPES)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_FUTURE = re.compile(r"\b(?:se|du kien|sap toi|sap dien ra|toi day|chuan bi|han chot|truoc ngay)\b|\d toi\b")
_DOCUMENT_BEFORE = re.compile(r"\b(?:so|luat|thong tu|nghi dinh|cong van|van ban)\s+$")
_CUES = re.compile(r"\d|hom|sang|trua|chieu|toi|dem|quy|tuan|thang|nam")


def dates_in(text: str, *, article_date: date | None) -> list[FoundDate]:
    """Return the dates that a text names, in order, not overlapping.

    Ratios (16/76), document numbers (11/NQ-HĐND), scores and "24/7" are none: day and month without a year
    count only after words like "ngày", "sáng", "từ". Years left out are the nearest past of `article_date`
    (the nearest coming one where the sentence speaks of the future).
    """
    converted = canonical_with_offsets(text)
    plain = strip_tones(converted.text).lower()
    if len(plain) != len(converted.text) or not _CUES.search(plain):
        return []
    found: list[FoundDate] = []
    taken = bytearray(len(plain))
    for item in _candidates(converted.text, plain, article_date):
        if not any(taken[item.start : item.end]):
            taken[item.start : item.end] = b"\x01" * (item.end - item.start)
            start, end = converted.original_span(item.start, item.end)
            found.append(
                FoundDate(
                    start,
                    end,
                    item.precision,
                    item.first,
                    item.last,
                    item.month,
                    item.day,
                    item.year_inferred,
                )
            )
    return sorted(found, key=lambda item: item.start)


def _candidates(text: str, plain: str, article_date: date | None) -> Iterator[FoundDate]:
    """Yield dates at canonical offsets, the surest shapes first."""
    yield from _relative(MONTHS_OF_YEAR, text, plain, article_date)
    for precision, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if not has_time_words(text[match.start() : match.end()]):
                continue
            if _DOCUMENT_BEFORE.search(plain[max(0, match.start() - 12) : match.start()]):
                continue
            item = _READERS[precision](match, match.groupdict(), plain, article_date)
            if item is not None:
                yield item
    yield from _relative(RELATIVE_TIMES, text, plain, article_date)


def _relative(
    table: tuple[tuple[re.Pattern[str], Resolver], ...], text: str, plain: str, article_date: date | None
) -> Iterator[FoundDate]:
    for pattern, resolve in table:
        for match in pattern.finditer(plain):
            stated = (match.groupdict().get("year") or "").isdigit()
            if article_date is None and not stated:
                continue
            if not has_time_words(text[match.start() : match.end()]):
                continue
            if (period := resolve(match, article_date or date(2000, 1, 1))) is not None:
                yield FoundDate(
                    match.start(),
                    match.end(),
                    "day" if period.first == period.last else "period",
                    period.first,
                    period.last,
                    year_inferred=not stated,
                )


def _speaks_of_future(plain: str, match: re.Match[str]) -> bool:
    start = max(plain.rfind(". ", 0, match.start()), plain.rfind("\n", 0, match.start()), match.start() - 60)
    return _FUTURE.search(plain[max(start, 0) : match.end() + 5]) is not None


Groups = dict[str, str | None]


def _number(groups: Groups, name: str) -> int:
    return int(groups.get(name) or 0)


def _year_said(groups: Groups, article_date: date | None) -> int:
    """The year as written, or of "năm nay", "năm ngoái"; 0 if none is said."""
    if groups.get("said") and article_date is not None:
        return year_of(groups["said"], article_date)
    return _number(groups, "year")


def _day(match: re.Match[str], groups: Groups, plain: str, article_date: date | None) -> FoundDate | None:
    day, month = _number(groups, "day"), _number(groups, "month")
    year = _year_said(groups, article_date)
    if day_period(2000, month, day) is None:
        return None
    start = match.start("day")
    if year:
        period = day_period(year, month, day)
    elif article_date is None:
        return FoundDate(start, match.end(), "day", None, None, month, day)
    else:
        period = complete_day(month, day, article_date, future=_speaks_of_future(plain, match))
    if period is None:
        return None
    return FoundDate(start, match.end(), "day", period.first, period.last, month, day, not year)


def _month(match: re.Match[str], groups: Groups, plain: str, article_date: date | None) -> FoundDate | None:
    month, year = _number(groups, "month"), _year_said(groups, article_date)
    if not 1 <= month <= 12:
        return None
    if not year and article_date is None:
        return FoundDate(match.start(), match.end(), "month", None, None, month)
    inferred = not year
    if inferred and article_date is not None:
        year = complete_month(month, article_date, future=_speaks_of_future(plain, match))
    return _found(match, "month", months_period(year, month, month), inferred, month)


def _quarter(match: re.Match[str], groups: Groups, plain: str, article_date: date | None) -> FoundDate | None:
    written = groups["quarter"] or ""
    quarter = _QUARTERS.get(written) or int(written)
    year = _year_said(groups, article_date)
    inferred = not year
    if inferred:
        if article_date is None:
            return None
        year = complete_month(quarter * 3 - 2, article_date, future=_speaks_of_future(plain, match))
    return _found(match, "quarter", quarter_period(year, quarter), inferred)


def _year(match: re.Match[str], groups: Groups, plain: str, article_date: date | None) -> FoundDate | None:
    year = _number(groups, "year")
    return _found(match, "year", years_period(year, year), False)


def _span(match: re.Match[str], groups: Groups, plain: str, article_date: date | None) -> FoundDate | None:
    return _found(match, "period", years_period(_number(groups, "from"), _number(groups, "year")), False)


def _found(
    match: re.Match[str], precision: Precision, period: Period | None, inferred: bool, month: int = 0
) -> FoundDate | None:
    if period is None:
        return None
    return FoundDate(
        match.start(), match.end(), precision, period.first, period.last, month, year_inferred=inferred
    )


_Reader = Callable[[re.Match[str], Groups, str, date | None], FoundDate | None]
_READERS: dict[Precision, _Reader] = {
    "day": _day,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
    "period": _span,
}
