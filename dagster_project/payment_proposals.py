"""When to pay each supplier invoice: frames out of the marts, the search of ml/payment_proposals.py, tables to land.

Money of the invoices is taken from the aging table itself, so that it agrees with it to the last digit.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ml.payment_proposals import CompanyCash, PaymentPolicy

log = logging.getLogger("settlehouse")

# Why an invoice must not be proposed. A change of a supplier's bank account counts for the days in which risk patterns
# look at payments, and longer while an alert on it is open.
_OPEN = """
    with match as (
        select invoice_id,
               case when bool_or(match_status = 'missing') then 'missing'
                    when bool_or(match_status = 'quantity') then 'quantity'
                    when bool_or(match_status = 'price') then 'price'
                    else 'matched' end as match_status
        from marts.fct_three_way_match
        group by invoice_id
    ),
    account_change as (
        select distinct change.supplier_id as supplier_record_id
        from intermediate.int_supplier_account_change as change
        join seeds.risk_pattern as pattern on pattern.pattern = 'bank_account_changed'
        where change.changed_date <= $as_of and change.changed_date > $as_of - pattern.window_days
    ),
    account_alert as (
        select distinct supplier_id
        from marts.fct_risk_alert
        where pattern in ('bank_account_changed', 'bank_account_shared') and status = 'open' and supplier_id is not null
    ),
    duplicate as (
        select distinct evidence.document_id as invoice_id
        from marts.fct_risk_evidence as evidence
        join marts.fct_risk_alert as alert using (alert_id)
        where alert.pattern = 'duplicate_invoice' and alert.status = 'open'
            and evidence.document_type = 'purchase_invoice' and evidence.amount_at_stake_company_currency > 0
    )
    select a.payable_id, a.company_id, a.supplier_id, a.kind, a.invoice_id, a.invoice_number, a.invoice_date,
           a.due_date, a.document_currency, a.open_amount_document_currency, a.open_amount_company_currency,
           a.open_amount_reporting_currency, item.discount_percent, item.discount_date, match.match_status,
           within.party_id is not null as is_within_group,
           concat_ws(
               ',',
               case when within.party_id is not null then 'intercompany' end,
               case when match.match_status <> 'matched' then 'three_way_match' end,
               case when supplier.status = 'held' then 'supplier_held' end,
               case when account_change.supplier_record_id is not null or account_alert.supplier_id is not null
                   then 'bank_account_changed' end,
               case when duplicate.invoice_id is not null then 'duplicate_invoice' end,
               case when a.is_disputed then 'disputed' end
           ) as blocked,
           a.source_system, a.source_key
    from marts.fct_payable_aging as a
    join marts.fct_payable as item using (payable_id)
    left join match on match.invoice_id = a.invoice_id
    left join marts.dim_supplier as supplier on supplier.supplier_id = a.supplier_id
    left join account_change on account_change.supplier_record_id = a.supplier_record_id
    left join account_alert on account_alert.supplier_id = a.supplier_id
    left join duplicate on duplicate.invoice_id = a.invoice_id
    left join intermediate.int_intercompany_party as within
        on within.party_kind = 'supplier' and within.party_id = a.supplier_record_id
    where a.as_of = $as_of
"""
_PLANNED = """
    select payable_id, company_id, due_date, cast(open_amount_company_currency as double) as amount,
           cast(discount_percent as double) as discount_percent, discount_date, blocked, is_within_group
    from open_payable
    order by payable_id
"""
_RUNS = """
    select company_id, cast(run_day as timestamp) as run_date
    from intermediate.int_payment_run_day
    where run_day > $as_of
    order by all
"""
_POLICY = """
    select cast(cost_of_cash_annual_rate as double), cast(late_payment_annual_rate as double),
           cast(breach_limit as double), longest_delay_days
    from seeds.payment_policy
    where valid_from <= $as_of
    order by valid_from desc
    limit 1
"""
_PROPOSALS = """
    select cast($as_of as date) as forecast_as_of, open_payable.* exclude (is_within_group, blocked),
           open_amount_company_currency > 0 and coalesce(discount_date > $as_of, false) as standing,
           made.state, made.reasons, made.usual_date::date as usual_date, made.proposed_date::date as proposed_date,
           made.days_late, made.takes_discount,
           case when standing then round(open_amount_company_currency * discount_percent / 100, 2) else 0 end
               as offered_amount_company_currency,
           case when standing then round(open_amount_reporting_currency * discount_percent / 100, 2) else 0 end
               as offered_amount_reporting_currency,
           round(made.discount_amount::decimal(28, 6), 2) as discount_amount_company_currency,
           round(made.discount_amount::decimal(28, 6) * rate.reporting_currency_per_unit::decimal(18, 9), 2)
               as discount_amount_reporting_currency,
           round(made.cash_cost::decimal(28, 6), 2) as cash_cost_company_currency,
           round(made.late_cost::decimal(28, 6), 2) as late_cost_company_currency,
           round(made.total_cost::decimal(28, 6), 2) as total_cost_company_currency,
           round(made.saving::decimal(28, 6), 2) as saving_company_currency,
           round(made.saving::decimal(28, 6) * rate.reporting_currency_per_unit::decimal(18, 9), 2)
               as saving_reporting_currency,
           nullif(made.discount_annual_rate, 'nan'::double) as discount_annual_rate,
           $cost_of_cash::double as cost_of_cash_annual_rate
    from open_payable
    join made using (payable_id)
    join marts.dim_company as company on company.company_id = open_payable.company_id
    left join marts.dim_exchange_rate as rate
        on rate.currency = company.currency and rate.valid_from <= $as_of
        and (rate.valid_to is null or rate.valid_to > $as_of)
    order by open_payable.payable_id
"""


def payment_policy(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> PaymentPolicy:
    """What paying early and late costs and how often cash may fall under its floor, as decided by ``as_of``."""
    from ml.payment_proposals import PaymentPolicy

    row = warehouse.execute(_POLICY, {"as_of": as_of}).fetchone()
    assert row is not None, "the seed payment_policy begins in 1900"
    return PaymentPolicy(*row)


def open_payables(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> pd.DataFrame:
    """The payables of ml.payment_proposals.propose_payments; all that is known of them is in the temporary table
    open_payable."""
    warehouse.execute(f"create or replace temp table open_payable as {_OPEN}", {"as_of": as_of})
    return typed(warehouse.execute(_PLANNED).df())


def payment_runs(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> pd.DataFrame:
    """Days on which companies are expected to pay: company_id, run_date."""
    return typed(warehouse.execute(_RUNS, {"as_of": as_of}).df())


def payment_proposals(
    warehouse: duckdb.DuckDBPyConnection,
    as_of: date,
    cash: dict[str, CompanyCash],
    weeks: pd.DatetimeIndex,
    group: tuple[str, float],
) -> dict[str, pd.DataFrame | pa.Table]:
    """Tables fct_payment_proposal, fct_payment_plan and fct_payment_plan_company as of ``as_of``.

    Nothing after ``as_of`` is read. What a search says beside that it found the best is logged.

    Args:
        cash: by company_id, without what is open with suppliers outside the group. weeks: Mondays of its weeks.
        group: reporting currency and floor of the group.
    """
    import pandas as pd

    from ml.payment_proposals import OPTIMAL, propose_payments

    policy = payment_policy(warehouse, as_of)
    payables, runs = open_payables(warehouse, as_of), payment_runs(warehouse, as_of)
    result = propose_payments(payables, runs, cash, weeks, pd.Timestamp(as_of), policy, group)
    warehouse.register("made", result.proposals)
    proposals = warehouse.execute(_PROPOSALS, {"as_of": as_of, "cost_of_cash": policy.cost_of_cash}).to_arrow_table()
    warehouse.unregister("made")
    warehouse.execute("drop table open_payable")
    for row in result.companies.itertuples():
        if row.status != OPTIMAL:
            log.warning("payments   %s: %s", row.company_id, str(row.status).replace("_", " "))
    day = pd.Timestamp(as_of)
    return {
        "fct_payment_proposal": proposals,
        "fct_payment_plan": result.weeks.assign(forecast_as_of=day),
        "fct_payment_plan_company": result.companies.assign(forecast_as_of=day),
    }


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its days as datetime64[ns], which ml/ expects."""
    for column in frame.columns:
        if column.endswith("_date"):
            frame[column] = frame[column].astype("datetime64[ns]")
    return frame
