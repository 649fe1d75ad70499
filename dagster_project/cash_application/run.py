"""Cash application of a run: marts in, three tables of the marts out. Made anew each time from facts and decisions.

What the ERP has applied stays the accounting fact: nothing here is added to settlements or open items. ``erp_state``
says whether the ERP applied the line in the same way, in another way, or not yet.
"""

from __future__ import annotations

import logging
import time

import duckdb

from dagster_project.cash_application.inputs import read_marts
from dagster_project.cash_application.matching import APPLIED_FROM, match
from dagster_project.config import Settings
from dagster_project.contracts.published import CASH_APPLICATION
from dagster_project.transform import RunContext
from dagster_project.warehouse import open_warehouse

log = logging.getLogger("settlehouse")

_REASONS = """
    array_to_string(list_filter([
        case when named_surely > 0 then 'number_named' end,
        case when named_short > 0 then 'short_number_named' end,
        case when named_nearly > 0 then 'number_nearly_named' end,
        case when named_outside > 0 then 'other_numbers_named' end,
        case when by_account = 1 then 'payer_account' end,
        case when name_score >= 0.95 then 'payer_name' when name_score > 0 then 'payer_name_alike' end,
        case when by_account = 0 and name_score = 0 and by_name_history = 1 then 'paid_before'
            when by_account = 0 and name_score = 0 then 'other_payer' end,
        case when customers > 1 then 'several_customers' end,
        case explanation when 'exact' then 'amount_agrees' when 'fee' then 'bank_fee' when 'discount' then 'discount'
            when 'discount_fee' then 'discount_and_fee'
            when 'short' then 'short_payment' when 'short_several' then 'short_payment'
            when 'over' then 'over_payment' else explanation end,
        case when fitting_rivals > 1 then 'others_fit_too' end,
        case when older_skipped > 0 then 'older_left_open' end
    ], x -> x is not null), ',')
"""
# What a chosen row is of its line and item, money in both currencies.
_CHOSEN_ITEM = f"""
    create or replace temp table chosen_item as
    select chosen.line_id, chosen.set_key, part.item_id, part.amount, part.discount, part.fee,
        case when part.is_other_currency then part.line_share else part.amount - part.fee end::decimal(18, 4)
            as amount_of_line,
        chosen.probability, chosen.is_confirmed, scored.explanation, scored.tier, {_REASONS} as reasons
    from chosen
    join (
        -- In another currency each item has its share of the line, the last one what is left of rounding.
        select *, case when is_other_currency then
                case when row_number() over whole = count(*) over (partition by line_id, set_key)
                    then line_amount - coalesce(sum(rounded) over before, 0) else rounded end end as line_share
        from (
            select s.*, line.amount as line_amount,
                round(line.amount::decimal(24, 4) * (s.amount::decimal(24, 4)
                    / sum(s.amount) over (partition by s.line_id, s.set_key)), 2)
                    ::decimal(18, 4) as rounded
            from scored_item s join line using (line_id)
        )
        window whole as (partition by line_id, set_key order by item_id),
            before as (partition by line_id, set_key order by item_id rows between unbounded preceding and 1 preceding)
    ) as part using (line_id, set_key)
    left join scored using (line_id, set_key)
"""
_ERP = """
    create or replace temp table erp_line as
    with own as (
        select line_id, item_id, sum(amount)::decimal(18, 4) as amount from settlement
        where line_id is not null and kind = 'payment' group by all
    ),
    ours as (select line_id, item_id, amount from chosen_item)
    select line_id, case when bool_and(coalesce(abs(own.amount - ours.amount) <= 0.02, false)) then 'agrees'
        else 'differs' end as erp_state
    from own full join ours using (line_id, item_id)
    where line_id in (select line_id from own)
    group by line_id
"""
_TABLES = {
    "fct_cash_application": f"""
        select chosen_item.line_id as bank_movement_id, chosen_item.item_id as receivable_id, item.company_id,
            item.customer_id, item.document_number as invoice_number, line.day as booking_date,
            item.currency as document_currency, chosen_item.amount as amount_document_currency,
            chosen_item.discount as discount_amount_document_currency, line.currency as bank_currency,
            chosen_item.amount_of_line as amount_bank_currency, chosen_item.fee as fee_amount_bank_currency,
            round(chosen_item.amount::decimal(24, 4) * (receivable.amount_reporting_currency
                / nullif(receivable.amount_document_currency, 0)), 2)::decimal(18, 4) as amount_reporting_currency,
            chosen_item.probability::decimal(12, 6) as probability,
            coalesce(chosen_item.explanation, 'decided') as kind,
            coalesce(chosen_item.reasons, 'decided') as reasons,
            case when chosen_item.is_confirmed then 'confirmed' when chosen_item.probability >= {APPLIED_FROM}
                then 'applied' else 'proposed' end as state,
            coalesce(word.decided_by, case when chosen_item.probability >= {APPLIED_FROM} then 'machine' end)
                as decided_by,
            word.decision_id, coalesce(erp_line.erp_state, 'not_applied') as erp_state,
            movement.source_system, movement.source_key
        from chosen_item
        join line on chosen_item.line_id = line.line_id join item on chosen_item.item_id = item.item_id
        join marts.fct_receivable as receivable on chosen_item.item_id = receivable.receivable_id
        join marts.fct_bank_movement as movement on chosen_item.line_id = movement.bank_movement_id
        left join erp_line on chosen_item.line_id = erp_line.line_id
        left join word on chosen_item.is_confirmed and chosen_item.line_id = word.line_id
        order by 1, 2
    """,
    "fct_cash_application_line": f"""
        with of_line as (
            select line_id, any_value(probability) as probability, bool_or(is_confirmed) as is_confirmed,
                count(*) as items, sum(amount_of_line) as used,
                case when count(distinct item.customer_id) = 1 then any_value(item.customer_id) end as customer_id
            from chosen_item join item using (item_id) group by 1
        ),
        offered as (select line_id, count(*) as candidates from scored group by 1),
        stated as (
            select line.*, of_line.*  exclude (line_id), coalesce(offered.candidates, 0) as candidates,
                case when word.decision_id is not null then 'confirmed' when of_line.line_id is null then
                        case when booked_elsewhere.line_id is not null then 'not_customer' else 'no_match' end
                    when booked_elsewhere.line_id is not null and of_line.probability < {APPLIED_FROM}
                        then 'not_customer'
                    when of_line.probability >= {APPLIED_FROM} then 'applied' else 'proposed' end as state,
                case when erp_line.line_id is not null then erp_line.erp_state
                    when settled.line_id is not null then 'differs'
                    when booked_elsewhere.line_id is not null then 'booked_elsewhere' else 'not_applied' end
                    as erp_state,
                word.decided_by, word.decision_id
            from line
            left join of_line on line.line_id = of_line.line_id
            left join offered on line.line_id = offered.line_id
            left join booked_elsewhere on line.line_id = booked_elsewhere.line_id
            left join erp_line on line.line_id = erp_line.line_id
            left join (select distinct line_id from settlement where kind = 'payment') as settled
                on line.line_id = settled.line_id
            left join word on line.line_id = word.line_id
        )
        select stated.line_id as bank_movement_id, stated.company_id, stated.customer_id, movement.bank_account_id,
            stated.day as booking_date, stated.payer_name as counterparty_name, stated.reference,
            stated.currency as bank_currency, stated.amount as amount_bank_currency,
            case when stated.state in ('applied', 'confirmed') then coalesce(stated.used, 0) else 0 end::decimal(18, 4)
                as applied_amount_bank_currency,
            case when stated.state = 'proposed' then stated.used else 0 end::decimal(18, 4)
                as proposed_amount_bank_currency,
            case when stated.state in ('applied', 'confirmed', 'proposed') then stated.amount - coalesce(stated.used, 0)
                else stated.amount end::decimal(18, 4) as on_account_amount_bank_currency,
            round(stated.amount * (movement.amount_reporting_currency / nullif(movement.amount_bank_currency, 0)), 2)
                ::decimal(18, 4) as amount_reporting_currency,
            coalesce(stated.items, 0)::integer as item_count, stated.candidates::integer as candidate_count,
            stated.probability::decimal(12, 6) as probability, stated.state, stated.decided_by, stated.decision_id,
            stated.erp_state,
            stated.state <> 'not_customer' and stated.decision_id is null and (stated.erp_state = 'differs'
                or stated.erp_state = 'not_applied') as is_to_review,
            datediff('day', stated.day, $as_of)::integer as age_days,
            movement.source_system, movement.source_key
        from stated join marts.fct_bank_movement as movement on stated.line_id = movement.bank_movement_id
        order by 1
    """,
    "fct_cash_application_candidate": f"""
        with offered as (
            select scored.line_id, scored.set_key, scored.rank, scored.probability, scored.explanation,
                {_REASONS} as reasons, 'offered' as state
            from scored
            union all
            select line_id, set_key, null, null, null, null, 'rejected' from decided where verdict = 'rejected'
        ),
        part as (
            select line_id, set_key, item_id, amount, discount, fee from scored_item
            union all
            select decided.line_id, decided.set_key, decision.item_id, decision.amount, 0, 0
            from decided join decision using (decision_id) where decided.verdict = 'rejected'
        )
        select offered.line_id as bank_movement_id, offered.rank::integer as rank, part.item_id as receivable_id,
            item.company_id, item.customer_id, item.document_number as invoice_number, item.due_date,
            item.currency as document_currency, part.amount as amount_document_currency,
            part.discount as discount_amount_document_currency, part.fee as fee_amount_bank_currency,
            offered.probability::decimal(12, 6) as probability, offered.explanation as kind, offered.reasons,
            offered.state, movement.source_system, movement.source_key
        from offered
        join reviewed on offered.line_id = reviewed.bank_movement_id
        join part on offered.line_id = part.line_id and offered.set_key = part.set_key
        join item on part.item_id = item.item_id
        join marts.fct_bank_movement as movement on offered.line_id = movement.bank_movement_id
        order by 1, 2, 3
    """,
}


def apply_cash(settings: Settings, run: RunContext) -> dict[str, int]:
    """Match the incoming bank lines with open items and land the tables; returns rows per table."""
    started = time.perf_counter()
    with open_warehouse(settings.warehouse) as warehouse:
        read_marts(warehouse, run.as_of)
        rows = land(warehouse, run)
        told = warehouse.execute(
            "select count(*) filter (where state in ('applied', 'confirmed')), count(*) filter (where is_to_review) "
            "from marts.fct_cash_application_line"
        ).fetchone()
    log.info(
        "match    %-14s %8d bank lines: %d applied, %d to review  %.1f s",
        "cash",
        rows["fct_cash_application_line"],
        *(told or (0, 0)),
        time.perf_counter() - started,
    )
    return rows


def land(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> dict[str, int]:
    """Match what ``read_marts`` (or a test) has laid out, and make the tables of the contract."""
    match(warehouse, run.as_of)
    warehouse.execute(_CHOSEN_ITEM)
    warehouse.execute(
        """create or replace temp table word as
           select decided.line_id, decided.decision_id, kept.decided_by
           from decided join quality.cash_decision as kept using (decision_id)
           where decided.verdict = 'confirmed' group by all"""
    )
    warehouse.execute(_ERP)
    rows = {}
    for table in CASH_APPLICATION:
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        warehouse.execute(f"create or replace table marts.{table.name} ({columns})")
        query = _TABLES[table.name]
        warehouse.execute(
            f"insert into marts.{table.name} by name {query}", {"as_of": run.as_of} if "$as_of" in query else {}
        )
        if table.name == "fct_cash_application_line":
            warehouse.execute(
                "create or replace temp table reviewed as select bank_movement_id "
                "from marts.fct_cash_application_line "
                "where is_to_review or state = 'proposed' or decision_id is not null"
            )
        counted = warehouse.execute(f"select count(*) from marts.{table.name}").fetchone()
        rows[table.name] = int(counted[0]) if counted else 0
    return rows
