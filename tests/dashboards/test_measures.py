"""Every figure on every page is defined once, in the dbt project, in both languages; and no definition is idle."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dagster_project.catalogue import CATALOGUE
from dashboards.components import table as shown_table
from dashboards.components.about import About
from dashboards.components.language import labels

ROOT = Path(__file__).parents[2]
PAGES = sorted(file for file in (ROOT / "dashboards" / "app_pages").rglob("*.py"))
OpenPage = Callable[..., AppTest]
# A figure of the whole catalogue, not of the three columns of the small tables.
WHOLE_CATALOGUE = f"""
    create or replace table marts.catalogue_column as
    select * from read_csv('{CATALOGUE}', header = true, all_varchar = true)
"""


def page_name(file: Path) -> str:
    return str(file.relative_to(ROOT / "dashboards"))


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    import yaml

    file = ROOT / "dbt" / "models" / "marts" / "shared" / "_measures.yml"
    meta = yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0]["config"]["meta"]
    return {one["measure"]: one for one in meta["measures"]}


@pytest.fixture
def open_whole(
    open_page: OpenPage, publish_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenPage:
    """Opens pages over the small tables with the real catalogue."""
    link = publish_run(tmp_path / "whole", "20261031T0600", WHOLE_CATALOGUE)
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    return open_page


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[pd.DataFrame, About]]:
    """What show_table described, table by table."""
    seen: list[tuple[pd.DataFrame, About]] = []
    describe = shown_table.describe

    def spy(frame: pd.DataFrame, *rest: object) -> About:
        about = describe(frame, *rest)  # type: ignore[arg-type]
        seen.append((frame, about))
        return about

    monkeypatch.setattr(shown_table, "describe", spy)
    return seen


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_card_and_column_explains_itself(
    open_whole: OpenPage, shown: list[tuple[pd.DataFrame, About]], page: Path
) -> None:
    app = open_whole(page_name(page), lang="zh")
    silent = [card.label for card in app.metric if not card.proto.help]
    assert not silent, "give the card help=explain(…) with a measure of dbt/models/marts/shared/_measures.yml"
    silent = [
        f"{column} of {', '.join(about.tables)}"
        for _, about in shown
        for column in about.headings
        if not about.definitions[column].meaning
    ]
    assert not silent, "say in _measures.yml which measure is shown_as the column, or what the attribute means"
    measures = [one for _, about in shown for one in about.definitions.values() if one.is_measure]
    assert all(re.search("[一-鿿]", one.meaning) for one in measures)


def test_every_measure_is_used_and_every_used_one_is_told(
    open_whole: OpenPage, shown: list[tuple[pd.DataFrame, About]], told: dict[str, dict[str, object]]
) -> None:
    for page in PAGES:
        open_whole(page_name(page))
    for view in ("members", "bridge", "budget", "what_if", "lines"):
        open_whole("app_pages/analyst/margin.py", show=view, **{"from": "2026-08", "against": "2025-05"})
    open_whole("app_pages/cfo/overview.py", cell_week="2026-11-02", cell_line="receipts")
    open_whole("app_pages/controller/risk.py", alert="alert-twice")
    open_whole("app_pages/controller/payables.py", invoice="pi1")
    open_whole("app_pages/controller/bank_reconciliation.py", of="b1", on="2026-10-20")
    names = {str(one["name"]["en"]): name for name, one in told.items()}  # type: ignore[index]
    used = {names.get(one.name, "") for _, about in shown for one in about.definitions.values() if one.is_measure}
    named: set[str] = set()
    for file in (ROOT / "dashboards").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "explain":
                named |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    used |= {f"catalogue_{name}" for name in ("tables", "columns", "with_rules", "with_source")}
    used |= {f"access_{name}" for name in ("views", "exports", "refused", "people")}
    # named by their query
    used |= {"week_wape", "ninety_days_wape", "better_than_smoothing", "week_covered", "week_crps"}
    # flows that move nothing in the small tables are left out of the sheet
    used |= {f"forecast_{flow}" for flow in ("tax", "intercompany", "debt", "capital_projects")}
    used |= {f"{weeks}_weeks_{score}" for weeks in ("near", "far") for score in ("wape", "covered")}
    used |= {"item_never_paid"}  # of the invoices of a customer that is picked
    assert sorted(named - set(told)) == [], "pages name measures that nobody defines"
    assert sorted(set(told) - used) == [], "definitions that no page uses"


def test_definitions_speak_of_what_is_there(told: dict[str, dict[str, object]]) -> None:
    catalogue = pd.read_csv(CATALOGUE, dtype=str, keep_default_na=False)
    tables = set(catalogue["table_name"]) | {"catalogue_column", "access_log"}
    controls = {name.strip() for line in catalogue["controls"] for name in line.split(",")}
    controls |= {file.stem.removeprefix("control_") for file in (ROOT / "dbt").rglob("control_*.sql")}
    controls |= {"statement"} | {
        name
        for file in (ROOT / "dbt").rglob("control_*.sql")
        for name in re.findall(r"'(\w+)' as control\b", file.read_text(encoding="utf-8"))
    }
    pages = {file.stem for file in PAGES}
    for name, one in told.items():
        assert set(one["tables"]) <= tables, name  # type: ignore[call-overload]
        assert set(one.get("controls", [])) <= controls, name  # type: ignore[call-overload]
        assert one["rows"] in pages, name
        for language in ("en", "zh"):
            assert f"unit.{one['unit']}" in labels(language), name
            assert re.search("[一-鿿]", one["definition"][language]) is not None or language == "en", name  # type: ignore[index]


def test_pages_hold_no_definition_of_their_own() -> None:
    own = [
        f"{page.name}: {ast.unparse(node)[:60]}"
        for page in PAGES
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "metric"
        for keyword in node.keywords
        if keyword.arg == "help" and getattr(getattr(keyword.value, "func", None), "id", "") != "explain"
    ]
    assert own == []


@pytest.mark.usefixtures("published")
def test_about_these_figures_names_run_filters_controls_faults_and_rows(open_page: OpenPage) -> None:
    app = open_page("app_pages/cfo/receivables.py", company="erp:1")
    app.session_state["open_items_about"] = True
    app.run()
    assert not app.exception
    texts = [text.value for text in (*app.caption, *app.markdown)]
    assert any("20261031T0600" in text and "2026-10-31" in text for text in texts)
    assert any("erp:1" in text for text in texts), "the filter in force"
    assert any("What customers owed" in text and "sum(open_amount_reporting_currency)" in text for text in texts)
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert links["Receivables = ledger: 2 of 2 agree"] == "control=receivable_ledger&lang=en"
    assert links["Customer: 2"] == "object=customer&lang=en", "open faults of customers"
    assert "Receivables aging" in links, "the way to the rows"


@pytest.mark.usefixtures("published")
def test_the_workbook_of_a_page_has_its_rows_filters_and_definitions(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, Callable[[], bytes]] = {}
    show_button = shown_table.st.download_button

    def spy(label: str, data: Callable[[], bytes], **rest: object) -> object:
        offered[str(rest["file_name"])] = data
        return show_button(label, data, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(shown_table.st, "download_button", spy)
    open_page("app_pages/cfo/receivables.py", lang="zh", company="erp:2")
    book = openpyxl.load_workbook(io.BytesIO(offered["open_receivables_2026-10-31.xlsx"]()))
    assert book.sheetnames == ["数据", "定义"]
    rows = list(book["数据"].iter_rows(values_only=True))
    assert rows[0][:3] == ("发票号", "客户", "到期日")
    numbers, amounts = [row[0] for row in rows[1:]], [row[5] for row in rows[1:]]
    assert numbers == ["DE-2001", "=1+1", None]
    assert amounts == [40000, 10000, -1000]
    assert book["数据"]["A3"].data_type == "s", "an invoice number runs nothing"
    told = [row[:4] for row in book["定义"].iter_rows(values_only=True)]
    assert ("运行", "20261031T0600") in [row[:2] for row in told]
    assert any("公司: erp:2" in str(row[1]) for row in told), "the filter in force"
    open_amount = next(row for row in told if row[1] == "open_amount_reporting_currency")
    assert "未清" in str(open_amount[0])
    assert "客户尚欠的金额" in str(open_amount[2])
    assert str(open_amount[3]).startswith("sum(open_amount_reporting_currency)")
    assert offered["open_receivables_2026-10-31.csv"]().startswith(b"\xef\xbb\xbf")


def test_an_older_file_without_definitions_is_shown_without_them(
    open_page: OpenPage, publish_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = publish_run(tmp_path / "older", "20261031T0500", "drop table marts.dim_measure")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    app = open_page("app_pages/cfo/cash.py")
    assert len(app.metric) == 4
    assert len(app.dataframe) == 2
