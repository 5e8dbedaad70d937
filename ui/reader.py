"""The drawer that shows an article, scrolled to the cited sentence, and the answer with clickable markers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from index.types import Span
from qa.types import Answer, Citation
from ui import state, view
from ui.conversation import Conversation

STATIC = Path(__file__).resolve().parent / "static"


@dataclass(frozen=True, slots=True)
class Reading:
    """An opened article; without a citation it is shown from its beginning."""

    article_id: str
    citation: Citation | None = None


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


_answer = st.components.v2.component("hoibao_answer", css=_static("answer.css"), js=_static("answer.js"))
_reveal = st.components.v2.component("hoibao_reveal", js=_static("reveal.js"))
_frame = st.components.v2.component("hoibao_frame", js=_static("frame.js"))
_latest = st.components.v2.component("hoibao_latest", js=_static("latest.js"))


def show_style() -> None:
    """Put the style sheet on the page."""
    st.html(STATIC / "style.css")


def follow(page: str) -> None:
    """Let the browser tab remember its conversation, and find it again when the page is loaded anew.

    On a phone it also closes the sidebar over another page (`page`) or conversation. Call it in every run.
    """
    data = {"page": page, "conversation": state.conversation().id}
    _frame(data=data, key="frame", on_resumed_change=_resume)


def _resume() -> None:
    state.resume(str(st.session_state.frame.get("resumed") or ""))


def show_latest(talk: Conversation) -> None:
    """Bring the last question, and so the beginning of its answer, into view; call it below the turns."""
    data = {"conversation": talk.id, "turns": len(talk.turns), "asking": talk.job is not None}
    _latest(data=data, key="latest")


def show_answer(answer: Answer, *, key: str) -> None:
    """Show an answer's text; a click on [n] opens the article of that citation."""
    by_marker = {citation.marker: citation for citation in answer.citations}
    data = [
        {
            "text": segment.text,
            "marker": segment.marker,
            "hint": ""
            if segment.marker is None
            else view.plain(
                f"{view.article_label(by_marker[segment.marker].article)}\n“{by_marker[segment.marker].quote}”"
            ),
        }
        for segment in view.segments(answer)
    ]
    result = _answer(data={"segments": data}, key=key, on_opened_change=lambda: None)
    opened = by_marker.get(result.get("opened") or 0)
    if opened is not None:
        open_citation(opened)


def open_citation(citation: Citation) -> None:
    """Remember that this citation is to be read; the drawer opens at the end of this run."""
    st.session_state.reading = Reading(citation.article.id, citation)


def open_article(article_id: str) -> None:
    """Remember that this article is to be read from its beginning."""
    st.session_state.reading = Reading(article_id)


def close() -> None:
    """Forget the opened article."""
    st.session_state.reading = None


@st.dialog("Bài báo", width=680, position="right", on_dismiss=close)
def _drawer(reading: Reading) -> None:
    try:
        article = state.library(state.folder()).article(reading.article_id)
    except KeyError:
        article = None
    if article is None:
        st.warning("Bài này không còn trong thư viện.")
        return
    citation = reading.citation
    if citation is None:
        st.html(view.article_html(article))
        return
    st.html(view.article_html(article, highlight=Span(citation.start, citation.end), marks=citation.marks))
    _reveal(data={"start": citation.start}, key=f"reveal-{reading.article_id}-{citation.start}")


def show_opened() -> None:
    """Show the drawer if an article is opened; call it once, at the end of a page."""
    reading: Reading | None = st.session_state.get("reading")
    if reading is not None:
        _drawer(reading)
