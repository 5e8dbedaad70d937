"""What the pages share: settings, the open library, the assistant, the conversation of this browser tab.

Libraries and assistants are opened once a process and kept over reruns and tabs (`st.cache_resource`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Final

import streamlit as st

from index import Library
from models.embed import load_embedder
from models.errors import HoibaoError
from models.rerank import load_reranker
from qa import Assistant
from qa.settings import Settings
from qa.types import ArticleRef, Event, Evidence
from ui import view
from ui.conversation import Conversation, Conversations
from ui.job import Stream

if TYPE_CHECKING:
    from qa.generate import ModelGenerator


LIBRARY_KEY: Final = "thu-vien"
"""The key of the chosen library, in the session and in the page's address."""


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


def own_library() -> str:
    """The folder of the library that the chat was started with."""
    return str(settings().library_path())


def folder() -> str:
    """The folder of the library that this tab looks at."""
    return str(st.session_state.get(LIBRARY_KEY) or own_library())


@st.cache_data(max_entries=4, show_spinner="Đang đọc danh sách bài…")
def _listing(folder: str, generation: int) -> tuple[ArticleRef, ...]:
    del generation  # a part of the key: another generation, another list
    found = (
        ArticleRef(item.id, item.title, item.date, item.path, item.source, item.url)
        for item in library(folder).articles()
    )
    return tuple(sorted(found, key=view.newest_first))


def listing() -> tuple[ArticleRef, ...]:
    """All articles of the library, without their texts: the newest first, those without a date last."""
    return _listing(folder(), library(folder()).manifest.generation)


def known_libraries() -> list[str]:
    """The folders of all libraries in the home folder, and of the one that is open."""
    root = settings().home / "libraries"
    found = {str(path) for path in root.iterdir() if path.is_dir()} if root.is_dir() else set()
    return sorted(found | {folder(), own_library()})


def library_name(folder: str) -> str:
    """What a library is called on the page and in its address: the folder's name, where only one has it."""
    name = Path(folder).name
    alike = [other for other in known_libraries() if Path(other).name == name]
    return name if len(alike) < 2 else f"{name} ({Path(folder).parent})"


@st.cache_resource(show_spinner=False)
def _conversations() -> Conversations:
    return Conversations()


def conversation() -> Conversation:
    """The conversation of this tab; a new one if there is none yet about the library that is chosen."""
    current: Conversation | None = st.session_state.get("conversation")
    if current is None or current.folder != folder():
        current = _conversations().begin(folder())
        st.session_state.conversation = current
    return current


def resume(name: str) -> None:
    """Take up the conversation that this tab had before the page was loaded again, if it is still kept."""
    earlier = _conversations().find(name, folder())
    if earlier is not None:
        st.session_state.conversation = earlier


def start(question: str) -> None:
    """Start to answer a question; an answer in the making is given up."""
    question = " ".join(question.split())
    if question:
        current = conversation()
        current.stop()
        current.start(question, _stream(question, current.history()))


def _stream(question: str, earlier: list[tuple[str, str]]) -> Stream:
    helper = assistant(folder())

    def stream(stop: Flag) -> Iterator[Event]:
        _stop_flag.set(stop)
        return helper.stream(question, history=earlier, stopped=stop.is_set)

    return stream


def forget() -> None:
    """Begin a new conversation."""
    current: Conversation | None = st.session_state.pop("conversation", None)
    if current is not None:
        current.stop()
    st.session_state.reading = None
