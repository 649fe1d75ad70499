"""Navigation: which pages there are and for whom. Start with ``python -m streamlit run dashboards/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

# Streamlit puts this folder on the path, not the one above, from which the package ``dashboards`` is found.
if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from dashboards import access
from dashboards.components.header import show_nothing_readable
from dashboards.components.language import choose_language, t

_HERE = Path(__file__).parent
FIRST_PAGE = "cash"  # opens at the bare address


def _page(audience: str, name: str, icon: str) -> StreamlitPage:
    return st.Page(
        f"app_pages/{audience}/{name}.py",
        title=t(f"{name}.title"),
        icon=f":material/{icon}:",
        url_path=None if name == FIRST_PAGE else name,
        default=name == FIRST_PAGE,
    )


# Own pictures: an icon by name would be fetched from the internet.
st.set_page_config(page_title="Settlehouse", page_icon=str(_HERE / "icon.svg"), layout="wide")
st.logo(str(_HERE / "wordmark.svg"), size="large", icon_image=str(_HERE / "icon.svg"))
# Streamlit leaves a hand's breadth empty around the page; on a laptop the tables need it.
st.html("<style>.stMainBlockContainer { padding: 3rem 2.5rem; }</style>")
choose_language()

page = st.navigation(
    {
        t("navigation.cfo"): [
            _page("cfo", "cash", "account_balance_wallet"),
            _page("cfo", "forecast", "query_stats"),
            _page("cfo", "receivables", "hourglass_top"),
            _page("cfo", "board_pack", "picture_as_pdf"),
        ],
        t("navigation.analyst"): [_page("analyst", "margin", "stacked_bar_chart")],
        t("navigation.controller"): [
            _page("controller", "statements", "table_view"),
            _page("controller", "working_capital", "autorenew"),
            _page("controller", "tax", "receipt_long"),
            _page("controller", "controls", "balance"),
            _page("controller", "intercompany", "compare_arrows"),
            _page("controller", "ledger", "menu_book"),
            _page("controller", "approvals", "approval_delegation"),
        ],
        t("navigation.steward"): [
            _page("steward", "quality", "speed"),
            _page("steward", "issues", "rule"),
            _page("steward", "duplicates", "join_inner"),
            _page("steward", "record", "badge"),
            _page("steward", "decisions", "gavel"),
            _page("steward", "catalogue", "menu_book"),
        ],
    },
    expanded=True,  # else the last pages hide behind "more"
)

try:
    access.choose_file()
    page.run()
except access.NotReadable as problem:
    show_nothing_readable(problem, access.latest_attempt())
