"""What in a sentence can be asked for: numbers, dates, names, roles, places, documents, reasons, phrases.

A gap is a range of tokens, the question word that would stand in its place, and a few ready questions that do
not ask in place ("Ai là Bí thư Quận ủy?"). Used only to make training questions from plain text.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from models.reader_text import tokens_of


@dataclass(frozen=True, slots=True)
class Gap:
    """Tokens [start, end) are the answer; `words` replaces [cut_start, cut_end), which holds the answer."""

    start: int
    end: int
    cut_start: int
    cut_end: int
    words: tuple[str, ...]
    kind: str
    ready: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sentence: surface forms, lower-case forms, offsets."""

    words: list[str]
    lower: list[str]
    starts: list[int]
    ends: list[int]


def tokens(sentence: str) -> Tokens:
    """Cut a sentence into tokens."""
    found = tokens_of(sentence)
    words = [m.group() for m in found]
    return Tokens(words, [w.lower() for w in words], [m.start() for m in found], [m.end() for m in found])


def _read_lists() -> dict[str, frozenset[str]]:
    lists: dict[str, frozenset[str]] = {}
    for line in (Path(__file__).parent / "gap_words.txt").read_text(encoding="utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            lists[name] = frozenset(words.split(", "))
    return lists


_LISTS = _read_lists()
_SCALES, _UNITS, _PERSON = _LISTS["scales"], _LISTS["units"], _LISTS["person"]
_PLACE, _NOUNS, _TIME_WORDS = _LISTS["place"], _LISTS["nouns"], _LISTS["time_words"]
LIGHT = _LISTS["light"]  # words that say little
_ROLE = re.compile(
    r"^(?:(?:Nguyên|nguyên|Quyền|quyền)\s)?(?:Phó\s|phó\s)?"
    r"(?:Bí thư|Chủ tịch|Giám đốc|Tổng|Trưởng|Ủy viên|Bộ trưởng|Thứ trưởng|"
    r"Thủ tướng|Viện trưởng|Hiệu trưởng|Cục trưởng|Chánh|Đại biểu|Tư lệnh|Chi cục|"
    r"giám đốc|chủ tịch|trưởng|bí thư|"
    r"phó|hiệu trưởng|thủ tướng|tổng|đại diện|chuyên gia|nhà|huấn luyện viên|tiền đạo|ca sĩ|diễn viên)"
)
_TIME_WORDS = _LISTS["time_words"]
# Words after which a phrase can be asked for, and how.
_AFTER: dict[str, tuple[str, ...]] = {
    "là": ("gì",),
    "để": ("làm gì", "để làm gì"),
    "nhằm": ("nhằm mục đích gì", "để làm gì"),
    "vì": ("vì sao", "tại sao", "vì lý do gì"),
    "do": ("vì sao", "do đâu", "tại sao"),
    "bởi": ("bởi ai", "bởi cái gì", "bởi những gì"),
    "rằng": ("điều gì", "gì", "rằng gì"),
    "gồm": ("những gì", "gồm những gì", "những ai"),
    "thành": ("gì", "cái gì"),
    "bằng": ("bằng gì", "bằng cách nào"),
    "nhờ": ("nhờ đâu", "nhờ vào điều gì"),
    "khiến": ("gì", "điều gì"),
    "gọi": ("gì",),
    "như": ("những gì", "như thế nào", "nào"),
    "với": ("gì", "ai", "cái gì"),
    "về": ("gì", "vấn đề gì", "điều gì"),
    "có": ("gì", "những gì", "điều gì"),
    "cho": ("ai", "gì", "đối tượng nào"),
    "của": ("ai", "nước nào", "cơ quan nào", "gì"),
    "trong": ("đâu", "lĩnh vực nào", "gì"),
    "ở": ("đâu",),
    "tại": ("đâu",),
    "vào": ("đâu", "gì", "khi nào"),
    "từ": ("đâu", "gì", "khi nào"),
    "thuộc": ("đâu", "gì", "nhóm nào"),
    "theo": ("ai", "cách nào", "quy định nào", "gì"),
    "được": ("làm gì", "như thế nào", "gì"),
    "bị": ("làm sao", "như thế nào", "gì"),
    "đã": ("làm gì", "như thế nào", "có hành động gì"),
    "sẽ": ("làm gì", "như thế nào"),
    "phải": ("làm gì", "gì"),
    "không": ("làm gì", "được làm gì"),
    "nên": ("gì", "điều gì"),
    "qua": ("gì", "đâu"),
    "đối": ("ai", "gì"),
    "khi": ("nào", "khi nào"),
}
_STOPS = {",", ".", ";", ":", "(", ")", "!", "?", "…", "“", "”", '"', "–"}


def find_gaps(sentence: Tokens, rng: random.Random, text: str) -> list[Gap]:
    """Return what can be asked in one sentence, in no special order."""
    words, lower = sentence.words, sentence.lower
    size = len(words)
    gaps: list[Gap] = []
    i = 0
    while i < size:
        if words[i][0].isdigit():
            i = _number(sentence, i, gaps, rng)
        elif (
            words[i][0].isupper()
            and words[i][0].isalpha()
            and (i > 0 or (size > 1 and words[1][:1].isupper()))
        ):
            i = _name(sentence, i, gaps, rng, text)
        else:
            i += 1
    for i in range(1, size - 1):
        ways = _AFTER.get(lower[i])
        if not ways:
            continue
        stop = i + 1
        depth = 0
        while stop < size:
            if words[stop] == "(":
                depth += 1
            elif words[stop] == ")" and depth:
                depth -= 1
            elif not depth and words[stop] in _STOPS and not (words[stop] == "," and rng.random() < 0.35):
                break
            stop += 1
        if stop > i + 3 and rng.random() < 0.3:  # end the phrase at a joint inside
            joints = [
                j for j in range(i + 2, stop) if lower[j] in _AFTER or lower[j] in ("và", "mà", "nhưng")
            ]
            if joints:
                stop = rng.choice(joints)
        while stop > i + 1 and words[stop - 1] in _STOPS and words[stop - 1] != ")":
            stop -= 1
        length = stop - i - 1
        if not (1 <= length <= 36) or (length == 1 and not words[i + 1][0].isupper()):
            continue
        way = rng.choice(ways)
        keep = lower[i] not in ("để", "nhằm", "vì", "do", "bởi", "nhờ", "bằng", "rằng") or way in (
            "gì",
            "điều gì",
        )
        if lower[i] == "là" and words[i + 1][0].isupper() and rng.random() < 0.6:
            way = "ai"
        cut = i + 1 if keep and way.split()[0] != lower[i] else i
        gaps.append(Gap(i + 1, stop, cut, stop, tuple(way.split()), "phrase"))
    if size > 6:
        for i in range(2, min(size - 3, 14)):
            if lower[i] == "là" and all(w not in _STOPS for w in words[:i]) and i <= 10:
                rest = _until_mark(words, i + 1)
                who = "ai" if words[0][0].isupper() and i <= 5 and words[min(1, i - 1)][0].isupper() else "gì"
                said = " ".join(words[i + 1 : rest])
                ready = (f"{who.capitalize()} là {said}?", f"{said} là {who}?", f"{said} được gọi là gì?")
                gaps.append(Gap(0, i, 0, i, (who,), "subject", ready))
                break
    return gaps


def _until_mark(words: list[str], start: int) -> int:
    while start < len(words) and words[start] not in _STOPS:
        start += 1
    return start


def _number(sentence: Tokens, i: int, gaps: list[Gap], rng: random.Random) -> int:
    words, lower = sentence.words, sentence.lower
    size = len(words)
    previous = lower[i - 1] if i else ""
    token = words[i]
    if any(c.isalpha() for c in token):  # 57-NQ/TW
        start = i
        if previous == "số":
            start -= 1
        noun = " ".join(lower[max(0, start - 2) : start])
        if noun in _NOUNS:
            ways = [noun + " nào", noun + " số mấy", noun + " số bao nhiêu", "văn bản nào"]
            gaps.append(Gap(start - 2, i + 1, start - 2, i + 1, tuple(rng.choice(ways).split()), "document"))
        else:
            gaps.append(Gap(i, i + 1, i, i + 1, ("nào",), "document"))
        return i + 1
    if previous in _TIME_WORDS or "/" in token:
        start, stop = i, i + 1
        while start > 0 and (lower[start - 1] in _TIME_WORDS or words[start - 1][0].isdigit()):
            start -= 1
        while stop < size and (lower[stop] in ("tháng", "năm", "/", "-", "–") or words[stop][0].isdigit()):
            stop += 1
        while lower[stop - 1] in ("tháng", "năm", "-", "–", "/"):
            stop -= 1
        if stop <= i:
            return i + 1
        if lower[start] == "năm" and stop == start + 2:
            way = rng.choice(["năm nào", "năm nào", "năm bao nhiêu", "khi nào", "thời gian nào"])
        elif lower[start] == "thế":
            way = rng.choice(["thế kỷ nào", "khi nào", "thời gian nào"])
        else:
            way = rng.choice(
                ["khi nào", "ngày nào", "thời gian nào", "ngày tháng năm nào", "bao giờ", "thời điểm nào"]
            )
        inner = i if lower[start] == "năm" and stop == start + 2 and rng.random() < 0.3 else start
        gaps.append(Gap(inner, stop, start, stop, tuple(way.split()), "time"))
        return stop
    start, stop = i, i + 1
    while stop < size and (lower[stop] in _SCALES or words[stop] == "%"):
        stop += 1
    unit = stop
    if unit < size and lower[unit] in _UNITS and words[stop - 1] != "%":
        unit += 1
        if unit < size and (lower[unit], lower[unit - 1]) in (
            ("trăm", "phần"),
            ("la", "đô"),
            ("vuông", "km"),
        ):
            unit += 1
        if unit < size and lower[unit] == "vuông":
            unit += 1
        if rng.random() < 0.5:
            words_ = ("bao nhiêu",) if rng.random() < 0.4 else ("bao nhiêu", *words[stop:unit])
            gaps.append(Gap(start, unit, start, unit, tuple(" ".join(words_).split()), "number"))
            return unit
    way = "bao nhiêu" if rng.random() < 0.8 or len(token) > 2 else "mấy"
    if words[stop - 1] == "%":
        way = rng.choice(["bao nhiêu phần trăm", "bao nhiêu %", "bao nhiêu"])
    answer_end = stop
    if stop < size and words[stop][0].isalpha() and rng.random() < 0.45:
        answer_end = min(size, stop + rng.choice((1, 2)))
        while answer_end > stop and (words[answer_end - 1] in _STOPS or words[answer_end - 1][0].isdigit()):
            answer_end -= 1
    gaps.append(Gap(start, answer_end, start, stop, tuple(way.split()), "number"))
    return stop


def _name(sentence: Tokens, i: int, gaps: list[Gap], rng: random.Random, text: str) -> int:
    words, lower = sentence.words, sentence.lower
    size = len(words)
    stop = i + 1
    while stop < size and (
        (words[stop][0].isupper() and words[stop][0].isalpha())
        or (words[stop] in ("-", ".") and stop + 1 < size and words[stop + 1][0].isupper())
        or (words[stop][0].isdigit() and len(words[stop]) < 3 and words[stop - 1].isupper())
    ):
        stop += 1
    if words[stop - 1] in ("-", "."):
        stop -= 1
    previous = lower[i - 1] if i else ""
    name = " ".join(words[i:stop])
    ready: tuple[str, ...] = ()
    start = i
    two = " ".join(lower[max(0, i - 2) : i])
    three = " ".join(lower[max(0, i - 3) : i])
    if previous in _PERSON or (
        stop - i >= 2 and stop < size and lower[stop] in ("cho", "nói", "khẳng", "chia", "(")
    ):
        way = "ai"
        if rng.random() < 0.35:
            while start > max(0, i - 4) and lower[start - 1] in _PERSON | {
                "chủ",
                "bí",
                "giám",
                "bác",
                "tổng",
                "phó",
            }:
                start -= 1
        kind = "person"
        if stop < size and words[stop] in (",", "(", "-", "–", "là"):
            rest = _role_end(sentence, stop + 1)
            role = text[sentence.starts[stop + 1] : sentence.ends[rest - 1]] if rest > stop + 1 else ""
            if role and _ROLE.match(role):
                title = previous if previous in ("ông", "bà") else rng.choice(("ông", "bà", ""))
                asked = (
                    f"{title} {name} giữ chức vụ gì?",
                    f"Chức vụ của {title} {name} là gì?",
                    f"{title} {name} là ai?",
                    f"{name} đang làm gì?",
                    f"{title} {name} làm chức vụ gì, ở đơn vị nào?",
                )
                gaps.append(Gap(stop + 1, rest, stop + 1, rest, ("ai",), "role", asked))
                ready = (
                    f"Ai là {role}?",
                    f"{role} là ai?",
                    f"{role} tên là gì?",
                    f"Người giữ chức {role} là ai?",
                )
        elif start == i and i >= 3:
            before = i
            while before > 0 and words[before - 1] not in _STOPS and before > i - 12:
                before -= 1
            role = " ".join(words[before:i])
            if _ROLE.match(role):
                ready = (f"Ai là {role}?", f"{role} là ai?", f"{role} tên là gì?")
    elif three in _NOUNS or two in _NOUNS or previous in _NOUNS:
        noun = three if three in _NOUNS else two if two in _NOUNS else previous
        width = len(noun.split())
        way = noun + " nào"
        start = i - width if rng.random() < 0.7 else i
        gaps.append(Gap(start, stop, i - width, stop, tuple(way.split()), "named"))
        return stop
    elif previous in _PLACE:
        way, kind = rng.choice(["đâu", "đâu", "nơi nào", "địa phương nào"]), "place"
    else:
        if stop - i == 1 and rng.random() < 0.5:
            return stop
        way, kind = (
            rng.choice(["ai", "gì", "cơ quan nào", "tổ chức nào", "đơn vị nào", "nước nào", "cái gì"]),
            "name",
        )
    gaps.append(Gap(start, stop, start, stop, tuple(way.split()), kind, ready))
    return stop


def _role_end(sentence: Tokens, start: int) -> int:
    """End of a role that begins at `start`: up to a mark or a verb of saying."""
    stop = start
    while stop < len(sentence.words) and stop - start < 14:
        if sentence.words[stop] in _STOPS or sentence.lower[stop] in (
            "cho",
            "đã",
            "nói",
            "khẳng",
            "và",
            "đến",
            "phát",
        ):
            break
        stop += 1
    return stop
