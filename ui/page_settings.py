"""The page that shows how the program is set, and whether all is well. It changes nothing."""

from __future__ import annotations

import dataclasses

import streamlit as st

from models.errors import HoibaoError
from ui import state, view
from ui.doctor import Finding, examine

_ICONS = {
    "ok": ":green[:material/check_circle:]",
    "note": ":orange[:material/info:]",
    "bad": ":red[:material/error:]",
}


def show() -> None:
    """Draw the page."""
    settings = state.settings()
    st.markdown("#### Thiết lập")
    st.caption(
        f"Sửa trong tệp {view.markdown_escaped(str(settings.file))} hoặc bằng biến môi trường HOIBAO\\_…, "
        "rồi mở lại chương trình."
    )
    hidden = {"serve_token"}
    rows = {
        item.name: "•••"
        if item.name in hidden and getattr(settings, item.name)
        else str(getattr(settings, item.name))
        for item in dataclasses.fields(settings)
    }
    st.dataframe(
        [{"thiết lập": name, "giá trị": value or "—"} for name, value in rows.items()],
        hide_index=True,
        width="stretch",
    )
    st.markdown("#### Tình trạng")
    try:
        report = examine(settings, state.folder())
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))
        return
    for finding in report.findings:
        _finding(finding)


def _finding(finding: Finding) -> None:
    line = f"{_ICONS[finding.state]} **{view.markdown_escaped(finding.name)}** "
    st.markdown(line + view.markdown_escaped(finding.text))
    if finding.advice:
        st.caption("→ " + view.markdown_escaped(finding.advice))
