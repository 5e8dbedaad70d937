"""The page with the list of articles: search, read, remove, upload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import streamlit as st

from models.errors import HoibaoError
from qa.types import ArticleRef
from ui import state, view
from ui.ingest import Outcome, matching, outcome_of, sample_files
from ui.reader import open_article, show_opened

SUFFIXES = ["txt", "md", "html", "htm", "pdf", "docx", "jsonl", "csv"]
PAGE = 25


def show() -> None:
    """Draw the page."""
    try:
        articles = state.listing()
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))
        return
    st.markdown(f"#### Bài báo trong thư viện ({len(articles)})")
    _upload(empty=not articles)
    if articles:
        _list(articles)
    show_opened()


def _upload(*, empty: bool) -> None:
    outcome: Outcome | None = st.session_state.pop("outcome", None)
    with st.expander("Thêm bài báo", icon=":material/upload_file:", expanded=empty or outcome is not None):
        with st.form("upload", clear_on_submit=True, border=False):
            files = st.file_uploader(
                "Chọn tệp .txt, .md, .html, .pdf, .docx, .jsonl hoặc .csv",
                type=SUFFIXES,
                accept_multiple_files=True,
                key="files",
            )
            sent = st.form_submit_button("Thêm vào thư viện", type="primary")
        if sent and files:
            with st.spinner(f"Đang đọc {len(files)} tệp…"):
                st.session_state.outcome = _add([(file.name, file.getvalue()) for file in files])
            st.rerun()
        if empty and st.button("Thêm các bài báo mẫu", key="add-samples-list", type="tertiary"):
            with st.spinner("Đang lập chỉ mục các bài mẫu…"):
                st.session_state.outcome = outcome_of(state.library(state.folder()).add(sample_files()))
            st.rerun()
        if outcome is not None:
            (st.success if outcome.complete else st.warning)(view.markdown_escaped(outcome.summary))
            for error in outcome.errors:
                st.error(view.markdown_escaped(error), icon=":material/error:")


def _add(files: list[tuple[str, bytes]]) -> Outcome:
    """Keep the files beside the library, so that citations name files that stay, and index them.

    A file that cannot be read is not kept. Two files of one name are two files.
    """
    folder = Path(state.folder()) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [
        _kept(folder, PurePath(name.replace("\\", "/")).name or "tep", content) for name, content in files
    ]
    report = state.library(state.folder()).add(paths)
    for error in report.failed:
        path = Path(error.path or "")
        if path in paths and not any(article.path == str(path) for article in state.listing()):
            path.unlink(missing_ok=True)
    return outcome_of(report)


def _kept(folder: Path, name: str, content: bytes) -> Path:
    path, number = folder / name, 1
    while path.exists() and path.read_bytes() != content:
        number += 1
        path = folder / f"{PurePath(name).stem}-{number}{PurePath(name).suffix}"
    path.write_bytes(content)
    return path


def _list(articles: Sequence[ArticleRef]) -> None:
    words = st.text_input(
        "Tìm trong danh sách",
        key="filter",
        placeholder="Tìm theo tiêu đề, nguồn, ngày (gõ không dấu cũng được)",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    found = matching(articles, words)
    if not found:
        st.caption("Không có bài nào khớp.")
        return
    pages = (len(found) - 1) // PAGE + 1
    page = st.number_input("Trang", 1, pages, key="page") if pages > 1 else 1
    for article in found[(page - 1) * PAGE : page * PAGE]:
        _row(article)
    if len(found) != len(articles):
        st.caption(f"{len(found)} trong {len(articles)} bài khớp.")


def _row(article: ArticleRef) -> None:
    title, remove = st.columns([12, 1.5], vertical_alignment="center")
    with title:
        st.button(
            view.markdown_escaped(view.article_label(article)),
            key=f"title-{article.id}",
            type="tertiary",
            help=view.markdown_escaped(PurePath(article.path).name) or None,
            on_click=open_article,
            args=(article.id,),
        )
    with remove, st.popover("", icon=":material/delete:", help="Xóa khỏi thư viện", type="tertiary"):
        st.write("Xóa bài này khỏi thư viện? Tệp gốc không bị đụng đến.")
        st.button("Xóa bài", key=f"remove-{article.id}", type="primary", on_click=_remove, args=(article.id,))


def _remove(article_id: str) -> None:
    state.library(state.folder()).remove(article_id)
