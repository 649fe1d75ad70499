"""Figures of working capital, roll rates and expected credit losses, on sums that can be checked by hand."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add("tryton__company", "company_id | code | name | currency\nL | L | Larch AG | EUR")
    group.add(
        "tryton__customer", "customer_id | code | name | region\nC2 | 2 | Oak Ltd | North\nC4 | 4 | Fir Ltd | South"
    )
    # C2: open 400 before January (paid in January), 900 sold since; 450 open on 31 March, 300 of it not overdue.
    group.add(
        "tryton__receivable",
        """
        receivable_id | company_id | customer_id | posting_date | due_date   | amount_document
        OLD           | A          | C2          | 2023-12-15   | 2023-12-31 | 400
        SOLD          | A          | C2          | 2024-01-20   | 2024-02-10 | 600
        LAST          | A          | C2          | 2024-03-10   | 2024-04-10 | 300
        B1            | L          | C4          | 2023-09-01   | 2024-03-11 | 7000000
        B2            | L          | C4          | 2023-09-01   | 2024-02-10 | 4000000
        B3            | L          | C4          | 2023-09-01   | 2024-01-11 | 2500000
        B4            | L          | C4          | 2023-09-01   | 2023-10-01 | 1000000
        """,
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | company_id | kind    | settlement_date | amount_document
        OLD           | A          | payment | 2024-01-05      | 400
        SOLD          | A          | payment | 2024-03-05      | 450
        """,
    )
    group.add(
        "tryton__payable",
        "payable_id | company_id | posting_date | due_date | amount_document\nP1 | A | 2024-02-01 | 2024-04-01 | 182",
    )
    # Stock of 200 of which 50 is sold.
    group.add(
        "tryton__account",
        "account_id | code | name | type | control | purpose\nSTOCK | 13 | Stock | asset | | inventory\n"
        "COGS | 51 | Cost of sales | expense | | cost_of_sales",
    )
    group.add(
        "tryton__journal_line",
        """
        journal_line_id | journal_entry_id | posting_date | account_id | debit_company | credit_company
        1               | 1                | 2024-01-02   | STOCK      | 250           | 0
        2               | 1                | 2024-01-02   | AP         | 0             | 250
        3               | 2                | 2024-02-02   | COGS       | 50            | 0
        4               | 2                | 2024-02-02   | STOCK      | 0             | 50
        """,
    )
    group.build("loss_rate", command="seed")
    group.build("+path:models/marts/working_capital", as_of="2024-03-31")
    return group


def ratios(group, level: str, entity: str, month: str = "2024-03-01") -> dict[str, tuple[str, str]]:
    rows = group.rows(
        "select ratio, value, empty_reason from marts.fct_working_capital_ratio_monthly "
        f"where level = '{level}' and entity_id = '{entity}' and month_start = '{month}'"
    )
    return {ratio: (value, reason) for ratio, value, reason in rows}


def test_collection_of_a_customer_as_in_decision_33(group):
    """91 days: 450 / 900 x 91 = 45.5; 300 / 900 x 91 = 30.3333; CEI (400 + 900 - 450) / (400 + 900 - 300) = 85 %."""
    assert ratios(group, "customer", "C2") == {
        "days_sales_outstanding": ("45.5000", None),
        "best_possible_days_sales_outstanding": ("30.3333", None),
        "average_days_delinquent": ("15.1667", None),
        "collection_effectiveness_index": ("85.0000", None),
    }


def test_components_add_up_from_month_to_month(group):
    assert group.rows(
        """select month_start, days, opening_amount_company_currency, credit_amount_company_currency,
            closing_amount_company_currency, closing_current_amount_company_currency
        from marts.fct_working_capital_monthly where party_id = 'C2' order by 1"""
    ) == [
        ("2023-12-01", "31", "0.0000", "400.0000", "400.0000", "400.0000"),
        ("2024-01-01", "31", "400.0000", "600.0000", "600.0000", "600.0000"),
        ("2024-02-01", "29", "600.0000", "0.0000", "600.0000", "0.0000"),
        ("2024-03-01", "31", "600.0000", "300.0000", "450.0000", "300.0000"),
    ]


def test_the_cash_conversion_cycle_of_a_company(group):
    """DPO 182 / 182 x 60 days since the first purchase; DIO 200 / 50 x 91 = 364; CCC = 45.5 + 364 - 60 = 349.5."""
    found = ratios(group, "company", "A")
    assert found["days_payables_outstanding"] == ("60.0000", None)
    assert found["days_inventory_outstanding"] == ("364.0000", None)
    assert found["cash_conversion_cycle"] == ("349.5000", None)


def test_without_sales_there_is_no_figure_but_a_reason(group):
    found = ratios(group, "customer", "C4")
    assert found["days_sales_outstanding"] == (None, "no credit sales in the period")
    # Nothing sold, nothing collected: (14.5 - 14.5) / 14.5 million.
    assert found["collection_effectiveness_index"] == ("0.0000", None)
    assert ratios(group, "company", "L")["cash_conversion_cycle"] == (None, "one of its three parts is empty")


def test_roll_rates_follow_each_receivable(group):
    """February: C2's 600 are 19 days overdue. In March 450 of it are paid, 150 roll to 31-60: 150 / 600."""
    assert group.rows(
        """select opening_bucket, opening_amount_company_currency, rolled_amount_company_currency,
            stayed_amount_company_currency, cleared_amount_company_currency, roll_rate
        from marts.fct_receivable_roll_monthly where company_id = 'A' and as_of = '2024-03-31'"""
    ) == [("1-30", "600.0000", "150.0000", "0.0000", "450.0000", "0.250000")]


def test_expected_credit_loss_of_the_textbook(group):
    """7.0 m x 1.5 % + 4.0 m x 3.4 % + 2.5 m x 7.1 % + 1.0 m x 10.8 % = 526,500."""
    losses = group.rows(
        """select bucket, exposure_company_currency, expected_loss_company_currency
        from marts.fct_expected_credit_loss where company_id = 'L' and as_of = '2024-03-31' order by bucket"""
    )
    assert losses == [
        ("1-30", "7000000.0000", "105000.0000"),
        ("31-60", "4000000.0000", "136000.0000"),
        ("61-90", "2500000.0000", "177500.0000"),
        ("91+", "1000000.0000", "108000.0000"),
    ]
    assert sum(float(loss) for *_, loss in losses) == 526_500
