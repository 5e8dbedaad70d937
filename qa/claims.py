"""Questions that put a figure and ask whether it is right: "Phường Tây Nam có 900 đảng viên phải không?".

They are asked as the question for the figure, and the figure found decides between "Đúng" and "Không". This
module knows no article; what is found, it is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from qa.compare import value_of_finding
from qa.extract import Finding
from qa.facts import facts_in
from qa.respond import Draft

_CONFIRM = r"(?:có\s+)?(?:phải|đúng|chính xác)(?:\s+(?:vậy|thế|như\s+vậy|như\s+thế))?\s+(?:không|chứ)"
_END = re.compile(rf"[\s,]*{_CONFIRM}\s*\??\s*$", re.I)
_BEGIN = re.compile(r"^\s*(?:có\s+(?:đúng|phải|thật)|phải\s+chăng|liệu\s+có\s+đúng)\s+(?:là\s+)?", re.I)
_FINAL = re.compile(r"[\s,]*(?:không)?\s*\?\s*$", re.I)
_ROUGH = r"hơn|trên|gần|khoảng|chừng|xấp xỉ"
# A figure that counts or measures: no date, no year, no name of a quarter or of a document.
_FIGURE = re.compile(
    rf"(?<![\w/.,-])(?P<rough>(?:{_ROUGH})\s+)?(?P<figure>\d+(?:[.,]\d+)*)(?![\w/-]|[.,]\d)(?=\s*%|\s+[^\W\d])"
)
_NAMES = re.compile(
    r"(?:năm|ngày|tháng|quý|khóa|kỳ|số|thứ|khu phố|tổ|ấp|điều|quận|phường|thế kỷ|giờ|lúc|mùng)\s+$", re.I
)
_NEAR = Decimal("0.05")  # "khoảng 1.300" of 1.284


@dataclass(frozen=True, slots=True)
class Claim:
    """`asked` is the question for the figure, `value` what the question puts, `rough` as "khoảng" does."""

    asked: str
    value: Decimal
    rough: bool


def claim_of(text: str) -> Claim | None:
    """Return the claim that a question with tone marks asks about; None where it puts not just one figure."""
    if _END.search(text):
        told = _END.sub("", _BEGIN.sub("", text))
    elif _BEGIN.match(text) and _FINAL.search(text):
        told = _FINAL.sub("", _BEGIN.sub("", text))
    else:
        return None
    figures = [one for one in _FIGURE.finditer(told) if not _NAMES.search(told[: one.start()])]
    if len(figures) != 1:
        return None
    found = facts_in(told[figures[0].start("figure") :]).numbers
    if not found:
        return None
    before, after = told[: figures[0].start()], told[figures[0].end() :].lstrip()
    asked = f"{before}bao nhiêu {after.replace('%', 'phần trăm', 1) if after[0] == '%' else after}".strip()
    return Claim(asked[:1].upper() + asked[1:] + "?", found[0].value, figures[0]["rough"] is not None)


def judged(claim: Claim, finding: Finding, draft: Draft) -> Draft:
    """Return the draft that says first whether the claim is right.

    As it is where articles disagree, where the figure is only quoted (it may be of something beside), and
    where the article is too vague to tell: "hơn 186 tỷ" is not 190, nor is it surely another figure.
    """
    theirs = value_of_finding(finding)
    if theirs is None or draft.leads or draft.text.startswith("“"):
        return draft
    value, about = theirs
    near = abs(value - claim.value) <= _NEAR * abs(value)
    right = value == claim.value or (claim.rough and near)
    if near and about and not right:
        return draft
    marker = next(iter(draft.marks))
    return replace(draft, leads={marker: "Đúng: " if right else "Không: "})
