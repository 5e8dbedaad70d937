"""The conversations of the open browser tabs, in memory only: a page that is loaded again finds its own.

Nothing is written to disk and nothing outlives the program. Knows answers and jobs, and nothing of Streamlit.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import Lock

from qa.types import Answer, Evidence
from ui.job import AnswerJob, Stream

KEPT = 64
"""Conversations kept, over all tabs; the ones longest unused go first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what came of it: an answer, or the reason why there is none."""

    question: str
    answer: Answer | None = None
    error: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class Conversation:
    """Questions and answers over one library, and the answer in the making, if there is one.

    `id` cannot be guessed: who knows it has seen the conversation. Two tabs may hold the same one.
    """

    folder: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    turns: list[Turn] = field(default_factory=list)
    job: AnswerJob | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def history(self) -> list[tuple[str, str]]:
        """The earlier questions and answers, for questions that refer back."""
        done = ((turn.question, turn.answer) for turn in self.turns)
        return [(answer.question or question, answer.text) for question, answer in done if answer is not None]

    def start(self, question: str, stream: Stream) -> None:
        """Start to answer a question; an answer in the making is given up."""
        self.stop()
        self.job = AnswerJob(question, stream)

    def stop(self) -> None:
        """Give up the answer in the making; what was found for it stays in the conversation."""
        if self.job is not None:
            self.job.stop()
            self.collect()

    def collect(self) -> None:
        """Move a job that is done into the turns, once, whichever tab sees it first."""
        with self._lock:
            if self.job is None or not self.job.progress.done:
                return
            progress = self.job.progress
            error = progress.error or ("Đã dừng." if progress.stopped else "")
            self.turns.append(Turn(self.job.question, progress.answer, error, progress.evidence))
            self.job = None


class Conversations:
    """The conversations of all tabs, by id. All methods may be called from any thread."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._by_id: dict[str, Conversation] = {}
        self._lock = Lock()

    def begin(self, folder: str) -> Conversation:
        """Return a new conversation about the library in a folder."""
        made = Conversation(folder)
        with self._lock:
            self._by_id[made.id] = made
            while len(self._by_id) > self._kept:
                del self._by_id[next(iter(self._by_id))]
        return made

    def find(self, name: str, folder: str) -> Conversation | None:
        """Return the conversation with this id, if it is kept and about this library."""
        with self._lock:
            found = self._by_id.get(name)
            if found is None or found.folder != folder:
                return None
            self._by_id[name] = self._by_id.pop(name)  # the newest use stands last
            return found
