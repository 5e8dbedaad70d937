"""From findings to an answer: evidence with numbers, the draft, and the citations of what passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.extract import Finding
from qa.question import Kind, Question
from qa.refuse import reference
from qa.say import quote, say
from qa.types import Answer, Citation, Evidence
from qa.verify import Verified, verify


@dataclass(frozen=True, slots=True)
class Draft:
    """A text with markers before verification; `marks` are answer spans in each evidence sentence."""

    text: str
    marks: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    method: str = "extractive"


def evidence_of(findings: Sequence[Finding], *, limit: int = 8) -> tuple[Evidence, ...]:
    """Number the sentences of the findings, best first, each once, with their candidate spans."""
    order: list[tuple[str, int]] = []
    groups: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        place = (finding.article.id, finding.sentence.start)
        if place not in groups:
            if len(groups) == limit:
                continue
            order.append(place)
        groups.setdefault(place, []).append(finding)
    return tuple(
        Evidence(
            marker=number,
            sentence=groups[place][0].sentence,
            article=groups[place][0].article,
            hit=groups[place][0].hit,
            score=max(0.0, min(1.0, groups[place][0].score)),
            marks=tuple((f.start, f.end) for f in groups[place][:5]),
        )
        for number, place in enumerate(order, start=1)
    )


def marker_of(finding: Finding, evidence: Sequence[Evidence]) -> int | None:
    """Return the number of a finding's sentence, None where it is not among the evidence."""
    for item in evidence:
        if item.article.id == finding.article.id and item.sentence.start == finding.sentence.start:
            return item.marker
    return None


def extracted(
    question: Question,
    findings: Sequence[Finding],
    evidence: Sequence[Evidence],
    *,
    generated: str | None = None,
) -> Draft:
    """Return the draft made from the findings; with `generated` text that text with the findings' marks."""
    best = findings[0]
    marker = marker_of(best, evidence) or 1
    marks = {marker: _marks(question, best, findings)}
    if generated is not None:
        return Draft(generated, marks, method="generated")
    said = say(question, best)
    text = f"{said.text} [{marker}]."
    if not said.quoted and not verify(text, evidence).text:
        said = replace(said, text=quote(best.sentence.text), quoted=True, note="")
        text = f"{said.text} [{marker}]."
    return Draft(text, marks, (said.note,) if said.note else ())


def _marks(question: Question, best: Finding, findings: Sequence[Finding]) -> tuple[tuple[int, int], ...]:
    """Return the answer's spans in its sentence: all of a list, else the one."""
    if best.type is None:
        return ()
    if question.kind is Kind.LIST:
        same = [
            f
            for f in findings
            if f.sentence == best.sentence and f.article.id == best.article.id and f.type is best.type
        ]
        return tuple(sorted((f.start, f.end) for f in same if f.fit >= 0.5 * best.fit))
    return ((best.start, best.end),)


def cite(base: Answer, draft: Draft, checked: Verified, evidence: Sequence[Evidence]) -> Answer:
    """Return the answer: markers renumbered from 1 in the order of the text, each with its verbatim quote."""
    import re

    by_marker = {item.marker: item for item in evidence}
    order: dict[int, int] = {}
    for match in re.finditer(r"\[(\d+)\]", checked.text):
        order.setdefault(int(match[1]), len(order) + 1)
    text = re.sub(r"\[(\d+)\]", lambda match: f"[{order[int(match[1])]}]", checked.text)
    citations = tuple(
        Citation(
            marker=number,
            article=reference(by_marker[old].article),
            quote=by_marker[old].sentence.text,
            start=by_marker[old].sentence.start,
            end=by_marker[old].sentence.end,
            marks=tuple(draft.marks.get(old, ())),
        )
        for old, number in order.items()
    )
    return replace(
        base,
        text=text,
        citations=citations,
        abstained=False,
        removed=checked.removed,
        method=draft.method,
        notes=(*draft.notes, *checked.notes),
    )
