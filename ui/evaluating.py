"""`hoibao eval`: which measurements a file of questions allows, and over which library.

SQuAD files (.json) bring their passages: a scratch library is made of them and any distractors, and search,
reading and whole answers are measured. A BEIR folder measures search. Gold questions (.jsonl) are asked of
a library that exists.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index import Article, Library
from index.types import Span
from models.embed import load_embedder
from models.errors import HoibaoError
from models.reader import load_reader
from models.rerank import load_reranker
from qa import Assistant
from qa.evaluate import (
    Report,
    add_gold,
    evaluate_answers,
    evaluate_reading,
    evaluate_retrieval,
    squad_relevance,
)
from qa.gold import GoldQuestion, read_beir, read_gold, read_squad
from qa.settings import Settings

Progress = Callable[[int, int], None]


def evaluate(
    questions: Path,
    *,
    settings: Settings,
    library: str | None = None,
    distractors: Sequence[Path] = (),
    limit: int = 0,
    progress: Progress | None = None,
) -> list[Report]:
    """Measure with a SQuAD file, a BEIR folder or gold questions; `limit` 0 asks all of them.

    Raises `InputError` for a file that is none of these, and what opening a library raises.
    """
    if questions.is_dir():
        return [_beir(questions, settings, distractors, limit, progress)]
    if questions.suffix == ".json":
        return _squad(_some(read_squad(questions), limit), settings, distractors, progress)
    if questions.suffix == ".jsonl":
        gold = _some(read_gold(questions), limit)
        with Assistant.open(library, settings=settings) as assistant:
            return [evaluate_answers(assistant, gold, progress=progress)]
    raise HoibaoError(
        "không biết đây là loại câu hỏi nào.",
        path=questions,
        repair="đưa một tệp SQuAD (.json), một thư mục BEIR, hoặc câu hỏi kèm đáp án (.jsonl)",
    )


def _some(gold: list[GoldQuestion], limit: int) -> list[GoldQuestion]:
    """Return at most `limit` questions, spread evenly over the file."""
    if not limit or len(gold) <= limit:
        return gold
    return [gold[number * len(gold) // limit] for number in range(limit)]


@contextmanager
def _scratch(settings: Settings, distractors: Sequence[Path]) -> Iterator[Library]:
    embedder = load_embedder(settings.embedder) if settings.embedder else None
    reranker = load_reranker(settings.reranker) if settings.reranker else None
    with (
        tempfile.TemporaryDirectory(prefix="hoibao-eval-") as folder,
        Library.open(Path(folder) / "library", create=True, embedder=embedder, reranker=reranker) as library,
    ):
        if distractors:
            library.add(distractors)
        yield library


def _squad(
    gold: list[GoldQuestion], settings: Settings, distractors: Sequence[Path], progress: Progress | None
) -> list[Report]:
    reading = evaluate_reading(gold, reader=load_reader(), progress=progress)
    with _scratch(settings, distractors) as library:
        add_gold(library, gold)
        asked = {one.id: one.question for one in gold}
        search = evaluate_retrieval(library, asked, squad_relevance(gold), progress=progress)
        with Assistant.open(library, settings=settings) as assistant:
            answers = evaluate_answers(assistant, gold, progress=progress)
    return [search, reading, answers]


def _beir(
    folder: Path, settings: Settings, distractors: Sequence[Path], limit: int, progress: Progress | None
) -> Report:
    beir = read_beir(folder)
    names = list(beir.questions)
    kept = names if not limit else names[:: max(1, len(names) // limit)][:limit]
    with _scratch(settings, distractors) as library:
        library.add_articles(
            Article(id=name, title=title, text=text, body=(Span(0, len(text)),))
            for name, (title, text) in beir.documents.items()
        )
        asked = {name: beir.questions[name] for name in kept}
        return evaluate_retrieval(library, asked, beir.relevance, progress=progress)
