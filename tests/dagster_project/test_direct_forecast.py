"""The direct forecast of groups that have little: no intercompany, no documents, nothing at all."""

from __future__ import annotations

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


@pytest.mark.parametrize("scope", ["company", "currency", "group"])
def test_no_statement_no_figure(scope: str):
    direct = inputs(statements=0)
    made = positions_of(direct, simulate_direct(direct, AS_OF)).positions.query(f"scope == '{scope}'")
    assert len(made)
    assert made["closing_mean"].isna().all()
    assert (made["empty_reason"] == "no_bank_statement").all()
