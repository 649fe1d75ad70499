{{ config(materialized='table') }}

with item as (
    select * from {{ ref('base_tryton__open_item') }}
),

application as (
    select * from {{ ref('base_tryton__application') }}
),

control_line as (
    select * from {{ ref('base_tryton__control_line') }}
),

-- A payment linked to an invoice reduces it by what it brought, in both currencies.
paid as (
    select
        item._source,
        item.item_key,
        application.payment::varchar as settled_by,
        case
            when control_line.document_key is not null then 'credit_note'
            when control_line.is_write_off then 'write_off'
            else 'payment'
        end as kind,
        application.applied_date as settlement_date,
        application.instalment_amount as amount,
        -application.payment_amount_company_currency as amount_company_currency
    from application
    inner join item on application.instalment = item.line and application._source = item._source
    inner join control_line on application.payment = control_line.id and application._source = control_line._source
),

-- Money that was there before its invoice, and credit notes used as payment, are used up by the same share.
used_up as (
    select
        item._source,
        item.item_key,
        application.instalment::varchar as settled_by,
        case item.kind when 'unapplied_cash' then 'payment' when 'other' then 'other' else 'credit_note' end as kind,
        application.applied_date as settlement_date,
        application.payment_amount as amount,
        application.payment_amount_company_currency as amount_company_currency
    from application
    inner join item on application.payment = item.line and application._source = item._source
    where item.document_key is not null or application.applied_date > item.posting_date
),

applied as (
    select * from paid
    union all
    select * from used_up
),

applied_total as (
    select
        _source,
        item_key,
        sum(amount) as amount,
        sum(amount_company_currency) as amount_company_currency
    from applied
    group by _source, item_key
),

-- What brought the reconciled lines to zero, to say how; and the exchange difference booked for them.
closed_group as (
    select
        _source,
        reconciliation,
        settled_date,
        bool_or(
            document_key is null and not is_exchange_difference and not is_write_off
        ) as has_payment,
        bool_or(
            document_key is not null and (case side when 'receivable' then 1 else -1 end)
            * amount_company_currency < 0
        ) as has_credit_note,
        bool_or(is_write_off) as has_write_off,
        min(company_currency_rounding) as company_currency_rounding,
        coalesce(sum(amount_company_currency) filter (where is_exchange_difference), 0) as exchange_difference
    from control_line
    where settled_date is not null
    group by _source, reconciliation, settled_date
),

closed as (
    select
        item._source,
        item.item_key,
        'reconciled' as settled_by,
        case
            when item.kind = 'unapplied_cash' then 'payment'
            when item.kind = 'credit_note' and closed_group.has_payment and not closed_group.has_credit_note
                then 'payment'
            when item.kind = 'credit_note' then 'credit_note'
            when item.kind = 'other' then 'other'
            when closed_group.has_payment then 'payment'
            when closed_group.has_credit_note then 'credit_note'
            when closed_group.has_write_off then 'write_off'
            else 'other'
        end as kind,
        item.kind in ('invoice', 'credit_note') as is_document,
        item.reconciliation,
        item.settled_date as settlement_date,
        item.amount - coalesce(applied_total.amount, 0) as amount,
        item.amount_company_currency
        - coalesce(applied_total.amount_company_currency, 0) as amount_company_currency,
        closed_group.company_currency_rounding,
        closed_group.exchange_difference as exchange_difference_of_group
    from item
    inner join closed_group
        on
            item.reconciliation = closed_group.reconciliation
            and item.settled_date = closed_group.settled_date
            and item._source = closed_group._source
    left join applied_total on item.item_key = applied_total.item_key and item._source = applied_total._source
),

remainder as (
    select
        *,
        row_number() over (
            partition by _source, reconciliation, settlement_date
            order by is_document desc, abs(amount_company_currency) desc, item_key
        ) as rank_in_group,
        sum(case when is_document then abs(amount_company_currency) else 0 end) over (
            partition by _source, reconciliation, settlement_date
        ) as weight_of_documents
    from closed
    where amount <> 0 or amount_company_currency <> 0
),

-- The difference goes to the invoices by what they were booked at; the largest takes what rounding leaves.
spread as (
    select
        *,
        case
            when rank_in_group = 1 or not is_document or weight_of_documents = 0 then 0
            else round(
                exchange_difference_of_group::double * abs(amount_company_currency)::double
                / weight_of_documents::double / company_currency_rounding::double
            ) * company_currency_rounding
        end::decimal(18, 4) as share
    from remainder
)

select
    _source,
    item_key,
    settled_by,
    kind,
    settlement_date,
    amount::decimal(18, 4) as amount,
    amount_company_currency::decimal(18, 4) as amount_company_currency,
    0::decimal(18, 4) as exchange_difference
from applied
union all
select
    _source,
    item_key,
    settled_by,
    kind,
    settlement_date,
    amount::decimal(18, 4) as amount,
    amount_company_currency::decimal(18, 4) as amount_company_currency,
    (
        share + case
            when rank_in_group = 1
                then exchange_difference_of_group - sum(share) over (
                    partition by _source, reconciliation, settlement_date
                )
            else 0
        end
    )::decimal(18, 4) as exchange_difference
from spread
