"""The way of a question on one screen: understand → search → read → judge → extract or generate → verify.

START READING HERE. Every stage is a module of its own, named in the imports.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol

from index.types import Hit
from qa.conversation import Turn, complete
from qa.extract import Finding, find_answers
from qa.question import Question, understand
from qa.refuse import Calibration, features_of, impossible, nearest, refusal
from qa.respond import cite, evidence_of, extracted
from qa.types import Answer, Event, Evidence, Finished, Removed, SourcesFound, TextDelta
from qa.verify import verify

if TYPE_CHECKING:
    from index.library import Library


class Generator(Protocol):
    """Writes an answer from evidence, piece by piece (see `generate`)."""

    def __call__(self, question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
        """Yield pieces of text with markers [n]."""
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
    text: str, *, library: Library, calibration: Calibration, asked: Asked, generate: Generator | None = None
) -> Iterator[Event]:
    """Answer a question: `SourcesFound`, then pieces of provisional text, then `Finished`, always last."""
    clock = Clock()
    completed = complete(text, asked.history)
    question = understand(completed.text)
    clock.lap("understand")

    hits = library.search(
        completed.text,
        k=asked.passages,
        since=asked.since,
        until=asked.until,
        source=asked.source,
        now=asked.now,
    )
    clock.lap("search")

    findings = find_answers(question, hits)
    evidence = evidence_of(findings)
    clock.lap("read")
    yield SourcesFound(evidence)

    confidence, enough = judge(question, findings, calibration, asked.minimum_confidence)
    clock.lap("judge")
    base = Answer(
        text="",
        citations=(),
        abstained=True,
        confidence=confidence,
        hits=tuple(hits),
        timings=clock.timings,
        question=completed.text,
        rewritten=completed.rewritten,
        explanation=question.explain(),
    )
    if not enough:
        yield Finished(_refused(base, question, hits, findings))
        return

    if generate is None:
        draft = extracted(question, findings, evidence)
    else:
        pieces: list[str] = []
        for piece in generate(completed.text, evidence):
            pieces.append(piece)
            yield TextDelta(piece)
        draft = extracted(question, findings, evidence, generated="".join(pieces))
        clock.lap("generate")

    checked = verify(draft.text, evidence)
    clock.lap("verify")
    if not checked.text:
        yield Finished(_refused(base, question, hits, findings, removed=checked.removed))
        return
    yield Finished(cite(base, draft, checked, evidence))


def judge(
    question: Question, findings: Sequence[Finding], calibration: Calibration, minimum: float | None
) -> tuple[float, bool]:
    """Return the confidence in the best finding, and whether it is enough to answer."""
    if not findings:
        return 0.0, False
    confidence = calibration.confidence(features_of(question, findings))
    if impossible(findings[0]):
        return min(confidence, 0.05), False
    return confidence, confidence >= (calibration.threshold if minimum is None else minimum)


def _refused(
    base: Answer,
    question: Question,
    hits: Sequence[Hit],
    findings: Sequence[Finding],
    removed: tuple[Removed, ...] = (),
) -> Answer:
    return replace(base, text=refusal(question, hits, findings), nearest=nearest(hits), removed=removed)
