"""The bridge from one forecast of receipts to a later one, or to what came: by document and cause, exact to the cent.

What the first forecast expected of a week stands against what the later one knows of it: what came until then, and what
it still expects. Every document's share of the difference is split by cause; docs/decisions.md, "Variance bridge", has
a worked example.
"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

BRIDGE, VARIANCE = "fct_forecast_bridge", "fct_forecast_variance"
COMPARED_WEEKS = (1, 2, 3, 4, 8, 13)
"""A run is compared with the newest forecast that is at least so many weeks old, and with the one before it."""
KEPT_WEEKS = 4
"""Besides the run's, the comparisons of the last run of so many weeks before it are kept."""

CAUSES = ("timing", "permanent", "new", "changed_amount", "currency", "not_itemised")

# Amounts are in reporting currency, rounded to the cent once, document by document; a document's money is split in
# proportion to its document amounts by differences of rounded running totals, so that the parts are the whole.
_PARTS = """
    create or replace temp table bridge_first as
    select receivable_id, company_id, customer_id, invoice_number, source_system, source_key, is_disputed,
           cast(date_trunc('week', expected_date) as date) as week_start,
           open_amount_document_currency as document_amount, amount_reporting_currency as amount
    from marts.fct_receipt_expectation
    where forecast_as_of = $first and amount_reporting_currency is not null and open_amount_document_currency <> 0;

    create or replace temp table bridge_second as
    -- what came of each document since, and what the later forecast still expects of it
    select receipt.receivable_id, cast(date_trunc('week', receipt.receipt_date) as date) as week_start,
           'paid' as kind, sum(receipt.amount_document_currency) as document_amount,
           sum(cast(receipt.amount_reporting_currency as decimal(18, 2))) as amount
    from marts.fct_receipt as receipt
    join marts.fct_receivable as item using (receivable_id)
    where receipt.kind = 'payment' and item.kind = 'invoice' and not receipt.is_intercompany
        and receipt.receipt_date > $first and receipt.receipt_date <= $second
        and receipt.amount_reporting_currency is not null
    group by all
    union all
    select receivable_id, cast(date_trunc('week', expected_date) as date), 'open', open_amount_document_currency,
           amount_reporting_currency
    from marts.fct_receipt_expectation
    where forecast_as_of = $second and amount_reporting_currency is not null and open_amount_document_currency <> 0;

    create or replace temp table bridge_part as
    with settled as (
        select s.receivable_id, s.kind, sum(s.amount_document_currency) as document_amount
        from marts.fct_receivable_settlement as s
        join bridge_first using (receivable_id)
        where s.kind <> 'payment' and s.settlement_date > $first and s.settlement_date <= $second
        group by all
        having sum(s.amount_document_currency) <> 0
    ),
    known as (
        select receivable_id, kind, week_start, document_amount, amount,
               case kind when 'paid' then 1 else 2 end as place
        from bridge_second join (select receivable_id from bridge_first) using (receivable_id)
        union all
        select receivable_id, kind, null, document_amount, null, 3 from settled
    ),
    part as (
        select * from known
        union all
        -- what neither came, nor is expected, nor was settled otherwise: the document itself says another amount
        select f.receivable_id, 'amount', null, f.document_amount - coalesce(sum(known.document_amount), 0), null, 4
        from bridge_first as f left join known using (receivable_id)
        group by f.receivable_id, f.document_amount
    ),
    running as (
        select part.*, sum(part.document_amount) over up_to as part_to,
               coalesce(sum(part.document_amount) over before, 0) as part_from
        from part
        window up_to as (partition by receivable_id order by place, week_start, kind
                           rows between unbounded preceding and current row),
            before as (partition by receivable_id order by place, week_start, kind
                       rows between unbounded preceding and 1 preceding)
    )
    select running.receivable_id, running.kind, f.week_start as first_week, running.week_start as second_week,
           running.amount as second_amount,
           case when part_to = f.document_amount then f.amount
                else cast(round(cast(f.amount as double) * cast(part_to as double) / cast(f.document_amount as double),
                                2) as decimal(18, 2)) end
           - case when part_from = f.document_amount then f.amount
                  else cast(round(cast(f.amount as double) * cast(part_from as double)
                                  / cast(f.document_amount as double), 2) as decimal(18, 2)) end as first_amount
    from running join bridge_first as f using (receivable_id);
"""
_TOTALS = """
    create or replace temp table bridge_total as
    with forecast as (
        select cash.forecast_as_of, cash.company_id, cash.week_start,
               cast(round(sum(cash.mean * rate.reporting_currency_per_unit), 2) as decimal(18, 2)) as amount
        from marts.fct_cash_forecast as cash
        join marts.dim_exchange_rate as rate
            on rate.currency = cash.currency and rate.valid_from <= cash.forecast_as_of
            and (rate.valid_to is null or rate.valid_to > cash.forecast_as_of)
        where cash.flow = 'receipts' and cash.forecast_as_of in ($first, $second)
        group by all
    ),
    came as (
        select company_id, cast(date_trunc('week', receipt_date) as date) as week_start,
               sum(cast(amount_reporting_currency as decimal(18, 2))) as amount
        from marts.fct_receipt
        where not is_intercompany and receipt_date > $first and receipt_date <= $second
        group by all
    ),
    week as (select distinct week_start from forecast where forecast_as_of = $first),
    company as (
        select company_id from forecast union select company_id from came union select company_id from bridge_first
    )
    select company.company_id, week.week_start,
           coalesce(f1.amount, 0) as first_amount, coalesce(came.amount, 0) as came_amount,
           coalesce(f2.amount, 0) as expected_amount, week.week_start + 6 <= $second as is_over
    from company cross join week
    left join forecast as f1
        on f1.forecast_as_of = $first and f1.company_id = company.company_id and f1.week_start = week.week_start
    left join forecast as f2
        on f2.forecast_as_of = $second and f2.company_id = company.company_id and f2.week_start = week.week_start
    left join came on came.company_id = company.company_id and came.week_start = week.week_start;
"""
_BRIDGE = """
    select cast($first as date) as forecast_as_of, cast($second as date) as compared_as_of, company_id, week_start,
           first_amount as forecast_amount_reporting_currency, came_amount as received_amount_reporting_currency,
           expected_amount as still_expected_amount_reporting_currency,
           cast(came_amount + expected_amount - first_amount as decimal(18, 2)) as difference_reporting_currency,
           is_over
    from bridge_total
    order by company_id, week_start
"""
_VARIANCE = """
    with moved as (
        select p.*, f.is_disputed as was_disputed, coalesce(e.is_disputed, false) as is_disputed
        from bridge_part as p
        join bridge_first as f using (receivable_id)
        left join marts.fct_receipt_expectation as e
            on e.forecast_as_of = $second and e.receivable_id = p.receivable_id
    ),
    timing as (
        select *,
               case when kind = 'open' and is_disputed and not coalesce(was_disputed, false) then 'disputed'
                    when kind = 'paid' and second_week < first_week then 'paid_earlier'
                    when kind = 'paid' then 'paid_later'
                    when second_week < first_week then 'expected_earlier'
                    else 'expected_later' end as reason
        from moved
        where kind in ('paid', 'open') and second_week <> first_week
    ),
    of_document as (
        select receivable_id, first_week as week_start, 'timing' as cause, reason, second_week as other_week_start,
               -first_amount as amount from timing
        union all
        select receivable_id, second_week, 'timing', reason, first_week, first_amount from timing
        union all
        select receivable_id, second_week, 'currency', 'rate', null, second_amount - first_amount
        from bridge_part where kind in ('paid', 'open')
        union all
        select receivable_id, first_week, case kind when 'amount' then 'changed_amount' else 'permanent' end, kind,
               null, -first_amount
        from bridge_part where kind not in ('paid', 'open')
        union all
        select receivable_id, week_start, 'new', kind, null, amount
        from bridge_second anti join bridge_first using (receivable_id)
    ),
    itemised as (
        select company_id, week_start, sum(amount) filter (where view = 1) as first_amount,
               sum(amount) filter (where view = 2) as second_amount
        from (
            select 1 as view, company_id, week_start, amount from bridge_first
            union all
            select 2, item.company_id, bridge_second.week_start, bridge_second.amount
            from bridge_second join marts.fct_receivable as item using (receivable_id)
        ) group by all
    ),
    rest as (
        select t.company_id, t.week_start,
               (t.came_amount + t.expected_amount - coalesce(i.second_amount, 0))
               - (t.first_amount - coalesce(i.first_amount, 0)) as amount
        from bridge_total as t left join itemised as i using (company_id, week_start)
    )
    select cast($first as date) as forecast_as_of, cast($second as date) as compared_as_of, item.company_id,
           d.week_start, d.cause, d.reason, d.receivable_id, item.customer_id, item.invoice_number, d.other_week_start,
           cast(sum(d.amount) as decimal(18, 2)) as amount_reporting_currency, item.source_system, item.source_key
    from of_document as d
    join marts.fct_receivable as item using (receivable_id)
    where d.week_start in (select week_start from bridge_total)
    group by all
    having sum(d.amount) <> 0
    union all
    select $first, $second, company_id, week_start, 'not_itemised', 'not_itemised', null, null, null, null,
           cast(amount as decimal(18, 2)), null, null
    from rest where amount <> 0
    order by company_id, week_start, cause, receivable_id, other_week_start, reason
"""


def compare(warehouse: duckdb.DuckDBPyConnection, first: date, second: date) -> tuple[int, int]:
    """Write the bridge from the forecast of ``first`` to that of ``second`` in the place of an earlier one.

    Both are days of forecasts in marts.fct_receipt_expectation, ``first`` the earlier. Returns the rows of
    fct_forecast_bridge (company × week of the first forecast) and fct_forecast_variance (document × week × cause). For
    every company and week the causes add up to difference_reporting_currency exactly.
    """
    days = {"first": first, "second": second}
    statements = duckdb.extract_statements(_PARTS + _TOTALS)
    for statement in statements:
        warehouse.execute(statement, {name: days[name] for name in statement.named_parameters})
    written = []
    for table, query in ((BRIDGE, _BRIDGE), (VARIANCE, _VARIANCE)):
        warehouse.execute(f"delete from marts.{table} where forecast_as_of = ? and compared_as_of = ?", [first, second])
        row = warehouse.execute(f"insert into marts.{table} by name ({query})", days).fetchone()
        written.append(int(row[0]) if row else 0)
    return written[0], written[1]


def compare_run(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> int:
    """Bridges from earlier forecasts to that of ``as_of``; those of days no longer looked at go. Returns how many."""
    days = [
        day
        for (day,) in warehouse.execute(
            "select distinct forecast_as_of from marts.fct_receipt_expectation where forecast_as_of <= ? order by 1",
            [as_of],
        ).fetchall()
    ]
    earlier = [day for day in days if day < as_of]
    compared = set(earlier[-1:])
    for weeks in COMPARED_WEEKS:
        compared |= set([day for day in earlier if day <= as_of - timedelta(weeks=weeks)][-1:])
    for first in sorted(compared):
        compare(warehouse, first, as_of)
    last_of_week = {day - timedelta(days=day.weekday()): day for day in days}
    kept = {as_of, *sorted(last_of_week.values())[-KEPT_WEEKS - 1 :]}
    for table in (BRIDGE, VARIANCE):
        warehouse.execute(
            f"delete from marts.{table} where compared_as_of <= ? and not list_contains(?, compared_as_of)",
            [as_of, sorted(kept)],
        )
    return len(compared)
