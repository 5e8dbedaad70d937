"""The corpus of the comparison: passages cut once, so that every system searches the same ones.

Writes to a working folder: `passages.jsonl` (rows with id, title, text, date) and `questions.jsonl`. The
ViQuAD passages come first, then passages of news up to the size asked for, short enough that no system needs
to cut them again. This module knows no search system.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path

from benchmarks.corpora import NEWS, Question, rows, viquad
from index.normalize import canonical
from index.sentences import split_sentences

TARGET_CHARACTERS = 450
MINIMUM_CHARACTERS = 80
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """A passage of the corpus; `date` is an ISO date or empty."""

    id: str
    title: str
    text: str
    date: str = ""


def pieces(text: str) -> Iterator[str]:
    """Cut a text into passages of about TARGET_CHARACTERS at ends of sentences."""
    buffer = ""
    for sentence in split_sentences(text):
        buffer = f"{buffer} {sentence.text}" if buffer else sentence.text
        if len(buffer) >= TARGET_CHARACTERS:
            yield buffer[:LONGEST]
            buffer = ""
    if len(buffer) >= MINIMUM_CHARACTERS:
        yield buffer[:LONGEST]


def news(data: Path) -> Iterator[Row]:
    """Yield passages of news, corpus after corpus; near-empty ones are left out."""
    for name in NEWS:
        for number, row in enumerate(rows(data / "corpora", name)):
            for position, piece in enumerate(pieces(row.get("text") or "")):
                title = canonical(row.get("title") or "") if position == 0 else ""
                yield Row(f"{name}-{number}-{position}", title, piece, (row.get("date") or "")[:10])


def write(data: Path, folder: Path, size: int) -> None:
    """Write `size` passages and all questions into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    gold = viquad(data / "qa" / "viquad2.dev.json")
    first = (Row(article.id, article.title, article.text) for article in gold.articles)
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as out:
        for row in islice(chain(first, news(data)), size):
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as out:
        for question in gold.questions:
            out.write(json.dumps(asdict(question), ensure_ascii=False) + "\n")


def read_rows(folder: Path) -> Iterator[Row]:
    """Read the passages written by `write`."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(**json.loads(line))


def read_questions(folder: Path) -> list[Question]:
    """Read the questions written by `write`."""
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        return [Question(**json.loads(line)) for line in lines]
