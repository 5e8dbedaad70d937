"""Understanding a Vietnamese question: what kind of answer, about whom, where the answer would stand.

Rules on question words, longest first, read without tone marks where the question has none. Vietnamese
asks in place: the *slot* (the question words) stands where the answer would. Deterministic; `explain`
says what was understood. This module knows no article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa.heads import with_office
from qa.known_places import with_places
from qa.names import Name, NameKind, names_in
from qa.plainly import without_particles
from qa.question_words import (
    ADDRESS,
    CAUSES,
    COMPARE,
    EMPTY,
    EMPTY_PLAIN,
    LIST_OPENERS,
    MEASURES,
    NUMBERED,
    ROLE_VERBS,
    TELEPHONE,
    WHERE,
)
from qa.question_words import Kind as Kind
from qa.slots import (
    asks_name,
    compound,
    find,
    opens_with_person,
    opens_with_relation,
    phrase,
    plural_in,
    same,
    slot_of,
    unit_after,
    yes_no_in,
)
from qa.words import Words, has_tones, read_words


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


def understand(question: str, known: Mapping[tuple[str, ...], str] | None = None) -> Question:
    """Return the question as understood. Any text is allowed; a text without words gives Kind.TEXT.

    `known` are places by their lower-case words, with their heads (see `known_places`).
    """
    words = read_words(with_office(without_particles(question.strip())))
    toneless = bool(words.words) and not has_tones(words.text)
    kind, slot = slot_of(words, toneless=toneless)
    if (
        kind is Kind.DOCUMENT
        and words.slice(*slot).lower().startswith("số")
        and find(words, TELEPHONE, toneless=toneless)
    ):
        kind = Kind.TEXT
    numbered = kind is Kind.NUMBER and same(words, slot[0] - 1, phrase("số"), toneless=toneless)
    if numbered and find(words, NUMBERED, toneless=toneless):
        kind, slot = Kind.DOCUMENT, (slot[0] - 1, slot[1])  # "công văn … mang số bao nhiêu"
    if slot[0] == slot[1] and words.words and words.words[0].key == "sao":
        kind, slot = Kind.REASON, (0, 1)  # "Sao dân phải đi xa?"
    if slot[0] == slot[1] and any(same(words, 0, phrase(one), toneless=toneless) for one in CAUSES):
        kind, slot = Kind.REASON, (0, 2)  # "Nguyên nhân làm đường đội vốn?"
    unit = (slot[1], slot[1])
    # An abbreviation has its capitals even where names have none: "chủ tịch UBND thành phố hải phòng".
    lowercase = not any(
        word.capital and not words.text[word.start : word.end].isupper() for word in words.words[1:]
    )
    names = names_in(words, lowercase=lowercase, toneless=toneless)
    if known:
        names = with_places(words, names, known, toneless=toneless)

    def has(*texts: str) -> bool:
        return find(words, texts, toneless=toneless) is not None

    item = kind
    plural = plural_in(words, kind, slot, toneless=toneless)
    many = plural or has("gồm", "liệt kê", "kể tên", "lần lượt") or (kind is Kind.NUMBER and has("mỗi"))
    yes_no = yes_no_in(words, toneless=toneless)
    if kind is Kind.NUMBER:
        unit = unit_after(words, slot[1], toneless=toneless)
        if (has("tổng cộng", "cả hai", "cả ba", "hai phường", "tổng") and len(names) > 1) or has(
            "cả hai", "cả ba"
        ):
            kind = Kind.TOTAL
    if has(*COMPARE) or (
        find(words, ("hơn",), toneless=toneless)
        and (
            (slot[1] > slot[0] and item in (Kind.PLACE, Kind.ORGANISATION, Kind.TEXT))
            or has("hay", "hoặc")
            or (yes_no is not None and has("nhiều", "ít", "đông", "rộng"))
        )
        and (len(names) > 1 or has("hai", "giữa", "nơi nào", "phường nào", "đơn vị nào", "bên nào"))
    ):
        kind, item = Kind.COMPARISON, Kind.NUMBER
        more = find(words, ("nhiều", "ít"), toneless=toneless)
        if more:
            unit = unit_after(words, more[1], toneless=toneless)
    elif has(*LIST_OPENERS):
        kind = Kind.LIST
        item = item if item is not Kind.LIST else Kind.TEXT
    elif plural and kind in (Kind.PERSON, Kind.PLACE, Kind.ORGANISATION, Kind.DOCUMENT, Kind.TEXT):
        kind = Kind.LIST
    elif yes_no and (slot[0] == len(words.words) or yes_no[0] == 0 or yes_no[0] == slot[0]):
        kind, item, slot, unit = Kind.YES_NO, Kind.YES_NO, yes_no, (yes_no[1], yes_no[1])
    elif (
        kind is Kind.PERSON
        and slot[0] >= 2
        and same(words, slot[0] - 1, phrase("là"), toneless=toneless)
        and not opens_with_relation(words)
    ):
        # "Ông Vũ Ngọc Tuất là ai?" asks for the role; "Bí thư Quận ủy là ai?" asks for the name.
        if any(name.end == slot[0] - 1 and name.kind is not NameKind.PLACE for name in names[-1:]) and (
            names[-1].start <= 2
        ):
            kind = item = Kind.ROLE
    elif kind is Kind.TEXT and asks_name(words, slot, toneless=toneless):
        kind = item = Kind.PERSON  # "Tổ phó tổ công tác tên gì?"
    elif kind is Kind.TEXT and same(words, slot[0] - 1, phrase("là"), toneless=toneless):
        of = find(words, ("của",), toneless=toneless)
        named = {i for name in names for i in name.places}
        whose = of is not None and not set(range(of[1], slot[0] - 1)) <= named
        which = words.slice(*slot).lower().split()[-1:] in (["nào"], ["nao"])  # "Đường dây nóng là số nào?"
        if slot[1] >= len(words.words) - 1 and slot[0] <= 14 and not (whose or which or has("tên")):
            kind = item = Kind.DEFINITION
        elif has("tên"):
            item = Kind.TEXT
    elif kind is Kind.TEXT and slot[0] == slot[1] and not toneless and opens_with_person(words):
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
            or (word.key == "xin" and i > 1)  # "xin Thành ủy những gì"
            or (i and compound(words, i, toneless=toneless))
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
