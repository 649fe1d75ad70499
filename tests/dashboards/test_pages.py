"""Every page shows the sums of the published tables, in both languages, and says plainly what it cannot show."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

CASH, FORECAST, RECEIVABLES = "app_pages/cfo/cash.py", "app_pages/cfo/forecast.py", "app_pages/cfo/receivables.py"
CASH_IN, SCENARIOS = "app_pages/cfo/cash_in.py", "app_pages/cfo/scenarios.py"
MARGIN, ISSUES = "app_pages/analyst/margin.py", "app_pages/steward/issues.py"
CATALOGUE = "app_pages/steward/catalogue.py"
LEDGER = "app_pages/controller/ledger.py"
BANK_RECONCILIATION = "app_pages/controller/bank_reconciliation.py"
CONTROLS, INTERCOMPANY = "app_pages/controller/controls.py", "app_pages/controller/intercompany.py"
STATEMENTS, APPROVALS = "app_pages/controller/statements.py", "app_pages/controller/approvals.py"
RISK = "app_pages/controller/risk.py"
WORKING_CAPITAL, TAX = "app_pages/controller/working_capital.py", "app_pages/controller/tax.py"
QUALITY, DUPLICATES = "app_pages/steward/quality.py", "app_pages/steward/duplicates.py"
RECORD, DECISIONS = "app_pages/steward/record.py", "app_pages/steward/decisions.py"
WORKLIST, CREDIT = "app_pages/collector/worklist.py", "app_pages/collector/credit.py"
STEWARD = (QUALITY, ISSUES, DUPLICATES, RECORD, DECISIONS)
TRACK_RECORD, VARIANCE = "app_pages/cfo/track_record.py", "app_pages/cfo/variance.py"
OVERVIEW, CUSTOMER = "app_pages/cfo/overview.py", "app_pages/collector/customer.py"
PAGES = (
    OVERVIEW,
    CASH,
    FORECAST,
    TRACK_RECORD,
    VARIANCE,
    CASH_IN,
    SCENARIOS,
    RECEIVABLES,
    MARGIN,
    CONTROLS,
    BANK_RECONCILIATION,
    INTERCOMPANY,
    LEDGER,
    STATEMENTS,
    WORKING_CAPITAL,
    TAX,
    APPROVALS,
    "app_pages/collector/cash_application.py",
    WORKLIST,
    CUSTOMER,
    CREDIT,
    *STEWARD,
)
FACTS = (
    "fct_bank_statement",
    "fct_bank_statement_file",
    "fct_bank_movement",
    "fct_bank_reconciliation_daily",
    "fct_journal_line",
    "fct_receivable_aging",
    "fct_receivable",
    "fct_receivable_settlement",
    "fct_sales_invoice_line",
    "fct_cash_forecast",
    "fct_cash_forecast_document",
    "fct_note",
    "fct_cash_flow_daily",
    "fct_cash_in_forecast",
    "fct_cash_in_path",
    "fct_cash_flow_forecast",
    "fct_cash_position_forecast",
    "fct_cash_breach_path",
    "fct_planned_cash_item",
    "fct_memo_record",
    "fct_forecast_score",
    "fct_tie_out",
    "fct_intercompany_pair",
    "fct_ledger_comparison",
    "fct_ledger_difference",
    "fct_balance_sheet",
    "fct_vat_payable_monthly",
    "fct_tax_declaration",
    "fct_working_capital_ratio_monthly",
    "fct_receivable_roll_monthly",
    "fct_expected_credit_loss",
    "fct_consolidation",
    "fct_income_statement",
    "fct_cash_flow_statement",
    "fct_data_issue",
    "fct_approval_check",
    "fct_risk_alert",
    "fct_risk_evidence",
    "catalogue_column",
    "fct_data_issue_event",
    "fct_quality_score",
    "fct_quality_owner",
    "fct_match_candidate",
    "dim_customer_source",
    "fct_forecast_backtest",
    "fct_forecast_version",
    "fct_forecast_outcome",
    "fct_forecast_bridge",
    "fct_forecast_variance",
    "fct_collection_worklist",
    "fct_collection_item",
    "fct_payment_promise",
    "fct_late_payment_alert",
    "fct_credit_assessment",
    "fct_credit_grade",
    "fct_cash_application",
    "fct_cash_application_line",
    "fct_cash_application_candidate",
    "fct_payment_proposal",
    "fct_payment_plan",
    "fct_payment_plan_company",
    "fct_three_way_match",
)
OpenPage = Callable[..., AppTest]


def cards(app: AppTest) -> dict[str, str]:
    """Label → figure of the cards on the page."""
    return {card.label: card.value for card in app.metric}


def table(app: AppTest, place: int) -> pd.DataFrame:
    return app.dataframe[place].value


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_page_says_which_run_it_shows_and_has_no_label_missing(open_page: OpenPage, page: str, language: str) -> None:
    app = open_page(page, lang=language)
    strip = next(text.value for text in app.markdown if "20261031T0600" in text.value)
    assert "2026-10-31" in strip
    assert "2026-11-01 06:04" in strip
    assert not app.warning or page in (OVERVIEW, CASH)
    seen = [element.value for element in (*app.title, *app.caption, *app.subheader, *app.markdown)]
    seen += [card.label for card in app.metric] + [box.label for box in app.selectbox]
    seen += [frame.proto.columns for frame in app.dataframe]
    for label_family in (
        "column.",
        "filter.",
        "cash.",
        "forecast.",
        "receivables.",
        "margin.",
        "issues.",
        "level.",
        "controls.",
        "bank_reconciliation.",
        "break_cause.",
        "file_state.",
        "sequence_state.",
        "intercompany.",
        "ledger.",
        "statements.",
        "working_capital.",
        "tax.",
        "approvals.",
        "risk.",
        "risk_pattern.",
        "payables.",
        "payment_reason.",
        "catalogue.",
        "verdict.",
        "quality.",
        "duplicates.",
        "record.",
        "decisions.",
        "decide.",
        "track_record.",
        "variance.",
        "worklist.",
        "credit.",
        "alert.",
        "memo.",
        "component.",
        "overview.",
        "sheet.",
        "customer.",
        "document.",
    ):
        assert not [text for text in seen if f'"{label_family}' in text or text.startswith(label_family)]
    chinese = any("一" <= character <= "鿿" for character in app.title[0].value)
    assert chinese == (language == "zh")


@pytest.mark.usefixtures("published")
def test_cash_is_the_newest_statement_known_of_each_account(open_page: OpenPage) -> None:
    app = open_page(CASH)
    # 250,000.50 in Shanghai and EUR 25,000 at 8; the statement of November is not known yet.
    assert cards(app) == {
        "Cash now, CNY": "450,000",
        "Cash floor, CNY": "300,000",
        "Headroom, CNY": "150,000",
        "Bank accounts": "3",
    }
    by_company, by_account = table(app, 0), table(app, 1)
    assert by_company["closing_balance_reporting_currency"].tolist() == [Decimal("250000.5"), Decimal(200000)]
    assert by_account["closing_balance_bank_currency"].dropna().tolist() == [Decimal("250000.5"), Decimal(25000)]
    assert "no statement yet" in app.warning[0].value
    assert app.warning[0].value.endswith(": 1")


@pytest.mark.usefixtures("published")
def test_overview_begins_with_cash_and_ends_with_how_good_forecasts_were(open_page: OpenPage) -> None:
    app = open_page(OVERVIEW)
    shown = cards(app)
    assert shown["Cash now, CNY"] == "450,000"
    assert shown["Least headroom, CNY"] == "154,500"
    assert shown["As forecast, CNY"] == "8,150.00"  # 1,000 + 2,000 + 300 + 8 × 550, and of c1 450 on average
    assert shown["Customers pay later, CNY"] == "7,750.00"  # the last 50 euro come after the 90 days
    assert table(app, 0)["closing_balance_reporting_currency"].sum() == Decimal("450000.5")
    assert table(app, 0)["share_percent"].sum().quantize(Decimal("0.1")) == Decimal("100.0")
    by_currency = app.segmented_control(key="cash_by").set_value("currency").run()
    assert table(by_currency, 0)["name"].tolist() == ["CNY", "EUR"]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("line", "company", "cell"),
    [
        ("receipts", None, Decimal(90000)),
        ("receipts", "erp:1", Decimal(10000)),
        ("supplier_payments", "erp:1", Decimal(-6000)),
        ("net", None, Decimal(4500)),
        ("opening_cash", None, Decimal("450000.5")),
        ("closing_cash", None, Decimal("454500.5")),
        ("headroom", None, Decimal("154500.5")),
    ],
)
def test_what_a_cell_is_made_of_adds_up_to_the_cell(
    open_page: OpenPage, line: str, company: str | None, cell: Decimal
) -> None:
    of_company = {"company": company} if company else {}
    app = open_page(OVERVIEW, cell_week="2026-11-02", cell_line=line, **of_company)
    shown = table(app, 1)
    assert shown[line].iloc[0] == cell
    made_of = table(app, 2)
    assert made_of["expected_amount"].sum() == shown[line].iloc[0]
    if line == "receipts" and company is None:
        assert made_of["document_number"].dropna().tolist() == ["DE-2001", "CN-1001", "N-1"]
        assert made_of["expected_amount"].tolist() == [32000, 6000, 3000, 49000]


@pytest.mark.usefixtures("published")
def test_forecast_goes_from_cash_now_by_weekly_flows_to_closing(open_page: OpenPage) -> None:
    app = open_page(FORECAST)
    # Net of a week: CNY 500 and EUR 500 at 8.
    assert cards(app)["On 2027-01-31, CNY"] == "508,500"  # 450,000.50 + 13 × 4,500
    assert cards(app)["Chance to fall under the floor"] == "0.0 %"
    sheet = table(app, 0)
    assert len(sheet) == 13
    assert (sheet["opening_cash"] + sheet["net"] == sheet["closing_cash"]).all()
    assert sheet["receipts"].tolist() == [Decimal(90000)] * 13
    assert "tax" not in sheet, "a flow without money is left out"
    assert sheet["headroom"].iloc[0] == Decimal("154500.5")
    scores = table(app, 3)
    assert scores["value"].tolist() == [2.8, 0.75, 0.79], "the newest backtest, counts left out"
    assert scores["baseline_value"].tolist()[:2] == [4.2, 0.60]
    assert scores["better_percent"].round(1).tolist()[:2] == [33.3, 25.0]
    assert scores[["baseline_value", "better_percent"]].iloc[2].isna().all()
    assert scores["level"].tolist() == ["Payment of receivables", "Payment of receivables", "Receipts"]


@pytest.mark.usefixtures("published")
def test_a_company_is_forecast_in_its_own_currency_and_with_its_own_floor(open_page: OpenPage) -> None:
    one = open_page(FORECAST, company="erp:2")
    assert cards(one)["On 2027-01-31, EUR"] == "31,500.00"  # 25,000 + 13 × 500
    assert table(one, 0)["headroom"].isna().all(), "no floor of its own"
    other = open_page(FORECAST, company="erp:1")
    assert table(other, 0)["headroom"].iloc[0] == Decimal("10500.5")
    assert cards(other)["Chance to fall under the floor"] == "20.0 %"
    causes = table(other, 2)
    assert causes["flow"].tolist() == ["Receipts", "Supplier payments", "Payroll", "Net flow"]
    assert causes["difference"].iloc[:-1].sum() == causes["difference"].iloc[-1] == Decimal(-17000)


@pytest.mark.usefixtures("published")
def test_a_company_without_statement_has_a_sentence_and_no_figure(open_page: OpenPage) -> None:
    app = open_page(FORECAST, company="erp:3")
    assert "No bank statement of this company is read" in app.info[0].value
    assert not cards(app)
    assert table(app, 0)["closing_cash"].isna().all()
    group = open_page(FORECAST)
    assert any("leaves them out: erp:3" in note.value for note in group.info)


@pytest.mark.usefixtures("published")
def test_planned_items_stand_behind_a_flow_and_actual_ones_do_not(open_page: OpenPage) -> None:
    items = table(open_page(FORECAST), 1)
    assert items["document_number"].tolist() == ["S-7", "memo-1", "INV-1", "2026-11"], "by the day of the money"
    narrowed = open_page(FORECAST, company="erp:1")
    narrowed.session_state["flow"] = "supplier_payments"
    of_flow = table(narrowed.run(), 1)
    assert of_flow["document_number"].tolist() == ["S-7"]
    assert of_flow["amount_document_currency"].tolist() == [Decimal(-6000)]


@pytest.mark.usefixtures("published")
def test_receivables_add_up_and_filter_down_to_the_invoice(open_page: OpenPage) -> None:
    app = open_page(RECEIVABLES)
    assert cards(app) == {
        "Open, CNY": "134,000",
        "Overdue, CNY": "74,000.00",
        "Share overdue": "55.2 %",
        "Over 90 days, CNY": "10,000.00",
    }
    assert table(app, 0)["total"].sum() == Decimal(134000) == table(app, 1)["open_amount_reporting_currency"].sum()
    late = open_page(RECEIVABLES, company="erp:2", bucket="91+")
    assert table(late, 1)["invoice_number"].tolist() == ["=1+1"]
    earlier = app.date_input(key="as_of").set_value(date(2026, 9, 30)).run()
    assert cards(earlier)["Open, CNY"] == "35,000.00"
    assert cards(open_page(RECEIVABLES, as_of="2026-09-30"))["Open, CNY"] == "35,000.00"


@pytest.mark.parametrize(
    ("day", "owed"), [("2026-10-31", "134,000"), ("2026-09-30", "35,000.00"), ("2026-10-11", "80,000.00")]
)
def test_aging_of_a_day_that_is_not_kept_is_worked_out(
    open_page: OpenPage,
    publish_run: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    owed: str,
) -> None:
    link = publish_run(tmp_path / "unkept", "20261031T0600", "delete from marts.fct_receivable_aging")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    app = open_page(RECEIVABLES, as_of=day)
    # On the 11th: 30,000 in Shanghai, of which 5,000 came the day after, and 5,000 and 1,250 euro at 8.
    assert cards(app)["Open, CNY"] == owed
    assert "as they stand today" in " ".join(note.value for note in app.caption)


@pytest.mark.usefixtures("published")
def test_a_customer_is_told_in_full_and_a_link_names_it(open_page: OpenPage) -> None:
    app = open_page(CUSTOMER, customer="erp:c1")
    assert app.header[0].value == "北京华信电子有限公司"
    assert cards(app) == {
        "Open, CNY": "85,000.00",
        "Overdue, CNY": "25,000.00",
        "Expected within 30 days, CNY": "72,750.00",
        "Grade": "B",
    }
    assert table(app, 0)["invoice_number"].tolist() == ["CN-0990", "CN-1001"]
    assert table(app, 1)["days_late"].tolist() == [9]
    headings = [heading.value for heading in app.subheader]
    assert "Disputes (1)" in headings
    assert "Promises (1)" in headings
    assert open_page(CUSTOMER).header[0].value == "北京华信电子有限公司", "without a link the largest"


def test_a_list_that_is_cut_says_so(
    open_page: OpenPage, publish_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = """
        insert into marts.fct_receivable_aging
        select as_of, 'many' || number, company_id, customer_id, invoice_number, due_date, document_currency,
            open_amount_document_currency, open_amount_company_currency, 1.00, days_overdue, bucket
        from marts.fct_receivable_aging, range(6000) as numbers (number)
        where receivable_id = 'r1'
    """
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(publish_run(tmp_path / "many", "20261031T0900", many)))
    app = open_page(RECEIVABLES)
    assert len(table(app, 1)) == 5000
    assert any("first 5,000 rows" in caption.value for caption in app.caption)
    assert cards(app)["Open, CNY"] == "140,000", "totals count all"


@pytest.mark.usefixtures("published")
def test_margin_drills_by_link_and_every_step_adds_up(open_page: OpenPage) -> None:
    always = {"from": "2025-05", "to": "2026-10", "against": "nothing"}
    app = open_page(MARGIN, **always)
    # Credit note DE-2003 has no cost: it is in revenue, and neither in margin nor in margin %.
    assert cards(app) == {
        "Revenue, CNY": "126,000",
        "Cost, CNY": "81,000.00",
        "Margin, CNY": "49,000.00",
        "Margin %": "37.7 %",
    }
    assert "-4,000.00 CNY" in app.info[0].value
    path: dict[str, str] = {}
    # Not the order of the menu: any will do.
    members = {
        "customer": ("erp:c2", "Müller & Söhne KG"),
        "category": ("Pumps", "Pumps"),
        "region": ("Europe", "Europe"),
        "product": ("erp:p1", "Pump P-100"),
        "channel": ("Online", "Online"),
        "company": ("erp:2", "Beispiel GmbH"),
        "country": ("DE", "DE"),
    }
    for level, (member, name) in members.items():
        here = open_page(MARGIN, by=level, **path, **always)
        steps = table(here, 0)
        total = cards(here)["Revenue, CNY"].replace(",", "")
        assert steps["revenue_reporting_currency"].sum() == Decimal(total)
        assert name in steps["member"].tolist()
        path[f"at_{level}"] = member
    assert [button.label for button in here.button if str(button.key).startswith("crumb_")] == [
        "All sales", *(name for level, (_, name) in members.items() if level != "country")
    ]  # fmt: skip
    lines = table(open_page(MARGIN, **path, **always), 0)
    assert lines["invoice_line_id"].tolist() == ["l3"]
    assert lines["margin_reporting_currency"].tolist() == [Decimal(18000)]


@pytest.mark.usefixtures("published")
def test_margin_of_a_fiscal_period(open_page: OpenPage) -> None:
    assert cards(open_page(MARGIN, **{"from": "2025-05", "to": "2025-12"}))["Revenue, CNY"] == "10,000.00"
    assert cards(open_page(MARGIN, **{"from": "2026-10"}))["Revenue, CNY"] == "80,000.00"
    unknown = open_page(MARGIN, **{"from": "1999-01"})
    assert cards(unknown)["Revenue, CNY"] == "116,000", "an unknown period in a link: the fiscal year so far"
    assert unknown.query_params["from"] == "2026-01", "the link says what is shown"


@pytest.mark.usefixtures("published")
def test_margin_of_periods_beside_earlier_ones(open_page: OpenPage) -> None:
    app = open_page(MARGIN, **{"from": "2026-08", "to": "2026-09", "against": "2025-05"})
    assert {card.label: card.delta for card in app.metric} == {
        "Revenue, CNY": "+260.0 %", "Cost, CNY": "+175.0 %", "Margin, CNY": "+800.0 %", "Margin %": "+25.0 points",
    }  # fmt: skip
    europe = table(app, 0).iloc[0]
    assert (europe["compared_revenue_reporting_currency"], europe["margin_change_reporting_currency"]) == (10000, 16000)
    bridge = table(open_page(MARGIN, show="bridge", **{"from": "2026-08", "to": "2026-09", "against": "2025-05"}), 0)
    # One pump for 1,250 EUR at 8 CNY then; five for 1,000 each now. Pieces ×5, price −1,250 EUR, cost 1,000 to 550 EUR.
    assert bridge.set_index("effect")["margin_effect"].to_dict() == {
        "Before": 2000, "Volume": 8000, "Mix": 0, "Price": -10000, "Unit cost": 18000, "Currency": 0,
        "Came and went": 0, "Now": 18000,
    }  # fmt: skip


@pytest.mark.usefixtures("published")
def test_margin_beside_the_budget(open_page: OpenPage) -> None:
    rows = table(open_page(MARGIN, show="budget", at_company="erp:2"), 0)
    columns = ["line", "budget_reporting_currency", "actual_reporting_currency", "variance_percent"]
    assert rows[columns].to_numpy().tolist() == [
        ["Revenue", 4800, 4000, Decimal("-16.7")],
        ["Cost of sales", 3200, 2800, Decimal("-12.5")],
        ["Gross profit", 1600, 1200, Decimal("-25.0")],
    ]
    by_region = open_page(MARGIN, show="budget", at_region="Europe")
    assert any("It has no Region" in box.value for box in by_region.info), "a budget is of whole companies"


@pytest.mark.usefixtures("published")
def test_what_if_down_to_net_profit(open_page: OpenPage) -> None:
    # Europe sells for 36,000 CNY in EUR, 4,000 of it returned without a cost, and bought for 22,000 in EUR.
    moved = {"show": "what_if", "at_region": "Europe", "price": "10", "discount": "5", "cost": "2", "rate_EUR": "-4"}
    app = open_page(MARGIN, **moved, tax="25")
    rows = table(app, 0).set_index("figure")["what_if_reporting_currency"]
    factor = Decimal("1.10") * Decimal("0.95") * Decimal("0.96")
    margin = 40000 * factor - 22000 * Decimal("1.02") * Decimal("0.96")
    assert rows["Revenue"] == 36000 * factor
    assert rows["Margin"] == margin
    assert rows["Net profit"] == 390 + (margin - 18000) * Decimal("0.75")
    assert app.query_params["price"] == "10.0", "the link keeps what was tried"
    untouched = table(open_page(MARGIN, show="what_if"), 0)
    assert untouched["change_reporting_currency"].tolist() == [0, 0, 0, 0]


@pytest.mark.usefixtures("published")
def test_the_link_of_a_view_holds_all_of_it(open_page: OpenPage) -> None:
    app = open_page(MARGIN, show="what_if", at_customer="erp:c2", price="3", lang="zh")
    told = parse_qs(app.code[0].value.partition("?")[2])
    assert told == {
        "lang": ["zh"], "from": ["2026-01"], "to": ["2026-10"], "against": ["year_before"], "at_customer": ["erp:c2"],
        "show": ["what_if"], "price": ["3.0"],
    }  # fmt: skip


@pytest.mark.usefixtures("published")
def test_a_link_cannot_inject_sql(open_page: OpenPage) -> None:
    app = open_page(MARGIN, at_region="Europe' or '1'='1")
    assert cards(app)["Revenue, CNY"] == "–"
    assert app.info[-1].value == "Nothing to show here."


@pytest.mark.usefixtures("published")
def test_breadcrumb_steps_back(open_page: OpenPage) -> None:
    app = open_page(MARGIN, at_region="Europe", at_country="DE")
    assert cards(app)["Revenue, CNY"] == "36,000.00"
    app.button(key="crumb_region").click().run()
    assert cards(app)["Revenue, CNY"] == "36,000.00"
    assert "at_country" not in app.query_params
    app.button(key="crumb_all").click().run()
    assert cards(app)["Revenue, CNY"] == "116,000"


@pytest.mark.usefixtures("published")
def test_issues_are_all_there_with_owner_and_money(open_page: OpenPage) -> None:
    app = open_page(ISSUES)
    # Customer c1 breaks two rules, its money is at stake once; the resolved fault is gone.
    assert cards(app) == {
        "Open issues": "3",
        "Critical": "2",
        "Overdue": "1",
        "Money at stake, CNY": "97,000.00",
    }
    rules, records = table(app, 0), table(app, 1)
    assert rules["rule"].tolist() == ["Tax identifier wrong", "Bank account number wrong", "Country missing"]
    assert rules["owner"].tolist() == ["Data steward", "Treasury", "Data steward"]
    assert sorted(records["source_key"]) == ["c1", "c1", "s7"]
    assert "IBAN does not pass its check" in records["detail"].tolist()
    overdue = open_page(ISSUES, overdue="true")
    assert table(overdue, 1)["failed_value"].tolist() == ["91310000ABC"]
    of_supplier = open_page(ISSUES, object="supplier", lang="zh")
    assert table(of_supplier, 1)["detail"].tolist() == ["IBAN 校验未通过"]


@pytest.mark.parametrize("page", PAGES)
def test_empty_tables_make_empty_pages_not_errors(
    open_page: OpenPage,
    publish_run: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    link = publish_run(tmp_path / "empty", "20261031T0700", *(f"delete from marts.{fact}" for fact in FACTS))
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    app = open_page(page)
    cards_left = {OVERVIEW: 1, BANK_RECONCILIATION: 5} | dict.fromkeys(
        (FORECAST, TRACK_RECORD, VARIANCE, CASH_IN, SCENARIOS, CUSTOMER), 0
    )
    assert len(app.metric) == cards_left.get(page, 4)
    assert app.info or page == CASH


def test_nothing_published_yet_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app: AppTest) -> None:
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(tmp_path / "current.duckdb"))
    app.run()
    assert not app.exception
    assert "settlehouse run" in app.info[0].value
    monkeypatch.delenv("SETTLEHOUSE_PUBLISHED")
    app.run()
    assert not app.exception
    assert "settlehouse serve" in app.info[0].value


def test_damaged_and_incomplete_files_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app: AppTest, publish_run: Callable[..., Path]
) -> None:
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(b"not a database")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(damaged))
    app.run()
    assert not app.exception
    assert "cannot be read" in app.info[0].value
    older = publish_run(tmp_path / "older", "20261031T0800", "drop table marts.fct_bank_statement")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(older))
    app.run()
    assert not app.exception
    assert "fct_bank_statement" in app.info[0].value


def test_failed_latest_run_is_told_and_the_last_answers_stay(open_page: OpenPage, published: Path) -> None:
    (published.parent / "last_run.json").write_text(
        json.dumps(
            {
                "run_id": "20261101T0600",
                "status": "failed",
                "started_at": "2026-11-02T06:00:00",
                "finished_at": "2026-11-02T06:01:00",
                "message": "control receivables = ledger: Beispiel GmbH differs by 12.00",
            }
        ),
        encoding="utf-8",
    )
    for page in PAGES:
        warning = open_page(page).warning[0].value
        assert "20261101T0600" in warning
        assert "Beispiel GmbH differs by 12.00" in warning
        assert "2026-10-31" in warning
    assert cards(open_page(CASH))["Cash now, CNY"] == "450,000"


def test_reader_follows_a_new_run_and_a_roll_back(
    open_page: OpenPage, published: Path, publish_run: Callable[..., Path]
) -> None:
    app = open_page(CASH)
    assert cards(app)["Cash now, CNY"] == "450,000"
    more = "update marts.fct_bank_statement set closing_balance_reporting_currency = 500000 where is_newest"
    publish_run(published.parent, "20261101T0600", more)
    app.run()
    assert cards(app)["Cash now, CNY"] == "1,000,000"
    assert any("20261101T0600" in text.value for text in app.markdown)
    back = published.parent / "back.duckdb"
    back.symlink_to("20261031T0600.duckdb")
    back.replace(published)
    app.run()
    assert cards(app)["Cash now, CNY"] == "450,000"


@pytest.mark.usefixtures("published")
def test_language_is_switched_in_the_page_and_kept_in_the_link(open_page: OpenPage) -> None:
    app = open_page(CASH)
    assert app.title[0].value == "Cash now"
    app.button_group(key="lang").set_value("zh").run()
    assert app.title[0].value == "当前资金"
    assert app.query_params["lang"] == "zh"


@pytest.mark.usefixtures("published")
def test_certificate_counts_differences_and_shows_both_totals(open_page: OpenPage) -> None:
    app = open_page(CONTROLS)
    assert cards(app) == {"Comparisons": "4", "Agree": "3", "Blocking differences": "0", "Other differences": "1"}
    assert table(app, 0)["control"].tolist() == ["Bank = ledger", "Receivables = ledger"], "differences stand first"
    first = table(app, 1).iloc[0]
    assert (first["left_total"], first["right_total"], first["difference"]) == (
        Decimal("250030.5"),
        Decimal("250000.5"),
        Decimal(30),
    )
    assert first["company"] == "上海示例贸易有限公司"
    assert cards(open_page(CONTROLS, company="erp:2"))["Comparisons"] == "2"
    assert cards(open_page(CONTROLS, differences="true"))["Comparisons"] == "1"
    assert table(open_page(CONTROLS, control="receivable_ledger"), 1)["company"].tolist() == [
        "Beispiel GmbH",
        "上海示例贸易有限公司",
    ]


@pytest.mark.usefixtures("published")
def test_intercompany_breaks_have_cause_owner_and_age(open_page: OpenPage) -> None:
    app = open_page(INTERCOMPANY)
    assert cards(app) == {
        "Pairs of invoices": "4",
        "Open breaks": "2",
        "Open differences, CNY": "1,480.00",  # 80 and 1,400
        "Oldest break, days": "45",
    }
    by_direction, breaks = table(app, 0), table(app, 1)
    assert by_direction["sales_reporting_currency"].tolist() == [Decimal(1400), Decimal(11700)]
    assert by_direction["open_difference_reporting_currency"].tolist() == [Decimal(1400), Decimal(80)]
    assert breaks["document_number"].tolist() == ["IC-3", "PI-2", "PI-4"], "open ones first, oldest first"
    assert breaks["status"].tolist() == ["Missing at the buyer", "Amount", "Timing"]
    assert table(open_page(INTERCOMPANY, cause="amount"), 1)["difference_document_currency"].tolist() == [Decimal(10)]


@pytest.mark.usefixtures("published")
def test_ledger_differences_have_document_and_cause(open_page: OpenPage) -> None:
    app = open_page(LEDGER)
    assert cards(app) == {"Accounts and periods": "4", "Equal": "2", "Share equal": "50.0 %", "Unexplained": "0"}
    by_cause, listed = table(app, 0), table(app, 1)
    assert by_cause["cause"].tolist() == ["Entry by hand", "Not in the ledger"]
    assert by_cause["amount_company_currency"].tolist() == [Decimal(25), Decimal(5)]
    assert listed["document_number"].tolist() == ["JE-7", "JE-7", "c1", "c1"], "largest first"
    assert table(open_page(LEDGER, cause="not_in_ledger"), 1)["document_type"].tolist() == ["Expense claim"] * 2


@pytest.mark.usefixtures("published")
def test_statements_have_subtotals_and_a_residual(open_page: OpenPage) -> None:
    app = open_page(STATEMENTS)
    assert cards(app) == {
        "Revenue of the year, CNY": "1,500.00",  # 1,000 and 500
        "Result of the year, CNY": "390.00",
        "Cash at the end, CNY": "900.00",
        "Equity at the end, CNY": "690.00",
    }
    income = table(app, 0).set_index("line")
    assert income.columns.tolist() == ["total", "2026-10", "2026-09"]
    assert income.index.tolist() == [
        "Revenue",
        "Cost of sales",
        "Σ Gross profit",
        "Operating expenses",
        "Σ Operating result",
        "Other",
        "Σ Result before tax",
        "Income tax",
        "Σ Result",
    ]
    assert income.loc["Σ Gross profit"].tolist() == [Decimal(600), Decimal(200), Decimal(400)]  # 500 − 300; 1,000 − 600
    assert income.loc["Σ Result"].tolist() == [Decimal(390), Decimal(120), Decimal(270)]
    sheet = table(open_page(STATEMENTS, statement="balance_sheet"), 0).set_index("line")["2026-10"]
    assert sheet["Σ Total assets"] == Decimal(1100)  # 900 and 200
    assert sheet["Σ Liabilities and equity"] == Decimal(1095)  # 405, 300 and 390
    assert sheet["Difference left"] == Decimal(5)
    own = open_page(STATEMENTS, statement="cash_flow_direct", company="erp:2", currency="company_currency")
    flow = table(own, 0).set_index("line")["2026-10"]
    assert flow["Σ Operating activities"] == Decimal(30)  # 50 − 20
    assert flow["Difference left"] == Decimal(0)  # 100 + 30 − 130
    assert cards(own)["Cash at the end, EUR"] == "130.00"


@pytest.mark.usefixtures("published")
def test_tax_by_month_and_declarations_that_differ_first(open_page: OpenPage) -> None:
    app = open_page(TAX, company="erp:1")
    assert cards(app) == {
        "Output tax, 2026-10 CNY": "130.00",
        "Input tax, 2026-10 CNY": "90.00",
        "Payable, 2026-10 CNY": "25.00",  # 130 − 90 − 15 brought forward
        "Carried forward, 2026-10 CNY": "0.00",
    }
    months, declarations = table(app, 0), table(app, 1)
    assert months["month"].tolist() == ["2026-10", "2026-09"]
    assert months["surcharges"].iloc[0] == Decimal(3)  # 1.75 and 1.25
    assert declarations["tax_difference"].tolist() == [Decimal(-7), Decimal(0)]
    assert declarations["tax_direction"].tolist() == ["Input", "Output"]


@pytest.mark.usefixtures("published")
def test_working_capital_of_the_month_by_member(open_page: OpenPage) -> None:
    app = open_page(WORKING_CAPITAL)
    assert cards(app) == {"DSO, days": "59.30", "CEI": "87.2 %", "DPO, days": "40.20", "CCC, days": "83.40"}
    assert table(app, 0)["days_sales_outstanding"].tolist() == [Decimal(61), Decimal(50)]
    assert table(app, 1)["roll_rate_percent"].tolist() == [Decimal(25)]
    assert table(app, 2)["expected_loss_reporting_currency"].tolist() == [Decimal(500), Decimal(1080)]
    earlier = open_page(WORKING_CAPITAL, month="2026-09", by="customer")
    assert cards(earlier)["DSO, days"] == "55.00"
    assert table(earlier, 0)["member"].tolist() == ["Müller & Söhne KG"]


@pytest.mark.usefixtures("published")
def test_approvals_outside_the_matrix_are_counted_and_listed(open_page: OpenPage) -> None:
    app = open_page(APPROVALS)
    assert cards(app) == {
        "Documents under the matrix": "4",
        "Approved outside it": "3",
        "Amount outside it, CNY": "29,500.00",  # 12,000.00 + 8,500.00 + 9,000.00
        "Parts of split orders": "2",
    }
    listed = table(app, 0)
    assert listed["verdict"].tolist() == ["Split under the limit", "Split under the limit", "Beyond the limit"]
    assert listed["document_number"].tolist() == ["PO-4", "PO-3", "PO-2"]
    # mia approved four, three of them outside.
    assert table(app, 1)[["approved_by", "documents", "outside_matrix"]].to_numpy().tolist() == [["mia", 4, 3]]
    only = open_page(APPROVALS, verdict="beyond_limit")
    assert table(only, 0)["document_number"].tolist() == ["PO-2"]


@pytest.mark.usefixtures("published")
def test_risk_alerts_are_counted_and_opened_down_to_their_documents(open_page: OpenPage) -> None:
    app = open_page(RISK)
    assert cards(app) == {
        "Open alerts": "1",
        "Critical": "1",
        "At stake, CNY": "5,000.00",
        "Documents behind them": "3",
    }
    assert table(app, 0)["pattern"].tolist() == ["Bank account changed before payment", "Invoice entered twice"]
    opened = open_page(RISK, alert="alert-twice", lang="zh")
    assert table(opened, 1)["document_number"].tolist() == ["PI-1", "PI-2"]
    assert table(opened, 1)["amount_at_stake_company_currency"].tolist() == [Decimal(0), Decimal(300)]
    assert cards(open_page(RISK, status="accepted"))["At stake, CNY"] == "0.00"


@pytest.mark.usefixtures("published")
def test_breaks_are_counted_by_cause_and_opened_down_to_the_lines_of_both_sides(open_page: OpenPage) -> None:
    app = open_page(BANK_RECONCILIATION)
    assert cards(app) == {
        "Open breaks": "3",
        "Money in breaks, CNY": "8,200.50",
        "Oldest break, days": "24",
        "Files rejected": "1",
        "Gaps in statements": "1",
    }
    by_cause, breaks, gaps, rejected, files = (table(app, place) for place in range(5))
    assert by_cause[["break_cause", "break_count"]].to_numpy().tolist() == [
        ["Received, not applied to items", 1], ["At the bank, not booked", 1], ["Amounts differ", 1],
    ]  # fmt: skip
    assert breaks["break_amount_company_currency"].tolist() == [Decimal(1000), Decimal(25), Decimal("-0.5")]
    assert gaps[["sequence_state", "missing_statement_count"]].to_numpy().tolist() == [
        ["Opens elsewhere than the one before closed", 1]
    ]
    assert rejected[["statement_file", "file_line"]].to_numpy().tolist() == [["coba_09.sta", 1]]
    assert files["file_state"].tolist()[:2] == ["Rejected", "Received"]
    opened = open_page(BANK_RECONCILIATION, of="b1", on="2026-10-20", lang="zh")
    assert table(opened, 2)["bank_line_amount"].tolist() == [Decimal("40000.5")]
    assert table(opened, 3)["entry_debit_company_currency"].tolist() == [Decimal(40000)]  # the ERP's, not the derived


@pytest.mark.usefixtures("published")
def test_breaks_of_one_company_cause_and_month(open_page: OpenPage) -> None:
    shanghai = open_page(BANK_RECONCILIATION, company="erp:1")
    assert cards(shanghai)["Money in breaks, CNY"] == "0.50"
    assert cards(shanghai)["Files rejected"] == "0"  # whose file that is, nobody knows
    assert cards(open_page(BANK_RECONCILIATION, cause="not_applied"))["Money in breaks, CNY"] == "8,000.00"
    assert cards(open_page(BANK_RECONCILIATION, account="b2", month="2026-10"))["Open breaks"] == "2"
    assert cards(open_page(BANK_RECONCILIATION, on="no day", of="b2"))["Open breaks"] == "3"


@pytest.mark.usefixtures("published")
def test_catalogue_is_searched_by_any_word(open_page: OpenPage) -> None:
    app = open_page(CATALOGUE)
    assert cards(app) == {
        "Tables": "2",
        "Columns": "3",
        "Guarded by rules or controls": "2",
        "Made from source columns": "2",
    }
    for word in ("NAME ON", "t_kehu"):  # in the meaning, in the source
        assert table(open_page(CATALOGUE, search=word), 0)["column_name"].tolist() == ["name"]
    assert table(open_page(CATALOGUE, search="receivable_ledger"), 0)["table_name"].tolist() == ["fct_receivable"]
    assert cards(open_page(CATALOGUE, search="no such word"))["Columns"] == "0"
    only = table(open_page(CATALOGUE, table="fct_receivable"), 0)
    assert only["column_name"].tolist() == ["amount_document_currency"]


@pytest.mark.usefixtures("published")
def test_track_record_stands_beside_every_baseline(open_page: OpenPage) -> None:
    app = open_page(TRACK_RECORD, level="90 days")
    assert any("52 forecasts" in text.value and "2025-08-03" in text.value for text in app.caption)
    assert next(box for box in app.selectbox if box.key == "horizon").value == "90 days"
    scores = table(app, 0)
    assert scores["metric"].tolist() == ["WAPE, %", "Bias, % of what came", "CRPS, % of what came"]
    assert scores["model_score"].tolist() == pytest.approx([11, -2, 8])
    for baseline in ("due_date", "customer_recent_average", "seasonal_naive", "auto_ets"):
        assert scores[baseline].tolist() == pytest.approx([22, -4, 16])
    assert scores["better_percent"].tolist() == pytest.approx([50.0] * 3)
    covered = table(app, 1)
    assert covered["nominal_percent"].unique().tolist() == [80.0]
    assert covered["covered_percent"].tolist() == pytest.approx([79.0] * 3)


@pytest.mark.usefixtures("published")
def test_every_forecast_ever_made_is_listed_with_what_came(open_page: OpenPage) -> None:
    kept = table(open_page(TRACK_RECORD), 2)
    assert kept["run_id"].tolist() == ["20261031T0600", "20260927T0600"]
    # two companies, four weeks; 100 of 900 · 4 + 1000 · 7 · 4 was missed each week in Shanghai; EUR 1 was CNY 7
    assert kept["company_weeks_known"].tolist() == [0, 8]
    assert kept["wape_percent"].iloc[1] == pytest.approx(100 * 400 / (3600 + 28000))


@pytest.mark.usefixtures("published")
def test_trailing_four_weeks_by_line(open_page: OpenPage) -> None:
    lines = table(open_page(VARIANCE, company="erp:1"), 0)
    assert lines["flow"].tolist() == ["Receipts", "Supplier payments", "Net flow"]
    assert lines["forecast_amount"].tolist() == [4000, -2400, 1600]
    assert lines["actual_amount"].tolist() == [3600, -2400, 1600]
    assert lines["difference"].tolist() == [-400, 0, 0]


@pytest.mark.usefixtures("published")
def test_variance_bridge_adds_up_and_drills_to_documents(open_page: OpenPage) -> None:
    app = open_page(VARIANCE)
    shown = cards(app)
    assert shown["Forecast of 2026-09-27, CNY"] == "1,500.00"
    assert shown["Difference, CNY"] == "0.50"
    causes, documents, weeks = table(app, 1), table(app, 2), table(app, 3)
    assert causes["amount"].sum() == Decimal("0.50")
    assert causes["cause"].tolist() == ["Timing", "Permanent", "Not itemised"]
    assert len(documents) == 4
    assert weeks["difference"].tolist() == [Decimal("-119.50"), Decimal(120)]
    assert weeks["cumulative_difference"].tolist() == [Decimal("-119.50"), Decimal("0.50")]
    over = open_page(VARIANCE, span="Over (forecast to actual)")
    assert cards(over)["Difference, CNY"] == "-119.50"
    assert table(over, 1)["amount"].sum() == Decimal("-119.50")


@pytest.mark.usefixtures("published")
def test_cash_in_of_90_days_is_the_sum_of_its_members(open_page: OpenPage) -> None:
    app = open_page(CASH_IN)
    # CNY 1,000 + 450 on average + 2,000 + 300, and EUR 550 at 8
    assert cards(app)["Expected in 90 days, CNY"] == "8,150.00"
    for by in ("company", "region", "segment"):
        app.button_group(key="cash_in_by").set_value(by).run()
        members = table(app, 1)
        assert members["mean"].sum() == Decimal("8150.00")
    app.button_group(key="cash_in_by").set_value("currency").run()
    app.selectbox(key="pick_cash_in_currency").set_value("erp:2|EUR").run()
    assert cards(app)["Expected in 90 days, EUR"] == "550.00"


@pytest.mark.usefixtures("published")
def test_scenarios_change_the_paths_and_nothing_else(open_page: OpenPage) -> None:
    in_all = table(open_page(SCENARIOS), 0).set_index("scenario")
    assert in_all.loc["As forecast", "mean"] == Decimal("8150.00")
    # ten days later, EUR 50 of 25 January comes after the 90 days
    assert in_all.loc["Customers pay later", "difference"] == Decimal("-400.00")
    # EUR 500 of c2 is more than c1's CNY 1,450
    assert in_all.loc["A customer fails", "difference"] == Decimal("-4000.00")
    assert in_all.loc["Sales change", "difference"] == Decimal("-200.00")
    assert in_all.loc["A currency moves", "difference"] == Decimal("-220.00")
    assert in_all.loc["As forecast", "p10"] < in_all.loc["As forecast", "p90"]


@pytest.mark.usefixtures("published")
def test_a_scenario_may_speak_of_one_customer_or_region(open_page: OpenPage) -> None:
    in_all = table(open_page(SCENARIOS, late_region="CN North China"), 0).set_index("scenario")
    assert in_all.loc["Customers pay later", "difference"] == 0
    in_all = table(open_page(SCENARIOS, failing="erp:c1"), 0).set_index("scenario")
    assert in_all.loc["A customer fails", "difference"] == Decimal("-1450.00")
    weeks = table(open_page(SCENARIOS, late_customer="erp:c1"), 1)
    moved = weeks[(weeks["scenario"] == "Customers pay later") & (weeks["difference"] != 0)]
    assert [f"{day:%m-%d}" for day in moved["week_start"]] == ["11-02", "11-09"]
    assert moved["difference"].sum() == 0
