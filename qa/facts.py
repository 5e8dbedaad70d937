"""The checkable facts of a text: numbers, dates, document numbers, in one spelling each.

"1.553" is 1553, "152 nghìn" is 152000, "11.472,75" is 11472.75; "Sáng 2-10" is the 2nd of October of a year
that the text does not give. Facts of an answer are compared with those of its source by value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from index.normalize import canonical

_SCALES = {"trăm": 100, "nghìn": 1000, "ngàn": 1000, "vạn": 10_000, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_DIGITS = {
    "không": 0,
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "sáu": 6,
    "bảy": 7,
    "bẩy": 7,
    "tám": 8,
    "chín": 9,
}
_DOCUMENT = re.compile(r"(?<![\w/])\d+(?:/\d{4})?\s?[/-]\s?[A-ZĐ]{1,}[\wĐ]*(?:\s?[-/]\s?[A-ZĐ]+\w*)*")
_DATES = (
    re.compile(r"(?<![\d/.-])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?![\d/-])"),
    re.compile(r"(?<![\d/.,-])(?P<d>\d{1,2})\s?[-/.–]\s?(?P<m>\d{1,2})\s?[-/.–]\s?(?P<y>\d{4})(?!\d)"),
    re.compile(
        r"(?:ngày|mùng)\s+(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:\s*(?:,"
        r"|năm)?\s*(?:năm\s*)?(?P<y>\d{4}))?",
        re.I,
    ),
    re.compile(r"(?:tháng\s+)?(?<![\d/.,-])(?P<m>\d{1,2})\s?[-/]\s?(?P<y>(?:1[0-9]|20)\d{2})(?!\d)", re.I),
    re.compile(r"tháng\s+(?P<m>\d{1,2})(?:\s*,?\s*năm\s+(?P<y>\d{4}))?(?!\d)", re.I),
    re.compile(
        r"(?<![\d/.,-])(?P<d>\d{1,2})\s?[-/]\s?(?P<m>\d{1,2})(?![\d/%-])(?!\s*(?:chi|xã|phường|khu|tập))",
        re.I,
    ),
    re.compile(r"ngày\s+(?P<d>\d{1,2})(?!\d|\s*[-/.]\s*\d)", re.I),
    re.compile(r"(?:năm\s+|(?<![\d.,/-]))(?P<y>(?:1[0-9]|20)\d{2})(?![\d.,]*\d)", re.I),
)
_NUMBER = re.compile(
    r"(?P<n>\d+(?:[.,]\d+)*)\s*(?P<s>(?:nghìn tỷ|ngàn tỷ|nghìn|ngàn|triệu|tỷ|tỉ|vạn"
    r"|trăm)(?!\w))?\s*(?P<p>%|phần trăm)?",
    re.I,
)
_LOOSE_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS_OF_NUMBER = re.compile(
    r"(?<!\w)(?:(?:một|hai|ba|bốn|tư|năm|sáu|bảy|bẩy|tám|chín|mười|mươi|trăm|nghìn|ngàn|triệu|tỷ"
    r"|linh|lẻ|lăm|mốt|rưỡi)"
    r"(?:\s+|(?!\w)))+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number by value; `percent` tells 12 from 12 %. `start`, `end` count characters of the text read."""

    value: Decimal
    percent: bool
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DateFact:
    """A date as far as the text gives it: day, month or year may be None."""

    day: int | None
    month: int | None
    year: int | None
    text: str
    start: int
    end: int

    def supports(self, other: DateFact, *, written: date | None = None) -> bool:
        """Return whether all that `other` says follows from this date of an article written on `written`."""
        year = self.year
        if year is None and written is not None:
            year = written.year
            # "ngày 28-12" in an article of early January speaks of the year before.
            if self.month is not None and self.month - written.month > 6:
                year -= 1
        for mine, theirs in ((self.day, other.day), (self.month, other.month), (year, other.year)):
            if theirs is not None and mine != theirs:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one text."""

    numbers: tuple[Number, ...]
    dates: tuple[DateFact, ...]
    documents: tuple[str, ...]
    spelled: tuple[str, ...]


def value_of(text: str) -> Decimal | None:
    """Read a Vietnamese number: dots part thousands, a comma the decimals (English style where"
    " it must be)."""
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", text) or re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", text):
        text = text.replace(",", "")
    else:
        text = text.replace(",", ".")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def spelled_value(text: str) -> Decimal | None:
    """Read a number written in words ("hai mươi lăm", "một nghìn hai trăm"); None where it is none."""
    total, part = 0, 0
    words = text.lower().split()
    for word in words:
        if word in _DIGITS:
            part = part + _DIGITS[word] if part % 10 == 0 else part * 10 + _DIGITS[word]
        elif word == "mười":
            part += 10
        elif word == "mươi":
            part = part - part % 10 + (part % 10 or 1) * 10 if part else 10
        elif word == "trăm":
            part = (part or 1) * 100
        elif word in ("nghìn", "ngàn", "triệu", "tỷ"):
            total += (part or 1) * _SCALES[word]
            part = 0
        elif word not in ("linh", "lẻ"):
            return None
    return Decimal(total + part)


def documents_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield document numbers in one spelling ("35-CT/TW") with their places."""
    for match in _DOCUMENT.finditer(text):
        yield re.sub(r"\s", "", match.group()).upper(), match.start(), match.end()


def facts_in(text: str) -> Facts:
    """Return the facts of a text (made canonical first). Every digit of it is in some fact."""
    text = canonical(text)
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    documents: list[str] = []
    for number, start, end in documents_in(text):
        documents.append(number)
        taken.append((start, end))
    dates: list[DateFact] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if not free(match.start(), match.end()):
                continue
            parts = {key: int(v) if (v := match.groupdict().get(key)) else None for key in "dmy"}
            if not (1 <= (parts["d"] or 1) <= 31 and 1 <= (parts["m"] or 1) <= 12):
                continue
            dates.append(
                DateFact(parts["d"], parts["m"], parts["y"], match.group(), match.start(), match.end())
            )
            taken.append((match.start(), match.end()))
    numbers: list[Number] = []
    for match in _NUMBER.finditer(text):
        if not free(match.start("n"), match.end("n")):
            continue
        value = value_of(match["n"])
        if value is None:
            continue
        for word in (match["s"] or "").lower().split():
            value *= _SCALES[word]
        numbers.append(Number(value, bool(match["p"]), match.group().strip(), match.start(), match.end()))
        taken.append((match.start(), match.end()))
    for match in _LOOSE_DIGITS.finditer(text):
        if free(match.start(), match.end()):
            value = value_of(match.group())
            if value is not None:
                numbers.append(Number(value, False, match.group(), match.start(), match.end()))
    spelled = tuple(
        words
        for match in _WORDS_OF_NUMBER.finditer(text)
        if (words := match.group().strip().lower()) not in ("một", "năm", "tư", "linh", "lẻ", "mốt", "lăm")
        and not set(words.split()) <= {*_SCALES, "rưỡi"}
    )
    return Facts(tuple(numbers), tuple(dates), tuple(documents), spelled)
