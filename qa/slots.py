"""Recognisers of what a question is made of: the words that ask, the unit counted, one or several, yes or no.

All take a text read word by word and whether it has no tone marks; `question` puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.normalize import strip_tones
from qa.question_words import (
    PERSON_NOUNS,
    PHRASES,
    RELATIVES,
    STOP_UNIT,
    STOP_UNIT_PLAIN,
    YES_NO_ENDS,
    YES_NO_STARTS,
    Kind,
)
from qa.words import Words, word_set


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    keys: tuple[str, ...]
    plain: tuple[str, ...]


def phrase(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a phrase, with and without their tone marks."""
    return tuple(text.split()), tuple(strip_tones(text).split())


def _compile() -> dict[str, list[tuple[int, _Rule]]]:
    """Return the rules by the first word, with and without its tone marks, each with its rank.

    The longest first; among equally long ones in the order of the table.
    """
    rules = [_Rule(kind, *phrase(text)) for kind, block in PHRASES for text in block.split("|")]
    rules += [_Rule(Kind.PERSON, *phrase(f"{noun} nào")) for noun in PERSON_NOUNS]
    found: dict[str, list[tuple[int, _Rule]]] = {}
    for rank, rule in enumerate(sorted(rules, key=lambda rule: -len(rule.keys))):
        for first in {rule.keys[0], rule.plain[0]}:
            found.setdefault(first, []).append((rank, rule))
    return found


_RULES = _compile()


def same(words: Words, at: int, rule: tuple[tuple[str, ...], tuple[str, ...]], *, toneless: bool) -> bool:
    """Return whether the words from `at` are the phrase, tone marks aside where the question has none."""
    keys, plain = rule
    if at < 0 or at + len(keys) > len(words.words):
        return False
    if toneless:
        return all(words.words[at + i].plain == word for i, word in enumerate(plain))
    return all(words.words[at + i].key == word for i, word in enumerate(keys))


def find(words: Words, texts: tuple[str, ...], *, toneless: bool) -> tuple[int, int] | None:
    """Return the first place of any of the phrases."""
    for text in texts:
        wanted = phrase(text)
        for at in range(len(words.words) - len(wanted[0]) + 1):
            if same(words, at, wanted, toneless=toneless):
                return at, at + len(wanted[0])
    return None


def slot_of(words: Words, *, toneless: bool) -> tuple[Kind, tuple[int, int]]:
    """Return the question words and what they ask for; (TEXT, empty range at the end) for none."""
    last = len(words.words) - 1
    found: list[tuple[int, int, _Rule]] = []
    for at, word in enumerate(words.words):
        for rank, rule in _RULES.get(word.plain if toneless else word.key, ()):
            if not same(words, at, (rule.keys, rule.plain), toneless=toneless):
                continue
            if toneless and rule.keys == ("đâu",) and 0 < at < last:  # "dau" is also đầu, dầu, dấu
                continue
            if toneless and rule.keys == ("mấy",) and at == last:
                continue  # "phuong ben may": at the end "may" is a name's word; "thứ mấy" has its own rule
            if rule.keys == ("mấy",) and last == 0:
                continue
            found.append((rank, -at, rule))
    if found:  # of the first rule that speaks its last place
        _, at, rule = min(found, key=lambda one: one[:2])
        return rule.kind, (-at, len(rule.keys) - at)
    return Kind.TEXT, (len(words.words), len(words.words))


_TIMES = tuple(
    phrase(time) for time in ("năm ngoái", "năm nay", "năm trước", "hiện nay", "hôm nay", "tháng này")
)


def unit_after(words: Words, end: int, *, toneless: bool) -> tuple[int, int]:
    """Return the words counted from word `end` on; an empty range where none are."""
    stop = end
    stops = STOP_UNIT_PLAIN if toneless else STOP_UNIT
    items = words.words
    if same(words, end, phrase("phần trăm"), toneless=toneless):
        return end, end + 2  # of what is what is asked about, not how it is counted
    while stop < len(items) and stop - end < 6:
        key = items[stop].plain if toneless else items[stop].key
        pupils = key == "sinh" and (items[stop - 1].plain == "hoc" or _next_is(words, stop, "vien"))
        if (key in stops and not pupils) or items[stop].is_number:
            break
        if stop > end and any(same(words, stop, time, toneless=toneless) for time in _TIMES):
            break  # "mấy bác sĩ năm ngoái" counts doctors
        if stop > end and words.text[items[stop - 1].end : items[stop].start].strip():
            break
        stop += 1
    if stop - end > 1 and stop < len(items) and items[stop].is_number and items[stop - 1].plain == "nam":
        stop -= 1  # "công dân nhập ngũ năm 2026"
    return end, stop


def _next_is(words: Words, index: int, plain: str) -> bool:
    return index + 1 < len(words.words) and words.words[index + 1].plain == plain


def yes_no_in(words: Words, *, toneless: bool) -> tuple[int, int] | None:
    """Return the words that ask for yes or no, at the end or the beginning; None where none do."""
    for text in YES_NO_ENDS:
        wanted = phrase(text)
        for end in (len(words.words), len(words.words) - 1):  # "… không ạ?"
            at = end - len(wanted[0])
            if at > 0 and same(words, at, wanted, toneless=toneless):
                return at, len(words.words)
    for text in YES_NO_STARTS:
        wanted = phrase(text)
        if same(words, 0, wanted, toneless=toneless):
            return 0, len(wanted[0])
    return None


_NUMBERS = word_set(
    "số tổ phố ấp vực lần thứ quận phường khóa tháng ngày năm quý so to pho ap vuc lan thu quan"
)
_SEVERAL = word_set("hai ba bốn sáu bảy tám chín mười")
# Before "các", "những" at the head of a question: "kể tên các …", "cho biết những …".
_ASKING_FIRST = word_set("hãy xin kể nêu tên cho biết liệt kê danh sách hay ke neu ten biet liet danh sach")


_LEVELS = word_set("cấp cap chiều chieu lớp lop")


def plural_in(words: Words, kind: Kind, slot: tuple[int, int], *, toneless: bool) -> bool:
    """Return whether several are asked for: "những, các" opens the question or governs the question words.

    "Đơn vị nào lắp wifi ở các ấp?" asks for one, and so does "Bí thư Đảng ủy các cơ quan Đảng là ai?".
    """
    keys = [word.plain if toneless else word.key for word in words.words]
    if kind in (Kind.PLACE, Kind.ORGANISATION, Kind.DOCUMENT, Kind.TEXT) and slot[0] < slot[1]:
        first = max(0, slot[0] - (3 if kind is Kind.TEXT else 1))
        # "14 doanh nghiệp nào", "bốn việc gì"; not "tổ công tác số 4 tên gì"
        for i in range(first, slot[0]):
            counts = (words.words[i].is_number and len(keys[i]) < 4) or words.words[i].key in _SEVERAL
            kind_of = (
                keys[i + 1] in _LEVELS and words.words[slot[0] - 1].plain == "la"
            )  # "chính quyền 2 cấp là gì"
            if counts and not (i and keys[i - 1] in _NUMBERS) and not {"tên", "ten"} & set(keys[i : slot[0]]):
                return not kind_of
    for at, key in enumerate(keys):
        reach = 1 if kind is Kind.PERSON else 4 if kind is Kind.TEXT or key[0] == "n" else 2
        if key not in (("nhung", "cac") if toneless else ("những", "các")):
            continue
        where = words.slice(*slot).lower().endswith(("đâu", "dau"))
        if slot[0] - reach <= at < slot[1] or (not where and all(one in _ASKING_FIRST for one in keys[:at])):
            return True
    return False


def opens_with_relation(words: Words) -> bool:
    """Return whether the text opens with a relation: "chồng của X là ai" asks for a name."""
    return any(same(words, 0, phrase(noun), toneless=False) for noun in RELATIVES)


def opens_with_person(words: Words) -> bool:
    """Return whether the text opens with a word for a person: an office, a calling, a relation."""
    first = 1 if same(words, 0, phrase("tên"), toneless=False) else 0
    return any(same(words, first, phrase(noun), toneless=False) for noun in PERSON_NOUNS)


def asks_name(words: Words, slot: tuple[int, int], *, toneless: bool) -> bool:
    """Return whether a person's name is asked for: "… tên gì", "… tên là gì" of an office or a relation."""
    named = any(
        same(words, slot[0] - n, phrase(t), toneless=toneless) for n, t in ((1, "tên"), (2, "tên là"))
    )
    person = opens_with_person(words) or (words.words and words.words[0].plain in ("nguoi", "vi"))
    return named and slot[1] > slot[0] and bool(person)


def compound(words: Words, at: int, *, toneless: bool) -> bool:
    """Return whether a word that is mostly empty is the end of one that is not: the "số" of "dân số"."""
    return same(words, at - 1, phrase("dân số"), toneless=toneless)
