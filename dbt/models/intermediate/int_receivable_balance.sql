with

item as (
    select
        receivable_id,
        posting_date,
        amount_document_currency,
        amount_company_currency
    from {{ ref('int_receivable') }}
    qualify row_number() over (partition by receivable_id order by source_key) = 1
),

settlement as (
    select *
    from {{ ref('int_receivable_settlement') }}
    where {{ not_quarantined('receivable_settlement', 'receivable_settlement_id') }}
),

change as (
    select
        receivable_id,
        posting_date as changed_on,
        amount_document_currency,
        amount_company_currency
    from item
    union all
    -- Nothing is open before it is posted.
    select
        item.receivable_id,
        greatest(settlement.settlement_date, item.posting_date) as changed_on,
        -settlement.amount_document_currency as amount_document_currency,
        -settlement.amount_company_currency as amount_company_currency
    from settlement
    inner join item on settlement.receivable_id = item.receivable_id
),

change_of_day as (
    select
        receivable_id,
        changed_on,
        sum(amount_document_currency) as amount_document_currency,
        sum(amount_company_currency) as amount_company_currency
    from change
    group by receivable_id, changed_on
)

select
    receivable_id,
    changed_on as valid_from,
    coalesce(
        lead(changed_on) over (partition by receivable_id order by changed_on), cast('9999-12-31' as date)
    ) as valid_to,
    cast(
        sum(amount_document_currency) over (
            partition by receivable_id order by changed_on rows between unbounded preceding and current row
        ) as decimal(18, 4)
    ) as open_amount_document_currency,
    cast(
        sum(amount_company_currency) over (
            partition by receivable_id order by changed_on rows between unbounded preceding and current row
        ) as decimal(18, 4)
    ) as open_amount_company_currency
from change_of_day
