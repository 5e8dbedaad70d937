"""Which thing it is: another hospital than the one asked about, the old market for the new, another contest.

Each rule gives 1 where it has nothing against a sentence, else a factor in (0, 1), as in `exclude`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa.question import Kind, Question
from qa.subjects import names_behind_heads
from qa.words import Words, phrases, word_set

_LITTLE = 0.1
_INSTITUTIONS = frozenset(
    ("bệnh viện", "trường", "trung tâm", "công ty", "ngân hàng", "nhà máy", "trạm y tế")
)
_SORTED = frozenset(("bến", "trạm", "sân", "bãi", "ga"))
# What an institution is, in full and in short: "Trường TH Hoa Mai" is the "Trường Tiểu học Hoa Mai".
_SORT_WORDS = word_set(
    "tiểu học th thcs thpt trung cơ sở phổ thông mầm non mn mẫu giáo công ty cp cổ phần tnhh đa khoa đk khu "
    "vực thương mại dịch vụ xây dựng và một thành viên quốc tế"
)
_OPPOSITE = {"cũ": "mới", "mới": "cũ"}
# "được gửi đi học tại Bệnh viện Chợ Gò": whose the sentence speaks of is told elsewhere.
_BESIDE = re.compile(r"(?<!\w)(?:tại|ở|từ|với|cùng|lên|về|đến|sang|cho|qua|gần)\s+$", re.I)
_RENEWED = phrases("chợ|cầu|trường|đường|nhà máy|trụ sở|bệnh viện|phường|xã|quận")
_CONTEST = re.compile(r"(?<!\w)(?:giải|cuộc thi|hội thi|môn)\s+([^\W\d_]+)\s+([^\W\d_]+)")
_PLACES_WON = word_set("nhất nhì ba tư khuyến đặc thưởng pháp quyết thể phóng vô cho và của được")


def thing_named_factor(question: Question, words: Words) -> float:
    """Return the product of the rules of this module; an institution that is asked for may be any."""
    named = question.item not in (Kind.PLACE, Kind.ORGANISATION)
    return _factor(question.text, words.text, named=named) * _sort(question, words.text.lower())


def _sort(question: Question, said: str) -> float:
    """Return little where another sort of landing is named: a "bến xe" is no "bến phà"."""
    slot = question.words.slice(*question.slot).lower().split()
    if len(slot) != 3 or slot[0] not in _SORTED or slot[2] != "nào" or " ".join(slot[:2]) in said:
        return 1.0
    return _LITTLE if re.search(rf"(?<!\w){slot[0]}\s+[^\W\d_]", said) else 1.0


@lru_cache(maxsize=2048)  # a sentence has many candidates
def _factor(asked: str, said: str, *, named: bool) -> float:
    low, low_said = asked.lower(), said.lower()
    return (
        (_institution(asked, said) if named else 1.0) * _old_or_new(low, low_said) * _contest(low, low_said)
    )


def _institution(asked: str, said: str) -> float:
    """Return little where the sentence names institutions of the sort asked about, and none is that one.

    "Bệnh viện Hòa Lạc" may be the "Bệnh viện Đa khoa khu vực Hòa Lạc", never the "Bệnh viện Đa khoa tỉnh".
    """
    wanted = [(head, name.lower().split()) for head, name, _ in names_behind_heads(asked)]
    there = [
        (head, name.lower().split())
        for head, name, at in names_behind_heads(said)
        if not _BESIDE.search(said[:at])
    ]
    for head, name in wanted:
        others = [other for sort, other in there if sort == head]
        same = any(_alike(name, other) for other in others)
        if head in _INSTITUTIONS and others and not same:
            return _LITTLE
    return 1.0


def _alike(one: list[str], other: list[str]) -> bool:
    """Return whether two names may be of one institution: their own words meet, or one has none."""
    mine, theirs = set(one) - _SORT_WORDS, set(other) - _SORT_WORDS
    return not mine or not theirs or not mine.isdisjoint(theirs)


def _old_or_new(asked: str, said: str) -> float:
    """Return little where the sentence opens with the new one and the old one is asked about."""
    for head in _RENEWED:
        name = re.search(rf"(?<!\w){head}(?:\s+[^\W\d_]+){{0,4}}?\s+(cũ|mới)(?!\w)", asked)
        if name is None:
            continue
        opening = rf"\W*(?:\w+\s+){{0,2}}?{head}\s+(?:[^\W\d_]+\s+){{0,3}}?{_OPPOSITE[name[1]]}(?!\w)"
        if re.match(opening, said) and re.search(rf"(?<!\w){name[1]}(?!\w)", said) is None:
            return _LITTLE
    return 1.0


def _contest(asked: str, said: str) -> float:
    """Return little where another contest is told of than is asked about: "giải đua ghe", "giải kéo co"."""
    wanted = [one.groups() for one in _CONTEST.finditer(asked) if one[1] not in _PLACES_WON]
    told = [one.groups() for one in _CONTEST.finditer(said) if one[1] not in _PLACES_WON]
    if not wanted or not told:
        return 1.0
    same = any(set(one) & set(other) for one in wanted for other in told)
    return 1.0 if same or any(" ".join(one) in said for one in wanted) else _LITTLE
