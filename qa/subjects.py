"""Whom or what a sentence goes on about: "Đình dựng năm 1868" in an article on Đình Phú Nhuận Tây.

News names a thing once in full and goes on with its head alone ("Phường hiện có …", "Bà bán ở đây 31 năm").
Read alone, such a sentence shares less with a question than it says. `going_on` gives each of them the name
that its head was last seen with. Rules on word forms; where the sentences before name two, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.normalize import canonical
from index.sentences import split_sentences
from index.types import Article, Sentence, Span
from qa.candidates import CAPITAL
from qa.words import phrases, word_set

_THINGS = phrases(
    "đình|chùa|chợ|cầu|tuyến đường|đường|trường|bệnh viện|trạm y tế|công ty|tập đoàn|dự án|phường|xã"
    "|thị trấn|quận|huyện|tỉnh|thành phố|đặc khu|chi bộ|đảng bộ|nhà máy|khu phố|ấp|thôn|khóm|trung tâm"
    "|thư viện|bảo tàng|ngân hàng|hợp tác xã|câu lạc bộ|công viên|nhà văn hóa|khu công nghiệp|cảng"
    "|sân bay|lễ hội"
)
PEOPLE = phrases("ông|bà|anh|chị|cô|chú|cụ|em|thầy|bị cáo|nghi phạm|nạn nhân|bác sĩ|luật sư|nhà văn|ca sĩ")
_HEADS = sorted((*_THINGS, *PEOPLE), key=len, reverse=True)
_HEAD = "|".join(_HEADS)
UNITS = phrases("phường|xã|thị trấn|quận|huyện|tỉnh|thành phố|đặc khu|khu phố|ấp|thôn|khóm")
_LEAD_IN = (
    r"(?:(?:hiện(?:\s+(?:nay|tại))?|đến nay|tính đến nay|năm (?:nay|ngoái)|trước đây|trước đó|sau đó|theo đó"
    r"|ngoài ra|bên cạnh đó|đồng thời|tuy nhiên|nhưng|và|riêng|thời gian tới|theo)[,\s]+"
    r"|[^,.;:“”]{2,40},\s+)?"
)
# What may follow a head that stands alone; another word may be the sort of thing ("bệnh viện tuyến tỉnh").
_GOES_ON = word_set(
    "mới cũ này ấy trên nay vừa đã đang sẽ có còn được bị là không chưa cũng rộng dài cao nằm dựng xây "
    "gồm do thuộc hiện từng phải cần cho nói kể bán mất sinh thờ phục ghi thu đạt triển tổ thực tiếp "
    "khánh khởi hoàn đón trích lập giao yêu đề khai hoạt làm về ở họp tham bày khẳng chia nhận mong thừa "
    "phạm lĩnh dùng thuê nộp qua tốt giữ viết dạy tặng trao ngụ quê trú"
)
# "Đình dựng …", "Hiện bệnh viện có …": the head alone, with no name and no sort behind it.
_ALONE = re.compile(rf"^\W*{_LEAD_IN}(?P<head>{_HEAD})\s+(?P<next>[^\W\d_]+)", re.I)
# "gia đình", "yêu cầu", "thị trường" are no temple, bridge or school.
_COMPOUNDS = "".join(
    f"(?<!{one} )" for one in phrases("gia|yêu|nhu|toàn|thị|quảng|môi|hiện|công|nông|trẻ|hợp tác")
)
_HEADED = re.compile(rf"(?<!\w){_COMPOUNDS}(?P<head>{_HEAD})(?=\s+[^\W_])", re.I)
# Lower-case words inside of names: "Đa khoa khu vực Hòa Lạc", "Mầm non Sơn Ca".
_INSIDE = word_set(
    "khoa khu vực nhân dân quốc tế tỉnh huyện học non cơ sở phổ thông trung tiểu mầm máy nước sạch nghề "
    "cao đẳng đại kỹ thuật cổ phần thương mại dịch vụ tư thục nội trú dân tộc chuyên điện văn hóa y dược "
    "đa ven liên thể thao"
)
_LONGEST = 9
_LEVELS = word_set("tỉnh huyện quận")  # "Bệnh viện Đa khoa tỉnh"
_CAPITAL_NEXT = re.compile(rf" {CAPITAL}")
_NEXT = re.compile(r"[ -]([^\W_]+)")


# "trên cơ sở sáp nhập ba xã …", "phường Cầu Trúc cũ": what they name is no more.
MERGED = re.compile(
    r"(?<!\w)(?<!sau )(?<!khi )(?:sáp nhập|hợp nhất|gộp|nhập)\s+"
    r"(?:$|(?:\d+|hai|ba|bốn|các|toàn bộ|nguyên trạng|một phần|xã|phường|quận|huyện|thị trấn)(?!\w)"
    r"(?:(?!(?<!\w)(?:thành|vào)(?!\w))[^.;:])*$)",
    re.I,
)
AS_OLD = re.compile(r"\s+(?:\([^)]*\)\s*)?cũ(?!\w)", re.I)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a sentence leaves unsaid: `text` is to be read at canonical position `at`."""

    at: int
    text: str

    def of(self, sentence: str) -> str:
        """Return the canonical sentence with what it leaves unsaid."""
        return f"{sentence[: self.at]}{self.text}{sentence[self.at :]}"

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the completed sentence stands in the sentence itself; may be empty."""
        size = len(self.text)

        def place(position: int) -> int:
            return position if position <= self.at else max(self.at, position - size)

        return place(start), place(end)


NOTHING = Completion(0, "")


@lru_cache(maxsize=64)
def sentences_of(article: Article) -> tuple[Sentence, ...]:
    """Return the body's sentences in order; those of the whole text where no body is told apart."""
    body = article.body or (Span(0, len(article.text)),)
    return tuple(s for span in body for s in split_sentences(article.text, span.start, span.end))


@lru_cache(maxsize=256)
def going_on(article: Article) -> Mapping[int, Completion]:
    """Return by their starts the sentences of an article that go on about what was named before."""
    texts = [(sentence.start, canonical(sentence.text)) for sentence in sentences_of(article)]
    alone = {start: found for start, text in texts if (found := _alone(text)) is not None}
    heads = {found["head"].lower() for found in alone.values()}
    known = _Known(article.title)
    completions: dict[int, Completion] = {}
    for number, (start, text) in enumerate(texts):
        if start in alone:
            name = known.name(alone[start]["head"].lower())
            if name:
                completions[start] = Completion(alone[start].end("head"), f" {name}")
        if len(completions) == len(alone):
            break
        low = text.lower()
        if any(head in low for head in heads):
            known.note(text, opening=number == 0)
    return completions


def _alone(text: str) -> re.Match[str] | None:
    """Return the head that a sentence opens with and that has no name behind it."""
    found = _ALONE.match(text)
    if found is None or found["next"] not in _GOES_ON:
        return None
    merged = found["next"] in ("mới", "cũ") and found["head"].lower() in UNITS  # which of them, who knows
    return None if merged else found


class _Known:
    """The names that an article has given to heads so far.

    A thing is the one that the title or the first sentence names, else the only one so far; a person the one
    named last.
    """

    def __init__(self, title: str) -> None:
        self._main: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._several: set[str] = set()
        self.note(canonical(title), opening=True)

    def name(self, head: str) -> str:
        """Return what a head that stands alone means, "" where that is not clear."""
        if head in PEOPLE:
            return self._last.get(head, "")
        main, last = self._main.get(head, ""), self._last.get(head, "")
        if head in UNITS and main and last != main:
            return ""  # another ward was spoken of since
        return main or ("" if head in self._several else last)

    def note(self, text: str, *, opening: bool = False) -> None:
        """Keep the names that a text gives to heads."""
        here: dict[str, list[str]] = {}
        for head, name, at in names_behind_heads(text):
            if MERGED.search(text[max(0, at - 90) : at]) or AS_OLD.match(
                text, at + len(head) + 1 + len(name)
            ):
                continue  # a unit that was merged
            here.setdefault(head, []).append(name)
        for head, names in here.items():
            before = self._last.get(head, "")
            name = names[-1] if head in PEOPLE else names[0]
            if before.endswith(f" {name}"):  # "Hào" is Vòng Chí Hào
                name = before
            if len(set(names)) > 1 or (before and before != name):
                self._several.add(head)
            if opening and len(set(names)) == 1:
                self._main.setdefault(head, name)
            self._last[head] = name


def names_behind_heads(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield heads of a canonical text, lower-case, with names and places: "bệnh viện", "Đa khoa tỉnh"."""
    for one in _HEADED.finditer(text):
        end = at = one.end()
        numbered = one["head"].lower() in UNITS
        for count, word in enumerate(_NEXT.finditer(text, one.end())):
            if word.start() != at or count == _LONGEST:
                break
            at, shown = word.end(), word[1]
            level = end > one.end() and shown in _LEVELS and not _CAPITAL_NEXT.match(text, at)
            if shown[0].isupper() or level or (not count and numbered and re.fullmatch(r"\d{1,2}", shown)):
                end = at
            elif shown not in _INSIDE or _HEADED.match(text, word.start(1)):
                break
        if end > one.end() and not text[one.end() : end].isupper():
            yield one["head"].lower(), text[one.end() : end].strip(), one.start()
