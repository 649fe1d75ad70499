"""Who reads: a signed-in person, a persona of the demo, or the person at this machine; never two of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import access, access_log, sign_in
from dashboards.policy import Grant, PolicyError
from dashboards.scoped import Scope

SALESPEOPLE = (
    "alter table marts.dim_customer add column salesperson_id varchar",
    "alter table marts.dim_customer add column salesperson_name varchar",
    "update marts.dim_customer set salesperson_id = case customer_id when 'erp:c2' then 'u1' else 'u2' end",
    "update marts.dim_customer set salesperson_name = 'Name of ' || salesperson_id",
)


@pytest.fixture
def demo(tmp_path: Path, publish_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    link = publish_run(tmp_path / "demo", "20261031T0600", *SALESPEOPLE)
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    monkeypatch.setenv("SETTLEHOUSE_PERSONAS", "1")


def open_app(app: AppTest, **in_link: str) -> AppTest:
    app.query_params.update({"lang": "en"} | in_link)
    app.run()
    assert not app.exception, [str(problem.message) for problem in app.exception]
    return app


@pytest.mark.usefixtures("demo")
def test_the_demo_says_so_and_begins_with_who_sees_all(app: AppTest) -> None:
    open_app(app)
    assert app.title[0].value == "Overview"
    sidebar = " ".join(text.value for text in [*app.sidebar.markdown, *app.sidebar.caption])
    assert "Demo" in sidebar
    assert "No one signs in here" in sidebar
    assert app.sidebar.selectbox[0].value == "cfo"


@pytest.mark.usefixtures("demo")
def test_a_persona_sees_its_rows_and_the_next_its_own(app: AppTest) -> None:
    open_app(app, **{"as": "salesperson", "of": "u1"})
    assert app.title[0].value == "Receivables aging"
    assert app.sidebar.selectbox[1].options == ["Name of u2", "Name of u1"]  # who has most customers first
    assert app.metric[0].value == "39,000.00"  # DE-2001 and the credit note of erp:c2
    app.sidebar.selectbox[1].select("u2").run()
    assert app.metric[0].value == "95,000.00"
    assert app.query_params["of"] == "u2"
    app.sidebar.selectbox[0].select("cfo").run()
    assert app.metric[0].value == "134,000"


@pytest.mark.usefixtures("demo")
def test_a_persona_without_any_rows_to_have_sees_none(app: AppTest, published: Path) -> None:
    open_app(app, **{"as": "salesperson"})  # this file names no salesperson
    assert app.metric[0].value == "–"


@pytest.mark.usefixtures("demo")
def test_personas_beside_a_sign_in_show_nothing(app: AppTest) -> None:
    app.secrets["auth"] = {"client_id": "settlehouse"}
    app.user = {"is_logged_in": True, "email": "cfo@example.com"}
    open_app(app)
    assert "Only one of them can be" in app.info[0].value
    assert not app.metric
    assert not app.sidebar.selectbox


@pytest.mark.usefixtures("published")
def test_without_a_sign_in_the_person_at_this_machine_sees_all_and_others_nothing(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_app(app).title[0].value == "Overview"
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: "192.0.2.7"))
    app.run()
    assert "No sign-in is configured" in app.info[0].value
    assert not app.metric


@pytest.mark.usefixtures("published")
def test_a_broken_policy_shows_nothing(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "access_policy.yaml"
    file.write_text("roles: {cfo: {pagse: []}}")
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_POLICY", str(file))
    app.secrets["auth"] = {"client_id": "settlehouse"}
    app.user = {"is_logged_in": True, "email": "cfo@example.com"}
    open_app(app)
    assert "Who may see what cannot be told" in app.info[0].value
    assert not app.metric


def test_secrets_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secrets.toml"
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: [str(file)] if key == "secrets.files" else real(key))

    class Unreadable:
        def __contains__(self, _: object) -> bool:
            raise sign_in.StreamlitSecretNotFoundError("cannot be parsed")

    monkeypatch.setattr(st, "secrets", Unreadable())
    assert not sign_in.provider_is_configured()  # there is no such file
    file.write_text("[auth")
    with pytest.raises(PolicyError, match="cannot be read as TOML"):
        sign_in.provider_is_configured()


def test_a_persona_cannot_be_taken_where_no_demo_is(published: Path) -> None:
    with pytest.raises(sign_in.NoAccess):
        sign_in.take_persona(Grant(role="cfo"))
    assert access.persona_choices("companies") == {}


def test_two_readers_with_other_rights_are_two_scopes() -> None:
    one = Scope("digest", "r", Grant(role="r", rows={"a": ["2", "1", "1"], "b": ["3"]}).values())
    assert one == Scope("digest", "r", Grant(role="r", rows={"b": ["3"], "a": ["1", "2"]}).values())
    others: list[Any] = [
        Scope("other", one.role, one.rows), Scope(one.digest, "s", one.rows), Scope(one.digest, one.role, ()),
        Scope(one.digest, one.role, (("a", ("1",)), ("b", ("3",)))), Scope(),
    ]  # fmt: skip
    assert len({one, *others}) == 1 + len(others)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.usefixtures("demo")
def test_the_picker_speaks_both_languages(app: AppTest, language: str) -> None:
    app.query_params.update({"lang": language})
    app.run()
    words = " ".join([*app.sidebar.selectbox[0].options, *(text.value for text in app.sidebar.caption)])
    assert bool(re.search("[一-鿿]", words)) == (language == "zh")


def test_a_demo_without_anything_published_says_what_to_do(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLEHOUSE_PERSONAS", "1")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(tmp_path / "current.duckdb"))
    open_app(app, **{"as": "salesperson"})
    assert "Nothing has been published yet" in app.info[0].value


@pytest.mark.usefixtures("published")
def test_who_is_taken_out_of_the_policy_sees_nothing_more(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "access_policy.yaml"
    file.write_text("roles: {cfo: {pages: ['*']}}\ngroups: {leads: {role: cfo}}")
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_POLICY", str(file))
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_LOG", str(tmp_path / "logs"))
    app.secrets["auth"] = {"client_id": "settlehouse"}
    app.user = {"is_logged_in": True, "sub": "id-7", "groups": ["leads"]}
    assert open_app(app).title[0].value == "Overview"
    assert next(iter(access_log.entries()))["who"] == "id-7", "a provider may tell no address"
    file.write_text("roles: {cfo: {pages: ['*']}}")
    app.run()
    assert "id-7 is signed in and has no role here" in app.info[0].value.replace("\\", "")
    assert not app.metric
