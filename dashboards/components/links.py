"""Links from one page to another that keep the language and what is chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboards.components.language import current_language

_PAGES = Path(__file__).parent.parent / "app_pages"


def link_to(page: str, label: str, *, icon: str = ":material/arrow_forward:", **in_link: object) -> bool:
    """A link to the page of that name with ``in_link`` in its address; nothing, and False, where this reader has no
    such page."""
    file = next(_PAGES.glob(f"*/{page}.py"), None)
    if file is None:
        return False
    kept = {name: str(value) for name, value in in_link.items() if value is not None}
    try:
        st.page_link(
            f"app_pages/{file.parent.name}/{file.name}",
            label=label,
            icon=icon,
            query_params=kept | {"lang": current_language()},
        )
    except StreamlitAPIException:
        return False
    return True
