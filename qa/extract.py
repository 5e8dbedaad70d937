"""Finding the answer inside the evidence: candidates scored by type, closeness and scope.

Every sentence of the hits is measured against the question; every candidate in a good sentence gets the
evidence that speaks for it. Where the learned reader is at hand its scores join in as further evidence.
This module decides nothing: whether the best finding is good enough is for `refuse`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.types import Article, Hit, Sentence
from qa.align import Matcher, Overlap, keys_of, matcher
from qa.candidates import Candidate, Type, candidates_in
from qa.fit import fit, stretches, types_for
from qa.question import Kind, Question
from qa.scope import Standing, standing
from qa.words import read_words

if TYPE_CHECKING:
    from models.reader import Reader


@dataclass(frozen=True, slots=True)
class Finding:
    """A possible answer: characters [start, end) of `sentence.text`, with what speaks for it.

    `overlap` is the sentence's, `context` that of the sentence with its title and what stands before it.
    `fit` in [0, 1] is how well the candidate fits the question by rules, `standing` whether it speaks of the
    names asked about (the worst of them), `reader_sentence`, `reader_span` in [0, 1] what the learned reader
    says (0 without one). `score` orders findings of one question.
    """

    sentence: Sentence
    article: Article
    hit: Hit
    start: int
    end: int
    type: Type | None
    overlap: Overlap
    context: Overlap
    fit: float
    standing: Standing
    reader_sentence: float = 0.0
    reader_span: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        """Return the answer as the article says it."""
        return self.sentence.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Read:
    sentence: Sentence
    hit: Hit
    overlap: Overlap
    context: Overlap
    score: float


def _sentence_score(overlap: Overlap, context: Overlap) -> float:
    return 0.35 * overlap.words + 0.15 * overlap.pairs + 0.25 * overlap.focus + 0.25 * context.words


def read_sentences(match: Matcher, hits: Sequence[Hit]) -> list[_Read]:
    """Measure every sentence of the hits, best first; a sentence met twice is measured once."""
    toneless = match.question.toneless
    seen: set[tuple[str, int]] = set()
    found: list[_Read] = []
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
                found.append(_Read(sentence, hit, overlap, context, score))
            before = (*before, *keys)
    return sorted(found, key=lambda one: -one.score)


def _candidates(match: Matcher, sentence: Sentence) -> list[Candidate]:
    types = types_for(match.question)
    found = [c for c in candidates_in(sentence.text) if c.type in types]
    if match.question.kind in (Kind.TEXT, Kind.REASON, Kind.MANNER, Kind.DEFINITION):
        found.extend(stretches(match, read_words(sentence.text)))
    return found


def _standing(question: Question, read: _Read, at: int) -> Standing:
    """Return the worst standing among the names that make the question another question."""
    place = (read.sentence.start, read.sentence.end)
    found = [
        standing(name, article=read.hit.article, sentence=place, at=at, toneless=question.toneless)
        for name in question.names
        if name.strong
    ]
    return min(found, default=Standing.HERE)


_STANDING_FACTOR = {
    Standing.HERE: 1.0,
    Standing.INHERITED: 0.95,
    Standing.ARTICLE: 0.55,
    Standing.RIVAL: 0.25,
    Standing.ABSENT: 0.2,
}


def find_answers(
    question: Question, hits: Sequence[Hit], *, reader: Reader | None = None, sentences: int = 12
) -> list[Finding]:
    """Return possible answers, best first: every fitting candidate of the best `sentences` sentences.

    Where a sentence has no candidate of the type asked for, the whole sentence is one, with fit 0.
    """
    match = matcher(question)
    found: list[Finding] = []
    for read in read_sentences(match, hits)[:sentences]:
        words = read_words(read.sentence.text)
        place = read.sentence
        rated: list[Finding] = []
        for candidate in _candidates(match, place):
            value = fit(match, words, candidate)
            start, end = words.original_span(candidate.start, candidate.end)
            rated.append(_finding(question, read, start, end, candidate.type, value))
        if not rated:
            rated.append(_finding(question, read, 0, len(place.text), None, 0.0))
        found.extend(rated)
    return sorted(found, key=lambda one: -one.score)


def _finding(
    question: Question, read: _Read, start: int, end: int, kind: Type | None, value: float
) -> Finding:
    stands = _standing(question, read, read.sentence.start + start)
    finding = Finding(
        read.sentence, read.hit.article, read.hit, start, end, kind, read.overlap, read.context, value, stands
    )
    return replace(finding, score=(0.5 * read.score + 0.5 * value) * _STANDING_FACTOR[stands])
