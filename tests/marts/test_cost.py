"""Cost of work orders and products: overhead is spread to the cent, the actual beside a budget is the ledger's."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.marts.conftest import Group

# Three work orders of equal machine hours share 100.00: two get 33.33, the first of equals the cent that is left.
# In February no machine runs: the rent goes by revenue, 300 to 100. In March there is neither. Energy goes by machine
# hours until the new drivers of 2025, and a corrected accrual is spread as a charge is.
TABLES = {
    "tryton__product": """
        product_id | code | name
        P1         | 10   | Lamp
        P2         | 20   | Lantern
        """,
    "tryton__account": """
        account_id | code | name | type
        RENT       | 6100 | Rent | expense
        WIP        | 1350 | Work in process, material | asset
        """,
    "planning__cost_account": """
        company_code | account_code | valid_from | element  | pool
        A            | 6100         | 2023-01-01 | overhead | facility
        A            | 1350         | 2023-01-01 | material |
        """,
    "manufacturing__work_order": """
        work_order_id | work_order_number | company_code | product_code | status   | quantity_planned | quantity_finished | start_date
        W1            | WO-1              | A            | 10           | finished | 10               | 10                | 2024-01-02
        W2            | WO-2              | A            | 10           | finished | 10               | 9                 | 2024-01-03
        W3            | WO-3              | A            | 20           | released | 5                | 0                 | 2024-01-04
        """,  # noqa: E501
    "manufacturing__work_order_cost": """
        work_order_id | kind    | element  | posting_date | quantity | amount_company
        W1            | planned | material | 2024-01-02   | 10       | 50
        W1            | actual  | material | 2024-01-05   | 12       | 66
        W1            | actual  | machine  | 2024-01-05   | 2        | 0
        W2            | actual  | machine  | 2024-01-06   | 2        | 0
        W3            | actual  | machine  | 2024-01-07   | 2        | 0
        W3            | actual  | machine  | 2024-04-07   | 2        | 0
        """,
    "tryton__sales_invoice": """
        invoice_id | invoice_number | invoice_date | net_amount_document
        I1         | 1              | 2024-02-10   | 400
        """,
    "tryton__sales_invoice_line": """
        invoice_line_id | invoice_id | product_id | account_id | quantity | net_amount_document | cost_amount_company
        L1              | I1         | P1         | SALES      | 3        | 300                 | 120
        L2              | I1         | P2         | SALES      | 1        | 100                 | 80
        """,
    "tryton__journal_line": """
        journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company
        1               | E1               | RENT       | 2024-01-31   | 100           | 0
        2               | E1               | BANK       | 2024-01-31   | 0             | 100
        3               | E2               | RENT       | 2024-02-29   | 100.01        | 0
        4               | E2               | BANK       | 2024-02-29   | 0             | 100.01
        5               | E3               | RENT       | 2024-03-31   | 0             | 7
        6               | E3               | BANK       | 2024-03-31   | 7             | 0
        7               | E4               | AR         | 2024-02-10   | 400           | 0
        8               | E4               | SALES      | 2024-02-10   | 0             | 400
        9               | E5               | WIP        | 2024-01-31   | 66            | 0
        10              | E5               | BANK       | 2024-01-31   | 0             | 66
        """,
    "planning__budget_line": """
        company_code | account_code | budget_month | amount_company | quantity
        A            | 4000         | 2024-02-01   | 500            | 5
        A            | 6100         | 2024-02-01   | 90             |
        A            | 6100         | 2024-03-01   | 10             |
        """,
}


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    made: Group = new_group()
    for model, table in TABLES.items():
        made.add(model, table)
    made.build("+path:models/marts/cost +fct_tie_out", command="build")
    return made


def test_shares_are_whole_cents_that_add_up_to_the_pool(group: Group):
    assert group.rows(
        """select period_start, driver, target_type, coalesce(work_order_id, product_id), amount_company_currency
           from marts.fct_cost_allocation order by 1, 4"""
    ) == [
        ("2024-01-01", "machine_hours", "work_order", "W1", "33.3400"),
        ("2024-01-01", "machine_hours", "work_order", "W2", "33.3300"),
        ("2024-01-01", "machine_hours", "work_order", "W3", "33.3300"),
        ("2024-02-01", "revenue", "product", "P1", "75.0100"),  # 75.0075 and 25.0025: the larger rest gets the cent
        ("2024-02-01", "revenue", "product", "P2", "25.0000"),
        ("2024-03-01", None, "unallocated", None, "-7.0000"),
    ]


def test_variance_of_a_work_order_is_price_and_quantity(group: Group):
    # Planned 10 at 5.00; taken 12 at 5.50. Quantity: 2 × 5.00 = 10; price: 12 × 0.50 = 6.
    assert group.rows(
        """select element, planned_amount_company_currency, actual_amount_company_currency, variance_company_currency,
               quantity_variance_company_currency, price_variance_company_currency
           from marts.fct_work_order_cost where work_order_id = 'W1' order by 1"""
    ) == [
        ("machine", "0.0000", "0.0000", "0.0000", None, None),
        ("material", "50.0000", "66.0000", "16.0000", "10.0000", "6.0000"),
        ("overhead", None, "33.3400", None, None, None),
    ]


def test_margin_after_allocation_bears_the_overhead_of_sales_and_work_orders(group: Group):
    assert group.rows(
        """select period_start, product_id, revenue_company_currency, direct_cost_company_currency,
               allocated_overhead_company_currency, margin_after_allocation_company_currency
           from marts.fct_product_margin order by 1, 2"""
    ) == [
        ("2024-01-01", "P1", "0.0000", "0.0000", "66.6700", "-66.6700"),
        ("2024-01-01", "P2", "0.0000", "0.0000", "33.3300", "-33.3300"),
        ("2024-02-01", "P1", "300.0000", "120.0000", "75.0100", "104.9900"),
        ("2024-02-01", "P2", "100.0000", "80.0000", "25.0000", "-5.0000"),
    ]


def test_budget_variance_is_price_and_volume_where_the_budget_has_a_quantity(group: Group):
    # Budgeted 5 at 100.00; sold 4 at 100.00: all of it is volume.
    assert group.rows(
        """select account_id, period_start, budget_company_currency, actual_company_currency,
               profit_effect_company_currency, volume_variance_company_currency, price_variance_company_currency
           from marts.fct_budget_variance order by 1, 2"""
    ) == [
        ("RENT", "2024-01-01", "0.0000", "100.0000", "-100.0000", None, None),
        ("RENT", "2024-02-01", "90.0000", "100.0100", "-10.0100", None, None),
        ("RENT", "2024-03-01", "10.0000", "-7.0000", "17.0000", None, None),
        ("SALES", "2024-02-01", "500.0000", "400.0000", "-100.0000", "-100.0000", "0.0000"),
    ]


def test_controls_show_the_two_routes(group: Group):
    assert group.rows(
        """select control, left_total, right_total, passed from marts.fct_tie_out
           where control in ('cost_allocation', 'work_order_ledger', 'budget_actual', 'product_margin')
           order by 1, left_label"""
    ) == [
        ("budget_actual", "193.0100", "193.0100", "true"),
        ("budget_actual", "400.0000", "400.0000", "true"),
        ("cost_allocation", "193.0100", "193.0100", "true"),
        ("product_margin", "200.0100", "200.0100", "true"),
        ("product_margin", "400.0000", "400.0000", "true"),
        ("work_order_ledger", "66.0000", "66.0000", "true"),
    ]


def test_no_share_is_a_cent_away_from_its_exact_value(new_group):
    """For any hours and amounts the shares add up, and each is the exact share rounded up or down."""
    draw = random.Random(3)
    group: Group = new_group()
    for model in ("tryton__product", "tryton__account", "planning__cost_account"):
        group.add(model, TABLES[model])
    months = [f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in range(15)]
    orders = [f"W{n}" for n in range(6)]
    hours = [(m, w, draw.choice([1, 3, 7, draw.randint(1, 99_999)])) for m in months for w in orders]
    charges = {month: draw.choice([-1, 1]) * draw.randint(1, 10 ** draw.randint(1, 11)) for month in months}
    group.add(
        "manufacturing__work_order",
        "work_order_id | work_order_number | company_code | start_date | status\n"
        + "\n".join(f"{w} | {w} | A | 2020-01-01 | released" for w in orders),
    )
    group.add(
        "manufacturing__work_order_cost",
        "work_order_id | kind | element | posting_date | quantity\n"
        + "\n".join(f"{w} | actual | machine | {month}-15 | {q / 100}" for month, w, q in hours),
    )
    lines = []
    for month, cents in charges.items():
        amount, side = Decimal(abs(cents)) / 100, cents > 0
        lines.append(f"{month} | RENT | {month}-20 | {amount if side else 0} | {0 if side else amount}")
        lines.append(f"{month} | BANK | {month}-20 | {0 if side else amount} | {amount if side else 0}")
    group.add(
        "tryton__journal_line",
        "journal_entry_id | account_id | posting_date | debit_company | credit_company\n" + "\n".join(lines),
    )
    group.build("+fct_cost_allocation")
    found = {
        (period[:7], order): Decimal(amount)
        for period, order, amount in group.rows(
            "select period_start, work_order_id, amount_company_currency from marts.fct_cost_allocation"
        )
    }
    for month, cents in charges.items():
        total = sum(q for m, _, q in hours if m == month)
        shares = [found.get((month, w), Decimal(0)) for w in orders]
        assert sum(shares) == Decimal(cents) / 100
        for (_, _, quantity), share in zip([h for h in hours if h[0] == month], shares, strict=True):
            assert abs(share - Decimal(cents) * quantity / total / 100) < Decimal("0.01")
