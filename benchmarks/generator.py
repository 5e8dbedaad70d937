"""The generator beside extraction and the reader: the same questions, each given the right passage.

    python -m benchmarks.generator --data ../shared/data --model FILE.gguf [--split test] [--most 400]

The sentences of the passage are ranked and numbered as the product does it before it asks a model, best
first; the last line gives them in their own order instead. Every line is one way to answer from them.
`holds`: the answer, as a person sees it after verification, holds a gold answer; `raw`: the text before
verification does. `quotes`: share of quotes that stand word for word in the sentence that they cite.
`unfaithful`: share of answers with a quote that does not, or with a sentence that verification took out.
`refused`: questions without an answer (verification may have left nothing). "first sentence" quotes number
1 whatever is asked: what is more than that, a model has added. "shipped" lines refuse where the product
does before it answers.
The other tables ask what the passage does not answer: ViQuAD questions over the passage of the same article
that covers most of them, and mailong25 dev. Times are processor time a question, on top of the ranking.
Report on TEST; tune on TUNE.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.types import Article, Hit, Passage, Sentence
from models.llm import LlamaChat
from models.reader import Reader, load_reader
from models.training.reader_data import Example, mailong_dev, news, viquad
from models.training.reader_negatives import other_passages
from models.training.reader_score import normalize_answer
from qa.answer import judge, possible_first
from qa.context import preferred
from qa.extract import Finding, find_answers
from qa.generate import generate
from qa.prompt import is_refusal
from qa.question import Question, understand
from qa.refuse import shipped
from qa.respond import evidence_of, extracted
from qa.types import Evidence
from qa.verify import verify

QUOTED = re.compile(r"“([^”]*)”?\s*(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Case:
    """A question over its passage, as far as the product has come before it answers."""

    example: Example
    question: Question
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]  # best first
    enough: bool


@dataclass(frozen=True, slots=True)
class Written:
    """An answer with markers, and the evidence that they number."""

    text: str
    evidence: tuple[Evidence, ...]


Way = Callable[[Case], Written]


@dataclass(frozen=True, slots=True)
class Line:
    """What one way to answer did on one set; shares in [0, 1], milliseconds of processor time."""

    name: str
    count: int
    holds: float
    raw: float
    quotes: float
    unfaithful: float
    refused: float
    milliseconds: float


def passage_order(example: Example) -> tuple[Evidence, ...]:
    """Return all sentences of the passage, numbered in their order."""
    body = " ".join(example.sentences)
    article = Article("a", example.title, body)
    sentences, start = [], 0
    for text in example.sentences:
        sentences.append(Sentence(text, start, start + len(text)))
        start += len(text) + 1
    passage = Passage(0, "a", 0, body, 0, len(body), tuple(sentences))
    hit = Hit(passage, article, 1.0)
    return tuple(Evidence(n, one, article, hit, 0.5) for n, one in enumerate(sentences, 1))


def case_of(example: Example, reader: Reader) -> Case:
    """Rank and judge what the passage says, as `qa.answer` does with what it found."""
    question = understand(example.question)
    hits = [passage_order(example)[0].hit]
    findings = possible_first(question, preferred(question, find_answers(question, hits, reader=reader)))
    enough = judge(question, findings, shipped(), None)[1]
    return Case(example, question, tuple(findings), evidence_of(findings), enough)


def ways(model: Path) -> Iterator[tuple[str, Way]]:
    """Yield the ways to answer by name."""
    nothing = Written("", ())

    def extraction(case: Case) -> Written:
        if not case.findings:
            return nothing
        draft = extracted(case.question, case.findings, case.evidence)
        return Written(draft.text, draft.evidence)

    def first(case: Case) -> Written:
        return Written(f"“{case.evidence[0].sentence.text}” [1]", case.evidence) if case.evidence else nothing

    reader = load_reader()

    def reading(case: Case) -> Written:
        example = case.example
        evidence = passage_order(example)
        best = reader.read(example.question, [example.sentences], titles=[example.title]).ranked[0]
        return Written(f"“{example.sentences[best.sentence]}” [{best.sentence + 1}]", evidence)

    def careful(way: Way) -> Way:
        return lambda case: way(case) if case.enough else nothing

    yield "extraction", extraction
    yield "extraction, shipped", careful(extraction)
    yield "first sentence", first
    yield "reader's sentence", reading
    with LlamaChat(path=model) as chat:

        def generated(case: Case, evidence: tuple[Evidence, ...], **options: bool) -> Written:
            if not evidence:
                return nothing
            pieces = generate(case.example.question, evidence, chat, max_tokens=160, **options)
            return Written("".join(pieces), evidence)

        def constrained(case: Case) -> Written:
            return generated(case, case.evidence)

        yield "generator, free", lambda case: generated(case, case.evidence, constrain=False)
        yield "generator, constrained", constrained
        yield "generator, constrained, shipped", careful(constrained)
        yield "generator, quotes only", lambda case: generated(case, case.evidence, quote_only=True)
        yield (
            "generator, constrained, passage order",
            lambda case: generated(case, passage_order(case.example)),
        )


def measure(name: str, answer: Way, cases: Sequence[Case]) -> Line:
    """Let one way answer all cases."""
    holds, raw, quotes, unfaithful, refused, times = [], [], [], [], [], []
    for case in cases:
        started = time.process_time()
        written = answer(case)
        times.append((time.process_time() - started) * 1000)
        silent = is_refusal(written.text) or not written.text.strip()
        text = "" if silent else written.text
        checked = verify(text, written.evidence)
        true = [_stands(found[1], found[2], written.evidence) for found in QUOTED.finditer(text)]
        quotes += true
        unfaithful.append(not silent and (not all(true) or bool(checked.removed)))
        refused.append(silent or not checked.kept)
        raw.append(_holds(text, case.example))
        holds.append(_holds(checked.text, case.example))
    count = len(cases)
    return Line(
        name,
        count,
        sum(holds) / count,
        sum(raw) / count,
        sum(quotes) / max(len(quotes), 1),
        sum(unfaithful) / count,
        sum(refused) / count,
        statistics.median(times),
    )


def _stands(quote: str, marker: str | None, evidence: Sequence[Evidence]) -> bool:
    cited = [item for item in evidence if marker is None or item.marker == int(marker)]
    return any(quote.strip() in item.sentence.text for item in cited)


def _holds(text: str, example: Example) -> bool:
    said = f" {normalize_answer(text)} "
    return any(f" {normalize_answer(gold)} " in said for gold in example.golds)


def table(title: str, lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table."""
    head = ("way", "holds", "raw", "quotes", "unfaithful", "refused", "ms")
    rows = [
        (
            line.name,
            f"{100 * line.holds:.1f}", f"{100 * line.raw:.1f}", f"{100 * line.quotes:.1f}",
            f"{100 * line.unfaithful:.1f}", f"{100 * line.refused:.1f}", f"{line.milliseconds:.0f}",
        )
        for line in lines
    ]  # fmt: skip
    shown = ["| " + " | ".join(row) + " |" for row in [head, tuple("---" for _ in head), *rows]]
    return "\n".join([f"\n{title}, {lines[0].count} questions", "", *shown])


def sets_of(data: Path, split: str) -> Iterator[tuple[str, list[Example]]]:
    """Yield the sets of questions by name."""
    asked = viquad(data, split)
    yield f"ViQuAD {split.upper()}", asked
    if split == "test":
        yield "News, hand-written", [one for one in news(data) if one.spans]
    yield f"ViQuAD {split.upper()}, another passage", other_passages(asked, random.Random(0))
    persons = mailong_dev(data)
    yield "mailong25 dev, answerable", [one for one in persons if one.spans]
    yield "mailong25 dev, unanswerable", [one for one in persons if not one.spans]


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description="The generator beside extraction and the reader.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="the GGUF file")
    parser.add_argument("--split", default="test", choices=("tune", "test"))
    parser.add_argument("--most", type=int, default=400, help="questions of a set (drawn with a fixed seed)")
    options = parser.parse_args(arguments)
    reader = load_reader()
    for title, examples in sets_of(options.data, options.split):
        chosen = random.Random(0).sample(examples, min(options.most, len(examples)))
        cases = [case_of(example, reader) for example in chosen]
        lines = [measure(name, way, cases) for name, way in ways(options.model)]
        sys.stdout.write(table(title, lines) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
