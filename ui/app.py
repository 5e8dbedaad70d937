"""The chat: run by `hoibao chat` (or `streamlit run ui/app.py` with the package installed)."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.errors import HoibaoError
from ui import page_articles, page_chat, page_settings, state, view
from ui.reader import STATIC, follow, show_style


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
        state.conversation().collect()
        export = _sidebar(page.url_path)
        page.run()
        _export(export)  # last: the page may have brought the newest answer
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))


def _sidebar(page: str) -> DeltaGenerator:
    """Draw the sidebar; return the place in it for the export."""
    with st.sidebar:
        folders = state.known_libraries()
        st.selectbox(
            "Thư viện",
            folders,
            index=folders.index(state.own_library()),
            key=state.LIBRARY_KEY,
            format_func=state.library_name,
            on_change=state.forget,
            bind="query-params",
        )
        st.caption(f"Trả lời bằng: {view.markdown_escaped(state.answering_way())}")
        if state.writer().error:
            st.warning(view.markdown_escaped(state.writer().error))
        if st.button("Cuộc hỏi đáp mới", icon=":material/add_comment:", key="new", width="stretch"):
            state.forget()
            st.rerun()
        export = st.container()
        follow(page)
    return export


def _export(place: DeltaGenerator) -> None:
    answered = [
        (turn.question, turn.answer) for turn in state.conversation().turns if turn.answer is not None
    ]
    if answered:
        place.download_button(
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
