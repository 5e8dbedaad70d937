"""The assistant: a library, its calibration and perhaps a model, kept warm between questions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from models.errors import HoibaoError, ModelError
from qa.history import Turn
from qa.settings import Settings
from qa.types import Answer, Event, Finished

if TYPE_CHECKING:
    from index.library import Library
    from models.reader import Reader
    from qa.answer import Generator

logger = logging.getLogger(__name__)


class Assistant:
    """Answers questions from one library. Use as a context manager; safe to ask from several threads.

    `generate` writes answers where given; without it they are extracted.
    """

    def __init__(
        self,
        library: Library,
        *,
        settings: Settings | None = None,
        generate: Generator | None = None,
        owns_library: bool = False,
    ) -> None:
        from qa.refuse import calibration_of

        self.library = library
        self.settings = settings or Settings.load()
        self.generate = generate
        self._owns = owns_library
        self._calibration = calibration_of(library.path)
        self._reader: Reader | None = None
        self._reader_tried = False

    @classmethod
    def open(
        cls,
        library: Library | str | Path | None = None,
        *,
        settings: Settings | None = None,
        generate: Generator | None = None,
    ) -> Assistant:
        """Open a library by name or folder (or take an open one) and return its assistant.

        Without `generate` the model that the settings name writes the answers, if they name one; where it
        cannot be loaded, that is logged and answers are extracted.
        Raises `LibraryNotFound` and the other errors of `Library.open`, and `ModelNotFound` where the
        settings name a cross-encoder that is not on the machine.
        """
        from index.library import Library
        from models.rerank import load_reranker

        settings = settings or Settings.load()
        generate = generate or _configured(settings)
        if isinstance(library, Library):
            return cls(library, settings=settings, generate=generate)
        reranker = load_reranker(settings.reranker) if settings.reranker else None
        opened = Library.open(settings.library_path(library), reranker=reranker)
        return cls(opened, settings=settings, generate=generate, owns_library=True)

    def reader(self) -> Reader | None:
        """Return the learned reader, loaded at the first question; None where it cannot be."""
        if not self._reader_tried:
            from models.reader import load_reader

            self._reader_tried = True
            try:
                self._reader = load_reader()
            except ModelError as error:
                logger.warning("answers are found by rules alone: %s", error)
        return self._reader

    def close(self) -> None:
        """Close the library if this assistant opened it."""
        if self._owns:
            self.library.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        now: date | None = None,
    ) -> Answer:
        """Answer `question`. `history` are the earlier (question, answer text) turns, oldest first."""
        last: Event | None = None
        for event in self.stream(question, history=history, since=since, until=until, source=source, now=now):
            last = event
        if not isinstance(last, Finished):
            raise HoibaoError("Câu hỏi bị dừng trước khi có câu trả lời.", repair="hỏi lại")
        return last.answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        now: date | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Iterator[Event]:
        """Yield `SourcesFound`, pieces of provisional text, then `Finished`.

        Once `stopped()` is true the stream ends early, without `Finished`.
        """
        from qa.answer import Asked, answer

        completed = self._rewritten(question, history)
        asked = Asked(
            history=() if completed else tuple(history),
            since=since,
            until=until,
            source=source,
            now=now,
            passages=self.settings.passages,
            minimum_confidence=self.settings.minimum_confidence,
        )
        events = answer(
            completed or question,
            library=self.library,
            calibration=self._calibration,
            asked=asked,
            reader=self.reader(),
            generate=self.generate,
        )
        for event in events:
            if stopped is not None and stopped():
                return
            if completed and isinstance(event, Finished):
                event = Finished(replace(event.answer, rewritten=True))
            yield event

    def _rewritten(self, question: str, history: Sequence[Turn]) -> str | None:
        """Return the question as the model completes it; None where the rules do that (the default)."""
        if self.generate is None or not history or not self.settings.rewrite_with_model:
            return None
        from qa.generate import ModelGenerator  # imports LangChain: only where a model is at work

        return self.generate.rewrite(question, history) if isinstance(self.generate, ModelGenerator) else None


def _configured(settings: Settings) -> Generator | None:
    if not settings.model and not settings.server_url:
        return None
    from qa.generate import configured_generator

    try:
        return configured_generator(settings)
    except ModelError as error:
        logger.warning("answers are extracted, the model cannot be used: %s", error)
        return None


def ask(
    question: str,
    *,
    library: Library | str | Path | None = None,
    history: Sequence[Turn] = (),
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
) -> Answer:
    """Answer one question from a library (a name, a folder, an open `Library`; None is the default one)."""
    with Assistant.open(library) as assistant:
        return assistant.ask(question, history=history, since=since, until=until, source=source)
