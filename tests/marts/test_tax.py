"""Value added tax: what is declared per month and rate, carried forward, added by surcharges, and tied to the ledger.

A sits in China and is billed 13 % on goods and 6 % on services. January's input tax exceeds its output tax.
"""

from __future__ import annotations

import pytest

from tests.marts.conftest import Group

ACCOUNTS = """
account_id | code | name       | type      | control
OUT        | 2221 | Output tax | liability |
IN         | 2222 | Input tax  | liability |
"""
# id | day in the books | net and tax of goods at 13 % | net and tax of services at 6 %
SALES = [
    ("S1", "2024-01-10", 1000, 130, 200, 12),
    ("S2", "2024-02-10", 3000, 390, 0, 0),
    ("S3", "2024-03-10", 500, 65, 0, 0),
]
# The last one is dated in February and posted in March.
PURCHASES = [("P1", "2024-01-05", "2024-01-05", 1500, 195), ("P2", "2024-02-28", "2024-03-02", 100, 13)]


def add_entry(group: Group, number: str, day: str, *lines: tuple[str, float]) -> None:
    """An entry of one line per account; positive amounts are debits."""
    for account, amount in lines:
        group.add(
            "tryton__journal_line",
            "journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company\n"
            f"{number}-{account} | {number} | {account} | {day} | {max(amount, 0)} | {max(-amount, 0)}",
        )


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    group = new_group()
    group.execute("update staging.stg_tryton__company set country = 'CN', currency = 'CNY'")
    group.add("tryton__exchange_rate", "currency | rate_date | units_per_base\nCNY | 2024-01-01 | 1")
    group.add("tryton__account", ACCOUNTS)
    for number, day, net, tax, service, service_tax in SALES:
        group.add(
            "tryton__sales_invoice",
            "invoice_id | invoice_number | invoice_date | document_currency | net_amount_document | "
            "tax_amount_document\n"
            f"{number} | {number} | {day} | CNY | {net + service} | {tax + service_tax}",
        )
        group.add(
            "tryton__sales_invoice_line",
            "invoice_line_id | invoice_id | account_id | net_amount_document | tax_amount_document | tax_rate | "
            "tax_account_id\n"
            f"{number}-1 | {number} | SALES | {net} | {tax} | 0.13 | OUT\n"
            f"{number}-2 | {number} | SALES | {service} | {service_tax} | 0.06 | OUT",
        )
        group.add(
            "tryton__receivable",
            "receivable_id | invoice_id | posting_date | due_date | document_currency | amount_document\n"
            f"{number} | {number} | {day} | {day} | CNY | {net + tax + service + service_tax}",
        )
        total = net + tax + service + service_tax
        add_entry(group, number, day, ("AR", total), ("SALES", -net - service), ("OUT", -tax - service_tax))
    for number, day, posted, net, tax in PURCHASES:
        group.add(
            "tryton__purchase_invoice",
            "invoice_id | invoice_number | invoice_date | document_currency | net_amount_document | "
            "tax_amount_document\n"
            f"{number} | {number} | {day} | CNY | {net} | {tax}",
        )
        group.add(
            "tryton__purchase_invoice_line",
            "invoice_line_id | invoice_id | account_id | net_amount_document | tax_amount_document | tax_rate | "
            "tax_account_id\n"
            f"{number}-1 | {number} | COSTS | {net} | {tax} | 0.13 | IN",
        )
        group.add(
            "tryton__payable",
            "payable_id | invoice_id | posting_date | due_date | document_currency | amount_document\n"
            f"{number} | {number} | {posted} | {posted} | CNY | {net + tax}",
        )
        # S3's tax and P2's are right; P2's expense is booked 1 too low in the ledger.
        booked = net - (number == "P2")
        add_entry(group, number, posted, ("COSTS", booked), ("IN", tax), ("AP", -booked - tax))
    # Paying the tax, and an accrual by hand, belong to no invoice.
    add_entry(group, "VAT", "2024-03-15", ("OUT", 337), ("BANK", -337))
    add_entry(group, "HAND", "2024-03-31", ("COSTS", 40), ("SALES", -40))
    group.add(
        "erp_china__tax_declaration",
        """
        tax_declaration_id | period_start | period_end | direction | tax_rate | base_amount_company | tax_amount_company
        D1                 | 2024-01-01   | 2024-01-31 | output    | 0.13     | 1000                | 130
        D2                 | 2024-01-01   | 2024-01-31 | output    | 0.06     | 150                 | 9
        """,
    )
    group.build("+fct_tie_out +fct_tax_surcharge")
    return group


def test_base_and_tax_per_month_and_rate(group: Group):
    assert group.rows(
        """select period_start, direction, tax_rate::decimal(4, 2), base_amount_company_currency::decimal(9, 2),
                  tax_amount_company_currency::decimal(9, 2)
           from marts.fct_vat_return where base_amount_company_currency <> 0 order by 1, 2, 3"""
    ) == [
        ("2024-01-01", "input", "0.13", "1500.00", "195.00"),
        ("2024-01-01", "output", "0.06", "200.00", "12.00"),
        ("2024-01-01", "output", "0.13", "1000.00", "130.00"),
        ("2024-02-01", "output", "0.13", "3000.00", "390.00"),
        # Dated in February, in the books in March.
        ("2024-03-01", "input", "0.13", "100.00", "13.00"),
        ("2024-03-01", "output", "0.13", "500.00", "65.00"),
    ]


def test_excess_input_tax_is_carried_forward_until_it_is_used(group: Group):
    assert group.rows(
        """select period_start, columns('_tax_|forward|payable')::decimal(9, 2) from marts.fct_vat_payable_monthly
           order by 1"""
    ) == [
        # period, output, input, carried from before, payable, carried on
        ("2024-01-01", "142.00", "195.00", "0.00", "0.00", "53.00"),
        ("2024-02-01", "390.00", "0.00", "53.00", "337.00", "0.00"),
        ("2024-03-01", "65.00", "13.00", "0.00", "52.00", "0.00"),
    ]


def test_surcharges_are_shares_of_the_tax_payable(group: Group):
    assert group.rows(
        """select surcharge, base_amount_company_currency::decimal(9, 2), surcharge_rate::decimal(4, 2),
                  surcharge_amount_company_currency::decimal(9, 2)
           from marts.fct_tax_surcharge where period_start = '2024-02-01' order by 1"""
    ) == [
        ("education_surcharge", "337.00", "0.03", "10.11"),
        ("local_education_surcharge", "337.00", "0.02", "6.74"),
        ("urban_maintenance_construction_tax", "337.00", "0.07", "23.59"),
    ]


def test_invoices_are_tied_to_the_entries_of_invoices_alone(group: Group):
    assert group.rows(
        """select as_of, left_label, left_total, right_total, blocking from marts.fct_tie_out
           where control = 'tax_ledger' and not passed"""
    ) == [("2024-03-31", "base of input tax by invoices", "100.0000", "99.0000", "false")]
    assert group.rows("select count(*) from marts.fct_tie_out where control = 'tax_ledger'") == [("10",)]
    assert (
        "by P2" in group.rows("select detail from marts.fct_tie_out where control = 'tax_ledger' and not passed")[0][0]
    )


def test_declared_is_compared_with_computed_by_rate(group: Group):
    assert group.rows(
        """select coalesce(tax_declaration_id, 'none'), direction, tax_rate::decimal(4, 2),
                  base_difference_company_currency::decimal(9, 2), tax_difference_company_currency::decimal(9, 2)
           from marts.fct_tax_declaration order by 2, 3"""
    ) == [
        ("none", "input", "0.13", "-1500.00", "-195.00"),  # purchases were not declared at all
        ("D2", "output", "0.06", "-50.00", "-3.00"),
        ("D1", "output", "0.13", "0.00", "0.00"),
    ]
    assert group.rows(
        """select left_total, right_total, detail from marts.fct_tie_out
           where control = 'tax_declaration' and left_label = 'declared base of output tax'"""
    ) == [("1150.0000", "1200.0000", "CNY, 2024-01-01 to 2024-01-31, wrong: 6.00 % by -50.0000")]
