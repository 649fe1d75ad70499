"""Currencies: types of rate, what can't be converted, realised and unrealised differences, foreign books translated."""

from __future__ import annotations

import pytest

from dagster_project.publishing.audit import AuditError, audit

INVOICES = """
invoice_id | invoice_number | company_id | invoice_date | net_amount_document
IA         | IA             | A          | 2024-01-15   | 100
IB         | IB             | B          | 2024-01-15   | 100
IC         | IC             | C          | 2024-02-15   | 100
IY         | IY             | Y          | 2024-02-15   | 100
"""
LINES = """
invoice_line_id | invoice_id | company_id | quantity | net_amount_document | net_amount_company
LA              | IA         | A          | 1        | 100                 | 100
LB              | IB         | B          | 1        | 100                 | 100
LC              | IC         | C          | 1        | 100                 | 100
LY              | IY         | Y          | 1        | 100                 | 100
"""


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    # B keeps dollars and has rates of its own from February, C keeps dollars in an ERP without rates, Y keeps yen.
    group.add(
        "tryton__company",
        """
        company_id | name | currency | source_system
        B          | B    | USD      | erp
        C          | C    | USD      | bare
        Y          | Y    | JPY      | erp
        """,
    )
    group.add(
        "tryton__exchange_rate",
        """
        currency | rate_date  | units_per_base
        EUR      | 2024-01-01 | 1
        USD      | 2024-02-01 | 1.25
        """,
    )
    group.add("tryton__sales_invoice", INVOICES)
    group.add("tryton__sales_invoice_line", LINES)
    group.build("+fct_tie_out dim_exchange_rate")
    return group


def test_reporting_amounts(group):
    assert group.rows(
        "select invoice_line_id, net_amount_reporting_currency from marts.fct_sales_invoice_line order by 1"
    ) == [("LA", "100.0000"), ("LB", None), ("LC", "80.0000"), ("LY", None)]


def test_a_missing_rate_keeps_the_run_from_being_published_and_says_which(group):
    assert group.rows(
        """select left_total, detail, blocking, passed from marts.fct_tie_out
           where control = 'exchange_rate' order by detail"""
    ) == [
        (
            "1.0000", "JPY: no rate from 2024-02-15 to 2024-02-15 on 1 days, 1 documents, first: IY", "true", "false",
        ),
        (
            "1.0000", "USD: no rate from 2024-01-15 to 2024-01-15 on 1 days, 1 documents, first: IB", "true", "false",
        ),
    ]  # fmt: skip
    # What the run asks before it publishes.
    with pytest.raises(AuditError) as refused:
        audit(group.path)
    assert "not published: blocking control failed: exchange_rate" in str(refused.value)
    assert "JPY: no rate from 2024-02-15 to 2024-02-15 on 1 days, 1 documents, first: IY" in str(refused.value)


def test_rates_of_the_group(group):
    assert group.rows("select * from marts.dim_exchange_rate order by currency") == [
        ("EUR", "2024-01-01", None, "1.000000000000"),
        ("USD", "2024-02-01", None, "0.800000000000"),
    ]


@pytest.fixture(scope="module")
def books(new_group):
    """A keeps EUR and trades in dollars; U keeps USD and is translated. Rates in EUR for one USD, day by day:

    1 January 0.80; 17 January 0.90 (January: 16 days at 0.80, 15 at 0.90); 1 February 1.00; 31 March 1.25, and March
    states an average of its own.
    """
    group = new_group()
    group.add("tryton__company", "company_id | name | currency\nU | Umber Inc. | USD")
    group.add(
        "tryton__exchange_rate",
        """
        currency | rate_type | rate_date  | units_per_base
        EUR      | spot      | 2024-01-01 | 1
        USD      | spot      | 2024-01-01 | 1.25
        USD      | spot      | 2024-01-17 | 1.111111111111
        USD      | spot      | 2024-02-01 | 1
        USD      | spot      | 2024-03-31 | 0.8
        USD      | month_end | 2024-03-31 | 0.8
        USD      | average   | 2024-03-15 | 0.5
        """,
    )
    group.add(
        "tryton__account",
        """
        account_id | company_id | code | name        | type    | control
        FX         | A          | 6500 | Realised    | expense | realised_exchange
        FXU        | A          | 6600 | Revaluation | expense | unrealised_exchange
        BANKUSD    | A          | 1810 | Bank USD    | asset   | bank
        CASH       | U          | 1000 | Cash        | asset   | bank
        LOAN       | U          | 2000 | Loan        | liability |
        CAPITAL    | U          | 3000 | Capital     | equity  |
        REVENUE    | U          | 4000 | Revenue     | income  |
        """,
    )
    # 110 dollars booked at 0.80 = 88; 50 paid in February at 1.00: 50 for what stood at 40, a gain of 10.
    group.add(
        "tryton__receivable",
        """
        receivable_id | invoice_number | posting_date | due_date   | document_currency | amount_document | amount_company
        R1            | R1             | 2024-01-10   | 2024-02-09 | USD               | 110             | 88
        """,  # noqa: E501
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | kind    | settlement_date | amount_document | amount_company | exchange_difference_company
        R1            | payment | 2024-02-10      | 50              | 40             | 10
        """,
    )
    # 30 dollars owed, booked at 0.90 = 27.
    group.add(
        "tryton__payable",
        """
        payable_id | invoice_number | posting_date | due_date   | document_currency | amount_document | amount_company
        P1         | P1             | 2024-01-20   | 2024-04-01 | USD               | 30              | 27
        """,
    )
    group.add(
        "tryton__bank_account",
        "bank_account_id | company_id | name | currency | account_id\nBA | A | USD account | USD | BANKUSD",
    )
    group.add(
        "tryton__bank_statement",
        """
        bank_statement_id | bank_account_id | statement_number | statement_date | currency | closing_balance_bank
        S1                | BA              | 1              | 2024-02-29     | USD      | 50
        """,
    )
    group.add(
        "tryton__journal_line",
        """
        journal_line_id | journal_entry_id | company_id | account_id | posting_date | debit_company | credit_company
        1               | E1               | A          | AR         | 2024-01-10   | 88            | 0
        2               | E1               | A          | SALES      | 2024-01-10   | 0             | 88
        3               | E2               | A          | COSTS      | 2024-01-20   | 27            | 0
        4               | E2               | A          | AP         | 2024-01-20   | 0             | 27
        5               | E3               | A          | BANKUSD    | 2024-02-10   | 50            | 0
        6               | E3               | A          | AR         | 2024-02-10   | 0             | 40
        7               | E3               | A          | FX         | 2024-02-10   | 0             | 10
        8               | E4               | A          | BANKUSD    | 2024-03-31   | 12.50         | 0
        9               | E4               | A          | FXU        | 2024-03-31   | 0             | 12.50
        21              | U1               | U          | CASH       | 2024-01-05   | 1000          | 0
        22              | U1               | U          | CAPITAL    | 2024-01-05   | 0             | 1000
        23              | U2               | U          | CASH       | 2024-01-20   | 310           | 0
        24              | U2               | U          | REVENUE    | 2024-01-20   | 0             | 310
        25              | U3               | U          | CASH       | 2024-02-03   | 500           | 0
        26              | U3               | U          | LOAN       | 2024-02-03   | 0             | 500
        27              | U4               | U          | CASH       | 2024-02-20   | 100           | 0
        28              | U4               | U          | REVENUE    | 2024-02-20   | 0             | 100
        29              | U5               | U          | REVENUE    | 2024-02-29   | 410           | 0
        30              | U5               | U          | CAPITAL    | 2024-02-29   | 0             | 410
        31              | U6               | U          | CAPITAL    | 2024-03-10   | 200           | 0
        32              | U6               | U          | CASH       | 2024-03-10   | 0             | 200
        """,
    )
    group.build("+fct_tie_out dim_exchange_rate_monthly")
    return group


def test_three_types_of_rate(books):
    """Average of January: (16 × 0.80 + 15 × 0.90) / 31 = 26.30 / 31 = 0.848387…; what a source states wins."""
    assert books.rows(
        """select month_start, rate_type, round(reporting_currency_per_unit, 6) from marts.dim_exchange_rate_monthly
           where currency = 'USD' order by 1, 2"""
    ) == [
        ("2024-01-01", "average", "0.848387"),
        ("2024-01-01", "month_end", "0.900000"),
        ("2024-02-01", "average", "1.000000"),
        ("2024-02-01", "month_end", "1.000000"),
        ("2024-03-01", "average", "2.000000"),
        ("2024-03-01", "month_end", "1.250000"),
    ]


def test_unrealised_differences_and_their_reversal(books):
    """January: 110 × 0.90 − 88 = 11; the payable stands at 27 = 30 × 0.90. February: 60 × 1.00 − 48 = 12,
    −(30 × 1.00 − 27) = −3, the bank's 50 × 1.00 − 50 = 0. March at 1.25: 75 − 48 = 27, −(37.50 − 27) = −10.50,
    62.50 − 50 = 12.50, which the ledger revalued too."""
    assert books.rows(
        """select month_end, item_id, amount_document_currency, booked_amount_company_currency,
               difference_company_currency, posted_difference_company_currency, reversal_date,
               reversed_amount_company_currency
           from marts.fct_unrealised_exchange_difference order by 1, 2"""
    ) == [
        ("2024-01-31", "P1", "-30.0000", "-27.0000", "0.0000", "0.0000", "2024-02-01", "0.0000"),
        ("2024-01-31", "R1", "110.0000", "88.0000", "11.0000", "0.0000", "2024-02-01", "-11.0000"),
        ("2024-02-29", "BA", "50.0000", "50.0000", "0.0000", "0.0000", "2024-03-01", "0.0000"),
        ("2024-02-29", "P1", "-30.0000", "-27.0000", "-3.0000", "0.0000", "2024-03-01", "3.0000"),
        ("2024-02-29", "R1", "60.0000", "48.0000", "12.0000", "0.0000", "2024-03-01", "-12.0000"),
        ("2024-03-31", "BA", "50.0000", "50.0000", "12.5000", "12.5000", "2024-04-01", "-12.5000"),
        ("2024-03-31", "P1", "-30.0000", "-27.0000", "-10.5000", "0.0000", "2024-04-01", "10.5000"),
        ("2024-03-31", "R1", "60.0000", "48.0000", "27.0000", "0.0000", "2024-04-01", "-27.0000"),
    ]


def test_translation_reserve_rolls_forward(books):
    """January: 1,000 paid in at 0.80 and closing at 0.90: 100; the result 310 was earned at 0.90, the closing rate.
    February: 1,310 from 0.90 to 1.00: 131. The loan and the closing entry move nothing.
    March: 1,410 from 1.00 to 1.25: 352.50; 200 taken out at 1.00, closing at 1.25: −50."""
    assert books.rows(
        """select period_start, opening_reserve_reporting_currency, movement_opening_net_assets_reporting_currency,
               movement_result_reporting_currency, movement_equity_reporting_currency, rounding_reporting_currency,
               closing_reserve_reporting_currency, closing_net_assets_reporting_currency
           from marts.fct_translation_reserve where company_id = 'U' order by 1"""
    ) == [
        ("2024-01-01", "0.0000", "0.0000", "0.0000", "100.0000", "0.0000", "100.0000", "1179.0000"),
        ("2024-02-01", "100.0000", "131.0000", "0.0000", "0.0000", "0.0000", "231.0000", "1410.0000"),
        ("2024-03-01", "231.0000", "352.5000", "0.0000", "-50.0000", "0.0000", "533.5000", "1512.5000"),
    ]


CONTROLS = """
select control, company_id, as_of, left_total, right_total, passed from marts.fct_tie_out
where control in ('realised_exchange', 'unrealised_exchange_posted', 'translation_reserve', 'exchange_rate')
order by 1, 2, 3
"""


def test_each_is_reached_by_another_route(books):
    """The difference left over in the sheet of March: 1,210 × 1.25 − (279 + 100) − (800 − 200) = 533.50."""
    assert books.rows(CONTROLS) == [
        ("exchange_rate", None, None, "0.0000", "0.0000", "true"),
        ("realised_exchange", "A", "2024-02-29", "10.0000", "10.0000", "true"),
        ("translation_reserve", "U", "2024-01-31", "100.0000", "100.0000", "true"),
        ("translation_reserve", "U", "2024-02-29", "231.0000", "231.0000", "true"),
        ("translation_reserve", "U", "2024-03-31", "533.5000", "533.5000", "true"),
        ("unrealised_exchange_posted", "A", "2024-02-29", "0.0000", "0.0000", "true"),
        ("unrealised_exchange_posted", "A", "2024-03-31", "12.5000", "12.5000", "true"),
    ]
    assert books.rows(
        """select as_of, left_total, right_total, passed from marts.fct_tie_out
           where control = 'unrealised_exchange_reversal' order by 1"""
    ) == [
        ("2024-02-29", "-11.0000", "-11.0000", "true"),
        ("2024-03-31", "-9.0000", "-9.0000", "true"),
        ("2024-04-30", "-29.0000", "-29.0000", "true"),
    ]


def test_a_control_fails_when_one_route_does_not_follow(books):
    # A difference that no posting follows, a revaluation by a dollar too little, and a loan that has no type any more.
    books.execute(
        """update staging.stg_tryton__receivable_settlement set exchange_difference_company_currency = 9;
           update staging.stg_tryton__journal_line set debit_company_currency = 11.50 where journal_line_id = '8';
           update staging.stg_tryton__journal_line set credit_company_currency = 11.50 where journal_line_id = '9';
           update staging.stg_tryton__account set type = 'other' where account_id = 'LOAN'"""
    )
    books.build("+fct_tie_out")
    assert [row for row in books.rows(CONTROLS) if row[-1] == "false"] == [
        ("realised_exchange", "A", "2024-02-29", "9.0000", "10.0000", "false"),
        ("translation_reserve", "U", "2024-02-29", "231.0000", "731.0000", "false"),
        ("translation_reserve", "U", "2024-03-31", "533.5000", "1158.5000", "false"),
        ("unrealised_exchange_posted", "A", "2024-03-31", "12.5000", "11.5000", "false"),
    ]
