"""What the pages share: settings, the open library, the assistant, the conversation of this browser tab.

Libraries and assistants are opened once a process and kept over reruns and tabs (`st.cache_resource`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

import streamlit as st

from index import Library
from models.embed import load_embedder
from models.errors import HoibaoError
from models.rerank import load_reranker
from qa import Assistant
from qa.settings import Settings
from qa.types import Answer, ArticleRef, Event, Evidence
from ui.job import AnswerJob, Stream

if TYPE_CHECKING:
    from qa.generate import ModelGenerator


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what came of it: an answer, or the reason why there is none."""

    question: str
    answer: Answer | None = None
    error: str = ""
    evidence: tuple[Evidence, ...] = ()


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings, read when the chat starts."""
    return Settings.load()


@st.cache_resource(show_spinner="Đang mở thư viện…")
def library(folder: str) -> Library:
    """The library in a folder, made if it is not there yet."""
    chosen = settings()
    embedder = load_embedder(chosen.embedder) if chosen.embedder else None
    reranker = load_reranker(chosen.reranker) if chosen.reranker else None
    return Library.open(Path(folder), create=True, embedder=embedder, reranker=reranker)


@st.cache_resource(show_spinner="Đang nạp mô hình…")
def assistant(folder: str) -> Assistant:
    """The assistant over the library in a folder."""
    return Assistant.open(library(folder), settings=settings(), generate=writer().generate)


@dataclass(frozen=True, slots=True)
class Writer:
    """The language model that the settings name; with `error`, why it cannot be used."""

    generate: ModelGenerator | None = None
    error: str = ""


@st.cache_resource(show_spinner="Đang nạp mô hình…")
def writer() -> Writer:
    """The language model, loaded once for all tabs; without one, answers are extracted."""
    chosen = settings()
    if not chosen.model and not chosen.server_url:
        return Writer()
    from qa.generate import ModelGenerator

    class Stoppable(ModelGenerator):
        """Stops in the middle of a step when the job of this thread is stopped."""

        def __call__(
            self, question: str, evidence: Sequence[Evidence], *, cancel: Flag | None = None
        ) -> Iterator[str]:
            return super().__call__(question, evidence, cancel=cancel or _stop_flag.get())

    try:
        return Writer(Stoppable(chosen))
    except HoibaoError as error:
        return Writer(error=str(error))


_stop_flag: ContextVar[Flag | None] = ContextVar("_stop_flag", default=None)


def answering_way() -> str:
    """Which model answers, in words."""
    chosen = settings()
    if writer().error:
        return "trích từ bài báo (mô hình không dùng được)"
    if chosen.server_url:
        return f"máy chủ {chosen.server_model or chosen.server_url}"
    return Path(chosen.model).stem if chosen.model else "trích từ bài báo (không dùng mô hình ngôn ngữ)"


def folder() -> str:
    """The folder of the library that this tab looks at."""
    chosen = st.session_state.get("library") or str(settings().library_path())
    return str(chosen)


@st.cache_data(max_entries=4, show_spinner="Đang đọc danh sách bài…")
def _listing(folder: str, generation: int) -> tuple[ArticleRef, ...]:
    del generation  # a part of the key: another generation, another list
    return tuple(
        ArticleRef(item.id, item.title, item.date, item.path, item.source, item.url)
        for item in library(folder).articles()
    )


def listing() -> tuple[ArticleRef, ...]:
    """All articles of the library, without their texts."""
    return _listing(folder(), library(folder()).manifest.generation)


def known_libraries() -> list[str]:
    """The folders of all libraries in the home folder, and of the one that is open."""
    root = settings().home / "libraries"
    found = {str(path) for path in root.iterdir() if path.is_dir()} if root.is_dir() else set()
    return sorted(found | {folder(), str(settings().library_path())})


def turns() -> list[Turn]:
    """The conversation of this tab."""
    kept: list[Turn] = st.session_state.setdefault("turns", [])
    return kept


def history() -> list[tuple[str, str]]:
    """The earlier questions and answers, for questions that refer back."""
    done = ((turn.question, turn.answer) for turn in turns())
    return [(answer.question or question, answer.text) for question, answer in done if answer is not None]


def job() -> AnswerJob | None:
    """The answer in the making, if there is one."""
    running: AnswerJob | None = st.session_state.get("job")
    return running


def start(question: str) -> None:
    """Start to answer a question; an answer in the making is given up."""
    question = " ".join(question.split())
    if not question:
        return
    running = job()
    if running is not None:
        running.stop()
        collect(running)
    st.session_state.job = AnswerJob(question, _stream(question))


def _stream(question: str) -> Stream:
    helper, earlier = assistant(folder()), history()

    def stream(stop: Flag) -> Iterator[Event]:
        _stop_flag.set(stop)
        return helper.stream(question, history=earlier, stopped=stop.is_set)

    return stream


def collect(running: AnswerJob) -> None:
    """Move a job that has ended into the conversation."""
    progress = running.progress
    error = progress.error or ("Đã dừng." if progress.stopped else "")
    turns().append(Turn(running.question, progress.answer, error, progress.evidence))
    st.session_state.job = None


def forget() -> None:
    """Begin a new conversation."""
    running = job()
    if running is not None:
        running.stop()
    st.session_state.turns = []
    st.session_state.job = None
    st.session_state.reading = None
