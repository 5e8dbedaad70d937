"""Real questions without passages: find a paragraph in Wikipedia text, let a first reader mark the answer.

viquad_train_questions_only.txt shows how people ask. A question whose words nearly all stand in one
paragraph is about that paragraph; where the first reader is sure of a sentence and an answer in it, the pair
is used for training with a lower weight (self-training). Articles of the TUNE and TEST titles are never among
the texts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from index.normalize import canonical
from models.reader import Reader
from models.reader_text import Vocabulary
from models.training.paragraphs import Paragraphs
from models.training.reader_corpus import Document
from models.training.reader_data import Example, Span, split_plain

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A question with the paragraph that covers most of it; `cover` is in [0, 2]: syllables plus pairs."""

    question: str
    title: str
    paragraph: str
    cover: float


def find_paragraphs(
    questions: Iterable[str], documents: Iterable[Document], vocabulary: Vocabulary, *, best: int = 4
) -> list[Found]:
    """Search each question among the paragraphs by BM25 and keep the paragraph that covers it best."""
    paragraphs = Paragraphs(documents)
    result: list[Found] = []
    for question in questions:
        found = paragraphs.search(question, best)
        scored = [(_cover(question, text, vocabulary), title, text) for title, text in found]
        if scored:
            cover, title, paragraph = max(scored, key=lambda one: one[0])
            result.append(Found(question, title, paragraph, cover))
    return result


def _cover(question: str, paragraph: str, vocabulary: Vocabulary) -> float:
    asked = vocabulary.encode_question(question)
    ids, idf = asked.text.rows[:, 1].tolist(), asked.text.idf.tolist()
    text = vocabulary.encode([paragraph]).rows[:, 1].tolist()
    syllables, pairs = set(text), set(pairwise(text))
    outside = [i for i in range(len(ids)) if not asked.gap_start <= i < asked.gap_end and idf[i] > 0.3]
    total: float = sum(idf[i] for i in outside)
    covered: float = sum(idf[i] for i in outside if ids[i] in syllables)
    wanted = [pair for pair, (x, y) in zip(pairwise(ids), pairwise(idf), strict=True) if x + y > 2]
    share: float = covered / max(total, 1.0)
    return share + sum(pair in pairs for pair in wanted) / max(len(wanted), 1)


def mark_answers(
    found: Sequence[Found], reader: Reader, *, sure: float = 0.5, share: float = 0.12
) -> list[Example]:
    """Let the reader answer; keep what it is sure of: the sentence by `sure`, the answer by `share`."""
    result: list[Example] = []
    for item in found:
        ranges = split_plain(item.paragraph)
        sentences = tuple(item.paragraph[a:b] for a, b in ranges)
        if not sentences:
            continue
        best = reader.read(item.question, [sentences], titles=[item.title]).ranked[0]
        if best.score < sure or not best.spans or best.spans[0].score < share:
            continue
        span = best.spans[0]
        text = sentences[best.sentence][span.start : span.end]
        spans = (Span(best.sentence, span.start, span.end),)
        result.append(Example(item.question, sentences, spans, (text,), "weak", item.title))
    logger.info("%d of %d real questions were marked", len(result), len(found))
    return result


def real_questions(data: Path) -> list[str]:
    """Return the questions without passages, canonical."""
    path = data / "qa" / "viquad_train_questions_only.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [canonical(line).strip() for line in lines if line.strip()]
