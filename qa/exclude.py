"""What a candidate cannot be, however near it stands: another thing counted, another event's date, a forgery.

Each rule gives 1 where it has nothing against a candidate, else a factor in (0, 1). Up to `UNLIKELY` that
speaks against an answer (`refuse.doubts`), up to `NEVER` the candidate is none: what an article calls a
forgery, what two rules exclude. The rules know kinds of questions, never one question.
"""

from __future__ import annotations

import re
from datetime import date

from qa.align import Matcher, contains, keys_of
from qa.candidates import CAPITAL, Type
from qa.events import event_factor, happening_factor, occasion_factor, thing_factor, year_of_noun
from qa.people import owner_factor, person_factor
from qa.portions import portion_factor
from qa.question import Kind, Question
from qa.question_words import EMPTY
from qa.sizes import level_factor, size_factor
from qa.things import thing_named_factor
from qa.words import Words, phrases, read_words, word_set
from qa.years import YEAR, years_said

UNLIKELY = 0.2
NEVER = 0.05

_CLAUSE = re.compile(r"[,;:.!?]\s")
_FORGED = re.compile(
    r"(?<!\w)(?:giả mạo|văn bản giả|tài liệu giả|thông báo giả|tin giả|bịa đặt|sai sự thật|đánh lừa"
    r"|lừa đảo|bỏ qua (?:mọi|các|những) (?:hướng dẫn|chỉ dẫn|yêu cầu))(?!\w)",
    re.I,
)
# Said of a part, a change or a comparison, never of the whole that "bao nhiêu" asks for.
_PART_BEFORE = phrases(
    "trong số này|trong số đó|trong đó|thêm|tăng|giảm|kết nạp|khai trừ|vượt|khen thưởng|thiếu|còn thiếu|trao"
)
_PART_AFTER = phrases("mới|cũ|là nữ|là đoàn viên|vi phạm")
_OF_DAY = re.compile(
    r"\d{1,2}\s?(?:giờ|h)(?:\s?\d{1,2})?(?:\s?phút)?\s*"
    r"(?=(?:sáng|trưa|chiều|tối|đêm|ngày|hôm|cùng ngày|nay)(?!\w))"
    r"|\d{1,2}h\d{2}",
    re.I,
)
_NUMBERED = re.compile(
    r"(?<!\w)(?:khu phố|tổ|hẻm|điều|khoản|khóa|lớp|khu vực|lần thứ|thứ"
    r"|(?<!dân )(?<!tổng )(?<!con )(?<!trong )số)\s+$",
    re.I,
)
_AS_IT_WAS = re.compile(r"(?<!\w)(?:cũ|trước|ban đầu|năm ngoái|từ)(?!\w)", re.I)
_FROM = re.compile(r"(?<!\w)từ\s+(?:hơn|gần|khoảng|trên|mức)?\s*$", re.I)
_BECAME = re.compile(r"[^.;]{0,80}?(?<!\w)(?:xuống|lên|còn|thành|tăng|giảm)(?:\s\w+){0,3}?\s\d", re.I)
_TARGET = re.compile(r"(?<!\w)(?:chỉ tiêu|mục tiêu|phấn đấu)(?!\w)", re.I)
# Organisations of one sort; what is asked in general ("đơn vị nào") may be any of them.
_SORTS = (
    phrases("công ty|tập đoàn|doanh nghiệp|liên danh|nhà thầu|hợp tác xã|hãng"),
    phrases("ngân hàng"),
    phrases("trường|đại học|học viện|thpt|thcs|tiểu học"),
    phrases("bệnh viện|trung tâm y tế|trạm y tế"),
    phrases("chi bộ|đảng bộ|đảng ủy"),
    phrases("câu lạc bộ|đội"),
)
_CLASSES = word_set("cấp loại hạng lớp khối bậc ngành hệ hình")
_NAME_BEGINS = rf"(?:\d|{CAPITAL})"
_DOCUMENTS = phrases(
    "nghị quyết|chỉ thị|quyết định|kế hoạch|thông tư|nghị định|kết luận|quy định|công văn|hướng dẫn|thông báo"
    "|công điện|tờ trình|đề án|báo cáo"
)


def exclusion(
    match: Matcher,
    words: Words,
    start: int,
    end: int,
    kind: Type | None,
    before: str = "",
    written: date | None = None,
    told: str = "",
) -> float:
    """Return in (0, 1] how far the rules leave canonical [start, end) of a sentence as an answer.

    `before` is what stands before the sentence: the title and the end of the paragraph so far, `told` all
    of it; `written` the article's date.
    """
    question = match.question
    factor = _forgery(words, start, end, before) * _asks_back(question, words, end)
    factor *= _only_forged(match, words, before) * owner_factor(question, words, start, told)
    if question.toneless:
        if question.kind is Kind.NUMBER and kind is Type.NUMBER:
            factor *= size_factor(question, words, start, end)
        return factor * _organisation(question, words)
    factor *= portion_factor(match, words, start, end) * thing_named_factor(question, words)
    if question.kind in (Kind.NUMBER, Kind.TOTAL) and kind is Type.NUMBER:
        factor *= size_factor(question, words, start, end) * _part(question, words, start, end)
        factor *= _share(question, words, start, end)
        factor *= _former(question, words, start, end) * _ordinal(match, words, start, end)
        factor *= _target(question, words, end, before) * _counted(match, words, start, before)
        factor *= _age(question, words, start, end) * _clock(question, words, start, end)
        factor *= _of_old(question, words, written) * level_factor(question, words, before)
    if question.kind is Kind.DATE:
        factor *= event_factor(match, words) * year_of_noun(match.question, words, start, end)
        factor *= occasion_factor(match.question, words)
        factor *= thing_factor(question, words) * happening_factor(question, words, start)
    if question.item is Kind.ORGANISATION:
        factor *= _organisation(question, words)
    if question.kind is Kind.PERSON:
        factor *= person_factor(question, words, start, end, kind)
    if question.kind is Kind.DOCUMENT:
        factor *= _document(question, words, start, end)
    return factor


def _asks_back(question: Question, words: Words, end: int) -> float:
    """Return little for a sentence that itself asks: "Ai là tác giả của Truyện Kiều?" answers nobody.

    Before a question that it quotes it may answer: "Bà Sáu, bán cá tại chợ, hỏi: “…?”".
    """
    if question.kind is Kind.YES_NO or not words.text.rstrip(' "”’)').endswith("?"):
        return 1.0
    return 1.0 if 0 < end <= words.text.find(": “") else 0.15


def _counted(match: Matcher, words: Words, start: int, before: str) -> float:
    """Return little where only the head of the unit is counted: "4.870 hộ" are not so many "hộ nghèo".

    What the sentence, the title or the lines before say of the rest is taken to hold: "187 ca".
    """
    unit = match.keys[match.question.unit[0] : match.question.unit[1]]
    number = re.search(r"\d[\d.,]*", words.text[start:])
    if len(unit) < 2 or number is None:
        return 1.0
    clause = _CLAUSE.split(words.text[start + number.end() :])[0]
    following = tuple(word.key for word in read_words(clause).words)
    same = next((i for i, (a, b) in enumerate(zip(unit, following, strict=False)) if a != b), len(following))
    if not same or same >= len(unit):
        return 1.0
    for other in re.finditer(r"\d[\d.,]*", words.text):
        beside = {word.key for word in read_words(_CLAUSE.split(words.text[other.end() :])[0]).words[:6]}
        if other[0] != number[0] and set(unit[same:]) <= beside:
            return 0.15  # "96 gian hàng, trong đó 40 gian đặc sản"
    told_apart = any(
        other[0] != number[0] and _sort_behind(words, other.end(), unit[:same])
        for other in re.finditer(r"\d[\d.,]*", words.text)
    )
    if same < len(following) and following[same] not in EMPTY and unit[same - 1] in _CLASSES:
        return 0.15  # "học sinh giỏi cấp tỉnh" are not those "cấp quốc gia"
    held = {word.key for word in words.words} | set(re.findall(r"\w+", before.lower()))
    if all(key in held for key in unit[same:]):
        return 1.0
    if unit[-1] in ("nữ", "nam"):
        return 0.15
    if same < len(following) and set(unit[same:]) & set(following[same:]):
        return 0.45  # "vụ tự té" of "vụ té xe"
    other_sort = same < len(following) and following[same] not in EMPTY  # "giáo viên tiếng Anh"
    return 0.15 if same == 1 or other_sort or told_apart else 0.45


def _sort_behind(words: Words, end: int, head: tuple[str, ...]) -> bool:
    """Return whether a figure that ends at `end` counts a sort of `head`: "3 giáo viên tiếng Anh"."""
    keys = tuple(word.key for word in read_words(_CLAUSE.split(words.text[end:])[0]).words)
    return keys[: len(head)] == head and keys[len(head) :][:1] not in ((), *((key,) for key in EMPTY))


def _forgery(words: Words, start: int, end: int, before: str) -> float:
    """Return little where the candidate stands in quoted text that the article calls a fake."""
    quoted = words.text.rfind("“", 0, start + 1) > words.text.rfind("”", 0, start)
    if quoted and _FORGED.search(f"{before} {words.text}"):
        return 0.5 * NEVER
    return 1.0


def _of_old(question: Question, words: Words, written: date | None) -> float:
    """Return less for the figure of a year before the article's where no year is asked."""
    if written is None or YEAR.search(question.text):
        return 1.0
    years = {int(year) for year in years_said(words.text)}
    return 0.6 if years and max(years) < written.year else 1.0


def _only_forged(match: Matcher, words: Words, before: str) -> float:
    """Return nearly nothing where a sentence says what is asked only by quoting a fake."""
    quote = re.search(r"“[^”]*”?", words.text)
    if quote is None or not _FORGED.search(f"{before} {words.text}"):
        return 1.0
    outside = read_words(words.text[: quote.start()] + " " + words.text[quote.end() :])
    inside = match.matched(keys_of(read_words(quote[0]), toneless=match.question.toneless))
    told = match.matched(keys_of(outside, toneless=match.question.toneless))
    weight = sum(match.weights[i] for i in inside - told)
    return 0.5 * NEVER if weight > sum(match.weights[i] for i in told) else 1.0


# "Khảo sát thiếu 11 lỗ khoan", "đối thoại với 130 tiểu thương": not how many there are.
_NOT_ALL = re.compile(
    r"(?<!\w)(thiếu|hụt|(?:đối thoại|làm việc|tiếp xúc|gặp gỡ|gặp|trao đổi|trò chuyện) với)"
    r"\s+(?:(?:hơn|gần|khoảng|trên)\s+)?$",
    re.I,
)


def _part(question: Question, words: Words, start: int, end: int) -> float:
    """Return less for a part or a change ("kết nạp 63 đảng viên mới") where the whole is asked."""
    asked = f" {question.text.lower()} "
    clause = f" {_CLAUSE.split(words.text[:start].lower())[-1]} "
    following = words.text[end : end + 40].lower()
    following = f" {_CLAUSE.split(following)[0]} "
    digit = re.search(r"\d", words.text[start:end])
    some = digit and _NOT_ALL.search(words.text[: start + digit.start()])
    if some and some[1].split()[0].lower() not in asked:
        return 0.15
    unit = question.words.slice(*question.unit).lower()
    for cue in _PART_BEFORE:
        if cue.startswith("trong") and len(unit.split()) > 2 and f" {unit.split()[-1]} " in clause:
            continue  # "trong đó bậc mầm non 1.082 cháu": the part is asked for
        if cue in ("tăng", "giảm") and _TO_NOW.search(words.text[:start]):
            continue  # "tăng từ 320 lên 470": so many there are
        if f" {cue} " in clause and not any(f" {word} " in asked for word in cue.split()):
            return 0.6
    for cue in _PART_AFTER:
        if (
            unit
            and re.search(rf"\s{re.escape(unit.split()[-1])}\s+{cue}(?!\w)", following)
            and cue not in asked
        ):
            return 0.6
    return 0.2 if _only_some(question, words, start, end) else 1.0


_TO_NOW = re.compile(r"(?<!\w)(?:tăng|giảm)\s+từ\s[^,;.]{1,30}\s(?:lên|xuống|còn)\s+$", re.I)
_SOME = re.compile(
    r"(?:đạt|bị|chưa|không|nghèo|cận nghèo|xuất sắc|tiêu biểu|vi phạm"
    r"|được (?:khen|tặng|công nhận|trao|biểu dương))(?!\w)",
    re.I,
)


def _only_some(question: Question, words: Words, start: int, end: int) -> bool:
    """Return whether those counted are told from others: "6 trường học đạt chuẩn quốc gia" are not all."""
    digit = re.search(r"\d[\d.,]*\s*", words.text[start:])
    unit = {question.words.words[i].key for i in range(*question.unit)}
    if digit is None or not unit:
        return False
    behind = re.split(r"[;.,]\s", words.text[start + digit.end() :])[0]
    following = read_words(behind[:80]).words
    size = next((i for i, word in enumerate(following) if word.key not in unit), 0)
    cue = _SOME.match(behind, following[size].start) if size else None
    return cue is not None and cue[0].lower() not in question.text.lower()


_SHARE_ASKED = re.compile(
    r"%|(?<!\w)(?:phần trăm|tỷ lệ|tỉ lệ|bao nhiêu phần|chiếm|lãi suất|tăng|giảm|mức|độ|thuế)(?!\w)", re.I
)


def _share(question: Question, words: Words, start: int, end: int) -> float:
    """Return little for a share where things are counted: "100% học sinh lớp 9" are no number of pupils."""
    counted = question.unit[1] > question.unit[0] and _SHARE_ASKED.search(question.text) is None
    return 0.2 if counted and re.match(r"[^%]*\d\s?%", words.text[start : end + 2]) else 1.0


def _former(question: Question, words: Words, start: int, end: int) -> float:
    """Return less where the figure is that of the place as it was ("phường Bến Mây cũ có 617 …").

    Little where the sentence says what it has become: "từ 112 cán bộ …, đến nay còn 74".
    """
    if _AS_IT_WAS.search(question.text):
        return 1.0
    digit = re.search(r"\d", words.text[start:end])
    if digit and _FROM.search(words.text[: start + digit.start()]) and _BECAME.match(words.text[end:]):
        return 0.15
    keys = keys_of(words, toneless=False)
    for name in question.names:
        if contains(keys, (*name.core, "cũ")):
            return 0.5
    return 1.0


def _ordinal(match: Matcher, words: Words, start: int, end: int) -> float:
    """Return little for the number of a name ("khu phố 9", "lần thứ 12") where a count is asked."""
    digits = re.search(r"\d", words.text[start:end])
    if digits is None or not _NUMBERED.search(words.text[: start + digits.start()]):
        return 1.0
    unit = match.question.words.slice(*match.question.unit).lower()
    return 1.0 if unit and re.match(rf"\W*{re.escape(unit)}", words.text[end:].lower()) else 0.15


def _target(question: Question, words: Words, end: int, before: str) -> float:
    """Return less for what is only aimed at, little where just the line before says so ("18 chỉ tiêu:")."""
    if _TARGET.search(question.text) or re.search(
        r"(?<!\w)(?:sẽ|kế hoạch|dự kiến|dự định|đề ra|đặt)(?!\w)", question.text
    ):
        return 1.0
    if _TARGET.search(words.text[:end] + _CLAUSE.split(words.text[end:])[0]):
        return 0.65
    lines = [line for line in before.split("\n") if line.strip()]
    items = [line for line in lines if re.match(r"\s*[-•+*]\s", line)]
    intro = next((line for line in reversed(lines) if line not in items), "")
    listed = intro.rstrip(" -•+*").endswith(":") and _TARGET.search(intro) is not None
    return 0.15 if listed else 1.0


def _age(question: Question, words: Words, start: int, end: int) -> float:
    """Return little for years in the Party where an age is asked, and the other way round."""
    if question.words.slice(*question.unit).lower().split()[-1:] != ["tuổi"] and "tuổi" not in question.text:
        return 1.0
    said = words.text[start:end] + words.text[end : end + 20]
    party = re.search(r"\d+\s+năm tuổi đảng", said, re.I) is not None
    return 1.0 if party == ("tuổi đảng" in question.text.lower()) else 0.1


def _clock(question: Question, words: Words, start: int, end: int) -> float:
    """Return little for a time of day ("từ 15 giờ chiều nay") where a figure is asked."""
    if re.search(r"(?<!\w)(?:giờ|lúc|bao lâu|thời gian)(?!\w)", question.text, re.I):
        return 1.0
    digit = re.search(r"\d", words.text[start:end])
    if digit is None or not _OF_DAY.match(words.text, start + digit.start()):
        return 1.0
    return 0.1


def _organisation(question: Question, words: Words) -> float:
    """Return little where a bank, a company, a school is asked for and none is named ("các doanh nghiệp")."""
    if question.item is not Kind.ORGANISATION or question.toneless:
        return 1.0
    slot = question.words.slice(*question.slot).lower()
    for sort in _SORTS:
        if any(slot.startswith(head) for head in sort):
            named = (
                rf"(?<!\w)(?i:{re.escape(head)})(?:\s[^\W\d_]+){{0,8}}?\s[“\"]?{_NAME_BEGINS}"
                for head in sort
            )
            return 1.0 if any(re.search(pattern, words.text) for pattern in named) else 0.1
    return 1.0


def _document(question: Question, words: Words, start: int, end: int) -> float:
    """Return little where the number is that of another sort of document than the one asked about."""
    asked = question.text.lower()
    wanted = [sort for sort in _DOCUMENTS if re.search(rf"(?<!\w){sort}(?!\w)", asked)]
    slot = question.words.slice(*question.slot).lower()
    of_slot = [sort for sort in wanted if slot.startswith(sort)]
    if of_slot:
        wanted = of_slot
    elif not re.search(r"số", slot):
        return 1.0
    if not wanted:
        return 1.0
    beside = words.text[max(0, start - 24) : start].lower() + words.text[start:end].lower()
    said = [sort for sort in _DOCUMENTS if re.search(rf"(?<!\w){sort}(?!\w)", beside)]
    return 1.0 if not said or set(said) & set(wanted) else 0.1
