"""Proper names in questions and sentences: places with their heads, people with their titles, other names.

Vietnamese names are runs of capital syllables; an administrative head ("phường", "quận") or a title ("ông",
"đồng chí") says what they are. A question typed without capitals is read by its heads and titles alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from index.places import is_unit
from qa.words import Word, Words, phrases, word_set

_HEADS = phrases(
    "thành phố|thị xã|thị trấn|đặc khu|khu phố|phường|xã|quận|huyện|tỉnh|ấp|thôn|khóm|tp|đường|cầu|sông|rạch"
)
# "phường lân cận Thanh Lộc" is the ward Thanh Lộc.
_BESIDE = phrases("lân cận|láng giềng|bên cạnh|kế bên|giáp ranh|liền kề|kết nghĩa")
# Common nouns that begin like a title.
_NOUNS = phrases(
    "bác sĩ|bác sỹ|cô giáo|thầy giáo|thầy thuốc|thầy cô|bà con|bà mẹ|ông bà|anh em|chị em|anh chị|cô gái"
    "|cô dâu|anh hùng|cậu bé|cụ thể"
)
_TITLES = phrases(
    "đồng chí|đ/c|ông|bà|anh|chị|cô|chú|cụ|em|thầy|bác|dì|bác sĩ|giáo sư|tiến sĩ|tướng|vua"
    "|thiếu tướng|trung tướng|đại tá|bí thư|chủ tịch|giám đốc"
)
FAMILY = word_set(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đinh lâm trịnh mai đoàn "
    "tô trương hà cao châu thái tạ phùng quách lương triệu vương la tống giang nghiêm kiều từ lưu thân "
    "ninh khổng chu văn tăng thạch sơn danh lại hứa đồng bạch mạc nông hầu ông trà ung diệp âu lục liễu "
    "viên"
)
_COMMON_FAMILY = word_set(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý trương đoàn đinh"
)
# Words that newspapers write with a capital although they name nobody.
COMMON = word_set(
    "đảng ủy ban bí phó chủ trưởng thành quận tỉnh huyện phường xã hội tổ đoàn nghị chỉ quyết chương "
    "luật kế đồng ông bà nhà nước nhân dân mặt công chi đại chính bộ sở cục vụ tổng thường chánh giám "
    "viện trường hội phòng khu trung ương ngày tháng năm quý bên theo tại trong trên sau trước khi để "
    "và của các những một với về từ cũng đây đó này việc do nhờ dịp hiện qua nguyên tham riêng ngoài "
    "song như vì nếu dù tuy số ủy tịch thư hành trận chấp tuyên giáo vận lãnh ai gì nào đâu sao vậy tôi "
    "anh chị em hãy có là bao mấy được đã đang sẽ không chưa thế còn mọi cả hai ba bốn lúc bởi phải "
    "theo vào nơi đến ở tên sáng chiều tối quốc cộng hòa xã chủ nghĩa cách mạng lần khóa ngành lễ toàn "
    "cuộc hôm mỗi nhiều liệu hỏi dân nghiệp"
)
FUNCTION_WORDS = word_set(
    "là có được bị của và các những một thì mà ở tại trong vào đã đang sẽ cho với về từ đến do bởi theo "
    "khi này đó kia ấy bao mấy gì nào ai đâu không chưa hay hơn bằng như sau trước tổ giữ làm gồm còn "
    "ra sao nhiêu nhiều ít diện dân tổng tháng năm ngày ban ủy hiện nay rộng đông thuộc nằm đạt phát "
    "trên dưới khác nói trở để vì la co duoc bi cua va cac nhung mot thi o vao se cho voi tu den khi "
    "nay bao may gi nao ai khong hay hon"
)
_NEVER_PLACES = frozenset({"đảng", "ủy", "đoàn", "hội", "bí", "chủ", "phó", "ban"})
# What an office is held in: "Chủ tịch UBND xã Đinh Công Trứ" names a person, no commune.
_BODIES = phrases(
    "chủ tịch|bí thư|ubnd|ủy ban nhân dân|hđnd|hội đồng nhân dân|đảng ủy|mttq|mặt trận tổ quốc|đoàn|công an"
)
_BROAD_HEADS = ("thành phố", "tp", "đường", "cầu", "sông", "rạch", "khu phố")
_PLURAL = frozenset(["hai", "ba", "bon", "cac", "nhung", "moi", "tung", "may", "nhieu", "nhung", "so"])
_PLACE_ABBREVIATIONS = {"tphcm": "hồ chí minh", "hcm": "hồ chí minh", "tpct": "cần thơ"}
_ONE_SYLLABLE = word_set("pháp đức mỹ nga huế úc áo bỉ ấn hàn nhật lào thái anh ý israel iran iraq")
_SYLLABLE = re.compile(
    r"^(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aeiouy]{1,3}"
    r"(?:ch|ng|nh|[cmnpt])?$"
)


class NameKind(StrEnum):
    """What a name names, as far as its surroundings say."""

    PLACE = "place"
    PERSON = "person"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name: words [start, end) without its head; `core` are the lower-case words of the name.

    `bare`: the text says the name alone, its head is known from elsewhere.
    """

    text: str
    kind: NameKind
    head: str
    core: tuple[str, ...]
    plain: tuple[str, ...]
    start: int
    end: int
    bare: bool = False

    @property
    def places(self) -> range:
        """Return the words of the name and its head (indices)."""
        return range(self.start - (0 if self.bare else len(self.head.split())), self.end)

    @property
    def strong(self) -> bool:
        """Return whether another name of this kind in its place makes another question of it."""
        return self.kind is not NameKind.OTHER


def looks_vietnamese(plain: str) -> bool:
    """Return whether a toneless lower-case word could be a Vietnamese syllable."""
    return _SYLLABLE.match(plain.replace("đ", "d")) is not None


def _joined(words: Words, i: int) -> bool:
    """Return whether word i follows word i-1 with nothing but a space, hyphen or dot of an initial."""
    between = words.text[words.words[i - 1].end : words.words[i].start]
    previous = words.words[i - 1]
    initial = previous.end - previous.start == 1 and previous.capital
    return between in (" ", "-", "\u00a0") or (between in (". ", ".") and initial) or not between


def _phrase_at(items: tuple[Word, ...], i: int, phrases: tuple[str, ...], *, toneless: bool) -> str:
    """Return the first of `phrases` that stands at word i, or nothing."""
    if i >= len(items):
        return ""
    first = items[i].plain if toneless else items[i].key
    for parts, phrase in _by_first_word(phrases, toneless).get(first, ()):
        there = items[i : i + len(parts)]
        if parts == tuple(word.plain if toneless else word.key for word in there):
            return phrase
    return ""


@lru_cache(maxsize=64)
def _by_first_word(
    phrases: tuple[str, ...], toneless: bool
) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    # Hundreds of words meet hundreds of phrases: only those with the same first word are compared.
    found: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for phrase in phrases:
        parts = tuple(_plain(part) if toneless else part for part in phrase.split())
        found[parts[0]] = (*found.get(parts[0], ()), (parts, phrase))
    return found


def _plain(text: str) -> str:
    from index.normalize import strip_tones

    return strip_tones(text)


def _capital_run(words: Words, i: int, *, limit: int) -> int:
    items = words.words
    j = i
    while j < len(items) and j - i < limit and not items[j].is_number:
        hyphened = j > i and words.text[items[j - 1].end : items[j].start] == "-"  # "Kim Sang-sik"
        if not (items[j].capital or hyphened):
            break
        if j > i and not _joined(words, j):
            break
        shown = words.text[items[j].start : items[j].end]
        if j > i and (len(shown) > 1 and shown.isupper()) != _all_caps(words, i):
            break
        if j - i >= 2 and items[j].key in _COMMON_FAMILY and j + 1 < len(items) and items[j + 1].capital:
            break
        j += 1
    return j


def _holder(words: Words, at: int, start: int, end: int) -> int:
    """Return where the holder of an office begins in the capital words [start, end) behind the head at `at`.

    "Chủ tịch UBND phường Bình Thới Lại Thế Vinh", "Chủ tịch UBND xã Đinh Công Trứ"; `end` where it is a
    place's name all through.
    """
    items = words.words
    before = " ".join(word.key for word in items[max(0, at - 4) : at])
    if end - start < 3 or not any(f" {before}".endswith(f" {body}") for body in _BODIES):
        return end
    split = next((i for i in (start + 2, start + 3) if end - i >= 3 and items[i].key in FAMILY), end)
    if split < end or end - start > 4 or items[start].key not in FAMILY:
        return split
    return end if is_unit(words.text[items[at].start : items[end - 1].end]) else start


def _all_caps(words: Words, i: int) -> bool:
    shown = words.text[words.words[i].start : words.words[i].end]
    return len(shown) > 1 and shown.isupper()


def _lower_run(words: Words, i: int, *, limit: int) -> int:
    items = words.words
    j = i
    while j < len(items) and j - i < limit and not items[j].is_number:
        if items[j].key in FUNCTION_WORDS:
            # "phuong ben may co …": the second syllable of a name, where what follows counts nothing.
            after = items[j + 1].key if j + 1 < len(items) else "co"
            if not (items[j].key == "may" and j == i + 1 and after in FUNCTION_WORDS):
                break
        if j > i and not _joined(words, j):
            break
        j += 1
    return j


def name_of(words: Words, kind: NameKind, head: str, start: int, end: int) -> Name:
    """Return words [start, end) as a name."""
    items = words.words[start:end]
    core = tuple(w.key for w in items)
    plain = tuple(w.plain for w in items)
    if len(core) == 1 and core[0] in _PLACE_ABBREVIATIONS:
        core = tuple(_PLACE_ABBREVIATIONS[core[0]].split())
        plain = tuple(_plain(word) for word in core)
        kind = NameKind.PLACE
    return Name(words.slice(start, end), kind, head, core, plain, start, end)


def _coordinated(words: Words, kind: NameKind, head: str, end: int) -> Iterator[Name]:
    """Yield further names under one head: "phường Mỹ Thới và Mỹ Thạnh"."""
    items = words.words
    while end < len(items):
        comma = words.text[items[end - 1].end : items[end].start].strip() == ","
        start = end + 1 if items[end].key == "và" and not comma else end
        if start == end and not comma:
            return
        if start >= len(items) or not items[start].capital or items[start].key in COMMON:
            return
        stop = _capital_run(words, start, limit=4)
        if stop - start < 2:
            return
        yield name_of(words, kind, head, start, stop)
        end = stop


def _inside_name(words: Words, i: int) -> bool:
    """Return whether a head begins a name: inside of a sentence a bridge has no capital, "Cầu Trúc" has."""
    items = words.words
    inside = 0 < i < len(items) - 1 and words.text[items[i - 1].end : items[i].start] == " "
    return inside and items[i].capital and items[i + 1].capital


def _counts(word: Word) -> bool:
    """Return whether a word counts or lists what follows: "5 ấp", "các phường xã" name nothing."""
    return word.plain in _PLURAL or word.is_number or word.key in _HEADS


def names_in(words: Words, *, lowercase: bool = False, toneless: bool = False) -> tuple[Name, ...]:
    """Return the proper names of a text in order.

    `lowercase`: the text has no capitals to go by (a question typed in haste), so heads and titles decide.
    """
    found: list[Name] = []
    items = words.words
    i = 0
    while i < len(items):
        head = _phrase_at(items, i, _HEADS, toneless=toneless)
        man = i > 0 and items[i - 1].plain == "dan"  # "hai người đàn ông": no title
        noun = _phrase_at(items, i, _NOUNS, toneless=False) if lowercase else ""
        if noun in _TITLES and i + 2 < len(items):  # "bác sĩ lan"
            noun = ""
        title = "" if head or man or noun else _phrase_at(items, i, _TITLES, toneless=toneless)
        if head in _BROAD_HEADS and not lowercase and _inside_name(words, i):
            end = _capital_run(words, i, limit=4)
            found.append(name_of(words, NameKind.OTHER, "", i, end))
            i = end
            continue
        if head or title:
            start = i + len((head or title).split())
            if head and not lowercase:
                start += len(_phrase_at(items, start, _BESIDE, toneless=toneless).split())
            kind = NameKind.PLACE if head else NameKind.PERSON
            if start < len(items) and (_joined(words, start) or head == "tp"):
                numbered = bool(head) and items[start].is_number and items[start].key.isdigit()
                if (
                    numbered
                    and len(items[start].key) <= 2
                    and head in ("quận", "phường", "khu phố", "ấp", "khóm")
                ):
                    end = start + 1
                elif lowercase and (head in _BROAD_HEADS or (i and _counts(items[i - 1]))):
                    end = start
                elif lowercase:
                    end = _lower_run(words, start, limit=3 if head else 4)
                elif (
                    items[start].capital
                    and items[start].key not in (_NEVER_PLACES if head else COMMON)
                    and (head or not _all_caps(words, start))
                ):
                    end = _capital_run(words, start, limit=6 if head else 5)
                    holder = _holder(words, i, start, end) if head else end
                    if holder == start:
                        i = start
                        continue
                    end = min(holder, start + 5)
                else:
                    end = start
                if end > start:
                    found.append(name_of(words, kind, head, start, end))
                    if head and not lowercase:
                        more = list(_coordinated(words, kind, head, end))
                        found.extend(more)
                        end = more[-1].end if more else end
                    i = end
                    continue
            i = start if head else i + 1
            continue
        family = items[i].key in COMMON and items[i].key in FAMILY  # "Đoàn Ngọc Hà"
        full = family and _capital_run(words, i, limit=6) - i in (3, 4)
        if (
            not lowercase
            and items[i].capital
            and not items[i].is_number
            and (full or items[i].key not in COMMON)
        ):
            end = _capital_run(words, i, limit=6)
            size = end - i
            first = i == 0 or words.text[items[i - 1].end : items[i].start].strip()[-1:] in (
                ".",
                "?",
                "!",
                ":",
            )
            foreign = not looks_vietnamese(items[i].plain)
            abbreviation = _all_caps(words, i) and items[i].key not in _PLACE_ABBREVIATIONS
            person = items[i].key in FAMILY and 2 <= size <= 5
            known = items[i].key in _PLACE_ABBREVIATIONS or (items[i].key in _ONE_SYLLABLE and not first)
            if not abbreviation and (size >= 2 or foreign or known):
                kind = NameKind.PERSON if person and size >= 3 else NameKind.OTHER
                found.append(name_of(words, kind, "", i, end))
            i = end
            continue
        i += 1
    return tuple(found)
