with

open_item as (
    select
        day.as_of,
        balance.receivable_id,
        balance.open_amount_document_currency,
        balance.open_amount_company_currency
    from {{ ref('int_receivable_balance') }} as balance
    inner join {{ ref('int_as_of') }} as day
        on balance.valid_from <= day.as_of and balance.valid_to > day.as_of
    where balance.open_amount_document_currency <> 0 or balance.open_amount_company_currency <> 0
),

aged as (
    select
        open_item.as_of,
        item.receivable_id,
        item.kind,
        item.company_id,
        item.customer_id,
        item.invoice_id,
        item.invoice_number,
        item.invoice_date,
        item.due_date,
        item.document_currency,
        open_item.open_amount_document_currency,
        open_item.open_amount_company_currency,
        {{ converted('open_item.open_amount_company_currency', 'rate.rate_to_reporting') }}
            as open_amount_reporting_currency,
        {{ days_between('item.due_date', 'open_item.as_of') }} as days_overdue,
        item.is_disputed,
        item.source_system,
        item.source_key
    from open_item
    inner join {{ ref('int_receivable') }} as item on open_item.receivable_id = item.receivable_id
    left join {{ ref('int_company') }} as company on item.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and open_item.as_of = rate.date_day
    where {{ not_quarantined('receivable', 'item.receivable_id') }}
)

select
    as_of,
    receivable_id,
    kind,
    company_id,
    customer_id,
    invoice_id,
    invoice_number,
    invoice_date,
    due_date,
    document_currency,
    open_amount_document_currency,
    open_amount_company_currency,
    open_amount_reporting_currency,
    days_overdue,
    case
        when days_overdue <= 0 then 'not_due'
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 60 then '31-60'
        when days_overdue <= 90 then '61-90'
        else '91+'
    end as bucket,
    is_disputed,
    source_system,
    source_key
from aged
