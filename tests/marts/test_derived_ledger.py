"""The ledger made from documents beside the ERP's own: claims, bank lines, contracts, work orders, rates, and the rest.

Company K keeps euros on the chart that the delivered rules know for its system, and a dollar account: a dollar is 0.80
in January, 0.90 at the end of February. The ERP names no document in any entry, so all are found by their amounts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.marts.conftest import Group

ACCOUNTS = """
account_id | company_id | code       | type      | purpose      | control             | source_system
k-eur      | K          | 1002.01    | asset     | cash         | bank                | books
k-usd      | K          | 1002.02    | asset     | cash         | bank                | books
k-stock    | K          | 1405       | asset     | inventory    |                     | books
k-plant    | K          | 1601       | asset     | fixed_asset  |                     | books
k-defer    | K          | 2204       | liability | other        |                     | books
k-accrual  | K          | 2241       | liability | other        |                     | books
k-owed     | K          | 2241.02    | liability | other        |                     | books
k-capital  | K          | 4001       | equity    | equity       |                     | books
k-wip      | K          | 5001.01    | asset     | other        |                     | books
k-wiplab   | K          | 5001.02    | asset     | other        |                     | books
k-contract | K          | 6001.03    | income    | revenue      |                     | books
k-rent     | K          | 6602.03    | expense   | other        |                     | books
k-energy   | K          | 6602.04    | expense   | other        |                     | books
k-wear     | K          | 6602.05    | expense   | depreciation |                     | books
k-absorbed | K          | 6602.06    | expense   | other        |                     | books
k-travel   | K          | 6602.07    | expense   | other        |                     | books
k-fee      | K          | 6603.01    | expense   | other        |                     | books
k-reval    | K          | 6603.05    | expense   | other        | unrealised_exchange | books
"""
# Entry: day, and its lines as account and amount, debit positive.
ENTRIES: dict[str, tuple[str, dict[str, str]]] = {
    "E01": ("2024-01-01", {"k-eur": "1000", "k-usd": "80", "k-plant": "600", "k-capital": "-1680"}),
    "E02": ("2024-01-20", {"k-travel": "100", "k-owed": "-100"}),
    "E03": ("2024-02-05", {"k-owed": "100", "k-eur": "-100"}),
    "E04": ("2024-01-31", {"k-fee": "5", "k-eur": "-5"}),
    "E05": ("2024-02-02", {"k-rent": "200", "k-eur": "-200"}),
    "E06": ("2024-01-15", {"k-usd": "81", "k-eur": "-81"}),
    "E07": ("2024-02-29", {"k-defer": "300", "k-contract": "-300"}),
    "E08": ("2024-01-31", {"k-wip": "50", "k-stock": "-50", "k-wiplab": "20", "k-absorbed": "-20"}),
    "E09": ("2024-02-29", {"k-stock": "70", "k-wip": "-50", "k-wiplab": "-20"}),
    # 200 USD are 160 in January, 180 in February; the books carry 161.
    "E10": ("2024-01-31", {"k-usd": "-1", "k-reval": "1"}),
    "E11": ("2024-02-29", {"k-usd": "20", "k-reval": "-20"}),
    "E12": ("2024-01-31", {"k-energy": "7", "k-accrual": "-7"}),
    "E13": ("2024-02-01", {"k-energy": "-7", "k-accrual": "7"}),
    "E14": ("2024-01-31", {"k-wear": "10", "k-plant": "-10"}),
    "E15": ("2024-02-10", {"k-energy": "3", "k-travel": "-3"}),
    # 12 claimed, 13 booked; and the second rent is not in the books.
    "E16": ("2024-02-20", {"k-travel": "13", "k-owed": "-13"}),
}


def journal_lines() -> str:
    lines = [
        "journal_entry_id | entry_number | company_id | account_id | posting_date | debit_company | credit_company"
    ]
    for entry, (day, amounts) in ENTRIES.items():
        for account, amount in amounts.items():
            debit, credit = max(Decimal(amount), Decimal(0)), max(-Decimal(amount), Decimal(0))
            lines.append(f"{entry} | {entry} | K | {account} | {day} | {debit} | {credit}")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    group = new_group()
    group.add(
        "erp_china__company", "company_id | code | name | source_system | rate_decimals\nK | K | Kelp | books | 6"
    )
    group.add("erp_china__account", ACCOUNTS)
    group.add(
        "erp_china__exchange_rate",
        """
        currency | rate_date  | units_per_base | source_system
        EUR      | 2024-01-01 | 1              | books
        USD      | 2024-01-01 | 1.25           | books
        USD      | 2024-02-20 | 1.1111111111   | books
        """,
    )
    group.add(
        "erp_china__bank_account",
        """
        bank_account_id | company_id | name | currency | iban | account_id | source_system
        KE              | K          | Euro | EUR      | KE01 | k-eur      | books
        KU              | K          | Usd  | USD      | KU01 | k-usd      | books
        """,
    )
    group.add(
        "bank_statements__bank_statement",
        """
        bank_statement_id | iban | statement_number | statement_date | currency | opening_balance_bank | closing_balance_bank
        SE                | KE01 | 1                | 2024-03-31     | EUR      | 1000                 | 405
        SU                | KU01 | 1                | 2024-01-31     | USD      | 100                  | 200
        """,  # noqa: E501
    )
    group.add(
        "bank_statements__bank_movement",
        """
        bank_movement_id | bank_statement_id | value_date | booking_date | currency | amount_bank | counterparty_name | reference
        fee              | SE                | 2024-01-31 | 2024-01-31   | EUR      | -5          | Bank              | account fees
        rent             | SE                | 2024-02-02 | 2024-02-02   | EUR      | -200        | Landlord          | RENT February
        rent again       | SE                | 2024-03-02 | 2024-03-02   | EUR      | -200        | Landlord          | rent March
        to dollars       | SE                | 2024-01-15 | 2024-01-15   | EUR      | -81         | Kelp              | own account transfer
        from euros       | SU                | 2024-01-15 | 2024-01-15   | USD      | 100         | Kelp              | own account transfer
        currently        | SE                | 2024-02-03 | 2024-02-03   | EUR      | -9          | Someone           | current matters
        supplier         | SE                | 2024-02-04 | 2024-02-04   | EUR      | -50         | S1                | invoice for bank charges
        """,  # noqa: E501
    )
    # The last line of the bank is a payment that the ERP keeps: it is posted once.
    group.add(
        "erp_china__payment",
        """
        payment_id | direction | company_id | payment_date | account_id | amount_document | fee_amount_company | source_system
        pay        | paid      | K          | 2024-02-03   | k-eur      | 50              | 0                  | books
        """,  # noqa: E501
    )
    group.add(
        "planning__cost_account",
        """
        company_code | account_code | valid_from | element
        K            | 2241.02      | 2023-01-01 | expense_claim
        K            | 5001.01      | 2023-01-01 | material
        K            | 5001.02      | 2023-01-01 | labour
        """,
    )
    group.add(
        "hr_payroll__expense_claim_line",
        """
        claim_number | company_code | category | amount_company | submitted_date | approved_date | rejected_date | paid_date
        EC1          | K            | travel   | 60             | 2024-01-15     | 2024-01-20    |               | 2024-02-05
        EC1          | K            | meals    | 40             | 2024-01-15     | 2024-01-20    |               | 2024-02-05
        EC2          | K            | meals    | 99             | 2024-01-15     |               | 2024-01-20    |
        EC3          | K            | meals    | 12             | 2024-02-15     | 2024-02-20    |               |
        """,  # noqa: E501
    )
    group.add(
        "crm__contract",
        """
        contract_id | contract_number | company_code | signed_date | document_currency | transaction_price_document
        C1          | C-1             | K            | 2024-01-10  | EUR               | 300
        """,
    )
    group.add(
        "crm__contract_obligation",
        """
        contract_obligation_id | contract_id | pattern       | stand_alone_selling_price_document | start_date | end_date
        C1 machine             | C1          | point_in_time | 300                                | 2024-02-01 | 2024-02-29
        """,  # noqa: E501
    )
    group.add(
        "crm__contract_event",
        """
        contract_event_id | contract_id | contract_obligation_id | kind     | event_date
        V1                | C1          | C1 machine             | delivery | 2024-02-12
        """,
    )
    group.add(
        "manufacturing__work_order",
        """
        work_order_id | work_order_number | company_code | status   | start_date | finished_date
        W1            | WO-1              | K            | finished | 2024-01-02 | 2024-02-14
        """,
    )
    group.add(
        "manufacturing__work_order_cost",
        """
        work_order_id | kind    | element  | posting_date | amount_company
        W1            | planned | material | 2024-01-02   | 48
        W1            | actual  | material | 2024-01-05   | 50
        W1            | actual  | labour   | 2024-01-06   | 20
        """,
    )
    group.add("erp_china__journal_line", journal_lines())
    group.build("+fct_tie_out +fct_ledger_comparison")
    return group


def test_entries_find_the_documents_they_post(group: Group):
    assert group.rows(
        """select distinct journal_entry_id, document_type, document_id from marts.fct_journal_line
           where origin = 'erp' and document_id is not null order by 1"""
    ) == [
        ("E02", "expense_claim", "K:EC1"),
        ("E03", "expense_claim_paid", "K:EC1"),
        ("E04", "bank_movement", "fee"),
        ("E05", "bank_movement", "rent"),
        ("E06", "bank_movement", "from euros"),
        ("E07", "contract", "C1:2024-02-29"),
        ("E08", "production", "K:2024-01-31"),
        ("E09", "production", "K:2024-02-29"),
        ("E10", "revaluation", "KU:2024-01-31"),
        ("E11", "revaluation", "KU:2024-02-29"),
        # The same accounts on the same day: the same claim, at another amount.
        ("E16", "expense_claim", "K:EC3"),
    ]


def test_what_remains_is_named_by_document_and_cause(group: Group):
    assert group.rows(
        """select document_type, document_id, cause, sum(abs(difference_company_currency)) / 2
           from marts.fct_ledger_difference where company_id = 'K' group by all order by 1, 2"""
    ) == [
        ("bank_movement", "rent again", "not_in_ledger", "200.0"),
        ("entry", "E01", "opening_entry", "1680.0"),
        ("entry", "E12", "accrual_entry", "7.0"),
        ("entry", "E13", "reversal_entry", "7.0"),
        ("entry", "E14", "depreciation_entry", "10.0"),
        ("entry", "E15", "manual_entry", "3.0"),
        ("expense_claim", "K:EC3", "account_or_amount", "1.0"),
    ]


def test_nothing_is_left_unexplained(group: Group):
    assert group.rows(
        """select control, blocking, passed, sum(difference) from marts.fct_tie_out
           where control in ('derived_ledger', 'ledger_difference') group by all order by 1"""
    ) == [("derived_ledger", "true", "true", "0.0000"), ("ledger_difference", "true", "true", "0.0000")]
    assert group.rows(
        "select count(*) from marts.fct_ledger_comparison where unexplained_amount_company_currency <> 0"
    ) == [("0",)]


def test_a_payment_without_an_account_is_told_and_its_bank_line_not_posted_twice(group: Group):
    assert group.rows("select event, document_id, reason from marts.fct_posting_exception") == [
        ("supplier_payment", "pay", "no account: payment-payable")
    ]
    assert group.rows("select bank_movement_id from intermediate.int_bank_posting order by 1") == [
        ("fee",), ("from euros",), ("rent",), ("rent again",),
    ]  # fmt: skip


def test_a_difference_without_a_cause_blocks(group: Group):
    group.execute("update marts.fct_ledger_difference set cause = null where document_id = 'E15'")
    group.build("fct_tie_out")
    assert group.rows(
        """select blocking, passed, left_total, difference, detail from marts.fct_tie_out
           where control = 'ledger_difference' and company_id = 'K'"""
    ) == [
        (
            "true", "false", "3816.0000", "6.0000",
            "account_or_amount 2.00, accrual_entry 14.00, depreciation_entry 20.00, not_in_ledger 400.00, "
            "opening_entry 3360.00, reversal_entry 14.00, without cause 6.00",
        )
    ]  # fmt: skip


MEASURES = ("net", "tax_amount", "gross", "cost", "money", "fee", "exchange_gain", "exchange_loss", "goods")
money = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
events = st.lists(
    st.tuples(
        st.sampled_from(
            ("sales_invoice", "purchase_invoice", "customer_receipt", "receivable_payment", "bank_fee", "revaluation",
             "expense_claim", "contract_revenue", "goods_valued", "made_up")
        ),
        st.sampled_from(("D1", "D2")),
        st.dictionaries(st.sampled_from(MEASURES), money),
        st.booleans(),
    ),
    max_size=8,
)  # fmt: skip
rules = st.lists(
    st.tuples(
        st.sampled_from(("sales_invoice", "bank_fee", "made_up")),
        st.sampled_from(("one", "two", "revenue")),
        st.sampled_from(("debit", "credit")),
        st.sampled_from((*MEASURES, "unheard_of")),
        st.sampled_from(("line", "money", "code:1405", "code:0")),
        st.sampled_from(("2000-01-01", "2024-02-01")),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def derivation(new_group) -> Any:
    """A warehouse and the query of the derived lines; whatever the events and rules are, the query is the same."""
    group = new_group()
    group.add("erp_china__company", "company_id | code | name | source_system\nK | K | Kelp | books")
    group.add("erp_china__account", ACCOUNTS)
    results = group.build("+int_derived_journal_line")
    query = next(r.node.compiled_code for r in results if r.node.name == "int_derived_journal_line")
    with duckdb.connect(str(group.path)) as warehouse:
        yield warehouse, query.replace('"warehouse".', "")


def add_events(warehouse: duckdb.DuckDBPyConnection, happened: list[tuple[Any, ...]], day: str) -> None:
    for number, (event, document, amounts, has_account) in enumerate(happened):
        row = {
            "business_event_id": f"{day}:{number}", "event": event, "document_type": "document",
            "document_id": document, "company_id": "K", "event_date": day, "tax": "taxed",
            "line_account_id": "k-energy" if has_account else None, "tax_account_id": "k-accrual",
            "control_account_id": "k-owed", "money_account_id": "k-eur", "goods_account_id": "k-stock",
            **{column: Decimal(0) for column in (*MEASURES, "booked", "settled", "withheld", "goods_other")},
            "goods_variance": Decimal(0), "source_system": "books", **amounts,
        }  # fmt: skip
        warehouse.execute(
            f"insert into intermediate.int_business_event ({', '.join(row)}) values ({', '.join('?' * len(row))})",
            list(row.values()),
        )


def add_rules(warehouse: duckdb.DuckDBPyConnection, written: list[tuple[Any, ...]]) -> None:
    for number, (event, line, side, measure, account, valid_from) in enumerate(written):
        warehouse.execute(
            "insert into seeds.posting_rule values (?, ?, null, ?, ?, '*', 'K', '*', '*', ?, ?, ?, ?)",
            [f"r{number}", valid_from, valid_from, event, line, side, measure, account],
        )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(happened=events, written=rules)
def test_whatever_happens_and_whatever_the_rules_every_derived_entry_balances(derivation, happened, written):
    warehouse, query = derivation
    warehouse.execute("begin")
    try:
        add_events(warehouse, happened, "2024-02-10")
        add_rules(warehouse, written)
        unbalanced = warehouse.execute(
            f"""select journal_entry_id, sum(amount_company_currency) from ({query}) as line
            where exception is null group by 1 having sum(amount_company_currency) <> 0"""
        ).fetchall()
        unheard = warehouse.execute(
            f"""select document_id from intermediate.int_business_event where event = 'made_up' and gross <> 0
            and (event, document_id) not in (select (event, document_id) from ({query}) as line)"""
        ).fetchall()
    finally:
        warehouse.execute("rollback")
    assert unbalanced == []
    # An event with money that no rule knows is an exception at least, never silence.
    assert unheard == [] or written


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=events, after=events, written=rules)
def test_a_rule_changes_no_entry_before_its_day(derivation, before, after, written):
    warehouse, query = derivation
    earlier = f"select * from ({query}) as line where posting_date < date '2024-02-01' order by all"
    warehouse.execute("begin")
    try:
        add_events(warehouse, before, "2024-01-31")
        add_events(warehouse, after, "2024-02-01")
        old = warehouse.execute(earlier).fetchall()
        add_rules(warehouse, [(*rule[:5], "2024-02-01") for rule in written])
        new = warehouse.execute(earlier).fetchall()
    finally:
        warehouse.execute("rollback")
    assert new == old
