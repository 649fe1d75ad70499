"""Navigation: which pages there are and for whom. Start with ``python -m streamlit run dashboards/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

# Streamlit puts this folder on the path, not the one above, from which the package ``dashboards`` is found.
if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from dashboards import access, access_log
from dashboards.components.header import show_nothing_readable
from dashboards.components.language import choose_language, t
from dashboards.components.reader import choose_persona, show_no_access, show_page_closed, show_reader
from dashboards.memory import spare_the_collector
from dashboards.policy import PolicyError
from dashboards.sign_in import NoAccess, Reader, current_reader

_HERE = Path(__file__).parent
FIRST_PAGE = "overview"  # opens at the bare address
# Pages of this view: as the policy names them, and as Streamlit knows them.
_pages: dict[str, StreamlitPage] = {}


def _page(audience: str, name: str, icon: str) -> StreamlitPage:
    """A page is in the menu of those who may see it; its link leads the others to a calm refusal."""
    key = f"{audience}/{name}"
    _pages[key] = st.Page(
        f"app_pages/{audience}/{name}.py",
        title=t(f"{name}.title"),
        icon=f":material/{icon}:",
        url_path=None if name == FIRST_PAGE else name,
        default=name == FIRST_PAGE,
        visibility="visible" if reader is not None and reader.sees_page(key) else "hidden",
    )
    return _pages[key]


# Own pictures: an icon by name would be fetched from the internet.
st.set_page_config(page_title="Settlehouse", page_icon=str(_HERE / "icon.svg"), layout="wide")
st.logo(str(_HERE / "wordmark.svg"), size="large", icon_image=str(_HERE / "icon.svg"))
# Streamlit leaves a hand's breadth empty around the page; on a laptop the tables need it.
st.html(
    """
    <style>
    .stMainBlockContainer { padding: 3rem 2.5rem; }
    /* A tablet: a narrower menu, two cards a row, charts and tables over the whole width. */
    @media (max-width: 1000px) {
        .stMainBlockContainer { padding: 3rem 1.25rem; }
        section[data-testid="stSidebar"][aria-expanded="true"] {
            width: 13.5rem !important;
            min-width: 13.5rem !important;
        }
        .stMain [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
        .stMain [data-testid="stColumn"] {
            flex: 1 1 calc(50% - 1rem) !important;
            min-width: calc(50% - 1rem) !important;
        }
        .stMain [data-testid="stColumn"]:has([data-testid="stPlotlyChart"]),
        .stMain [data-testid="stColumn"]:has([data-testid="stDataFrame"]) { min-width: 100% !important; }
    }
    </style>
    """
)
choose_language()

reader: Reader | None = None
problem: NoAccess | PolicyError | None = None
try:
    choose_persona()
    reader = current_reader()
    show_reader(reader)
except (NoAccess, PolicyError) as found:
    problem = found

page = st.navigation(
    {
        t("navigation.cfo"): [
            _page("cfo", "overview", "dashboard"),
            _page("cfo", "cash", "account_balance_wallet"),
            _page("cfo", "forecast", "query_stats"),
            _page("cfo", "cash_in", "payments"),
            _page("cfo", "scenarios", "alt_route"),
            _page("cfo", "receivables", "hourglass_top"),
            _page("cfo", "track_record", "fact_check"),
            _page("cfo", "variance", "waterfall_chart"),
            _page("cfo", "board_pack", "picture_as_pdf"),
        ],
        t("navigation.analyst"): [_page("analyst", "margin", "stacked_bar_chart")],
        t("navigation.controller"): [
            _page("controller", "statements", "table_view"),
            _page("controller", "working_capital", "autorenew"),
            _page("controller", "payables", "event_available"),
            _page("controller", "tax", "receipt_long"),
            _page("controller", "controls", "balance"),
            _page("controller", "bank_reconciliation", "account_balance"),
            _page("controller", "intercompany", "compare_arrows"),
            _page("controller", "ledger", "menu_book"),
            _page("controller", "approvals", "approval_delegation"),
            _page("controller", "risk", "gpp_maybe"),
        ],
        t("navigation.collector"): [
            _page("collector", "cash_application", "price_check"),
            _page("collector", "worklist", "call"),
            _page("collector", "customer", "person_search"),
            _page("collector", "credit", "credit_score"),
        ],
        t("navigation.steward"): [
            _page("steward", "quality", "speed"),
            _page("steward", "issues", "rule"),
            _page("steward", "duplicates", "join_inner"),
            _page("steward", "record", "badge"),
            _page("steward", "decisions", "gavel"),
            _page("steward", "catalogue", "menu_book"),
        ],
        t("navigation.auditor"): [_page("auditor", "access", "visibility")],
    },
    expanded=True,  # else the last pages hide behind "more"
    position="hidden" if reader is None else "sidebar",
)


def _show(page: StreamlitPage, reader: Reader) -> None:
    key = next(key for key, known in _pages.items() if known is page or known.url_path == page.url_path)
    if not reader.sees_page(key):
        first = next((known for other, known in _pages.items() if reader.sees_page(other)), None)
        if page.url_path == "" and first is not None:  # nobody asked for this page by name
            st.switch_page(first)
        access.begin_view(key)
        show_page_closed(page.title, reader, first)
        access.end_view(access_log.REFUSED)
        return
    access.begin_view(key)
    try:
        access.choose_file()
        page.run()
    finally:
        access.end_view()


try:
    if reader is None:
        show_no_access(problem)
    else:
        _show(page, reader)
except access.NotReadable as unreadable:
    show_nothing_readable(unreadable, access.latest_attempt())
except (NoAccess, PolicyError) as found:  # who was taken out of the policy while the page was made
    show_no_access(found)
spare_the_collector()
