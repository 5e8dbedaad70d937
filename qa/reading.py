"""Reading the hits: every sentence measured against the question, the best passages seen by the reader.

Which words of a sentence answer is for `extract`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.toneless import restore
from index.types import Hit, Sentence
from qa.align import Matcher, Overlap, keys_of, same_words
from qa.question import Kind, Question
from qa.subjects import NOTHING, going_on
from qa.words import Words, capital, read_words

if TYPE_CHECKING:
    from models.reader import Reader

# Read whatever their sentences share with the question: "dân số" may answer where "dân" is asked.
_BEST_HITS = 3


@dataclass(frozen=True, slots=True)
class SentenceRead:
    """A sentence of a hit; `overlap` with the question is its own, `context` with what stands before.

    Its own with the name of what it goes on about (see `subjects`).
    """

    sentence: Sentence
    hit: Hit
    overlap: Overlap
    context: Overlap
    score: float


def _sentence_score(overlap: Overlap, context: Overlap) -> float:
    return 0.35 * overlap.words + 0.15 * overlap.pairs + 0.25 * overlap.focus + 0.25 * context.words


def _whole(hit: Hit, sentence: Sentence) -> Words:
    """Return the words of a sentence with what it leaves unsaid."""
    completion = going_on(hit.article).get(sentence.start)
    read = read_words(sentence.text)
    return read if completion is None else read_words(completion.of(read.text))


def read_sentences(match: Matcher, hits: Sequence[Hit]) -> list[SentenceRead]:
    """Measure every sentence of the hits, best first; a sentence met twice is measured once."""
    toneless = match.question.toneless
    seen: set[tuple[str, int]] = set()
    found: list[SentenceRead] = []
    for hit in hits:
        before: tuple[str, ...] = keys_of(read_words(hit.article.title), toneless=toneless)
        for sentence in hit.passage.sentences:
            keys = keys_of(_whole(hit, sentence), toneless=toneless)
            place = (hit.article.id, sentence.start)
            if place not in seen and keys:
                seen.add(place)
                overlap = match.overlap(keys)
                context = match.overlap((*before, *keys))
                score = 0.85 * _sentence_score(overlap, context) + 0.15 * hit.score
                found.append(SentenceRead(sentence, hit, overlap, context, score))
            before = (*before, *keys)
    return sorted(found, key=lambda one: -one.score)


@dataclass(frozen=True, slots=True)
class Said:
    """What the reader says of a sentence: probability, and spans (canonical places, probability)."""

    score: float
    logit: float
    spans: tuple[tuple[int, int, float], ...]


def reader_says(
    question: Question, reads: Sequence[SentenceRead], reader: Reader | None, *, passages: int
) -> Mapping[tuple[str, int], Said]:
    """Let the reader read the best hits and the passages of the best sentences.

    Key of the result: article and start of the sentence.
    """
    if reader is None or not question.words.words:
        return {}
    found_first = sorted({one.hit.passage.id: one.hit for one in reads}.values(), key=lambda hit: -hit.score)
    read_first = [*found_first[:_BEST_HITS], *(one.hit for one in reads)]
    hits = list({hit.passage.id: hit for hit in read_first}.values())[:passages]
    texts = [[_whole(hit, sentence).text for sentence in hit.passage.sentences] for hit in hits]
    titles = [read_words(hit.article.title).text for hit in hits]
    told = [(title, *sentences) for title, sentences in zip(titles, texts, strict=True)]
    result = reader.read(reworded(question, told), texts, titles=titles, spans=4)
    found: dict[tuple[str, int], Said] = {}
    for one in result.sentences:
        hit = hits[one.passage]
        sentence = hit.passage.sentences[one.sentence]
        completion = going_on(hit.article).get(sentence.start, NOTHING)
        placed = ((completion.back(span.start, span.end), span.score) for span in one.spans)
        spans = tuple((start, end, score) for (start, end), score in placed if end > start)
        found[(hit.article.id, sentence.start)] = Said(one.score, one.logit, spans)
    return found


# Question words as people speak, and as the questions that the reader learned from have them.
_AS_WRITTEN = {
    "mấy": "bao nhiêu", "chừng nào": "khi nào", "hôm nào": "ngày nào", "chỗ nào": "đâu", "sao": "vì sao",
    "do đâu": "vì sao", "nhờ đâu": "vì sao", "cớ sao": "vì sao", "là sao": "là gì", "hạn chót nào": "khi nào",
}  # fmt: skip


_ROUGHLY = re.compile(r"(?<!\w)(?:cỡ|chừng|tầm|độ|khoảng)\s+(?=bao nhiêu|mấy)", re.I)


def reworded(question: Question, passages: Sequence[Sequence[str]]) -> str:
    """Return the question for the reader, which sees words and not what they mean.

    Words that stand nowhere in the passages give way to one that means the same and does ("hạn chót" to
    "trước ngày"); question words are put as they are written.
    """
    if question.toneless:
        return restore(question.text).text
    said = " ".join(word.key for texts in passages for text in texts for word in read_words(text).words)
    words = question.words
    if (
        question.kind is Kind.NUMBER
        and question.names
        and "dân số" in words.text.lower()
        and "dân số" not in said
    ):
        name = question.names[-1]  # "Dân số của xã …": passages that have no such word say "9.850 dân"
        return f"{capital(f'{name.head} {name.text}'.strip())} có bao nhiêu dân?"
    slot = range(*question.slot)
    pieces: list[str] = []
    done = at = 0
    for form, forms in same_words(keys_of(words, toneless=False), toneless=False):
        if form.start < at or set(form) & set(slot) or f" {_keys(words, form)} " in f" {said} ":
            continue
        others = [" ".join(one) for one in forms]
        other = max(others, key=lambda one: said.count(f" {one} "))
        if f" {other} " in f" {said} ":
            pieces += [words.text[done : words.words[form.start].start], other]
            done, at = words.words[form.stop - 1].end, form.stop
    text = _ROUGHLY.sub("", "".join((*pieces, words.text[done:])))
    asked = words.slice(*question.slot)
    written = _AS_WRITTEN.get(asked.lower())
    return text.replace(asked, written, 1) if written else text


def _keys(words: Words, span: range) -> str:
    return " ".join(words.words[i].key for i in span)


def place_of(read: SentenceRead) -> tuple[str, int]:
    """Return article and start: what a sentence is known by."""
    return read.hit.article.id, read.sentence.start
