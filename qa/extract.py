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

from index.types import Article, Hit, Sentence
from qa.align import Matcher, Overlap, matcher
from qa.candidates import Candidate, Type, candidates_in
from qa.exclude import exclusion
from qa.fit import fit, sentence_sense, stretches, types_for
from qa.question import Kind, Question
from qa.reading import Said, SentenceRead, place_of, read_sentences, reader_says
from qa.roles import role_of
from qa.scope import Standing, standing_among
from qa.weigh import Weights, group_of, sentence_features, shares, span_features, squash, weigh, weights
from qa.words import Words, read_words

if TYPE_CHECKING:
    from models.reader import Reader


@dataclass(frozen=True, slots=True)
class Finding:
    """A possible answer: characters [start, end) of `sentence.text`, with what speaks for it.

    `overlap` is the sentence's, `context` that of the sentence with its title and what stands before it.
    `fit` in [0, 1] is how well the candidate fits the question by rules, `standing` whether it speaks of the
    names asked about (the worst of them), `reader_sentence`, `reader_span` in [0, 1] what the learned reader
    says (0 without one). `belief` in [0, 1] is that the sentence answers, `share` that of its candidates this
    one does. `score` orders findings of one question; `alone` is the same without what the search thinks of
    the passage. `allowed` in (0, 1] is what `exclude` leaves of it.
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
    belief: float = 0.0
    share: float = 0.0
    score: float = 0.0
    alone: float = 0.0
    allowed: float = 1.0

    @property
    def text(self) -> str:
        """Return the answer as the article says it."""
        return self.sentence.text[self.start : self.end]


def _candidates(match: Matcher, sentence: Sentence) -> list[Candidate]:
    types = types_for(match.question)
    found = [c for c in candidates_in(sentence.text) if c.type in types]
    if match.question.kind in (Kind.TEXT, Kind.REASON, Kind.MANNER, Kind.DEFINITION):
        found.extend(stretches(match, read_words(sentence.text)))
    return found


# How much a stretch without the type asked for counts: "ai" may be answered by a people, a figure by no word.
_STRICT = {
    Kind.NUMBER: 0.35,
    Kind.TOTAL: 0.35,
    Kind.COMPARISON: 0.35,
    Kind.DATE: 0.35,
    Kind.DOCUMENT: 0.35,
    Kind.ROLE: 0.35,
    Kind.PERSON: 0.8,
}
_STANDING_FACTOR = {
    Standing.HERE: 1.0,
    Standing.INHERITED: 0.95,
    Standing.ARTICLE: 0.55,
    Standing.RIVAL: 0.25,
    Standing.ABSENT: 0.2,
}


def find_answers(
    question: Question,
    hits: Sequence[Hit],
    *,
    reader: Reader | None = None,
    sentences: int = 20,
    passages: int = 7,
) -> list[Finding]:
    """Return possible answers, best first: the fitting candidates of the best `sentences` sentences.

    The reader, where given, reads the `passages` passages that hold the best sentences. Where a sentence has
    no candidate of the type asked for, the whole sentence is one, with fit 0.
    """
    match = matcher(question)
    reads = read_sentences(match, hits)
    said = reader_says(question, reads, reader, passages=passages)
    if said:
        reads.sort(
            key=lambda one: (
                -(one.score + 0.1 * said[place_of(one)].logit if place_of(one) in said else one.score - 1)
            )
        )
    found: list[Finding] = []
    for read in reads[:sentences]:
        found.extend(rate(match, read, said.get(place_of(read)), weights(reader=reader is not None)))
    return sorted(_passages_weighed(found), key=lambda one: -one.score)


# How much the search's belief in a passage counts: on questions of ViQuAD and of our own for tuning (right of
# 366 and of 616 at 0, .1, .3, .5: 61, 66, 68, 69 and 66, 71, 73, 73 %) and on gold questions (no difference).
_PASSAGE_POWER = 0.3


def _passages_weighed(found: Sequence[Finding]) -> list[Finding]:
    """Return findings whose scores are lower the further their passage stands behind the best one."""
    return [
        replace(one, score=one.alone * odds**_PASSAGE_POWER)
        for one, odds in zip(found, behind(found), strict=True)
    ]


def behind(found: Sequence[Finding]) -> list[float]:
    """Return for each finding the odds of its passage by those of the best one, in (0, 1]."""
    best = max((_odds(one.hit) for one in found), default=1.0)
    return [_odds(one.hit) / best for one in found]


def _odds(hit: Hit) -> float:
    likely = min(max(hit.score, 0.0003), 0.9997)
    return likely / (1 - likely)


def candidate_features(
    match: Matcher, read: SentenceRead, said: Said | None
) -> tuple[dict[str, float], list[tuple[Finding, dict[str, float]]]]:
    """Return the features of a sentence, and its candidates with theirs (see `weigh`)."""
    kind = match.question.kind
    pool = _pool(match, read, read_words(read.sentence.text), said)
    features = sentence_features(
        kind=kind,
        logit=said.logit if said is not None else -10.0,
        probability=said.score if said is not None else 0.0,
        overlap=read.overlap,
        context=read.context,
        fits=[(finding.type, finding.fit) for finding in pool],
        length=len(read.sentence.text),
        share=max((share for _, _, share in said.spans), default=0.0) if said is not None else 0.0,
        hit=read.hit.score,
    )
    return features, [
        (
            finding,
            span_features(
                kind=kind,
                type_=finding.type,
                fit=finding.fit,
                agree=finding.reader_span,
                words=len(finding.text.split()),
            ),
        )
        for finding in pool
    ]


def rate(match: Matcher, read: SentenceRead, said: Said | None, by: Weights) -> list[Finding]:
    """Return the findings of one sentence, typed candidates and the reader's spans, with their scores."""
    features, pool = candidate_features(match, read, said)
    belief = squash(weigh(features, by.sentence))
    # What the rules all but exclude must not win inside its sentence however sure the reader is.
    values = [weigh(one, by.span) + 3 * math.log(_sense(match.question, finding)) for finding, one in pool]
    top = max(values)
    return [
        replace(
            finding,
            belief=belief,
            share=share,
            reader_sentence=said.score if said is not None else 0.0,
            alone=belief
            * _STANDING_FACTOR[finding.standing]
            * _sense(match.question, finding)
            * math.exp(min(0.0, value - top)),
        )
        for (finding, _), value, share in zip(pool, values, shares(values), strict=True)
    ]


def _asks_holder(question: Question) -> bool:
    """Return whether the holder of an office is asked for."""
    return question.kind is Kind.PERSON and role_of(question.text, toneless=question.toneless) is not None


def _sense(question: Question, finding: Finding) -> float:
    """Return less than 1 where the rules all but exclude a candidate: another unit, another person's role."""
    factor = (0.85 if in_caption(finding) else 1.0) * sentence_sense(question, finding.sentence.text)
    factor *= finding.allowed
    if finding.type not in types_for(question):
        return factor * (0.35 if _asks_holder(question) else _STRICT.get(question.kind, 1.0))
    if group_of(finding.type) not in ("number", "person"):
        return factor
    return factor * min(1.0, 0.25 + 2.5 * finding.fit)


def in_caption(finding: Finding) -> bool:
    """Return whether the sentence stands under a picture, where names and dates are said in passing."""
    return any(span.start <= finding.sentence.start < span.end for span in finding.article.captions)


def _pool(match: Matcher, read: SentenceRead, words: Words, said: Said | None) -> list[Finding]:
    """Return the candidates of a sentence by rules, and the reader's spans that are none of them."""
    question = match.question
    spans = said.spans if said is not None else ()
    pool: dict[tuple[int, int], Finding] = {}
    for candidate in _candidates(match, read.sentence):
        value = fit(match, words, candidate)
        place = (candidate.start, candidate.end)
        pool[place] = replace(
            _finding(question, read, words, *place, candidate.type, value),
            reader_span=_agreement(place, spans),
        )
    for start, end, _ in spans:
        if (start, end) in pool:
            continue
        kind, value, kin = _kin((start, end), pool)
        if kin is not None and kind in (Type.ROLE, Type.PERSON, Type.DOCUMENT):
            continue  # the rules know better where those begin and end
        if kin is not None:  # "147.000 dân" of "hơn 147.000 dân": what is said roughly stays rough
            start, end = min(start, kin[0]), max(end, kin[1])
            if (start, end) in pool:
                continue
        finding = _finding(question, read, words, start, end, kind, value)
        pool[(start, end)] = replace(finding, reader_span=_agreement((start, end), spans))
    if not pool:
        pool[(0, len(words.text))] = _finding(question, read, words, 0, len(words.text), None, 0.0)
    article, begin = read.hit.article, read.sentence.start
    before = f"{article.title} {article.text[max(0, begin - 700) : begin]}"
    told = article.text[:begin]
    return [
        replace(finding, allowed=exclusion(match, words, *place, finding.type, before, article.date, told))
        for place, finding in pool.items()
    ]


def _kin(
    place: tuple[int, int], pool: Mapping[tuple[int, int], Finding]
) -> tuple[Type | None, float, tuple[int, int] | None]:
    """Return type, fit and place of the candidate that a span of the reader's stands for."""
    best: tuple[float, Finding, tuple[int, int]] | None = None
    for other, finding in pool.items():
        if finding.type is None or finding.type in (Type.LIST, Type.QUOTED):
            continue
        near = _span_f1(place, other)
        inside = place[0] - 8 <= other[0] and other[1] <= place[1]
        if inside and place[1] - other[1] <= 24 and other[0] - place[0] <= 12:
            near = max(near, 0.6)
        if near > 0.5 and (best is None or near * finding.fit > best[0]):
            best = (near * finding.fit, finding, other)
    return (best[1].type, best[1].fit, best[2]) if best else (None, 0.0, None)


def _agreement(place: tuple[int, int], spans: Sequence[tuple[int, int, float]]) -> float:
    """Return the reader's expected overlap (F1 of characters) of `place` with the answer."""
    total = sum(share for _, _, share in spans) or 1.0
    return min(1.0, sum(share * _span_f1(place, (a, b)) for a, b, share in spans) / max(total, 0.5))


def _span_f1(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared / (one[1] - one[0] + other[1] - other[0]) if shared > 0 else 0.0


def _finding(
    question: Question,
    read: SentenceRead,
    words: Words,
    start: int,
    end: int,
    kind: Type | None,
    value: float,
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
        standing_among(
            question.names,
            article=read.hit.article,
            sentence=(read.sentence.start, read.sentence.end),
            at=read.sentence.start + first,
            figure=question.kind in (Kind.NUMBER, Kind.TOTAL),
            toneless=question.toneless,
            where=question.asks_where,
        ),
    )
