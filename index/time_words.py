"""Words that name a time relative to a day: "hôm qua", "tuần trước", "3 tháng qua", "6 tháng đầu năm".

Patterns are matched on lower-case text without tone marks; `has_time_words` then rejects other words that
look the same without marks ("tôi qua" is not "tối qua").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from index.periods import Period, months_back, months_period, quarter_period, week_period, years_period

Resolver = Callable[[re.Match[str], date], Period | None]

_TIME_WORD_LIST = (
    "hôm hom sáng trưa chiều tối đêm khuya rạng nay qua kia ngày tuần tháng năm quý quí trước này ngoái sau "
    "tới đến từ vừa rồi gần đây trở lại đầu cuối giữa nửa mùng mồng và thứ hai ba tư sáu bảy chủ nhật một "
    "bốn tám chín mười mấy vài giai đoạn nhiệm kỳ kì vào sang lúc kể hết trong thời gian của"
)
_TIME_WORDS = frozenset(_TIME_WORD_LIST.split())
_WORD = re.compile(r"[^\W\d_]+")
NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        ("", "mot", "hai", "ba|vai|may", "bon|tu", "nam", "sau", "bay", "tam", "chin", "muoi", "", "muoi hai")
    )
    for word in words.split("|")
    if word
}
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True)) + ")"
_PAST = r"(?:qua|vua qua|vua roi|gan day|gan nhat|tro lai day)"
_DAY_PART = r"(?:rang sang|sang|trua|chieu|toi|dem|khuya)"


def has_time_words(text: str) -> bool:
    """Whether every word of a canonical match is a word of time, or typed without marks."""
    return all(word.isascii() or word in _TIME_WORDS for word in _WORD.findall(text.lower()))


def count_of(written: str) -> int:
    """Return the number of a digit string or a number word without marks."""
    return int(written) if written.isdigit() else NUMBER_WORDS[written]


def _fixed(days_back: int) -> Resolver:
    def resolve(match: re.Match[str], day: date) -> Period:
        that = day - timedelta(days=days_back)
        return Period(that, that)

    return resolve


def _weeks(offset: int) -> Resolver:
    return lambda match, day: week_period(day, offset)


def _month(offset: int) -> Resolver:
    def resolve(match: re.Match[str], day: date) -> Period | None:
        that = months_back(day.replace(day=1), -offset)
        return months_period(that.year, that.month, that.month)

    return resolve


def _year(offset: int) -> Resolver:
    return lambda match, day: years_period(day.year + offset, day.year + offset)


def _quarter(offset: int) -> Resolver:
    def resolve(match: re.Match[str], day: date) -> Period | None:
        that = months_back(day.replace(day=1), -3 * offset)
        return quarter_period(that.year, (that.month + 2) // 3)

    return resolve


def _last_units(match: re.Match[str], day: date) -> Period | None:
    """N days, weeks, months or years that end today."""
    count = count_of(match["count"])
    unit = match["unit"]
    if unit in ("ngay", "hom", "tuan"):
        return Period(day - timedelta(days=count * (7 if unit == "tuan" else 1)), day)
    months = count * (12 if unit == "nam" else 1)
    return Period(months_back(day, min(months, 12 * 150)), day)


def _units_ago(match: re.Match[str], day: date) -> Period | None:
    """A point N units ago, as wide as its unit."""
    count = count_of(match["count"])
    unit = match["unit"]
    if unit == "ngay":
        that = day - timedelta(days=count)
        return Period(that, that)
    if unit == "tuan":
        return week_period(day, -count)
    that = months_back(day.replace(day=1), min(count, 150) * (12 if unit == "nam" else 1))
    if unit == "nam":
        return years_period(that.year, that.year)
    return months_period(that.year, that.month, that.month)


def _months_of_year(match: re.Match[str], day: date) -> Period | None:
    """N first or last months of a year; "9 tháng năm 2025" means the first nine."""
    count = count_of(match["count"])
    if not 1 <= count <= 12:
        return None
    year = year_of(match["year"], day)
    if match["part"] == "cuoi":
        return months_period(year, 13 - count, 12)
    return months_period(year, 1, count)


def year_of(written: str | None, day: date) -> int:
    """Return the year of "2025", "nay", "ngoái", "trước", "tới"; the year of `day` for None."""
    if written and written.isdigit():
        return int(written)
    return day.year + {"ngoai": -1, "truoc": -1, "sau": 1, "toi": 1}.get(written or "", 0)


def _compiled(*rows: tuple[str, Resolver]) -> tuple[tuple[re.Pattern[str], Resolver], ...]:
    return tuple((re.compile(rf"(?<!\w){pattern}(?!\w)"), resolver) for pattern, resolver in rows)


MONTHS_OF_YEAR = _compiled(
    (
        rf"{_COUNT} thang (?P<part>dau|cuoi)(?: cua)? nam(?: (?P<year>nay|ngoai|truoc|\d{{4}}))?",
        _months_of_year,
    ),
    (rf"{_COUNT} thang(?P<part>) nam (?P<year>\d{{4}})", _months_of_year),
)
RELATIVE_TIMES = _compiled(
    (
        rf"{_COUNT} thang (?P<part>dau|cuoi)(?: cua)? nam(?: (?P<year>nay|ngoai|truoc|\d{{4}}))?",
        _months_of_year,
    ),
    (rf"{_COUNT} (?P<unit>ngay|hom|tuan|thang|nam) {_PAST}", _last_units),
    (rf"{_COUNT} (?P<unit>ngay|tuan|thang|nam) truoc", _units_ago),
    (rf"(?:ngay hom nay|hom nay|{_DAY_PART} (?:hom )?nay)", _fixed(0)),
    (rf"(?:ngay hom qua|hom qua|{_DAY_PART} (?:hom )?qua)", _fixed(1)),
    (r"hom kia", _fixed(2)),
    (r"(?:trong )?tuan nay", _weeks(0)),
    (rf"tuan (?:truoc|roi|{_PAST})", _weeks(-1)),
    (r"thang nay", _month(0)),
    (rf"thang (?:truoc|roi|{_PAST})", _month(-1)),
    (r"quy nay", _quarter(0)),
    (rf"quy (?:truoc|{_PAST})", _quarter(-1)),
    (r"nam nay", _year(0)),
    (rf"nam (?:ngoai|truoc|roi|{_PAST})", _year(-1)),
    (r"(?:nam (?:sau|toi)|sang nam)(?! \d)", _year(1)),
)
