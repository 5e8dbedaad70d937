"""Finding the answer inside the evidence: candidates scored by type, closeness and scope.

Every sentence of the hits is measured against the question; every candidate in a good sentence gets the
evidence that speaks for it. Where the learned reader is at hand its scores join in as further evidence.
This module decides nothing: whether the best finding is good enough is for `refuse`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.toneless import restore
from index.types import Article, Hit, Sentence
from qa.align import Matcher, Overlap, keys_of, matcher
from qa.candidates import Candidate, Type, candidates_in
from qa.fit import fit, stretches, types_for
from qa.question import Kind, Question
from qa.scope import Standing, standing
from qa.words import Words, read_words

if TYPE_CHECKING:
    from models.reader import Reader


@dataclass(frozen=True, slots=True)
class Weights:
    """How the evidence for a finding is weighed, each in [0, 1]; tuned on ViQuAD's tuning articles.

    `reader_sentence`: the reader against word overlap, for sentences. `sentence`: the sentence against the
    span. `typed`, `untyped`: the reader's spans against the rules, where the rules know the type or not.
    `untyped_fit`: what a span of the reader's counts for by rules where no candidate is like it.
    """

    reader_sentence: float = 0.6
    logit_scale: float = 0.7
    sentence: float = 0.6
    typed: float = 0.4
    untyped: float = 0.8
    untyped_fit: float = 0.3

    def span_of(self, kind: Type | None) -> float:
        """Return the weight of the reader's spans for a type of candidate."""
        return self.typed if kind in _RULED else self.untyped


_RULED = frozenset({Type.NUMBER, Type.DATE, Type.PERSON, Type.ROLE, Type.DOCUMENT})


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


@dataclass(frozen=True, slots=True)
class _Said:
    """What the reader says of a sentence: probability, and spans (canonical places, probability)."""

    score: float
    logit: float
    spans: tuple[tuple[int, int, float], ...]


def _reader_says(
    question: Question, reads: Sequence[_Read], reader: Reader | None, *, passages: int
) -> Mapping[tuple[str, int], _Said]:
    """Let the reader read the passages of the best sentences; key: article and start of the sentence."""
    if reader is None or not question.words.words:
        return {}
    hits = list({one.hit.passage.id: one.hit for one in reads}.values())[:passages]
    texts = [[read_words(sentence.text).text for sentence in hit.passage.sentences] for hit in hits]
    result = reader.read(restored(question), texts, spans=4)
    found: dict[tuple[str, int], _Said] = {}
    for one in result.sentences:
        hit = hits[one.passage]
        sentence = hit.passage.sentences[one.sentence]
        spans = tuple((span.start, span.end, span.score) for span in one.spans)
        found[(hit.article.id, sentence.start)] = _Said(one.score, one.logit, spans)
    return found


def restored(question: Question) -> str:
    """Return the question with its tone marks put back where it has none."""
    return restore(question.text).text if question.toneless else question.text


def find_answers(
    question: Question,
    hits: Sequence[Hit],
    *,
    reader: Reader | None = None,
    sentences: int = 12,
    passages: int = 6,
    weights: Weights = Weights(),  # noqa: B008  (frozen)
) -> list[Finding]:
    """Return possible answers, best first: the fitting candidates of the best `sentences` sentences.

    The reader, where given, reads the `passages` passages that hold the best sentences. Where a sentence has
    no candidate of the type asked for, the whole sentence is one, with fit 0.
    """
    match = matcher(question)
    reads = read_sentences(match, hits)
    said = _reader_says(question, reads, reader, passages=passages)
    if said:
        nothing = _Said(0.0, -20.0, ())
        reads.sort(key=lambda one: -_with_reader(one, said.get(_place(one), nothing), weights))
    found: list[Finding] = []
    for read in reads[:sentences]:
        found.extend(_rated(match, read, said.get(_place(read)), weights))
    return sorted(found, key=lambda one: -one.score)


def _place(read: _Read) -> tuple[str, int]:
    return read.hit.article.id, read.sentence.start


def _with_reader(read: _Read, said: _Said, weights: Weights) -> float:
    """Return the belief in a sentence: what it shares with the question, and what the reader says."""
    squashed = 1 / (1 + math.exp(-max(-30.0, min(30.0, said.logit * weights.logit_scale))))
    return (1 - weights.reader_sentence) * read.score + weights.reader_sentence * squashed


def _rated(match: Matcher, read: _Read, said: _Said | None, weights: Weights) -> list[Finding]:
    """Return the findings of one sentence: typed candidates, and the reader's spans."""
    words = read_words(read.sentence.text)
    question = match.question
    belief = read.score if said is None else _with_reader(read, said, weights)
    spans = said.spans if said is not None else ()
    pool: dict[tuple[int, int], Finding] = {}
    for candidate in _candidates(match, read.sentence):
        value = fit(match, words, candidate)
        agree = _agreement(candidate.start, candidate.end, spans)
        finding = _finding(question, read, words, candidate.start, candidate.end, candidate.type, value)
        pool[(candidate.start, candidate.end)] = _scored(finding, belief, agree, said, weights)
    for start, end, share in spans:
        kin = max(
            pool.values(), key=lambda f: _span_f1((start, end), _canonical_place(words, f)), default=None
        )
        near = _span_f1((start, end), _canonical_place(words, kin)) if kin is not None else 0.0
        if kin is not None and near == 1.0:
            continue
        kind = kin.type if kin is not None and near > 0.5 else None
        value = (kin.fit * near if kin is not None and kind is not None else 0.0) or weights.untyped_fit
        agree = max(share, _agreement(start, end, spans))
        finding = _finding(question, read, words, start, end, kind, value)
        pool[(start, end)] = _scored(finding, belief, agree, said, weights)
    if not pool:
        whole = _finding(question, read, words, 0, len(words.text), None, 0.0)
        pool[(0, 0)] = _scored(whole, belief, 0.0, said, weights)
    return list(pool.values())


def _canonical_place(words: Words, finding: Finding) -> tuple[int, int]:
    return words.canonical_span(finding.start, finding.end)


def _agreement(start: int, end: int, spans: Sequence[tuple[int, int, float]]) -> float:
    """Return the reader's expected overlap (F1 of characters) of [start, end) with the answer."""
    total = sum(share for _, _, share in spans) or 1.0
    return sum(share * _span_f1((start, end), (a, b)) for a, b, share in spans) / max(total, 0.5)


def _span_f1(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared / (one[1] - one[0] + other[1] - other[0]) if shared > 0 else 0.0


def _scored(finding: Finding, belief: float, agree: float, said: _Said | None, weights: Weights) -> Finding:
    if said is None:
        value = 0.5 * belief + 0.5 * finding.fit
    else:
        span = weights.span_of(finding.type)
        value = weights.sentence * belief + (1 - weights.sentence) * (span * agree + (1 - span) * finding.fit)
    return replace(
        finding,
        reader_sentence=said.score if said is not None else 0.0,
        reader_span=agree,
        score=value * _STANDING_FACTOR[finding.standing],
    )


def _finding(
    question: Question, read: _Read, words: Words, start: int, end: int, kind: Type | None, value: float
) -> Finding:
    first, last = words.original_span(start, end)
    return Finding(
        read.sentence,
        read.hit.article,
        read.hit,
        first,
        last,
        kind,
        read.overlap,
        read.context,
        value,
        _standing(question, read, read.sentence.start + first),
    )
