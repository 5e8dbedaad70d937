"""An answer in the making, in a thread of its own: nothing that the page does can kill it but `stop()`.

Streamlit interrupts the script at every click. So the script only starts a job, looks at it, and draws.
Knows the events of a stream and nothing of Streamlit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock, Thread
from typing import Final

from models.errors import HoibaoError
from qa.types import Answer, Event, Evidence, Finished, SourcesFound, TextDelta

_LOG: Final = logging.getLogger(__name__)

Stream = Callable[[Flag], Iterable[Event]]
"""Given the flag that tells to stop, yield the events of one answer."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a job has so far. `answer` is set once it is verified; `error` if there will be none."""

    evidence: tuple[Evidence, ...] = ()
    text: str = ""
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.answer is not None or bool(self.error) or self.stopped


class AnswerJob:
    """Runs one stream to its end. All methods may be called from any thread."""

    def __init__(self, question: str, stream: Stream) -> None:
        self.question = question
        self._stream = stream
        self._stop = Flag()
        self._ended = Flag()
        self._lock = Lock()
        self._progress = Progress()
        self._pieces: list[str] = []
        self._thread = Thread(target=self._run, name="hoibao-answer", daemon=True)
        self._thread.start()

    @property
    def progress(self) -> Progress:
        """What there is now."""
        with self._lock:
            now = self._progress
            return Progress(now.evidence, "".join(self._pieces), now.answer, now.error, now.stopped)

    def stop(self) -> None:
        """Give up the answer; what was found so far stays visible."""
        self._stop.set()
        with self._lock:
            if not self._progress.done:
                self._progress = Progress(evidence=self._progress.evidence, stopped=True)

    def wait(self, seconds: float) -> bool:
        """Wait until the job has ended, at most so long; return whether it has."""
        return self._ended.wait(seconds)

    def _run(self) -> None:
        try:
            for event in self._stream(self._stop):
                if self._stop.is_set():
                    break
                self._take(event)
            with self._lock:
                if not self._progress.done:
                    self._progress = Progress(error="Không nhận được câu trả lời.")
        except HoibaoError as error:
            self._fail(str(error))
        except Exception as error:  # the page must say so, whatever it was
            _LOG.exception("answering failed")
            self._fail(f"Có lỗi ngoài dự kiến khi trả lời câu này ({type(error).__name__}: {error}).")
        finally:
            self._ended.set()

    def _take(self, event: Event) -> None:
        with self._lock:
            if self._progress.done:
                return
            if isinstance(event, SourcesFound):
                self._progress = Progress(evidence=event.evidence)
            elif isinstance(event, TextDelta):
                self._pieces.append(event.text)
            elif isinstance(event, Finished):
                self._progress = Progress(evidence=self._progress.evidence, answer=event.answer)

    def _fail(self, message: str) -> None:
        with self._lock:
            if not self._progress.done:
                self._progress = Progress(evidence=self._progress.evidence, error=message)
