"""The way of a question on one screen: understand → search → read → judge → extract or generate → verify.

START READING HERE. Every stage is a module of its own, named in the imports.
"""

from __future__ import annotations

import collections.abc
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol

from index.types import Hit
from models.errors import ModelError
from qa.claims import claim_of, judged
from qa.compare import latest, still_in_office
from qa.context import preferred
from qa.conversation import complete
from qa.extract import Finding, find_answers
from qa.fit import types_for
from qa.history import Turn
from qa.missing import nearest, refusal
from qa.prompt import is_refusal
from qa.question import Kind, Question, understand
from qa.refuse import DOUBTS, Calibration, doubts, features_of, impossible
from qa.respond import Draft, cite, evidence_of, extracted, marker_of, marks_of, several
from qa.scope import places_of
from qa.tones import conversation_with_tones, with_tones
from qa.types import Answer, Event, Evidence, Finished, Removed, SourcesFound, TextDelta
from qa.verify import verify
from qa.words import has_tones

if TYPE_CHECKING:
    from models.reader import Reader


class Generator(Protocol):
    """Writes an answer from evidence, piece by piece (see `generate`)."""

    def __call__(self, question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
        """Yield pieces of text with markers [n]."""
        ...


class Searchable(Protocol):
    """Where passages are found: a library, or what a benchmark puts in its place."""

    def search(
        self,
        text: str,
        *,
        k: int = ...,
        since: date | None = ...,
        until: date | None = ...,
        source: str | None = ...,
        now: date | None = ...,
    ) -> list[Hit]:
        """Return the best `k` passages for a question (see `Library.search`)."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything about one question that is not its words."""

    history: Sequence[Turn] = ()
    since: date | None = None
    until: date | None = None
    source: str | None = None
    now: date | None = None
    passages: int = 20
    minimum_confidence: float | None = None


@dataclass(slots=True)
class Clock:
    """Milliseconds by stage."""

    timings: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on `stage`."""
        now = time.perf_counter()
        self.timings[stage] = self.timings.get(stage, 0.0) + (now - self._last) * 1000
        self._last = now


def answer(
    text: str,
    *,
    library: Searchable,
    calibration: Calibration,
    asked: Asked,
    reader: Reader | None = None,
    generate: Generator | None = None,
) -> Iterator[Event]:
    """Answer a question: `SourcesFound`, then pieces of provisional text, then `Finished`, always last."""
    clock = Clock()

    def search(words: str) -> list[Hit]:
        return library.search(
            words, k=asked.passages, since=asked.since, until=asked.until, source=asked.source, now=asked.now
        )

    completed = complete(*conversation_with_tones(text, asked.history, search))
    clock.lap("understand")

    claim = claim_of(completed.text)
    wanted = claim.asked if claim else completed.text
    hits = search(wanted)
    clock.lap("search")

    meant = with_tones(wanted, hits)
    question, findings = read(meant, hits, reader=reader)
    evidence = evidence_of(findings)
    clock.lap("read")

    confidence, enough = judge(question, findings, calibration, asked.minimum_confidence)
    draft: Draft | None = None
    lacking_names: Sequence[str] = ()
    if question.kind in (Kind.COMPARISON, Kind.TOTAL):
        parts: list[float] = []

        def best(single: Question) -> Finding | None:
            found = possible_first(single, find_answers(single, search(single.text), reader=reader))
            belief, good = judge(single, found, calibration, asked.minimum_confidence)
            parts.append(belief)
            return latest(found) if good else None

        draft, lacking_names = several(question, findings, best)
        if draft:  # as sure as its least sure part
            confidence = min(parts, default=max(confidence, calibration.threshold))
        enough = draft is not None
    elif enough and generate is None:
        draft = extracted(question, findings, evidence)
        draft = judged(claim, findings[0], draft) if claim else draft
    clock.lap("judge")
    base = Answer(
        text="",
        citations=(),
        abstained=True,
        confidence=confidence,
        hits=tuple(hits),
        timings=clock.timings,
        question=meant,
        rewritten=completed.rewritten or meant != completed.text,
        explanation=explained(question, findings, calibration),
    )
    yield SourcesFound(draft.evidence if draft else evidence)
    if not enough:
        yield Finished(_refused(base, question, hits, findings, lacking_names=lacking_names))
        return

    if draft is None:
        draft = yield from _written(generate, meant, question, findings, evidence)
        clock.lap("generate")

    checked = verify(draft.text, draft.evidence)
    clock.lap("verify")
    if not checked.kept:
        yield Finished(_refused(base, question, hits, removed=checked.removed))
        return
    yield Finished(cite(base, draft, checked))


def read(text: str, hits: Sequence[Hit], *, reader: Reader | None) -> tuple[Question, list[Finding]]:
    """Return the question as the hits let it be understood, and the findings, best first."""
    articles = {hit.article.id: hit.article for hit in hits}.values()
    question = understand(text, places_of(articles, toneless=not has_tones(text)))
    findings = still_in_office(question, find_answers(question, hits, reader=reader))
    return question, possible_first(question, preferred(question, findings))


def _written(
    generate: Generator | None,
    asked: str,
    question: Question,
    findings: Sequence[Finding],
    evidence: tuple[Evidence, ...],
) -> collections.abc.Generator[Event, None, Draft]:
    """Yield what the model writes; return its draft or, where that is no use, the extracted one."""
    pieces: list[str] = []
    problem = "Không câu nào mô hình viết được nguồn xác nhận"
    try:
        for piece in generate(asked, evidence) if generate else ():
            pieces.append(piece)
            yield TextDelta(piece)
    except ModelError as error:
        pieces, problem = [], f"Mô hình không trả lời được ({error.message})"
    text = "".join(pieces)
    kept = verify(text, evidence).text
    if kept and not _names_answer(question, findings, kept):
        kept, problem = "", "Mô hình không viết ra điều được hỏi"
    if is_refusal(text) or kept:
        marks = {marker_of(findings[0], evidence): marks_of(question, findings[0], findings)}
        return Draft(text, evidence, marks, method="generated")
    draft = extracted(question, findings, evidence)
    return replace(draft, notes=(*draft.notes, f"{problem}; đây là câu trả lời trích từ bài."))


def _names_answer(question: Question, findings: Sequence[Finding], text: str) -> bool:
    """Return whether a text names any of the figures, people or documents found that fit the question.

    A sentence may be true and cited, and still answer another question. Dates may be written in many ways.
    """
    types = () if question.kind is Kind.DATE else types_for(question)
    fitting = [finding.text for finding in findings if finding.type in types and finding.fit >= 0.5]
    return not fitting or any(one.lower() in text.lower() for one in fitting)


def explained(
    question: Question, findings: Sequence[Finding], calibration: Calibration
) -> Mapping[str, object]:
    """Return what was understood and why the best finding was believed, for `--explain`."""
    found: dict[str, object] = dict(question.explain())
    if findings:
        best = findings[0]
        found["best"] = best.text
        found["standing"] = best.standing.name.lower()
        values = features_of(question, findings)
        found["features"] = {name: round(value, 3) for name, value in values.items() if name not in DOUBTS}
        found["against"] = list(doubts(question, best))
        found["threshold"] = calibration.threshold
    return found


def possible_first(question: Question, findings: Sequence[Finding], *, looked_at: int = 10) -> list[Finding]:
    """Return the findings, the best one that nothing speaks against in front, if there is one."""
    for place, finding in enumerate(findings[:looked_at]):
        if not (impossible(question, finding) or doubts(question, finding)):
            return [finding, *findings[:place], *findings[place + 1 :]]
    return list(findings)


def judge(
    question: Question, findings: Sequence[Finding], calibration: Calibration, minimum: float | None
) -> tuple[float, bool]:
    """Return the confidence in the best finding, and whether it is enough to answer."""
    if not findings or not (question.focus or question.names):
        return 0.0, False
    confidence = calibration.confidence(features_of(question, findings))
    if impossible(question, findings[0]):
        return min(confidence, 0.05), False
    return confidence, confidence >= (calibration.threshold if minimum is None else minimum)


def _refused(
    base: Answer,
    question: Question,
    hits: Sequence[Hit],
    findings: Sequence[Finding] = (),
    removed: tuple[Removed, ...] = (),
    lacking_names: Sequence[str] = (),
) -> Answer:
    text = refusal(question, hits, findings, lacking_names=lacking_names)
    return replace(base, text=text, nearest=nearest(hits), removed=removed)
