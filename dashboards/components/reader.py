"""Who reads, in the sidebar: signed in, or a persona of the demo; and what stands in place of a page that is closed."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards import access
from dashboards.components.language import t, t_value
from dashboards.policy import Grant, PolicyError, policy
from dashboards.sign_in import NoAccess, Reader, provider_is_configured, shows_personas, take_persona

_ROLE, _WHICH = "as", "of"


def choose_persona() -> None:
    """In a demo the sidebar asks whose view is shown; the choice stands in the link. Elsewhere nothing."""
    if not shows_personas() or provider_is_configured():
        return
    checked = policy().policy
    roles = list(checked.roles)
    with st.sidebar.container(border=True):
        st.markdown(f":material/theater_comedy: **{t('sign_in.demo')}**")
        st.caption(t("sign_in.demo_note"))
        role_name = _in_link(_ROLE, t("sign_in.role"), roles, {name: t_value("role", name) for name in roles})
        role = checked.roles[role_name]
        rows = {}
        if role.rows:
            row_scope = role.rows[0]
            try:
                names = access.persona_choices(row_scope)
            except access.NotReadable:  # the page says so
                names = {}
            # Without a choice the role is shown, and sees nobody's rows.
            label = t_value("row_scope", row_scope)
            rows = {row_scope: [_in_link(_WHICH, label, list(names), names) if names else ""]}
    take_persona(Grant(role=role_name, rows=rows))
    # The menu may push the picker below the fold; this stands over every page.
    st.markdown(f":material/theater_comedy: :gray[{t('sign_in.seen_as', role=t_value('role', role_name))}]")


def show_reader(reader: Reader) -> None:
    """Who signed in as what, and the way out."""
    if not reader.who:
        return
    with st.sidebar.container(border=True):
        st.markdown(f":material/person: **{_plain(reader.name)}**  \n:gray[{t_value('role', reader.scope.role)}]")
        st.button(t("sign_in.out"), on_click=st.logout, icon=":material/logout:", type="tertiary")


def show_no_access(problem: NoAccess | PolicyError | None) -> None:
    """In place of everything: why, and what to do."""
    st.title("Settlehouse", anchor=False)
    if isinstance(problem, NoAccess):
        st.info(t(problem.reason, detail=_plain(problem.detail)), icon=":material/lock:")
        if problem.can_sign_in:
            st.button(t("sign_in.in"), on_click=st.login, icon=":material/login:", type="primary")
        if problem.can_sign_out:
            st.button(t("sign_in.out"), on_click=st.logout, icon=":material/logout:")
    else:
        st.info(t("sign_in.broken_policy", detail=_plain(str(problem))), icon=":material/lock:")


def show_page_closed(title: str, reader: Reader, open_page: StreamlitPage | None) -> None:
    """In place of a page that this role may not see; leads to one that it may."""
    st.title(title, anchor=False)
    st.info(t("sign_in.page_closed", role=t_value("role", reader.scope.role)), icon=":material/lock:")
    if open_page is not None:
        st.page_link(open_page, icon=":material/arrow_forward:")


def _in_link(name: str, label: str, options: list[str], names: dict[str, str]) -> str:
    """A choice kept in the link, so that it outlives a reload."""
    key = f"persona_{name}"
    if st.session_state.get(key) not in options:
        wanted = st.query_params.get(name)
        st.session_state[key] = wanted if wanted in options else options[0]
    chosen = st.selectbox(label, options, format_func=lambda option: names.get(option, option), key=key)
    st.query_params[name] = chosen
    return chosen


def _plain(text: str) -> str:
    """Text that a provider or a file sent, without meaning in Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+!|<>$~:" else sign for sign in text)
