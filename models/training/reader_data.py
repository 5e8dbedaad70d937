"""Human questions for the reader: ViQuAD, mailong25 and UIT sets as pairs of question and sentences.

An example is a question, the sentences of one passage, and the answers as ranges inside sentences. Answers
that run over a sentence's end are cut there for training; the evaluation keeps the full texts.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.normalize import canonical
from models.training.splits import split_of

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


def news(data: Path, questions: Path) -> list[Example]:
    """Return the hand-written questions over held-out news: each passage is the beginning of one document."""
    wanted: dict[tuple[str, str], list[list[object]]] = {}
    for item in json.loads(questions.read_text(encoding="utf-8")):
        wanted[(item["corpus"], canonical(item["title"]))] = item["questions"]
    result: list[Example] = []
    for corpus in sorted({corpus for corpus, _ in wanted}):
        with lzma.open(data / "corpora" / f"{corpus}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                asked = wanted.get((corpus, canonical(item.get("title") or "").strip()))
                if not asked:
                    continue
                text = canonical(f"{item.get('abstract') or ''} {item.get('text') or ''}".strip())
                text = " ".join(text.split())[:1500]
                for question, answers in asked:
                    assert isinstance(answers, list)
                    fields = [(str(a), max(0, text.find(str(a)))) for a in answers]
                    example = make_example(str(question), text, fields, source="news", title=item["title"])
                    if example is not None:
                        result.append(example)
    return result
