"""The direct forecast of groups that have little: no intercompany, no documents, nothing at all."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dagster_project.forecasting import DirectInputs, positions_of, simulate_direct

AS_OF = pd.Timestamp("2025-11-15")
DATES = ("invoice_date", "due_date", "cleared_date", "moved_on", "known_on", "planned_date", "run_date")
DOCUMENT = (
    "receivable_id", "company_id", "customer_id", "invoice_date", "due_date", "cleared_date", "amount", "currency",
    "counterparty_company_id",
)  # fmt: skip


def frame(columns: tuple[str, ...], *rows: tuple[object, ...]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(columns))
    for column in set(columns) & set(DATES):
        made[column] = pd.to_datetime(made[column]).astype("datetime64[ns]")
    return made


def inputs(*payables: tuple[object, ...], statements: int = 1) -> DirectInputs:
    return DirectInputs(
        receivables=frame(DOCUMENT),
        receivable_history=frame(DOCUMENT),
        receivable_cash_share=frame(("company_id", "customer_id", "cash_share", "settlements")),
        payables=frame(DOCUMENT, *payables),
        payable_history=frame(DOCUMENT, *payables),
        payable_cash_share=frame(("company_id", "customer_id", "cash_share", "settlements")),
        movements=frame(("company_id", "currency", "flow", "component", "moved_on", "known_on", "amount")),
        planned=frame(("company_id", "currency", "flow", "component", "planned_date", "amount", "spread", "recurs")),
        run_days=frame(("company_id", "run_date")),
        accounts=frame(
            ("company_id", "currency", "cash_floor", "rate", "opening_reporting_currency", "statements",
             "statements_with_rate", "opening_own", "statements_in_other_currency"),
            ("A", "EUR", None, 1.0, 500.0 if statements else None, statements, statements,
             500.0 if statements else None, 0),
        ),
        reporting_currency="EUR",
        group_floor=100.0,
    )  # fmt: skip


def test_nothing_known_leaves_the_opening_as_it_is():
    direct = inputs()
    made = positions_of(direct, simulate_direct(direct, AS_OF))
    assert (made.positions["closing_mean"] == 500.0).all()
    assert (made.positions.query("scope == 'group'")["probability_below_floor"] == 0.0).all()


def test_two_documents_and_no_history_give_a_sensible_forecast():
    owed = [("P1", "A", "S1", "2025-11-01", "2025-11-20", None, 300.0, "EUR", None),
            ("P2", "A", "S1", "2025-11-05", "2025-12-05", None, 150.0, "EUR", None)]  # fmt: skip
    direct = inputs(*owed)
    simulated = simulate_direct(direct, AS_OF)
    paid = simulated.flows[("A", "EUR", "supplier_payments")].sum(axis=1).mean()
    assert -450.0 <= paid < -225.0
    again = simulate_direct(direct, AS_OF)
    assert (again.flows[("A", "EUR", "supplier_payments")] == simulated.flows[("A", "EUR", "supplier_payments")]).all()


def test_documents_add_up_to_the_mean_of_the_paths_week_by_week():
    owed = [("P1", "A", "S1", "2025-11-01", "2025-11-20", None, 300.0, "EUR", None),
            ("P2", "A", "S1", "2025-11-05", "2025-12-05", None, 150.0, "EUR", None)]  # fmt: skip
    plan = frame(
        ("company_id", "currency", "flow", "component", "planned_date", "amount", "spread", "recurs",
         "planned_cash_item_id"),
        ("A", "EUR", "payroll", "net_pay", "2025-11-25", -80.0, 0.2, True, "pay"),
        ("A", "EUR", "receipts", "memo_records", "2025-12-01", 40.0, 0.0, False, "memo"),
    )  # fmt: skip
    simulated = simulate_direct(replace(inputs(*owed), planned=plan), AS_OF)
    told = simulated.documents
    assert set(told["document_id"]) == {"P1", "P2", "pay", "memo"}
    assert set(told.loc[told["flow"] == "supplier_payments", "document_type"]) == {"payable"}
    for (_, _, flow), paths in simulated.flows.items():
        by_week = told[told["flow"] == flow].groupby("week_start")["expected_amount"].sum()
        expected = by_week.reindex(simulated.weeks).fillna(0.0).to_numpy()
        # the payables are their own history here, so nothing comes beside them in the first weeks
        assert expected[:3] == pytest.approx(paths.mean(axis=0)[:3], abs=1e-9), flow


@pytest.mark.parametrize("scope", ["company", "currency", "group"])
def test_no_statement_no_figure(scope: str):
    direct = inputs(statements=0)
    made = positions_of(direct, simulate_direct(direct, AS_OF)).positions.query(f"scope == '{scope}'")
    assert len(made)
    assert made["closing_mean"].isna().all()
    assert (made["empty_reason"] == "no_bank_statement").all()
