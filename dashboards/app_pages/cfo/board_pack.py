"""CFO: the board pack as PDF, in either language."""

from __future__ import annotations

import streamlit as st

from dashboards.access import logged_export
from dashboards.board_pack.content import board_pack
from dashboards.components.language import LANGUAGES, current_language, t
from dashboards.components.page import begin_page

run = begin_page("board_pack.title", "board_pack.purpose")
language = st.segmented_control(
    t("board_pack.language"),
    list(LANGUAGES),
    format_func=lambda name: LANGUAGES[name],
    default=current_language(),
    required=True,
    key="pack_language",
)
# Made when asked for: a PDF takes a second or two, a view must not.
if st.button(t("board_pack.make"), icon=":material/picture_as_pdf:", type="primary", key="make_pack"):
    with st.spinner(t("board_pack.making")):
        from dashboards.board_pack.drawing import pdf_bytes

        content = pdf_bytes(board_pack(language))
    file_name = f"board_pack_{run.as_of}_{language}.pdf"
    handed_on = logged_export(file_name, 0)
    st.download_button(
        t("board_pack.download"),
        data=lambda: handed_on(content),
        file_name=file_name,
        mime="application/pdf",
        key="download_pack",
        icon=":material/download:",
        on_click="ignore",
    )
