"""Understanding a Vietnamese question: what kind of answer, about whom, where the answer would stand.

Rules on question words, longest first, read without tone marks where the question has none. Vietnamese
asks in place: the *slot* (the question words) stands where the answer would. Deterministic; `explain`
says what was understood. This module knows no article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.normalize import strip_tones
from qa.names import Name, NameKind, names_in, with_places
from qa.question_words import (
    ADDRESS,
    COMPARE,
    EMPTY,
    EMPTY_PLAIN,
    LIST_OPENERS,
    MEASURES,
    PERSON_NOUNS,
    PHRASES,
    RELATIVES,
    ROLE_VERBS,
    STOP_UNIT,
    STOP_UNIT_PLAIN,
    TELEPHONE,
    WHERE,
    YES_NO_ENDS,
    YES_NO_STARTS,
)
from qa.question_words import Kind as Kind
from qa.words import Words, has_tones, read_words, word_set


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood. Ranges count words of `words`.

    `slot` are the question words; `item` is the kind of a single answer where `kind` is LIST, COMPARISON or
    TOTAL; `unit` are the words counted ("đảng viên" of "bao nhiêu đảng viên"), empty where none stand there.
    `focus` are the words that say what is asked about the names (the attribute), in order.
    """

    text: str
    words: Words
    kind: Kind
    item: Kind
    slot: tuple[int, int]
    unit: tuple[int, int]
    names: tuple[Name, ...]
    focus: tuple[int, ...]
    toneless: bool
    many: bool

    def key(self, index: int) -> str:
        """Return word `index` as it is compared: without tone marks where the question has none."""
        word = self.words.words[index]
        return word.plain if self.toneless else word.key

    @property
    def asks_where(self) -> bool:
        """Return whether a spot is asked for, not which of several wards or roads."""
        slot = self.words.slice(*self.slot).lower()
        return self.kind is Kind.PLACE and slot.endswith(WHERE)

    def explain(self) -> Mapping[str, object]:
        """Return what was understood, for a person."""
        return {
            "kind": self.kind.value,
            "item": self.item.value,
            "slot": self.words.slice(*self.slot),
            "unit": self.words.slice(*self.unit),
            "names": [name.text for name in self.names],
            "focus": [self.words.words[i].key for i in self.focus],
            "toneless": self.toneless,
            "many": self.many,
        }


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    keys: tuple[str, ...]
    plain: tuple[str, ...]


def _phrase(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(text.split()), tuple(strip_tones(text).split())


def _compile() -> tuple[_Rule, ...]:
    """Longest first; among equally long ones in the order of the table."""
    rules = [_Rule(kind, *_phrase(text)) for kind, block in PHRASES for text in block.split("|")]
    rules += [_Rule(Kind.PERSON, *_phrase(f"{noun} nào")) for noun in PERSON_NOUNS]
    return tuple(sorted(rules, key=lambda rule: -len(rule.keys)))


_RULES = _compile()


def _same(words: Words, at: int, rule: tuple[tuple[str, ...], tuple[str, ...]], *, toneless: bool) -> bool:
    """Return whether the words from `at` are the phrase, tone marks aside where the question has none."""
    keys, plain = rule
    if at < 0 or at + len(keys) > len(words.words):
        return False
    if toneless:
        return all(words.words[at + i].plain == word for i, word in enumerate(plain))
    return all(words.words[at + i].key == word for i, word in enumerate(keys))


def _find(words: Words, texts: tuple[str, ...], *, toneless: bool) -> tuple[int, int] | None:
    """Return the first place of any of the phrases."""
    for text in texts:
        phrase = _phrase(text)
        for at in range(len(words.words) - len(phrase[0]) + 1):
            if _same(words, at, phrase, toneless=toneless):
                return at, at + len(phrase[0])
    return None


def _slot_of(words: Words, *, toneless: bool) -> tuple[Kind, tuple[int, int]]:
    """Return the question words and what they ask for; (TEXT, empty range at the end) for none."""
    for rule in _RULES:
        starts = range(len(words.words) - len(rule.keys), -1, -1)
        for at in starts:
            if not _same(words, at, (rule.keys, rule.plain), toneless=toneless):
                continue
            if toneless and rule.keys in (("ai",), ("đâu",), ("gì",), ("nào",)) and len(words.words) > 2:
                inside = 0 < at < len(words.words) - 1
                if inside and rule.keys == ("đâu",):  # "dau" is also đầu, dầu, dấu
                    continue
            if toneless and rule.keys == ("mấy",) and at == len(words.words) - 1:
                continue  # "phuong ben may": at the end "may" is a name's word; "thứ mấy" has its own rule
            if rule.keys == ("mấy",) and at == 0 and len(words.words) < 2:
                continue
            return rule.kind, (at, at + len(rule.keys))
    return Kind.TEXT, (len(words.words), len(words.words))


def _unit_after(words: Words, end: int, *, toneless: bool) -> tuple[int, int]:
    stop = end
    stops = STOP_UNIT_PLAIN if toneless else STOP_UNIT
    items = words.words
    if _same(words, end, _phrase("phần trăm"), toneless=toneless):
        return end, end + 2  # of what is what is asked about, not how it is counted
    while stop < len(items) and stop - end < 5:
        key = items[stop].plain if toneless else items[stop].key
        if key in stops or items[stop].is_number:
            break
        if stop > end and words.text[items[stop - 1].end : items[stop].start].strip():
            break
        stop += 1
    return end, stop


def _yes_no(words: Words, *, toneless: bool) -> tuple[int, int] | None:
    for text in YES_NO_ENDS:
        phrase = _phrase(text)
        for end in (len(words.words), len(words.words) - 1):  # "… không ạ?"
            at = end - len(phrase[0])
            if at > 0 and _same(words, at, phrase, toneless=toneless):
                return at, len(words.words)
    for text in YES_NO_STARTS:
        phrase = _phrase(text)
        if _same(words, 0, phrase, toneless=toneless):
            return 0, len(phrase[0])
    return None


_SEVERAL = word_set("hai ba bốn sáu bảy tám chín mười")
# Before "các", "những" at the head of a question: "kể tên các …", "cho biết những …".
_ASKING_FIRST = word_set("hãy xin kể nêu tên cho biết liệt kê danh sách hay ke neu ten biet liet danh sach")


def _plural(words: Words, kind: Kind, slot: tuple[int, int], *, toneless: bool) -> bool:
    """Return whether several are asked for: "những, các" opens the question or governs the question words.

    "Đơn vị nào lắp wifi ở các ấp?" asks for one, and so does "Bí thư Đảng ủy các cơ quan Đảng là ai?".
    """
    keys = [word.plain if toneless else word.key for word in words.words]
    if kind in (Kind.PLACE, Kind.ORGANISATION, Kind.DOCUMENT) and 0 < slot[0] < len(keys):
        before = words.words[slot[0] - 1]
        if before.is_number or before.key in _SEVERAL:  # "14 doanh nghiệp nào"
            return True
    for at, key in enumerate(keys):
        reach = 1 if kind is Kind.PERSON else 4 if kind is Kind.TEXT or key[0] == "n" else 2
        if key not in (("nhung", "cac") if toneless else ("những", "các")):
            continue
        where = words.slice(*slot).lower().endswith(("đâu", "dau"))
        if slot[0] - reach <= at < slot[1] or (not where and all(one in _ASKING_FIRST for one in keys[:at])):
            return True
    return False


def _relative(words: Words) -> bool:
    """Return whether the text opens with a relation: "chồng của X là ai" asks for a name."""
    return any(_same(words, 0, _phrase(noun), toneless=False) for noun in RELATIVES)


def _names_person(words: Words) -> bool:
    """Return whether the text opens with a word for a person: an office, a calling, a relation."""
    first = 1 if _same(words, 0, _phrase("tên"), toneless=False) else 0
    return any(_same(words, first, _phrase(noun), toneless=False) for noun in PERSON_NOUNS)


def _asks_name(words: Words, slot: tuple[int, int], *, toneless: bool) -> bool:
    """Return whether a person's name is asked for: "… tên gì", "… tên là gì" of an office or a relation."""
    named = any(
        _same(words, slot[0] - n, _phrase(t), toneless=toneless) for n, t in ((1, "tên"), (2, "tên là"))
    )
    return named and slot[1] > slot[0] and _names_person(words)


def _compound(words: Words, at: int, *, toneless: bool) -> bool:
    """Return whether a word that is mostly empty is the end of one that is not: the "số" of "dân số"."""
    return _same(words, at - 1, _phrase("dân số"), toneless=toneless)


def understand(question: str, known: Mapping[tuple[str, ...], str] | None = None) -> Question:
    """Return the question as understood. Any text is allowed; a text without words gives Kind.TEXT.

    `known` are places by their lower-case words, with their heads (see `names.with_places`).
    """
    words = read_words(question.strip())
    toneless = bool(words.words) and not has_tones(words.text)
    kind, slot = _slot_of(words, toneless=toneless)
    if (
        kind is Kind.DOCUMENT
        and words.slice(*slot).lower().startswith("số")
        and _find(words, TELEPHONE, toneless=toneless)
    ):
        kind = Kind.TEXT
    if slot[0] == slot[1] and words.words and words.words[0].key == "sao":
        kind, slot = Kind.REASON, (0, 1)  # "Sao dân phải đi xa?"
    unit = (slot[1], slot[1])
    # An abbreviation has its capitals even where names have none: "chủ tịch UBND thành phố hải phòng".
    lowercase = not any(
        word.capital and not words.text[word.start : word.end].isupper() for word in words.words[1:]
    )
    names = names_in(words, lowercase=lowercase, toneless=toneless)
    if known:
        names = with_places(words, names, known, toneless=toneless)

    def has(*texts: str) -> bool:
        return _find(words, texts, toneless=toneless) is not None

    item = kind
    plural = _plural(words, kind, slot, toneless=toneless)
    many = plural or has("gồm", "liệt kê", "kể tên", "lần lượt") or (kind is Kind.NUMBER and has("mỗi"))
    yes_no = _yes_no(words, toneless=toneless)
    if kind is Kind.NUMBER:
        unit = _unit_after(words, slot[1], toneless=toneless)
        if (has("tổng cộng", "cả hai", "cả ba", "hai phường", "tổng") and len(names) > 1) or has(
            "cả hai", "cả ba"
        ):
            kind = Kind.TOTAL
    if has(*COMPARE) or (
        _find(words, ("hơn",), toneless=toneless)
        and (
            (slot[1] > slot[0] and item in (Kind.PLACE, Kind.ORGANISATION, Kind.TEXT))
            or has("hay", "hoặc")
            or (yes_no is not None and has("nhiều", "ít", "đông", "rộng"))
        )
        and (len(names) > 1 or has("hai", "giữa", "nơi nào", "phường nào", "đơn vị nào", "bên nào"))
    ):
        kind, item = Kind.COMPARISON, Kind.NUMBER
        more = _find(words, ("nhiều", "ít"), toneless=toneless)
        if more:
            unit = _unit_after(words, more[1], toneless=toneless)
    elif has(*LIST_OPENERS):
        kind = Kind.LIST
        item = item if item is not Kind.LIST else Kind.TEXT
    elif plural and kind in (Kind.PERSON, Kind.PLACE, Kind.ORGANISATION, Kind.DOCUMENT, Kind.TEXT):
        kind = Kind.LIST
    elif yes_no and (slot[0] == len(words.words) or yes_no[0] == 0):
        kind, item, slot, unit = Kind.YES_NO, Kind.YES_NO, yes_no, (yes_no[1], yes_no[1])
    elif (
        kind is Kind.PERSON
        and slot[0] >= 2
        and _same(words, slot[0] - 1, _phrase("là"), toneless=toneless)
        and not _relative(words)
    ):
        # "Ông Vũ Ngọc Tuất là ai?" asks for the role; "Bí thư Quận ủy là ai?" asks for the name.
        if any(name.end == slot[0] - 1 and name.kind is not NameKind.PLACE for name in names[-1:]) and (
            names[-1].start <= 2
        ):
            kind = item = Kind.ROLE
    elif kind is Kind.TEXT and _asks_name(words, slot, toneless=toneless):
        kind = item = Kind.PERSON  # "Tổ phó tổ công tác tên gì?"
    elif kind is Kind.TEXT and _same(words, slot[0] - 1, _phrase("là"), toneless=toneless):
        if slot[1] >= len(words.words) - 1 and slot[0] <= 8 and not has("của", "tên"):
            kind = item = Kind.DEFINITION
        elif has("tên"):
            item = Kind.TEXT
    elif kind is Kind.TEXT and slot[0] == slot[1] and not toneless and _names_person(words):
        kind = item = Kind.PERSON  # "chồng của Puka": asked without a question word
    taken = set(range(*slot)) | {i for name in names for i in name.places}
    for name in names:  # "ông" of "ông Lê Văn A": an article may call him comrade
        at = name.start - 1
        while at >= 0 and name.kind is NameKind.PERSON and words.words[at].plain in ADDRESS:
            taken.add(at)
            at -= 1
    if words.slice(*unit).lower() in MEASURES:  # figures carry them in other signs
        taken |= set(range(*unit))
    empty = EMPTY_PLAIN if toneless else EMPTY
    if kind is Kind.ROLE:  # "giữ chức vụ gì": what a sentence need not say to name an office
        empty = empty | ROLE_VERBS
    focus = tuple(
        i
        for i, word in enumerate(words.words)
        if i not in taken
        and (
            (word.plain if toneless else word.key) not in empty
            or (i and _compound(words, i, toneless=toneless))
        )
    )
    return Question(
        text=words.text,
        words=words,
        kind=kind,
        item=item,
        slot=slot,
        unit=unit,
        names=names,
        focus=focus,
        toneless=toneless,
        many=many,
    )
