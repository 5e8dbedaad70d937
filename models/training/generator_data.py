"""What the generator learns from: packs of one passage and several questions, each with its right answer.

How its sentences are shown, best first as the product does it, is for `generator_evidence`. Each question is
exactly what the model is given later: a prompt of qa/prompt.py and its answer.

The right answer is the answering sentence in quotation marks with its number, or the refusal.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.training import reader_corpus
from models.training.corpus import SOURCES, read_documents
from models.training.reader_corpus import held_out
from models.training.reader_data import Example
from models.training.reader_questions import from_passage, windows

# The two texts that models share with qa/prompt.py; a test compares them, as models may not import qa.
REFUSAL = "Không tìm thấy câu trả lời đủ chắc chắn trong các bài báo của thư viện."
FENCE = "====="
NOWHERE = -1
UNTITLED, TITLE_LIMIT = "Không có tiêu đề", 90  # characters of a title that a prompt shows


@dataclass(frozen=True, slots=True)
class Ask:
    """A question and the number (from 0) of the sentence that answers it, NOWHERE where none does."""

    question: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Pack:
    """A passage (title and sentences) and what is asked about it. `human`: people wrote the questions."""

    title: str
    sentences: tuple[str, ...]
    asks: tuple[Ask, ...]
    human: bool = False


def sources_text(titles: Sequence[str], sentences: Sequence[str], markers: Sequence[int]) -> str:
    """Return the first part of the prompt, up to and with the fence after the sentences.

    `titles` is the heading of each sentence's article; the sentences of an article stand together.
    """
    articles: dict[str, list[str]] = {}
    for title, text, marker in zip(titles, sentences, markers, strict=True):
        articles.setdefault(title, []).append(f"[{marker}] {' '.join(text.split())}")
    lines = [line for title, own in articles.items() for line in (f"Bài: {title}", *own)]
    return "\n".join(["Nguồn:", FENCE, *lines, FENCE, ""])


def question_text(question: str) -> str:
    """Return the second part of the prompt."""
    return f"Câu hỏi: {question}"


def answer_text(ask: Ask, sentences: Sequence[str], markers: Sequence[int]) -> str:
    """Return the right answer. Quotation marks inside the quoted sentence are left to the constraint."""
    if ask.sentence == NOWHERE:
        return REFUSAL
    return f"“{' '.join(sentences[ask.sentence].split())}” [{markers[ask.sentence]}]"


def corpus_documents(data: Path, *, every: int) -> Iterator[reader_corpus.Document]:
    """Yield the documents that training may see; `every` = n takes one in n of the news, all of Wikipedia."""
    for source in SOURCES:
        step = 1 if source == "viwiki_uts" else every * (3 if source == "rss2025" else 1)
        found = read_documents(
            data, sources=[source], every=step, accept=lambda _, held: not held, news_characters=4000
        )
        for document in found:
            if held_out(document.title):  # kept for the reader's figures
                continue
            lead = [] if source == "viwiki_uts" else [document.lead]  # there it is the first paragraph again
            texts = [*lead, *document.text.split("\n")]
            paragraphs = tuple(text.strip() for text in texts if len(text.strip()) > 30)
            if paragraphs:
                yield reader_corpus.Document(source, document.title, paragraphs)


def made_packs(
    documents: Iterable[reader_corpus.Document], rng: random.Random, *, per_document: int = 2, most: int = 5
) -> Iterator[Pack]:
    """Yield packs with questions made in place: up to `most` a passage, one in three has an unanswerable one.

    The unanswerable one was made for another passage of the same document.
    """
    for document in documents:
        passages = [w for w in windows(document, rng) if 2 <= len(w) <= 8 and sum(map(len, w)) <= 900]
        rng.shuffle(passages)
        packs: list[Pack] = []
        share = per_document * (4 if document.corpus == "viwiki_uts" else 1)  # articles are long
        for sentences in passages[:share]:
            asks: dict[str, Ask] = {}
            for _ in range(most + 2):
                example = from_passage(sentences, document, rng)
                if example is not None and example.spans and len(asks) < most:
                    asks[example.question] = Ask(example.question, example.spans[0].sentence)
            if asks:
                packs.append(Pack(document.title, tuple(sentences), tuple(asks.values())))
        for number, pack in enumerate(packs):
            if len(packs) > 1 and rng.random() < 0.34:
                other = packs[number - 1]
                ask = Ask(rng.choice(other.asks).question, NOWHERE)
                pack = replace(pack, asks=(*pack.asks[: most - 1], ask))
            yield pack


def human_packs(examples: Iterable[Example], *, most: int = 5) -> list[Pack]:
    """Gather the examples of each passage into packs."""
    groups: dict[tuple[str, tuple[str, ...]], list[Ask]] = defaultdict(list)
    for example in examples:
        target = example.spans[0].sentence if example.spans else NOWHERE
        groups[example.title, example.sentences].append(Ask(example.question, target))
    return [
        Pack(title, sentences, tuple(asks[start : start + most]), human=True)
        for (title, sentences), asks in groups.items()
        for start in range(0, len(asks), most)
    ]
