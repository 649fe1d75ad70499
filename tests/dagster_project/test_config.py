"""company.yml: what is accepted, and the one line that says what is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.config import ConfigError, load_settings
from dagster_project.errors import SettlehouseError
from dagster_project.forecasting import check_floors

GOOD = """
group:
  name: Nordlicht
  reporting_currency: EUR
  cash_floor: 100000.10
  time_zone: Europe/Brussels
home: out
sources:
  - name: erp
    system: tryton
    url: sqlite:///data/erp.sqlite
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "company.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_paths_count_from_the_files_own_folder(tmp_path: Path):
    settings = load_settings(write(tmp_path, GOOD))
    assert settings.home == tmp_path / "out"
    assert settings.sources[0].url == f"sqlite:///{tmp_path / 'data' / 'erp.sqlite'}"
    assert settings.group.cash_floor == Decimal("100000.10")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("home: out", "house: out"), "unknown key 'house'. Allowed here: group, home, sources"),
        (("  cash_floor", "  cash_flor"), "unknown key 'group.cash_flor'. Allowed here: name, reporting_currency"),
        (("    url:", "    uri:"), "unknown key 'sources.0.uri'. Allowed here: name, system, url, path"),
        (("system: tryton", "system: tritium"), "key 'sources.0.system': 'tritium' is not one of "),
        (("reporting_currency: EUR", "reporting_currency: euro"), "key 'group.reporting_currency'"),
        (("Europe/Brussels", "Europe/Bruxelles"), "not a time zone of the IANA database"),
        (("sqlite:///data/erp.sqlite", "oracle://x"), "url must start with one of sqlite:///"),
        (("    url: sqlite:///data/erp.sqlite", "    path: data"), "needs url, and no path"),
        (("url: sqlite:///data/erp.sqlite", "url: postgresql://${NO_SUCH_NAME}@h/d"), "NO_SUCH_NAME, which is not set"),
        (("  name: Nordlicht\n", ""), "key 'group.name' is missing"),
        (("group:", "group: ["), "not readable as YAML"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, change: tuple[str, str], message: str):
    with pytest.raises(ConfigError) as caught:
        load_settings(write(tmp_path, GOOD.replace(*change)))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_floors_of_single_companies(tmp_path: Path):
    floors = "group:\n  company_cash_floors: {'erp:1': 25000.50, 'erp:2': 0}\n"
    settings = load_settings(write(tmp_path, GOOD.replace("group:\n", floors)))
    assert settings.group.company_cash_floors == {"erp:1": Decimal("25000.50"), "erp:2": Decimal(0)}
    for wrong, said in (("-1", "the floor of 'erp:1' must be 0 or more"), ("much", "company_cash_floors.erp:1")):
        with pytest.raises(ConfigError, match=said):
            load_settings(write(tmp_path, GOOD.replace("group:\n", floors.replace("25000.50", wrong))))


def test_a_floor_of_an_unknown_company_names_those_there_are(tmp_path: Path):
    floors = "group:\n  company_cash_floors: {'erp:9': 5}\n"
    settings = load_settings(write(tmp_path, GOOD.replace("group:\n", floors)))
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts; create table marts.dim_company as select 'erp:1' as company_id")
        with pytest.raises(SettlehouseError, match="there is no company 'erp:9'"):
            check_floors(settings, warehouse)


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such file"):
        load_settings(tmp_path / "nothing.yml")


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ERP_PASSWORD", "s3cret-word")
    url = "postgresql://clerk:${ERP_PASSWORD}@erp.example/tryton"
    settings = load_settings(write(tmp_path, GOOD.replace("sqlite:///data/erp.sqlite", url)))
    source = settings.sources[0]
    assert source.url == "postgresql://clerk:s3cret-word@erp.example/tryton"
    assert source.secrets == ("s3cret-word",)


def test_two_sources_of_one_name(tmp_path: Path):
    twice = GOOD + "  - {name: erp, system: tryton, url: 'sqlite:///other.sqlite'}\n"
    with pytest.raises(ConfigError, match="two sources are named 'erp'"):
        load_settings(write(tmp_path, twice))
