"""Navigation: which pages there are and for whom. Start with ``python -m streamlit run dashboards/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts this folder on the path, not the one above, from which the package ``dashboards`` is found.
if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from dashboards import access  # noqa: E402
from dashboards.components.header import show_nothing_readable  # noqa: E402
from dashboards.components.language import choose_language, t  # noqa: E402

st.set_page_config(page_title="Settlehouse", page_icon=":material/account_balance:", layout="wide")
choose_language()

page = st.navigation(
    {
        t("navigation.cfo"): [
            st.Page("app_pages/cfo/cash.py", title=t("cash.title"), icon=":material/account_balance_wallet:", url_path="cash", default=True),
            st.Page("app_pages/cfo/forecast.py", title=t("forecast.title"), icon=":material/query_stats:", url_path="forecast"),
            st.Page("app_pages/cfo/receivables.py", title=t("receivables.title"), icon=":material/hourglass_top:", url_path="receivables"),
        ],
        t("navigation.analyst"): [
            st.Page("app_pages/analyst/margin.py", title=t("margin.title"), icon=":material/stacked_bar_chart:", url_path="margin"),
        ],
        t("navigation.steward"): [
            st.Page("app_pages/steward/issues.py", title=t("issues.title"), icon=":material/rule:", url_path="issues"),
        ],
    }
)  # fmt: skip

try:
    access.choose_file()
    page.run()
except access.NotReadable as problem:
    show_nothing_readable(problem, access.latest_attempt())
