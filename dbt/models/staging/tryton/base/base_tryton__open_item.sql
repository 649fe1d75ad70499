{{ config(materialized='table') }}

with control_line as (
    select * from {{ ref('base_tryton__control_line') }}
),

document as (
    select * from {{ ref('base_tryton__document') }}
),

application as (
    select * from {{ ref('base_tryton__application') }}
),

applied_at_once as (
    select
        application._source,
        application.payment,
        sum(application.payment_amount) as amount,
        sum(application.payment_amount_company_currency) as amount_company_currency
    from application
    inner join control_line on application.payment = control_line.id and application._source = control_line._source
    where application.applied_date = control_line.posting_date
    group by application._source, application.payment
),

invoice_item as (
    select
        _source,
        id::varchar as item_key,
        id as line,
        side,
        company,
        account,
        party,
        document_key,
        null::varchar as meant_for_number,
        posting_date,
        coalesce(maturity_date, posting_date) as due_date,
        currency_code,
        amount,
        amount_company_currency,
        settled_date,
        reconciliation,
        case
            when (case side when 'receivable' then 1 else -1 end) * amount_company_currency >= 0 then 'invoice'
            else 'credit_note'
        end as kind
    from control_line
    where document_key is not null
),

-- What is consumed on its own day never is an item: a receipt applied at once, an exchange difference, a write-off.
loose_item as (
    select
        control_line._source,
        control_line.id::varchar as item_key,
        control_line.id as line,
        control_line.side,
        control_line.company,
        control_line.account,
        control_line.party,
        null::varchar as document_key,
        case
            when control_line.reconciliation is null and document.state = 'posted' then document.number
        end as meant_for_number,
        control_line.posting_date,
        coalesce(control_line.maturity_date, control_line.posting_date) as due_date,
        control_line.currency_code,
        control_line.amount - coalesce(applied_at_once.amount, 0) as amount,
        control_line.amount_company_currency
        - coalesce(applied_at_once.amount_company_currency, 0) as amount_company_currency,
        control_line.settled_date,
        control_line.reconciliation,
        case
            when
                (case control_line.side when 'receivable' then 1 else -1 end) * control_line.amount_company_currency < 0
                and control_line.party is not null
                and not control_line.is_exchange_difference
                and not control_line.is_write_off
                and coalesce(control_line.origin, '') not like 'account.invoice.%'
                then 'unapplied_cash'
            else 'other'
        end as kind
    from control_line
    left join applied_at_once
        on control_line.id = applied_at_once.payment and control_line._source = applied_at_once._source
    left join document
        on control_line.pays_invoice::varchar = document.document_key and control_line._source = document._source
    where
        control_line.document_key is null
        and (control_line.settled_date is null or control_line.settled_date > control_line.posting_date)
),

earliest_due as (
    select
        _source,
        document_key,
        reconciliation,
        min(due_date) as due_date
    from invoice_item
    group by _source, document_key, reconciliation
),

-- The ERP counts an invoice as paid by an entry that is still a draft. The books do not: until it is posted, what it
-- took off the invoice stays on the control account, and so stays open here, as an item of its own.
unposted_due_date as (
    select
        control_line._source,
        control_line.id,
        earliest_due.due_date
    from control_line
    inner join earliest_due
        on
            control_line.pays_invoice::varchar = earliest_due.document_key
            and control_line._source = earliest_due._source
    where not control_line.is_posted
    union all
    select
        control_line._source,
        control_line.id,
        earliest_due.due_date
    from control_line
    inner join earliest_due
        on
            control_line.reconciliation = earliest_due.reconciliation
            and control_line._source = earliest_due._source
    where not control_line.is_posted
),

unposted_due as (
    select
        _source,
        id,
        min(due_date) as due_date
    from unposted_due_date
    group by _source, id
),

unposted_item as (
    select
        control_line._source,
        control_line.id::varchar || '-unposted' as item_key,
        null::bigint as line,
        control_line.side,
        control_line.company,
        control_line.account,
        control_line.party,
        null::varchar as document_key,
        null::varchar as meant_for_number,
        control_line.posting_date,
        coalesce(unposted_due.due_date, control_line.posting_date) as due_date,
        control_line.currency_code,
        -control_line.amount as amount,
        -control_line.amount_company_currency as amount_company_currency,
        null::date as settled_date,
        null::bigint as reconciliation,
        'other' as kind
    from control_line
    left join unposted_due on control_line.id = unposted_due.id and control_line._source = unposted_due._source
    where not control_line.is_posted
),

item as (
    select * from invoice_item
    union all
    select * from loose_item
    where amount <> 0 or amount_company_currency <> 0
    union all
    select * from unposted_item
)

select
    item._source,
    item.item_key,
    item.line,
    item.side,
    item.kind,
    item.company,
    item.account,
    item.party,
    item.document_key,
    coalesce(document.number, item.meant_for_number) as document_number,
    document.invoice_date,
    item.posting_date,
    item.due_date,
    item.currency_code,
    item.amount,
    item.amount_company_currency,
    item.reconciliation,
    item.settled_date
from item
left join document on item.document_key = document.document_key and item._source = document._source
