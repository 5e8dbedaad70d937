"""Understanding a Vietnamese question: what kind of answer, about whom, where the answer would stand.

Rules on question words, longest first, read without tone marks where the question has none. Vietnamese
asks in place: the *slot* (the question words) stands where the answer would. Deterministic; `explain`
says what was understood. This module knows no article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from index.normalize import strip_tones
from qa.names import Name, NameKind, names_in
from qa.words import Words, has_tones, phrases, read_words, word_set


class Kind(StrEnum):
    """What is asked for."""

    NUMBER = "number"
    PERSON = "person"
    ROLE = "role"
    DATE = "date"
    PLACE = "place"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    LIST = "list"
    REASON = "reason"
    MANNER = "manner"
    DEFINITION = "definition"
    YES_NO = "yes_no"
    COMPARISON = "comparison"
    TOTAL = "total"
    TEXT = "text"


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


# Longest first within a kind is not needed: the longest match at the earliest rule that fires wins.
_PHRASES: tuple[tuple[Kind, str], ...] = (
    (
        Kind.REASON,
        "vì sao|tại sao|do đâu|vì đâu|vì lý do gì|vì lí do gì|nguyên nhân nào|lý do nào|lí do nào"
        "|nguyên nhân gì|lý do gì|lí do gì|vì điều gì|nhờ đâu|vì cái gì|cớ sao|tại vì sao|bởi vì sao",
    ),
    (
        Kind.DATE,
        "vào thời gian nào|thời gian nào|thời điểm nào|khi nào|lúc nào|bao giờ|ngày tháng năm nào"
        "|ngày nào|ngày mấy|ngày bao nhiêu|ngày tháng nào|hôm nào|tháng nào|tháng mấy|năm nào|năm bao nhiêu"
        "|năm mấy|thế kỷ nào|thế kỉ nào|thế kỷ mấy|thế kỉ mấy|thế kỷ thứ mấy|giai đoạn nào|mùa nào|mấy giờ"
        "|thập niên nào|thập kỷ nào|nhiệm kỳ nào|dịp nào|thứ mấy trong tuần|buổi nào|quý nào|quý mấy|hồi nào"
        "|khoảng thời gian nào|những năm nào|các năm nào|tuần nào|thời kỳ nào|thời kì nào|triều đại nào",
    ),
    (
        Kind.ROLE,
        "chức vụ gì|chức vụ nào|chức danh gì|chức danh nào|chức gì|cương vị gì|cương vị nào"
        "|vai trò gì|chức vụ là gì|chức danh là gì|chức vụ như thế nào",
    ),
    (
        Kind.DOCUMENT,
        "văn bản nào|văn bản gì|nghị quyết nào|nghị quyết gì|nghị quyết số mấy|quyết định nào"
        "|quyết định gì|nghị quyết số bao nhiêu|nghị quyết số nào|quyết định số mấy|quyết định số bao nhiêu"
        "|chỉ thị nào|chỉ thị gì|chỉ thị số mấy|chỉ thị số bao nhiêu|nghị định nào|nghị định gì"
        "|nghị định số mấy|nghị định số bao nhiêu|thông tư nào|thông tư số mấy|kế hoạch nào|kế hoạch số mấy"
        "|kế hoạch số bao nhiêu|công văn nào|công văn số mấy|luật nào|đạo luật nào|kết luận nào"
        "|kết luận số mấy|kết luận số bao nhiêu|hướng dẫn số mấy|số hiệu nào|số hiệu gì|số hiệu là gì"
        "|số hiệu bao nhiêu|số mấy|số nào"
        "|đề án nào|quy định nào|quy định số mấy|quy định số bao nhiêu|hiệp ước nào|hiệp định nào",
    ),
    (Kind.NUMBER, "bao nhiêu|mấy|bao lâu|bao xa"),
    (
        Kind.PERSON,
        "những ai|người nào|ai|ông nào|bà nào|đồng chí nào|nhân vật nào|vị nào|vua nào|tác giả nào"
        "|vị vua nào|lãnh đạo nào|cá nhân nào|cán bộ nào",
    ),
    (
        Kind.PLACE,
        "ở đâu|tại đâu|nơi đâu|nơi nào|chỗ nào|đâu|quốc gia nào|đất nước nào|nước nào|tỉnh nào"
        "|thành phố nào|phường nào|xã nào|quận nào|huyện nào|địa phương nào|khu vực nào|vùng nào|châu lục nào"
        "|địa điểm nào|hòn đảo nào|địa bàn nào|vị trí nào|phía nào|hướng nào|vùng đất nào|bang nào|miền nào"
        "|thị trấn nào|thị xã nào|tỉnh thành nào|sông nào|con sông nào|địa danh nào|đường nào"
        "|tuyến đường nào",
    ),
    (
        Kind.ORGANISATION,
        "cơ quan nào|tổ chức nào|đơn vị nào|công ty nào|tập đoàn nào|doanh nghiệp nào"
        "|ban nào|trường nào|đảng nào|hãng nào|đội nào|câu lạc bộ nào|chi bộ nào|đảng bộ nào|ngân hàng nào"
        "|bộ nào|sở nào|trường đại học nào|đoàn nào|tổ nào|lực lượng nào",
    ),
    (Kind.MANNER, "như thế nào|ra sao|bằng cách nào|làm thế nào|cách nào|làm sao|thế nào|như nào"),
    (Kind.TEXT, "điều gì|cái gì|việc gì|những gì|gì|nào|là sao"),
)
_LIST_OPENERS = phrases(
    "liệt kê|kể tên|hãy nêu|nêu các|nêu những|gồm những|bao gồm những|gồm các|những ai|những gì|"
    "nêu tên|danh sách"
)
_COMPARE = ("so sánh", "chênh lệch", "hơn kém")
_YES_NO_ENDS = phrases(
    "phải không|đúng không|hay không|được không|có không|hay chưa|không|chưa|đúng chứ|hay sao"
)
_YES_NO_STARTS = ("có phải", "có đúng", "phải chăng", "liệu có")
_STOP_UNIT = word_set(
    "hơn và với ở tại trong trên dưới của là thì được bị do vào từ đến đã đang sẽ có cho khi sau trước "
    "theo so nằm để mà này đó tham hiện ngày tháng nay thuộc hoàn trực đạt đăng sinh sống"
)
_EMPTY = word_set(
    "là có được bị của và các những một cái con chiếc thì mà ở tại trong vào đã đang sẽ cho với về từ "
    "đến do bởi theo khi này đó kia ấy vậy hãy xin vui lòng biết rằng hiện nay nay hiện tại ra nêu cho "
    "như để cùng trên dưới bằng nhất ạ nhỉ thế nhé đi còn gồm bao nhiêu mấy gì nào ai đâu tên hỏi tôi "
    "mình tất cả toàn bộ đều cũng đây nên sự điều số lượng lên tới"
)
# Without tone marks only words that could hardly be another one ("nam" is năm, nam and Nam).
_STOP_UNIT_PLAIN = word_set("va voi o tai trong cua la thi duoc bi vao tu den khi sau truoc theo")
_EMPTY_PLAIN = word_set(
    "la co duoc bi cua va cac nhung mot thi ma o vao se cho voi ve tu den khi nay kia ay vay bao nhieu "
    "gi nao ai hay xin biet rang nhu de bang hoi toi"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    keys: tuple[str, ...]
    plain: tuple[str, ...]


def _phrase(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(text.split()), tuple(strip_tones(text).split())


def _compile() -> tuple[_Rule, ...]:
    """Longest first; among equally long ones in the order of the table."""
    rules = [_Rule(kind, *_phrase(text)) for kind, block in _PHRASES for text in block.split("|")]
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
    """Return the question words and what they ask for; (TEXT, empty range at the end) where"
    " there are none."""
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
            if toneless and rule.keys == ("mấy",) and at == len(words.words) - 1:
                continue  # "phuong ben may" ends in a name: the "so may", "ngay may" of questions are longer
            return rule.kind, (at, at + len(rule.keys))
    return Kind.TEXT, (len(words.words), len(words.words))


def _unit_after(words: Words, end: int, *, toneless: bool) -> tuple[int, int]:
    stop = end
    stops = _STOP_UNIT_PLAIN if toneless else _STOP_UNIT
    items = words.words
    while stop < len(items) and stop - end < 5:
        key = items[stop].plain if toneless else items[stop].key
        if key in stops or items[stop].is_number:
            break
        if stop > end and words.text[items[stop - 1].end : items[stop].start].strip():
            break
        stop += 1
    return end, stop


def _yes_no(words: Words, *, toneless: bool) -> tuple[int, int] | None:
    for text in _YES_NO_ENDS:
        phrase = _phrase(text)
        for end in (len(words.words), len(words.words) - 1):  # "… không ạ?"
            at = end - len(phrase[0])
            if at > 0 and _same(words, at, phrase, toneless=toneless):
                return at, len(words.words)
    for text in _YES_NO_STARTS:
        phrase = _phrase(text)
        if _same(words, 0, phrase, toneless=toneless):
            return 0, len(phrase[0])
    return None


def _compound(words: Words, at: int, *, toneless: bool) -> bool:
    """Return whether a word that is mostly empty is the end of one that is not: the "số" of "dân số"."""
    return _same(words, at - 1, _phrase("dân số"), toneless=toneless)


def understand(question: str) -> Question:
    """Return the question as understood. Any text is allowed; a text without words gives Kind.TEXT."""
    words = read_words(question.strip())
    toneless = bool(words.words) and not has_tones(words.text)
    kind, slot = _slot_of(words, toneless=toneless)
    unit = (slot[1], slot[1])
    lowercase = not any(word.capital for word in words.words[1:])
    names = names_in(words, lowercase=lowercase, toneless=toneless)

    def has(*texts: str) -> bool:
        return _find(words, texts, toneless=toneless) is not None

    item = kind
    many = has("những", "các", "gồm", "liệt kê", "kể tên", "lần lượt") or (kind is Kind.NUMBER and has("mỗi"))
    yes_no = _yes_no(words, toneless=toneless)
    if kind is Kind.NUMBER:
        unit = _unit_after(words, slot[1], toneless=toneless)
        if (has("tổng cộng", "cả hai", "cả ba", "hai phường", "tổng") and len(names) > 1) or has(
            "cả hai", "cả ba"
        ):
            kind = Kind.TOTAL
    if has(*_COMPARE) or (
        _find(words, ("hơn",), toneless=toneless)
        and ((slot[1] > slot[0] and item in (Kind.PLACE, Kind.ORGANISATION, Kind.TEXT)) or has("hay", "hoặc"))
        and (len(names) > 1 or has("hai", "giữa", "nơi nào", "phường nào", "đơn vị nào", "bên nào"))
    ):
        kind, item = Kind.COMPARISON, Kind.NUMBER
        more = _find(words, ("nhiều", "ít"), toneless=toneless)
        if more:
            unit = _unit_after(words, more[1], toneless=toneless)
    elif has(*_LIST_OPENERS):
        kind = Kind.LIST
        item = item if item is not Kind.LIST else Kind.TEXT
    elif (
        many
        and kind in (Kind.PERSON, Kind.PLACE, Kind.ORGANISATION, Kind.DOCUMENT, Kind.TEXT)
        and has("những", "các")
    ):
        kind = Kind.LIST
    elif yes_no and (slot[0] == len(words.words) or yes_no[0] == 0):
        kind, item, slot, unit = Kind.YES_NO, Kind.YES_NO, yes_no, (yes_no[1], yes_no[1])
    elif kind is Kind.PERSON and slot[0] >= 2 and _same(words, slot[0] - 1, _phrase("là"), toneless=toneless):
        # "Ông Vũ Ngọc Tuất là ai?" asks for the role; "Bí thư Quận ủy là ai?" asks for the name.
        if any(name.end == slot[0] - 1 and name.kind is not NameKind.PLACE for name in names[-1:]) and (
            names[-1].start <= 2
        ):
            kind = item = Kind.ROLE
    elif kind is Kind.TEXT and _same(words, slot[0] - 1, _phrase("là"), toneless=toneless):
        if slot[1] >= len(words.words) - 1 and slot[0] <= 8 and not has("của", "tên"):
            kind = item = Kind.DEFINITION
        elif has("tên"):
            item = Kind.TEXT
    taken = set(range(*slot)) | {
        i for name in names for i in range(name.start - len(name.head.split()), name.end)
    }
    empty = _EMPTY_PLAIN if toneless else _EMPTY
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
