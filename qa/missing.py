"""What a refusal says: what no article has, what the nearest sentence lacks, which articles are near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from index.syllable_model import syllable_model
from index.types import Article, Hit
from qa.extract import Finding
from qa.prompt import REFUSAL_TEXT
from qa.question import Question
from qa.refuse import doubts
from qa.scope import Standing, named_in
from qa.types import ArticleRef
from qa.words import read_words, word_set

# Words that a person would not miss in an article.
_LIGHT = word_set("ông bà năm ngày tháng anh chị rồi chừng tầm cỡ vậy hả nhỉ")
_LONGEST_PHRASE = 4  # words
_ONE_WORD = 20.0  # attraction of two syllables of one word
_FAR = 0.1  # of the best score: an article below it is not near
_ABOUT_IT = 0.6  # of the question's weight that a sentence holds which is about the matter
# What the nearest sentence lacks, by what speaks against it.
_LACKS: Mapping[str, str] = {
    "another_year": "nói về năm khác",
    "another_period": "nói về khoảng thời gian khác",
    "another_body": "nói về đơn vị khác",
    "another_turn": "nói về lần, vòng hoặc cấp xét xử khác",
    "another_office": "nói về chức vụ khác",
    "another_organ": "nói về chức vụ ở cơ quan khác",
    "another_event": "chỉ có ngày của việc khác",
    "another_unit": "không có con số theo đơn vị được hỏi",
    "not_done_yet": "chỉ nói đến kế hoạch, chưa nói đã làm",
    "said_unknown": "cho biết điều này chưa rõ hoặc không được công bố",
    "no_cause": "không nêu nguyên nhân",
    "no_time": "không nêu thời gian",
    "no_place": "không nêu nơi chốn",
    "no_street": "không nêu tên đường",
    "no_name": "không nêu tên",
    "no_telephone": "không có số điện thoại",
    "only_counted": "chỉ có số lượng, không kể ra",
    "not_defined": "không giải thích đó là gì",
}


def missing_phrases(question: Question, articles: Iterable[Article]) -> tuple[str, ...]:
    """Return what of the question none of the articles says, in whole phrases: "trường học", never "học".

    A phrase is a stretch of the question's own words between names and question words; of a longer one than
    four words it cannot be said what is missing.
    """
    items = question.words.words
    runs: list[list[int]] = []
    for i in question.focus:
        if runs and runs[-1][-1] == i - 1 and _adjacent(question, i):
            runs[-1].append(i)
        else:
            runs.append([i])
    short = [run for run in runs if len(run) <= _LONGEST_PHRASE and not any(items[i].is_number for i in run)]
    absent = {question.key(i) for run in short for i in run if items[i].key not in _LIGHT}
    for article in articles:
        if not absent:
            break
        for text in (article.title, article.text):
            absent -= {word.plain if question.toneless else word.key for word in read_words(text).words}
    lacking = [run for run in short if any(question.key(i) in absent for i in run)]
    phrases = (question.words.slice(_begin(question, run[0]), run[-1] + 1) for run in lacking)
    return tuple(dict.fromkeys(phrases))


def _begin(question: Question, index: int) -> int:
    """Return where the word begins that a syllable belongs to: "điều" of "điều dưỡng"."""
    items = question.words.words
    taken = {*range(*question.slot), *(i for name in question.names for i in name.places)}
    while (
        _adjacent(question, index)
        and index - 1 not in taken
        and syllable_model().attraction(items[index - 1].key, items[index].key) > _ONE_WORD
    ):
        index -= 1
    return index


def _adjacent(question: Question, index: int) -> bool:
    """Return whether nothing but space stands between a word of the question and the one before it."""
    items = question.words.words
    return index > 0 and not question.words.text[items[index - 1].end : items[index].start].strip()


def reference(article: Article) -> ArticleRef:
    """Return the reference of an article."""
    return ArticleRef(article.id, article.title, article.date, article.path, article.source, article.url)


def nearest(hits: Sequence[Hit], *, limit: int = 3) -> tuple[ArticleRef, ...]:
    """Return the articles nearest to a question, each once; none that is far behind the best one."""
    found: dict[str, ArticleRef] = {}
    for hit in hits:
        if hit.score < _FAR * hits[0].score:
            break
        found.setdefault(hit.article.id, reference(hit.article))
    return tuple(found.values())[:limit]


def refusal(
    question: Question,
    hits: Sequence[Hit],
    findings: Sequence[Finding] = (),
    *,
    lacking_names: Sequence[str] = (),
) -> str:
    """Return the refusal in Vietnamese: what is missing, as far as it can be told.

    `lacking_names` are those of a comparison or total for which no figure was found.
    """
    if lacking_names:
        return f"{REFUSAL_TEXT} Không tìm thấy số liệu của {', '.join(lacking_names)}."
    absent = [
        name
        for name in question.names
        if not any(named_in(name, hit.article.text, toneless=question.toneless) for hit in hits)
    ]
    if absent:
        shown = ", ".join(f"“{(name.head + ' ' + name.text).strip()}”" for name in absent)
        return f"{REFUSAL_TEXT} Không bài nào nhắc đến {shown}."
    missing = missing_phrases(question, {hit.article.id: hit.article for hit in hits}.values())
    if hits and missing:
        shown = ", ".join(f"“{phrase}”" for phrase in missing[:3])
        return f"{REFUSAL_TEXT} Các bài gần nhất không nói đến {shown}."
    lacks = _lacks(question, findings)
    return f"{REFUSAL_TEXT} Câu gần nhất {lacks}." if lacks else REFUSAL_TEXT


def _lacks(question: Question, findings: Sequence[Finding]) -> str:
    """Return what the best sentence lacks, where it is about the matter; "" where that is not known."""
    if not findings or findings[0].context.words < _ABOUT_IT or findings[0].standing < Standing.INHERITED:
        return ""
    return next((_LACKS[one] for one in doubts(question, findings[0]) if one in _LACKS), "")
