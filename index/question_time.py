"""The time that a question is about, and whether articles should be filtered or only preferred by it.

A filter loses articles, so it is used only where the question clearly says when the news happened.
Everything else is a boost: "nhiệm vụ năm 2024" may stand in an article of 2025.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from index.found_dates import FoundDate, dates_in
from index.normalize import canonical, strip_tones
from index.periods import Period, day_period, months_back, months_period
from index.time_words import MONTHS_OF_YEAR, RELATIVE_TIMES, has_time_words, year_of

Kind = Literal["filter", "boost", "latest"]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The days `start` to `end` (both included; None is open) that a question means, written there as `text`.

    `kind`: "filter" where only articles of `published_from` to `published_until` can answer; "boost" where
    such articles are preferred; "latest" where the newest article on the matter is wanted. `latest` is also
    true for "mới nhất" together with another time.
    """

    start: date | None
    end: date | None
    kind: Kind
    text: str
    published_from: date | None = None
    published_until: date | None = None
    latest: bool = False


_LATEST = re.compile(
    r"\b(?:moi nhat|gan day nhat|gan nhat|moi day|gan day|hien nay|hien tai|bay gio|vua qua|cap nhat)\b"
)
_LATEST_WORDS = frozenset(
    ("mới", "nhất", "gần", "đây", "hiện", "nay", "tại", "bây", "giờ", "vừa", "qua", "cập", "nhật")
)
_NEWS = re.compile(r"\b(?:tin tuc|ban tin|thoi su|(?:nhung|cac|co|diem|doc) tin|tin (?:gi|nao|moi|ve))\b")
_PART_OF = re.compile(
    r"\b(?P<part>dau|giua|cuoi|nua dau|nua cuoi|nua sau)(?: cua)? (?P<unit>thang|nam)"
    r"(?: (?P<month>\d{1,2})(?!\d))?(?:(?: nam |/|-| )?(?P<year>(?:19|20)\d\d|nay|ngoai|truoc|sau|toi))?\b"
)
_FROM = re.compile(r"(?:\b(?:ke )?tu|\bsau)(?: ngay| thang| nam| khi)? ?$")
_BEFORE = re.compile(r"\b(?:truoc|den het|cho den)(?: ngay| thang| nam)? ?$")
_LINK = re.compile(r"^\s?(?:den|toi|va|-|–|cho den|den het)(?: ngay| het)?\s?$")
_UNTIL_NOW = re.compile(r"^,? ?(?:den|toi|cho den) (?:nay|hien nay|bay gio|hom nay)")
_DAY_BEFORE = re.compile(r"\btu (?:ngay )?(?P<day>\d{1,2}) (?:den|-|toi) (?:ngay )?$")
_BARE_YEAR = re.compile(r"\b(?:trong|vao|cua|tu|den|toi|dip|he|mua|giai) ((?:19|20)\d\d)\b(?![\d/.,%-])")
_DOCUMENT = re.compile(r"\d+[-/][^\W\d_]\S* (?:ngay )?$")
_SINCE_START = re.compile(r"\btu dau nam(?: (?P<year>\d{4}|nay|ngoai))?(?: (?:den|toi) nay)?\b")


def resolve_time(question: str, *, now: date) -> TimeRange | None:
    """Return the time a question is about, resolved against `now`; None if it names none."""
    text = canonical(question[:2000])
    plain = strip_tones(text).lower()
    if len(plain) != len(text):
        return None
    latest = _latest(text, plain)
    found = _since_start(text, plain, now) or _part_of(text, plain, now) or _relative(text, plain, now)
    absolute = _absolute(text, plain, now) or _bare_year(text, plain, now)
    if found is None:
        found = absolute
    elif absolute is not None and found.text != absolute.text and found.text in absolute.text:
        found = absolute  # "quý III năm nay", not just "năm nay"
    if found is not None:
        return _with_kind(found, plain, latest=latest is not None)
    if latest is None:
        return None
    return TimeRange(None, now, "latest", latest, None, now, latest=True)


@dataclass(frozen=True, slots=True)
class _Found:
    start: date | None
    end: date | None
    text: str
    near: bool = False  # said relative to today, at most some weeks back


def _with_kind(found: _Found, plain: str, *, latest: bool) -> TimeRange:
    filtering = found.near or (_NEWS.search(plain) is not None and found.start is not None)
    length = (found.end - found.start).days + 1 if found.start and found.end else 365
    slack = 2 if length <= 7 else 7 if length <= 31 else 60
    until = None
    if found.end is not None:
        until = found.end + timedelta(days=slack) if found.end.year < 9000 else found.end
    return TimeRange(
        found.start, found.end, "filter" if filtering else "boost", found.text, found.start, until, latest
    )


def _latest(text: str, plain: str) -> str | None:
    for match in _LATEST.finditer(plain):
        written = text[match.start() : match.end()]
        if all(word.isascii() or word.lower() in _LATEST_WORDS for word in written.split()):
            return written
    return None


def _since_start(text: str, plain: str, now: date) -> _Found | None:
    match = _SINCE_START.search(plain)
    if match is None:
        return None
    year = year_of(match["year"], now)
    end = now if year == now.year else date(year, 12, 31)
    return _Found(date(year, 1, 1), end, text[match.start() : match.end()])


def _part_of(text: str, plain: str, now: date) -> _Found | None:
    """Beginning, middle or end of a month or year."""
    match = _PART_OF.search(plain)
    if match is None or not has_time_words(text[match.start() : match.end()]):
        return None
    if (
        plain[: match.start()].rstrip().endswith("thang")
    ):  # "6 tháng đầu năm" is not the beginning of the year
        return None
    year, part, said = year_of(match["year"], now), match["part"], match["year"] or ""
    if match["unit"] == "nam":
        first, last = {"dau": (1, 3), "giua": (5, 8), "cuoi": (10, 12), "nua dau": (1, 6)}.get(part, (7, 12))
        period = months_period(year, first, last)
    else:
        month = int(match["month"] or now.month)
        if not match["month"] and said in ("truoc", "sau", "toi"):  # "giữa tháng trước"
            that = months_back(now.replace(day=1), 1 if said == "truoc" else -1)
            year, month = that.year, that.month
        elif not said and month > now.month:
            year -= 1
        whole = months_period(year, month, month)
        if whole is None:
            return None
        last_day = whole.last.day
        days = {"dau": (1, 10), "giua": (10, 20), "cuoi": (20, last_day), "nua dau": (1, 15)}
        first_day, end_day = days.get(part, (16, last_day))
        period = Period(date(year, month, first_day), date(year, month, end_day))
    if period is None:
        return None
    return _Found(period.first, period.last, text[match.start() : match.end()])


def _relative(text: str, plain: str, now: date) -> _Found | None:
    for pattern, resolve in MONTHS_OF_YEAR + RELATIVE_TIMES:
        match = pattern.search(plain)
        if match is None or not has_time_words(text[match.start() : match.end()]):
            continue
        period = resolve(match, now)
        if period is not None:
            near = (now - period.first).days <= 21 and (period.last - period.first).days <= 21
            return _Found(period.first, period.last, text[match.start() : match.end()], near)
    return None


def _absolute(text: str, plain: str, now: date) -> _Found | None:
    """Dates, months, quarters, years and what joins them: "từ … đến …", "trước …", "từ … đến nay"."""
    found = [
        item
        for item in dates_in(text, article_date=now)
        if item.first is not None and not _DOCUMENT.search(plain[: item.start])
    ]
    if not found:
        return None
    first = found[0]
    for left, right in pairwise(found):
        if _LINK.match(plain[left.end : right.start]) and left.first and right.last:
            start = _same_side(left, right)
            if start <= right.last:
                return _Found(start, right.last, text[left.start : right.end])
    before, after = plain[: first.start], plain[first.end :]
    written = text[first.start : first.end]
    if day := _DAY_BEFORE.search(before):
        begin = first.first and day_period(first.first.year, first.first.month, int(day["day"]))
        if begin and first.last and begin.first <= first.last:
            return _Found(begin.first, first.last, text[day.start() : first.end])
    if _FROM.search(before):
        return _Found(first.first, now if _UNTIL_NOW.match(after) else None, written)
    if _BEFORE.search(before):
        return _Found(None, first.first, written)
    starts = [item.first for item in found if item.first]
    ends = [item.last for item in found if item.last]
    return _Found(min(starts), max(ends), written)


def _same_side(left: FoundDate, right: FoundDate) -> date:
    """Give the left date the year that the right one states, if it has none of its own."""
    if left.first is None or right.last is None:
        raise ValueError("both dates need a year")
    if not left.year_inferred or right.year_inferred:
        return left.first
    moved = left.first.replace(year=right.last.year, day=min(left.first.day, 28))
    moved = moved if moved.month == 2 else moved.replace(day=left.first.day)
    return moved if moved <= right.last else moved.replace(year=moved.year - 1)


def _bare_year(text: str, plain: str, now: date) -> _Found | None:
    match = _BARE_YEAR.search(plain)
    if match is None:
        return None
    year = int(match[1])
    return _Found(date(year, 1, 1), date(year, 12, 31), match[1])
