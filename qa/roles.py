"""Roles as news states them: "Phó Bí thư Quận ủy, Chủ tịch UBND quận", part by part.

A deputy is not the head, and the secretary of one body is not that of another: two roles are one only if
their offices are the same word for word and one body's words hold the other's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from index.normalize import strip_tones
from qa.names import FUNCTION_WORDS
from qa.words import word_set

_OFFICES = sorted(
    (
        "tổng bí thư",
        "bí thư",
        "chủ tịch",
        "chủ nhiệm",
        "giám đốc",
        "tổng giám đốc",
        "trưởng ban",
        "trưởng phòng",
        "cục trưởng",
        "vụ trưởng",
        "viện trưởng",
        "hiệu trưởng",
        "thủ tướng",
        "bộ trưởng",
        "thứ trưởng",
        "tổng thống",
        "ủy viên",
        "tổ trưởng",
        "tổ phó",
        "đội phó",
        "chỉ huy phó",
        "trưởng đoàn",
        "đội trưởng",
        "tư lệnh",
        "chính ủy",
        "chánh án",
        "chánh văn phòng",
        "người phát ngôn",
        "thị trưởng",
        "thống đốc",
        "tổng thư ký",
        "đại sứ",
        "tổng biên tập",
        "trưởng công an",
        "huấn luyện viên",
        "viện trưởng viện kiểm sát",
        "chỉ huy trưởng",
        "trưởng khu phố",
        "trưởng ấp",
    ),
    key=lambda office: -len(office),
)
# One token for each body, so that a people's council and a people's committee share no word.
_BODIES = (
    ("ủy ban mặt trận tổ quốc việt nam", "mttq"),
    ("ủy ban mttq việt nam", "mttq"),
    ("ủy ban mặt trận tổ quốc", "mttq"),
    ("ủy ban mttq", "mttq"),
    ("mặt trận tổ quốc", "mttq"),
    ("ủy ban nhân dân", "ubnd"),
    ("hội đồng nhân dân", "hđnd"),
    ("ban chấp hành", "bch"),
    ("ban thường vụ", "btv"),
    ("thành phố hồ chí minh", "tphcm"),
)
ORGANS = frozenset({"mttq", "ubnd", "hđnd", "hdnd", "bch", "btv", "đoàn", "doan"})
_ENDS_BODY = word_set("nào nao kiêm đi giám kiểm thăm dự tên phát biểu")
_NO_END = frozenset({("dự", "án"), ("kiểm", "tra"), ("kiểm", "sát"), ("kiểm", "soát"), ("giám", "sát")})
_LEVELS = word_set("phường xã quận huyện tỉnh thành phố tp thị trấn đặc khu các đồng chí ông bà")
_WORD = re.compile(r"[^\W_]+")
_COMMITTEE = re.compile(
    r"\b(thành|quận|huyện|tỉnh|đảng|phường|xã|thanh|quan|huyen|tinh|dang) (ủy|uy|đoàn|doan)\b"
)


@dataclass(frozen=True, slots=True)
class Role:
    """An office ("bí thư"), whether its deputy, standing or acting, and the words of its body.

    `level` is the rank of the place it governs ("phường", "thành phố"), "" where none is said.
    """

    office: str
    deputy: bool
    standing: bool
    body: frozenset[str]
    level: str = ""


def role_words(text: str, *, toneless: bool = False) -> list[str]:
    """Return the lower-case words of a text, every body of `_BODIES` as one word."""
    line = " ".join(_WORD.findall(text.lower())).replace("uvtv", "ủy viên ban thường vụ")
    line = re.sub(r"(?<!\w)hlv(?: trưởng)?(?!\w)", "huấn luyện viên", line)
    if toneless:
        line = strip_tones(line)
    for body, short in _BODIES:
        line = line.replace(
            strip_tones(body) if toneless else body, strip_tones(short) if toneless else short
        )
    return line.split()


def organs_in(text: str) -> frozenset[str]:
    """Return the organs that a text names: committees of every level, councils, fronts, as one word each."""
    line = _COMMITTEE.sub(r"\1_\2", " ".join(role_words(text)))
    return frozenset(word for word in line.split() if word in ORGANS or "_" in word)


def role_of(text: str, *, toneless: bool = False) -> Role | None:
    """Return the first role stated in `text` (canonical), None where there is none."""
    words = role_words(text, toneless=toneless)
    line = " ".join(words)
    best: tuple[int, str, str] | None = None
    for office in _OFFICES:
        shown = strip_tones(office) if toneless else office
        place = re.search(rf"(?<!\w){re.escape(shown)}(?!\w)", line)
        if place and (best is None or place.start() < best[0]):
            best = (place.start(), shown, office)
    if best is None:
        return None
    at, shown, office = best
    before = line[:at].split()[-1:]
    after = re.sub(r"^\s*của(?!\w)", "", line[at + len(shown) :]).split()
    standing_word = "thuong truc" if toneless else "thường trực"
    rest = _COMMITTEE.sub(r"\1_\2", " ".join(after))  # "thành ủy" is one word: a quận ủy is another body
    functions = FUNCTION_WORDS - {"ban", "dân", "ủy", "tổ"}
    body: list[str] = []
    said = rest.replace(standing_word, "").split()
    for word, following in pairwise([*said, ""]):
        ends = word in _ENDS_BODY and (word, following) not in _NO_END
        if word in functions or ends or len(body) >= 12:
            break
        if word not in _LEVELS and (not toneless or word not in _PLAIN_LEVELS):
            body.append(word)
    level = None if toneless else _LEVEL.search(rest)
    return Role(
        office,
        before in (["phó"], ["pho"]),
        rest.startswith(standing_word),
        frozenset(body),
        _RANKS.get(level[0], "") if level else "",
    )


_RANKS = {
    "phường": "phường", "xã": "phường", "thị trấn": "phường", "đặc khu": "phường",
    "quận": "quận", "huyện": "quận", "thị xã": "quận",
    "tỉnh": "tỉnh",
    "thành phố": "thành phố", "tp": "thành phố", "tphcm": "thành phố",
}  # fmt: skip
# Not the "xã" of "xã hội"; "quận_ủy" is one word by now. The first one said is the office's own.
_LEVEL = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_RANKS, key=len, reverse=True))})(?!\w)(?! hội)")
_PLAIN_LEVELS = frozenset(strip_tones(word) for word in _LEVELS)


def role_parts(text: str) -> list[str]:
    """Split a chain of roles at its commas and semicolons."""
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]


# Who is meant where only a place is named: "Bí thư phường", "Chủ tịch phường".
_MEANT = {"bí thư": re.compile(r"^(?!chi_)\w+_ủy$"), "chủ tịch": re.compile("^ubnd$")}


def _bodies_agree(asked: Role, said: Role) -> float:
    """Return in [0, 1] how far the bodies of two roles are one; both name some."""
    organs = [{w for w in body if w in ORGANS or "_" in w} for body in (asked.body, said.body)]
    meant = _MEANT.get(asked.office)
    theirs = said.body
    if not organs[0] and organs[1] and meant is not None:
        if not any(meant.match(organ) for organ in organs[1]):
            return 0.0  # the chairman of a ward is that of its committee, not of its council
        theirs = said.body - organs[1]
        if not theirs:
            return 0.8
    numbers = [{word for word in body if word.isdigit()} for body in (asked.body, theirs)]
    if all(numbers) and not numbers[0] & numbers[1]:
        return 0.0  # "khu vực 1" is not "khu vực 2"
    value = len(asked.body & theirs) / min(len(asked.body), len(theirs))
    other = all(organs) and not organs[0] & organs[1]
    return 0.0 if value < 0.7 or other else value  # another body: the council is not the committee


def roles_agree(asked: Role, said: str, *, toneless: bool = False) -> float:
    """Return in [0, 1] whether a stated chain of roles includes the asked one.

    0 where the offices differ (a deputy is not the head), less than 1 where the bodies only touch.
    """
    best = 0.0
    for part in role_parts(said):
        role = role_of(part, toneless=toneless)
        if role is None or role.office != asked.office or role.deputy != asked.deputy:
            continue
        if asked.standing and not role.standing:
            continue
        if asked.level and role.level and asked.level != role.level:
            continue  # the chairman of the city is not that of the ward
        if not asked.body or not role.body:
            value = 0.8
        else:
            value = _bodies_agree(asked, role)
            if not asked.standing and role.standing:
                value *= 0.9
        best = max(best, value)
    return best
