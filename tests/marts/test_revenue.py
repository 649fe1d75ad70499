"""Revenue by performance obligation (IFRS 15 / ASC 606): the textbook contract, a leap year, a modification, any price.

The textbook contract T: a machine (sold alone for 5,000.00), its installation (2,500.00) and two years of maintenance
(2,500.00) for 9,000.00 together, a discount of 10 % that all share:
9,000 × 5,000 / 10,000 = 4,500; 9,000 × 2,500 / 10,000 = 2,250; the same again = 2,250.
"""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.marts.conftest import Group

RANDOM_CONTRACTS = 300


def random_prices() -> dict[str, tuple[Decimal, list[Decimal]]]:
    """Price and stand-alone selling prices of many contracts: a cent, a billion, equal, zero and unequal shares."""
    rng = random.Random(606)

    def amount() -> Decimal:
        return Decimal(rng.choice((rng.randint(0, 9), rng.randint(0, 10**6), rng.randint(0, 10**13)))) / 100

    contracts = {}
    for number in range(RANDOM_CONTRACTS):
        shares = [amount() for _ in range(rng.randint(1, 9))]
        if number % 10 == 0:
            shares = [shares[0]] * len(shares)
        contracts[f"R{number}"] = (amount(), shares)
    return contracts


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    group = new_group()
    group.add(
        "crm__contract",
        """
        contract_id | contract_number | company_code | customer_code | signed_date | document_currency | transaction_price_document
        T           | T-1             | A            | 1001          | 2024-01-10  | EUR               | 9000
        M           | M-1             | A            | 1001          | 2024-01-01  | EUR               | 100
        """,  # noqa: E501
    )
    group.add(
        "crm__contract_obligation",
        """
        contract_obligation_id | contract_id | pattern       | stand_alone_selling_price_document | start_date | end_date
        T1 machine             | T           | point_in_time | 5000                               | 2024-02-20 | 2024-02-20
        T2 installation        | T           | progress      | 2500                               | 2024-02-20 | 2024-04-30
        T3 maintenance         | T           | straight_line | 2500                               | 2024-01-15 | 2026-01-14
        M1 thirds              | M           | straight_line | 10                                 | 2024-01-01 | 2024-04-30
        M2 thirds              | M           | point_in_time | 10                                 | 2024-01-01 | 2024-04-30
        M3 thirds              | M           | point_in_time | 10                                 | 2024-01-01 | 2024-04-30
        """,  # noqa: E501
    )
    group.add(
        "crm__contract_event",
        """
        contract_event_id | contract_id | contract_obligation_id | kind         | event_date | progress_share | amount_document
        1                 | T           |                        | billing      | 2024-01-12 |                | 3600
        2                 | T           | T1 machine             | delivery     | 2024-02-20 |                |
        3                 | T           | T2 installation        | progress     | 2024-02-29 | 0.4            |
        4                 | T           | T2 installation        | progress     | 2024-04-10 | 1              |
        5                 | T           |                        | billing      | 2024-04-15 |                | 5400
        6                 | M           |                        | modification | 2024-03-01 |                | 20
        7                 | M           |                        | modification | 2024-05-01 |                | 999
        """,  # noqa: E501
    )
    contracts, obligations = [], []
    for contract, (price, shares) in random_prices().items():
        contracts.append(f"('{contract}', '{contract}', 'A', null, '2024-01-01', 'EUR', {price}, 'crm', '')")
        obligations += [
            f"('{contract}-{number}', '{contract}', '', 'progress', {share}, '2024-01-01', '2024-12-31', 'crm', '')"
            for number, share in enumerate(shares)
        ]
    group.execute(f"insert into staging.stg_crm__contract values {', '.join(contracts)}")
    group.execute(f"insert into staging.stg_crm__contract_obligation values {', '.join(obligations)}")
    group.build("+fct_tie_out +fct_contract_obligation", as_of="2024-04-30")
    return group


def test_price_is_shared_in_proportion_to_stand_alone_selling_prices(group: Group):
    assert group.rows(
        """select contract_obligation_id, allocated_amount_document_currency, customer_id, company_id
           from marts.fct_contract_obligation where contract_id = 'T' order by 1"""
    ) == [
        ("T1 machine", "4500.0000", "C1", "A"),
        ("T2 installation", "2250.0000", "C1", "A"),
        ("T3 maintenance", "2250.0000", "C1", "A"),
    ]


def test_revenue_of_each_month(group: Group):
    """Maintenance runs 731 days, 2024 being a leap year: January 17 days, 2250 × 17 / 731 = 52.33; to the end of
    February 46 days (29 of them in February), 2250 × 46 / 731 = 141.59; March 77 days, 237.00; April 107 days, 329.34.
    """
    assert group.rows(
        """select period_end, contract_obligation_id, recognised_amount_document_currency::decimal(9, 2),
                  cumulative_amount_document_currency::decimal(9, 2)
           from marts.fct_revenue_schedule
           where contract_id = 'T' and not is_planned and recognised_amount_document_currency <> 0 order by 1, 2"""
    ) == [
        ("2024-01-31", "T3 maintenance", "52.33", "52.33"),
        ("2024-02-29", "T1 machine", "4500.00", "4500.00"),
        ("2024-02-29", "T2 installation", "900.00", "900.00"),  # 40 % of 2,250
        ("2024-02-29", "T3 maintenance", "89.26", "141.59"),
        ("2024-03-31", "T3 maintenance", "95.41", "237.00"),
        ("2024-04-30", "T2 installation", "1350.00", "2250.00"),
        ("2024-04-30", "T3 maintenance", "92.34", "329.34"),
    ]


def test_planned_months_add_up_to_the_whole(group: Group):
    assert group.rows(
        """select sum(recognised_amount_document_currency), min(remaining_amount_document_currency), max(period_end)
           from marts.fct_revenue_schedule where contract_obligation_id = 'T3 maintenance'"""
    ) == [("2250.0000", "0.0000", "2026-01-31")]


def test_roll_forward_of_deferred_revenue(group: Group):
    assert group.rows(
        """select period_end, columns('opening|billed|recognised|closing|asset')::decimal(9, 2)
           from marts.fct_deferred_revenue_roll_monthly where contract_id = 'T' order by 1"""
    ) == [
        # opening, billed, recognised, closing, of which contract asset
        ("2024-01-31", "0.00", "3600.00", "52.33", "3547.67", "0.00"),
        ("2024-02-29", "3547.67", "0.00", "5489.26", "-1941.59", "1941.59"),
        ("2024-03-31", "-1941.59", "0.00", "95.41", "-2037.00", "2037.00"),
        ("2024-04-30", "-2037.00", "5400.00", "1442.34", "1920.66", "0.00"),
    ]


def test_a_modification_is_caught_up_in_its_month(group: Group):
    """100 / 3 is 33.34, 33.33, 33.33; from March on 120 / 3 = 40. Of 121 days 31, 60, 91 and 121 are done: 8.54, 16.53,
    and of the new price 30.08, 40.00. What is agreed in May is not known in April."""
    assert group.rows(
        """select period_end, allocated_amount_document_currency::decimal(9, 2),
                  recognised_amount_document_currency::decimal(9, 2), cumulative_amount_document_currency::decimal(9, 2)
           from marts.fct_revenue_schedule where contract_obligation_id = 'M1 thirds' order by 1"""
    ) == [
        ("2024-01-31", "33.34", "8.54", "8.54"),
        ("2024-02-29", "33.34", "7.99", "16.53"),
        ("2024-03-31", "40.00", "13.55", "30.08"),
        ("2024-04-30", "40.00", "9.92", "40.00"),
    ]


def test_shares_add_up_to_any_price_and_are_the_nearest_cents(group: Group):
    found: dict[str, list[Decimal]] = {}
    for contract, amount in group.rows(
        """select contract_id, allocated_amount_document_currency from marts.fct_contract_obligation
           where contract_id like 'R%' order by contract_id, len(contract_obligation_id), contract_obligation_id"""
    ):
        found.setdefault(contract, []).append(Decimal(amount))
    expected = random_prices()
    assert found.keys() == expected.keys()
    for contract, (price, shares) in expected.items():
        assert sum(found[contract]) == price, contract
        weights = shares if sum(shares) else [Decimal(1)] * len(shares)
        for got, weight in zip(found[contract], weights, strict=True):
            assert abs(got - price * weight / sum(weights)) < Decimal("0.01"), contract


def test_controls_of_contracts(group: Group):
    assert group.rows(
        """select right_label, left_total = right_total, passed from marts.fct_tie_out
           where control = 'contract_price' order by 1"""
    ) == [
        ("allocated to performance obligations", "true", "true"),
        ("recognised and remaining in the schedule", "true", "true"),
    ]
    # No invoice of this group is posted on a deferred revenue account, and that is told.
    assert group.rows(
        "select as_of, left_total, right_total from marts.fct_tie_out where control = 'deferred_revenue' and as_of = "
        "'2024-04-30'"
    ) == [("2024-04-30", "1880.6600", "0.0000")]
