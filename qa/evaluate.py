"""Measuring: retrieval, reading, whole answers with their citations, refusals; per kind of question.

    report = evaluate_reading(read_squad("viquad.json"), reader=load_reader())
    print(report.table())

Retrieval is measured with ir_measures over an open library that holds the passages (SQuAD contexts or a
BEIR corpus, added with `add_gold`, next to any distractors). EM and F1 follow the SQuAD script with
Vietnamese normalisation (see `gold`). Every report has `rows` (kind → values) and prints as table or JSON.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.normalize import canonical
from index.sentences import split_sentences
from index.types import Article, Hit, Passage, Span
from qa.extract import find_answers
from qa.gold import GoldQuestion, exact_match, holds_answer, overlap_f1
from qa.question import understand

if TYPE_CHECKING:
    from index.library import Library
    from models.reader import Reader
    from qa.assistant import Assistant
    from qa.types import Answer

ALL = "all"
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """Values by kind of question; the row "all" is over everything. Shares in [0, 1], times in ms."""

    name: str
    rows: dict[str, dict[str, float]] = field(default_factory=dict)

    def table(self) -> str:
        """Return the report as a plain table."""
        columns = list(dict.fromkeys(name for row in self.rows.values() for name in row))
        lines = [f"{self.name:16}" + "".join(f"{name:>15}" for name in columns)]
        for kind, row in sorted(self.rows.items(), key=lambda item: (item[0] != ALL, -item[1].get("n", 0))):
            cells = [_cell(name, row) for name in columns]
            lines.append(f"{kind:16}" + "".join(cells))
        return "\n".join(lines)

    def json(self) -> str:
        """Return the report as JSON: {"name": …, "rows": {kind: {measure: value}}}."""
        return json.dumps({"name": self.name, "rows": self.rows}, ensure_ascii=False, indent=1)


def _cell(name: str, row: Mapping[str, float]) -> str:
    if name not in row:
        return " " * 15
    return f"{row[name]:15.0f}" if name == "n" else f"{row[name]:15.3f}"


class _Means:
    """Means of measures by kind."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, **values: float) -> None:
        for row in (ALL, kind) if kind and kind != ALL else (ALL,):
            for name, value in values.items():
                self._values[row][name].append(value)

    def report(self, name: str, count: str) -> Report:
        rows = {}
        for kind, columns in self._values.items():
            row = {"n": float(max(len(values) for values in columns.values()))}
            if count in columns:
                row["n"] = float(len(columns[count]))
            row.update({column: sum(values) / len(values) for column, values in columns.items()})
            rows[kind] = row
        return Report(name, rows)


def hit_of(context: str, title: str = "") -> Hit:
    """Return a text as the only hit, one passage of its sentences: reading without search."""
    article = Article(id=context_id(context), title=title, text=context)
    sentences = tuple(split_sentences(context))
    return Hit(Passage(0, article.id, 0, context, 0, len(context), sentences), article, 1.0)


def context_id(context: str) -> str:
    """Return the article id under which `add_gold` stores a context."""
    return "gold-" + hashlib.sha256(context.encode()).hexdigest()[:16]


def evaluate_reading(
    gold: Iterable[GoldQuestion], *, reader: Reader | None, progress: Progress | None = None
) -> Report:
    """Measure reading, given the right passage: exact match, F1, the answering sentence first / in two."""
    means = _Means()
    answerable = [one for one in gold if one.answerable and one.context]
    for number, one in enumerate(answerable):
        question = understand(one.question)
        hit = hit_of(one.context)
        findings = find_answers(question, [hit], reader=reader)
        right = {s.start for s in hit.passage.sentences for start in one.starts if s.start <= start < s.end}
        order = list(dict.fromkeys(finding.sentence.start for finding in findings))
        said = findings[0].text if findings else ""
        means.add(
            one.kind or question.kind.value,
            exact=exact_match(said, one.answers),
            f1=overlap_f1(said, one.answers),
            sentence_1=float(bool(right & set(order[:1]))),
            sentence_2=float(bool(right & set(order[:2]))),
        )
        if progress is not None:
            progress(number + 1, len(answerable))
    return means.report("reading", "exact")


def evaluate_answers(
    assistant: Assistant, gold: Sequence[GoldQuestion], *, progress: Progress | None = None
) -> Report:
    """Measure whole answers from a library.

    `correct`: an answer (text, marks or quotes) holds the gold answer. `answered` and `false_answer`:
    answered among answerable and unanswerable questions. `refusal_precision`, `refusal_recall`.
    `citation_precision`: citations whose quote is the article's text and holds what the text says;
    `citation_recall`: sentences of answers that carry a citation. `median_ms` over all questions.
    """
    means = _Means()
    times: dict[str, list[float]] = defaultdict(list)
    for number, one in enumerate(gold):
        history: list[tuple[str, str]] = []
        for earlier in one.history:
            history.append((earlier, assistant.ask(earlier, history=history).text))
        start = time.perf_counter()
        answer = assistant.ask(one.question, history=history)
        elapsed = (time.perf_counter() - start) * 1000
        kind = one.kind or understand(answer.question).kind.value
        times[ALL].append(elapsed)
        times[kind].append(elapsed)
        if one.answerable:
            shown = answer.text + " " + " ".join(citation.quote for citation in answer.citations)
            means.add(
                kind,
                answered=float(not answer.abstained),
                correct=float(not answer.abstained and holds_answer(shown, one.answers)),
            )
        else:
            means.add(kind, false_answer=float(not answer.abstained), refusal_recall=float(answer.abstained))
        if answer.abstained:
            means.add(kind, refusal_precision=float(not one.answerable))
        else:
            precision, recall = citation_scores(answer, assistant.library)
            means.add(kind, citation_precision=precision, citation_recall=recall)
        if progress is not None:
            progress(number + 1, len(gold))
    report = means.report("answers", "answered")
    for kind, row in report.rows.items():
        row["n"] = float(len(times[kind]))
        row["median_ms"] = statistics.median(times[kind])
    return report


def citation_scores(answer: Answer, library: Library) -> tuple[float, float]:
    """Return citation precision and recall of one answer.

    A citation is right where its quote is what the article says at its place and its marker is used; a
    sentence is cited where it carries a marker of the list.
    """
    import re

    right = 0
    for citation in answer.citations:
        article = library.article(citation.article.id)
        verbatim = article is not None and article.text[citation.start : citation.end] == citation.quote
        right += bool(verbatim and f"[{citation.marker}]" in answer.text)
    known = {citation.marker for citation in answer.citations}
    parts = [part for part in re.split(r"(?<=\]\.)\s+", answer.text) if part.strip()]
    cited = sum(
        bool(found) and found <= known
        for found in ({int(n) for n in re.findall(r"\[(\d+)\]", part)} for part in parts)
    )
    return right / max(1, len(answer.citations)), cited / max(1, len(parts))


def gold_articles(gold: Iterable[GoldQuestion], *, titled: bool = False) -> Iterator[Article]:
    """Yield every context once as an article.

    Without its title, as that of an encyclopaedia article gives the topic away; `titled` where contexts come
    from news articles, whose titles readers have.
    """
    seen: set[str] = set()
    for one in gold:
        if one.context and one.context not in seen:
            seen.add(one.context)
            blocks: list[Span] = []
            place = 0
            for line in one.context.split("\n"):
                if line.strip():
                    blocks.append(Span(place, place + len(line)))
                place += len(line) + 1
            title = one.title if titled else ""
            yield Article(id=context_id(one.context), title=title, text=one.context, body=tuple(blocks))


def add_gold(library: Library, gold: Iterable[GoldQuestion]) -> None:
    """Add the contexts of questions to a library, so that they can be searched for."""
    library.add_articles(gold_articles(gold))


def squad_relevance(gold: Iterable[GoldQuestion]) -> dict[str, dict[str, int]]:
    """Return for each answerable question the article that holds its answer."""
    return {one.id: {context_id(one.context): 1} for one in gold if one.answerable}


def evaluate_retrieval(
    library: Library,
    questions: Mapping[str, str],
    relevance: Mapping[str, Mapping[str, int]],
    *,
    kinds: Mapping[str, str] | None = None,
    k: int = 50,
    progress: Progress | None = None,
) -> Report:
    """Measure search: nDCG@10, recall@10 and @k, MRR over articles (the best passage of each counts).

    `questions`: id → text; `relevance`: id → article id → grade; `kinds`: id → kind.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    run: dict[str, dict[str, float]] = {}
    asked = [name for name in questions if name in relevance]
    for number, name in enumerate(asked):
        ranked: dict[str, float] = {}
        for hit in library.search(questions[name], k=k):
            ranked.setdefault(hit.article.id, hit.score)
        run[name] = ranked
        if progress is not None:
            progress(number + 1, len(asked))
    measures = {"nDCG@10": nDCG @ 10, "recall@10": R @ 10, f"recall@{k}": R @ k, "MRR": RR}
    shown = {str(measure): name for name, measure in measures.items()}
    means = _Means()
    judged = {name: dict(relevance[name]) for name in asked}
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for value in ir_measures.iter_calc(list(measures.values()), judged, run):
        values[value.query_id][shown[str(value.measure)]] = float(value.value)
    for name in asked:
        kind = (kinds or {}).get(name) or understand(canonical(questions[name])).kind.value
        means.add(kind, **{column: values[name].get(column, 0.0) for column in measures})
    return means.report("retrieval", "nDCG@10")
