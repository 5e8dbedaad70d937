"""The chat: run by `hoibao chat` (or `streamlit run ui/app.py` with the package installed)."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from models.errors import HoibaoError
from ui import page_articles, page_chat, page_settings, state, view
from ui.reader import STATIC, show_style


def main() -> None:
    """Draw the frame and the page that was chosen."""
    st.set_page_config(page_title="Hỏi báo", page_icon=STATIC / "icon.png", layout="centered")
    show_style()
    pages = [
        st.Page(page_chat.show, title="Hỏi đáp", icon=":material/forum:", url_path="hoi", default=True),
        st.Page(page_articles.show, title="Bài báo", icon=":material/article:", url_path="bai"),
        st.Page(page_settings.show, title="Thiết lập", icon=":material/tune:", url_path="thiet-lap"),
    ]
    page = st.navigation(pages)
    try:
        _sidebar()
        page.run()
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))


def _sidebar() -> None:
    with st.sidebar:
        folders = state.known_libraries()
        st.selectbox(
            "Thư viện",
            folders,
            index=folders.index(state.folder()),
            key="library",
            format_func=lambda folder: Path(folder).name,
            on_change=state.forget,
        )
        st.caption(f"Trả lời bằng: {view.markdown_escaped(state.answering_way())}")
        if state.writer().error:
            st.warning(view.markdown_escaped(state.writer().error))
        if st.button("Cuộc hỏi đáp mới", icon=":material/add_comment:", key="new", width="stretch"):
            state.forget()
            st.rerun()
        answered = [(turn.question, turn.answer) for turn in state.turns() if turn.answer is not None]
        if answered:
            st.download_button(
                "Tải về kèm trích dẫn",
                view.brief_markdown(answered),
                file_name="hoi-bao.md",
                mime="text/markdown",
                icon=":material/download:",
                width="stretch",
                on_click="ignore",
                key="download",
            )


main()
