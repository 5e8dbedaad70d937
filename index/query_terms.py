"""From a question to weighted terms: question words and stop words count less than what is asked about.

Weights are relative, in (0, 1] for the question's own words. A question of nothing but stop words keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from index.normalize import canonical, strip_tones
from index.tokens import lexical_terms, passage_terms

Field = Literal["accented", "toneless", "accented_pair", "toneless_pair"]

STOP_WEIGHT = 0.3
QUESTION_WEIGHT = 0.02

# What asks: it stands where the answer would, so passages do not hold it. The longest phrase wins.
_QUESTION_PHRASES = """
bao nhiêu|bao lâu|bao xa|bao giờ|khi nào|lúc nào|hồi nào|ngày nào|năm nào|tháng nào|từ khi nào|ở đâu|tại đâu|nơi nào
chỗ nào|đâu|từ đâu|gì|là gì|cái gì|việc gì|điều gì|những gì|làm gì|nào|thế nào|như thế nào|ra sao|làm sao|vì sao|tại sao
sao|vì đâu|do đâu|ai|là ai|của ai|bởi ai|những ai|mấy|thứ mấy|lần thứ mấy|phải không|có phải|đúng không|được không|hay không
hay chưa|cho biết|cho tôi biết|hãy cho biết|xin cho biết|cho hỏi|cho tôi hỏi|xin hỏi|bạn có biết|hãy kể|hãy nêu|kể tên
vui lòng|nhỉ|nhé|ạ|vậy ạ|thưa|theo bài báo|theo bài viết|trong bài|theo tin|thông tin về|tôi muốn biết|tôi muốn hỏi
""".replace("\n", "|")
_STOP_WORDS = """
và của là có được bị bởi cho với các những cái chiếc cũng đã đang đều để do đó đây này nọ ấy kia thì mà nên nếu như nhưng
hay hoặc hãy khi lại lên ra vào từ tại trong ngoài trên dưới về theo rằng rất sẽ vẫn vừa vì đến tới bằng cùng chỉ còn không
chưa nhau qua sau trước giữa gồm thế vậy nữa rồi sự một ở thuộc tôi mình họ bạn mọi mỗi từng nhằm xin ạ à lúc đấy dù tuy
"""
# Where these words are no question or stop words.
_CONTENT_PHRASES = """
ai cập|ai len|ai oán|ngôi sao|sao kim|sao hỏa|sao mộc|sao thổ|sao thủy|sao chổi|sao băng|sao biển|bản sao|sao lưu|sao chép
nước ngoài|trong nước|ngoài nước|bạn đọc|bạn bè|bạn trẻ|bạn học|họ nguyễn|dòng họ|một cửa|tự sự|sự cố|sự kiện|sự nghiệp
quân sự|dân sự|hình sự|nhân sự|thời sự|lịch sự|cái bè|các mác|thế giới|thế hệ|thế kỉ|thế kỷ|thế vận hội|kinh tế
""".replace("\n", "|")
# Alone and without marks these may be other words (nao: não; dau: đầu; sao: sáo), so only phrases go toneless.
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
    for word in _STOP_WORDS.split():
        table.setdefault((word,), STOP_WEIGHT)
    return table


_PHRASES = _phrase_table()
_LONGEST = max(map(len, _PHRASES))


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


def query_terms(question: str, *, limit: int = 128) -> list[QueryTerm]:
    """Return the weighted terms of a question (any text) for all four fields; empty if it holds no word.

    At most `limit` of the weightiest different words are kept, so that a pasted article stays affordable.
    """
    terms = passage_terms(canonical(question[:20_000]))
    weights = word_weights(terms.accented)
    if weights and max(weights) < 1:
        weights = [1.0] * len(weights)
    weight_of = dict(_best(zip(terms.accented, weights, strict=True)))
    kept = set(sorted(weight_of, key=lambda word: -weight_of[word])[:limit])
    result = [QueryTerm(word, weight, "accented") for word, weight in weight_of.items() if word in kept]
    toneless = _best((strip_tones(word), weight) for word, weight in weight_of.items() if word in kept)
    result += [QueryTerm(word, weight, "toneless") for word, weight in toneless]
    pairs = {
        pair: min(weight_of.get(first, 1.0), weight_of.get(second, 1.0))
        for pair, (first, second) in zip(
            terms.accented_pairs, (pair.split("_", 1) for pair in terms.accented_pairs), strict=True
        )
        if first in kept and second in kept
    }
    chosen = [(pair, weight) for pair, weight in pairs.items() if weight > QUESTION_WEIGHT]
    result += [QueryTerm(pair, weight, "accented_pair") for pair, weight in chosen]
    toneless_pairs = _best((strip_tones(pair), weight) for pair, weight in chosen)
    result += [QueryTerm(pair, weight, "toneless_pair") for pair, weight in toneless_pairs]
    return result


def _best(weighted: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Keep each text once, with its highest weight, in order."""
    best: dict[str, float] = {}
    for text, weight in weighted:
        best[text] = max(weight, best.get(text, 0.0))
    return list(best.items())
