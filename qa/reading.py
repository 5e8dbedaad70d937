"""Reading the hits: every sentence measured against the question, the best passages seen by the reader.

Which words of a sentence answer is for `extract`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.toneless import restore
from index.types import Hit, Sentence
from qa.align import Matcher, Overlap, keys_of
from qa.question import Question
from qa.words import read_words

if TYPE_CHECKING:
    from models.reader import Reader

# Read whatever their sentences share with the question: "dân số" may answer where "dân" is asked.
_BEST_HITS = 3


@dataclass(frozen=True, slots=True)
class SentenceRead:
    """A sentence of a hit; `overlap` with the question is its own, `context` with what stands before."""

    sentence: Sentence
    hit: Hit
    overlap: Overlap
    context: Overlap
    score: float


def _sentence_score(overlap: Overlap, context: Overlap) -> float:
    return 0.35 * overlap.words + 0.15 * overlap.pairs + 0.25 * overlap.focus + 0.25 * context.words


def read_sentences(match: Matcher, hits: Sequence[Hit]) -> list[SentenceRead]:
    """Measure every sentence of the hits, best first; a sentence met twice is measured once."""
    toneless = match.question.toneless
    seen: set[tuple[str, int]] = set()
    found: list[SentenceRead] = []
    for hit in hits:
        before: tuple[str, ...] = keys_of(read_words(hit.article.title), toneless=toneless)
        for sentence in hit.passage.sentences:
            keys = keys_of(read_words(sentence.text), toneless=toneless)
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
    texts = [[read_words(sentence.text).text for sentence in hit.passage.sentences] for hit in hits]
    result = reader.read(restored(question), texts, spans=4)
    found: dict[tuple[str, int], Said] = {}
    for one in result.sentences:
        hit = hits[one.passage]
        sentence = hit.passage.sentences[one.sentence]
        spans = tuple((span.start, span.end, span.score) for span in one.spans)
        found[(hit.article.id, sentence.start)] = Said(one.score, one.logit, spans)
    return found


def restored(question: Question) -> str:
    """Return the question with its tone marks put back where it has none."""
    return restore(question.text).text if question.toneless else question.text


def place_of(read: SentenceRead) -> tuple[str, int]:
    """Return article and start: what a sentence is known by."""
    return read.hit.article.id, read.sentence.start
