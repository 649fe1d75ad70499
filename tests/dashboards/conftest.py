"""A published file built from the small tables in published.sql, and the app over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from streamlit.testing.v1 import AppTest

from dagster_project.stewardship.store import DecisionStore

OpenPage = Callable[..., AppTest]

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
PAGES = (
    "app_pages/cfo/overview.py",
    "app_pages/cfo/cash.py",
    "app_pages/cfo/forecast.py",
    "app_pages/cfo/track_record.py",
    "app_pages/cfo/variance.py",
    "app_pages/cfo/cash_in.py",
    "app_pages/cfo/scenarios.py",
    "app_pages/cfo/receivables.py",
    "app_pages/analyst/margin.py",
    "app_pages/controller/controls.py",
    "app_pages/controller/bank_reconciliation.py",
    "app_pages/controller/intercompany.py",
    "app_pages/controller/statements.py",
    "app_pages/controller/working_capital.py",
    "app_pages/controller/payables.py",
    "app_pages/controller/tax.py",
    "app_pages/controller/approvals.py",
    "app_pages/controller/risk.py",
    "app_pages/collector/cash_application.py",
    "app_pages/collector/worklist.py",
    "app_pages/collector/customer.py",
    "app_pages/collector/credit.py",
    "app_pages/steward/quality.py",
    "app_pages/steward/issues.py",
    "app_pages/steward/catalogue.py",
    "app_pages/steward/duplicates.py",
    "app_pages/steward/record.py",
    "app_pages/steward/decisions.py",
    "app_pages/auditor/access.py",
)
MEASURES = Path(__file__).parents[2] / "dbt" / "models" / "marts" / "shared" / "_measures.yml"
TABLES = (Path(__file__).parent / "published.sql").read_text(encoding="utf-8")


def told_measures() -> list[tuple[str, ...]]:
    """The rows of dim_measure, as the dbt project defines them."""
    told = yaml.safe_load(MEASURES.read_text(encoding="utf-8"))["models"][0]["config"]["meta"]
    rows: list[tuple[str, ...]] = [
        (
            one["measure"], "measure", one["name"]["en"], one["name"]["zh"], one["definition"]["en"],
            one["definition"]["zh"], one["formula"], one["unit"], ",".join(one["tables"]),
            ",".join(one.get("shown_as", [one["measure"]])), ",".join(one.get("controls", [])), one["rows"],
        )
        for one in told["measures"]
    ]  # fmt: skip
    rows += [
        (name, "attribute", "", "", en, zh, "", "", "", name, "", "") for name, (en, zh) in told["attributes"].items()
    ]
    return rows


def publish(folder: Path, run_id: str, *changes: str) -> Path:
    """Publish the small tables, after ``changes`` in SQL, as ``run_id``; returns the link to the current file."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / f"{run_id}.duckdb")) as connection:
        connection.execute(TABLES)
        connection.execute("update marts.dim_run set run_id = ?", [run_id])
        connection.executemany(f"insert into marts.dim_measure values ({', '.join('?' * 12)})", told_measures())
        for change in changes:
            connection.execute(change)
    link, new = folder / "current.duckdb", folder / "new.duckdb"
    new.symlink_to(f"{run_id}.duckdb")
    new.replace(link)
    (folder / "last_run.json").write_text(
        json.dumps(
            {
                "run_id": run_id,
                "status": "published",
                "started_at": "2026-11-01T06:00:00",
                "finished_at": "2026-11-01T06:04:00",
                "message": "",
            }
        ),
        encoding="utf-8",
    )
    return link


@pytest.fixture(scope="session")
def publish_run() -> Callable[..., Path]:
    """``publish_run(folder, run_id, *changes)`` publishes the small tables there; returns the link."""
    return publish


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The link to a published file; the app is told of it."""
    link = publish(tmp_path / "published", "20261031T0600")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    return link


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DecisionStore:
    """An empty store of decisions; the app is told of it."""
    kept = DecisionStore(f"sqlite:///{tmp_path / 'stewardship.db'}", tmp_path / "stewardship.heads")
    monkeypatch.setenv("SETTLEHOUSE_DECISIONS", kept.url)
    monkeypatch.setenv("SETTLEHOUSE_DECISION_HEADS", str(kept.heads_file))
    return kept


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Open a page of the app as a reader does: ``open_page(page, lang="zh", year="2026")``; fails on any exception."""

    def open_it(page: str, **in_link: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        app.query_params.update({"lang": in_link.get("lang", "en")})
        app.run()
        if page != PAGES[0]:
            app.switch_page(page)
        for name, value in in_link.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, [str(e.message) for e in app.exception]
        assert app.title[0].value != "Settlehouse", [box.value for box in app.info]
        return app

    return open_it


@pytest.fixture
def app() -> AppTest:
    """The app, not yet run."""
    return AppTest.from_file(str(APP), default_timeout=30)


def cards(app: AppTest) -> dict[str, str]:
    return {card.label: card.value for card in app.metric}


def table(app: AppTest, place: int) -> pd.DataFrame:
    return app.dataframe[place].value


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of a form and see the page that follows."""
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, [str(e.message) for e in app.exception]
    return app


def say(app: AppTest, key: str, by: str, why: str) -> None:
    app.text_input(key=f"{key}_by").set_value(by)
    app.text_input(key=f"{key}_why").set_value(why)
