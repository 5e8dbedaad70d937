"""From findings to an answer: evidence with numbers, the draft, and the citations of what passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.types import Sentence
from qa.compare import Best, by_date, conclusion, dated, find_parts, others_about, parts_of_everyone
from qa.context import unit_of, verdict
from qa.extract import Finding
from qa.missing import reference
from qa.question import Kind, Question
from qa.roles import role_of
from qa.say import quote, say
from qa.types import Answer, Citation, Evidence
from qa.verify import Verified, claims_in, verify, with_markers


@dataclass(frozen=True, slots=True)
class Draft:
    """A text with markers before verification, and what code adds to it afterwards.

    `marks` are the answer's spans in each evidence sentence; `leads` what comes before the sentence of a
    marker ("Theo bài ngày …, "); `conclusion` what follows from all of `needs` (markers), computed.
    """

    text: str
    evidence: tuple[Evidence, ...]
    marks: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    leads: Mapping[int, str] = field(default_factory=dict)
    conclusion: str = ""
    needs: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    method: str = "extractive"


def evidence_of(findings: Sequence[Finding], *, limit: int = 8) -> tuple[Evidence, ...]:
    """Number the sentences of the findings, best first, each once, with their candidate spans."""
    groups: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        place = (finding.article.id, finding.sentence.start)
        if place in groups or len(groups) < limit:
            groups.setdefault(place, []).append(finding)
    return tuple(
        Evidence(
            marker=number,
            sentence=group[0].sentence,
            article=group[0].article,
            hit=group[0].hit,
            score=max(0.0, min(1.0, group[0].score)),
            marks=tuple((f.start, f.end) for f in group[:5] if f.type is not None),
        )
        for number, group in enumerate(groups.values(), start=1)
    )


def marker_of(finding: Finding, evidence: Sequence[Evidence]) -> int:
    """Return the number of a finding's sentence, 0 where it is not among the evidence."""
    for item in evidence:
        if item.article.id == finding.article.id and item.sentence.start == finding.sentence.start:
            return item.marker
    return 0


def extracted(question: Question, findings: Sequence[Finding], evidence: tuple[Evidence, ...]) -> Draft:
    """Return the draft made from the best finding, and from other articles that say otherwise."""
    best = findings[0]
    together = unit_of(question, best)
    if together == [best.sentence]:
        together = with_companion(question, findings)
    decided = verdict(question, together)
    if decided or together != [best.sentence]:
        draft = _quoted(best, together, evidence)
        return replace(draft, leads={_first_marker(draft): f"{decided}: "}) if decided else draft
    others: list[Finding] = []
    comparable = question.kind in (Kind.NUMBER, Kind.ROLE) or (
        question.kind is Kind.PERSON and role_of(question.text) is not None
    )
    if comparable and not question.many:
        others = [f for f in others_about(best, findings) if marker_of(f, evidence)][:2]
    if not others:
        text, note = _sentence(question, best, evidence)
        marker = marker_of(best, evidence)
        return Draft(
            text, evidence, {marker: marks_of(question, best, findings)}, notes=(note,) if note else ()
        )
    ordered = by_date([best, *others])
    sentences = [_sentence(question, finding, evidence) for finding in ordered]
    markers = [marker_of(finding, evidence) for finding in ordered]
    days = [dated(finding.article) for finding in ordered]
    notes = [note for _, note in sentences if note]
    if all(days) and len(set(days)) == len(days):
        leads = {markers[0]: f"Theo bài {days[0]} (mới nhất): "}
        leads.update(
            {marker: f"Bài cũ hơn, {day}: " for marker, day in zip(markers[1:], days[1:], strict=True)}
        )
        what = "số liệu" if question.kind is Kind.NUMBER else "thông tin"
        notes.append(f"Các bài cũ hơn nêu {what} khác; {what} mới nhất được nêu trước.")
    else:
        leads = {
            marker: f"Theo bài {day}: " if day else "Một bài viết: "
            for marker, day in zip(markers, days, strict=True)
        }
        notes.append("Các bài báo nêu khác nhau; hãy xem ngày và nguồn của từng trích dẫn.")
    return Draft(
        " ".join(text for text, _ in sentences),
        evidence,
        {marker: ((f.start, f.end),) for marker, f in zip(markers, ordered, strict=True)},
        leads,
        notes=tuple(dict.fromkeys(notes)),
    )


# Questions whose answer is no figure or name that one sentence must hold.
_OPEN = (Kind.TEXT, Kind.MANNER, Kind.REASON, Kind.LIST, Kind.DEFINITION)
_NEARLY = 0.5


def with_companion(question: Question, findings: Sequence[Finding]) -> list[Sentence]:
    """Return the best sentence, and for an open question the one of its passage that is nearly as likely.

    They come in the article's order. Alone where no other has half the best one's score.
    """
    best = findings[0]
    if question.kind in _OPEN:
        for other in findings[1:]:
            if other.score < _NEARLY * best.score:
                break
            if other.hit.passage.id == best.hit.passage.id and other.sentence != best.sentence:
                return sorted([best.sentence, other.sentence], key=lambda one: one.start)
    return [best.sentence]


def _first_marker(draft: Draft) -> int:
    return claims_in(draft.text, known=frozenset(item.marker for item in draft.evidence))[0].markers[0]


def _quoted(best: Finding, sentences: Sequence[Sentence], evidence: tuple[Evidence, ...]) -> Draft:
    """Return the draft that quotes sentences of the best finding's article, each with its own marker."""
    items = list(evidence)
    texts: list[str] = []
    for sentence in sentences:
        same = (item for item in items if item.article.id == best.article.id and item.sentence == sentence)
        item = next(same, None)
        if item is None:
            score = max(0.0, min(1.0, best.score))
            item = Evidence(len(items) + 1, sentence, best.article, best.hit, score)
            items.append(item)
        texts.append(f"{quote(sentence.text)} [{item.marker}].")
    return Draft(" ".join(texts), tuple(items))


def _sentence(question: Question, finding: Finding, evidence: Sequence[Evidence]) -> tuple[str, str]:
    """Return the sentence for a finding, with its marker, and a note; the quote where that fails."""
    marker = marker_of(finding, evidence)
    own = [item for item in evidence if item.marker == marker]
    said = say(question, finding)
    text = f"{said.text} [{marker}]."
    if not said.quoted and not verify(text, own).kept:
        return f"{quote(finding.sentence.text)} [{marker}].", ""
    return text, said.note


def several(
    question: Question, findings: Sequence[Finding], best: Best
) -> tuple[Draft | None, Sequence[str]]:
    """Return the draft for a comparison or total, its conclusion computed, and the names without a figure.

    There is no draft unless each name has its figure: half of a comparison answers nothing.
    """
    if question.names:
        parts, lacking = find_parts(question, best)
    else:
        parts, lacking = parts_of_everyone(question, findings), []
    if not parts or lacking or (not question.names and len(parts) < 2):
        return None, lacking
    evidence = evidence_of([part.finding for part in parts])
    texts: list[str] = []
    for part in parts:
        text, _ = _sentence(_single(question, part.subject), part.finding, evidence)
        if text not in texts:
            texts.append(text)
    markers = tuple(dict.fromkeys(marker_of(part.finding, evidence) for part in parts))
    marks: dict[int, tuple[tuple[int, int], ...]] = {}
    for part in parts:
        marker = marker_of(part.finding, evidence)
        marks[marker] = (*marks.get(marker, ()), (part.finding.start, part.finding.end))
    final = conclusion(question, parts) if len(parts) > 1 else ""
    return Draft(" ".join(texts), evidence, marks, {}, final, markers), ()


def _single(question: Question, subject: str) -> Question:
    from qa.compare import single_questions

    for name, single in single_questions(question):
        if name == subject:
            return single
    return question


def marks_of(question: Question, best: Finding, findings: Sequence[Finding]) -> tuple[tuple[int, int], ...]:
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


def cite(base: Answer, draft: Draft, checked: Verified) -> Answer:
    """Return the answer: markers numbered from 1 in the order of the text, each with its verbatim quote."""
    order: dict[int, int] = {}
    sentences: list[str] = []
    kept = {marker for sentence in checked.kept for marker in sentence.markers}
    for sentence in checked.kept:
        sentences.append(
            _numbered(draft.leads.get(sentence.markers[0], ""), sentence.text, sentence.markers, order)
        )
    if draft.conclusion and set(draft.needs) <= kept:
        sentences.append(_numbered("", draft.conclusion, draft.needs, order))
    by_marker = {item.marker: item for item in draft.evidence}
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
        text=" ".join(sentences),
        citations=citations,
        abstained=False,
        removed=checked.removed,
        method=draft.method,
        notes=draft.notes,
    )


def _numbered(lead: str, text: str, markers: Sequence[int], order: dict[int, int]) -> str:
    numbers = [order.setdefault(marker, len(order) + 1) for marker in markers]
    if lead and text[:1] != "“" and not text.split()[0].isupper():
        text = (
            text[:1].lower() + text[1:]
            if text.split()[0] in ("Phường", "Xã", "Quận", "Đảng", "Tổng", "Số")
            else text
        )
    return with_markers(lead + text, numbers)
