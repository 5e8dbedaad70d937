"""The corpora as clean documents, and what of them no training may see.

The recipes read the corpora in place and keep nothing but token ids. Texts are canonical. Documents that
say the same are dropped, 5,000 news items are held out for the figures of the model cards, and
encyclopaedia articles on the subjects of the ViQuAD articles kept for tuning and testing are left out
altogether.

The folder is an argument, else the environment variable HOIBAO_DATA, else ../shared/data. In it:
corpora/*.jsonl.xz (title, abstract, text, date) and qa/*.json (SQuAD form).
"""

from __future__ import annotations

import hashlib
import json
import logging
import lzma
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.normalize import canonical
from models.errors import InputError
from models.training.splits import TEST, TUNE, split_of

logger = logging.getLogger(__name__)

#: Sources with a title and a separate lead come first: of two equal documents the first is kept.
SOURCES = ("rss2025", "vietnews", "baomoi2017", "vntc", "viwiki_uts")
#: The sources that the held-out news items come from: clean titles, a lead of its own.
LEAD_SOURCES = frozenset({"rss2025", "vietnews", "baomoi2017"})
HELD_OUT_ITEMS = 5_000
_HELD_OUT_SHARE = 0.022  # somewhat more than 5,000 of the items with a lead
_NOT_WORD = re.compile(r"\W+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»)]?\s+(?=[\"“«(]?[^\W\d_a-zà-ỹđ]|\d)|\n+")
_HEADING = re.compile(r"^=+ .* =+$")


@dataclass(frozen=True, slots=True)
class Document:
    """One canonical document. `lead` is the abstract, or the first sentences where there is none."""

    source: str
    title: str
    lead: str
    text: str
    held_out: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A person's question, the passage it was asked about, and the answers (none: unanswerable)."""

    question: str
    passage: str
    title: str
    answers: tuple[str, ...]


def data_folder(path: str | Path | None = None) -> Path:
    """Return the data folder. Raises InputError when there is none."""
    folder = Path(path or os.environ.get("HOIBAO_DATA") or "../shared/data")
    if not (folder / "corpora").is_dir():
        raise InputError(
            "no folder corpora/ in the training data", path=folder, repair="pass --data or set HOIBAO_DATA"
        )
    return folder


def split_simply(text: str) -> list[str]:
    """Split into sentences well enough for training: fast, no offsets."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def _key(text: str, characters: int = 120) -> str:
    return _NOT_WORD.sub(" ", text[: characters + 60].lower())[:characters].strip()


def _share(key: str) -> float:
    """A fixed pseudo-random number in [0, 1) that depends on the title alone."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big") / 2.0**48


def read_documents(
    data: Path,
    *,
    sources: Sequence[str] = SOURCES,
    every: int = 1,
    accept: Callable[[str, bool], bool] = lambda source, held_out: True,
    news_characters: int | None = None,
) -> Iterator[Document]:
    """Yield the documents without duplicates (same title, lead or beginning of the text).

    `every` = n reads only each n-th line of a file. `accept(source, held_out)` chooses what is yielded;
    what is not accepted costs little and still counts for duplicates. Of a news text only the first
    `news_characters` are taken. Raises InputError when a file is missing.
    """
    seen: set[str] = set()
    for source in sources:
        path = data / "corpora" / f"{source}.jsonl.xz"
        if not path.exists():
            raise InputError("corpus is missing", path=path, repair="pass --data with the right folder")
        kept = dropped = 0
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 0, None, every):
                record = json.loads(line)
                title, text = canonical(record.get("title") or ""), record.get("text") or ""
                abstract = record.get("abstract") or ""
                if len(title) < 3 or len(text) + len(abstract) < 40:
                    continue
                keys = {"t:" + _key(title), "b:" + _key(canonical(text[:200]))}
                if abstract:
                    keys.add("b:" + _key(canonical(abstract[:200])))
                if keys & seen or (source == "viwiki_uts" and _is_evaluation_subject(title)):
                    dropped += 1
                    continue
                seen |= keys
                kept += 1
                held_out = source != "viwiki_uts" and _share(_key(title)) < _HELD_OUT_SHARE
                if accept(source, held_out):
                    cut = None if source == "viwiki_uts" else news_characters
                    yield _document(source, title, abstract, text[:cut], held_out)
        logger.info("%s: %d documents, %d dropped", source, kept, dropped)


def _document(source: str, title: str, abstract: str, text: str, held_out: bool) -> Document:
    if source == "viwiki_uts":
        text = "\n".join(line for line in text.split("\n") if not _HEADING.match(line))
    text = canonical(text)
    if source == "rss2025":  # a feed has a summary and no body
        return Document(source, title, text, "", held_out)
    lead = canonical(abstract) or " ".join(split_simply(text[:1500])[:2])[:600]
    return Document(source, title, lead, text, held_out)


def _is_evaluation_subject(title: str) -> bool:
    return any(subject in title.lower() for subject in _EVALUATION_SUBJECTS)


_EVALUATION_SUBJECTS = tuple(canonical(title).lower() for title in sorted(TEST | TUNE))


def held_out_news(documents: Sequence[Document], count: int = HELD_OUT_ITEMS) -> list[Document]:
    """Return the `count` held-out items with a lead, the same ones whatever the order of reading."""
    items = [d for d in documents if d.held_out and d.source in LEAD_SOURCES and len(d.lead) >= 40]
    return sorted(items, key=lambda d: _share(_key(d.title)))[:count]


def read_questions(data: Path, name: str, *, split: str | None = None) -> list[Question]:
    """Read qa/<name>.json (SQuAD form), only one split ("train", "tune", "test") of ViQuAD if asked."""
    path = data / "qa" / f"{name}.json"
    if not path.exists():
        raise InputError("question file is missing", path=path, repair="pass --data with the right folder")
    found = []
    for article in json.loads(path.read_text("utf-8"))["data"]:
        title = article.get("title", "")
        if split is not None and split_of(title) != split:
            continue
        for paragraph in article["paragraphs"]:
            passage = canonical(paragraph["context"])
            for question in paragraph["qas"]:
                answers = tuple(canonical(answer["text"]) for answer in question.get("answers", ()))
                found.append(Question(canonical(question["question"]), passage, title, answers))
    return found
