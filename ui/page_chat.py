"""The page where one asks. The answer is made in a job of its own; this page looks at it and draws."""

from __future__ import annotations

import streamlit as st

from models.errors import HoibaoError
from qa.types import Answer, Evidence
from ui import state, view
from ui.conversation import Turn
from ui.examples import example_questions
from ui.ingest import sample_files
from ui.reader import open_article, open_citation, show_answer, show_latest, show_opened

QUICK = 0.8  # seconds: an extracted answer is there by then, and the page need not flicker


def show() -> None:
    """Draw the page."""
    try:
        count = len(state.library(state.folder()))
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))
        return
    if not count:
        _empty_library()
        return
    typed = st.chat_input("Hỏi về các bài báo trong thư viện…", key="question")
    if typed:
        state.start(typed)
    talk = state.conversation()
    if talk.job is not None:
        talk.job.wait(QUICK)
        talk.collect()
    if not talk.turns and talk.job is None:
        _welcome(count)
    for number, turn in enumerate(talk.turns):
        with st.chat_message("user", avatar=":material/person:"):
            st.text(view.plain(turn.question))
        with st.chat_message("assistant", avatar=":material/newspaper:"):
            _turn(turn, number)
    if talk.job is not None:
        _in_the_making()
    show_latest(talk)
    show_opened()


def _welcome(count: int) -> None:
    st.markdown(f"#### Thư viện có {count} bài báo. Bạn muốn biết điều gì?")
    st.caption("Mỗi câu trả lời đều kèm nguồn: bấm vào số để mở bài báo đúng câu được trích.")
    for number, question in enumerate(example_questions(state.listing())):
        st.button(
            view.markdown_escaped(question), key=f"example-{number}", on_click=state.start, args=(question,)
        )


def _empty_library() -> None:
    st.markdown("#### Thư viện chưa có bài báo nào")
    st.write("Thêm bài của bạn ở trang **Bài báo**, hoặc thử ngay với các bài mẫu đi kèm.")
    if st.button("Thêm các bài báo mẫu", type="primary", key="add-samples"):
        with st.spinner("Đang lập chỉ mục các bài mẫu…"):
            state.library(state.folder()).add(sample_files())
        st.rerun()


@st.fragment(run_every=0.25)
def _in_the_making() -> None:
    running = state.conversation().job
    if running is None or running.progress.done:
        st.rerun()
        return
    progress = running.progress
    with st.chat_message("user", avatar=":material/person:"):
        st.text(view.plain(running.question))
    with st.chat_message("assistant", avatar=":material/newspaper:"):
        if progress.text:
            st.html(view.provisional_html(progress.text))
        else:
            st.caption("Đang đọc các đoạn tìm được…" if progress.evidence else "Đang tìm…")
        if progress.evidence:
            with st.expander(f"Các câu tìm được ({len(progress.evidence)})", expanded=not progress.text):
                st.html(view.evidence_html(progress.evidence))
        st.button("Dừng", icon=":material/stop_circle:", key="stop", on_click=running.stop)


def _turn(turn: Turn, number: int) -> None:
    if turn.answer is None:
        st.warning(view.markdown_escaped(turn.error))
        _evidence(turn.evidence)
        return
    answer = turn.answer
    if answer.rewritten:
        st.html(f'<div class="hb-understood">Hiểu là: {view.marked_html(answer.question, ())}</div>')
    if view.caution(answer):
        st.html(f'<div class="hb-unsure">{view.caution(answer)}</div>')
    show_answer(answer, key=f"answer-{number}")
    for note in answer.notes:
        st.caption(view.markdown_escaped(note))
    for position, citation in enumerate(answer.citations):
        with st.container(border=True, gap="xxsmall"):
            st.html(view.citation_html(citation))
            st.button(
                "Mở bài tại câu này",
                key=f"open-{number}-{position}",
                type="tertiary",
                icon=":material/article:",
                on_click=open_citation,
                args=(citation,),
            )
    if answer.abstained:
        _nearest(answer, number)
    else:
        way = "mô hình viết, đã đối chiếu với nguồn" if answer.method == "generated" else "trích từ bài báo"
        st.caption(f"Độ tin cậy {view.percent(answer.confidence)} · {way}")
    if answer.removed:
        with st.expander("Những câu đã bỏ vì không đúng với nguồn"):
            st.html(view.removed_html(answer))


def _nearest(answer: Answer, number: int) -> None:
    if answer.nearest:
        st.caption("Những bài gần nhất:")
    for position, article in enumerate(answer.nearest):
        st.button(
            view.markdown_escaped(view.article_label(article)),
            key=f"nearest-{number}-{position}",
            type="tertiary",
            icon=":material/article:",
            on_click=open_article,
            args=(article.id,),
        )


def _evidence(evidence: tuple[Evidence, ...]) -> None:
    if evidence:
        with st.expander(f"Các câu tìm được ({len(evidence)})"):
            st.html(view.evidence_html(evidence))
