"""From a question to weighted terms: question words count less than what is asked about.

Stop words need no weight of their own: document frequency sees to that, and lower weights measured worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.abbreviations import both_spellings, expand
from index.normalize import canonical, strip_tones
from index.places import KIND_OF_PLACE, related_places
from index.syllables import fold_word
from index.tokens import lexical_terms, passage_terms
from index.toneless import Reading, Word, detect, restored_text

Field = Literal["accented", "toneless", "accented_pair", "toneless_pair"]

QUESTION_WEIGHT = 0.3  # less (0.02) or weights for stop words too (0.3, 0.6) measured worse
FULL_FORM_WEIGHT = 0.35  # of the syllables of a full form, beside its abbreviation
READING_WEIGHT = 0.4  # of all readings of an abbreviation together
PLACE_WEIGHT = 0.2  # of another name of a place

# What asks: it stands where the answer would, so passages do not hold it. The longest phrase wins.
_QUESTION_PHRASES = """
bao nhiêu|bao lâu|bao xa|bao giờ|khi nào|lúc nào|hồi nào|ngày nào|năm nào|tháng nào|từ khi nào|ở đâu
tại đâu|nơi nào|chỗ nào|đâu|từ đâu|gì|là gì|cái gì|việc gì|điều gì|những gì|làm gì|nào|thế nào
như thế nào|ra sao|làm sao|vì sao|tại sao|sao|vì đâu|do đâu|ai|là ai|của ai|bởi ai|những ai|mấy|thứ mấy
lần thứ mấy|số mấy|phải không|có phải|đúng không|được không|hay không|hay chưa|cho biết|cho tôi biết
hãy cho biết|xin cho biết|cho hỏi|cho tôi hỏi|xin hỏi|bạn có biết|hãy kể|hãy nêu|kể tên|vui lòng|nhỉ|nhé
ạ|vậy ạ|thưa|theo bài báo|theo bài viết|trong bài|theo tin|thông tin về|tôi muốn biết|tôi muốn hỏi
""".replace("\n", "|")
# Where these words are no question words.
_CONTENT_PHRASES = """
ai cập|ai len|ai oán|ngôi sao|sao kim|sao hỏa|sao mộc|sao thổ|sao thủy|sao chổi|sao băng|sao biển
bản sao|sao lưu|sao chép|nước ngoài|trong nước|ngoài nước|bạn đọc|bạn bè|bạn trẻ|bạn học|họ nguyễn
dòng họ|một cửa|tự sự|sự cố|sự kiện|sự nghiệp|quân sự|dân sự|hình sự|nhân sự|thời sự|lịch sự|cái bè
các mác|thế giới|thế hệ|thế kỉ|thế kỷ|thế vận hội|kinh tế
""".replace("\n", "|")
# Alone and without marks the others may be other words (nao: não, dau: đầu), so only phrases go toneless.
_TONELESS_ALONE = frozenset({"gi", "ai"})


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term to look up in one field, with its weight (more is more important)."""

    text: str
    weight: float
    field: Field


def _phrase_table() -> dict[tuple[str, ...], float]:
    table: dict[tuple[str, ...], float] = {}
    for phrase in filter(None, _QUESTION_PHRASES.split("|")):
        words = tuple(lexical_terms(phrase))
        table[words] = QUESTION_WEIGHT
        plain = tuple(map(strip_tones, words))
        if len(plain) > 1 or plain[0] in _TONELESS_ALONE:
            table.setdefault(plain, QUESTION_WEIGHT)
    for phrase in filter(None, _CONTENT_PHRASES.split("|")):
        words = tuple(lexical_terms(phrase))
        table[words] = table[tuple(map(strip_tones, words))] = 1.0
    return table


_PHRASES = _phrase_table()
_LONGEST = max(map(len, _PHRASES))


@lru_cache(maxsize=1)
def question_phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the phrases that ask by their words without marks; of single words only those of one reading."""
    bare_first = sorted(_PHRASES.items(), key=lambda item: not "".join(item[0]).isascii())
    return {  # with marks, where there are any: they come last
        tuple(map(strip_tones, words)): words
        for words, weight in bare_first
        if weight == QUESTION_WEIGHT and (len(words) > 1 or strip_tones(words[0]) in _TONELESS_ALONE)
    }


def word_weights(words: list[str]) -> list[float]:
    """Return the weight of each word of a question (lower-case terms, in order)."""
    weights = [1.0] * len(words)
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            weight = _PHRASES.get(tuple(words[at : at + length]))
            if weight is not None:
                weights[at : at + length] = [weight] * length
                at += length
                break
        else:
            at += 1
    return weights


def query_terms(
    question: str,
    *,
    words: list[Word] | None = None,
    limit: int = 128,
    expansions: bool = True,
    places: float = PLACE_WEIGHT,
) -> list[QueryTerm]:
    """Return the weighted terms of a question (any text) for all four fields; empty if it holds no word.

    Words that lack their marks count in the accented fields with each probable reading, weighted by its
    probability; `words` is what `detect` says of the canonical question. With `expansions`,
    other names of its places (at the weight `places`) and the readings of abbreviations are added at lower
    weights. At most `limit` of the weightiest terms of a field are kept.
    """
    text = canonical(question[:5_000])
    words = detect(text) if words is None else words
    readings = {word.text.lower(): word.readings for word in words if word.toneless or len(word.readings) > 1}
    restored = restored_text(text, words)
    spellings = both_spellings(restored)
    terms = passage_terms(spellings.short)
    weights = word_weights(terms.accented)
    if weights and max(weights) < 1:
        weights = [1.0] * len(weights)
    accented = dict(_best(zip(terms.accented, weights, strict=True)))
    pairs = {}
    for pair in terms.accented_pairs:
        first, second = pair.split("_", 1)
        pairs[pair] = min(accented.get(first, 1.0), accented.get(second, 1.0))
    longer = passage_terms(spellings.full)
    for term in longer.accented:
        accented.setdefault(term, FULL_FORM_WEIGHT)
    for pair in longer.accented_pairs:
        pairs.setdefault(pair, FULL_FORM_WEIGHT)
    if expansions:
        _add_readings_of_abbreviations(spellings.short, accented, pairs)
    toneless, toneless_pairs = _without_marks(accented), _without_marks(pairs)
    _add_readings(readings, accented, pairs)
    if expansions:
        if places > 0:
            _add_places(restored, accented, pairs, places)
        for target, source in ((toneless, accented), (toneless_pairs, pairs)):
            for term, weight in source.items():
                target.setdefault(strip_tones(term), weight)
    fields: tuple[tuple[Field, dict[str, float]], ...] = (
        ("accented", accented), ("toneless", toneless),
        ("accented_pair", pairs), ("toneless_pair", toneless_pairs),
    )  # fmt: skip
    return [
        QueryTerm(term, weight, field)
        for field, table in fields
        for term, weight in sorted(table.items(), key=lambda item: -item[1])[:limit]
        if not (field.endswith("pair") and weight <= QUESTION_WEIGHT)
    ]


def _without_marks(table: dict[str, float]) -> dict[str, float]:
    return dict(_best((strip_tones(term), weight) for term, weight in table.items()))


def _add_readings_of_abbreviations(text: str, accented: dict[str, float], pairs: dict[str, float]) -> None:
    """Look a little for each full form that an abbreviation may have."""
    for expansion in expand(text):
        share = READING_WEIGHT / len(expansion.alternatives)
        for reading in expansion.alternatives:
            if " " not in reading or " " in expansion.original:
                continue
            found = passage_terms(reading)
            for term in found.accented:
                accented.setdefault(term, share)
            for term in found.accented_pairs:
                pairs.setdefault(term, share)


def _add_readings(
    readings: dict[str, tuple[Reading, ...]], accented: dict[str, float], pairs: dict[str, float]
) -> None:
    """Weight the readings of words without marks by their probabilities."""
    for alternatives in readings.values():
        best = fold_word(alternatives[0].text)
        weight = accented.get(best)
        if weight is None:
            continue
        accented[best] = weight * alternatives[0].probability
        for reading in alternatives[1:]:
            accented.setdefault(fold_word(reading.text), weight * reading.probability)


def _add_places(text: str, accented: dict[str, float], pairs: dict[str, float], most: float) -> None:
    """Look also for what the places of a question were called, or are called now."""
    for place in related_places(text):
        if place.level == "province" and place.relation == "formerly":
            continue  # what is asked about a province of today is seldom about just one of its parts
        weight = most / (2 if place.ambiguous or place.relation == "formerly" else 1)
        weight /= max(1.0, len(place.alternatives) / 4)
        for name in place.alternatives:
            found = passage_terms(KIND_OF_PLACE.sub("", name))
            for term in found.accented:
                accented.setdefault(term, weight)
            for term in found.accented_pairs:
                pairs.setdefault(term, 2 * weight)


def _best(weighted: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Keep each text once, with its highest weight, in order."""
    best: dict[str, float] = {}
    for text, weight in weighted:
        best[text] = max(weight, best.get(text, 0.0))
    return list(best.items())
