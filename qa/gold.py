"""Questions with known answers: SQuAD files, BEIR folders and the project's own gold files (JSON lines)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.normalize import canonical
from models.errors import InputError


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its answers. `context` is the text it was asked about, "" where it was the library.

    `starts[i]` is where `answers[i]` stands in `context` (code points). No answers: it cannot be answered.
    `kind` groups questions in reports. `history` are earlier questions of a conversation.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()
    context: str = ""
    title: str = ""
    kind: str = ""
    history: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Return whether the question has an answer."""
        return bool(self.answers)


def read_squad(path: str | Path) -> list[GoldQuestion]:
    """Read a SQuAD file (1.1 or 2.0; a title or a list of answers may lack). Raises InputError."""
    try:
        raw = json.loads(Path(path).read_text("utf-8"))
        return list(_squad(raw["data"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"not a SQuAD file ({error!r})", path=path, repair="give a file in SQuAD form"
        ) from error


def _squad(data: list[dict[str, object]]) -> Iterator[GoldQuestion]:
    count = 0
    for article in data:
        title = str(article.get("title") or "")
        for paragraph in article["paragraphs"]:  # type: ignore[attr-defined]
            for item in paragraph["qas"]:
                count += 1
                impossible = bool(item.get("is_impossible"))
                answers = [] if impossible else [a for a in item.get("answers") or [] if a.get("text")]
                yield GoldQuestion(
                    id=f"{item.get('id') or count}-{count}",
                    question=str(item["question"]),
                    answers=tuple(str(a["text"]) for a in answers),
                    starts=tuple(int(a.get("answer_start", -1)) for a in answers),
                    context=str(paragraph["context"]),
                    title=title,
                    kind="unanswerable" if impossible or not answers else "",
                )


def normalise_answer(text: str) -> str:
    """Normalise as the SQuAD script does: canonical, lower case, no punctuation, one space."""
    text = re.sub(r"(?<=\d)[.,](?=\d)", "", canonical(text).lower())
    text = "".join(" " if unicodedata.category(c)[0] in "PS" and c not in "%" else c for c in text)
    return re.sub(r"\s+", " ", text).strip()


def exact_match(found: str, gold: Sequence[str]) -> float:
    """Return 1.0 where `found` is one of the gold answers after normalising, else 0.0."""
    return float(any(normalise_answer(found) == normalise_answer(answer) for answer in gold))


def overlap_f1(found: str, gold: Sequence[str]) -> float:
    """Return the best F1 in [0, 1] over syllables between `found` and the gold answers."""
    return max((_f1(normalise_answer(found).split(), normalise_answer(a).split()) for a in gold), default=0.0)


def _f1(found: list[str], gold: list[str]) -> float:
    if not found or not gold:
        return float(found == gold)
    shared = sum((Counter(found) & Counter(gold)).values())
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


def holds_answer(text: str, gold: Sequence[str]) -> bool:
    """Return whether `text` contains one of the gold answers word for word (after normalising)."""
    shown = f" {normalise_answer(text)} "
    return any(f" {normalise_answer(answer)} " in shown for answer in gold if normalise_answer(answer))


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A BEIR folder: documents (id → title and text), questions (id → text), relevance (id → id → grade)."""

    documents: dict[str, tuple[str, str]]
    questions: dict[str, str]
    relevance: dict[str, dict[str, int]]


def read_beir(folder: str | Path, *, split: str = "test") -> BeirSet:
    """Read corpus.jsonl, queries.jsonl and qrels/<split>.tsv of a folder. Raises InputError."""
    root = Path(folder)
    try:
        documents = {
            str(row["_id"]): (str(row.get("title") or ""), str(row["text"]))
            for row in _lines(root / "corpus.jsonl")
        }
        questions = {str(row["_id"]): str(row["text"]) for row in _lines(root / "queries.jsonl")}
        relevance: dict[str, dict[str, int]] = {}
        for line in (root / "qrels" / f"{split}.tsv").read_text("utf-8").splitlines()[1:]:
            question, document, grade = line.split("\t")
            relevance.setdefault(question, {})[document] = int(grade)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"not a BEIR folder ({error!r})", path=root, repair="give a folder in BEIR form"
        ) from error
    return BeirSet(documents, questions, relevance)


def _lines(file: Path) -> Iterator[dict[str, object]]:
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def read_gold(path: str | Path) -> list[GoldQuestion]:
    """Read the project's own gold questions (JSON lines; see tests/gold/README.md). Raises InputError."""
    found: list[GoldQuestion] = []
    try:
        for row in _lines(Path(path)):
            history = [turn[0] if isinstance(turn, list) else str(turn) for turn in row.get("history") or []]  # type: ignore[attr-defined]
            answers = row.get("answers") if row.get("answerable", True) else []
            found.append(
                GoldQuestion(
                    id=str(row["id"]),
                    question=str(row["question"]),
                    answers=tuple(str(answer) for answer in answers or []),  # type: ignore[attr-defined]
                    kind=str(row.get("kind") or ""),
                    history=tuple(history),
                )
            )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"not a file of gold questions ({error!r})", path=path) from error
    return found
