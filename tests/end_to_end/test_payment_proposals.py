"""Payment proposals of the published demo group: nothing lost, nothing proposed that must not be, nothing invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import published_rows

AGING = "marts.fct_payable_aging where as_of = (select as_of from marts.dim_run)"
FAULTS = {
    "an open payable that is not there, or twice": f"""
        select payable_id from (select payable_id from {AGING}) full join marts.fct_payment_proposal using (payable_id)
        group by 1 having count(*) <> 1 or count(forecast_as_of) <> 1""",
    "a held supplier, or lines that do not match": """
        select payable_id from marts.fct_payment_proposal left join marts.dim_supplier using (supplier_id)
        where state = 'proposed' and (status = 'held' or coalesce(match_status, 'matched') <> 'matched')""",
    "a day for what is not proposed, or none for what is": """
        select payable_id from marts.fct_payment_proposal where (state = 'proposed') <> (proposed_date is not null)""",
    "a run in the past": """
        select 1 from marts.fct_payment_proposal where least(proposed_date, usual_date) <= forecast_as_of""",
    "a discount after its last day": """
        select 1 from marts.fct_payment_proposal where takes_discount and proposed_date > discount_date""",
    "a discount that is not the offer": """
        select 1 from marts.fct_payment_proposal
        where takes_discount and discount_amount_company_currency <> offered_amount_company_currency""",
    "a cost that is not its parts": """
        select 1 from marts.fct_payment_proposal where abs(total_cost_company_currency - cash_cost_company_currency
            - late_cost_company_currency + discount_amount_company_currency) > 0.02""",
    "proposals that cost more than as usual without a floor at risk": """
        select company_id from marts.fct_payment_plan_company
        where total_cost_proposed > total_cost_usual + 0.01 and probability_below_floor_usual <= 0.03""",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_proposal_has(fault: str, demo_group: Path) -> None:
    assert published_rows(demo_group / "var", FAULTS[fault]) == []


def test_open_money_is_that_of_the_aging_to_the_last_digit(demo_group: Path) -> None:
    (row,) = published_rows(
        demo_group / "var",
        f"""select (select sum(open_amount_reporting_currency) from marts.fct_payment_proposal)
                - (select sum(open_amount_reporting_currency) from {AGING}), (select count(*) from {AGING})""",
    )
    assert row[0] == 0
    assert row[1] > 0


def test_proposed_payments_of_the_weeks_are_those_of_the_proposals(demo_group: Path) -> None:
    """In each week of a company at least what is proposed; the rest is kept ready for what is held back."""
    assert (
        published_rows(
            demo_group / "var",
            """with paid as (
               select company_id, date_trunc('week', proposed_date)::date as week_start,
                   sum(open_amount_company_currency - discount_amount_company_currency) as amount
               from marts.fct_payment_proposal where state = 'proposed' group by all
           )
           select * from paid join marts.fct_payment_plan as plan using (company_id, week_start)
           where plan.payments_proposed < paid.amount - 0.01""",
        )
        == []
    )
