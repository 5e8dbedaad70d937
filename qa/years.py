"""Years that a text says, and those that it only compares with."""

from __future__ import annotations

import re

YEAR = re.compile(r"(?<![\d.,/-])(1[5-9]\d\d|20\d\d)(?![\d.,]*\d)")
DATED_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_NUMBERED_DOCUMENT = re.compile(r"\d+(?:/\d{4})?[/-][A-ZĐ]{2,}[\w/-]*")
# A year that another figure is compared with is not the year of this one.
COMPARED = re.compile(
    r"(?<!\w)(?:so với|cùng kỳ|cùng thời điểm|hơn hẳn|gấp (?:đôi|rưỡi|ba|\d[\d,]*(?: lần)?))\s"
    r"[^.;]{0,40}?(?:1[5-9]|20)\d\d",
    re.I,
)


def years_said(text: str) -> set[str]:
    """Return the years of a text that are not a document's, nor what a figure is compared with."""
    return set(DATED_YEAR.findall(COMPARED.sub(" ", _NUMBERED_DOCUMENT.sub(" ", text))))
