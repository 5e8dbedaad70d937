"""Sentences of Vietnamese news, with exact offsets into the original text.

One regular expression proposes the places where a sentence may end; a few rules throw out those that do
not: abbreviations (TP., ThS., Q., đ/c.), initials (Nguyễn V. A.), enumerators (1. 2. a.), dates and numbers.
A semicolon ends nothing inside a line, for the clauses of a list share their subject. This module does not
change the text, and it knows no paragraphs: what a block of an article is, `index.clean` decides.
"""

from __future__ import annotations

import re
import unicodedata

from index.normalize import composed_with_offsets
from index.types import Sentence

MAX_SENTENCE = 2_000
"""Code points after which a run without any end of sentence is cut (tables, broken PDF text)."""

_UPPER = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
# It begins with one set of letters, for which `re` scans several times faster than for alternatives.
_CANDIDATE = re.compile(
    rf"""[.!?…\n](?:
          (?<!\n)([.!?…]*(?:/\.+)?["”’»)\]]*)   # the end mark, with what closes behind it
          (?:\s+|\Z|(?=[{_UPPER}]))              # white space, nothing, or a forgotten blank
        | (?<=\n)\s*                             # or the end of a line without an end mark
    )""",
    re.VERBOSE,
)
_ITEM = re.compile(r"[-–—•*+▪►✓][ \t\u00a0]|(?:\d{1,2}|[a-zđ])[.)][ \t\u00a0]|[IVX]{1,4}\.[ \t\u00a0]")
_ENUMERATOR = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*|[A-Za-zđĐ]|[IVX]{1,5})\Z")
_LAST_WORD = re.compile(r"[^\s(\[“\"‘'«,;:]*\Z")
_ADDRESS = re.compile(r"://|www|@")
_DATE_PART = re.compile(r"\d{1,2}\s*[./-]\s*\d")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_OPENERS = frozenset("“\"‘'«([")
_DASHES = frozenset("-–—•*+▪►✓")

# Never the end of a sentence: a name follows.
_TITLES = _words(
    "ThS Ths TS Ts PGS GS BS Bs BSCKI BSCKII CKI CKII KS Ks KTS LS Ls NCS NSND NSƯT NGND NGƯT DS CN Ths.BS "
    "đ/c Đ/c đc Đc ĐC Mr Mrs Ms Dr Prof B/s TTK"
)
# Before a name or a number; still the end where a word follows that opens sentences and begins no place.
_PLACES = _words("TP Tp tp TX Tx tx TT Tt tt Q P H X Đ T KP Kp kp KĐT KCN QL TL ĐT Trg TW")
# Initials of two and three letters, as in "Nguyễn Thị Th.".
_DIGRAPHS = _words("Th Tr Ng Ngh Nh Ph Kh Ch Gi Qu")
# Before a number only.
_NUMBERED = _words("tr Tr No no Vol vol pp p q ph Ph kp khoản đ")
_STARTERS = _words(
    "Ông Theo Tại Trong Ngày Hiện Khi Các Những Đây Nhưng Cùng Bên Sau Trước Đến Từ Nếu Với Qua Tuy Do Vì "
    "Để Sáng Chiều Tối Cũng Đặc Riêng Dự Ngoài Được Bị Người Công Cơ Lúc Hôm Năm Tổng Trên Như Đồng Việc Về "
    "Chúng Tôi Cả Lãnh Phát Thời Đại Hội"
)
_PLACE_NAMES = _words("Tuy Đồng Sông Từ Cao Hội Đại Đông Sáng Công Phát Năm Tổng Cơ Người Lãnh")
# A single capital after these is a class, not the initial of a name.
_CLASSES = _words(
    "vitamin loại nhóm khối hạng điểm lớp khu gan cúm bảng hàng mục dãy tuyến tòa toà lô hình đội phương án"
)


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """Split `text[start:end]` into sentences; offsets count code points of the whole `text`.

    Sentences come in order and do not overlap; every letter and digit of the range lies in exactly one.
    """
    if end is None:
        end = len(text)
    piece = text[start:end]
    if not unicodedata.is_normalized("NFC", piece):  # the rules know letters with their marks
        converted = composed_with_offsets(piece)
        spans = [converted.original_span(s.start, s.end) for s in split_sentences(converted.text)]
        return [Sentence(piece[low:high], start + low, start + high) for low, high in spans]
    sentences: list[Sentence] = []
    begin = start
    for found in _CANDIDATE.finditer(text, start, end):
        mark_end, following = found.end(1), found.end()
        if mark_end < 0:  # the end of a line
            if following < end and _line_ends(text, begin, found.start(), following):
                _emit(sentences, text, begin, found.start())
                begin = following
        elif following < end and _sentence_ends(text, begin, found.start(), mark_end, following):
            _emit(sentences, text, begin, mark_end)
            begin = following
    _emit(sentences, text, begin, end)
    return sentences


def _sentence_ends(text: str, begin: int, mark: int, mark_end: int, following: int) -> bool:
    """Is the end mark `text[mark:mark_end]`, before `text[following]`, the end of the sentence?"""
    gap = text[mark_end:following]
    after = text[following]
    if not gap:
        return (
            mark - begin > 3
            and text[mark - 2 : mark].islower()
            and text[following + 1 : following + 2].islower()
            and not _is_abbreviation(text, begin, mark, following)
            and not _ADDRESS.search(text[max(begin, mark - 80) : mark].rpartition(" ")[2])
        )
    line_ends = "\n" in gap
    if line_ends and (gap.count("\n") > 1 or _ITEM.match(text, following)):
        return True
    if after in _DASHES:
        quoted = mark_end - mark > 1 and text[mark_end - 1] not in ".!?…"
        return line_ends or (
            not quoted
            and text[following + 1 : following + 2] == " "
            and text[following + 2 : following + 3].isupper()
        )
    if not (after.isupper() or after.isdigit() or after in _OPENERS):
        return False
    if mark_end - mark == 1 and text[mark] == ".":
        return not _is_abbreviation(text, begin, mark, following)
    return True


def _is_abbreviation(text: str, begin: int, dot: int, following: int) -> bool:
    """Does the full stop at `dot` belong to the word before it rather than end the sentence?"""
    low = max(begin, dot - 24)
    blank = text.rfind(" ", low, dot) + 1 or low
    if dot - blank > 12:
        return False
    found = _LAST_WORD.search(text, blank, dot)
    if found is None:
        return False
    word = found.group()
    first = found.start()
    if first == begin and _ENUMERATOR.match(word):
        return True
    if word.isdigit():
        return len(word) <= 2 and (
            _DATE_PART.match(text, following) is not None
            or text[max(begin, first - 2) : first].rstrip()[-1:] == ":"
        )
    last = word.rpartition(".")[2]
    if word in _TITLES or last in _TITLES or word.replace(".", "") in _TITLES:
        return True
    next_end = following
    while next_end < len(text) and text[next_end].isalnum():
        next_end += 1
    next_word = text[following:next_end]
    if last in _NUMBERED and next_word[:1].isdigit():
        return True
    if word in _DIGRAPHS or (len(last) == 1 and last.isupper() and (last == word or _all_initials(word))):
        if text[following] == "(":  # "Trần Thị B. (35 tuổi)"
            return True
        return _is_initial(text, begin, first, last, next_word, next_end)
    if last in _PLACES:
        return next_word not in _STARTERS or next_word in _PLACE_NAMES
    return False


def _all_initials(word: str) -> bool:
    return all(len(part) == 1 for part in word.split("."))


def _is_initial(text: str, begin: int, first: int, letter: str, next_word: str, next_end: int) -> bool:
    """Is a single capital before a full stop an initial inside a name (or Q., P. for quận, phường)?"""
    if len(next_word) == 1 and next_word.isupper() and text[next_end : next_end + 1] == ".":
        return True
    before = text[max(begin, first - 30) : first].split()
    previous = before[-1] if before else ""
    is_class = unicodedata.normalize("NFC", previous.lower()) in _CLASSES
    if next_word in _STARTERS:
        return letter in _PLACES and not previous[:1].isupper() and next_word in _PLACE_NAMES
    if letter in _PLACES and (next_word[:1].isdigit() or not previous[:1].isupper()) and not is_class:
        return True
    if is_class:
        return False
    if next_word[:1].isdigit():  # "… nợ bà Th. 300.000 đồng"
        return True
    # "Nguyễn Văn A." is a whole name, "Nguyễn V. Minh", "J. Biden" and "Donald J. Trump" go on.
    capitals = 0
    for word in reversed(before):
        if not word[:1].isupper() or word[-1:] in ",;:.":
            break
        capitals += 1
    return capitals < 2


def _line_ends(text: str, begin: int, newline: int, following: int) -> bool:
    """Does a line that has no end mark end its sentence, or was it only wrapped?"""
    if text.count("\n", newline, following) > 1 or _ITEM.match(text, following):
        return True
    line = text[max(begin, text.rfind("\n", begin, newline) + 1) : newline].rstrip()
    if line[-1:] in (":", ";", "|"):
        return True
    if line[-1:] in (",", "(", "–"):
        return False
    return len(line) < 45 and not text[following].islower()


def _emit(sentences: list[Sentence], text: str, begin: int, end: int) -> None:
    piece = text[begin:end]
    stripped = piece.strip()
    if len(stripped) < 8 and not any(map(str.isalnum, stripped)):
        return
    begin += len(piece) - len(piece.lstrip())
    end = begin + len(stripped)
    while end - begin > MAX_SENTENCE:
        cut = _cut(text, begin, begin + MAX_SENTENCE)
        head = text[begin:cut].rstrip()
        sentences.append(Sentence(head, begin, begin + len(head)))
        begin = cut
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        sentences.append(Sentence(text[begin:end], begin, end))


def _cut(text: str, begin: int, limit: int) -> int:
    """The best place to cut an endless run: behind a semicolon, a line, a comma, a blank, or anywhere."""
    middle = (begin + limit) // 2
    for mark in ("; ", "\n", ", ", " "):
        at = text.rfind(mark, middle, limit)
        if at >= 0:
            return at + len(mark)
    return limit
