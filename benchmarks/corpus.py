"""Stage 1 of the comparisons: one corpus and one set of questions for every system.

Writes to a working folder: `passages.jsonl` (rows with id, title, text, date) and `questions.jsonl`
(rows with id, text, relevant, split). The ViQuAD passages come first, then passages of news up to the size
asked for. Passages are cut here, once, and are short enough that no system cuts them again.
This module knows no search system.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from index.normalize import canonical
from index.sentences import split_sentences
from models.training.splits import split_of

NEWS = ("rss2025", "baomoi2017", "vietnews", "vntc")
TARGET_CHARACTERS = 450
MINIMUM_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A passage of the corpus; `date` is an ISO date or empty."""

    id: str
    title: str
    text: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the id of the one passage that answers it."""

    id: str
    text: str
    relevant: str
    split: str


def viquad(data: Path) -> tuple[list[Row], list[Question]]:
    """Return the passages and questions of ViQuAD, all articles, with the split of each question."""
    rows: list[Row] = []
    questions: list[Question] = []
    document = json.loads((data / "qa" / "viquad2.dev.json").read_text(encoding="utf-8"))
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            row = Row(id=f"viquad-{len(rows)}", title="", text=paragraph["context"])
            rows.append(row)
            for entry in paragraph["qas"]:
                questions.append(Question(entry["id"], entry["question"], row.id, split_of(article["title"])))
    return rows, questions


def pieces(text: str) -> Iterator[str]:
    """Cut a text into passages of about TARGET_CHARACTERS at ends of sentences."""
    buffer = ""
    for sentence in split_sentences(text):
        buffer = f"{buffer} {sentence.text}" if buffer else sentence.text
        if len(buffer) >= TARGET_CHARACTERS:
            yield buffer[:2000]
            buffer = ""
    if len(buffer) >= MINIMUM_CHARACTERS:
        yield buffer[:2000]


def news(data: Path) -> Iterator[Row]:
    """Yield passages of news, corpus after corpus; near-empty ones are left out."""
    for name in NEWS:
        with lzma.open(data / "corpora" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                document = json.loads(line)
                for position, piece in enumerate(pieces(document.get("text") or "")):
                    yield Row(
                        f"{name}-{number}-{position}",
                        canonical(document.get("title") or "") if position == 0 else "",
                        piece,
                        (document.get("date") or "")[:10],
                    )


def write(data: Path, folder: Path, size: int) -> None:
    """Write `size` passages and all questions into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, questions = viquad(data)
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as out:
        for count, row in enumerate(_chain(rows, news(data))):
            if count >= size:
                break
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as out:
        for question in questions:
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


def _chain(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def main() -> None:
    """Command line: `python -m benchmarks.corpus --data DATA --folder FOLDER --size N`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", type=int, default=100_000)
    arguments = parser.parse_args()
    write(arguments.data, arguments.folder, arguments.size)


if __name__ == "__main__":
    main()
