"""Does the evidence carry a sentence? The checks of `verify`, one function each; the first that fails speaks.

A quote carries itself. Else the facts come first (`support_facts`), then what is said of them: whether it is
denied or turned round, and whether the source speaks of it at all. Every check returns None where all is
well, else the reason in Vietnamese, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalize import canonical
from qa.align import weight_of
from qa.support_facts import ABBREVIATIONS, FACT_CHECKS, FREE, Check, passage_words
from qa.types import Evidence
from qa.words import Words, phrases, read_words

_NEGATIONS = frozenset(["không", "chưa", "chẳng", "chả", "chớ", "đừng", "phi"])
_NEGATION_PHRASES = phrases("bác bỏ|phủ nhận|từ chối|chấm dứt|hủy bỏ|bãi bỏ|ngoại trừ|hết")
_TURNS = (
    ("tăng", "giảm"),
    ("nhiều", "ít"),
    ("cao", "thấp"),
    ("lớn", "nhỏ"),
    ("trên", "dưới"),
    ("trước", "sau"),
    ("hơn", "kém"),
    ("đầu", "cuối"),
    ("thắng", "thua"),
    ("mở", "đóng"),
    ("nhập", "xuất"),
    ("thêm", "bớt"),
    ("nam", "nữ"),
    ("đúng", "sai"),
    ("ủng hộ", "phản đối"),
    ("đạt", "trượt"),
    ("hơn", "gần"),
    ("bắt đầu", "kết thúc"),
    ("đồng ý", "phản đối"),
    ("được", "bị"),
    ("tối đa", "tối thiểu"),
    ("ít nhất", "nhiều nhất"),
)
_ALONE = phrases("nhất|duy nhất|đầu tiên|gấp|tất cả|toàn bộ|luôn|chỉ|bằng nhau|tăng|giảm")


def unsupported(sentence: str, cited: Sequence[Evidence]) -> str | None:
    """Return why the cited evidence does not carry `sentence`, None where it does."""
    if any(sentence_is_quote(sentence, item) for item in cited):
        return None
    words = read_words(sentence)
    for check in _CHECKS:
        reason = check(words, cited)
        if reason is not None:
            return reason
    return None


def sentence_is_quote(sentence: str, item: Evidence) -> bool:
    """Return whether the whole sentence is the source's own words, in quotation marks or not."""
    bare = _quotable(sentence).strip("“”\"' .…")
    source = _quotable(item.sentence.text)
    if len(bare) > 12 and bare == source.strip("“”\"' .…"):
        return True
    quoted = re.fullmatch(r"\W*?“(.*)”\W*", _quotable(sentence), re.S)
    return quoted is not None and is_cut(quoted[1], source)


def is_cut(piece: str, source: str) -> bool:
    """Return whether `piece` is whole clauses of `source`, "…" where it was cut.

    What is left out before it must not turn it round: no negation, no "giả", no condition.
    """
    if "…" not in piece[:2] + piece[-1:]:
        return False
    bare = piece.strip(" .…")
    at = source.find(bare)
    if len(bare) < 20 or at < 0:
        return False
    before, after = source[:at].rstrip(), source[at + len(bare) :].lstrip(' .”"')
    if (before and before[-1] not in ',;:“"') or (after and after[0] not in ",;:"):
        return False
    return (
        re.search(r"(?<!\w)(?:không|chưa|chẳng|giả|giả mạo|bịa|nếu|bác bỏ|phủ nhận)(?!\w)", before, re.I)
        is None
    )


def _quotable(text: str) -> str:
    text = re.sub(
        r"[\[(]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\])]", r"(\1)", " ".join(canonical(text).split())
    )
    return text.replace("<", "‹").replace(">", "›")


def _negated(text: str) -> bool:
    keys = {word.key for word in read_words(text).words}
    return bool(keys & _NEGATIONS) or any(phrase in text.lower() for phrase in _NEGATION_PHRASES)


def _clause_for(words: Words, cited: Sequence[Evidence]) -> tuple[str, str]:
    """Return the clause of the cited sentences that shares most with the claim, and its sentence."""
    asked = {w.key for w in words.words if w.key not in FREE}
    best, whole, score = "", "", -1.0
    for item in cited:
        text = canonical(item.sentence.text)
        for clause in re.split(r"(?<=[,;:.])\s", text):
            value = sum(weight_of(w.key) for w in read_words(clause).words if w.key in asked)
            if value > score:
                best, whole, score = clause, text, value
    return best, whole


def _polarity(words: Words, cited: Sequence[Evidence]) -> str | None:
    clause, sentence = _clause_for(words, cited)
    if _negated(words.text) and not _negated(sentence):
        return "câu nguồn không phủ định như vậy"
    if not _negated(words.text) and _negated(clause):
        return "câu nguồn nói điều phủ định"
    whole = " ".join(canonical(item.sentence.text) for item in cited)
    mine = f" {' '.join(w.key for w in words.words)} "
    theirs = f" {' '.join(w.key for w in read_words(whole).words)} "
    for one, other in _TURNS:
        for said, against in ((one, other), (other, one)):
            if f" {said} " in mine and f" {said} " not in theirs and f" {against} " in theirs:
                return f"“{said}” trái với câu nguồn (“{against}”)"
    for word in _ALONE:
        if f" {word} " in mine and f" {word} " not in theirs:
            return f"câu nguồn không nói “{word}”"
    return None


def _content(words: Words, cited: Sequence[Evidence]) -> str | None:
    """What a claim says beside its facts must be said there too: most of its weight, word by word."""
    held = {key for keys in passage_words(cited) for key in keys}
    claimed = [w for w in words.words if w.key not in FREE and not w.is_number]
    total = sum(weight_of(w.key) for w in claimed)
    if not claimed or not total:
        return "câu không nói gì kiểm tra được"
    lacking = [w for w in claimed if not set(ABBREVIATIONS.get(w.key, w.key).split()) <= held]
    if sum(weight_of(w.key) for w in lacking) > 0.34 * total:
        return f"“{words.slice(0, len(words.words))[:40]}…” nói điều mà nguồn không nói (“{lacking[0].key}”)"
    return None


_CHECKS: tuple[Check, ...] = (*FACT_CHECKS, _polarity, _content)
