"""The page that shows how the program is set, and whether all is well. It changes nothing."""

from __future__ import annotations

from dataclasses import fields

import streamlit as st

from models.errors import HoibaoError
from qa.settings import Settings
from ui import state, view
from ui.doctor import Finding, examine

SECRET = frozenset({"serve_token"})
_ICONS = {
    "ok": ":green[:material/check_circle:]",
    "note": ":orange[:material/info:]",
    "bad": ":red[:material/error:]",
}


def show() -> None:
    """Draw the page."""
    settings = state.settings()
    st.markdown("#### Tình trạng")
    try:
        for finding in examine(settings, state.folder()).findings:
            _finding(finding)
    except HoibaoError as error:
        st.error(view.markdown_escaped(str(error)))
    st.markdown("#### Thiết lập")
    st.caption(
        f"Sửa trong tệp {view.markdown_escaped(str(settings.file))} hoặc bằng biến môi trường HOIBAO\\_…, "
        "rồi mở lại chương trình."
    )
    st.dataframe(
        [{"thiết lập": item.name, "giá trị": _shown(settings, item.name)} for item in fields(settings)],
        hide_index=True,
        width="stretch",
        height="content",
    )


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if name in SECRET and value:
        return "•••"
    return {True: "có", False: "không"}[value] if isinstance(value, bool) else str(value or "—")


def _finding(finding: Finding) -> None:
    line = f"{_ICONS[finding.state]} **{view.markdown_escaped(finding.name)}** "
    st.markdown(line + view.markdown_escaped(finding.text))
    if finding.advice:
        st.caption("→ " + view.markdown_escaped(finding.advice))
