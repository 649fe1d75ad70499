"""Statements of companies and of their group: result, balance sheet, cash flow by two methods, consolidation."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

ACCOUNTS = """
account_id | code | name            | type      | control | purpose
STOCK      | 1300 | Stock           | asset     |         | inventory
PLANT      | 1500 | Plant           | asset     |         | fixed_asset
USDBANK    | 1810 | Dollar account  | asset     |         | cash
CAPITAL    | 3000 | Capital         | equity    |         | equity
RETAINED   | 3900 | Retained        | equity    |         | retained_earnings
COGS       | 5100 | Cost of sales   | expense   |         | cost_of_sales
DEPR       | 6500 | Depreciation    | expense   |         | depreciation
FX         | 7100 | Exchange        | expense   |         | exchange_difference
"""
USUAL_ACCOUNTS = """
account_id | code | name      | type      | control    | purpose
AR         | 1200 | Debtors   | asset     | receivable |
AP         | 3300 | Creditors | liability | payable    |
BANK       | 1800 | Bank      | asset     | bank       |
SALES      | 4000 | Sales     | income    |            |
COSTS      | 5000 | Costs     | expense   |            |
"""
RATES = """
currency | rate_date  | units_per_base
EUR      | 2024-01-01 | 1
USD      | 2024-01-01 | 1
USD      | 2024-01-20 | 1.111111111111
USD      | 2024-01-31 | 1.25
"""


ENTRIES = """
A | 2024-01-01 | BANK 500                 | CAPITAL 500
A | 2024-01-01 | STOCK 200                | CAPITAL 200
A | 2024-01-01 | PLANT 120                | CAPITAL 120
A | 2024-02-05 | AR 100                   | SALES 100
A | 2024-02-05 | COGS 60                  | STOCK 60
A | 2024-02-20 | BANK 98, COSTS 2         | AR 100
A | 2024-02-28 | DEPR 5                   | PLANT 5
A | 2024-02-29 | USDBANK 1                | FX 1
A | 2024-03-01 | BANK 7                   | USDBANK 7
A | 2024-03-10 | PLANT 30                 | BANK 30
A | 2024-03-31 | SALES 100                | RETAINED 100
A | 2024-03-31 | RETAINED 60              | COGS 60
U | 2024-01-01 | UBANK 100                | UCAPITAL 100
U | 2024-01-20 | UBANK 10                 | USALES 10
P | 2024-01-10 | PAR 100                  | PSALES 100
P | 2024-01-25 | PAR 200                  | PSALES 200
Q | 2024-01-10 | QCOSTS 100               | QAP 100
Q | 2024-02-02 | QCOSTS 200               | QAP 200
"""


def drawn_entries(companies: int, entries: int) -> str:
    """Any entry at all, in companies R0, R1, …: the same in every run."""
    draw = random.Random(31)
    accounts = ["BANK", "AR", "AP", "SALES", "COSTS", "STOCK", "PLANT", "CAPITAL", "RETAINED", "FX", "DEPR", "USDBANK"]
    rows = []
    for company in range(companies):
        for _ in range(entries):
            day = f"2024-0{draw.randint(1, 3)}-{draw.randint(1, 28):02d}"
            amounts = [draw.randint(1, 9_999_999) for _ in range(draw.randint(1, 3))]
            debit = [f"R{company}{draw.choice(accounts)} {cents / 100:.2f}" for cents in amounts]
            credit = f"R{company}{draw.choice(accounts)} {sum(amounts) / 100:.2f}"
            sides = [", ".join(debit), credit]
            draw.shuffle(sides)
            rows.append(f"R{company} | {day} | {sides[0]} | {sides[1]}")
    return "\n".join(rows)


def post(group, entries: str) -> None:
    """Entries as company | date | debits | credits."""
    lines = []
    for number, row in enumerate(entries.strip().splitlines()):
        company, day, *sides = [cell.strip() for cell in row.split("|")]
        for side, amounts in zip(("debit", "credit"), sides, strict=True):
            for account, amount in (posting.split() for posting in amounts.split(", ")):
                debit, credit = (amount, 0) if side == "debit" else (0, amount)
                lines.append(f"{len(lines)} | {company} | {number} | {day} | {account} | {debit} | {credit}")
    group.add(
        "tryton__journal_line",
        "journal_line_id | company_id | journal_entry_id | posting_date | account_id | debit_company | credit_company\n"
        + "\n".join(lines),
    )


def add_intercompany_invoices(group) -> None:
    """P sells Q 100 and 200 in January; Q has the second in its books in February."""
    group.add("tryton__customer", "customer_id | code | name\nCQ | 1 | Quince SA")
    group.add("tryton__supplier", "supplier_id | code | name\nSP | 2 | Pine Ltd")
    for side, company, party, item, days in (
        ("sales", "P", "customer_id | CQ", "receivable", ("2024-01-10", "2024-01-25")),
        ("purchase", "Q", "supplier_id | SP", "payable", ("2024-01-10", "2024-02-02")),
    ):
        key, value = party.split(" | ")
        for number, (day, net) in enumerate(zip(days, (100, 200), strict=True)):
            invoice = f"{company}{number}"
            group.add(
                f"tryton__{side}_invoice",
                f"invoice_id | company_id | {key} | invoice_number | reference | invoice_date | "
                f"net_amount_document\n{invoice} | {company} | {value} | N{number} | N{number} | {day} | {net}",
            )
            group.add(
                f"tryton__{side}_invoice_line",
                f"invoice_line_id | invoice_id | company_id | quantity | net_amount_document\n"
                f"{invoice}-1 | {invoice} | {company} | 1 | {net}",
            )
            group.add(
                f"tryton__{item}",
                f"{item}_id | invoice_id | company_id | {key} | posting_date | due_date | amount_document\n"
                f"{invoice} | {invoice} | {company} | {value} | {day} | 2024-12-31 | {net}",
            )


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    drawn = "\n".join(f"R{n} | R{n} | Company R{n} | EUR" for n in range(8))
    group.add(
        "tryton__company",
        f"company_id | code | name | currency\nU | U | Umber Inc. | USD\nP | P | Pine Ltd | EUR\n"
        f"Q | Q | Quince SA | EUR\n{drawn}",
    )
    group.add("tryton__exchange_rate", RATES)
    group.add("tryton__account", ACCOUNTS)
    usual = [row.split("|") for row in (ACCOUNTS.strip() + "\n" + USUAL_ACCOUNTS.strip()).splitlines()[1:]]
    group.add(
        "tryton__account",
        "account_id | company_id | code | name | type | control | purpose\n"
        + "\n".join(
            " | ".join([company + cells[0], company, *cells[1:]])
            for company in ("U", "P", "Q", *(f"R{n}" for n in range(8)))
            for cells in usual
        ),
    )
    post(group, ENTRIES + drawn_entries(companies=8, entries=40))
    add_intercompany_invoices(group)
    group.build("+path:models/marts/statements +fct_tie_out", as_of="2024-03-31")
    return group


def test_the_cash_flow_of_the_worked_example_of_decision_31(group):
    lines = group.rows(
        "select method, section, line, amount_company_currency from marts.fct_cash_flow_statement "
        "where company_id = 'A' and period_start = '2024-02-01' order by method, section, line"
    )
    assert lines == [
        ("direct", "cash_balance", "closing_cash", "599.0000"),
        ("direct", "cash_balance", "opening_cash", "500.0000"),
        ("direct", "exchange_effect", "exchange_effect", "1.0000"),
        ("direct", "operating", "operating_costs_paid", "-2.0000"),
        ("direct", "operating", "receipts_from_customers", "100.0000"),
        ("indirect", "cash_balance", "closing_cash", "599.0000"),
        ("indirect", "cash_balance", "opening_cash", "500.0000"),
        ("indirect", "exchange_effect", "exchange_effect", "1.0000"),
        # Result 100 - 60 - 2 - 5 + 1 = 34; 34 + 60 + 5 - 1 = 98 = 100 - 2.
        ("indirect", "operating", "change_in_inventory", "60.0000"),
        ("indirect", "operating", "depreciation", "5.0000"),
        ("indirect", "operating", "exchange_differences_on_cash", "-1.0000"),
        ("indirect", "operating", "result", "34.0000"),
    ]


def test_money_between_own_accounts_is_no_cash_flow_and_a_machine_is_an_investment(group):
    lines = group.rows(
        "select line, amount_company_currency from marts.fct_cash_flow_statement where method = 'direct' "
        "and company_id = 'A' and period_start = '2024-03-01' and section <> 'cash_balance'"
    )
    assert lines == [("fixed_assets", "-30.0000")]


def test_the_income_statement_leaves_out_what_closes_it(group):
    lines = group.rows(
        "select period_start, line, amount_company_currency from marts.fct_income_statement "
        "where company_id = 'A' order by 1, 2, 3"
    )
    assert lines == [
        ("2024-02-01", "cost_of_sales", "-60.0000"),
        ("2024-02-01", "depreciation", "-5.0000"),
        ("2024-02-01", "exchange_difference", "1.0000"),
        ("2024-02-01", "operating_expense", "-2.0000"),
        ("2024-02-01", "revenue", "100.0000"),
    ]


def test_the_balance_sheet_follows_the_result_into_equity(group):
    equity = (
        "select line, amount_company_currency from marts.fct_balance_sheet "
        "where company_id = 'A' and section = 'equity' and "
    )
    nonzero = " and amount_company_currency <> 0 order by 1"
    # 500 + 200 + 120 paid in.
    assert group.rows(equity + "period_start = '2024-02-01'" + nonzero) == [
        ("equity", "820.0000"),
        ("result_of_the_year", "34.0000"),
    ]
    # Sales of 100 and cost of sales of 60 have been carried over; -2 - 5 + 1 = -6 have not.
    assert group.rows(equity + "period_start = '2024-03-01'" + nonzero) == [
        ("equity", "820.0000"),
        ("result_of_the_year", "-6.0000"),
        ("retained_earnings", "40.0000"),
    ]


def test_whatever_is_posted_the_statements_agree(group):
    """Eight companies of forty drawn entries each beside the examples: every comparison of every period passes."""
    controls = "where control in ('balance_sheet', 'cash_flow', 'consolidation')"
    assert group.rows(f"select control, left_label, difference from marts.fct_tie_out {controls} and not passed") == []
    # 12 companies and three months: one sheet each and their results; two comparisons of cash flow, but for three
    # months of P and Q, who have no money, without a posting; three of the group, one where P's and Q's pairs differ.
    assert group.rows(f"select control, count(*) from marts.fct_tie_out {controls} group by 1 order by 1") == [
        ("balance_sheet", str(12 * 3 + 12)),
        ("cash_flow", str((12 * 3 - 3) * 2)),
        ("consolidation", str(3 * 3 + 2)),
    ]


def test_translation_leaves_a_line_of_equity(group):
    """Capital USD 100 at 1.00, a profit of 10 at 0.90, closing at 0.80: 88 = 100 + 9 - 21 (decision 32)."""
    assert group.rows(
        "select line, amount_reporting_currency from marts.fct_balance_sheet "
        "where company_id = 'U' and period_start = '2024-01-01' and amount_reporting_currency <> 0 order by line"
    ) == [
        ("cash", "88.0000"),
        ("equity", "100.0000"),
        ("result_of_the_year", "9.0000"),
        ("translation_difference", "-21.0000"),
    ]
    # The money's own share: 88 = 0 + 100 + 9 - 21.
    assert group.rows(
        "select line, amount_reporting_currency from marts.fct_cash_flow_statement "
        "where company_id = 'U' and period_start = '2024-01-01' and method = 'direct' order by line"
    ) == [
        ("closing_cash", "88.0000"),
        ("opening_cash", "0.0000"),
        ("owners", "100.0000"),
        ("receipts_from_customers", "9.0000"),
        ("translation", "-21.0000"),
    ]


@pytest.mark.parametrize(
    ("month", "revenue", "cost_of_sales", "difference", "receivable", "payable", "balance_difference"),
    [
        # January: P has sold 300, Q bought 100: 300 - 100 = 200 of timing stay between them, in result and balance.
        ("2024-01-01", "-300.0000", "100.0000", "200.0000", "-300.0000", "-100.0000", "200.0000"),
        # February: Q has the other 200; of the balances of 300 and 300 nothing is left.
        ("2024-02-01", None, "200.0000", "-200.0000", "-300.0000", "-300.0000", "0.0000"),
    ],
)
def test_elimination_between_two_companies(
    group, month, revenue, cost_of_sales, difference, receivable, payable, balance_difference
):
    entry = dict(
        group.rows(
            "select statement || '.' || line as line, sum(amount_reporting_currency) as amount "
            "from marts.fct_consolidation "
            f"where scope = 'elimination' and period_start = '{month}' and statement <> 'trial_balance' group by 1"
        )
    )
    assert entry.get("income_statement.revenue") == revenue
    assert entry["income_statement.cost_of_sales"] == cost_of_sales
    assert entry["income_statement.intercompany_difference"] == difference
    assert entry["balance_sheet.receivable"] == receivable
    assert entry["balance_sheet.payable"] == payable
    assert entry["balance_sheet.intercompany_difference"] == balance_difference


def test_the_group_is_the_sum_of_its_companies_and_eliminations(group):
    """P's sales of 300 are no sales of the group: January's revenue is what the others sold outside."""
    [(companies, elimination, group_total)] = group.rows(
        """select
            sum(amount_reporting_currency) filter (where scope = 'company') as company_amount,
            sum(amount_reporting_currency) filter (where scope = 'elimination') as elimination_amount,
            sum(amount_reporting_currency) filter (where scope = 'group') as group_amount
        from marts.fct_consolidation
        where statement = 'income_statement' and line = 'revenue' and period_start = '2024-01-01'"""
    )
    assert Decimal(companies) + Decimal(elimination) == Decimal(group_total)
    assert Decimal(elimination) == -300
