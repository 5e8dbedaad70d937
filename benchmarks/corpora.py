"""Corpora and questions of the benchmarks, as this program takes them.

ViQuAD passages become one article each (title of the Wikipedia article, text of the passage); news articles
are the distractors. Which ViQuAD articles may be tuned on is decided in models/training/splits.py alone.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from index.read.build import Stated, build_article
from index.types import Article
from models.training.splits import split_of

NEWS = ("vietnews", "vntc", "baomoi2017", "rss2025")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the id of the article (the ViQuAD passage) that answers it, and its split."""

    id: str
    text: str
    gold: str
    split: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Passages as articles, and the questions over them."""

    articles: tuple[Article, ...]
    questions: tuple[Question, ...]


def viquad(path: Path) -> QuestionSet:
    """Read a SQuAD file: every answerable question, every passage."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    articles, questions = [], []
    for entry in data:
        title = entry["title"].replace("_", " ")
        for paragraph in entry["paragraphs"]:
            context = paragraph["context"]
            name = "viquad-" + blake2b(context.encode(), digest_size=8).hexdigest()
            articles.append(build_article(context, Stated(id=name, title=title), path=path, name_date=False))
            for item in paragraph["qas"]:
                if item.get("is_impossible"):
                    continue
                answers = tuple(dict.fromkeys(answer["text"] for answer in item["answers"]))
                questions.append(
                    Question(str(item["id"]), item["question"], name, split_of(entry["title"]), answers)
                )
    return QuestionSet(tuple(articles), tuple(questions))


def rows(folder: Path, name: str, *, start: int = 0, stop: int | None = None) -> Iterator[dict[str, str]]:
    """Yield the rows of a corpus in the order of its file."""
    with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        for line in islice(file, start, stop):
            yield json.loads(line)


def kept_fields(row: dict[str, str], name: str) -> dict[str, str]:
    """Return a row of the corpus `name` as `Library.add` reads it; its text may be empty."""
    text = "\n".join(part for part in (row.get("abstract"), row.get("text")) if part)
    kept = {"title": row.get("title", ""), "text": text, "source": row.get("source") or name}
    return {**kept, "date": row["date"][:10]} if row.get("date") else kept


def write_news(folder: Path, target: Path, *, counts: dict[str, int]) -> int:
    """Write the first articles of each corpus as one .jsonl that `Library.add` reads; return how many."""
    number = 0
    with target.open("w", encoding="utf-8") as out:
        for name, count in counts.items():
            for row in rows(folder, name, stop=count):
                kept = kept_fields(row, name)
                if kept["text"].strip():
                    out.write(json.dumps(kept, ensure_ascii=False) + "\n")
                    number += 1
    return number
