"""Collections and credit of a run: frames out of the marts, methods in ml/, tables ready to land.

Money of the worklist and its items is taken from the aging table itself, so that it agrees with it to the last digit.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# Companies of the group: reconciled and eliminated by the controller, neither graded nor called.
_PARTNER = (
    "left join intermediate.int_intercompany_party as partner "
    "on partner.party_kind = 'customer' and partner.party_id = {item}.customer_record_id"
)
_ITEMS = f"""
    select i.receivable_id, i.company_id, coalesce(i.customer_id, '') as customer_id, i.posting_date, i.due_date,
           case when i.cleared_date <= $as_of then i.cleared_date end as cleared_date,
           cast(i.amount_company_currency as double) as amount, coalesce(i.is_disputed, false) as is_disputed
    from marts.fct_receivable as i {_PARTNER.format(item="i")}
    where i.posting_date <= $as_of and partner.party_id is null
    order by 1
"""
_SETTLEMENTS = """
    select receivable_id, settlement_date, kind, cast(amount_company_currency as double) as amount
    from marts.fct_receivable_settlement
    where settlement_date <= $as_of
    order by all
"""
_OPEN = f"""
    select a.receivable_id, a.company_id, coalesce(a.customer_id, '') as customer_id, a.due_date,
           cast(a.open_amount_company_currency as double) as amount,
           cast(a.open_amount_reporting_currency as double) as amount_reporting,
           coalesce(a.is_disputed, false) as is_disputed, partner.party_id is not null as is_intercompany
    from marts.fct_receivable_aging as a {_PARTNER.format(item="a")}
    where a.as_of = $as_of
    order by 1
"""
# A customer has one limit. Who buys from several companies has, at each, the limit of the record it buys under.
_LIMITS = """
    with bought as (
        select company_id, customer_id, max(customer_record_id) as record_id,
               count(*) over (partition by customer_id) as companies
        from marts.fct_receivable
        where customer_id is not null
        group by company_id, customer_id
    )
    select bought.company_id, bought.customer_id,
           cast(case when bought.companies > 1 then coalesce(record.credit_limit_company_currency,
                                                             customer.credit_limit_company_currency)
                     else customer.credit_limit_company_currency end as double) as credit_limit
    from bought
    left join marts.dim_customer as customer using (customer_id)
    left join marts.dim_customer_source as record using (record_id)
    order by all
"""
_COMMITMENTS = """
    with part as (
        select company_id, party_id as customer_id, open_amount_company_currency as note, 0 as backlog
        from marts.fct_note
        where direction = 'receivable' and maturity_date > $as_of
        union all
        select company_id, customer_id, 0, backlog_amount_company_currency + uninvoiced_amount_company_currency
        from marts.fct_sales_order_line
        where order_date <= $as_of
    )
    select company_id, customer_id, cast(sum(note) as double) as note_amount,
           cast(sum(backlog) as double) as backlog_amount
    from part
    where customer_id is not null
    group by company_id, customer_id
    order by all
"""
_MATRIX = f"""
    select a.company_id, coalesce(a.customer_id, '') as customer_id,
           cast(sum(a.open_amount_company_currency * loss.loss_rate_percent / 100) as double) as expected_loss_matrix
    from marts.fct_receivable_aging as a {_PARTNER.format(item="a")}
    join marts.fct_expected_credit_loss as loss
        on a.as_of = loss.as_of and a.company_id = loss.company_id and a.bucket = loss.bucket
    where a.as_of = $as_of and a.open_amount_company_currency > 0 and partner.party_id is null
    group by a.company_id, a.customer_id
    order by all
"""
_PROMISES = """
    select company_id, customer_id, receivable_id, promised_date, state,
           cast(amount_company_currency as double) as amount,
           cast(amount_reporting_currency as double) as amount_reporting
    from marts.fct_payment_promise
    where given_date <= $as_of
    order by promise_id
"""
_SCHEDULE = """
    select grade, days_overdue_from, action
    from seeds.reminder_schedule
    where valid_from = (select max(valid_from) from seeds.reminder_schedule where valid_from <= $as_of)
    order by all
"""
# The forecast that a fall is measured against: a week old, or the newest before.
_EARLIER = """
    select receivable_id, forecast_as_of, probability_paid_30
    from marts.fct_receivable_forecast
    where forecast_as_of = (
        select max(forecast_as_of) from marts.fct_receivable_forecast
        where forecast_as_of between $as_of - 35 and $as_of - 7
    )
    order by 1
"""
_HISTORY = f"""
    select i.receivable_id, i.company_id, coalesce(i.customer_id, '') as customer_id, i.due_date, i.cleared_date
    from marts.fct_receivable as i {_PARTNER.format(item="i")}
    where i.kind = 'invoice' and i.cleared_date <= $as_of and i.cleared_date > $as_of - 365 and partner.party_id is null
    order by 1
"""
_COMPANIES = """
    select company.company_id, cast(rate.rate_to_reporting as double) as rate
    from marts.dim_company as company
    left join intermediate.int_reporting_rate as rate
        on company.source_system = rate.source_system and company.currency = rate.currency and rate.date_day = $as_of
    order by 1
"""
_LANDED_WORKLIST = """
    with exact as (
        select company_id, coalesce(customer_id, '') as customer_id,
               {sums}
        from marts.fct_receivable_aging
        where as_of = $as_of
        group by all
    )
    select made.* exclude (customer_id), nullif(made.customer_id, '') as customer_id,
           exact.* exclude (company_id, customer_id),
           coalesce(customer.source_system, company.source_system) as source_system,
           coalesce(customer.source_key, company.source_key) as source_key
    from made
    join exact on made.company_id = exact.company_id and made.customer_id = exact.customer_id
    join marts.dim_company as company on made.company_id = company.company_id
    left join marts.dim_customer as customer on made.customer_id = customer.customer_id
    order by made.rank
"""
_LANDED_ITEMS = """
    select made.*, aging.customer_id, aging.due_date, aging.document_currency, aging.open_amount_document_currency,
           aging.open_amount_company_currency, aging.open_amount_reporting_currency, aging.source_system,
           aging.source_key
    from made
    join marts.fct_receivable_aging as aging on aging.as_of = $as_of and made.receivable_id = aging.receivable_id
    order by made.place
"""
_LANDED_OTHERS = """
    select made.* exclude (customer_id), nullif(made.customer_id, '') as customer_id,
           coalesce(customer.source_system, company.source_system) as source_system,
           coalesce(customer.source_key, company.source_key) as source_key
    from made
    join marts.dim_company as company on made.company_id = company.company_id
    left join marts.dim_customer as customer on made.customer_id = customer.customer_id
    order by {order}
"""
_SUMS = {
    "overdue": "days_overdue > 0",
    "credit": "{amount} < 0",
}


def credit_control(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, timing: pd.DataFrame
) -> dict[str, pd.DataFrame | pa.Table]:
    """Worklist, items, alerts, credit assessments and grades as of ``as_of``, by published table.

    ``timing``: the forecast of the open receivables, as ml.receipts.forecast_receivables returns it.
    """
    import pandas as pd

    from ml.collections import plan_collections
    from ml.credit import assess_credit

    day = pd.Timestamp(as_of)

    def frame(query: str) -> pd.DataFrame:
        # some queries hold for every day: they take no parameter
        values = {"as_of": as_of} if "$as_of" in query else {}
        result = warehouse.execute(query, values).df()
        for column in result.columns:
            if column.endswith("_date") or column == "forecast_as_of":
                result[column] = pd.to_datetime(result[column]).astype("datetime64[ns]")
        return result

    promises = frame(_PROMISES)
    broken = promises[
        (promises["state"] == "broken") & (promises["promised_date"] > day - pd.Timedelta(days=180))
    ].groupby(["company_id", "customer_id"])
    credit = assess_credit(
        frame(_ITEMS),
        frame(_SETTLEMENTS),
        day,
        limits=frame(_LIMITS),
        commitments=frame(_COMMITMENTS),
        matrix=frame(_MATRIX),
        promises=broken.size().rename("broken_count").reset_index(),
    )
    planned = plan_collections(
        frame(_OPEN),
        timing,
        day,
        schedule=frame(_SCHEDULE),
        grades=credit.assessments[["company_id", "customer_id", "grade"]],
        promises=promises,
        earlier=frame(_EARLIER) if _exists(warehouse, "fct_receivable_forecast") else None,
        history=frame(_HISTORY),
    )
    rates = frame(_COMPANIES).set_index("company_id")["rate"]
    return {
        "fct_collection_worklist": _land(warehouse, _worklist(planned.worklist, day), _LANDED_WORKLIST.format(
            sums=", ".join(
                f"cast(coalesce(sum({amount}) filter (where {condition.format(amount=amount)}), 0) as decimal(18, 4))"
                f" as {part}_amount_{currency}_currency"
                for part, condition in _SUMS.items()
                for currency in ("company", "reporting")
                for amount in (f"open_amount_{currency}_currency",)
            )), as_of),
        "fct_collection_item": _land(warehouse, _items(planned.items, day), _LANDED_ITEMS, as_of),
        "fct_late_payment_alert": _land(
            warehouse, _alerts(planned.alerts, day), _LANDED_OTHERS.format(order="made.rank"), as_of
        ),
        "fct_credit_assessment": _land(
            warehouse, _assessments(credit.assessments, rates),
            _LANDED_OTHERS.format(order="made.company_id, made.customer_id"), as_of,
        ),
        "fct_credit_grade": credit.grades,
    }  # fmt: skip


def _worklist(worklist: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    renamed = {
        f"{part}{suffix}": f"{part.removesuffix('_amount')}_amount_{currency}_currency"
        for part in ("soon_late_amount", "disputed_amount", "expected_moved")
        for suffix, currency in (("", "company"), ("_reporting", "reporting"))
    }
    taken = worklist.rename(columns={**renamed, "probability_paid": "probability_paid_30"})
    columns = [
        "company_id", "customer_id", "rank", "action", "reminder_level", "grade", *renamed.values(),
        "overdue_item_count", "oldest_days_overdue", "probability_paid_30", "open_promise_count",
        "broken_promise_count", "next_promise_date",
    ]  # fmt: skip
    return taken[columns].assign(forecast_as_of=as_of)


def _items(items: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    renamed = {
        "probability_paid": "probability_paid_30",
        "moved": "expected_moved_amount_company_currency",
        "moved_reporting": "expected_moved_amount_reporting_currency",
    }
    columns = ["receivable_id", "company_id", "kind", "action", "days_overdue", "p50_date", "is_disputed"]
    taken = items.rename(columns=renamed)[[*columns, *renamed.values()]]
    return taken.assign(forecast_as_of=as_of, place=range(len(taken)))


def _alerts(alerts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    renamed = {"amount": "amount_company_currency", "amount_reporting": "amount_reporting_currency"}
    return alerts.rename(columns=renamed).assign(forecast_as_of=as_of)


def _assessments(assessments: pd.DataFrame, rates: pd.Series) -> pd.DataFrame:
    """Amounts in company currency, and the ones that are added up over companies in reporting currency too."""
    made = assessments.copy()
    rate = made["company_id"].map(rates)
    both: dict[str, Any] = {
        "open_amount": "open_amount",
        "exposure": "exposure_amount",
        "expected_loss_model": "expected_loss_model",
        "expected_loss_matrix": "expected_loss_matrix",
    }
    for name, published in both.items():
        made[f"{published}_reporting_currency"] = (made[name] * rate).round(2)
        made[f"{published}_company_currency"] = made.pop(name).round(2)
    # the difference is that of the two figures as shown
    made["expected_loss_difference_company_currency"] = (
        made["expected_loss_model_company_currency"] - made["expected_loss_matrix_company_currency"]
    )
    made["expected_loss_exposure_company_currency"] = made.pop("expected_loss_exposure").round(2)
    for name in ("credit_amount", "note_amount", "backlog_amount", "credit_limit"):
        made[f"{name}_company_currency"] = made.pop(name)
    return made.drop(columns="expected_loss_difference")


def _land(warehouse: duckdb.DuckDBPyConnection, made: pd.DataFrame, query: str, as_of: date) -> pa.Table:
    warehouse.register("made", made)
    try:
        values = {"as_of": as_of} if "$as_of" in query else {}
        return warehouse.execute(query, values).to_arrow_table()
    finally:
        warehouse.unregister("made")


def _exists(warehouse: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = warehouse.execute(
        "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = ?", [table]
    ).fetchone()
    return bool(found and found[0])
