"""The door opens the published file and nothing else, and never changes it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dashboards import access


@pytest.fixture(autouse=True)
def chosen(published: Path) -> access.PublishedFile:
    return access.choose_file()


def test_money_stays_decimal() -> None:
    frame = access.query("select sum(closing_balance_bank_currency) as balance from marts.fct_bank_statement")
    assert str(frame.dtypes["balance"]).startswith("decimal128")


def test_values_are_parameters_not_text() -> None:
    frame = access.query("select name from marts.dim_company where name = $name", name="' or true --")
    assert frame.empty


def test_the_published_file_cannot_be_written(published: Path) -> None:
    before = hashlib.sha256(published.read_bytes()).hexdigest()
    for statement in ("delete from marts.dim_company", "create table marts.mine as select 1 as one"):
        with pytest.raises(access.NotReadable):
            access.query(statement)
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before


def test_no_other_file_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    with pytest.raises(access.NotReadable):
        access.query(f"select * from read_csv('{tmp_path}/secret.csv')")
    with pytest.raises(access.NotReadable):
        access.query("set enable_external_access = true")


def test_told_attempt_and_what_is_no_attempt(published: Path) -> None:
    told = access.latest_attempt()
    assert told is not None
    assert not told.failed
    (published.parent / "last_run.json").write_text("{half a fi")
    assert access.latest_attempt() is None
