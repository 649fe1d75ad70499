-- One need ordered in parts, each under what its approver may approve (see fct_approval_check), put together by days.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'split_order'
),

part as (
    select
        *,
        lag(document_date) over (
            partition by company_id, supplier_id, requested_by order by document_date, document_id
        ) as date_before
    from {{ ref('fct_approval_check') }}
    where verdict = 'split'
),

need as (
    select
        part.*,
        sum(
            case
                when {{ days_between('part.date_before', 'part.document_date') }} <= pattern.window_days then 0
                else 1
            end
        ) over (
            partition by part.company_id, part.supplier_id, part.requested_by
            order by part.document_date, part.document_id
        ) as number_of_need
    from part
    cross join pattern
),

named as (
    select
        need.*,
        min(need.document_id) over (
            partition by need.company_id, need.supplier_id, need.requested_by, need.number_of_need
        ) as first_document_id
    from need
)

select
    'split_order' as pattern,
    first_document_id as subject,
    company_id,
    supplier_id,
    cast(null as varchar) as customer_id,
    document_type,
    document_id,
    document_number,
    document_date,
    amount_company_currency,
    amount_company_currency as amount_at_stake_company_currency,
    concat(
        split_documents, ' orders within days, together ', cast(split_amount_company_currency as decimal(18, 2)),
        ', approved by ', approved_by, ' up to ', cast(limit_company_currency as decimal(18, 2))
    ) as detail_en,
    concat(
        '数日内 ', split_documents, ' 份订单，合计 ', cast(split_amount_company_currency as decimal(18, 2)), '，由 ',
        approved_by, ' 审批，权限 ', cast(limit_company_currency as decimal(18, 2))
    ) as detail_zh,
    source_system,
    source_key
from named
