"""Cash in from invoices up: what is open, what is to come, what moves together, and what later rows must not change."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from ml.cash_in import (
    CashInData,
    CashInTables,
    DocumentCash,
    Links,
    cash_in_blocks,
    estimate_links,
    forecast_days,
    largest_debtors,
    observed_luck,
    simulate_cash_in,
)
from ml.features import DAY
from ml.paths import stacked
from ml.receipts import CustomerRecent
from tests.ml.conftest import make_cash_in, make_history

AS_OF = pd.Timestamp("2025-11-15")
PATHS = 100


@pytest.fixture(scope="module")
def data() -> CashInData:
    return make_cash_in(make_history())


@pytest.fixture(scope="module")
def forecaster(data: CashInData) -> CustomerRecent:
    return CustomerRecent().fit(data.invoices, AS_OF)


def test_days_run_to_the_end_of_the_week_that_completes_90() -> None:
    days = forecast_days(AS_OF)
    assert days[0] == AS_OF + DAY
    assert days[-1].day_of_week == 6
    assert AS_OF + 90 * DAY <= days[-1] < AS_OF + 97 * DAY


def test_what_is_open_comes_in_and_no_more(data: CashInData, forecaster: CustomerRecent) -> None:
    paths = simulate_cash_in(data, AS_OF, forecaster, paths=PATHS)
    assert (paths.cents >= 0).all()
    known = data.invoices[data.invoices["invoice_date"] <= AS_OF]
    owed = round(known.loc[~(known["cleared_date"] <= AS_OF), "amount"].sum() * 100)
    opened = paths.where(paths.series["component"] == "open").roll_up([]).cents.sum(axis=2)
    assert opened.max() <= owed
    # late payers of 30 days and all others come in within 90
    assert opened.mean() > 0.95 * owed


def test_new_invoices_go_on_at_the_pace_they_came(data: CashInData, forecaster: CustomerRecent) -> None:
    paths = simulate_cash_in(data, AS_OF, forecaster, paths=PATHS)
    new = paths.where(paths.series["component"] == "new").roll_up([]).cents.sum(axis=2) / 100
    a_day = data.invoices["amount"].sum() / 365
    # invoiced for some 90 days, paid 30 and more days later: between a month and two of invoices
    assert 30 * a_day < new.mean() < 65 * a_day


def test_what_came_after_the_day_changes_nothing(data: CashInData) -> None:
    cut = replace(
        data,
        invoices=data.invoices[data.invoices["invoice_date"] <= AS_OF].assign(
            cleared_date=lambda f: f["cleared_date"].where(f["cleared_date"] <= AS_OF)
        ),
        payments=data.payments[data.payments["day"] <= AS_OF],
        sales=data.sales[data.sales["order_date"] <= AS_OF].assign(
            invoice_date=lambda f: f["invoice_date"].where(f["invoice_date"] <= AS_OF),
            due_date=lambda f: f["due_date"].where(f["invoice_date"] <= AS_OF),
        ),
    )
    made = [simulate_cash_in(one, AS_OF, CustomerRecent().fit(one.invoices, AS_OF), paths=PATHS) for one in (data, cut)]
    assert made[0].series.equals(made[1].series)
    assert (made[0].cents == made[1].cents).all()


def test_the_order_of_rows_changes_nothing(data: CashInData, forecaster: CustomerRecent) -> None:
    turned = CashInData(**{f.name: getattr(data, f.name).iloc[::-1] for f in fields(CashInData)})
    once = simulate_cash_in(data, AS_OF, forecaster, paths=PATHS)
    again = simulate_cash_in(turned, AS_OF, forecaster, paths=PATHS)
    assert (once.cents == again.cents).all()


def test_shared_luck_widens_the_sum(data: CashInData, forecaster: CustomerRecent) -> None:
    widths = []
    for links in (Links(0.0, 0.0), Links(0.4, 0.3)):
        paths = simulate_cash_in(data, AS_OF, forecaster, links, paths=PATHS)
        month = paths.where(paths.series["component"] == "open").roll_up([]).cumulative().cents[0, :, 9]
        widths.append(month.std())
    assert widths[1] > 1.3 * widths[0]


def test_links_are_read_off_the_past() -> None:
    random = np.random.default_rng(5)
    frames = []
    for origin in range(30):
        customer = np.repeat(np.arange(40), 5)
        luck = (
            np.sqrt(0.1) * random.standard_normal()
            + np.sqrt(0.3) * random.standard_normal(40)[customer]
            + np.sqrt(0.6) * random.standard_normal(200)
        )
        frames.append(
            pd.DataFrame({"origin": pd.Timestamp("2025-01-01") + origin * DAY, "customer_id": customer, "luck": luck})
        )
    links = estimate_links(pd.concat(frames))
    assert links.customer == pytest.approx(0.3, abs=0.06)
    assert links.everyone == pytest.approx(0.1, abs=0.06)


def test_without_a_past_links_are_the_start_values() -> None:
    assert estimate_links(pd.DataFrame({"origin": [], "customer_id": [], "luck": []})) == Links()


def test_luck_of_a_good_forecast_is_about_standard_normal(data: CashInData) -> None:
    origin = AS_OF - 60 * DAY
    luck = observed_luck(data.invoices, CustomerRecent().fit(data.invoices, origin), origin, AS_OF)
    assert len(luck) > 30
    assert abs(luck["luck"].mean()) < 0.5
    assert 0.3 < luck["luck"].std() < 1.3


def test_notes_come_at_maturity_and_a_bank_holiday_moves_them(data: CashInData, forecaster: CustomerRecent) -> None:
    notes = pd.DataFrame(
        {
            "note_id": ["n1"], "company_id": ["erp:1"], "customer_id": ["late"], "currency": ["EUR"],
            "received_date": [AS_OF - 30 * DAY], "maturity_date": [pd.Timestamp("2025-12-25")],
            "ended_date": [pd.NaT], "ending": [None], "amount": [1000.0], "cash": [np.nan],
        }
    )  # fmt: skip
    on_weekdays = data.payments[data.payments["day"].dt.day_of_week < 5]
    data = replace(data, notes=notes, payments=on_weekdays)
    paths = simulate_cash_in(data, AS_OF, forecaster, paths=PATHS)
    cash = paths.where(paths.series["component"] == "notes").roll_up([]).cents[0]
    # the 25th and 26th of December are holidays, then comes a weekend
    assert paths.days[np.flatnonzero(cash[0])].tolist() == [pd.Timestamp("2025-12-29")]
    assert (cash.sum(axis=1) == 100_000).all()


def test_money_received_and_not_applied_is_not_expected_again(data: CashInData, forecaster: CustomerRecent) -> None:
    known = data.invoices[(data.invoices["invoice_date"] <= AS_OF) & ~(data.invoices["cleared_date"] <= AS_OF)]
    owed = known[(known["customer_id"] == "late") & (known["company_id"] == "erp:1")]["amount"].sum()
    credits = pd.DataFrame(
        {
            "credit_id": ["c1"], "company_id": ["erp:1"], "customer_id": ["late"], "currency": ["EUR"],
            "day": [AS_OF - DAY], "cleared_date": [pd.NaT], "amount": [owed],
        }
    )  # fmt: skip
    buckets = {"late": "late"}
    paths = simulate_cash_in(replace(data, credits=credits), AS_OF, forecaster, paths=PATHS, by_customer=buckets)
    series = paths.series
    left = (series["customer_bucket"] == "late") & (series["component"] == "open") & (series["company_id"] == "erp:1")
    assert not left.any()


@pytest.mark.parametrize("rows", [0, 2, 40])
def test_little_or_no_history_gives_a_forecast_all_the_same(rows: int) -> None:
    history = make_history(rows=max(rows, 1)).head(rows)
    history["invoice_date"] = AS_OF - pd.to_timedelta(np.arange(rows) % 21, unit="D")
    history["due_date"] = history["invoice_date"] + 30 * DAY
    history["cleared_date"] = pd.NaT
    few = make_cash_in(make_history(rows=4))
    few = replace(
        few,
        invoices=few.invoices.iloc[:0] if not rows else history,
        payments=few.payments.iloc[:0],
        sales=few.sales.iloc[:0] if not rows else history.rename(columns={"receivable_id": "sale_id"}).assign(
            order_date=history["invoice_date"], promised_date=history["invoice_date"]
        ),
    )  # fmt: skip
    paths = simulate_cash_in(few, AS_OF, CustomerRecent().fit(few.invoices, AS_OF), paths=20)
    assert np.isfinite(paths.mean()).all()
    assert (paths.cents.sum() > 0) == (rows > 0)


def test_published_levels_add_up_exactly(data: CashInData, forecaster: CustomerRecent) -> None:
    tables = CashInTables(AS_OF, {"EUR": 7.7512345}, "CNY", {"erp:1": "EUR", "erp:2": "EUR"})
    buckets = largest_debtors(data, AS_OF, {"EUR": 1.0}, 2)
    tables.add(simulate_cash_in(data, AS_OF, forecaster, paths=PATHS, by_customer=buckets))
    made = tables.forecast()
    for period in ("day", "week", "month"):
        at = (
            made[made["period"] == period]
            .groupby(["level", "period_day"])["total_cents_reporting"]
            .sum()
            .unstack("level")
        )
        for level in at:
            assert at[level].equals(at["group"].rename(level))
    components = made[[f"total_cents_{part}" for part in ("open", "new", "notes")]].sum(axis=1)
    assert (components == made["total_cents"]).all()
    kept = tables.paths()
    assert set(kept["customer_bucket"]) == {*buckets, "other"}
    assert (
        kept["cents"].sum()
        == made[(made["level"] == "company_currency") & (made["period"] == "day")]["total_cents"].sum()
    )
    receipts = tables.receipts()
    leaf = made[(made["level"] == "leaf") & (made["company_id"] == "erp:1") & (made["period"] == "week")]
    assert receipts[("erp:1", "EUR")].sum() == leaf["total_cents"].sum()


def test_documents_add_up_to_what_is_open_week_by_week(data: CashInData, forecaster: CustomerRecent) -> None:
    documents = DocumentCash(AS_OF, PATHS)
    paths = stacked(list(cash_in_blocks(data, AS_OF, forecaster, paths=PATHS, documents=documents)))
    silent = simulate_cash_in(data, AS_OF, forecaster, paths=PATHS)
    assert (paths.cents == silent.cents).all(), "asking for documents changes no path"
    currencies = dict.fromkeys(paths.series["currency"], 1.0)
    books = dict.fromkeys(data.companies["company_id"], next(iter(currencies)))
    told = documents.frame(currencies, books).groupby("week_start")["expected_amount"].sum()
    known = paths.where((paths.series["component"] != "new") & (paths.series["segment"] != "Intercompany")).by_week()
    expected = known.cents.sum(axis=0).mean(axis=0) / 100
    assert told.reindex(known.days).fillna(0.0).to_numpy() == pytest.approx(expected, abs=0.02 * len(known.series))
