"""The generator beside extraction and the reader: the same questions, each given the right passage.

    python -m benchmarks.generator --data ../shared/data --model FILE.gguf [--split test] [--most 400]

Every line is one way to answer from the sentences of one passage. `holds`: the answer, as a person sees it
after verification, holds a gold answer; `raw`: the text before verification does. `quotes`: share of quotes
that stand word for word in the sentence that they cite. `unfaithful`: share of answers with a quote that does
not, or with a sentence that verification took out. `refused`: questions without an answer (verification may
have left nothing). The last table asks what the passage does not answer (mailong25 dev).
Times are processor time a question. Report on TEST; tune on TUNE.
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
from models.reader import load_reader
from models.training.reader_data import Example, mailong_dev, news, viquad
from models.training.reader_score import normalize_answer
from qa.extract import find_answers
from qa.generate import generate
from qa.prompt import is_refusal
from qa.question import understand
from qa.respond import evidence_of, extracted
from qa.types import Evidence
from qa.verify import verify

NEWS_QUESTIONS = Path(__file__).parent.parent / "models" / "training" / "news_questions.json"
QUOTED = re.compile(r"“([^”]*)”?\s*(?:\[(\d+)\])?")
Way = Callable[[str, Sequence[Evidence]], str]


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


def evidence_for(example: Example) -> tuple[Evidence, ...]:
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


def ways(model: Path) -> Iterator[tuple[str, Way]]:
    """Yield the ways to answer by name."""
    reader = load_reader()

    def extraction(question: str, evidence: Sequence[Evidence]) -> str:
        understood = understand(question)
        findings = find_answers(understood, [evidence[0].hit], reader=reader)
        if not findings:
            return ""
        draft = extracted(understood, findings, evidence_of(findings))
        return _renumbered(draft.text, draft.evidence, evidence)

    def reading(question: str, evidence: Sequence[Evidence]) -> str:
        best = reader.read(question, [[item.sentence.text for item in evidence]]).ranked[0]
        return f"“{evidence[best.sentence].sentence.text}” [{best.sentence + 1}]"

    yield "extraction", extraction
    yield "reader, whole sentence", reading
    with LlamaChat(path=model) as chat:
        for name, options in (
            ("generator, free", {"constrain": False}),
            ("generator, constrained", {}),
            ("generator, quotes only", {"quote_only": True}),
        ):

            def generated(
                question: str, evidence: Sequence[Evidence], options: dict[str, bool] = options
            ) -> str:
                return "".join(generate(question, evidence, chat, max_tokens=160, **options))

            yield name, generated


def _renumbered(text: str, own: Sequence[Evidence], evidence: Sequence[Evidence]) -> str:
    places = {item.sentence.start: item.marker for item in evidence}
    numbers = {item.marker: places.get(item.sentence.start, 0) for item in own}
    return re.sub(r"\[(\d+)\]", lambda found: f"[{numbers.get(int(found[1]), 0)}]", text)


def measure(name: str, answer: Way, examples: Sequence[Example]) -> Line:
    """Let one way answer all examples."""
    holds, raw, quotes, unfaithful, refused, times = [], [], [], [], [], []
    for example in examples:
        evidence = evidence_for(example)
        started = time.process_time()
        text = answer(example.question, evidence)
        times.append((time.process_time() - started) * 1000)
        silent = is_refusal(text) or not text.strip()
        checked = verify("" if silent else text, evidence)
        true = [_stands(found[1], found[2], evidence) for found in QUOTED.finditer("" if silent else text)]
        quotes += true
        unfaithful.append(not silent and (not all(true) or bool(checked.removed)))
        refused.append(silent or not checked.kept)
        raw.append(not silent and _holds(text, example))
        holds.append(_holds(checked.text, example))
    count = len(examples)
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


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description="The generator beside extraction and the reader.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="the GGUF file")
    parser.add_argument("--split", default="test", choices=("tune", "test"))
    parser.add_argument("--most", type=int, default=400, help="questions of a set (drawn with a fixed seed)")
    options = parser.parse_args(arguments)
    sets = {f"ViQuAD {options.split.upper()}": viquad(options.data, options.split)}
    if options.split == "test":
        sets["News, hand-written"] = [one for one in news(options.data, NEWS_QUESTIONS) if one.spans]
    sets["mailong25 dev, unanswerable"] = [one for one in mailong_dev(options.data) if not one.spans]
    for title, examples in sets.items():
        chosen = random.Random(0).sample(examples, min(options.most, len(examples)))
        lines = [measure(name, way, chosen) for name, way in ways(options.model)]
        sys.stdout.write(table(title, lines) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
