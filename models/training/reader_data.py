"""Human questions for the reader as pairs of question and sentences: ViQuAD, mailong25, UIT, our own.

An example is a question, the sentences of one passage, and the answers as ranges inside sentences. Answers
that run over a sentence's end are cut there for training; the evaluation keeps the full texts.
"""

from __future__ import annotations

import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.normalize import canonical
from models.training.splits import split_of

#: Questions by the project over news that no training sees, and over passages that training may see.
NEWS_QUESTIONS = Path(__file__).parent / "news_questions.jsonl"
WRITTEN = Path(__file__).parent / "written_questions.jsonl"

_HEADING = re.compile(r"^={2,}.*$", re.MULTILINE)
_END = re.compile(r"(?:[.!?…]+[\"”’)\]]*|:)\s+(?=[\"“‘(\[]?[A-ZĐÀ-ỸÂĂÊÔƠƯ0-9\-–])|\n+")
_NOT_END = re.compile(r"(?:\b(?:TP|Tp|ThS|TS|PGS|GS|BS|ông|bà|Mr|Mrs|Dr|St|Jr|tr|No|[A-ZĐ])|^[\d]+)\.\s*$")


@dataclass(frozen=True, slots=True)
class Span:
    """An answer: code points [start, end) of sentence number `sentence`."""

    sentence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the sentences of a passage, where it is answered (empty: nowhere), and the gold texts."""

    question: str
    sentences: tuple[str, ...]
    spans: tuple[Span, ...]
    golds: tuple[str, ...]
    source: str
    title: str = ""


def split_plain(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the sentences of canonical `text` (simple rules, enough for training data)."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if match.group().startswith(":") or _NOT_END.search(piece):
            continue
        ranges.append((start, start + len(piece.rstrip())))
        start = match.end()
    if text[start:].strip():
        ranges.append((start, len(text.rstrip())))
    return [(a, b) for a, b in ranges if b > a]


def make_example(
    question: str, context: str, answers: list[tuple[str, int]], *, source: str, title: str = ""
) -> Example | None:
    """Build an example from SQuAD fields (offsets in the original context); None where no answer is found."""
    text = canonical(context)
    ranges = split_plain(text)
    if not ranges:
        return None
    spans: list[Span] = []
    golds: list[str] = []
    for answer, offset in answers:
        wanted = canonical(answer).strip()
        if not wanted:
            continue
        golds.append(wanted)
        guess = len(canonical(context[:offset]))
        found = [m.start() for m in re.finditer(re.escape(wanted), text)]
        if not found:
            continue
        start = min(found, key=lambda i: abs(i - guess))
        for number, (low, high) in enumerate(ranges):
            if low <= start < high:
                span = Span(number, start - low, min(start + len(wanted), high) - low)
                if span not in spans:
                    spans.append(span)
                break
    if answers and not spans:
        return None
    sentences = tuple(text[low:high] for low, high in ranges)
    return Example(canonical(question).strip(), sentences, tuple(spans), tuple(golds), source, title)


def _squad(path: Path, source: str) -> Iterator[tuple[str, Example]]:
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = article.get("title", "")
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = [(a["text"], a["answer_start"]) for a in qa["answers"]]
                example = make_example(
                    qa["question"], paragraph["context"], answers, source=source, title=title
                )
                if example is not None:
                    yield title, example


def viquad(data: Path, split: str) -> list[Example]:
    """Return the ViQuAD questions of one split ("train", "tune" or "test")."""
    pairs = _squad(data / "qa" / "viquad2.dev.json", "viquad")
    return [example for title, example in pairs if split_of(title) == split]


def others(data: Path) -> list[Example]:
    """Return the other human training questions: mailong25 train (with unanswerable ones) and UIT."""
    result: list[Example] = []
    for name, source in (
        ("mailong25.train.json", "mailong"),
        ("uit_train_reg.json", "uit"),
        ("uit_train_wiki.json", "uit"),
    ):
        result += [example for _, example in _squad(data / "qa" / name, source)]
    return result


def mailong_dev(data: Path) -> list[Example]:
    """Return the mailong25 dev questions: they are for reporting how well unanswerable ones are told."""
    return [example for _, example in _squad(data / "qa" / "mailong25.dev.json", "mailong")]


@dataclass(frozen=True, slots=True)
class AskedPassage:
    """A passage of the corpora, and questions of the project with their answers (none: it does not say)."""

    title: str
    text: str
    questions: tuple[tuple[str, tuple[str, ...]], ...]


def asked_passages(data: Path, questions: Path) -> list[AskedPassage]:
    """Return the passages that a file of the project's own questions is about.

    Each line of `questions` (.jsonl) names corpus and title of a document, a stretch [start, end) of its text
    (see `plain_text`), and questions with their answers, literal parts of the stretch.
    """
    wanted: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in questions.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        wanted.setdefault((item["corpus"], canonical(item["title"])), []).append(item)
    result: list[AskedPassage] = []
    for corpus in sorted({corpus for corpus, _ in wanted}):
        with lzma.open(data / "corpora" / f"{corpus}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                title = canonical(record.get("title") or "").strip()
                for item in wanted.pop((corpus, title), ()):  # of two documents with one title the first
                    asked = tuple((question, tuple(answers)) for question, answers in item["questions"])
                    text = plain_text(record)[item["start"] : item["end"]]
                    result.append(AskedPassage(title, text, asked))
    return result


def plain_text(record: dict[str, Any]) -> str:
    """Return abstract and text of a corpus record, canonical, on one line, without headings."""
    text = _HEADING.sub("", canonical(record.get("text") or ""))
    return " ".join(f"{canonical(record.get('abstract') or '')} {text}".split())


def part_of(title: str) -> str:
    """Return "test" (an eighth), "tune" (a quarter) or "train" for the title of a document asked about."""
    return ("test", "tune", "tune", *["train"] * 5)[zlib.crc32(title.encode()) % 8]


def examples_of(passages: Iterable[AskedPassage], *, source: str) -> list[Example]:
    """Return the questions over passages as examples."""
    result = []
    for one in passages:
        for question, answers in one.questions:
            fields = [(answer, max(0, one.text.find(answer))) for answer in answers]
            example = make_example(question, one.text, fields, source=source, title=one.title)
            if example is not None:
                result.append(example)
    return result


def written(data: Path, part: str) -> list[Example]:
    """Return the project's own questions over passages of the corpora, of one part (see `part_of`)."""
    passages = asked_passages(data, WRITTEN)
    return examples_of((one for one in passages if part_of(one.title) == part), source="written")


def news(data: Path) -> list[Example]:
    """Return the project's questions over held-out news."""
    return examples_of(asked_passages(data, NEWS_QUESTIONS), source="news")
