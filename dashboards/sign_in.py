"""Who reads, and what he may see: asked anew by the door for every query, so that no page has to.

Three ways, never two at once:

- a provider of OpenID Connect, where Streamlit's secrets have ``[auth]``: the signed-in address, or a group of it, has
  a role in access_policy.yaml, or sees nothing;
- personas, where ``settlehouse serve`` shows a demo: the reader picks a role, and the pages say that it is a demo;
- neither: the person at this machine sees everything, and a reader from another machine nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboards.policy import Grant, Policy, PolicyError, PolicyFile, policy
from dashboards.scoped import Scope

PERSONAS_VARIABLE = "SETTLEHOUSE_PERSONAS"
_PERSONA = "_persona"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NoAccess(Exception):
    """Nobody may see anything here now. ``reason`` is a locale key, ``detail`` goes beside it."""

    def __init__(self, reason: str, detail: str = "", *, can_sign_in: bool = False, can_sign_out: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.can_sign_in = can_sign_in
        self.can_sign_out = can_sign_out


@dataclass(frozen=True)
class Reader:
    """Who reads. ``who`` (address or id) is empty where nobody signed in; ``policy`` is None where nothing narrows."""

    who: str
    name: str
    scope: Scope
    policy: Policy | None
    is_persona: bool = False

    def sees_page(self, page: str) -> bool:
        """Whether ``audience/page`` is for this reader."""
        return self.policy is None or self.policy.roles[self.scope.role].sees_page(page)

    @property
    def decides(self) -> bool:
        """Whether this reader takes stewards' decisions, and so sees the log of all of them."""
        return self.policy is None or self.policy.roles[self.scope.role].decides


def current_reader() -> Reader:
    """The reader of this view. Raises NoAccess where he may see nothing, PolicyError where the policy is broken."""
    if provider_is_configured():
        if shows_personas():
            raise NoAccess("sign_in.both")
        if not getattr(st.user, "is_logged_in", False):
            raise NoAccess("sign_in.needed", can_sign_in=True)
        claims = st.user.to_dict()
        # Some providers tell no address of a group's member; the log must name him all the same.
        who = str(claims.get("email") or "").strip().lower() or str(claims.get("sub") or "")
        file = policy()
        grant = file.policy.grant_of(claims)
        if grant is None or not who:
            raise NoAccess("sign_in.unknown", who, can_sign_out=True)
        return reader_with(grant, file, who=who, name=str(claims.get("name") or who))
    if shows_personas():
        file = policy()
        grant = st.session_state.get(_PERSONA) or first_persona(file.policy)
        if grant is None or file.policy.problem_of(grant):
            raise NoAccess("sign_in.no_persona")
        return reader_with(grant, file, name=grant.role, is_persona=True)
    if not _at_this_machine():
        raise NoAccess("sign_in.only_here")
    return Reader("", "", Scope(), None)


def reader_with(grant: Grant, file: PolicyFile, *, who: str = "", name: str = "", is_persona: bool = False) -> Reader:
    """The reader whom ``grant`` makes."""
    return Reader(who, name, Scope(file.digest, grant.role, grant.values()), file.policy, is_persona)


def provider_is_configured() -> bool:
    """Whether Streamlit's secrets have ``[auth]``. Raises PolicyError for secrets that are there and unreadable."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError as error:
        there = st.get_option("secrets.files")
        found = [str(path) for path in there if Path(path).exists()] if isinstance(there, Iterable) else []
        if found:  # they may hold [auth]: better nobody sees anything than everybody everything
            raise PolicyError(f"{found[0]}: cannot be read as TOML") from error
        return False


def shows_personas() -> bool:
    return os.environ.get(PERSONAS_VARIABLE, "").strip() not in ("", "0")


def first_persona(checked: Policy) -> Grant | None:
    """The persona that a demo begins with: the first role that nothing narrows."""
    return next((Grant(role=name) for name, role in checked.roles.items() if not role.rows), None)


def take_persona(grant: Grant) -> None:
    """From here on this reader is ``grant``; errors: NoAccess where no demo is shown."""
    if not shows_personas() or provider_is_configured():
        raise NoAccess("sign_in.both")
    st.session_state[_PERSONA] = grant


def _at_this_machine() -> bool:
    """Whether the server listens to this machine alone, and the reader sits at it."""
    listens = str(st.get_option("server.address") or "127.0.0.1")
    try:
        place = st.context.ip_address  # None for the machine itself
    except RuntimeError:  # no server, as in a script that asks for figures
        place = None
    return listens in _LOOPBACK and not isinstance(place, str)
